"""Where a member of staff may work: the jurisdictions of their desk, and what a queue can be narrowed by."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from requests_app.live import Cursor
from requests_app.models import Jurisdiction
from requests_app.models.fields import localized
from requests_app.permissions import Grant, Viewer
from requests_app.reads.queue import Tab
from requests_app.states import Capability


@dataclass(frozen=True, slots=True)
class Choice:
    """One office, service or area to choose: its id, its code in addresses, its name and the group it stands in."""

    pk: int
    code: str
    name: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the cases of a jurisdiction can be narrowed by, each in its order."""

    offices: list[Choice] = field(default_factory=list)
    services: list[Choice] = field(default_factory=list)
    areas: list[Choice] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Desk:
    """One person's desk in one jurisdiction. `cursor` was read before anything the desk shows."""

    viewer: Viewer
    place: Jurisdiction
    places: Sequence[Jurisdiction]
    own_office_ids: tuple[int, ...]
    tabs: tuple[Tab, ...]
    cursor: Cursor


def open_desk(viewer: Viewer, code: str = "") -> Desk | None:
    """The desk of a viewer in the jurisdiction named, or in their first; None when they have none there."""
    grants = [g for g in viewer.grants_with(Capability.SEE_DESK) if not g.is_void]
    places = list(
        Jurisdiction.objects.filter(_of(grants))
        .annotate(horizon=RawSQL("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", []))
        .defer("boundary")
        .order_by("-is_default", "provenance", "pk")
    )
    place = next((p for p in places if code in ("", p.code)), None)
    if place is None:
        return None
    here = [g for g in grants if g.jurisdiction_id in (None, place.pk)]
    own = tuple(sorted({g.office_id for g in here if g.office_id is not None}))
    return Desk(viewer, place, places, own, _tabs(here), Cursor(place.horizon, 0))


def _of(grants: list[Grant]) -> Q:
    if any(g.jurisdiction_id is None for g in grants):
        return Q()
    return Q(pk__in=[g.jurisdiction_id for g in grants])


def _tabs(grants: list[Grant]) -> tuple[Tab, ...]:
    """Handlers see what is at their office and what passed through it; who reaches further sees the city."""
    in_office = any(g.office_id is not None for g in grants)
    in_city = any(g.office_id is None for g in grants)
    if not in_office:
        return (Tab.CITY,)
    return (Tab.OFFICE, Tab.CITY) if in_city else (Tab.OFFICE, Tab.PASSED)


_CHOICES = """
SELECT 'office', id, code, names::text, '{}' AS groups, is_external::int AS place FROM requests_app_office
 WHERE jurisdiction_id = %(place)s
UNION ALL
SELECT 'service', id, code, names::text, group_names::text, position FROM requests_app_service
 WHERE jurisdiction_id = %(place)s
UNION ALL
SELECT 'area', id, code, names::text, '{}', 0 FROM requests_app_area
 WHERE jurisdiction_id = %(place)s AND kind = %(area_kind)s
 ORDER BY place, code
"""


def choices(place: Jurisdiction) -> Choices:
    """Offices, services and areas of a jurisdiction; one statement."""
    found = Choices()
    lists = {"office": found.offices, "service": found.services, "area": found.areas}
    with connection.cursor() as cursor:
        cursor.execute(_CHOICES, {"place": place.pk, "area_kind": place.area_kind})
        for kind, pk, code, names, groups, _position in cursor.fetchall():
            lists[kind].append(Choice(pk, code, localized(json.loads(names)), localized(json.loads(groups))))
    for areas_or_offices in (found.offices, found.areas):
        areas_or_offices.sort(key=lambda choice: _natural(choice.name))
    return found


def _natural(name: str) -> tuple[str, int]:
    """“Ward 10” after “Ward 9”."""
    head = name.rstrip("0123456789")
    return head.casefold(), int(name[len(head) :] or 0)
