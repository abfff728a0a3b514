"""Working time: office hours, statutory holidays and daylight saving, in pure Python.

A calendar is a week of opening slots in a time zone plus the days an office is closed. Local
wall time is what people work by, so slots are placed on local days and then turned into UTC:
on the day the clocks change a slot keeps its opening hours and a slot that spans the change
is an hour shorter or longer, as it is for the people in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

Slot = tuple[time, time]
MAX_DAYS = 3660
"""How far a search for working time goes before it says that the calendar never opens."""

WEEKDAYS_9_TO_5: Mapping[int, tuple[Slot, ...]] = {day: ((time(8, 30), time(16, 30)),) for day in range(5)}


@dataclass(frozen=True)
class Calendar:
    """When an office works.

    `slots` maps weekday (0 = Monday) to opening slots in local time, in order and not
    overlapping; `closed_on` are local dates without work.
    """

    zone: str
    slots: Mapping[int, tuple[Slot, ...]] = field(default_factory=lambda: WEEKDAYS_9_TO_5)
    closed_on: frozenset[date] = frozenset()
    holiday_subdivision: str = ""
    """Code of the subdivision whose statutory holidays close the office ("ON"); empty for none."""

    def open_slots(self, day: date) -> list[tuple[datetime, datetime]]:
        """The opening slots of a local `day` as UTC intervals."""
        if day in self.closed_on or is_statutory_holiday(day, self.holiday_subdivision):
            return []
        zone = ZoneInfo(self.zone)
        return [
            (datetime.combine(day, a, zone).astimezone(UTC), datetime.combine(day, b, zone).astimezone(UTC))
            for a, b in self.slots.get(day.weekday(), ())
        ]

    def local_day(self, moment: datetime) -> date:
        """The local date of an aware moment."""
        return moment.astimezone(ZoneInfo(self.zone)).date()


ALWAYS_OPEN = Calendar("UTC", {day: ((time(0), time.max),) for day in range(7)})


@lru_cache(maxsize=256)
def _holidays_of(year: int, subdivision: str) -> frozenset[date]:
    return frozenset(holidays.country_holidays("CA", subdiv=subdivision, years=year))


def is_statutory_holiday(day: date, subdivision: str) -> bool:
    """Whether `day` is a statutory holiday of the Canadian `subdivision` (never when it is empty)."""
    return bool(subdivision) and day in _holidays_of(day.year, subdivision)


def _slots_from(calendar: Calendar, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    first = calendar.local_day(start)
    for offset in range(MAX_DAYS):
        for opens, closes in calendar.open_slots(first + timedelta(days=offset)):
            if closes > start:
                yield max(opens, start), closes


def add_working_time(calendar: Calendar, start: datetime, duration: timedelta) -> datetime:
    """The moment (UTC) when `duration` of working time has passed since `start` (aware).

    Work that begins outside opening hours begins at the next opening. ValueError when the
    calendar has no opening in ten years or the duration is negative.
    """
    if duration < timedelta(0):
        raise ValueError("a duration cannot be negative")
    left = duration
    for opens, closes in _slots_from(calendar, start.astimezone(UTC)):
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    raise ValueError("this calendar has no opening hours: give it at least one slot")


def working_time(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Working time between two aware moments; zero when `end` is not after `start`."""
    total = timedelta(0)
    finish = end.astimezone(UTC)
    for opens, closes in _slots_from(calendar, start.astimezone(UTC)):
        if opens >= finish:
            break
        total += min(closes, finish) - opens
    return total
