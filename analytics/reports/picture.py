"""The flow between offices as a drawing: numbers and addresses ready for an SVG template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from analytics.core.flow import Flow, FlowEdge, FlowNode, busiest
from analytics.core.layout import Box, Curve, Point, Sheet, lay_out
from analytics.reports.wording import brief, count_of_cases, duration, number, percent

CLASSES: Final = 4
WIDE: Final = Sheet(capacity=5, down=False, box_width=168, layer_gap=104, item_gap=22, characters=20)
NARROW: Final = Sheet(
    capacity=2, down=True, box_width=168, layer_gap=58, item_gap=12, characters=15, line_height=21, margin=6, way_size=8
)
READABLE: Final = 0.72
ON_A_PHONE: Final = 10
"""Ways drawn on a narrow screen; more would be too small to read."""

Link = Callable[[Mapping[str, str]], str]


@dataclass(frozen=True, slots=True)
class Style:
    """What the colours mean, and what a box or a way leads to."""

    way: Callable[[FlowEdge], float | None]
    box: Callable[[FlowNode], float | None]
    words: Callable[[float], str]
    detail: Callable[[FlowNode], str]
    box_figure: str
    way_figure: str


def _median_of(way: FlowEdge) -> float | None:
    return way.median_us


def _plain(_box: FlowNode) -> None:
    return None


def _box_median(box: FlowNode) -> str:
    return brief(box.median_us)


def _share(one: FlowEdge | FlowNode) -> float | None:
    return one.share


def _box_share(box: FlowNode) -> str:
    return percent(box.share or 0.0)


BY_MEDIAN: Final = Style(_median_of, _plain, duration, _box_median, "held", "handover")
"""Ways by their median wait; boxes plain."""
OFFICES_BY_SHARE: Final = Style(_share, _share, percent, _box_share, "ever_held", "handover")
STEPS_BY_SHARE: Final = Style(_share, _share, percent, _box_share, "step", "step_way")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of words in a box."""

    text: str
    y: str


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """An office. Numbers are text with a point, whatever the reader’s language."""

    x: str
    y: str
    width: str
    height: str
    middle: str
    lines: tuple[Line, ...]
    detail: Line
    address: str
    said: str
    shade: str = ""
    """Class of colour of the box, 0 … 3, where boxes have one."""


@dataclass(frozen=True, slots=True)
class DrawnCurve:
    """A way between two offices: ``wait`` is its class of colour, 0 quick … 3 slow, or “unknown”."""

    path: str
    tip: str
    """The arrowhead: a triangle as thick as the line asks for."""
    thickness: str
    wait: str
    label: str
    label_x: str
    label_y: str
    address: str
    said: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """One picture, its box of view, and the waits at both ends of the colour scale."""

    name: str
    width: str
    height: str
    boxes: tuple[DrawnBox, ...]
    curves: tuple[DrawnCurve, ...]
    quickest: str
    slowest: str
    readable: str
    """How narrow it may be drawn, in px, and still be read."""


def drawings(graph: Flow, names: Mapping[str, str], link: Link, style: Style = BY_MEDIAN) -> tuple[Drawing, ...]:
    """Draw the same graph for a wide and for a narrow screen."""
    small = busiest(graph, ON_A_PHONE)
    return _draw("wide", graph, names, WIDE, link, style), _draw("narrow", small, names, NARROW, link, style)


def _draw(name: str, graph: Flow, names: Mapping[str, str], sheet: Sheet, link: Link, style: Style) -> Drawing:
    picture = lay_out(graph, names, sheet)
    ways = sorted(value for edge in graph.edges if (value := style.way(edge)) is not None)
    boxes = sorted(value for node in graph.nodes if (value := style.box(node)) is not None)
    curves = sorted(picture.curves, key=lambda curve: curve.edge.handovers)
    return Drawing(
        name=name,
        width=_number(picture.width),
        height=_number(picture.height),
        boxes=tuple(_box(box, sheet, names, link, style, boxes) for box in picture.boxes),
        curves=tuple(_curve(curve, ways, names, link, style) for curve in curves),
        quickest=style.words(ways[0]) if ways else "",
        slowest=style.words(ways[-1]) if ways else "",
        readable=_number(READABLE * picture.width),
    )


def _box(box: Box, sheet: Sheet, names: Mapping[str, str], link: Link, style: Style, values: list[float]) -> DrawnBox:
    first = box.y + 8 + sheet.line_height * 0.8
    lines = tuple(Line(text, _number(first + place * sheet.line_height)) for place, text in enumerate(box.lines))
    detail = f"{number(box.node.cases)} · {style.detail(box.node)}"
    name, value = names.get(box.node.office, box.node.office), style.box(box.node)
    said = duration(box.node.median_us) if value is None else style.words(value)
    return DrawnBox(
        x=_number(box.x),
        y=_number(box.y),
        width=_number(box.width),
        height=_number(box.height),
        middle=_number(box.x + box.width / 2),
        lines=lines,
        detail=Line(detail, _number(first + len(lines) * sheet.line_height)),
        address=link({"figure": style.box_figure, "of": box.node.office}),
        said=f"{name}: {count_of_cases(box.node.cases)}, {said}",
        shade=_class(value, values) if value is not None else "",
    )


def _curve(curve: Curve, values: list[float], names: Mapping[str, str], link: Link, style: Style) -> DrawnCurve:
    edge = curve.edge
    line, tip = _arrow(curve.points, curve.thickness)
    start, *bends = (f"{_number(x)} {_number(y)}" for x, y in line)
    sender, receiver = names.get(edge.sender, edge.sender), names.get(edge.receiver, edge.receiver)
    value = style.way(edge)
    said = duration(None) if value is None else style.words(value)
    return DrawnCurve(
        path=f"M{start}C{' '.join(bends)}",
        tip="M" + "L".join(f"{_number(x)} {_number(y)}" for x, y in tip) + "z",
        thickness=_number(curve.thickness),
        wait=_class(value, values),
        label=number(edge.handovers),
        label_x=_number(curve.label_at[0]),
        label_y=_number(curve.label_at[1]),
        address=link({"figure": style.way_figure, "of": edge.sender, "to": edge.receiver}),
        said=f"{sender} → {receiver}: {number(edge.handovers)}, {said}",
    )


def _arrow(points: tuple[Point, ...], thickness: float) -> tuple[tuple[Point, ...], tuple[Point, Point, Point]]:
    """Stop the line where its arrowhead begins. Ways end along an axis, so the head is a plain triangle."""
    (bend_x, bend_y), (end_x, end_y) = points[-2], points[-1]
    long, wide = 6 + 0.6 * thickness, 4 + 0.65 * thickness
    along_x = abs(end_x - bend_x) >= abs(end_y - bend_y)
    way = (1.0 if end_x >= bend_x else -1.0) if along_x else (1.0 if end_y >= bend_y else -1.0)
    back = (end_x - way * long, end_y) if along_x else (end_x, end_y - way * long)
    one = (back[0], back[1] - wide) if along_x else (back[0] - wide, back[1])
    other = (back[0], back[1] + wide) if along_x else (back[0] + wide, back[1])
    return (*points[:-1], back), ((end_x, end_y), one, other)


def _class(value: float | None, values: list[float]) -> str:
    if value is None:
        return "unknown"
    return str(min(CLASSES - 1, values.index(value) * CLASSES // len(values)))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
