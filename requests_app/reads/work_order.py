"""A work order: what a crew takes along on paper. One case, its place drawn, and what is open around it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.utils.translation import get_language

from requests_app.labels import STATUS_AT_DESK, Label
from requests_app.models import ServiceRequest
from requests_app.permissions import Viewer
from requests_app.places.sketch import HALF_HEIGHT, HALF_WIDTH, METRES_A_DEGREE, Sketch, offset, sketch_around
from requests_app.places.streets import localized_labels
from requests_app.reads.journey import Moment
from requests_app.reads.one_request import CasePage, case_page
from requests_app.rounds import Stop, in_order, is_hazard
from requests_app.states import Activity, Status

AROUND_METRES = 150
MOST_AROUND = 5
MOST_MOMENTS = 5
MOST_PHOTOS = 3
MOST_WORDS = 700


@dataclass(frozen=True, slots=True)
class Around:
    """An open case close by: its number on the map, and where it is from the place of the order, in metres."""

    number: int
    reference: str
    service: str
    address: str
    status: Label
    metres: int
    x: float
    y: float
    is_drawn: bool


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """Everything on the sheet, already cut to what the viewer may see."""

    case: ServiceRequest
    page: CasePage
    address: str
    words: str
    is_cut: bool
    history: list[Moment]
    more_moments: int
    planned_at: datetime | None
    sketch: Sketch | None
    around: list[Around]

    @property
    def photos(self) -> list[int]:
        """The photos that have room."""
        return [photo.pk for photo in self.page.photos[:MOST_PHOTOS]]

    @property
    def more_photos(self) -> int:
        """How many more there are at the desk."""
        return max(0, len(self.page.photos) - MOST_PHOTOS)


def work_order(case: ServiceRequest, viewer: Viewer) -> WorkOrder:
    """The order of a case that `find_request` returned."""
    page = case_page(case, viewer)
    place = case.jurisdiction
    pin = case.location if page.shown.place else None
    around = _around(case, pin, viewer) if pin else []
    labels = [*([case.address_label] if page.shown.place and case.address_label else []), *(a.address for a in around)]
    spoken = localized_labels(place.pk, labels, get_language() or "en")
    told = [moment for moment in page.moments[1:] if moment.activity not in _SAID_ELSEWHERE]
    said = next((m.body for m in page.moments if m.activity is Activity.SUBMITTED), "")
    return WorkOrder(
        case=case,
        page=page,
        address=spoken.get(case.address_label, case.address_label) if page.shown.place else "",
        words=_cut(said),
        is_cut=len(said) > MOST_WORDS,
        history=told[-MOST_MOMENTS:],
        more_moments=max(0, len(told) - MOST_MOMENTS),
        planned_at=_planned(case, page.moments),
        sketch=sketch_around(place.pk, place.area_kind, (pin.x, pin.y), [(one.x, one.y) for one in around])
        if pin
        else None,
        around=[_named(one, spoken) for one in around],
    )


_SAID_ELSEWHERE = frozenset({Activity.WORDS_RELEASED, Activity.SUPPORTED, Activity.RATED, Activity.PERSON_ERASED})
"""What a crew need not know."""


def _cut(words: str) -> str:
    return words if len(words) <= MOST_WORDS else words[:MOST_WORDS].rsplit(" ", 1)[0] + " …"


def _planned(case: ServiceRequest, moments: Sequence[Moment]) -> datetime | None:
    if case.status != Status.SCHEDULED:
        return None
    return next((m.promised_at for m in reversed(moments) if m.activity is Activity.SCHEDULED), None)


def _around(case: ServiceRequest, pin: Point, viewer: Viewer) -> list[Around]:
    """The nearest open cases whose place the viewer may know; one statement."""
    near = (
        ServiceRequest.objects.visible_to(viewer)
        .place_known_to(viewer)
        .of(case.jurisdiction_id)
        .open()
        # The index knows degrees, which are shorter going east; the distance in metres then decides.
        .filter(location__dwithin=(pin, 2 * AROUND_METRES / METRES_A_DEGREE))
        .exclude(pk=case.pk)
        .select_related("service")
        .only("reference", "location", "address_label", "status", "service__names")
        .annotate(away=Distance("location", pin))
        .order_by("away", "pk")[:MOST_AROUND]
    )
    found = [one for one in near if one.away.m <= AROUND_METRES]
    return [_one_around(number, one, pin) for number, one in enumerate(found, start=1)]


def _one_around(number: int, one: ServiceRequest, pin: Point) -> Around:
    where = one.location or pin
    x, y = offset(where.x, where.y, (pin.x, pin.y))
    return Around(
        number=number,
        reference=one.reference,
        service=one.service.name,
        address=one.address_label,
        status=STATUS_AT_DESK[Status(one.status)],
        metres=round(one.away.m),  # type: ignore[attr-defined]
        x=x,
        y=y,
        is_drawn=abs(x) < HALF_WIDTH - 10 and abs(y) < HALF_HEIGHT - 10,
    )


def _named(one: Around, spoken: dict[str, str]) -> Around:
    return replace(one, address=spoken.get(one.address, one.address))


def as_round(cases: Sequence[ServiceRequest], start: tuple[float, float] | None = None) -> list[ServiceRequest]:
    """Cases as they are best visited, what is dangerous first; those without a place stand at the end."""
    placed = {case.pk: case for case in cases if case.location is not None}
    stops = [
        Stop(case.pk, (case.location.x, case.location.y), first=is_hazard(case.priority, case.tags))
        for case in placed.values()
        if case.location
    ]
    way = [placed[stop.key] for stop in in_order(stops, start)]
    return [*way, *(case for case in cases if case.location is None)]
