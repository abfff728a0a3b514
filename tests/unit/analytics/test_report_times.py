"""When a report by mail is due: on the clocks of the place, whatever these do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.mailing.times import HOUR, due_after, moved

TORONTO = "America/Toronto"
START = datetime(2020, 1, 1, tzinfo=UTC)


def local(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(TORONTO)).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("every", "day", "after", "due"),
    [
        ("week", 1, "2026-06-01 06:59", "2026-06-01 07:00"),
        ("week", 1, "2026-06-01 07:00", "2026-06-08 07:00"),
        ("week", 7, "2026-06-01 12:00", "2026-06-07 07:00"),
        ("month", 1, "2026-06-01 07:00", "2026-07-01 07:00"),
        ("month", 31, "2026-06-02 00:00", "2026-06-30 07:00"),
        ("month", 31, "2026-01-31 09:00", "2026-02-28 07:00"),
        ("month", 30, "2028-02-01 09:00", "2028-02-29 07:00"),
        ("month", 15, "2026-12-15 07:00", "2027-01-15 07:00"),
    ],
)
def test_the_next_time_is_the_first_morning_after_now(every: str, day: int, after: str, due: str) -> None:
    now = datetime.strptime(after, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(TORONTO))
    assert local(due_after(now, every, day, TORONTO)) == due


def test_a_week_in_which_the_clocks_change_is_an_hour_shorter_or_longer() -> None:
    first = due_after(datetime(2026, 2, 28, tzinfo=UTC), "week", 1, TORONTO)
    second = due_after(first, "week", 1, TORONTO)
    assert second - first == timedelta(days=7, hours=-1)
    assert (local(first), local(second)) == ("2026-03-02 07:00", "2026-03-09 07:00")
    october = due_after(datetime(2026, 10, 25, 20, tzinfo=UTC), "week", 1, TORONTO)
    assert due_after(october, "week", 1, TORONTO) - october == timedelta(days=7, hours=1)


@given(
    moment=st.integers(0, 20 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
    every=st.sampled_from(["week", "month"]),
    day=st.integers(1, 31),
    zone=st.sampled_from([TORONTO, "America/St_Johns", "Europe/Paris", "Pacific/Auckland", "UTC"]),
)
def test_a_due_time_is_later_at_the_hour_and_on_the_day(moment: datetime, every: str, day: int, zone: str) -> None:
    day = (day - 1) % 7 + 1 if every == "week" else day
    due = due_after(moment, every, day, zone)
    here = due.astimezone(ZoneInfo(zone))
    assert moment < due <= moment + timedelta(days=8 if every == "week" else 32)
    assert (here.hour, here.minute) == (HOUR, 0)
    if every == "week":
        assert here.isoweekday() == day
    else:
        assert here.day == day or (here.day < day and (here + timedelta(days=1)).day == 1)


def test_the_days_of_filing_move_along_and_nothing_else() -> None:
    asked = {"from": "2026-01-29", "to": "no day", "service": "pothole"}
    assert moved(asked, date(2026, 3, 1) - date(2026, 2, 1)) == {**asked, "from": "2026-02-26"}
