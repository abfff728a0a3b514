"""Pages of areas: the kinds there are, one kind with its versions, and what one version holds and changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy
from django.views.decorators.http import require_safe

from requests_app.actions.config import SettingConflict
from requests_app.actions.setting_up.areas import KNOWN_KINDS, WHAT
from requests_app.imports.areas import Refusal
from requests_app.labels import ROLE
from requests_app.models import Area, AreaKind, AreaSet, Route
from requests_app.models.fields import localized
from requests_app.permissions import Role
from requests_app.reads.area_sets import (
    Judged,
    KindLine,
    areas_of,
    drafts_of,
    drawn,
    has_areas,
    judged,
    kind_of,
    kinds_of,
    set_of,
    versions_of,
)
from requests_app.reads.area_uses import AreaUses, uses_of_areas
from requests_app.reads.config import version_of
from requests_app.web.administration.editing import Use
from requests_app.web.administration.gate import Administration, administrators_only, show
from requests_app.web.administration.spoken import day_said
from requests_app.web.administration.uses import of_rules

Label = str | Promise
LOOK: Mapping[str, Label] = {
    "new": pgettext_lazy("area", "New"),
    "changed": pgettext_lazy("area", "Changed"),
    "same": pgettext_lazy("area", "As before"),
    "ended": pgettext_lazy("area", "Ends"),
}


def kind_name(code: str, names: Mapping[str, str]) -> str:
    """The name of a kind of area, also of one that came with the place."""
    return localized(dict(names) or KNOWN_KINDS.get(code, {})) or code.capitalize()


@require_safe
@administrators_only
def areas(request: HttpRequest, administration: Administration) -> HttpResponse:
    """The kinds of area of the place."""
    lines = [
        {
            "name": kind_name(line.code, line.names),
            "address": administration.address("administration:area_kind", area_kind=line.code),
            "cells": (line.in_force, _planned_said(line)),
            "tag": _("requests are counted in them") if line.is_usual else "",
        }
        for line in kinds_of(administration.place)
    ]
    context = {
        "title": _("Areas"),
        "lead": _("Wards, maintenance zones and other parts of the place, each with the days on which it is valid."),
        "columns": (_("In force today"), _("Planned")),
        "lines": lines,
        "new_address": administration.address("administration:areas_new"),
        "new_words": _("Add a kind of area"),
        "empty": _("No areas yet. Bring a GeoJSON file of wards to begin with."),
    }
    return show(request, administration, "administration/settings.html", context)


def _planned_said(line: KindLine) -> str:
    if line.planned is None:
        return "–"
    return _("version %(number)s from %(day)s") % {
        "number": line.planned.number, "day": day_said(line.planned.valid_from),
    }  # fmt: skip


@require_safe
@administrators_only
def area_kind(request: HttpRequest, administration: Administration, area_kind: str) -> HttpResponse:
    """One kind of area: what is in force, what uses it, and its versions."""
    return kind_page(request, administration, area_kind)


def kind_page(
    request: HttpRequest,
    administration: Administration,
    code: str,
    *,
    problems: Mapping[str, Label] | None = None,
    conflict: SettingConflict | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a kind of area, with what was wrong with an act on it."""
    place = administration.place
    kind = kind_of(place, code)
    if kind is None and not has_areas(place, code):
        raise Http404
    rows = areas_of(place, code)
    uses = uses_of_areas(administration.viewer, place, rows)
    draft = drafts_of(kind, administration.viewer) if kind else None
    lines = [_area_line(area, uses[area.code], administration) for area in rows]
    context = {
        "title": kind_name(code, kind.names if kind else {}),
        "lines": [line for line in lines if line.area.is_in_force_on(place.today)],
        "ended": [line for line in lines if not line.area.is_in_force_on(place.today)],
        "versions": [_version_line(one, administration) for one in versions_of(kind)] if kind else [],
        "version": version_of(WHAT, kind.pk) if kind else 1,
        "draft": administration.address("administration:area_version", set_id=draft.pk) if draft else "",
        "list_address": administration.address("administration:areas"),
        "upload_address": administration.address("administration:areas_upload", area_kind=code),
        "problems": problems or {},
        "conflict": conflict,
    }  # fmt: skip
    return show(request, administration, "administration/area_kind.html", context, status=status)


@dataclass(frozen=True, slots=True)
class _Line:
    area: Area
    since: str
    until: str
    uses: Sequence[Use]


def _area_line(area: Area, found: AreaUses, administration: Administration) -> _Line:
    return _Line(area, day_said(area.valid_from), day_said(area.valid_to), uses_said(found, administration))


def uses_said(found: AreaUses, administration: Administration) -> list[Use]:
    """What uses an area, in words with where to see it."""
    lines = of_rules(administration, found.rules)
    lines += _routes_said(found.routes, administration)
    for role in found.roles:
        words = _("Role limited to it: %(person)s, %(role)s")
        lines.append(Use(words % {"person": role.user.display_name, "role": ROLE[Role(role.role)]}))
    if found.open_cases:
        counted = ngettext("%(count)s open request", "%(count)s open requests", found.open_cases)
        lines.append(Use(counted % {"count": found.open_cases}))
    return lines


def _routes_said(routes: Sequence[Route], administration: Administration) -> Iterator[Use]:
    """The services that an area sends to an office, one line an office."""
    by_office = groupby(sorted(routes, key=lambda route: route.office_id), key=lambda route: route.office)
    for office, sent in by_office:
        services = ", ".join(route.service.name for route in sent)
        words = _("Routes to %(office)s: %(services)s") % {"office": office.name, "services": services}
        yield Use(words, administration.address("administration:office", setting_id=office.pk))


def _version_line(version: AreaSet, administration: Administration) -> dict[str, Any]:
    address = administration.address
    return {
        "version": version,
        "dates": dates_said(version),
        "state": state_said(version, administration.place.today),
        "is_planned": version.state == AreaSet.State.SAVED and version.applied_at is None,
        "is_newest": version.state == AreaSet.State.SAVED and version.valid_to is None,
        "address": address("administration:area_version", set_id=version.pk),
        "restore": address("administration:areas_restore", set_id=version.pk),
        "withdraw": address("administration:areas_withdraw", set_id=version.pk),
    }


def dates_said(version: AreaSet) -> str:
    """Between which days a version is valid."""
    begins, ends = day_said(version.valid_from), day_said(version.valid_to)
    if version.valid_from and version.valid_to and version.valid_to < version.valid_from:
        return _("from %(day)s, replaced on the same day") % {"day": begins}
    if begins and ends:
        return _("from %(begins)s to %(ends)s") % {"begins": begins, "ends": ends}
    if ends:
        return _("until %(day)s") % {"day": ends}
    return _("from %(day)s") % {"day": begins} if begins else _("since the place was set up")


def state_said(version: AreaSet, today: date) -> str:
    """Where a version stands."""
    if version.state == AreaSet.State.DRAFT:
        return _("draft")
    if version.state == AreaSet.State.WITHDRAWN:
        return _("withdrawn")
    if version.applied_at is None:
        return _("planned")
    return _("in force") if version.valid_to is None or version.valid_to >= today else _("ended")


# --- One version -----------------------------------------------------------------------------------------------------


@require_safe
@administrators_only
def area_version(request: HttpRequest, administration: Administration, set_id: int) -> HttpResponse:
    """What a version or a draft holds, and what it changes of the one before it."""
    version = set_of(administration.place, set_id)
    if version is None:
        raise Http404
    return version_page(request, administration, version)


def version_page(
    request: HttpRequest,
    administration: Administration,
    version: AreaSet,
    *,
    problems: Mapping[str, Label] | None = None,
    conflict: SettingConflict | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a version: table, map, overlaps and gaps, open cases, and what names the areas that end."""
    before = version_before(version)
    found = judged(administration.viewer, version, before)
    is_draft = version.state == AreaSet.State.DRAFT
    address = administration.address
    context = {
        "row": version,
        "is_draft": is_draft,
        "before": before,
        "title": kind_name(version.kind.code, version.kind.names),
        "dates": dates_said(version),
        "state": state_said(version, administration.place.today),
        "begins": day_said(version.valid_from),
        "is_later": bool(version.valid_from and version.valid_from > administration.place.today),
        "is_usual": version.kind.code == administration.place.area_kind,
        "judged": found,
        "counts": [(LOOK[look], found.count(look)) for look in LOOK],
        "lines": [(line, LOOK[line.look]) for line in found.lines],
        "looks": [(look, words) for look, words in LOOK.items() if found.count(look)],
        "losing": _losing(administration, version.kind, found) if is_draft else [],
        "refused": [(name, Refusal(*why).said) for name, why in version.report.get("refused", {}).items()],
        "shapes": drawn(version, before, found.lines),
        "version": version_of(WHAT, version.kind_id),
        "kind_address": address("administration:area_kind", area_kind=version.kind.code),
        "save_address": address("administration:areas_save", set_id=version.pk),
        "discard_address": address("administration:areas_discard", set_id=version.pk),
        "problems": problems or {},
        "conflict": conflict,
    }
    return show(request, administration, "administration/area_version.html", context, status=status)


def version_before(version: AreaSet) -> AreaSet | None:
    """The version that was or would be replaced."""
    saved = version.kind.sets.filter(state=AreaSet.State.SAVED).order_by("-number")
    return (saved if version.number is None else saved.filter(number__lt=version.number)).first()


def _losing(administration: Administration, kind: AreaKind, found: Judged) -> list[tuple[str, list[Use]]]:
    """The areas that end and are named somewhere, with what names them."""
    ending = {line.code: line.name for line in found.lines if line.look == "ended"}
    rows = [area for area in areas_of(administration.place, kind.code) if area.code in ending]
    uses = uses_of_areas(administration.viewer, administration.place, rows)
    return [(ending[code], uses_said(used, administration)) for code, used in sorted(uses.items()) if used.names_it]
