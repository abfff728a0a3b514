"""The table of moves: whole, closed under itself, and refusing what it does not name."""

import pytest

from requests_app.labels import ACTIVITY, OUTCOME, REASON, STATUS, STATUS_AT_DESK
from requests_app.permissions import CAPABILITIES, CITIZEN
from requests_app.states import (
    HELD,
    KIND_OF,
    MOVES,
    OPEN,
    REASONS,
    REMARKS,
    SENT,
    WORKING,
    Activity,
    Kind,
    Outcome,
    Status,
    is_legal,
    legal_activities,
)


def test_every_activity_moves_a_case_or_remarks_on_it_or_begins_it() -> None:
    assert set(MOVES) | set(REMARKS) | {Activity.SUBMITTED} == set(Activity)
    assert not set(MOVES) & set(REMARKS)


def test_every_status_has_a_kind_and_only_closed_is_closed() -> None:
    assert set(KIND_OF) == set(Status)
    assert {status for status in Status if KIND_OF[status] is Kind.CLOSED} == {Status.CLOSED}
    assert frozenset(Status) - OPEN == {Status.CLOSED}
    assert WORKING < HELD < OPEN
    assert not SENT & HELD


def test_no_status_is_a_dead_end() -> None:
    for status in Status:
        assert legal_activities(status), f"{status} cannot be left"


def test_every_status_can_be_reached_from_the_first() -> None:
    reached = {Status.RECEIVED}
    while True:
        further = {m.to for m in MOVES.values() if m.to is not None and m.sources & reached}
        if further <= reached:
            break
        reached |= further
    assert reached == set(Status)


@pytest.mark.parametrize("activity", list(Activity))
@pytest.mark.parametrize("status", list(Status))
def test_legality_is_the_tables(activity: Activity, status: Status) -> None:
    named = activity in REMARKS or (activity in MOVES and status in MOVES[activity].sources)
    assert is_legal(activity, status) is named
    assert (activity in legal_activities(status)) is (activity in MOVES and named)


def test_a_case_is_closed_by_no_other_activity_than_resolving_and_merging() -> None:
    assert {a for a, move in MOVES.items() if move.to is Status.CLOSED} == {Activity.RESOLVED, Activity.MERGED}


def test_every_capability_a_move_needs_is_granted_to_somebody() -> None:
    granted = CITIZEN.union(*CAPABILITIES.values())
    assert {m.capability for m in MOVES.values()} | set(REMARKS.values()) <= granted


def test_moves_that_need_a_reason_have_a_list_of_them() -> None:
    assert {activity for activity, move in MOVES.items() if move.needs_reason} == set(REASONS)


def test_every_code_has_words() -> None:
    assert set(STATUS) == set(STATUS_AT_DESK) == set(Status)
    assert set(OUTCOME) == set(Outcome)
    assert set(ACTIVITY) == set(Activity)
    assert {reason for reasons in REASONS.values() for reason in reasons} <= set(REASON)
