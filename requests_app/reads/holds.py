"""The stays of one case at offices, read once for each case that was loaded."""

from django.db.models import Prefetch, prefetch_related_objects

from requests_app.models import Hold, ServiceRequest
from requests_app.projection import LEAD


def holds_of(request: ServiceRequest) -> list[Hold]:
    """The holds of a case in order, each with its office; one statement, the first time it is asked."""
    prefetch_related_objects([request], Prefetch("holds", Hold.objects.select_related("office").order_by("number")))
    return list(request.holds.all())


def running_reviews(request: ServiceRequest) -> list[Hold]:
    """The parallel branches that still run, each with its office."""
    return [hold for hold in holds_of(request) if hold.ended_at is None and hold.branch != LEAD]
