"""Other cases that a screen of the desk speaks of: those a case may repeat, and the one that was just filed."""

from dataclasses import dataclass

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.utils.translation import gettext as _

from requests_app.labels import STATUS_AT_DESK, Label
from requests_app.models import ServiceRequest
from requests_app.permissions import Viewer
from requests_app.states import Status

METRES_A_DEGREE = 111_320
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

    @property
    def words(self) -> str:
        """The case in one line."""
        return _("%(reference)s, %(metres)s m away, %(where)s (%(status)s)") % {
            "reference": self.reference,
            "metres": self.metres,
            "where": self.where or "–",
            "status": self.status,
        }


def twins_of(case: ServiceRequest, viewer: Viewer) -> list[Twin]:
    """Open cases of the same service within 150 m; one statement."""
    if case.location is None or not case.is_open:
        return []
    return twins_at(case.jurisdiction_id, case.service_id, case.location, viewer, besides=case.pk)


def twins_at(jurisdiction_id: int, service_id: int, pin: Point, viewer: Viewer, *, besides: int = 0) -> list[Twin]:
    """Open cases of a service within 150 m of a pin that the viewer may know of, nearest first; one statement."""
    near = (
        ServiceRequest.objects.visible_to(viewer)
        .place_known_to(viewer)
        .of(jurisdiction_id)
        .open()
        # The index knows degrees, which are shorter going east; the distance in metres then decides.
        .filter(service_id=service_id, location__dwithin=(pin, 2 * TWIN_METRES / METRES_A_DEGREE))
        .exclude(pk=besides)
        .annotate(away=Distance("location", pin))
        .order_by("away")
        .values_list("pk", "reference", "version", "address_label", "away", "status", "supporters")
    )
    return [
        Twin(pk, reference, version, where, round(away.m), STATUS_AT_DESK[Status(status)], supporters)
        for pk, reference, version, where, away, status, supporters in near[:MOST_TWINS]
        if away.m <= TWIN_METRES
    ]


def touched_by(viewer: Viewer, jurisdiction_id: int, reference: str) -> ServiceRequest | None:
    """The case of that reference if one of its events is the viewer's own; one statement."""
    if viewer.user_id is None:
        return None
    here = ServiceRequest.objects.of(jurisdiction_id).select_related("service", "office")
    return here.filter(reference=reference, events__user_id=viewer.user_id).distinct().first()
