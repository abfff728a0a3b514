"""Other cases that a screen of the desk speaks of: those a case may repeat, and the one that was just filed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point

from requests_app.labels import STATUS_AT_DESK, Label
from requests_app.models import Area, Jurisdiction, RequestEvent, ServiceRequest
from requests_app.permissions import Viewer
from requests_app.places.areas import areas_of_points
from requests_app.places.degrees import about_within
from requests_app.places.search import Found
from requests_app.reads.excerpts import shortened, with_excerpt
from requests_app.states import Status

TWIN_METRES = 150
MOST_TWINS = 5


@dataclass(frozen=True, slots=True)
class Twin:
    """An open case of the same service close by."""

    request_id: int
    reference: str
    version: int
    where: str
    metres: int
    status: Label
    supporters: int
    submitted_at: datetime
    excerpt: str
    language: str


def twins_at(jurisdiction_id: int, service_id: int, pin: Point, viewer: Viewer, *, besides: int = 0) -> list[Twin]:
    """Open cases of a service within 150 m of a pin that the viewer may know of, nearest first; one statement.

    Each with the beginning of its words where the viewer may read them.
    """
    near = (
        with_excerpt(ServiceRequest.objects.visible_to(viewer), viewer)
        .place_known_to(viewer)
        .of(jurisdiction_id)
        .open()
        .filter(about_within(pin, TWIN_METRES), service_id=service_id)
        .exclude(pk=besides)
        .annotate(away=Distance("location", pin))
        .order_by("away")
        .values(*_TWIN_COLUMNS, "away", "excerpt")
    )
    return [_twin(row) for row in near[:MOST_TWINS] if row["away"].m <= TWIN_METRES]


_TWIN_COLUMNS = ("pk", "reference", "version", "address_label", "status", "supporters", "submitted_at", "language")


def _twin(row: dict[str, Any]) -> Twin:
    return Twin(
        request_id=row["pk"],
        reference=row["reference"],
        version=row["version"],
        where=row["address_label"],
        metres=round(row["away"].m),
        status=STATUS_AT_DESK[Status(row["status"])],
        supporters=row["supporters"],
        submitted_at=row["submitted_at"],
        excerpt=shortened(row["excerpt"]),
        language=row["language"],
    )


def told_apart(place: Jurisdiction, found: Sequence[Found]) -> list[str]:
    """The area each address lies in, "" where one address is all there is; at most two statements."""
    if len(found) < 2:
        return [""] * len(found)
    area_ids = areas_of_points(place.pk, place.area_kind, [(one.lon, one.lat) for one in found])
    areas = Area.objects.defer("geometry").in_bulk([pk for pk in area_ids if pk is not None])
    return [areas[pk].name if pk is not None else "" for pk in area_ids]


def metres_between(case: ServiceRequest, other: ServiceRequest, viewer: Viewer) -> int | None:
    """How far two cases are apart; None where one has no place or none that the viewer may know; one statement."""
    if case.location is None or other.location is None:
        return None
    both = ServiceRequest.objects.visible_to(viewer).place_known_to(viewer).filter(pk__in=(case.pk, other.pk))
    found = both.annotate(away=Distance("location", case.location)).values_list("away", flat=True)
    return round(max(away.m for away in found)) if len(found) == 2 else None


def last_change(case: ServiceRequest) -> RequestEvent | None:
    """The latest event of a case, with the office that acted; one statement."""
    return case.events.select_related("acting_office").order_by("-sequence").first()


def touched_by(viewer: Viewer, jurisdiction_id: int, reference: str) -> ServiceRequest | None:
    """The case of that reference if one of its events is the viewer's own; one statement."""
    if viewer.user_id is None:
        return None
    here = ServiceRequest.objects.of(jurisdiction_id).select_related("service", "office")
    return here.filter(reference=reference, events__user_id=viewer.user_id).distinct().first()
