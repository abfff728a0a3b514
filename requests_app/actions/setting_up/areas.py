"""Areas with dates: a new version is drafted, looked at and saved; it is in force from its first day on.

Nothing is written over: each version keeps its own outlines, and the one before it ends the day before. `Area` holds
what is in force, under the ids that routes, roles, rules and the ledger know: a code that comes again is the same area.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.contrib.gis.db.models.functions import MakeValid
from django.contrib.gis.geos import MultiPolygon
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from requests_app.actions.config import (
    Document,
    UnknownSetting,
    changing,
    locked,
    require_administrator,
    routes_changed,
)
from requests_app.actions.errors import Refused, Sentence
from requests_app.actions.setting_up._checks import Problems, both, checking, day, free_code
from requests_app.clock import now
from requests_app.models import Area, AreaKind, AreaOutline, AreaSet, Jurisdiction
from requests_app.permissions import Viewer
from requests_app.places.shapes import multi

WHAT = "areas"
LABELS: dict[str, Sentence] = {
    "names": _("Name of the kind"),
    "number": _("Version"),
    "valid_from": _("Valid from"),
    "file": _("File"),
    "areas": _("Areas"),
}
MOST_AREAS = 1000
LONGEST_KIND = 40
KEPT_FOR = timedelta(days=7)
KNOWN_KINDS = {
    "ward": {"en": "Wards", "fr": "Quartiers"},
    "district": {"en": "Districts", "fr": "Districts"},
    "neighbourhood": {"en": "Neighbourhoods", "fr": "Voisinages"},
}
State = AreaSet.State


@dataclass(frozen=True, slots=True)
class Outline:
    """One area as a file has it; its French name is "" where the file has none."""

    code: str
    name: str
    shape: MultiPolygon
    french: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """What an administrator brings: the areas of a file, from which day on, and what was judged of the file."""

    outlines: Sequence[Outline]
    valid_from: Any
    file_name: str = ""
    report: dict[str, Any] = field(default_factory=dict)


def area_kind_document(row: AreaKind) -> Document:
    """The newest version of a kind of area as its history keeps it."""
    newest = newest_set(row)
    if newest is None:
        return {"names": row.names}
    codes = newest.outlines.order_by("code").values_list("names", flat=True)
    return {
        "names": row.names,
        "number": newest.number,
        "valid_from": newest.valid_from.isoformat() if newest.valid_from else "",
        "file": newest.file_name,
        "areas": [names.get("en", "") for names in codes],
    }


def newest_set(kind: AreaKind) -> AreaSet | None:
    """The saved version with the highest number that was not withdrawn."""
    return kind.sets.filter(state=State.SAVED).order_by("-number").first()


# --- Drafting --------------------------------------------------------------------------------------------------------


def kind_named(place: Jurisdiction, code: str) -> AreaKind:
    """The kind of that code; one whose areas came with the place is taken over with them as its version 1."""
    known = AreaKind.objects.filter(jurisdiction=place, code=code).first()
    if known is not None:
        return known
    came = Area.objects.filter(jurisdiction=place, kind=code)
    if not came.exists():
        raise UnknownSetting
    kind = AreaKind.objects.create(
        jurisdiction=place, code=code, names=KNOWN_KINDS.get(code) or dict.fromkeys(("en", "fr"), code.capitalize())
    )
    first = AreaSet.objects.create(kind=kind, number=1, state=State.SAVED, made_at=now(), applied_at=now())
    AreaOutline.objects.bulk_create(
        AreaOutline(area_set=first, code=area.code, names=area.names, geometry=multi(area.whole))
        for area in came.annotate(whole=MakeValid("geometry"))
    )
    return kind


@transaction.atomic
def draft_new_kind(place: Jurisdiction, names: Any, offered: Offered, *, viewer: Viewer) -> AreaSet:
    """The first version of a new kind of area, as a draft."""
    require_administrator(viewer, place.pk)
    _one_at_a_time(place)
    with checking() as problems:
        checked = both(problems, "names", LABELS["names"], names, longest=100)
        _checked(problems, place, None, offered)
    known = AreaKind.objects.filter(jurisdiction=place)
    came = Area.objects.filter(jurisdiction=place).values_list("kind", flat=True).distinct()
    code = free_code(checked["en"], known, LONGEST_KIND, also=set(came))
    kind = AreaKind.objects.create(jurisdiction=place, code=code, names=checked)
    return _drafted(kind, offered, viewer)


@transaction.atomic
def draft_areas(place: Jurisdiction, kind_code: str, offered: Offered, *, viewer: Viewer) -> AreaSet:
    """The next version of a kind of area, as a draft: it decides nothing until it is saved."""
    require_administrator(viewer, place.pk)
    _one_at_a_time(place)
    kind = kind_named(place, kind_code)
    with checking() as problems:
        _checked(problems, place, kind, offered)
    return _drafted(kind, offered, viewer)


def _one_at_a_time(place: Jurisdiction) -> None:
    """Hold the place: two who begin with one kind of area at once make one kind. Filing does not wait for it."""
    Jurisdiction.objects.select_for_update(no_key=True).only("pk").get(pk=place.pk)


def _checked(problems: Problems, place: Jurisdiction, kind: AreaKind | None, offered: Offered) -> None:
    begins = day(problems, "valid_from", LABELS["valid_from"], offered.valid_from, needed=True)
    if begins:
        _check_begin(problems, newest_set(kind) if kind else None, begins)
    if len(offered.outlines) > MOST_AREAS:
        told = _("%(field)s: it has %(count)s areas, and %(most)s is the most. Leave some out, or make two kinds.")
        problems.say("file", told, LABELS["file"], count=len(offered.outlines), most=MOST_AREAS)
    elif place.boundary and not any(place.boundary.intersects(one.shape) for one in offered.outlines):
        told = _(
            "%(field)s: none of its areas lies in %(place)s. Check that it is the right file, and that longitude "
            "comes before latitude in it."
        )
        problems.say("file", told, LABELS["file"], place=place.name)


def _check_begin(problems: Problems, newest: AreaSet | None, begins: date) -> None:
    if newest and newest.valid_from and begins < newest.valid_from:
        told = _(
            "%(field)s: version %(number)s begins on %(begins)s. Give that day or a later one, or withdraw that "
            "version."
        )
        values = {"number": newest.number, "begins": newest.valid_from.isoformat()}
        problems.say("valid_from", told, LABELS["valid_from"], **values)


def _drafted(kind: AreaKind, offered: Offered, viewer: Viewer) -> AreaSet:
    kind.sets.filter(state=State.DRAFT, made_by_id=viewer.user_id).delete()
    draft = AreaSet.objects.create(
        kind=kind,
        valid_from=date.fromisoformat(str(offered.valid_from).strip()),
        file_name=offered.file_name[:200],
        report=offered.report,
        made_by_id=viewer.user_id,
        made_at=now(),
    )
    known = _known_names(kind)
    AreaOutline.objects.bulk_create(
        AreaOutline(area_set=draft, code=one.code, names=_names(one, known.get(one.code, {})), geometry=one.shape)
        for one in offered.outlines
    )
    return draft


def _known_names(kind: AreaKind) -> dict[str, dict[str, str]]:
    newest = newest_set(kind)
    return dict(newest.outlines.values_list("code", "names")) if newest else {}


def _names(one: Outline, known: dict[str, str]) -> dict[str, str]:
    """The names of a file; where it has no French and the name stays the same, those of before."""
    if not one.french and known.get("en") == one.name:
        return dict(known)
    return {"en": one.name, "fr": one.french or one.name}


@transaction.atomic
def draft_as_it_was(set_id: int, *, viewer: Viewer) -> AreaSet:
    """A draft with the areas of an earlier version, from today on or from when the newest one begins."""
    old = AreaSet.objects.select_related("kind__jurisdiction").filter(pk=set_id, number__isnull=False).first()
    if old is None:
        raise UnknownSetting
    require_administrator(viewer, old.kind.jurisdiction_id)
    newest = newest_set(old.kind)
    begins = max([old.kind.jurisdiction.today, *([newest.valid_from] if newest and newest.valid_from else [])])
    outlines = [
        Outline(one.code, one.names.get("en", ""), one.geometry, one.names.get("fr", ""))
        for one in old.outlines.order_by("code")
    ]
    draft = _drafted(old.kind, Offered(outlines, begins.isoformat(), old.file_name), viewer)
    draft.put_back = old.number
    draft.save(update_fields=["put_back"])
    return draft


@transaction.atomic
def discard_draft(set_id: int, *, viewer: Viewer) -> AreaKind:
    """Forget a draft; a kind that has nothing else goes with it."""
    draft = _draft(set_id, viewer)
    kind = draft.kind
    draft.delete()
    if not kind.sets.exists():
        kind.delete()
    return kind


def _draft(set_id: int, viewer: Viewer) -> AreaSet:
    drafts = AreaSet.objects.select_for_update(of=("self",)).select_related("kind")
    draft = drafts.filter(pk=set_id, state=State.DRAFT).first()
    if draft is None:
        raise UnknownSetting
    require_administrator(viewer, draft.kind.jurisdiction_id)
    return draft


# --- Saving ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def save_draft(set_id: int, *, viewer: Viewer, seen: int) -> AreaSet:
    """Make a draft the newest version of its kind; it is in force at once where its first day has come.

    `seen` is the version of the kind's history that the reader saw: SettingConflict where another one is there now.
    """
    draft = _draft(set_id, viewer)
    kind = locked(AreaKind, draft.kind_id)
    with changing(kind, WHAT, viewer=viewer, seen=seen, document=area_kind_document):
        newest = newest_set(kind)
        begins = _begin_of(draft)
        with checking() as problems:
            _check_begin(problems, newest, begins)
        if newest:
            newest.valid_to = begins - timedelta(days=1)
            newest.save(update_fields=["valid_to"])
        numbers = kind.sets.exclude(number=None).order_by("-number").values_list("number", flat=True)
        draft.number = (numbers.first() or 0) + 1
        draft.state, draft.made_at, draft.made_by_id = State.SAVED, now(), viewer.user_id
        draft.save()
    if begins <= kind.jurisdiction.today:
        _put_in_force(draft)
    return draft


def _begin_of(draft: AreaSet) -> date:
    if draft.valid_from is None:
        raise Refused({"valid_from": _("Say from which day these areas are valid.")})
    return draft.valid_from


@transaction.atomic
def withdraw(set_id: int, *, viewer: Viewer, seen: int) -> AreaSet:
    """Take back a version whose first day has not come: the one before it has no end again."""
    planned = AreaSet.objects.select_related("kind").filter(pk=set_id, state=State.SAVED).first()
    if planned is None:
        raise UnknownSetting
    kind = locked(AreaKind, planned.kind_id)
    with changing(kind, WHAT, viewer=viewer, seen=seen, document=area_kind_document):
        planned.refresh_from_db()
        if planned.applied_at or planned.state != State.SAVED or newest_set(kind) != planned:
            raise Refused({"version": _("It is in force already, or another came after it. Put an earlier one back.")})
        planned.state = State.WITHDRAWN
        planned.save(update_fields=["state"])
        before = newest_set(kind)
        if before:
            before.valid_to = None
            before.save(update_fields=["valid_to"])
    return planned


def sweep_areas() -> int:
    """Put in force every version whose first day has come; forget old drafts. How many were put in force."""
    AreaSet.objects.filter(state=State.DRAFT, made_at__lt=now() - KEPT_FOR).delete()
    for kind in AreaKind.objects.filter(sets=None).select_related("jurisdiction"):
        _forget_empty(kind)
    waiting = AreaSet.objects.filter(state=State.SAVED, applied_at=None).select_related("kind__jurisdiction")
    due = [
        one for one in waiting.order_by("number") if one.valid_from and one.valid_from <= one.kind.jurisdiction.today
    ]
    return sum(_put_in_force_once(one.pk) for one in due)


@transaction.atomic
def _forget_empty(kind: AreaKind) -> None:
    """Forget a kind of which only drafts ever were; not while somebody drafts one."""
    _one_at_a_time(kind.jurisdiction)
    AreaKind.objects.filter(pk=kind.pk, sets=None).delete()


@transaction.atomic
def _put_in_force_once(set_id: int) -> bool:
    kind_id = AreaSet.objects.values_list("kind_id", flat=True).get(pk=set_id)
    locked(AreaKind, kind_id)
    still = AreaSet.objects.filter(pk=set_id, state=State.SAVED, applied_at=None).first()
    if still is not None:
        _put_in_force(still)
    return still is not None


def _put_in_force(version: AreaSet) -> None:
    """Give `Area` the shapes of a version; areas it has not end the day before."""
    kind, begins = version.kind, version.valid_from
    there = Area.objects.filter(jurisdiction=kind.jurisdiction, kind=kind.code).defer("geometry")
    areas = {area.code: area for area in there}
    outlines = {one.code: one for one in version.outlines.all()}
    rows = [
        Area(
            jurisdiction=kind.jurisdiction,
            kind=kind.code,
            code=code,
            names=one.names,
            geometry=one.geometry,
            valid_from=_since(areas.get(code), begins),
        )
        for code, one in outlines.items()
    ]
    unique, update = ("jurisdiction", "kind", "code"), ("names", "geometry", "valid_from", "valid_to")
    Area.objects.bulk_create(rows, update_conflicts=True, unique_fields=unique, update_fields=update)
    gone = [area.pk for code, area in areas.items() if code not in outlines and area.valid_to is None]
    if begins:
        Area.objects.filter(pk__in=gone).update(valid_to=begins - timedelta(days=1))
    version.applied_at = now()
    version.save(update_fields=["applied_at"])
    routes_changed(kind.jurisdiction_id)


def _since(area: Area | None, begins: date | None) -> date | None:
    """From when an area of a version is valid: since it was there, or anew where it was not or had ended."""
    return area.valid_from if area is not None and area.valid_to is None else begins
