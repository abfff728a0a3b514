"""What events do to a case: chains of hand-offs, branches, clocks; scenarios first, then random legal walks."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.projection import LEAD, CaseState, Change, Hold, apply, begin, bounces_to, replay
from requests_app.states import Activity, Outcome, Status
from tests.walks import changes_of_walks

START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
INTAKE, ROADS, PARKS, LEGAL = 1, 2, 3, 4
SERVICE = 7


class Case:
    """A case that is told what happens to it, one minute after another."""

    def __init__(self) -> None:
        self.at = START
        self.state = begin(Change(Activity.SUBMITTED, START, service_id=SERVICE))

    def after(self, activity: Activity, office: int | None = None, branch: int = LEAD, minutes: int = 1) -> "Case":
        self.at += timedelta(minutes=minutes)
        outcome = Outcome.RESOLVED if activity is Activity.RESOLVED else None
        self.state = apply(self.state, Change(activity, self.at, office_id=office, branch=branch, outcome=outcome))
        return self

    def routed(self, office: int) -> "Case":
        return self.after(Activity.ROUTED, office)

    def accepted(self) -> "Case":
        return self.after(Activity.ACCEPTED)

    def handed_off(self, office: int) -> "Case":
        return self.after(Activity.HANDED_OFF, office)

    def bounced(self) -> "Case":
        return self.after(Activity.BOUNCED, bounces_to(self.state))

    @property
    def holder(self) -> int | None:
        return self.state.office_id


def test_two_bounces_walk_a_case_back_the_way_it_came() -> None:
    case = Case().routed(INTAKE).accepted().handed_off(ROADS).accepted().handed_off(PARKS)
    assert case.bounced().holder == ROADS
    assert case.bounced().holder == INTAKE
    assert case.bounced().holder is None
    assert case.state.status is Status.RECEIVED


def test_the_sender_that_took_a_case_back_may_hand_it_to_another_office() -> None:
    case = Case().routed(INTAKE).accepted().handed_off(ROADS).accepted().handed_off(PARKS).bounced().accepted()
    case.handed_off(LEGAL)
    assert case.bounced().holder == ROADS
    assert case.bounced().holder == INTAKE


def test_a_case_handed_back_and_forth_is_bounced_along_its_whole_way() -> None:
    case = Case().routed(INTAKE).accepted().handed_off(ROADS).accepted().handed_off(INTAKE).accepted()
    case.handed_off(ROADS)
    assert [case.bounced().holder for _ in range(4)] == [INTAKE, ROADS, INTAKE, None]


def test_a_bounce_of_a_routed_case_gives_it_back_to_be_routed_even_when_it_was_rerouted() -> None:
    case = Case().routed(INTAKE).routed(ROADS)
    assert bounces_to(case.state) is None
    assert case.bounced().state.status is Status.RECEIVED
    assert case.routed(PARKS).accepted().state.status is Status.ASSIGNED


def test_an_imported_bounce_may_name_an_office_the_case_never_came_from() -> None:
    case = Case().routed(INTAKE).accepted().handed_off(ROADS).after(Activity.BOUNCED, LEGAL)
    assert case.holder == LEGAL
    assert bounces_to(case.state) is None


def test_a_hand_off_never_stops_the_clock() -> None:
    case = Case().routed(INTAKE).accepted().after(Activity.STARTED).handed_off(ROADS)
    first, second = case.state.holds
    assert first.ended_at == second.sent_at
    assert second.accepted_at is None


def test_the_three_clocks_of_a_hold() -> None:
    case = Case().routed(ROADS).after(Activity.ACCEPTED, minutes=5).after(Activity.STARTED, minutes=7)
    case.after(Activity.RESOLVED, minutes=11)
    (hold,) = case.state.holds
    assert hold.accepted_at is not None
    assert hold.started_at is not None
    assert hold.ended_at is not None
    clocks = hold.accepted_at - hold.sent_at, hold.started_at - hold.accepted_at, hold.ended_at - hold.started_at
    assert clocks == (timedelta(minutes=5), timedelta(minutes=7), timedelta(minutes=11))


def test_a_clock_that_was_not_recorded_stays_unknown() -> None:
    case = Case().routed(ROADS).after(Activity.RESOLVED)
    (hold,) = case.state.holds
    assert (hold.accepted_at, hold.started_at) == (None, None)


def test_an_office_that_asks_has_begun_and_starting_again_does_not_reset_it() -> None:
    case = Case().routed(ROADS).accepted().after(Activity.CITIZEN_ASKED)
    asked_at = case.at
    case.after(Activity.CITIZEN_REPLIED)
    assert case.state.status is Status.IN_PROGRESS
    case.after(Activity.EXTERNAL_WAITED).after(Activity.STARTED)
    assert case.state.holds[0].started_at == asked_at


def test_closing_ends_parallel_reviews_too() -> None:
    case = Case().routed(ROADS).accepted().after(Activity.REVIEW_REQUESTED, LEGAL, branch=1)
    case.after(Activity.REVIEW_REQUESTED, PARKS, branch=2).after(Activity.REVIEW_RETURNED, branch=2)
    case.after(Activity.RESOLVED)
    assert [hold.ended_by for hold in case.state.holds] == ["resolved", "resolved", "review_returned"]
    assert case.holder == ROADS


def test_a_review_leaves_the_lead_where_it_is() -> None:
    case = Case().routed(ROADS).accepted().after(Activity.REVIEW_REQUESTED, LEGAL, branch=1)
    assert case.holder == ROADS
    assert [(hold.branch, hold.is_lead) for hold in case.state.holds] == [(0, True), (1, False)]
    case.handed_off(PARKS)
    review = case.state.open_hold(1)
    assert review is not None
    assert review.office_id == LEGAL


@pytest.mark.parametrize("activity", [Activity.REVIEW_REQUESTED, Activity.REVIEW_RETURNED])
def test_a_review_never_runs_on_the_lead_branch(activity: Activity) -> None:
    with pytest.raises(ValueError, match="branch of its own"):
        Case().routed(ROADS).accepted().after(activity, LEGAL, branch=LEAD)


def test_reopening_goes_back_to_the_office_that_closed() -> None:
    case = Case().routed(INTAKE).accepted().handed_off(ROADS).accepted().after(Activity.RESOLVED)
    first_closed = case.at
    case.after(Activity.REOPENED)
    assert (case.holder, case.state.status, case.state.outcome) == (ROADS, Status.ASSIGNED, None)
    assert (case.state.closed_at, case.state.first_closed_at) == (None, first_closed)
    hold = case.state.open_hold()
    assert hold is not None
    assert hold.accepted_at == hold.sent_at == case.at
    assert bounces_to(case.state) is None


def test_reopening_a_case_that_nobody_held_waits_to_be_routed() -> None:
    case = Case().after(Activity.RESOLVED).after(Activity.REOPENED)
    assert (case.holder, case.state.status) == (None, Status.RECEIVED)


def test_reopening_may_name_another_office() -> None:
    assert Case().routed(ROADS).after(Activity.RESOLVED).after(Activity.REOPENED, PARKS).holder == PARKS


def test_a_late_report_never_turns_a_clock_back() -> None:
    case = Case().routed(ROADS)
    case.after(Activity.ACCEPTED, minutes=60)
    case.after(Activity.STARTED, minutes=-50)
    case.after(Activity.HANDED_OFF, PARKS, minutes=-5)
    case.after(Activity.RESOLVED, minutes=-2)
    assert_holds_are_sound(case.state)
    assert [event_time(hold) for hold in case.state.holds] == [timedelta(0), timedelta(0)]


def event_time(hold: Hold) -> timedelta:
    assert hold.ended_at is not None
    return hold.ended_at - (hold.accepted_at or hold.sent_at)


def test_a_case_begins_with_its_service() -> None:
    with pytest.raises(ValueError, match="names its service"):
        begin(Change(Activity.SUBMITTED, START))


def test_a_case_without_events_has_no_state() -> None:
    with pytest.raises(ValueError, match="without events"):
        replay([])


# --- Random walks ----------------------------------------------------------------------------------------------------


@given(changes_of_walks())
def test_on_every_walk_the_holds_are_sound_at_every_step(changes: list[Change]) -> None:
    state = begin(changes[0])
    assert_holds_are_sound(state)
    for change in changes[1:]:
        state = apply(state, change)
        assert_holds_are_sound(state)
    assert state == replay(changes)
    assert state.version == len(changes)


@given(changes_of_walks())
def test_on_every_walk_the_lead_branch_is_held_without_a_gap_while_it_is_open(changes: list[Change]) -> None:
    """Time is lost between stays only while nobody was to hold the case: received, or closed."""
    state = begin(changes[0])
    nobody = timedelta(0)
    for before_at, change in pairwise(changes):
        if state.status in (Status.RECEIVED, Status.CLOSED):
            nobody += change.occurred_at - before_at.occurred_at
        state = apply(state, change)
    end = changes[-1].occurred_at
    held = sum(((h.ended_at or end) - h.sent_at for h in state.holds if h.is_lead), timedelta(0))
    assert held + nobody == end - changes[0].occurred_at


@given(changes_of_walks(), st.randoms(use_true_random=False))
def test_even_when_reports_come_out_of_order_the_holds_are_sound(changes: list[Change], shuffle: object) -> None:
    times = [change.occurred_at for change in changes]
    shuffle.shuffle(times)  # type: ignore[attr-defined]
    state = begin(changes[0])
    for change, at in zip(changes[1:], times[1:], strict=True):
        state = apply(state, Change(**{**fields_of(change), "occurred_at": at}))
    assert_holds_are_sound(state)


def fields_of(change: Change) -> dict[str, object]:
    return {name: getattr(change, name) for name in Change.__slots__}


def assert_holds_are_sound(state: CaseState) -> None:
    """Numbered, one open a branch, none after closing, each in order, the next one after the one before."""
    assert [hold.number for hold in state.holds] == list(range(1, len(state.holds) + 1))
    running = [hold.branch for hold in state.holds if hold.ended_at is None]
    assert len(running) == len(set(running))
    assert not (running and state.status is Status.CLOSED)
    for hold in state.holds:
        known = [at for at in (hold.sent_at, hold.accepted_at, hold.started_at, hold.ended_at) if at is not None]
        assert known == sorted(known)
        assert hold.is_lead is (hold.branch == LEAD)
        assert bool(hold.ended_by) is (hold.ended_at is not None)
    for branch in {hold.branch for hold in state.holds}:
        for first, second in pairwise([hold for hold in state.holds if hold.branch == branch]):
            assert first.ended_at is not None
            assert first.ended_at <= second.sent_at
    lead = state.open_hold()
    assert lead is None or lead.office_id == state.office_id
