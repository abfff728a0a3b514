"""Pages of offices and partners."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from requests_app.actions.setting_up import offices as acts
from requests_app.models import Office, Route
from requests_app.reads.offices import OfficeUses, office_of, offices_of, routes_to, uses_of_office
from requests_app.reads.setting_up import calendar_coded
from requests_app.web.administration import editing
from requests_app.web.administration.calendars import hours_said, week_said
from requests_app.web.administration.editing import EDITORS, Editor, Use
from requests_app.web.administration.fields import BOTH, Document
from requests_app.web.administration.gate import Administration, administrators_only, show
from requests_app.web.administration.office_fields import beginning, office_fields
from requests_app.web.administration.uses import of_replies, of_rules, of_services, of_workflows


def uses(administration: Administration, row: Office) -> Sequence[Use]:
    """What lies there and what sends it more: nothing of it may be left on the day it closes."""
    found = uses_of_office(administration.viewer, row)
    return [
        *_cases(administration, row, found),
        *of_services(administration, found.owned, _("Answers for the service: %(name)s")),
        *_routes(administration, found.routes),
        *of_rules(administration, found.rules),
        *of_workflows(administration, found.workflows),
        *of_replies(administration, found.replies),
        *(_part(administration, part) for part in found.parts),
        *_people(administration, row, found.people),
    ]


def _cases(administration: Administration, row: Office, found: OfficeUses) -> list[Use]:
    asked = {"place": administration.place.code, "tab": "city", "office": row.code}
    lines = []
    if found.open_requests:
        counted = ngettext("%(count)s open request", "%(count)s open requests", found.open_requests)
        lines.append(Use(counted % {"count": found.open_requests}, f"{reverse('desk:queue')}?{urlencode(asked)}"))
    if found.reviews:
        counted = ngettext("%(count)s review that runs there", "%(count)s reviews that run there", found.reviews)
        lines.append(Use(counted % {"count": found.reviews}))
    return lines


def _routes(administration: Administration, routes: Sequence[Route]) -> list[Use]:
    """The routes to it by service, each to the service's page."""
    by_service: dict[int, list[Route]] = {}
    for route in routes:
        by_service.setdefault(route.service_id, []).append(route)
    return [
        Use(
            _("Route: %(service)s, %(where)s") % {"service": some[0].service.name, "where": areas_said(some)},
            administration.address("administration:service", setting_id=service_id),
        )
        for service_id, some in by_service.items()
    ]


def areas_said(routes: Sequence[Route]) -> str:
    """The areas of some routes, in words."""
    return "; ".join(route.area.name if route.area else _("everywhere") for route in routes)


def _part(administration: Administration, part: Office) -> Use:
    address = administration.address("administration:office", setting_id=part.pk)
    return Use(_("Its part: %(name)s") % {"name": part.name}, address)


def _people(administration: Administration, row: Office, count: int) -> list[Use]:
    counted = ngettext("%(count)s person works there", "%(count)s people work there", count) % {"count": count}
    address = f"{administration.address('administration:people')}&office={row.pk}"
    return [Use(counted, address)] if count else []


# --- The preview -----------------------------------------------------------------------------------------------------


def preview(administration: Administration, row: Office | None, document: Document) -> Mapping[str, Any]:
    """How it is told to citizens and staff: its names, hours, telephone, and the areas its routes serve."""
    names = document.get("names") or {}
    if not any(names.values()):
        return {}
    calendar = calendar_coded(administration.place, str(document.get("calendar") or ""))
    slots = row.opening_slots if row else {}
    return {
        "names": [(code, tongue, names[code]) for code, tongue in BOTH if names.get(code)],
        "hours": week_said(calendar) if calendar else hours_said(slots or administration.place.opening_slots),
        "phone": document.get("phone"),
        "email": document.get("email"),
        "served": served(routes_to(row)) if row else [],
    }


def served(routes: Sequence[Route]) -> list[tuple[str, list[str]]]:
    """The areas that an office serves, each set of them once with the services it has there."""
    by_service: dict[str, list[Route]] = {}
    for route in routes:
        by_service.setdefault(route.service.name, []).append(route)
    by_areas: dict[str, list[str]] = {}
    for service, some in by_service.items():
        by_areas.setdefault(areas_said(some), []).append(service)
    return list(by_areas.items())


EDITOR = Editor(
    what=acts.WHAT,
    list_url="administration:offices",
    fields=office_fields,
    find=office_of,
    document=acts.office_document,
    make=acts.make_office,
    keep=acts.save_office,
    beginning=beginning,
    uses=uses,
    preview=preview,
    preview_template="administration/_office_preview.html",
    new_title=gettext_lazy("New office or partner"),
    lead=gettext_lazy("A counter, a crew, a review desk or a partner outside: whatever can have a request."),
)
EDITORS[acts.WHAT] = EDITOR


# --- The list --------------------------------------------------------------------------------------------------------


@require_safe
@administrators_only
def offices(request: HttpRequest, administration: Administration) -> HttpResponse:
    """The offices and partners of the place."""
    place = administration.place
    kinds = acts.kinds_of(place)
    lines = [
        {
            "name": row.name,
            "address": administration.address("administration:office", setting_id=row.pk),
            "cells": (
                kinds[row.kind],
                _("Partner outside") if row.is_external else _("Ours"),
                row.work_calendar.name if row.work_calendar else _("Its own hours"),
                row.people_count,  # type: ignore[attr-defined]
                row.parent.name if row.parent else "–",
            ),
            "is_off": not row.is_open_on(place.today),
            "off_words": off_words(row, place.today),
            "tag": _("takes the rest") if row.is_fallback else "",
        }
        for row in offices_of(place)
    ]
    context = {
        "title": _("Offices and partners"),
        "lead": _("Who can have a request: our own offices and partners outside."),
        "columns": (_("Kind"), _("Whose"), _("Calendar"), _("People"), _("Part of")),
        "lines": lines,
        "new_address": administration.address("administration:office_new"),
        "new_words": _("Add an office or partner"),
        "empty": _("No office yet. Add the first one: every request needs somebody who has it."),
    }
    return show(request, administration, "administration/settings.html", context)


def off_words(row: Office, today: date) -> str:
    """Why an office takes nothing today."""
    return _("closed for good") if row.is_closed_for_good_on(today) else _("not open yet")


@administrators_only
def office(request: HttpRequest, administration: Administration, setting_id: int) -> HttpResponse:
    """One office."""
    return editing.edit(request, administration, EDITOR, setting_id)


@administrators_only
def office_new(request: HttpRequest, administration: Administration) -> HttpResponse:
    """A new office."""
    return editing.make(request, administration, EDITOR)
