"""Working time counted the slow and certain way: minute by minute, watching the clock on the wall."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from requests_app.calendars import Calendar, is_statutory_holiday

MINUTE = timedelta(minutes=1)


def minutes_open_on(calendar: Calendar, day: date) -> set[datetime]:
    """The minutes (UTC) of a local day in which the office is open, found by watching the clock on the wall."""
    if day in calendar.closed_on or is_statutory_holiday(day, calendar.holiday_subdivision):
        return set()
    zone = ZoneInfo(calendar.zone)
    noon = datetime.combine(day, time(12), zone).astimezone(UTC)
    watched = [noon + n * MINUTE for n in range(-14 * 60, 14 * 60)]
    wall = [(moment, moment.astimezone(zone).time()) for moment in watched if moment.astimezone(zone).date() == day]
    opened = set()
    for opens, closes in calendar.slots.get(day.weekday(), ()):
        first = next((n for n, (_m, shown) in enumerate(wall) if shown >= opens), len(wall))
        last = next((n for n, (_m, shown) in enumerate(wall) if closes != time(0) and shown >= closes), len(wall))
        opened.update(moment for moment, _shown in wall[first:last])
    return opened


def minutes_open(calendar: Calendar, start: datetime, end: datetime) -> list[datetime]:
    """The open minutes from `start` to `end`, in order."""
    first, last = calendar.local_day(start), calendar.local_day(end)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return sorted(moment for day in days for moment in minutes_open_on(calendar, day) if start <= moment < end)
