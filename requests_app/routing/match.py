"""Where a new case goes."""

from dataclasses import dataclass

from django.db.models import F, Q

from requests_app.models import Office, Route


@dataclass(frozen=True, slots=True)
class Match:
    """The office a case is sent to and the route that says so (None: the fallback office)."""

    office_id: int
    route_id: int | None


def match_route(*, jurisdiction_id: int, service_id: int, area_id: int | None) -> Match | None:
    """The route of the service for the area, else for all areas, else the fallback office, else None."""
    best = (
        Route.objects.filter(Q(area=None) | Q(area_id=area_id), service_id=service_id)
        .order_by(F("area_id").asc(nulls_last=True))
        .values_list("office_id", "id")
        .first()
    )
    if best:
        return Match(*best)
    fallback = Office.objects.filter(jurisdiction_id=jurisdiction_id, is_fallback=True).values_list("pk", flat=True)
    office_id = fallback.first()
    return Match(office_id, None) if office_id is not None else None
