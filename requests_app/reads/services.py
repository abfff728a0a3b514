"""The services of a place that can be asked for."""

from django.db.models import QuerySet

from requests_app.models import Jurisdiction, Service


def services_of(place: Jurisdiction) -> list[Service]:
    """The active services in their order; one statement."""
    return list(Service.objects.filter(jurisdiction=place, is_active=True).order_by("position", "code"))


def active_services() -> QuerySet[Service]:
    """The active services with all that filing needs of them: place, workflow, calendar."""
    known = Service.objects.select_related("jurisdiction", "workflow", "work_calendar")
    return known.defer("jurisdiction__boundary").filter(is_active=True)


def service_of(place: Jurisdiction, code: str) -> Service | None:
    """The active service of that code, with its place, workflow and calendar; one statement, none without a code."""
    if not code or "\x00" in code:
        return None
    return active_services().filter(jurisdiction=place, code=code).first()
