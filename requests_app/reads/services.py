"""The services of a place that can be asked for."""

from django.db.models import QuerySet, Subquery

from requests_app.models import Jurisdiction, Service
from requests_app.reads.places import homes

NOT_FILED_WITH = ("draft", "data_standard", "jurisdiction__boundary", "jurisdiction__assumptions")
"""Long columns that only the pages of administrators and evaluators read."""


def services_of(place: Jurisdiction) -> list[Service]:
    """The active services in their order; one statement."""
    return list(Service.objects.filter(jurisdiction=place, is_active=True).order_by("position", "code"))


def active_services() -> QuerySet[Service]:
    """The active services with all that filing needs of them: place, workflow, calendar."""
    known = Service.objects.select_related("jurisdiction", "workflow", "work_calendar")
    return known.defer(*NOT_FILED_WITH).filter(is_active=True)


def service_of(place: Jurisdiction, code: str) -> Service | None:
    """The active service of that code, with its place, workflow and calendar; one statement, none without a code."""
    return _coded(code, jurisdiction=place)


def service_at_home(code: str) -> Service | None:
    """The same of the place citizens meet, which is found in the same statement."""
    return _coded(code, jurisdiction=Subquery(homes().values("pk")[:1]))


def _coded(code: str, **of: object) -> Service | None:
    known = bool(code) and "\x00" not in code
    return active_services().filter(code=code, **of).first() if known else None
