"""The workflows the product ships are sound and meet their promises; the simulated year makes only moves they have."""

from datetime import UTC, datetime

import pytest

from fixtures.examples import build_examples
from fixtures.reference.read import read_reference
from fixtures.simulate import simulate
from fixtures.simulation.rows import Case
from requests_app.states import Activity
from requests_app.workflows.check import OfficeFacts, Surroundings, check
from requests_app.workflows.definition import Definition, Step
from requests_app.workflows.parse import kept
from requests_app.workflows.shipped import shipped
from tests.ground import ground

NOW = datetime(2026, 5, 14, 15, 30, tzinfo=UTC)
REFERENCE = read_reference()
DEFINITIONS = {row.code: definition for row in REFERENCE.workflows if (definition := kept(row.source))}
OFFICES = tuple(OfficeFacts(office.code, office.kind) for office in REFERENCE.offices)


def definition_of(service: str) -> Definition:
    return DEFINITIONS[REFERENCE.service(service).workflow]


@pytest.mark.parametrize("code", sorted(DEFINITIONS))
def test_every_shipped_workflow_is_sound_where_it_is_used(code: str) -> None:
    using = [service for service in REFERENCE.services if service.workflow == code]
    assert using
    asked = [frozenset(question.code for question in service.questions) for service in using]
    assert check(DEFINITIONS[code], Surroundings(OFFICES, frozenset.intersection(*asked))) == []


def test_the_six_kinds_are_shipped() -> None:
    assert set(shipped()) == {"street", "bylaw", "permit", "benefit", "information", "feedback"}
    permit = DEFINITIONS["permit"]
    assert len(permit.steps) >= 8
    assert {step.office_kind for step in permit.steps if step.code in permit.side_steps} == {"plans", "fire"}
    limit = DEFINITIONS["information"].limit
    assert limit is not None
    assert (limit.days, limit.is_calendar) == (30, True)
    assert DEFINITIONS["benefit"].documents


def test_every_step_says_to_the_citizen_what_happens_in_it() -> None:
    steps = [step for definition in DEFINITIONS.values() for step in definition.steps]
    assert all({"en", "fr"} <= set(step.plain) for step in steps)
    assert all(step.target for step in steps)


def walked(case: Case) -> list[str]:
    """What a case did that its workflow does not have."""
    definition = definition_of(case.service)
    step = case.happenings[0].step
    wrong = [] if step == definition.first.code else [f"begins at {step}"]
    for each in case.happenings:
        if each.activity is Activity.RECATEGORIZED:
            definition = definition_of(str(each.service))
            step = each.step or step
        elif each.move:
            at = definition.step(each.step if each.activity is Activity.REVIEW_RETURNED else step)
            wrong += missteps(at, each.move, each.step if not each.branch else "")
            step = each.step if each.step and not each.branch else step
    return wrong if definition.step(step) else [*wrong, f"ends at {step}"]


def missteps(at: Step | None, code: str, to: str) -> list[str]:
    move = at.move(code) if at else None
    if at is None or move is None:
        return [f"{at.code if at else None}: {code}"]
    return [] if move.to == to else [f"{at.code}: {code} leads to {move.to}, not {to}"]


def test_the_year_and_the_examples_make_only_moves_that_their_workflows_have() -> None:
    cases = [*simulate(ground(), NOW, 4000).cases, *build_examples(ground(), REFERENCE, NOW)]
    assert {case.reference: wrong for case in cases if (wrong := walked(case))} == {}
    moves = {each.move for case in cases for each in case.happenings}
    assert {
        "repair",
        "inspect",
        "conforms",
        "plans_only",
        "both",
        "meets_code",
        "verified",
        "approve",
        "found",
    } <= moves
