"""What a calendar means: its next eight weeks as a picture, and when something filed on a Friday falls due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from requests_app.actions.errors import Refused
from requests_app.actions.setting_up.calendars import WEEKDAYS, checked_calendar
from requests_app.calendars import Calendar, add_working_time, holiday_name
from requests_app.models import Jurisdiction
from requests_app.models.work_calendar import WorkCalendar
from requests_app.text.localized import pick
from requests_app.text.spoken import spoken_time
from requests_app.web.administration.fields import slots_said

WEEKS = 8
FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the picture: how it looks, and what it says."""

    on: date
    look: str
    words: str


def preview_of(place: Jurisdiction, document: Mapping[str, Any]) -> dict[str, Any]:
    """The picture of a calendar's document; nothing of one that would be refused."""
    try:
        checked = checked_calendar(document)
    except Refused:
        return {}
    row = WorkCalendar(jurisdiction=place, time_zone=checked["time_zone"], slots=checked["slots"])
    row.closures = checked["closures"]
    row.holiday_subdivision = (place.holiday_subdivision or "ON") if checked["holidays"] else ""
    calendar = row.calendar()
    today = calendar.local_day(place.present)
    monday = today - timedelta(days=today.weekday())
    days = [_day(monday + timedelta(days=n), row, calendar) for n in range(7 * WEEKS)]
    return {
        "weekdays": WEEKDAYS,
        "weeks": [days[n : n + 7] for n in range(0, len(days), 7)],
        "example": _example(calendar, today),
    }


def _day(on: date, row: WorkCalendar, calendar: Calendar) -> Day:
    language = get_language() or "en"
    closure = next((c for c in row.closures if c["from"] <= on.isoformat() <= c["to"]), None)
    if closure:
        return Day(on, "holiday", pick(closure["names"], language))
    holiday = holiday_name(on, row.holiday_subdivision, language)
    if holiday:
        return Day(on, "holiday", holiday)
    spans = row.slots.get(str(on.weekday()), [])
    return Day(on, "open", slots_said(spans)) if spans else Day(on, "closed", _("closed"))


def _example(calendar: Calendar, today: date) -> str:
    """“Filed Friday 16:30 with 2 working days → due …”, by the calendar's usual day."""
    friday = today + timedelta(days=(FRIDAY - today.weekday()) % 7)
    filed = datetime.combine(friday, time(16, 30), ZoneInfo(calendar.zone)).astimezone(UTC)
    try:
        due = add_working_time(calendar, filed, timedelta(hours=2 * calendar.usual_hours_a_day))
    except ValueError:
        return _("In the next ten years it opens on no day: nothing counted by it would ever fall due.")
    return _("Filed on %(filed)s with a promise of 2 working days → due on %(due)s.") % {
        "filed": spoken_time(filed, calendar.zone, get_language()),
        "due": spoken_time(due, calendar.zone, get_language()),
    }
