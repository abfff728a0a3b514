"""Where a member of staff may work: the jurisdictions of their desk, and what a queue can be narrowed by."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from requests_app.live import Cursor
from requests_app.models import Jurisdiction, ServiceRequest, User
from requests_app.models.fields import localized
from requests_app.permissions import Grant, Role, Viewer
from requests_app.reads.queue import Tab
from requests_app.states import Capability


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose: its id, its code in addresses, its name and the group it stands in.

    An office, a service, an area, or somebody who works in an office, with how many open cases they have (`load`).
    """

    pk: int
    code: str
    name: str
    group: str = ""
    load: int = 0


@dataclass(frozen=True, slots=True)
class Choices:
    """What the cases of a jurisdiction can be narrowed by, each in its order; `people` of one office when asked."""

    offices: list[Choice] = field(default_factory=list)
    services: list[Choice] = field(default_factory=list)
    areas: list[Choice] = field(default_factory=list)
    people: list[Choice] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Desk:
    """One person's desk in one jurisdiction.

    Standing in for somebody of another office does not make that office one's own: what is theirs is a list of its own.
    `cursor` was read before anything the desk shows; None on the page of one case, which counts its own events.
    """

    viewer: Viewer
    place: Jurisdiction
    places: Sequence[Jurisdiction]
    own_office_ids: tuple[int, ...]
    tabs: tuple[Tab, ...]
    cursor: Cursor | None = None


def open_desk(viewer: Viewer, code: str = "") -> Desk | None:
    """The desk of a viewer in the jurisdiction named, or in their first; None when they have none there."""
    horizon = RawSQL("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", [])
    places = list(_places(viewer).annotate(horizon=horizon))
    place = next((p for p in places if code in ("", p.code)), None)
    return _desk(viewer, place, places, Cursor(place.horizon, 0)) if place else None


def desk_of_case(viewer: Viewer, place: Jurisdiction) -> Desk | None:
    """The desk on which a case of `place` lies; a statement only for those who work in several places."""
    working_in = {g.jurisdiction_id for g in _grants(viewer)}
    if not working_in & {None, place.pk}:
        return None
    return _desk(viewer, place, [place] if working_in == {place.pk} else list(_places(viewer)))


def _desk(viewer: Viewer, place: Jurisdiction, places: Sequence[Jurisdiction], cursor: Cursor | None = None) -> Desk:
    here = [g for g in _grants(viewer) if g.jurisdiction_id in (None, place.pk)]
    mine = [g for g in here if g.on_behalf_of_id is None] or here
    own = tuple(sorted({g.office_id for g in mine if g.office_id is not None}))
    return Desk(viewer, place, places, own, _tabs(mine), cursor)


def _grants(viewer: Viewer) -> list[Grant]:
    return [g for g in viewer.grants_with(Capability.SEE_DESK) if not g.is_void]


def _places(viewer: Viewer) -> QuerySet[Jurisdiction]:
    """The places the viewer works in, the home one first."""
    found = Jurisdiction.objects.filter(_of(_grants(viewer))).defer("boundary")
    return found.order_by("-is_default", "provenance", "pk")


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
SELECT 'office', id, code, names::text, '{}' AS groups, is_external::int AS place, 0 FROM requests_app_office
 WHERE jurisdiction_id = %(place)s
UNION ALL
SELECT 'service', id, code, names::text, group_names::text, position, 0 FROM requests_app_service
 WHERE jurisdiction_id = %(place)s
UNION ALL
SELECT 'area', id, code, names::text, '{}', 0, 0 FROM requests_app_area
 WHERE jurisdiction_id = %(place)s AND kind = %(area_kind)s
UNION ALL
SELECT 'person', id, username, json_build_object('', display_name)::text, '{}', 0,
       (SELECT count(*) FROM requests_app_servicerequest held
         WHERE held.handler_id = person.id AND held.jurisdiction_id = %(place)s AND held.status <> 'closed')
  FROM requests_app_user person
 WHERE is_active AND id IN (
   SELECT user_id FROM requests_app_membership WHERE office_id = %(people_of)s
      AND %(today)s BETWEEN COALESCE(starts_on, '-infinity') AND COALESCE(ends_on, 'infinity'))
 ORDER BY place, code
"""


def choices(place: Jurisdiction, people_of: int | None = None) -> Choices:
    """Offices, services and areas of a jurisdiction, and the people of one of its offices; one statement."""
    found = Choices()
    lists = {"office": found.offices, "service": found.services, "area": found.areas, "person": found.people}
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {
            "place": place.pk,
            "area_kind": place.area_kind,
            "people_of": people_of,
            "today": place.today,
        }
        cursor.execute(_CHOICES, asked)
        for kind, pk, code, names, groups, _position, load in cursor.fetchall():
            lists[kind].append(Choice(pk, code, localized(json.loads(names)), localized(json.loads(groups)), load))
    for by_name in (found.offices, found.areas, found.people):
        by_name.sort(key=lambda choice: _natural(choice.name))
    return found


def name_of_handler(desk: Desk, user_id: int) -> str:
    """The name of somebody who works here or has a case that the viewer reaches; "" for anybody else; one statement."""
    given = ServiceRequest.objects.of(desk.place.pk).in_reach_of(desk.viewer, Capability.SEE_DESK)
    works = Q(memberships__jurisdiction=desk.place, memberships__role__in=(Role.HANDLER, Role.MANAGER))
    known = works | Q(pk__in=given.filter(handler_id=user_id).values("handler_id"))
    return User.objects.filter(known, pk=user_id).values_list("display_name", flat=True).first() or ""


def _natural(name: str) -> tuple[str, int]:
    """“Ward 10” after “Ward 9”."""
    head = name.rstrip("0123456789")
    return head.casefold(), int(name[len(head) :] or 0)
