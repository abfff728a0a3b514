"""Pages of calendars."""

from collections.abc import Mapping, Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from requests_app.actions.setting_up import calendars as acts
from requests_app.models import Jurisdiction, WorkCalendar
from requests_app.reads.setting_up import calendar_of, calendars_of, users_of_calendar
from requests_app.web.administration import editing
from requests_app.web.administration.calendar_fields import calendar_fields
from requests_app.web.administration.calendar_preview import preview_of
from requests_app.web.administration.editing import EDITORS, Editor, Use
from requests_app.web.administration.fields import Document, slots_said
from requests_app.web.administration.gate import Administration, administrators_only, show
from requests_app.web.administration.uses import of_offices, of_services

USUAL = {str(day): [["08:30", "16:30"]] for day in range(5)}


def beginning(place: Jurisdiction) -> Document:
    """What the page of a new calendar holds: the usual week, to be changed."""
    return {"time_zone": place.time_zone, "slots": USUAL, "holidays": True, "active": True}


def uses(administration: Administration, row: WorkCalendar) -> Sequence[Use]:
    """The offices and services that work by it."""
    offices, services = users_of_calendar(row)
    return [
        *of_offices(administration, offices),
        *of_services(administration, services, _("Service: %(name)s")),
    ]


EDITOR = Editor(
    what=acts.WHAT,
    list_url="administration:calendars",
    fields=calendar_fields,
    find=calendar_of,
    document=acts.calendar_document,
    make=acts.make_calendar,
    keep=acts.save_calendar,
    beginning=beginning,
    uses=uses,
    preview=lambda administration, row, document: preview_of(administration.place, document),
    preview_template="administration/_calendar_preview.html",
    new_title=gettext_lazy("New calendar"),
    lead=gettext_lazy("Promises count working time by it. A case keeps the hours it was promised by."),
)
EDITORS[acts.WHAT] = EDITOR


@require_safe
@administrators_only
def calendars(request: HttpRequest, administration: Administration) -> HttpResponse:
    """The calendars of the place."""
    lines = [
        {
            "name": row.name,
            "address": administration.address("administration:calendar", setting_id=row.pk),
            "cells": (week_said(row), _counts(row), str(row.version)),
            "is_off": not row.is_active,
        }
        for row in calendars_of(administration.place)
    ]
    context = {
        "title": _("Calendars"),
        "lead": _("When offices work. Promises in working time are counted by them."),
        "columns": (_("Opening hours"), _("Used by"), _("Version")),
        "lines": lines,
        "new_address": administration.address("administration:calendar_new"),
        "new_words": _("Add a calendar"),
        "empty": _("No calendar yet: offices keep the hours of the place. Add one to give them others."),
    }
    return show(request, administration, "administration/settings.html", context)


def week_said(row: WorkCalendar) -> str:
    """The week in short: days with the same hours together."""
    return hours_said(row.slots)


def hours_said(slots: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """Slots by weekday in short."""
    days = [(number, slots_said(slots.get(str(number), []))) for number in range(7)]
    runs: list[list[int]] = []
    for number, said in days:
        if not said:
            continue
        if runs and runs[-1][-1] == number - 1 and days[number - 1][1] == said:
            runs[-1].append(number)
        else:
            runs.append([number])
    return "; ".join(f"{_span(run)} {days[run[0]][1]}" for run in runs) or "–"


def _span(run: list[int]) -> str:
    first, last = str(acts.WEEKDAYS[run[0]]), str(acts.WEEKDAYS[run[-1]])
    return first if len(run) == 1 else f"{first}–{last}"


def _counts(row: WorkCalendar) -> str:
    count = row.office_count + row.service_count  # type: ignore[attr-defined]
    return ngettext("%(count)s office or service", "%(count)s offices or services", count) % {"count": count}


@administrators_only
def calendar(request: HttpRequest, administration: Administration, setting_id: int) -> HttpResponse:
    """One calendar."""
    return editing.edit(request, administration, EDITOR, setting_id)


@administrators_only
def calendar_new(request: HttpRequest, administration: Administration) -> HttpResponse:
    """A new calendar."""
    return editing.make(request, administration, EDITOR)
