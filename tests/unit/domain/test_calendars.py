"""Working time against a count of minutes on the wall clock, over clock changes and Ontario's holidays."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.calendars import (
    ALWAYS_OPEN,
    WEEKDAYS_9_TO_5,
    Calendar,
    add_working_time,
    working_time,
)
from requests_app.models.jurisdiction import calendar_from
from tests.minutes import MINUTE, minutes_open

TORONTO = ZoneInfo("America/Toronto")
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)
CHRISTMAS = date(2026, 12, 25)
NIGHTS = {day: ((time(0), time(2, 30)), (time(2, 45), time(6)), (time(22), time(0))) for day in range(7)}
OFFICE = Calendar("America/Toronto", WEEKDAYS_9_TO_5, holiday_subdivision="ON")
CALENDARS = {
    "office": OFFICE,
    "nights": Calendar("America/Toronto", NIGHTS),
    "sundays in the hour that changes": Calendar("America/Toronto", {6: ((time(1, 30), time(2, 15)),)}),
    "closed on a day": Calendar("America/Toronto", closed_on=frozenset({date(2026, 3, 9)})),
    "always": ALWAYS_OPEN,
}


around_a_change = st.builds(
    lambda day, minutes: datetime.combine(day, time(0), TORONTO).astimezone(UTC) + minutes * MINUTE,
    st.sampled_from([SPRING, AUTUMN, CHRISTMAS, date(2026, 2, 13), date(2026, 6, 30), date(2026, 12, 31)]),
    st.integers(-1500, 2900),
)


@pytest.mark.parametrize("name", CALENDARS)
@given(start=around_a_change, minutes=st.integers(0, 4000))
@settings(max_examples=40, deadline=None)
def test_working_time_is_the_count_of_open_minutes(name: str, start: datetime, minutes: int) -> None:
    end = start + minutes * MINUTE
    assert working_time(CALENDARS[name], start, end) == len(minutes_open(CALENDARS[name], start, end)) * MINUTE


@pytest.mark.parametrize("name", CALENDARS)
@given(start=around_a_change, minutes=st.integers(1, 900))
@settings(max_examples=40, deadline=None)
def test_adding_working_time_ends_after_that_many_open_minutes(name: str, start: datetime, minutes: int) -> None:
    calendar = CALENDARS[name]
    end = add_working_time(calendar, start, minutes * MINUTE)
    assert working_time(calendar, start, end) == minutes * MINUTE
    assert minutes_open(calendar, end - MINUTE, end), "it ends with a minute that was worked"


def test_an_office_that_never_closes_has_no_hole_at_midnight() -> None:
    start = datetime(2026, 5, 1, tzinfo=UTC)
    assert working_time(ALWAYS_OPEN, start, start + timedelta(days=30)) == timedelta(days=30)
    late = datetime(2026, 5, 1, 23, 59, 59, 999_999, tzinfo=UTC)
    assert add_working_time(ALWAYS_OPEN, late, timedelta(microseconds=3)) == late + timedelta(microseconds=3)


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 5, 3), 24)])
def test_a_day_of_the_clock_change_is_as_long_as_it_is(day: date, hours: int) -> None:
    whole = Calendar("America/Toronto", dict.fromkeys(range(7), ((time(0), time(0)),)))
    ((opens, closes),) = whole.open_slots(day)
    assert closes - opens == timedelta(hours=hours)


def test_a_wall_time_that_the_change_skips_is_the_moment_of_the_change() -> None:
    calendar = Calendar("America/Toronto", {6: ((time(1), time(2, 30)),)})
    assert calendar.open_slots(SPRING) == [
        (datetime(2026, 3, 8, 6, 0, tzinfo=UTC), datetime(2026, 3, 8, 7, 0, tzinfo=UTC))
    ]
    skipped = Calendar("America/Toronto", {6: ((time(2, 10), time(2, 50)),)})
    assert skipped.open_slots(SPRING) == []


@pytest.mark.parametrize(
    "day", [date(2026, 1, 1), date(2026, 2, 16), date(2026, 4, 3), date(2026, 5, 18), date(2026, 7, 1), CHRISTMAS]
)
def test_ontarios_holidays_close_the_office(day: date) -> None:
    assert OFFICE.open_slots(day) == []
    assert Calendar("America/Toronto").open_slots(day) != []


def test_a_promise_made_on_a_friday_evening_before_a_holiday_starts_on_tuesday() -> None:
    friday = datetime(2026, 2, 13, 17, 0, tzinfo=TORONTO)
    due = add_working_time(OFFICE, friday, timedelta(hours=2))
    assert due.astimezone(TORONTO) == datetime(2026, 2, 17, 10, 30, tzinfo=TORONTO)


def test_time_that_runs_backwards_is_none() -> None:
    start = datetime(2026, 5, 4, 15, tzinfo=UTC)
    assert working_time(OFFICE, start, start - timedelta(days=3)) == timedelta(0)
    with pytest.raises(ValueError, match="negative"):
        add_working_time(OFFICE, start, timedelta(seconds=-1))


def test_a_calendar_that_never_opens_says_so() -> None:
    with pytest.raises(ValueError, match="no opening hours"):
        add_working_time(Calendar("UTC", {}), datetime(2026, 5, 4, tzinfo=UTC), timedelta(hours=1))


def test_more_than_ten_years_are_counted_too() -> None:
    start = datetime(2010, 1, 1, tzinfo=UTC)
    assert working_time(ALWAYS_OPEN, start, start + timedelta(days=5000)) == timedelta(days=5000)


@pytest.mark.parametrize(
    "slots",
    [
        {0: ((time(9), time(8)),)},
        {0: ((time(9), time(9)),)},
        {0: ((time(9), time(12)), (time(11), time(13)))},
        {0: ((time(13), time(14)), (time(9), time(10)))},
        {7: ((time(9), time(10)),)},
    ],
)
def test_slots_that_make_no_sense_are_refused(slots: dict[int, tuple[tuple[time, time], ...]]) -> None:
    with pytest.raises(ValueError, match="weekday"):
        Calendar("UTC", slots)


def test_stored_slots_become_a_calendar() -> None:
    stored = calendar_from({"5": [["09:00", "12:00"]]}, "America/Toronto", "")
    assert stored.slots == {5: ((time(9), time(12)),)}
    assert calendar_from({}, "America/Toronto", "").slots == WEEKDAYS_9_TO_5
