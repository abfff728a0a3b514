"""Who may do what, as plain facts."""

import pytest

from requests_app.permissions import ANONYMOUS, CAPABILITIES, CITIZEN, SYSTEM, Grant, Role, Viewer
from requests_app.states import Actor, Capability

HERE, ELSEWHERE, ROADS, PARKS = 1, 2, 10, 11

STAFF_ONLY = frozenset(Capability) - CITIZEN


def reaches(grant: Grant, **facts: object) -> bool:
    known = {"jurisdiction_id": HERE, "office_ids": frozenset({ROADS}), "service_id": 5, "area_id": 7}
    return grant.covers(**{**known, **facts})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("grant", "reached"),
    [
        (Grant(Role.MANAGER, HERE), True),
        (Grant(Role.MANAGER, None), True),
        (Grant(Role.MANAGER, ELSEWHERE), False),
        (Grant(Role.MANAGER, HERE, office_id=ROADS), True),
        (Grant(Role.MANAGER, HERE, office_id=PARKS), False),
        (Grant(Role.MANAGER, HERE, service_id=5), True),
        (Grant(Role.MANAGER, HERE, service_id=6), False),
        (Grant(Role.EVALUATOR, HERE, area_id=7), True),
        (Grant(Role.EVALUATOR, HERE, area_id=8), False),
        (Grant(Role.HANDLER, HERE, office_id=ROADS), True),
        (Grant(Role.HANDLER, HERE, office_id=PARKS), False),
        (Grant(Role.HANDLER, HERE), False),
    ],
)
def test_what_a_grant_reaches(grant: Grant, reached: bool) -> None:
    assert reaches(grant) is reached


def test_a_handler_without_an_office_reaches_nothing() -> None:
    assert Grant(Role.HANDLER, None).is_void
    assert not Grant(Role.HANDLER, HERE).is_whole
    assert Grant(Role.MANAGER, HERE).is_whole
    assert not Grant(Role.MANAGER, HERE, area_id=7).is_whole


@pytest.mark.parametrize(
    ("grant", "here", "everywhere"),
    [
        (Grant(Role.EVALUATOR, HERE), True, False),
        (Grant(Role.EVALUATOR, None), True, True),
        (Grant(Role.EVALUATOR, ELSEWHERE), False, False),
        (Grant(Role.EVALUATOR, HERE, area_id=7), False, False),
        (Grant(Role.HANDLER, HERE, office_id=ROADS), False, False),
    ],
)
def test_who_reaches_every_case_of_a_place_and_of_all_of_them(grant: Grant, here: bool, everywhere: bool) -> None:
    viewer = Viewer(1, (grant,))
    assert viewer.reaches_all(Capability.SEE_REPORTS, HERE) is here
    assert viewer.reaches_all(Capability.SEE_REPORTS, None) is everywhere


def test_citizens_have_no_capability_of_the_offices() -> None:
    assert {
        Capability.REPORT, Capability.REPLY, Capability.RATE, Capability.REOPEN, Capability.REMARK
    } == CITIZEN  # fmt: skip
    assert not any(ANONYMOUS.has(capability) for capability in Capability)
    assert Capability.NOTE in STAFF_ONLY


@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.ADMINISTRATOR])
def test_who_measures_or_sets_up_reads_no_words_and_no_names(role: Role) -> None:
    assert not {Capability.SEE_WORDS, Capability.SEE_PERSON, Capability.HANDLE} & CAPABILITIES[role]


def test_a_capability_holds_in_its_own_jurisdiction_only() -> None:
    viewer = Viewer(3, (Grant(Role.MANAGER, HERE),))
    assert viewer.has(Capability.CLOSE, HERE)
    assert viewer.has(Capability.CLOSE)
    assert not viewer.has(Capability.CLOSE, ELSEWHERE)
    assert viewer.actor_for(HERE) is Actor.MANAGER
    assert viewer.actor_for(ELSEWHERE) is Actor.CITIZEN


def test_the_product_itself_may_work_everywhere() -> None:
    assert SYSTEM.has(Capability.HANDLE, HERE)
    assert SYSTEM.has(Capability.ADMINISTER, ELSEWHERE)
