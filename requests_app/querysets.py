"""Composable conditions on requests: the one visibility rule, and what lists filter by."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Self

from django.contrib.gis.db import models
from django.contrib.gis.geos import Polygon
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, Q, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from requests_app.permissions import Grant, Publicity, Viewer
from requests_app.states import HAZARD_TAGS, OPEN, URGENT, Capability

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Where cases without a promise stand when a list is sorted by due date: last."""

DUE_OR_NEVER = Coalesce("due_at", Value(NEVER))
URGENCY = -F("priority")
SPARED = -F("supporters")
LONG_OR_NEVER = Coalesce("long_at", Value(NEVER))
"""What lists are ordered by besides columns: written once, since an index serves only the very same expression."""


class RequestQuerySet(models.QuerySet[Any]):
    """Adjectives for requests; every read starts with `visible_to`."""

    def visible_to(self, viewer: Viewer) -> Self:
        """The cases the viewer may know of: the one rule for every page, tile, feed, socket and export.

        Everybody knows the public and place-only cases that are not hidden; a tracking link shows
        its own case; staff see what their memberships reach. What of a case is shown (words,
        person) is decided by `reads`, on the facts of `disclosure`.
        """
        known = Q(hidden=False) & ~Q(service__publicity=Publicity.PRIVATE)
        if viewer.tracked_request_ids:
            known |= Q(pk__in=viewer.tracked_request_ids)
        for grant in viewer.grants:
            known |= reach(grant)
        return self.filter(known)

    def in_reach_of(self, viewer: Viewer, capability: Capability) -> Self:
        """The cases on which one of the viewer's grants gives `capability`."""
        return self.filter(reached_with(viewer, capability))

    def place_known_to(self, viewer: Viewer) -> Self:
        """The cases whose pin and address the viewer may see, among those they may know of."""
        return self.filter(place_known(viewer))

    def of(self, jurisdiction_id: int) -> Self:
        """Cases of one jurisdiction: lists never mix them."""
        return self.filter(jurisdiction_id=jurisdiction_id)

    def open(self) -> Self:
        """Cases that are not closed."""
        return self.filter(status__in=OPEN)

    def within(self, box: Polygon) -> Self:
        """Cases whose place is inside a WGS84 rectangle."""
        return self.filter(location__within=box)


def reached_with(viewer: Viewer, capability: Capability) -> Q:
    """The cases on which one of the viewer's grants gives `capability`, as a condition."""
    reached = Q(pk__in=[])
    for grant in viewer.grants_with(capability):
        reached |= reach(grant)
    return reached


def hazards() -> Q:
    """What is dangerous to leave: urgent, or tagged so by a rule or a person (`rounds.is_hazard` for one case)."""
    found = Q(priority__gte=URGENT)
    for tag in sorted(HAZARD_TAGS):
        found |= Q(tags__contains=[tag])
    return found


def beyond(names: Sequence[str], values: Sequence[Any]) -> Func:
    """What comes after a key in an order of one direction: compared as one row, which an index can begin at."""
    columns = [F(name.lstrip("-")) for name in names]
    rows = [Func(*parts, template="(%(expressions)s)") for parts in (columns, [Value(value) for value in values])]
    sign = " < " if names[0].startswith("-") else " > "
    return Func(*rows, template="%(expressions)s", arg_joiner=sign, output_field=BooleanField())


def among(request_ids: models.QuerySet[Any]) -> Func:
    """The cases that a query about others names, which does not depend on the case: it is read once, as an array.

    Unlike `IN`, beside another condition (“or at this office”) both are still looked up by their indexes.
    """
    return Func(
        F("pk"),
        ArraySubquery(request_ids),
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )


def place_known(viewer: Viewer) -> Q:
    """Where the place is told, as a condition (see `reads.disclosure`, which says it of one case).

    The place of a private or hidden case is for who filed it and for those who may read its words:
    an administrator, who sees the desk, is told its area and not its door.
    """
    told = Q(hidden=False) & ~Q(service__publicity=Publicity.PRIVATE)
    own = Q(pk__in=viewer.tracked_request_ids) if viewer.tracked_request_ids else Q(pk__in=[])
    return told | own | reached_with(viewer, Capability.SEE_WORDS)


def reach(grant: Grant) -> Q:
    """The cases one membership reaches, as a condition (see `permissions.Grant.covers`).

    A handler reaches the cases their office holds or once held: a hand-off must not hide from the
    sender what became of it.
    """
    if grant.is_void:
        return Q(pk__in=[])
    # Never an empty Q: `other | Q()` is `other`, and a grant for every jurisdiction would reach nothing.
    condition = Q(pk__isnull=False) if grant.jurisdiction_id is None else Q(jurisdiction_id=grant.jurisdiction_id)
    if grant.service_id is not None:
        condition &= Q(service_id=grant.service_id)
    if grant.area_id is not None:
        condition &= Q(area_id=grant.area_id)
    if grant.office_id is not None:
        condition &= Q(pk__in=_ever_at(grant.office_id))
    return condition


def _ever_at(office_id: int) -> RawSQL:
    """Ids of the cases that were ever at the office, by the table's name: models import this module."""
    return RawSQL("SELECT request_id FROM requests_app_hold WHERE office_id = %s", [office_id])
