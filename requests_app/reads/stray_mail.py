"""Mails of people that found no request, for those who may read the words of the cases they are about."""

from django.db.models import Q, QuerySet

from requests_app.models import Jurisdiction, ServiceRequest, StrayMail
from requests_app.permissions import Viewer
from requests_app.states import Capability

MOST = 50


def stray_mails(viewer: Viewer, place: Jurisdiction) -> QuerySet[StrayMail]:
    """Those nobody has read yet, the oldest first; those about no known case for who answers for the whole place."""
    cases = ServiceRequest.objects.of(place.pk).in_reach_of(viewer, Capability.SEE_WORDS)
    reached = Q(request__in=cases.values("pk"))
    if viewer.reaches_all(Capability.SEE_WORDS, place.pk):
        reached |= Q(request=None)
    found = StrayMail.objects.filter(reached, jurisdiction=place, settled_at=None, erased_at=None)
    return found.select_related("request").order_by("received_at", "pk")
