"""What feeds tell: the newest requests of a place, an area or a service, and what happened to one request.

Only what everybody may see, whoever asks (`ANONYMOUS`); never a citizen's words, released or not: what a feed has given
out cannot be taken back from those who read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q
from django.utils.translation import get_language

from requests_app.clock import now
from requests_app.labels import Label, outcome_label, status_label
from requests_app.models import Area, Jurisdiction, RequestEvent, Service, ServiceRequest
from requests_app.permissions import ANONYMOUS, Publicity
from requests_app.places.streets import localized_labels
from requests_app.reads.disclosure import disclosure
from requests_app.reads.journey import Moment, timeline
from requests_app.states import KIND_OF, Kind, Status

SETTLES = timedelta(seconds=60)
"""How old a change must be before “not since then” is believed: a transaction may commit after one that began later."""
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
"""When a feed without entries changed last."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which requests a feed tells: those of a place, narrowed to a service or an area."""

    place: Jurisdiction
    service: Service | None = None
    area: Area | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """Where a page of a feed begins: behind the request that was filed then."""

    submitted_at: datetime
    pk: int


@dataclass(frozen=True, slots=True)
class Told:
    """One request as a feed tells it."""

    key: Key
    reference: str
    service: str
    service_code: str
    address: str
    area: str
    office: str
    status: Label
    kind: Kind
    outcome: Label
    supporters: int
    submitted_at: datetime
    updated_at: datetime
    due_at: datetime | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class ScopePage:
    """One page of a feed; `next_key` is None on the last one."""

    entries: list[Told]
    next_key: Key | None


def place_with_feeds(code: str) -> Jurisdiction | None:
    """The place of that code, if it takes requests: an import is measured, not followed. One statement."""
    found = Jurisdiction.objects.defer("boundary").filter(code=code).first()
    return None if found is None or found.is_read_only else found


def service_with_feed(place: Jurisdiction, code: str) -> Service | None:
    """The service of that code, unless its requests are private. One statement."""
    return Service.objects.filter(jurisdiction=place, code=code).exclude(publicity=Publicity.PRIVATE).first()


def area_with_feed(place: Jurisdiction, code: str) -> Area | None:
    """The area of that code, of the kind that requests are counted in. One statement."""
    return Area.objects.defer("geometry").filter(jurisdiction=place, kind=place.area_kind, code=code).first()


def choices_of_feeds(place: Jurisdiction) -> tuple[list[Service], list[Area]]:
    """The services and areas of a place that have feeds. Two statements."""
    services = Service.objects.filter(jurisdiction=place, is_active=True).exclude(publicity=Publicity.PRIVATE)
    areas = Area.objects.defer("geometry").filter(jurisdiction=place, kind=place.area_kind, valid_to=None)
    return list(services.order_by("position", "code")), sorted(areas, key=lambda area: area.name)


def newest(scope: Scope, limit: int, key: Key | None = None) -> ScopePage:
    """One page of requests, the newest first, behind `key`. Two statements."""
    wanted = Q(parent=None)  # a part is told with its whole, as everywhere citizens look
    wanted &= Q(service=scope.service) if scope.service else Q()
    wanted &= Q(area=scope.area) if scope.area else Q()
    if key is not None:
        wanted &= Q(submitted_at__lt=key.submitted_at) | Q(submitted_at=key.submitted_at, pk__lt=key.pk)
    found = (
        ServiceRequest.objects.visible_to(ANONYMOUS)
        .of(scope.place.pk)
        .filter(wanted)
        .select_related("service", "area", "office")
        .defer("area__geometry")
        .order_by("-submitted_at", "-pk")[: limit + 1]
    )
    rows = list(found)
    spoken = localized_labels(scope.place.pk, [row.address_label for row in rows], get_language() or "en")
    entries = [_told(row, spoken) for row in rows[:limit]]
    return ScopePage(entries, entries[-1].key if len(rows) > limit else None)


def _told(row: ServiceRequest, spoken: Mapping[str, str]) -> Told:
    status = Status(row.status)
    return Told(
        key=Key(row.submitted_at, row.pk),
        reference=row.reference,
        service=row.service.name,
        service_code=row.service.code,
        address=spoken.get(row.address_label, row.address_label),
        area=row.area.name if row.area else "",
        office=row.office.name if row.office else "",
        status=status_label(status),
        kind=KIND_OF[status],
        outcome=outcome_label(row.outcome),
        supporters=row.supporters,
        submitted_at=row.submitted_at,
        updated_at=row.updated_at,
        due_at=row.due_at,
        lon=row.location.x if row.location else None,
        lat=row.location.y if row.location else None,
    )


def has_feed(case: ServiceRequest) -> bool:
    """Whether a request has a feed: everybody may see it, and it is not of an import."""
    return not (case.hidden or case.service.publicity == Publicity.PRIVATE or case.jurisdiction.is_read_only)


def moments_of(case: ServiceRequest) -> list[Moment]:
    """What everybody may know to have happened to a request, the newest first. Two statements at most."""
    return list(reversed(timeline(case, disclosure(case, ANONYMOUS))))


def last_change() -> datetime:
    """The moment since which nothing has happened to any request, as far as may be said. One statement."""
    newest_at = RequestEvent.objects.order_by("-xact", "-id").values_list("recorded_at", flat=True).first()
    return settled(newest_at or NEVER)


def settled(moment: datetime) -> datetime:
    """A moment of change as it may be told: never one so new that another may still commit before it."""
    return min(moment, now() - SETTLES)
