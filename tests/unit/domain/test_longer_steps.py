"""A step that is promised later than the whole case: found by hours, by priority, and across two kinds of time."""

from datetime import UTC, datetime

import pytest

from requests_app.calendars import Calendar
from requests_app.promises import Count, Target, Targets, Terms, longer_steps

MONDAY = datetime(2026, 5, 4, 13, tzinfo=UTC)
CALENDAR = Calendar("America/Toronto", holiday_subdivision="ON")


def found(whole: Target | None, **steps: Target) -> list[tuple[str, int, tuple[float, float]]]:
    terms = Terms(Targets(resolve=whole, steps=steps), CALENDAR)
    return [(one.step, one.priority, one.hours) for one in longer_steps(terms, MONDAY)]


def test_hours_of_one_kind_are_compared_as_they_are() -> None:
    assert found(Target(40), look=Target(8), work=Target(40), late=Target(41)) == [("late", 0, (41, 40))]
    assert found(None, work=Target(999)) == []


def test_a_priority_can_make_the_whole_shorter_than_a_step() -> None:
    assert found(Target(40, by_priority={2: 8}), work=Target(16)) == [("work", 2, (16, 8))]
    assert found(Target(40, by_priority={2: 8}), work=Target(16, by_priority={2: 4})) == []


@pytest.mark.parametrize(("working", "calendar", "late"), [(8, 24, True), (8, 200, False), (40, 167, True)])
def test_working_time_and_calendar_time_are_compared_by_their_dates(working: int, calendar: int, late: bool) -> None:
    """Eight working hours from a Friday afternoon end on Monday: later than a day of the calendar."""
    whole = Target(calendar, Count.CALENDAR)
    assert bool(found(whole, work=Target(working))) is late
