"""What the home page says of the city: its ground, the pins of late, and how the week went."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.contrib.gis.geos import Point
from django.db import connection
from django.utils.translation import get_language

from requests_app.labels import status_label
from requests_app.models import Jurisdiction, ServiceKind, ServiceRequest
from requests_app.permissions import ANONYMOUS
from requests_app.places.streets import localized_labels
from requests_app.states import KIND_OF, Outcome, Status

WEEK = timedelta(days=7)
ENOUGH_FOR_A_MEDIAN = 5
MOST_PINS = 400

_GROUND = """
SELECT f.kind, f.names::text, f.rank,
       ST_AsGeoJSON(ST_SimplifyPreserveTopology(f.geometry, %(tolerance)s), 5)
  FROM requests_app_mapfeature f
 WHERE f.jurisdiction_id = %(jurisdiction)s
UNION ALL
SELECT 'area_' || a.kind, a.names::text, 9, ST_AsGeoJSON(ST_SimplifyPreserveTopology(a.geometry, %(tolerance)s), 5)
  FROM requests_app_area a
 WHERE a.jurisdiction_id = %(jurisdiction)s AND (a.valid_to IS NULL OR a.valid_to >= %(today)s)
UNION ALL
SELECT 'boundary', j.names::text, 9, ST_AsGeoJSON(ST_SimplifyPreserveTopology(j.boundary, %(tolerance)s), 5)
  FROM requests_app_jurisdiction j
 WHERE j.id = %(jurisdiction)s AND j.boundary IS NOT NULL
"""
TOLERANCE_DEGREES = 0.00004
"""About four metres: nothing that shows at the closest zoom of these maps."""


@dataclass(frozen=True, slots=True)
class Week:
    """Street problems resolved in the seven days before `as_of`: how many, and the median from filing to closing."""

    resolved: int
    median: timedelta | None
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Ground:
    """One thing drawn under the pins; `geometry` is GeoJSON text."""

    kind: str
    names: dict[str, str]
    rank: int
    geometry: str


def week_of(place: Jurisdiction) -> Week:
    """How the last seven days went, from what everybody may see. One statement."""
    as_of = place.present
    resolved = (
        ServiceRequest.objects.visible_to(ANONYMOUS)
        .of(place.pk)
        .filter(
            parent=None,  # a part is no request of its own
            service__kind=ServiceKind.STREET,
            outcome=Outcome.RESOLVED,
            first_closed_at__gt=as_of - WEEK,
            first_closed_at__lte=as_of,
        )
        .values_list("submitted_at", "first_closed_at")
    )
    seconds = [(closed - submitted).total_seconds() for submitted, closed in resolved if closed]
    enough = len(seconds) >= ENOUGH_FOR_A_MEDIAN
    return Week(len(seconds), timedelta(seconds=median(seconds)) if enough else None, as_of)


def ground_of(place: Jurisdiction) -> list[Ground]:
    """Everything drawn under the pins of a jurisdiction, what shows from far away first. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_GROUND, {"jurisdiction": place.pk, "tolerance": TOLERANCE_DEGREES, "today": place.today})
        rows = [Ground(kind, json.loads(names), rank, shape) for kind, names, rank, shape in cursor.fetchall()]
    return sorted(rows, key=lambda row: row.rank)


def recent_pins(place: Jurisdiction, limit: int = MOST_PINS) -> list[dict[str, Any]]:
    """The newest requests everybody may see: reference, service, status, address, coordinates. Two statements."""
    newest = (
        ServiceRequest.objects.visible_to(ANONYMOUS)
        .of(place.pk)
        .filter(location__isnull=False, parent=None)
        .select_related("service")
        .only(
            "reference", "status", "location", "address_label", "submitted_at", "service__names", "service__publicity"
        )
        .order_by("-submitted_at", "-pk")[:limit]
    )
    found = list(newest)
    spoken = localized_labels(place.pk, [one.address_label for one in found], get_language() or "en")
    return [_pin(one, one.location, spoken.get(one.address_label, one.address_label)) for one in found if one.location]


def _pin(request: ServiceRequest, where: Point, address: str) -> dict[str, Any]:
    status = Status(request.status)
    return {
        "reference": request.reference,
        "service": request.service.name,
        "status": str(status_label(status)),
        "kind": KIND_OF[status],
        "lat": round(where.y, 5),
        "lon": round(where.x, 5),
        "address": address,
    }
