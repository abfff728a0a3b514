"""When a report is due: in the morning of a day of the week or month, on the clocks of the place. Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

HOUR: Final = 7
"""The hour of the place's clocks at which reports are made: before work begins, and never skipped or doubled by DST."""
WEEK: Final = "week"
DAYS_OF_WEEK: Final = range(1, 8)
DAYS_OF_MONTH: Final = range(1, 32)
FILED: Final = ("from", "to")


def due_after(moment: datetime, every: str, day: int, zone: str) -> datetime:
    """Return the first due time after a moment (aware), in UTC: however many were missed before, they are one."""
    clock = ZoneInfo(zone)
    days = _days_of_weeks if every == WEEK else _days_of_months
    for on in days(moment.astimezone(clock).date(), day):
        due = datetime.combine(on, time(HOUR), clock).astimezone(UTC)
        if due > moment:
            return due
    raise AssertionError("the days go on")


def _days_of_weeks(since: date, day: int) -> Iterator[date]:
    on = since + timedelta(days=(day - since.isoweekday()) % 7)
    while True:
        yield on
        on += timedelta(days=7)


def _days_of_months(since: date, day: int) -> Iterator[date]:
    """The 31st of a short month is its last day."""
    month = since.replace(day=1)
    while True:
        last = monthrange(month.year, month.month)[1]
        yield month.replace(day=min(day, last))
        month += timedelta(days=last)


def moved(asked: Mapping[str, str], by: timedelta) -> dict[str, str]:
    """Return the filters with the days of filing so much later; what is no day stays as it is."""
    return {name: _later(text, by) if name in FILED else text for name, text in asked.items()}


def _later(text: str, by: timedelta) -> str:
    try:
        return (date.fromisoformat(text) + by).isoformat()
    except (ValueError, OverflowError):
        return text
