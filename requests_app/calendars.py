"""Working time: office hours, statutory holidays and daylight saving, in pure Python.

A calendar is a week of opening slots in a time zone plus the days an office is closed. Local
wall time is what people work by, so slots are placed on local days and then turned into UTC:
on the day the clocks change a slot keeps its opening hours and a slot that spans the change
is an hour shorter or longer, as it is for the people in it. A wall time that the change skips
stands for the moment of the change, one that comes twice for its first coming.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

Slot = tuple[time, time]
"""From a local time to a later one on the same day; an end at 00:00 (or `time.max`) is the midnight after."""

MIDNIGHT = time(0)
MAX_DAYS = 3660
"""How far a search for working time goes before it says that the calendar never opens."""

WEEKDAYS_9_TO_5: Mapping[int, tuple[Slot, ...]] = {day: ((time(8, 30), time(16, 30)),) for day in range(5)}


@dataclass(frozen=True)
class Calendar:
    """When an office works.

    `slots` maps weekday (0 = Monday) to opening slots in local time, in order and not
    overlapping (ValueError otherwise); `closed_on` are local dates without work.
    """

    zone: str
    slots: Mapping[int, tuple[Slot, ...]] = field(default_factory=lambda: WEEKDAYS_9_TO_5)
    closed_on: frozenset[date] = frozenset()
    holiday_subdivision: str = ""
    """Code of the subdivision whose statutory holidays close the office ("ON"); empty for none."""
    _known: dict[date, list[tuple[datetime, datetime]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """The days that were worked out before: a city counts by few calendars and over the same days."""

    def __post_init__(self) -> None:
        for day, slots in self.slots.items():
            if day not in range(7):
                raise ValueError(f"there is no weekday {day}: 0 is Monday, 6 Sunday")
            bounds = [bound for opens, closes in slots for bound in (opens, time.max if closes == MIDNIGHT else closes)]
            if bounds != sorted(bounds) or any(opens == closes for opens, closes in slots if opens != MIDNIGHT):
                raise ValueError(f"the slots of weekday {day} overlap, are out of order or end before they begin")

    def open_slots(self, day: date) -> list[tuple[datetime, datetime]]:
        """The opening slots of a local `day` as UTC intervals, never empty ones."""
        known = self._known.get(day)
        if known is None:
            known = self._known[day] = self._worked_out(day)
        return known

    def _worked_out(self, day: date) -> list[tuple[datetime, datetime]]:
        if day in self.closed_on or is_statutory_holiday(day, self.holiday_subdivision):
            return []
        zone = ZoneInfo(self.zone)
        slots = ((_first_showing(day, a, zone), _end_of(day, b, zone)) for a, b in self.slots.get(day.weekday(), ()))
        return [(opens, closes) for opens, closes in slots if opens < closes]

    @property
    def is_every_day(self) -> bool:
        """Whether no weekday, holiday or closure stops its time: what it counts falls due on any day."""
        return not self.holiday_subdivision and not self.closed_on and all(map(self.slots.get, range(7)))

    @property
    def usual_hours_a_day(self) -> float:
        """The hours of a usual working day: those of the most weekdays; 0 when it never opens."""
        lengths = [sum(_wall_hours(opens, closes) for opens, closes in slots) for slots in self.slots.values() if slots]
        return max(set(lengths), key=lengths.count) if lengths else 0.0

    @property
    def usual_hours_a_week(self) -> float:
        """The opening hours of a week without holidays and closures."""
        return sum(_wall_hours(opens, closes) for slots in self.slots.values() for opens, closes in slots)

    @property
    def never_opens(self) -> bool:
        """Whether there is no slot in any week: nothing counted by it would ever fall due."""
        return not any(self.slots.values())

    def local_day(self, moment: datetime) -> date:
        """The local date of an aware moment."""
        return moment.astimezone(ZoneInfo(self.zone)).date()


def _end_of(day: date, closes: time, zone: ZoneInfo) -> datetime:
    if closes in (MIDNIGHT, time.max):
        return _first_showing(day + timedelta(days=1), MIDNIGHT, zone)
    return _first_showing(day, closes, zone)


def _first_showing(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first moment (UTC) when clocks on the wall show `at` or, where the change skips it, have passed it."""
    wall = datetime.combine(day, at)
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    skipped = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)  # before the change, `moment` is after it
    while moment - skipped > timedelta(microseconds=1):
        middle = skipped + (moment - skipped) / 2
        if middle.astimezone(zone).replace(tzinfo=None) >= wall:
            moment = middle
        else:
            skipped = middle
    return moment


def _wall_hours(opens: time, closes: time) -> float:
    """From opening to closing; a slot that ends at midnight ends the day."""
    until = closes.hour + closes.minute / 60 or 24.0
    return until - opens.hour - opens.minute / 60


ALWAYS_OPEN = Calendar("UTC", dict.fromkeys(range(7), ((MIDNIGHT, MIDNIGHT),)))


@lru_cache(maxsize=256)
def _holidays_of(year: int, subdivision: str) -> frozenset[date]:
    return frozenset(holidays.country_holidays("CA", subdiv=subdivision, years=year))


def is_statutory_holiday(day: date, subdivision: str) -> bool:
    """Whether `day` is a statutory holiday of the Canadian `subdivision` (never when it is empty)."""
    return bool(subdivision) and day in _holidays_of(day.year, subdivision)


def holiday_name(day: date, subdivision: str, language: str) -> str:
    """The name of the statutory holiday on `day` in English or French; "" when it is none."""
    if not subdivision:
        return ""
    return _holiday_names(day.year, subdivision, "fr" if language.startswith("fr") else "en_CA").get(day, "")


@lru_cache(maxsize=256)
def _holiday_names(year: int, subdivision: str, language: str) -> Mapping[date, str]:
    return dict(holidays.country_holidays("CA", subdiv=subdivision, years=year, language=language).items())


def snapshot_of(calendar: Calendar) -> dict[str, Any]:
    """A calendar as it is copied onto a case: its own JSON, so that later changes of opening hours do not reach it."""
    return {
        "zone": calendar.zone,
        "slots": {
            str(day): [[_written(opens), _written(closes)] for opens, closes in slots]
            for day, slots in sorted(calendar.slots.items())
        },
        "holidays": calendar.holiday_subdivision,
        "closed_on": sorted(day.isoformat() for day in calendar.closed_on),
    }


def _written(at: time) -> str:
    if at == time.max:
        return "00:00"
    return at.isoformat(timespec="seconds" if at.second else "minutes")


def calendar_from_snapshot(stored: Mapping[str, Any]) -> Calendar:
    """The calendar that `snapshot_of` wrote; the same one for equal snapshots, so that its days are worked out once."""
    return _from_snapshot(json.dumps(stored, sort_keys=True))


@lru_cache(maxsize=64)
def _from_snapshot(written: str) -> Calendar:
    stored = json.loads(written)
    slots = {
        int(day): tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in spans)
        for day, spans in stored["slots"].items()
    }
    closed_on = frozenset(date.fromisoformat(day) for day in stored["closed_on"])
    return Calendar(stored["zone"], slots, closed_on, stored["holidays"])


def _slots_from(calendar: Calendar, start: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
    first = calendar.local_day(start)
    for offset in range(days):
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
    for opens, closes in _slots_from(calendar, start.astimezone(UTC), MAX_DAYS):
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    raise ValueError("this calendar has no opening hours: give it at least one slot")


def working_time(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Working time between two aware moments; zero when `end` is not after `start`."""
    total = timedelta(0)
    finish = end.astimezone(UTC)
    days = (calendar.local_day(end) - calendar.local_day(start)).days + 1
    for opens, closes in _slots_from(calendar, start.astimezone(UTC), max(days, 0)):
        if opens >= finish:
            break
        total += min(closes, finish) - opens
    return total
