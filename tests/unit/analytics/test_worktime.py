"""Working time of many pairs at once against the calendar's own count, which is held to a count of minutes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.core.frames import MISSING, FrameError, instant
from analytics.core.worktime import between_us, work_clock
from requests_app.calendars import ALWAYS_OPEN, WEEKDAYS_9_TO_5, Calendar, working_time
from tests.minutes import MINUTE, minutes_open

TORONTO = ZoneInfo("America/Toronto")
NIGHTS = {day: ((time(0), time(2, 30)), (time(2, 45), time(6)), (time(22), time(0))) for day in range(7)}
CALENDARS = {
    "office": Calendar("America/Toronto", WEEKDAYS_9_TO_5, holiday_subdivision="ON"),
    "nights": Calendar("America/Toronto", NIGHTS),
    "sundays in the hour that changes": Calendar("America/Toronto", {6: ((time(1, 30), time(2, 15)),)}),
    "closed on a day": Calendar("America/Toronto", closed_on=frozenset({date(2026, 3, 9)})),
    "never": Calendar("America/Toronto", {}),
    "always": ALWAYS_OPEN,
}
DAYS = [date(2026, 3, 8), date(2026, 11, 1), date(2026, 12, 25), date(2026, 2, 13), date(2026, 6, 30)]
FROM, UNTIL = instant(datetime(2026, 1, 1, tzinfo=UTC)), instant(datetime(2027, 2, 1, tzinfo=UTC))
CLOCKS = {name: work_clock([(FROM, calendar)], FROM, UNTIL) for name, calendar in CALENDARS.items()}
NEAR_A_CHANGE = st.builds(
    lambda day, minutes: datetime.combine(day, time(0), TORONTO).astimezone(UTC) + minutes * MINUTE,
    st.sampled_from(DAYS),
    st.integers(-1500, 2900),
)


def one(at):
    return np.array([instant(at)], dtype=np.int64)


@pytest.mark.parametrize("name", CALENDARS)
@given(start=NEAR_A_CHANGE, minutes=st.integers(0, 4000))
@settings(max_examples=25, deadline=None)
def test_working_time_is_the_count_of_open_minutes(name, start, minutes):
    end = start + minutes * MINUTE
    counted = len(minutes_open(CALENDARS[name], start, end)) * 60_000_000
    assert list(CLOCKS[name].between_us(one(start), one(end))) == [counted]


@pytest.mark.parametrize("name", CALENDARS)
@given(start=NEAR_A_CHANGE, seconds=st.integers(-(10**6), 30 * 10**6))
@settings(max_examples=40, deadline=None)
def test_working_time_equals_the_calendars_own_to_the_microsecond(name, start, seconds):
    end = max(start + timedelta(seconds=seconds, microseconds=17), datetime(2026, 1, 1, tzinfo=UTC))
    end = min(end, datetime(2027, 2, 1, tzinfo=UTC))
    theirs = working_time(CALENDARS[name], start, end) // timedelta(microseconds=1)
    assert list(CLOCKS[name].between_us(one(start), one(end))) == [theirs]


def test_opening_hours_that_changed_count_from_their_day_on():
    change = datetime(2026, 5, 4, 4, tzinfo=UTC)  # midnight in Toronto
    late = Calendar("America/Toronto", {day: ((time(12), time(20)),) for day in range(5)})
    clock = work_clock([(FROM, CALENDARS["office"]), (instant(change), late)], FROM, UNTIL)
    friday_noon, monday_one = datetime(2026, 5, 1, 16, tzinfo=UTC), datetime(2026, 5, 4, 17, tzinfo=UTC)
    assert list(clock.between_us(one(friday_noon), one(monday_one))) == [int(5.5 * 3600 * 1e6)]


def test_a_missing_moment_has_no_working_time_and_never_zero():
    start, end = np.array([FROM, MISSING, FROM]), np.array([MISSING, FROM, FROM + 1])
    assert list(CLOCKS["always"].between_us(start, end)) == [MISSING, MISSING, 1]


def test_each_row_counts_by_its_own_clock():
    start, end = (
        one(datetime(2026, 5, 2, 16, tzinfo=UTC)).repeat(2),
        one(datetime(2026, 5, 2, 17, tzinfo=UTC)).repeat(2),
    )
    clocks = (CLOCKS["office"], CLOCKS["always"])
    assert list(between_us(clocks, np.array([1, 0]), start, end)) == [3_600_000_000, 0]


def test_a_moment_outside_is_refused_and_not_clipped():
    with pytest.raises(FrameError, match="outside the working time"):
        CLOCKS["office"].elapsed_us(np.array([FROM - 1]))


def test_a_clock_needs_a_calendar_from_the_first_moment_on():
    with pytest.raises(FrameError, match="No calendar is valid"):
        work_clock([(FROM + 1, ALWAYS_OPEN)], FROM, UNTIL)
