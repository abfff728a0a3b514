"""A work order: what a crew takes along on paper. One case, its place drawn, and what is open around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import or_

from django.contrib.gis.geos import Point
from django.utils.translation import get_language

from requests_app.labels import STATUS_AT_DESK, Label
from requests_app.models import ServiceRequest
from requests_app.permissions import Viewer
from requests_app.places.degrees import about_within
from requests_app.places.sketch import HALF_HEIGHT, HALF_WIDTH, Sketch, offset, sketches_around
from requests_app.places.streets import localized_labels
from requests_app.reads.excerpts import cut_at_word
from requests_app.reads.journey import Moment
from requests_app.reads.one_request import CasePage, case_pages
from requests_app.rounds import Stop, in_order, is_hazard, metres
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
    return work_orders([case], viewer)[0]


def work_orders(cases: Sequence[ServiceRequest], viewer: Viewer) -> list[WorkOrder]:
    """The orders of cases of one place, in their order; five statements however many there are, none for none."""
    if not cases:
        return []
    place, pages = cases[0].jurisdiction, case_pages(cases, viewer)
    pins = {page.request.pk: page.request.location for page in pages if page.shown.place and page.request.location}
    around = _around(place.pk, pins, viewer)
    spoken = localized_labels(place.pk, _labels(pages, around), get_language() or "en")
    taken = [[(one.x, one.y) for one in around[pk]] for pk in pins]
    drawn = sketches_around(place, [(pin.x, pin.y) for pin in pins.values()], taken)
    sketches = dict(zip(pins, drawn, strict=True))
    return [_order(page, sketches.get(page.request.pk), around.get(page.request.pk, []), spoken) for page in pages]


def _labels(pages: Sequence[CasePage], around: Mapping[int, Sequence[Around]]) -> list[str]:
    """Every address on the sheets."""
    own = [page.request.address_label for page in pages if page.shown.place and page.request.address_label]
    return [*own, *(one.address for near in around.values() for one in near)]


def _order(page: CasePage, sketch: Sketch | None, around: Sequence[Around], spoken: Mapping[str, str]) -> WorkOrder:
    case = page.request
    told = [moment for moment in page.moments[1:] if moment.activity not in _SAID_ELSEWHERE]
    said = next((m.body for m in page.moments if m.activity is Activity.SUBMITTED), "")
    return WorkOrder(
        case=case,
        page=page,
        address=spoken.get(case.address_label, case.address_label) if page.shown.place else "",
        words=cut_at_word(said, MOST_WORDS),
        is_cut=len(said) > MOST_WORDS,
        history=told[-MOST_MOMENTS:],
        more_moments=max(0, len(told) - MOST_MOMENTS),
        planned_at=_planned(case, page.moments),
        sketch=sketch,
        around=[replace(one, address=spoken.get(one.address, one.address)) for one in around],
    )


_SAID_ELSEWHERE = frozenset({Activity.WORDS_RELEASED, Activity.SUPPORTED, Activity.RATED, Activity.PERSON_ERASED})
"""What a crew need not know."""


def _planned(case: ServiceRequest, moments: Sequence[Moment]) -> datetime | None:
    if case.status != Status.SCHEDULED:
        return None
    return next((m.promised_at for m in reversed(moments) if m.activity is Activity.SCHEDULED), None)


def _around(place_id: int, pins: Mapping[int, Point], viewer: Viewer) -> dict[int, list[Around]]:
    """The nearest open cases around each case's pin whose place the viewer may know; one statement, none for no pin."""
    if not pins:
        return {}
    close = reduce(or_, (about_within(pin, AROUND_METRES) for pin in pins.values()))
    near = list(
        ServiceRequest.objects.visible_to(viewer)
        .place_known_to(viewer)
        .of(place_id)
        .open()
        .filter(close)
        .select_related("service")
        .only("reference", "location", "address_label", "status", "service__names")
    )
    return {pk: _nearest(pk, pin, near) for pk, pin in pins.items()}


def _nearest(pk: int, pin: Point, near: Sequence[ServiceRequest]) -> list[Around]:
    """Those of some cases that lie around a pin, the nearest first, without the case whose pin it is."""
    away = ((metres((pin.x, pin.y), (one.location.x, one.location.y)), one.pk, one) for one in near if one.location)
    found = sorted((one for one in away if one[1] != pk and one[0] <= AROUND_METRES), key=lambda one: one[:2])
    found = found[:MOST_AROUND]
    return [_one_around(number, one, pin, far) for number, (far, _pk, one) in enumerate(found, start=1)]


def _one_around(number: int, one: ServiceRequest, pin: Point, far: float) -> Around:
    where = one.location or pin
    x, y = offset(where.x, where.y, (pin.x, pin.y))
    return Around(
        number=number,
        reference=one.reference,
        service=one.service.name,
        address=one.address_label,
        status=STATUS_AT_DESK[Status(one.status)],
        metres=round(far),
        x=x,
        y=y,
        is_drawn=abs(x) < HALF_WIDTH - 10 and abs(y) < HALF_HEIGHT - 10,
    )


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
