"""The services of a place that can be asked for."""

from requests_app.models import Jurisdiction, Service


def services_of(place: Jurisdiction) -> list[Service]:
    """The active services in their order; one statement."""
    return list(Service.objects.filter(jurisdiction=place, is_active=True).order_by("position", "code"))


def service_of(place: Jurisdiction, code: str) -> Service | None:
    """The active service of that code, with its place and workflow; one statement, none without a code."""
    if not code or "\x00" in code:
        return None
    known = Service.objects.select_related("jurisdiction", "workflow").defer("jurisdiction__boundary")
    return known.filter(jurisdiction=place, code=code, is_active=True).first()
