"""The picture of a workflow: nothing lies on anything else, every move is drawn, all words stay in their box."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.states import Outcome
from requests_app.workflows.check import OfficeFacts, Surroundings, check
from requests_app.workflows.definition import Definition, Move, Step
from requests_app.workflows.drawing import At, Box, Drawing, Way, Words, draw
from requests_app.workflows.parse import kept
from requests_app.workflows.shipped import shipped

NAMES = {"en": "Name", "fr": "Nom"}
OFFICES = tuple(OfficeFacts(f"o{n}", "any") for n in range(9))


@st.composite
def sound(draw: st.DrawFn) -> Definition:
    """A workflow of one to six steps of its own way, some of which wait for branches; each move may lead anywhere."""
    own = [f"s{n}" for n in range(draw(st.integers(1, 6)))]
    branches = {code: draw(st.integers(0, 3)) for code in own[1:]}
    steps = []
    for number, code in enumerate(own):
        to = own[number + 1 : number + 2] + draw(st.lists(st.sampled_from(own), max_size=3))
        moves = [
            Move(f"m{n}", NAMES, to=goal, opens=tuple(f"{goal}b{k}" for k in range(branches.get(goal, 0))))
            for n, goal in enumerate(to)
        ]
        steps.append(Step(code, NAMES, moves=(*moves, Move("end", NAMES, outcome=Outcome.RESOLVED))))
        for k in range(branches.get(code, 0)):
            further = (Move("on", NAMES, to=f"{code}b{k}x"),) if draw(st.booleans()) else ()
            steps.append(Step(f"{code}b{k}", NAMES, office=f"o{k}", moves=(*further, Move("j", NAMES, joins=True))))
            if further:
                steps.append(Step(f"{code}b{k}x", NAMES, office=f"o{k}", moves=(Move("j", NAMES, joins=True),)))
    return Definition("random", NAMES, tuple(steps))


def words_of(definition: Definition, text: str = "Name") -> dict[str, Words]:
    return {
        step.code: Words(text, (text,), {move.code: f"{text} {move.code}" for move in step.moves})
        for step in definition.steps
    }


def apart(one: Box, other: Box) -> bool:
    return (
        one.x + one.width <= other.x
        or other.x + other.width <= one.x
        or one.y + one.height <= other.y
        or other.y + other.height <= one.y
    )


def check_picture(definition: Definition, picture: Drawing) -> None:
    assert all(apart(one, other) for one, other in combinations(picture.boxes, 2))
    for box in picture.boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= picture.width
        assert box.foot <= picture.height
        assert all(box.y < line.y < box.foot and box.x < line.x < box.x + box.width for line in box.lines)
    for wire in picture.wires:
        assert all(0 <= x <= picture.width and 0 <= y <= picture.height for x, y in wire.points)
    drawn = {(box.code, mark.way) for box in picture.boxes for mark in box.marks}
    for step in definition.steps:
        assert step.code in {box.code for box in picture.boxes}
        assert ((step.code, Way.END) in drawn) == any(move.outcome for move in step.moves)
        assert ((step.code, Way.JOIN) in drawn) == any(move.joins for move in step.moves)


@settings(max_examples=150, deadline=None)
@given(definition=sound())
def test_nothing_of_a_random_workflow_lies_on_anything_else(definition: Definition) -> None:
    assert check(definition, Surroundings(OFFICES)) == []
    picture = draw(definition, words_of(definition, "Vérification anticonstitutionnelle"))
    check_picture(definition, picture)
    assert picture == draw(definition, words_of(definition, "Vérification anticonstitutionnelle"))


@settings(max_examples=150, deadline=None)
@given(definition=sound())
def test_lines_beside_the_column_never_share_their_lane_with_another_step(definition: Definition) -> None:
    picture = draw(definition, words_of(definition))
    upright: dict[float, list[tuple[float, float, float]]] = {}
    for wire in picture.wires:
        if len(wire.points) == 4:
            (_edge, start), (lane, _start), _turn, (_end, target) = wire.points
            upright.setdefault(lane, []).append((min(start, target), max(start, target), target))
    for spans in upright.values():
        for (top, foot, goal), (other_top, other_foot, other_goal) in combinations(spans, 2):
            assert goal == other_goal or foot < other_top or other_foot < top


@settings(max_examples=150, deadline=None)
@given(definition=sound())
def test_each_move_to_a_step_has_a_line_that_arrives_there(definition: Definition) -> None:
    picture = draw(definition, words_of(definition))
    own = {step.code for step in definition.main_steps}
    marks = [mark for box in picture.boxes if box.code in own for mark in box.marks]
    beside = [wire for wire in picture.wires if len(wire.points) == 4]
    assert len(beside) == sum(mark.way in (Way.FORTH, Way.BACK) for mark in marks)
    heights = [bar.y for bar in picture.bars]
    for wire in beside:
        x, y = wire.points[-1]
        assert y in heights or any(box.y < y < box.foot and x in (box.x, box.x + box.width) for box in picture.boxes)


@pytest.mark.parametrize("name", sorted(shipped()))
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_shipped_workflows_fit_a_phone_in_both_languages(name: str, language: str) -> None:
    definition = kept(shipped()[name])
    assert definition is not None
    words = {
        step.code: Words(step.names[language], (), {move.code: move.names[language] for move in step.moves})
        for step in definition.steps
    }
    picture = draw(definition, words)
    check_picture(definition, picture)
    assert picture.width <= 350


def test_where_a_case_is_and_has_been_is_marked() -> None:
    definition = kept(shipped()["permit"])
    assert definition is not None
    picture = draw(definition, words_of(definition), here={"review", "fire_review"}, passed={"completeness"})
    at = {box.code: box.at for box in picture.boxes}
    assert (at["review"], at["fire_review"], at["completeness"], at["fees"]) == (At.HERE, At.HERE, At.PASSED, At.NONE)
