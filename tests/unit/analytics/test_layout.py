from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.core.flow import Flow, FlowEdge, FlowNode
from analytics.core.layout import Sheet, lay_out, point_at, sequence

WIDE = Sheet(capacity=4, down=False, box_width=160, layer_gap=90, item_gap=20, characters=18)
DOWN = Sheet(capacity=2, down=True, box_width=140, layer_gap=60, item_gap=16, characters=14)


def graph_of(pairs):
    names = sorted({name for pair in pairs for name in pair[:2]})
    nodes = tuple(FlowNode(name, 10, 1, 1.0, place / 10) for place, name in enumerate(names))
    edges = tuple(FlowEdge(sender, receiver, count, 1.0) for sender, receiver, count in pairs)
    return Flow(nodes, edges, 0, 0, sum(edge.handovers for edge in edges))


@st.composite
def graphs(draw):
    offices = [f"office {letter}" for letter in "abcdefghi"[: draw(st.integers(2, 9))]]
    ways = st.tuples(st.sampled_from(offices), st.sampled_from(offices)).filter(lambda pair: pair[0] != pair[1])
    pairs = draw(st.lists(ways, min_size=1, max_size=20, unique=True))
    return graph_of([(*pair, draw(st.integers(1, 500))) for pair in pairs])


@given(graphs(), st.sampled_from([WIDE, DOWN]))
@settings(max_examples=150, deadline=None)
def test_boxes_never_overlap_and_nothing_leaves_the_paper(graph, sheet):
    picture = lay_out(graph, {}, sheet)
    assert len(picture.boxes) == len(graph.nodes)
    assert len(picture.curves) == len(graph.edges)
    for number, one in enumerate(picture.boxes):
        assert one.x >= 0
        assert one.y >= 0
        assert one.x + one.width <= picture.width
        assert one.y + one.height <= picture.height
        for other in picture.boxes[number + 1 :]:
            apart_x = one.x + one.width <= other.x or other.x + other.width <= one.x
            apart_y = one.y + one.height <= other.y or other.y + other.height <= one.y
            assert apart_x or apart_y


@given(graphs(), st.sampled_from([WIDE, DOWN]))
@settings(max_examples=100, deadline=None)
def test_every_way_runs_from_the_edge_of_its_sender_to_the_edge_of_its_receiver(graph, sheet):
    picture = lay_out(graph, {}, sheet)
    boxes = {box.node.office: box for box in picture.boxes}
    for curve in picture.curves:
        assert (len(curve.points) - 1) % 3 == 0
        for point, name in ((curve.points[0], curve.edge.sender), (curve.points[-1], curve.edge.receiver)):
            box = boxes[name]
            assert box.x - 0.01 <= point[0] <= box.x + box.width + 0.01
            assert box.y - 0.01 <= point[1] <= box.y + box.height + 0.01


@given(graphs())
@settings(max_examples=50, deadline=None)
def test_a_long_way_passes_between_boxes_and_not_through_them(graph):
    picture = lay_out(graph, {}, WIDE)
    for curve in picture.curves:
        others = [box for box in picture.boxes if box.node.office not in (curve.edge.sender, curve.edge.receiver)]
        for share in range(1, 40):
            x, y = point_at(curve.points, share / 40)
            assert not any(b.x < x < b.x + b.width and b.y < y < b.y + b.height for b in others)


@given(graphs())
@settings(max_examples=50, deadline=None)
def test_the_same_graph_is_drawn_the_same_every_time(graph):
    assert lay_out(graph, {}, WIDE) == lay_out(graph, {}, WIDE)


def test_the_sequence_follows_the_traffic():
    graph = graph_of(
        [("intake", "review", 50), ("review", "intake", 9), ("review", "decision", 40), ("decision", "pay", 40)]
    )
    assert sequence(graph) == ["intake", "review", "decision", "pay"]


def test_long_names_get_higher_boxes():
    graph = graph_of([("a", "b", 5)])
    short, long = (
        lay_out(graph, {"a": "Voirie"}, DOWN),
        lay_out(graph, {"a": "Service des eaux et des égouts municipaux"}, DOWN),
    )
    assert long.boxes[0].height > short.boxes[0].height
    assert " ".join(long.boxes[0].lines) == "Service des eaux et des égouts municipaux"
