"""Where a new case goes when no rule says so: the route of its service, else the fallback office."""

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet

from requests_app.models import Office, Route


@dataclass(frozen=True, slots=True)
class Match:
    """The office a service's route sends to, with its calendar; `is_closed` when it is closed for good."""

    office: Office
    route_id: int
    is_closed: bool


def match_route(*, service_id: int, area_id: int | None, today: date) -> Match | None:
    """The route of the service for the area, else for all areas, else None. One statement."""
    route = _routes(service_id, area_id).select_related("office__work_calendar").first()
    return Match(route.office, route.pk, not route.office.is_open_on(today)) if route else None


def usual_office(*, jurisdiction_id: int, service_id: int, area_id: int | None) -> int | None:
    """The office that usually gets a service's cases in an area: by its route, else the fallback. Two statements."""
    routed = _routes(service_id, area_id).values_list("office_id", flat=True).first()
    return routed or fallback_office(jurisdiction_id)


def fallback_office(jurisdiction_id: int) -> int | None:
    """The office of a place that gets what nobody else has; one statement."""
    return Office.objects.filter(jurisdiction_id=jurisdiction_id, is_fallback=True).values_list("pk", flat=True).first()


def _routes(service_id: int, area_id: int | None) -> QuerySet[Route]:
    """The routes of a service that an area has, its own before the one for all areas."""
    routes = Route.objects.filter(Q(area=None) | Q(area_id=area_id), service_id=service_id)
    return routes.order_by(F("area_id").asc(nulls_last=True))
