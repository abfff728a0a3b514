"""The queue of the desk: which cases, in which order, how many of each, and their places.

Everything starts from the viewer's own reach (`in_reach_of`), so a list can never show more than
the pages it links to. Pages are cut by key, not by number: page 400 costs what page 1 costs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from django.db.models import (
    Case,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.utils.translation import gettext_lazy as _

from requests_app.labels import STATUS_AT_DESK, Label
from requests_app.models import Hold, Jurisdiction, RequestEvent, ServiceRequest
from requests_app.models.fields import localized
from requests_app.permissions import Viewer
from requests_app.querysets import (
    DUE_OR_NEVER,
    LONG_OR_NEVER,
    NEVER,
    SPARED,
    URGENCY,
    RequestQuerySet,
    among,
    beyond,
    place_known,
)
from requests_app.reads.days import day_ends, is_after_day
from requests_app.reads.excerpts import shortened, with_excerpt
from requests_app.reads.holds import holds_of
from requests_app.reads.today_lists import NEVER_LOOKED, Look, TodayList, Whose, belongs, last_answer, waits_since
from requests_app.reads.usual import is_long, stays_long
from requests_app.reads.workload_lists import Figure, counted, given_to
from requests_app.states import KIND_OF, Activity, Capability, Kind, Status

PAGE_SIZE = 100


class Tab(StrEnum):
    """Whose cases: at my office now, once at my office, or of the whole city."""

    OFFICE = "office"
    PASSED = "passed"
    CITY = "city"


class Due(StrEnum):
    """How a case stands to its promise."""

    LATE = "late"
    TODAY = "today"
    WEEK = "week"
    NONE = "none"


class Sort(StrEnum):
    """The orders a queue can have."""

    NEWEST = "newest"
    OLDEST = "oldest"
    DUE = "due"
    PRIORITY = "priority"
    CHANGED = "changed"
    AFFECTED = "affected"
    LONG = "long"


NO_OFFICE = 0
"""Stands for “no office” where an office's id is asked for: cases that were sent back, or that no rule sends on."""

OWN_OFFICES = -1
"""Stands for “one of the viewer's own offices” in the same place: cases those have the lead of, no reviews."""

OPEN_ONES, ALL_ONES = "open", "all"
"""Two more choices beside the five kinds of status."""


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What a queue is narrowed to; ids are of the one jurisdiction it shows."""

    jurisdiction: Jurisdiction
    tab: Tab
    own_office_ids: tuple[int, ...] = ()
    office_id: int | None = None
    service_id: int | None = None
    area_id: int | None = None
    kind: str = OPEN_ONES
    due: Due | None = None
    channel: str = ""
    priority: int | None = None
    affected: int | None = None
    """How many more people, at least, have said that it affects them too."""
    is_long: bool = False
    """Only those that are longer at their office than nine in ten of their kind."""
    text: str = ""
    sort: Sort = Sort.NEWEST
    today: TodayList | None = None
    """One of the lists a day begins with; `look` says what is new in one of them."""
    look: Look = NEVER_LOOKED
    work: Figure | None = None
    """One of the figures of a workload."""
    person_id: int | None = None
    """Given to this person; `NOBODY`: to nobody."""

    @property
    def office_ids(self) -> tuple[int, ...] | None:
        """The offices it is narrowed to, None where it is to none."""
        if self.office_id is None:
            return None
        return self.own_office_ids if self.office_id == OWN_OFFICES else (self.office_id,)


@dataclass(frozen=True, slots=True)
class Key:
    """Where one row stands in the order: the value sorted by, then what breaks ties."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One case in a list."""

    request_id: int
    version: int  # what a choice of this row carries: a move made to many refuses what somebody changed since
    reference: str
    service: str
    where: str
    status: Label
    kind: Kind
    office: str
    handler: str
    submitted_at: datetime
    due_at: datetime | None
    clock_at: datetime
    """The moment its promise is measured at: now, or when the wait for the citizen began."""
    closed_at: datetime | None
    planned_at: datetime | None
    planned_late: bool
    is_late: bool
    priority: int
    supporters: int
    channel: str
    language: str
    excerpt: str
    lon: float | None
    lat: float | None
    key: Key
    long_since: datetime | None = None
    """From when on it is longer at its office than nine in ten of its kind; None while it is not, or nobody knows."""
    is_still: bool = False
    """Whether the promise stands still while the citizen is asked."""
    answer: int | None = None
    """In the list of answers: the event that is the last one."""
    waits_since: datetime | None = None
    """In the list of what was sent and not accepted: when it was sent."""
    parts_done: tuple[int, int] | None = None
    """Of a case that was split: how many of how many parts are done."""


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of a queue; `next_key` is None on the last one, `previous_key` on the first."""

    rows: list[QueueRow]
    next_key: Key | None
    previous_key: Key | None = None


# --- Which cases -----------------------------------------------------------------------------------------------------


def cases(queue: QueueFilter, viewer: Viewer) -> RequestQuerySet:
    """The cases of a queue, unordered."""
    found = in_tab(queue, viewer).filter(of_kind(queue.kind))
    if queue.office_id == NO_OFFICE:
        found = found.filter(office_id=None)
    elif queue.office_ids is not None:
        found = found.filter(office_id__in=queue.office_ids)
    if queue.due is not None:
        found = found.filter(due_as(queue.due, queue.jurisdiction))
    return found


def in_tab(queue: QueueFilter, viewer: Viewer, at: Q | None = None) -> RequestQuerySet:
    """The cases of a tab with the filters that are not counted choice by choice; `at` is one of `ways_to_be_at`."""
    found = ServiceRequest.objects.of(queue.jurisdiction.pk).in_reach_of(viewer, Capability.SEE_DESK)
    if queue.today is TodayList.STAND_IN:
        pass  # the absent colleague may work in another office
    elif queue.tab is Tab.OFFICE:
        found = found.filter(_at(queue.own_office_ids) if at is None else at)
    elif queue.tab is Tab.PASSED:
        left = Hold.objects.filter(office_id__in=queue.own_office_ids).exclude(ended_at=None)
        found = found.filter(among(left.values("request_id")))
        found = found.exclude(Q(office_id__in=queue.own_office_ids) | Q(pk__in=_beside(queue.own_office_ids)))
    for name, value in _plain(queue).items():
        found = found.filter(**{name: value})
    if queue.is_long:
        found = found.filter(stays_long(queue.jurisdiction.present))
    found = found.filter(given_to(queue.person_id), counted(queue.work, queue.jurisdiction))
    if queue.today is not None:
        offices = queue.own_office_ids if queue.tab is Tab.OFFICE else ()
        absent = viewer.stands_in_for(queue.jurisdiction.pk)
        whose = Whose(queue.jurisdiction, viewer.user_id, offices, queue.look, absent)
        found = found.filter(belongs(queue.today, whose))
    return found.filter(_text(queue.text, viewer)) if queue.text else found


def _plain(queue: QueueFilter) -> dict[str, Any]:
    wanted = {
        "service_id": queue.service_id,
        "area_id": queue.area_id,
        "channel": queue.channel or None,
        "priority": queue.priority,
        "supporters__gte": queue.affected,
    }
    return {name: value for name, value in wanted.items() if value is not None}


def ways_to_be_at(queue: QueueFilter) -> tuple[Q | None, ...]:
    """The two ways to be at the offices of a queue, each found by an index of its own; together the database reads all.

    Nothing is in both. One None where the queue is not one of offices.
    """
    if queue.tab is not Tab.OFFICE or queue.today is TodayList.STAND_IN:
        return (None,)
    has_lead = Q(office_id__in=queue.own_office_ids)
    return (has_lead, ~has_lead & Q(among(_beside(queue.own_office_ids))))


def _at(office_ids: Sequence[int]) -> Q:
    """Cases an office holds on any branch, or held when they were closed: the case says who has the lead branch."""
    return Q(office_id__in=office_ids) | Q(among(_beside(office_ids)))


def _beside(office_ids: Sequence[int]) -> QuerySet[Any, Any]:
    """The cases an office has on a branch beside the lead one."""
    return Hold.objects.filter(office_id__in=office_ids, ended_at=None, is_lead=False).values("request_id")


def of_kind(kind: str) -> Q:
    """The cases of one kind of status, the open ones or all."""
    if kind == ALL_ONES:
        return Q()
    if kind == OPEN_ONES:
        return ~Q(status=Status.CLOSED)
    return Q(status__in=[status for status, of in KIND_OF.items() if of == kind])


def _text(text: str, viewer: Viewer) -> Q:
    """A reference as it is spoken, or an address; what matches is found first, by its index, and judged then."""
    bare = "".join(sign for sign in text.upper() if sign.isalnum())
    spoken = Q(reference__iendswith=f"-{bare}") | Q(reference__iexact=f"{bare[:-7]}-{bare[-7:]}")
    named = Q(reference__icontains=text.replace(" ", "")) | spoken
    found = ServiceRequest.objects.in_reach_of(viewer, Capability.SEE_DESK).filter(
        named | Q(address_label__icontains=text)
    )
    return Q(pk__in=found.values("pk")) & (named | place_known(viewer))


def due_as(due: Due, place: Jurisdiction) -> Q:
    """The cases that stand so to their promise."""
    today_ends, week_ends = day_ends(place)
    still_open = ~Q(status=Status.CLOSED)
    return {
        Due.LATE: still_open & (Q(paused_at=None, due_at__lt=place.present) | Q(due_at__lt=F("paused_at"))),
        Due.TODAY: still_open & Q(due_at__gte=place.present, due_at__lt=today_ends),
        Due.WEEK: still_open & Q(due_at__gte=place.present, due_at__lt=week_ends),
        Due.NONE: Q(due_at=None),
    }[due]


# --- In which order --------------------------------------------------------------------------------------------------

_SENT_BACK_FIRST = "-sent_back"
_ORDERS: dict[Sort, tuple[str, ...]] = {
    Sort.NEWEST: ("-submitted_at", "-id"),
    Sort.OLDEST: ("submitted_at", "id"),
    Sort.DUE: ("due_or_never", "id"),
    Sort.PRIORITY: ("urgency", "due_or_never", "id"),
    Sort.CHANGED: ("-updated_at", "-id"),
    Sort.AFFECTED: ("spared", "due_or_never", "id"),
    Sort.LONG: ("long_or_never", "id"),
}
"""Each in one direction and with an index of its own, so that a page begins where the index says and reads no more."""


def _order(queue: QueueFilter, *, backwards: bool = False) -> list[str]:
    """The columns of a queue's order; among the new ones those that an office sent back come first."""
    names = _ORDERS[queue.sort]
    if queue.kind == Kind.NEW:
        names = (_SENT_BACK_FIRST, *names)
    return [_turned(name) if backwards else name for name in names]


def ordered(found: RequestQuerySet, queue: QueueFilter, *, backwards: bool = False) -> RequestQuerySet:
    """Cases in a queue's order, or in the reverse of it."""
    had_an_office = Q(status=Status.RECEIVED) & Q(Exists(Hold.objects.filter(request=OuterRef("pk"))))
    return found.annotate(
        due_or_never=DUE_OR_NEVER,
        urgency=URGENCY,
        spared=SPARED,
        long_or_never=LONG_OR_NEVER,
        sent_back=Case(When(had_an_office, then=Value(1)), default=Value(0)),
    ).order_by(*_order(queue, backwards=backwards))


def after(found: RequestQuerySet, queue: QueueFilter, key: Key, *, backwards: bool = False) -> RequestQuerySet:
    """The part of an ordered queue behind a key (before it, when `backwards`)."""
    names = _order(queue, backwards=backwards)
    if names[0].lstrip("-") != _SENT_BACK_FIRST.lstrip("-"):
        return found.filter(beyond(names, key.values))
    (first, *others), (came_back, *values) = names, key.values
    further = "sent_back__lt" if first.startswith("-") else "sent_back__gt"
    return found.filter(Q(**{further: came_back}) | (Q(sent_back=came_back) & Q(beyond(others, values))))


def _turned(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def key_of(values: dict[str, Any], queue: QueueFilter) -> Key:
    """The key of a row from its columns."""
    known = {**values, "due_or_never": values["due_at"] or NEVER, "urgency": -values["priority"]}
    known["spared"] = -values["supporters"]
    known["long_or_never"] = values["long_at"] or NEVER
    return Key(tuple(known[name.lstrip("-")] for name in _order(queue)))


def in_order(rows: Sequence[QueueRow], queue: QueueFilter) -> list[QueueRow]:
    """Rows of one queue in its order, however they came."""
    found = list(rows)
    for place, name in reversed(list(enumerate(_order(queue)))):
        found.sort(key=partial(_part_of_key, place), reverse=name.startswith("-"))
    return found


def _part_of_key(place: int, row: QueueRow) -> Any:
    return row.key.values[place]


# --- What is read ----------------------------------------------------------------------------------------------------

_COLUMNS = (
    "id",
    "reference",
    "service__names",
    "address_label",
    "area__names",
    "status",
    "office__names",
    "handler__display_name",
    "submitted_at",
    "updated_at",
    "due_at",
    "paused_at",
    "closed_at",
    "long_at",
    *("priority", "supporters", "channel", "language", "location", "parts", "open_parts", "version"),
)


def queue_page(
    queue: QueueFilter, viewer: Viewer, key: Key | None = None, size: int = PAGE_SIZE, *, backwards: bool = False
) -> QueuePage:
    """One page of rows behind `key` (before it, when `backwards`); one statement, two where that is the first page."""
    if key is None:
        return _page(_read_page(queue, viewer, None, size), size, has_before=False)
    found = _read_page(queue, viewer, key, size, backwards=backwards)
    if not backwards:
        return _page(found, size, has_before=True)
    if len(found) < size:
        return queue_page(queue, viewer, size=size)
    rows = found[:size][::-1]
    return QueuePage(rows, rows[-1].key, rows[0].key if len(found) > size else None)


def _page(found: list[QueueRow], size: int, *, has_before: bool) -> QueuePage:
    rows = found[:size]
    return QueuePage(rows, rows[-1].key if len(found) > size else None, rows[0].key if rows and has_before else None)


def _read_page(
    queue: QueueFilter, viewer: Viewer, key: Key | None, size: int, *, backwards: bool = False
) -> list[QueueRow]:
    """The rows of a page and one more. Which they are is settled first, on the case alone; then they are read whole."""
    found = ordered(cases(queue, viewer), queue, backwards=backwards)
    if key is not None:
        found = after(found, queue, key, backwards=backwards)
    chosen = found.values("pk")[: size + 1]
    reached = ServiceRequest.objects.in_reach_of(viewer, Capability.SEE_DESK)
    whole = ordered(reached.filter(pk__in=chosen), queue, backwards=backwards)
    return [row_of(values, queue) for values in row_values(whole, queue, viewer, most=size + 1)]


def rows_of(queue: QueueFilter, viewer: Viewer, references: Sequence[str]) -> list[QueueRow]:
    """The rows among `references` that belong to the queue now; one statement."""
    found = ordered(cases(queue, viewer).filter(reference__in=references), queue)
    return [row_of(values, queue) for values in row_values(found, queue, viewer, most=len(references))]


def row_values(
    found: RequestQuerySet, queue: QueueFilter, viewer: Viewer, *, most: int, beside: Sequence[str] = ()
) -> QuerySet[Any, dict[str, Any]]:
    """The columns that a row is made of (and some beside them), of the first `most` cases of an ordered queue."""
    told = Case(When(place_known(viewer), then=Value(True)), default=Value(False))
    told_rows = with_excerpt(found, viewer).annotate(
        tells_place=told,
        planned_at=_planned(),
        answer=last_answer(queue.today),
        waits_since=waits_since(queue.today),
    )
    told_too = ("excerpt", "tells_place", "planned_at", "sent_back", "answer", "waits_since")
    return told_rows.values(*_COLUMNS, *told_too, *beside)[:most]


def _planned() -> Case:
    """The day set for the work, of scheduled cases."""
    days = RequestEvent.objects.filter(request=OuterRef("pk"), activity=Activity.SCHEDULED).order_by("-sequence")
    return Case(When(status=Status.SCHEDULED, then=Subquery(days.values("promised_at")[:1])))


def row_of(values: dict[str, Any], queue: QueueFilter) -> QueueRow:
    """A row from its columns."""
    status = Status(values["status"])
    due_at = values["due_at"]
    place, address = (values["location"], values["address_label"]) if values["tells_place"] else (None, "")
    return QueueRow(
        request_id=values["id"],
        version=values["version"],
        reference=values["reference"],
        service=localized(values["service__names"]),
        where=address or localized(values["area__names"] or {}),
        status=_SENT_BACK if values["sent_back"] else STATUS_AT_DESK[status],
        kind=KIND_OF[status],
        office=localized(values["office__names"] or {}),
        handler=values["handler__display_name"] or "",
        submitted_at=values["submitted_at"],
        due_at=due_at,
        clock_at=values["paused_at"] or queue.jurisdiction.present,
        closed_at=values["closed_at"],
        planned_at=values["planned_at"],
        planned_late=is_after_day(values["planned_at"], due_at, queue.jurisdiction),
        is_late=is_late(status, due_at, values["paused_at"] or queue.jurisdiction.present),
        priority=values["priority"],
        supporters=values["supporters"],
        channel=values["channel"],
        language=values["language"],
        excerpt=shortened(values["excerpt"]),
        lon=round(place.x, 6) if place else None,
        lat=round(place.y, 6) if place else None,
        key=key_of(values, queue),
        long_since=values["long_at"] if is_long(values["long_at"], queue.jurisdiction.present) else None,
        is_still=values["paused_at"] is not None,
        answer=values["answer"],
        waits_since=values["waits_since"],
        parts_done=(values["parts"] - values["open_parts"], values["parts"]) if values["parts"] else None,
    )


_SENT_BACK = _("Sent back, needs an office")


def is_late(status: Status, due_at: datetime | None, present: datetime) -> bool:
    """Whether an open case is behind its promise at a moment."""
    return status is not Status.CLOSED and due_at is not None and due_at < present


def neighbours(queue: QueueFilter, viewer: Viewer, request: ServiceRequest) -> tuple[str | None, str | None]:
    """The references before and after a case in a queue, whether or not it still belongs to it; one statement."""
    named = ("id", "submitted_at", "due_at", "priority", "updated_at", "supporters", "long_at")
    values = {name: getattr(request, name) for name in named}
    values["sent_back"] = int(request.status == Status.RECEIVED and bool(holds_of(request)))
    key = key_of(values, queue)
    everything = cases(queue, viewer)
    before, behind = (
        after(ordered(everything, queue, backwards=back), queue, key, backwards=back)
        .annotate(is_before=Value(back))
        .values("reference", "is_before")[:1]
        for back in (True, False)
    )
    found = {row["is_before"]: row["reference"] for row in before.union(behind, all=True)}
    return found.get(True), found.get(False)
