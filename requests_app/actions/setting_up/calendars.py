"""Calendars of offices and services: made and saved with their slots, holidays and closures."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from requests_app.actions.config import Document, changing, locked, made, require_administrator
from requests_app.actions.errors import Sentence
from requests_app.actions.setting_up._checks import Problems, both, checking, day, free_code
from requests_app.calendars import Calendar
from requests_app.models import ConfigChange, Jurisdiction, WorkCalendar
from requests_app.models.jurisdiction import parsed_slots
from requests_app.permissions import Viewer

WHAT = "calendar"
LABELS: dict[str, Sentence] = {
    "names": _("Name"),
    "time_zone": _("Time zone"),
    "slots": _("Opening hours"),
    "holidays": _("Closed on statutory holidays"),
    "closures": _("Closures of its own"),
    "active": _("In use"),
}
LONGEST_CLOSURE_DAYS = 366
WEEKDAYS: tuple[Sentence, ...] = (
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    _("Sunday"),
)
_SLOT = re.compile(
    r"\s*(\d{1,2})(?:\s*[:h.]\s*(\d{2})?)?\s*(?:-|–|—|to|à)\s*(\d{1,2})(?:\s*[:h.]\s*(\d{2})?)?\s*", re.ASCII
)


def calendar_document(row: WorkCalendar) -> Document:
    """A calendar as its page edits it."""
    return {
        "names": row.names,
        "time_zone": row.time_zone,
        "slots": row.slots,
        "holidays": bool(row.holiday_subdivision),
        "closures": row.closures,
        "active": row.is_active,
    }


@transaction.atomic
def make_calendar(place: Jurisdiction, given: Document, *, viewer: Viewer) -> WorkCalendar:
    """A new calendar of a place. Refused with every field that is wrong."""
    require_administrator(viewer, place.pk)
    row = WorkCalendar(jurisdiction=place)
    _fill(row, checked_calendar(given), place)
    row.code = free_code(row.names["en"], WorkCalendar.objects.filter(jurisdiction=place))
    row.save()
    made(row, WHAT, viewer=viewer, document=calendar_document)
    return row


@transaction.atomic
def save_calendar(
    pk: int, given: Document, *, viewer: Viewer, seen: int, act: str = ConfigChange.Act.SAVED
) -> WorkCalendar:
    """A calendar changed; promises made before keep the hours they were counted by."""
    row = locked(WorkCalendar, pk)
    with changing(row, WHAT, viewer=viewer, seen=seen, document=calendar_document, act=act) as version:
        checked = checked_calendar(given)
        if not checked["active"]:
            _refuse_while_used(row)
        before = calendar_document(row)
        _fill(row, checked, row.jurisdiction)
        if calendar_document(row) != before:
            row.version = version
            row.save()
    return row


def _fill(row: WorkCalendar, checked: Document, place: Jurisdiction) -> None:
    row.names, row.time_zone, row.slots = checked["names"], checked["time_zone"], checked["slots"]
    row.holiday_subdivision = (place.holiday_subdivision or "ON") if checked["holidays"] else ""
    row.closures, row.is_active = checked["closures"], checked["active"]


def _refuse_while_used(row: WorkCalendar) -> None:
    with checking() as problems:
        count = row.offices.count() + row.services.count()
        if count:
            used = _("%(field)s: %(count)s offices and services still work by it. Give them another calendar first.")
            problems.say("active", used, LABELS["active"], count=count)


def checked_calendar(given: Mapping[str, Any]) -> Document:
    """A calendar's document in its stored form. Refused with a sentence for each field that is wrong."""
    with checking() as problems:
        names = both(problems, "names", LABELS["names"], given.get("names"))
        zone = str(given.get("time_zone") or "")
        if zone not in available_timezones():
            problems.say("time_zone", _("%(field)s: choose one of the list."), LABELS["time_zone"])
        slots = _slots(problems, given.get("slots") or {})
        closures = _closures(problems, given.get("closures") or [])
    return {
        "names": names,
        "time_zone": zone,
        "slots": slots,
        "holidays": bool(given.get("holidays")),
        "closures": closures,
        "active": bool(given.get("active", True)),
    }


def _slots(problems: Problems, given: Mapping[str, Any]) -> dict[str, list[list[str]]]:
    """Slots by weekday; a day may be typed, such as “08:30–12:00, 13:00–16:30”."""
    read: dict[str, list[list[str]]] = {}
    for number, weekday in enumerate(WEEKDAYS):
        spans = given.get(str(number)) or []
        slots = typed_slots(spans) if isinstance(spans, str) else [[str(a), str(b)] for a, b in spans]
        if slots is None:
            told = _(
                "%(field)s: “%(given)s” cannot be read. Write slots as 08:30–12:00, 13:00–16:30; empty for closed."
            )
            problems.say(f"slots-{number}", told, weekday, given=str(spans)[:60])
        elif slots and not _in_order(slots):
            told = _("%(field)s: the slots overlap, are out of order or end before they begin. Put them in order.")
            problems.say(f"slots-{number}", told, weekday)
        elif slots:
            read[str(number)] = slots
    if not read and not problems:
        never = _(
            "%(field)s: this calendar never opens, so nothing counted by it would ever fall due. Give one day hours."
        )
        problems.say("slots-0", never, LABELS["slots"])
    return read


def typed_slots(typed: str) -> list[list[str]] | None:
    """Slots from what was typed, None when it cannot be read: “8:30-12, 13h à 16h30”."""
    slots = []
    for part in filter(str.strip, typed.split(",")):
        found = _SLOT.fullmatch(part)
        if found is None:
            return None
        first, last = _clock(found[1], found[2]), _clock(found[3], found[4])
        if first is None or last is None:
            return None
        slots.append([first, "00:00" if last == "24:00" else last])
    return slots


def _clock(hour: str, minute: str | None) -> str | None:
    h, m = int(hour), int(minute or 0)
    return f"{h:02}:{m:02}" if (h < 24 and m < 60) or (h, m) == (24, 0) else None


def _in_order(slots: list[list[str]]) -> bool:
    try:
        Calendar("UTC", parsed_slots({"0": slots}))
    except ValueError:
        return False
    return True


def _closures(problems: Problems, given: Any) -> list[dict[str, Any]]:
    read = []
    for number, closure in enumerate(given):
        name = f"closures-{number}"
        first = day(problems, f"{name}-from", _("Closed from"), closure.get("from"), needed=True)
        last = day(problems, f"{name}-to", _("Closed until"), closure.get("to"))
        names = both(problems, f"{name}-names", _("Reason of the closure"), closure.get("names"))
        if first and last and not timedelta(0) <= last - first <= timedelta(days=LONGEST_CLOSURE_DAYS):
            told = _("%(field)s: the last day must be the first one or later, at most a year after it.")
            problems.say(f"{name}-to", told, _("Closed until"))
        read.append({"from": _written(first), "to": _written(last or first), "names": names})
    return sorted(read, key=lambda closure: str(closure["from"]))


def _written(moment: date | None) -> str:
    return moment.isoformat() if moment else ""
