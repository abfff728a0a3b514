"""My round: the places a crew goes to today, in order, each with what its people need to know there."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, OuterRef, Q, Subquery, When
from django.utils.translation import get_language

from requests_app.labels import STATUS_AT_DESK, Label, reason_label
from requests_app.models import CrewEntry, Jurisdiction, Office, Photo, RequestEvent, ServiceKind, ServiceRequest, Words
from requests_app.models.fields import localized
from requests_app.permissions import Viewer
from requests_app.places.streets import localized_labels
from requests_app.querysets import RequestQuerySet, hazards
from requests_app.reads.visit_company import joined_by
from requests_app.rounds import Point, Stop, in_order, is_hazard, metres
from requests_app.states import WORKING, Activity, Capability, Status

MOST_STOPS = 25
"""More than a day's work: what is dangerous and what is due first is shown, and how many are left out is said."""

MOST_NOTES = 3


@dataclass(frozen=True, slots=True)
class NoteThere:
    """What an office wrote or found at the place before."""

    at: datetime
    body: str
    reason: Label = ""


@dataclass(frozen=True, slots=True)
class PhotoThere:
    """A photo of the place."""

    pk: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class StopFacts:
    """One stop. `leg_m` are metres from the stop before; `words` only where the viewer may read them."""

    request_id: int
    reference: str
    version: int
    service: str
    where: str
    lon: float
    lat: float
    status: Label
    is_started: bool
    is_hazard: bool
    is_mine: bool
    due_at: datetime | None
    planned_at: datetime | None
    language: str
    words: str = ""
    notes: list[NoteThere] = field(default_factory=list)
    photos: list[PhotoThere] = field(default_factory=list)
    leg_m: int | None = None
    comes_along: list[str] = field(default_factory=list)
    """The other offices of a joint visit."""


@dataclass(frozen=True, slots=True)
class Round:
    """The stops in order, how many more there are, where it sets out from, and its length."""

    stops: list[StopFacts]
    left_out: int
    start: Point | None
    start_office: str
    length_m: int
    done_today: int

    @property
    def km(self) -> float:
        """The length in kilometres."""
        return self.length_m / 1000


def round_of(viewer: Viewer, place: Jurisdiction, office_ids: Sequence[int], here: Point | None = None) -> Round:
    """The round of somebody who works in those offices; from `here`, else from the office; seven statements."""
    found = list(_cases(viewer, place, office_ids))
    office = Office.objects.filter(pk__in=office_ids).exclude(location=None).order_by("pk").first()
    start = here or ((office.location.x, office.location.y) if office and office.location else None)
    chosen = sorted(found, key=lambda row: (not _dangerous(row), row["due_at"] or _NEVER, row["id"]))[:MOST_STOPS]
    by_id = {row["id"]: row for row in chosen}
    order = in_order(
        [Stop(row["id"], (row["location"].x, row["location"].y), first=_dangerous(row)) for row in chosen], start
    )
    labels = localized_labels(
        place.pk, {row["address_label"] for row in chosen if row["address_label"]}, get_language() or "en"
    )
    facts = _with_legs([_facts(by_id[stop.key], viewer, labels) for stop in order], start)
    return Round(
        stops=_in_company(_told(facts, viewer)),
        left_out=len(found) - len(chosen),
        start=start,
        start_office=office.name if office and not here else "",
        length_m=sum(stop.leg_m or 0 for stop in facts),
        done_today=_done_today(viewer, place),
    )


# --- Which cases -----------------------------------------------------------------------------------------------------

_NEVER = datetime.max.replace(tzinfo=ZoneInfo("UTC"))
_COLUMNS = (
    *("id", "reference", "version", "status", "priority", "tags", "due_at", "location", "address_label", "language"),
    *("handler_id", "service__names", "area__names", "planned_at"),
)


def _cases(viewer: Viewer, place: Jurisdiction, office_ids: Sequence[int]) -> RequestQuerySet:
    """Field work given to the viewer, and their office's that is dangerous, due or planned by the end of the day."""
    tonight = _end_of_day(place)
    days = RequestEvent.objects.filter(request=OuterRef("pk"), activity=Activity.SCHEDULED).order_by("-sequence")
    planned = Case(When(status=Status.SCHEDULED, then=Subquery(days.values("promised_at")[:1])))
    found = ServiceRequest.objects.of(place.pk).in_reach_of(viewer, Capability.HANDLE).annotate(planned_at=planned)
    by_tonight = Q(planned_at__lt=tonight) | Q(planned_at=None, due_at__lt=tonight)
    wanted = Q(handler_id=viewer.user_id) | Q(hazards() | by_tonight, handler=None, office_id__in=office_ids)
    here_now = Q(planned_at=None) | Q(planned_at__lt=tonight)
    return (
        found.filter(field_work(), wanted, Q(open_parts=0), here_now, status__in=WORKING)
        .filter(Q(put_off_until=None) | Q(put_off_until__lt=tonight) | hazards())
        .values(*_COLUMNS)
    )


def field_work() -> Q:
    """Cases whose work is at a place: a street problem, or a service that says what skills its visit needs."""
    return Q(location__isnull=False) & (Q(service__kind=ServiceKind.STREET) | ~Q(service__skills_needed=[]))


def _end_of_day(place: Jurisdiction) -> datetime:
    """The midnight that ends the present day on the clocks of the place."""
    zone = ZoneInfo(place.time_zone)
    return datetime.combine(place.present.astimezone(zone).date() + timedelta(days=1), time(0), zone)


def _dangerous(row: dict[str, Any]) -> bool:
    return is_hazard(row["priority"], row["tags"])


# --- What is told of each --------------------------------------------------------------------------------------------


def _facts(row: dict[str, Any], viewer: Viewer, labels: dict[str, str]) -> StopFacts:
    label = row["address_label"]
    return StopFacts(
        request_id=row["id"],
        reference=row["reference"],
        version=row["version"],
        service=localized(row["service__names"]),
        where=labels.get(label, label) or localized(row["area__names"] or {}),
        lon=round(row["location"].x, 6),
        lat=round(row["location"].y, 6),
        status=STATUS_AT_DESK[Status(row["status"])],
        is_started=row["status"] == Status.IN_PROGRESS,
        is_hazard=_dangerous(row),
        is_mine=row["handler_id"] is not None and row["handler_id"] == viewer.user_id,
        due_at=row["due_at"],
        planned_at=row["planned_at"],
        language=row["language"],
    )


def _with_legs(stops: Sequence[StopFacts], start: Point | None) -> list[StopFacts]:
    """Each stop with the metres from the one before; None for the first where there is no start."""
    before: list[Point | None] = [start, *((stop.lon, stop.lat) for stop in stops)]
    return [
        replace(stop, leg_m=round(metres(at, (stop.lon, stop.lat))) if at else None)
        for at, stop in zip(before, stops, strict=False)
    ]


def _told(stops: Sequence[StopFacts], viewer: Viewer) -> list[StopFacts]:
    """The stops with the citizen's words, what offices wrote before, and photos, where the viewer may read them."""
    ids = [stop.request_id for stop in stops]
    readable = ServiceRequest.objects.filter(pk__in=ids).in_reach_of(viewer, Capability.SEE_WORDS)
    may_read = set(readable.values_list("pk", flat=True))
    words = _words(may_read)
    notes = _notes(may_read)
    photos: dict[int, list[PhotoThere]] = {}
    for pk, request_id, width, height in (
        Photo.objects.filter(request_id__in=may_read, erased_at=None)
        .order_by("pk")
        .values_list("pk", "request_id", "width", "height")
    ):
        photos.setdefault(request_id, []).append(PhotoThere(pk, width, height))
    return [
        replace(
            stop,
            words=words.get(stop.request_id, ""),
            notes=notes.get(stop.request_id, []),
            photos=photos.get(stop.request_id, []),
        )
        for stop in stops
    ]


def _in_company(stops: Sequence[StopFacts]) -> list[StopFacts]:
    """The stops with the other offices of a joint visit; one statement."""
    company = joined_by([stop.request_id for stop in stops])
    return [replace(stop, comes_along=company.get(stop.request_id, [])) for stop in stops]


def _words(request_ids: set[int]) -> dict[int, str]:
    """The citizen's first words of each case."""
    said = Words.objects.filter(request_id__in=request_ids, kind=Words.Kind.DESCRIPTION, erased_at=None)
    return dict(said.order_by("-pk").values_list("request_id", "body"))


def _notes(request_ids: set[int]) -> dict[int, list[NoteThere]]:
    """The latest notes of offices and earlier visits of crews, the newest first."""
    note = Words.objects.filter(pk=OuterRef("words_id"), kind=Words.Kind.NOTE, erased_at=None).values("body")[:1]
    events = (
        RequestEvent.objects.filter(request_id__in=request_ids)
        .filter(Q(activity=Activity.VISITED) | Q(words_id__isnull=False))
        .annotate(note=Subquery(note))
        .exclude(note=None, reason="")
        .exclude(Q(note=None) & ~Q(activity=Activity.VISITED))
        .order_by("request_id", "-sequence")
    )
    found: dict[int, list[NoteThere]] = {}
    for event in events:
        told = found.setdefault(event.request_id, [])
        if len(told) < MOST_NOTES:
            reason = reason_label(event.reason) if event.reason else ""
            told.append(NoteThere(event.occurred_at, event.note or "", reason))
    return found


def _done_today(viewer: Viewer, place: Jurisdiction) -> int:
    """How many stops the viewer has finished since midnight."""
    midnight = _end_of_day(place) - timedelta(days=1)
    mine = CrewEntry.objects.filter(user_id=viewer.user_id or 0, done_at__gte=midnight)
    return mine.exclude(kind=CrewEntry.Kind.START).values("request_id").distinct().count()


def what_stood_against(entry: CrewEntry) -> RequestEvent | None:
    """What somebody else did to the case before an entry arrived, for which it was not moved."""
    found = RequestEvent.objects.filter(request=entry.request_id, pk=entry.answer.get("event") or 0)
    return found.select_related("acting_office").first()
