"""Open requests near a pin: what a citizen is offered to follow instead of filing the same again."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.contrib.gis.measure import D
from django.utils.translation import get_language

from requests_app.labels import Label, status_label
from requests_app.models import Service, ServiceRequest
from requests_app.permissions import ANONYMOUS
from requests_app.places.degrees import about_within
from requests_app.places.streets import localized_labels

NEAR_METRES = 80


@dataclass(frozen=True, slots=True)
class Nearby:
    """An open request of the same service close by."""

    reference: str
    address: str
    submitted_at: datetime
    status: Label
    metres: int
    supporters: int


def open_nearby(service: Service, pin: Point, *, metres: int = NEAR_METRES, most: int = 3) -> list[Nearby]:
    """The nearest open requests of the service that everybody may see, nearest first. Two statements."""
    from_here = ServiceRequest.objects.visible_to(ANONYMOUS).of(service.jurisdiction_id).open()
    near = from_here.filter(
        about_within(pin, metres),
        parent=None,  # who asks follows the whole, not a part of it
        service_id=service.pk,
    ).annotate(away=Distance("location", pin))
    nearest = list(near.filter(away__lte=D(m=metres)).order_by("away")[:most])
    spoken = localized_labels(service.jurisdiction_id, [one.address_label for one in nearest], get_language() or "en")
    return [
        Nearby(
            reference=found.reference,
            address=spoken.get(found.address_label, found.address_label),
            submitted_at=found.submitted_at,
            status=status_label(found.status),
            metres=round(found.away.m),
            supporters=found.supporters,
        )
        for found in nearest
    ]
