"""Rehearsals of a place and the cases they name, for administrators."""

from collections.abc import Iterator
from dataclasses import dataclass

from requests_app.models import Jurisdiction, Rehearsal, ServiceRequest
from requests_app.permissions import Viewer

MOST_LISTED = 200
MOST_ON_MAP = 2_000
Kept = tuple[int, int | None, int | None]


@dataclass(frozen=True, slots=True)
class MovedPoint:
    """A case that would move, where it lies."""

    reference: str
    lon: float
    lat: float
    before: int | None
    after: int | None


def rehearsal_of(place: Jurisdiction, rehearsal_id: int) -> Rehearsal | None:
    """One rehearsal of a place, with who asked for it."""
    known = Rehearsal.objects.select_related("jurisdiction", "asked_by")
    return known.filter(jurisdiction=place, pk=rehearsal_id).first()


def latest_rehearsals(place: Jurisdiction) -> list[Rehearsal]:
    """The last few rehearsals of a place, the latest first, without what they found."""
    known = Rehearsal.objects.filter(jurisdiction=place).select_related("asked_by").defer("found", "source", "document")
    return list(known[:5])


def moved_cases(viewer: Viewer, rehearsal: Rehearsal, before: int | None, after: int | None) -> list[ServiceRequest]:
    """The cases that would move between two offices and that the viewer may know of, the latest first. One statement.

    At most as many as a list shows.
    """
    ids = [pk for pk, was, becomes in _kept(rehearsal) if (was, becomes) == (before, after)]
    cases = ServiceRequest.objects.visible_to(viewer).filter(pk__in=ids[-MOST_LISTED:])
    return list(cases.select_related("service", "office", "area").order_by("-submitted_at", "-pk"))


def moved_points(viewer: Viewer, rehearsal: Rehearsal) -> list[MovedPoint]:
    """Where the cases that would move lie, as far as the viewer may know it. One statement, the latest cases."""
    kept = {pk: (before, after) for pk, before, after in list(_kept(rehearsal))[-MOST_ON_MAP:]}
    rows = (
        ServiceRequest.objects.visible_to(viewer)
        .place_known_to(viewer)
        .filter(pk__in=list(kept), location__isnull=False)
        .values_list("pk", "reference", "location")
    )
    return [MovedPoint(reference, pin.x, pin.y, *kept[pk]) for pk, reference, pin in rows if pin]


def _kept(rehearsal: Rehearsal) -> Iterator[Kept]:
    return (tuple(one) for one in (rehearsal.found or {}).get("kept", []))
