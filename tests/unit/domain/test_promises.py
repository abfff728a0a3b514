"""What is promised, against a count of minutes and against dates worked out by hand with a calendar of Ontario."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.calendars import ALWAYS_OPEN, WEEKDAYS_9_TO_5, Calendar, calendar_from_snapshot, snapshot_of
from requests_app.promises import (
    BadTarget,
    Clocks,
    Count,
    Pause,
    Promise,
    Target,
    Targets,
    Terms,
    Why,
    begin_clocks,
    check_calendar,
    due,
    read_pauses,
    read_promise,
    read_targets,
    tick,
    write_pauses,
    write_targets,
    write_terms,
)
from requests_app.states import Activity, Status
from tests.minutes import MINUTE, minutes_open

TORONTO = ZoneInfo("America/Toronto")
CLOSURE = date(2026, 3, 9)
OFFICE = Calendar("America/Toronto", WEEKDAYS_9_TO_5, frozenset({CLOSURE}), "ON")
NIGHTS = Calendar(
    "America/Toronto", {day: ((time(0), time(2, 30)), (time(2, 45), time(6)), (time(22), time(0))) for day in range(7)}
)
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)


def at(text: str) -> datetime:
    """A moment on Toronto's clocks."""
    return datetime.fromisoformat(text).replace(tzinfo=TORONTO)


# --- Against a count of minutes --------------------------------------------------------------------------------------

moments = st.builds(
    lambda day, minutes: datetime.combine(day, time(0), TORONTO).astimezone(UTC) + minutes * MINUTE,
    st.sampled_from([SPRING, AUTUMN, date(2025, 12, 31), date(2026, 2, 13), date(2026, 6, 30), date(2026, 12, 24)]),
    st.integers(-1500, 2900),
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[datetime, list[Pause]]:
    """When a case was filed, and up to three pauses after one another."""
    start = draw(moments)
    pauses, last = [], start
    for _ in range(draw(st.integers(0, 3))):
        began = last + draw(st.integers(0, 1500)) * MINUTE
        last = began + draw(st.integers(0, 3000)) * MINUTE
        pauses.append(Pause(began, last, draw(st.sampled_from(Why))))
    return start, pauses


@pytest.mark.parametrize("calendar", [OFFICE, NIGHTS, ALWAYS_OPEN], ids=["office", "nights", "always"])
@given(case=cases(), minutes=st.integers(1, 900), count=st.sampled_from(Count))
@settings(max_examples=40, deadline=None)
def test_a_target_is_used_up_after_that_many_minutes_that_count(
    calendar: Calendar, case: tuple[datetime, list[Pause]], minutes: int, count: Count
) -> None:
    start, pauses = case
    end = due(Target(minutes / 60, count), calendar, start, 0, pauses)
    counted = calendar if count is Count.WORKING else ALWAYS_OPEN
    that_count = [m for m in minutes_open(counted, start, end) if not any(p.began_at <= m < p.ended_at for p in pauses)]
    assert abs(end - end.replace(second=0, microsecond=0)) < timedelta(seconds=1)
    assert len(that_count) == minutes
    assert that_count[-1] + MINUTE == end.replace(microsecond=0), "it falls due when the last minute has passed"


@given(case=cases(), minutes=st.integers(1, 900), others=st.integers(1, 900))
@settings(max_examples=40, deadline=None)
def test_another_priority_changes_the_date_by_exactly_the_minutes_between(
    case: tuple[datetime, list[Pause]], minutes: int, others: int
) -> None:
    start, pauses = case
    target = Target(minutes / 60, by_priority={2: others / 60})
    ordinary, urgent = (due(target, OFFICE, start, priority, pauses) for priority in (0, 2))
    first, last = sorted((ordinary, urgent))
    between = [m for m in minutes_open(OFFICE, first, last) if not any(p.began_at <= m < p.ended_at for p in pauses)]
    assert len(between) == abs(minutes - others)


# --- By hand ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "count", "filed", "promised"),
    [
        (8, "working", "2026-05-04T08:30", "2026-05-04T16:30"),  # one whole day ends at closing time
        (9, "working", "2026-05-04T08:30", "2026-05-05T09:30"),
        (4, "working", "2026-05-15T14:30", "2026-05-19T10:30"),  # over Victoria Day, Monday 18 May
        (16, "working", "2025-12-31T12:30", "2026-01-05T12:30"),  # over New Year's Day and a weekend
        (1, "working", "2026-12-24T16:00", "2026-12-29T09:00"),  # Christmas on Friday, Boxing Day observed on Monday
        (8, "working", "2026-03-06T16:30", "2026-03-10T16:30"),  # the clocks go forward, and Monday is a closure
        (24, "calendar", "2026-03-07T12:00", "2026-03-08T13:00"),  # a day of 23 hours
        (24, "calendar", "2026-10-31T12:00", "2026-11-01T11:00"),  # a day of 25 hours
        (720, "calendar", "2026-12-15T09:00", "2027-01-14T09:00"),
    ],
)
def test_dates_worked_out_by_hand(hours: float, count: str, filed: str, promised: str) -> None:
    assert due(Target(hours, Count(count)), OFFICE, at(filed), 0).astimezone(TORONTO) == at(promised)


def test_a_wait_for_the_citizen_moves_the_date_by_the_working_time_that_was_lost() -> None:
    asked, answered = at("2026-05-04T12:30"), at("2026-05-06T12:30")
    moved = due(Target(8), OFFICE, at("2026-05-04T08:30"), 0, [Pause(asked, answered)])
    assert moved == at("2026-05-06T16:30"), "four hours were left when it was asked"


def test_a_question_asked_on_a_weekend_costs_no_working_time() -> None:
    asked, answered = at("2026-05-09T10:00"), at("2026-05-10T10:00")
    assert due(Target(8), OFFICE, at("2026-05-08T12:30"), 0, [Pause(asked, answered)]) == at("2026-05-11T12:30")
    calendar = due(Target(72, Count.CALENDAR), OFFICE, at("2026-05-08T12:30"), 0, [Pause(asked, answered)])
    assert calendar == at("2026-05-12T12:30"), "in calendar time it costs a day"


# --- The clocks of a case --------------------------------------------------------------------------------------------


FILED = at("2026-05-04T08:30")


@dataclass(frozen=True)
class Stand:
    """Where a case stands: as much of it as the clocks look at."""

    status: Status = Status.RECEIVED
    priority: int = 0
    step: str = ""
    version: int = 1
    submitted_at: datetime = FILED
    closed_at: datetime | None = None


PROMISE = Promise(
    (
        Terms(
            Targets(
                acknowledge=Target(4, by_priority={2: 1}),
                resolve=Target(40, by_priority={2: 8}),
                steps={"inspect": Target(8), "repair": Target(24, Count.CALENDAR)},
            ),
            OFFICE,
        ),
    )
)


def play(*stands: tuple[str, Stand, Activity], promise: Promise = PROMISE, begin: Stand | None = None) -> Clocks:
    """The clocks after a case went through these."""
    before = begin or Stand()
    clocks = begin_clocks(promise, before)
    for when, after, activity in stands:
        clocks = tick(promise, clocks, before, after, activity, at(when))
        before = after
    return clocks


def test_a_case_that_was_filed_has_its_dates() -> None:
    clocks = play(begin=Stand(step="inspect"))
    assert clocks.acknowledge_due_at == at("2026-05-04T12:30")
    assert clocks.due_at == at("2026-05-08T16:30")
    assert clocks.step_due_at == at("2026-05-04T16:30")
    assert clocks.acknowledged_at is None


def test_accepting_acknowledges_once_and_a_later_priority_leaves_that_date_alone() -> None:
    clocks = play(
        ("2026-05-04T10:00", Stand(Status.ASSIGNED, version=2), Activity.ACCEPTED),
        ("2026-05-04T11:00", Stand(Status.IN_PROGRESS, version=3), Activity.STARTED),
        ("2026-05-04T12:00", Stand(Status.IN_PROGRESS, priority=2, version=4), Activity.REPRIORITIZED),
    )
    assert clocks.acknowledged_at == at("2026-05-04T10:00")
    assert clocks.acknowledge_due_at == at("2026-05-04T12:30")
    assert clocks.due_at == at("2026-05-04T16:30"), "urgent: 8 hours instead of 40"


def test_an_answer_at_once_is_an_acknowledgement() -> None:
    closed = Stand(Status.CLOSED, version=2, closed_at=at("2026-05-04T09:00"))
    assert play(("2026-05-04T09:00", closed, Activity.RESOLVED)).acknowledged_at == at("2026-05-04T09:00")


def test_waiting_twice_for_the_citizen_is_counted_and_a_hand_off_ends_a_wait() -> None:
    clocks = play(
        ("2026-05-04T10:30", Stand(Status.ASSIGNED, version=2), Activity.ACCEPTED),
        ("2026-05-04T12:30", Stand(Status.WAITING_CITIZEN, version=3), Activity.CITIZEN_ASKED),
        ("2026-05-05T12:30", Stand(Status.IN_PROGRESS, version=4), Activity.CITIZEN_REPLIED),
        ("2026-05-06T08:30", Stand(Status.WAITING_CITIZEN, version=5), Activity.CITIZEN_ASKED),
        ("2026-05-06T10:30", Stand(Status.HANDED_OFF, version=6), Activity.HANDED_OFF),
    )
    assert clocks.paused_at is None
    assert clocks.paused_s == 26 * 3600
    assert clocks.due_at == at("2026-05-12T10:30"), "ten working hours later than Friday's closing"


def test_while_it_waits_the_date_stays_and_the_wait_has_a_beginning() -> None:
    clocks = play(
        ("2026-05-04T10:30", Stand(Status.ASSIGNED, version=2), Activity.ACCEPTED),
        ("2026-05-04T12:30", Stand(Status.WAITING_CITIZEN, version=3), Activity.CITIZEN_ASKED),
    )
    assert clocks.paused_at == at("2026-05-04T12:30")
    assert clocks.due_at == at("2026-05-08T16:30")


def test_waiting_for_somebody_outside_stops_no_clock() -> None:
    clocks = play(
        ("2026-05-04T10:30", Stand(Status.ASSIGNED, version=2), Activity.ACCEPTED),
        ("2026-05-04T12:30", Stand(Status.WAITING_EXTERNAL, version=3), Activity.EXTERNAL_WAITED),
        ("2026-05-07T12:30", Stand(Status.IN_PROGRESS, version=4), Activity.STARTED),
    )
    assert (clocks.due_at, clocks.pauses) == (at("2026-05-08T16:30"), ())


def test_a_case_that_is_opened_again_goes_on_with_the_time_it_had_left() -> None:
    closed = Stand(Status.CLOSED, version=2, closed_at=at("2026-05-04T12:30"))
    clocks = play(
        ("2026-05-04T12:30", closed, Activity.RESOLVED),
        ("2026-05-19T12:30", Stand(Status.ASSIGNED, version=3), Activity.REOPENED),
    )
    assert clocks.due_at == at("2026-05-25T16:30"), "36 hours were left: half a Tuesday and four days"
    assert clocks.paused_s == 0, "nobody waited for the citizen"


def test_a_new_step_has_its_own_date_in_its_own_kind_of_time() -> None:
    clocks = play(
        ("2026-05-04T10:30", Stand(Status.ASSIGNED, step="inspect", version=2), Activity.ACCEPTED),
        ("2026-05-08T15:00", Stand(Status.ASSIGNED, step="repair", version=3), Activity.ADVANCED),
        begin=Stand(step="inspect"),
    )
    assert (clocks.step_began_at, clocks.step_due_at) == (at("2026-05-08T15:00"), at("2026-05-09T15:00"))
    assert clocks.due_at == at("2026-05-08T16:30")


def test_other_terms_count_from_the_day_it_was_filed() -> None:
    other = Terms(Targets(resolve=Target(80)), OFFICE, since=2)
    moved = play(
        ("2026-05-06T08:30", Stand(version=2), Activity.RECATEGORIZED), promise=Promise((PROMISE.terms[0], other))
    )
    assert moved.due_at == at("2026-05-15T16:30")
    assert moved.acknowledge_due_at is None


def test_a_new_date_is_kept_beside_the_promise_and_ends_with_a_reopening() -> None:
    began = Stand(Status.IN_PROGRESS, version=2)
    new_date = at("2026-06-01T12:00")
    clocks = tick(PROMISE, play(), began, began, Activity.DELAYED, at("2026-05-09T09:00"), new_date)
    assert (clocks.delayed_until, clocks.due_at) == (new_date, at("2026-05-08T16:30"))


def test_partners_that_report_out_of_order_make_no_pause_that_ends_before_it_begins() -> None:
    clocks = play(
        ("2026-05-04T12:30", Stand(Status.WAITING_CITIZEN, version=2), Activity.CITIZEN_ASKED),
        ("2026-05-04T11:00", Stand(Status.IN_PROGRESS, version=3), Activity.CITIZEN_REPLIED),
    )
    assert clocks.paused_s == 0
    assert clocks.due_at == at("2026-05-08T16:30")


# --- Reading, writing, refusing --------------------------------------------------------------------------------------


def test_terms_and_pauses_are_read_back_as_they_were_written() -> None:
    (terms,) = PROMISE.terms
    assert read_promise({"terms": [write_terms(terms)]}) == PROMISE
    assert read_promise({"target_hours": 40}) is None
    assert read_targets(write_targets(terms.targets)) == terms.targets
    pauses = (Pause(at("2026-05-04T12:30"), at("2026-05-05T12:30"), Why.CLOSED),)
    assert read_pauses(write_pauses(pauses)) == pauses
    for calendar in (OFFICE, NIGHTS, ALWAYS_OPEN):
        assert calendar_from_snapshot(snapshot_of(calendar)) == calendar


@pytest.mark.parametrize(
    ("stored", "field", "problem"),
    [
        ({"resolve": {"hours": "soon"}}, "resolve.hours", "not_a_number"),
        ({"resolve": {"count": "working"}}, "resolve.hours", "not_a_number"),
        ({"resolve": {"hours": True}}, "resolve.hours", "not_a_number"),
        ({"resolve": {"hours": float("nan")}}, "resolve.hours", "not_a_number"),
        ({"acknowledge": {"hours": 0}}, "acknowledge.hours", "not_positive"),
        ({"resolve": {"hours": 10**9}}, "resolve.hours", "too_long"),
        ({"resolve": {"hours": 8, "count": "lunar"}}, "resolve.count", "unknown_count"),
        ({"resolve": {"hours": 8, "by_priority": {"7": 1}}}, "resolve.by_priority.7", "unknown_priority"),
        ({"resolve": {"hours": 8, "by_priority": {"2": -1}}}, "resolve.by_priority.2", "not_positive"),
        ({"steps": {"repair": {"hours": -2}}}, "steps.repair.hours", "not_positive"),
        ({"resolve": {"hours": 8, "minutes": 5}}, "resolve.minutes", "unknown_key"),
        ({"reply": {"hours": 8}}, "reply", "unknown_key"),
    ],
)
def test_what_cannot_be_promised_is_refused_by_the_name_of_its_field(
    stored: dict[str, Any], field: str, problem: str
) -> None:
    with pytest.raises(BadTarget) as refused:
        read_targets(stored)
    assert (refused.value.field, refused.value.problem) == (field, problem)


@pytest.mark.parametrize("slots", [{}, {0: ()}])
def test_working_time_of_a_calendar_without_opening_hours_is_refused_and_calendar_time_is_not(
    slots: dict[int, tuple[()]],
) -> None:
    closed = Calendar("America/Toronto", slots)
    with pytest.raises(BadTarget) as refused:
        check_calendar(Targets(resolve=Target(8)), closed)
    assert (refused.value.field, refused.value.problem) == ("resolve", "never_opens")
    check_calendar(Targets(resolve=Target(8, Count.CALENDAR)), closed)
