"""Hand-offs as records: what one office sent and what it was sent, what became of each, and who plays ping-pong.

A hand-off is the stay that it opened at the receiver (`Hold.opened_by` = handed off): waiting until it is accepted,
bounced or expired. A case *came back* between two offices when it crossed between them twice, and it is *ping-pong*
when it crossed three times or more: there, back, and there again. Both offices see the same numbers.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, JSONObject

from requests_app.clock import now
from requests_app.labels import Label, activity_label, reason_label
from requests_app.models import Hold, Jurisdiction, RequestEvent, ServiceRequest
from requests_app.models.fields import localized
from requests_app.permissions import Viewer
from requests_app.reads.queue import is_late
from requests_app.states import MOVES, Activity, Actor, Capability, Status

PERIOD = timedelta(days=90)
"""How far back what is settled is shown; what waits is shown however old it is."""
PAGE_SIZE = 100
PING_PONG = 3
"""Crossings between the same two offices from which a case is ping-pong."""


class Side(StrEnum):
    """Seen from an office: what it sent, what it was sent; `all` of every office together."""

    SENT = "sent"
    RECEIVED = "received"
    ALL = "all"


class State(StrEnum):
    """What became of a hand-off. Returned is one that was accepted and then sent to where it came from.

    Forwarded is one that its receiver sent on without accepting it: it had come to the wrong office.
    """

    WAITING = "waiting"
    EXPIRED = "expired"
    BOUNCED = "bounced"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    RECALLED = "recalled"
    FORWARDED = "forwarded"
    ENDED = "ended"


SAYS_WHY = frozenset({State.BOUNCED, State.FORWARDED})
"""What ended with a reason that its receiver gave."""


@dataclass(frozen=True, slots=True)
class HandoffFilter:
    """Which hand-offs: of which office (None: of all), which side, which state (None: all of them)."""

    place: Jurisdiction
    office_id: int | None
    side: Side
    state: State | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class PartnerDid:
    """The last thing a partner outside said by its link: what, when it happened, and when we heard of it."""

    label: Label
    occurred_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Handoff:
    """One hand-off: who sent what to whom, until when it is to be accepted, what became of it and why."""

    reference: str
    service: str
    sender: str
    receiver: str
    state: State
    sent_at: datetime
    expires_at: datetime | None
    settled_at: datetime | None
    reason: Label
    is_closed: bool
    is_late: bool = False
    """Whether the case itself is past its promise."""
    partner: "PartnerDid | None" = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two offices between which cases came back, and how many of those were ping-pong."""

    first_id: int
    second_id: int
    came_back: int
    ping_pong: int


@dataclass(frozen=True, slots=True)
class Crossing:
    """One case that crossed between two offices so often."""

    reference: str
    service: str
    times: int
    last_at: datetime


def handoffs(wanted: HandoffFilter, viewer: Viewer) -> list[Handoff]:
    """One page of hand-offs, those that end soonest first where they wait, else the newest first; one statement."""
    first = (wanted.page - 1) * PAGE_SIZE
    order = ("expires_at", "sent_at") if wanted.state is State.WAITING else ("-sent_at", "-pk")
    of_state = Q(state=wanted.state) if wanted.state else Q()
    why = RequestEvent.objects.filter(
        request=OuterRef("request"), activity=OuterRef("ended_by"), occurred_at__lte=OuterRef("ended_at")
    ).order_by("-sequence")
    by_link = RequestEvent.objects.filter(
        request=OuterRef("request"),
        actor=Actor.PARTNER,
        acting_office=OuterRef("office"),
        activity__in=[str(activity) for activity in MOVES],
        recorded_at__gte=OuterRef("sent_at"),  # of this hand-off, not of one before it or after
        occurred_at__lte=Coalesce(OuterRef("ended_at"), Value(now())),
    ).order_by("-sequence")
    said = by_link.values(row=JSONObject(activity="activity", occurred="occurred_at", recorded="recorded_at"))
    found = (
        _seen_from(wanted, viewer)
        .filter(of_state)
        .annotate(why=Subquery(why.values("reason")[:1]), said=Subquery(said[:1]))
        .order_by(*order)
        .values(*_COLUMNS, "state", "why", "said")
    )
    return [_handoff(row, wanted.place.present) for row in found[first : first + PAGE_SIZE]]


_COLUMNS = (
    "request__reference",
    "request__service__names",
    "request__status",
    "request__due_at",
    "request__paused_at",
    "sender__names",
    "office__names",
    "sent_at",
    "accepted_at",
    "ended_at",
    "expires_at",
)


def _handoff(row: dict[str, Any], present: datetime) -> Handoff:
    return Handoff(
        reference=row["request__reference"],
        service=localized(row["request__service__names"]),
        sender=localized(row["sender__names"]),
        receiver=localized(row["office__names"]),
        state=State(row["state"]),
        sent_at=row["sent_at"],
        expires_at=row["expires_at"],
        settled_at=row["accepted_at"] or row["ended_at"],
        reason=reason_label(row["why"]) if row["why"] and row["state"] in SAYS_WHY else "",
        is_closed=row["request__status"] == "closed",
        is_late=is_late(Status(row["request__status"]), row["request__due_at"], row["request__paused_at"] or present),
        partner=_partner(row["said"]),
    )


def _partner(said: dict[str, str] | None) -> PartnerDid | None:
    """What the partner said of a hand-off."""
    if said is None:
        return None
    times = (datetime.fromisoformat(said["occurred"]), datetime.fromisoformat(said["recorded"]))
    return PartnerDid(activity_label(said["activity"]), *times)


def counts(place: Jurisdiction, office_id: int | None, viewer: Viewer) -> dict[Side, dict[State, int]]:
    """How many hand-offs there are of each side and state: the length of each list; one statement."""
    sides = (Side.SENT, Side.RECEIVED) if office_id is not None else (Side.ALL,)
    parts = [
        _seen_from(HandoffFilter(place, office_id, side), viewer)
        .order_by()
        .annotate(side=Value(side.value))
        .values("side", "state")
        .annotate(number=Count("pk"))
        .values_list("side", "state", "number")
        for side in sides
    ]
    table: dict[Side, dict[State, int]] = {side: {} for side in sides}
    for side, state, number in parts[0].union(*parts[1:], all=True):
        table[Side(side)][State(state)] = number
    return table


def _seen_from(wanted: HandoffFilter, viewer: Viewer) -> QuerySet[Hold]:
    """The hand-offs of one side of an office, each with its state."""
    reached = ServiceRequest.objects.of(wanted.place.pk).in_reach_of(viewer, Capability.SEE_DESK)
    waits = Q(ended_at=None, accepted_at=None)
    sides = {
        Side.SENT: Q(sender_id=wanted.office_id),
        Side.RECEIVED: Q(office_id=wanted.office_id),
        Side.ALL: Q(sender__isnull=False),
    }
    return (
        Hold.objects.filter(sides[wanted.side], opened_by=Activity.HANDED_OFF, sender__isnull=False)
        .filter(waits | Q(sent_at__gte=wanted.place.present - PERIOD))
        .filter(request__in=reached.order_by().values("pk"))
        .annotate(state=_state(waits))
    )


def _state(waits: Q) -> Case:
    sent_back = Hold.objects.filter(
        request=OuterRef("request"),
        opened_by=Activity.HANDED_OFF,
        number__gt=OuterRef("number"),
        sender=OuterRef("office"),
        office=OuterRef("sender"),
    )
    return Case(
        When(waits, then=Value(State.WAITING.value)),
        When(Q(accepted_at=None, ended_by=Activity.BOUNCED), then=Value(State.BOUNCED.value)),
        When(Q(accepted_at=None, ended_by=Activity.EXPIRED), then=Value(State.EXPIRED.value)),
        When(Q(accepted_at=None, ended_by=Activity.RECALLED), then=Value(State.RECALLED.value)),
        When(Q(accepted_at=None, ended_by=Activity.HANDED_OFF), then=Value(State.FORWARDED.value)),
        When(Exists(sent_back), then=Value(State.RETURNED.value)),
        When(accepted_at__isnull=False, then=Value(State.ACCEPTED.value)),
        default=Value(State.ENDED.value),
        output_field=CharField(),
    )


# --- Ping-pong -------------------------------------------------------------------------------------------------------

_CROSSINGS = """
WITH way AS (
  SELECT hold.request_id, hold.office_id, hold.opened_by, hold.sent_at,
         lag(hold.office_id) OVER (PARTITION BY hold.request_id ORDER BY hold.number) AS before_id
    FROM requests_app_hold hold
   WHERE hold.is_lead AND hold.request_id IN (
         SELECT request_id FROM requests_app_hold
          WHERE opened_by = 'handed_off' AND sent_at >= %(since)s
            AND (%(office)s::bigint IS NULL OR sender_id = %(office)s OR office_id = %(office)s))
), crossing AS (
  SELECT request_id, least(office_id, before_id) AS first_id, greatest(office_id, before_id) AS second_id,
         count(*) AS times, max(sent_at) AS last_at
    FROM way
   WHERE before_id <> office_id AND opened_by IN ('handed_off', 'bounced', 'expired', 'recalled')
   GROUP BY 1, 2, 3
  HAVING count(*) >= 2 AND max(sent_at) >= %(since)s
)
"""

_PAIRS = (
    _CROSSINGS
    + """
SELECT first_id, second_id, count(*), count(*) FILTER (WHERE times >= %(ping_pong)s) FROM crossing
 WHERE (%(office)s::bigint IS NULL OR %(office)s IN (first_id, second_id)) AND request_id IN ({reached})
 GROUP BY 1, 2 ORDER BY 4 DESC, 3 DESC, 1, 2
"""
)

_CASES = (
    _CROSSINGS
    + """
SELECT request.reference, service.names::text, times, last_at
  FROM crossing JOIN requests_app_servicerequest request ON request.id = crossing.request_id
                JOIN requests_app_service service ON service.id = request.service_id
 WHERE first_id = %(first)s AND second_id = %(second)s AND times >= %(least)s AND crossing.request_id IN ({reached})
 ORDER BY times DESC, last_at DESC
"""
)


def pairs(place: Jurisdiction, office_id: int | None, viewer: Viewer) -> list[Pair]:
    """The pairs of offices (one of them the office that is named) between which cases came back; one statement."""
    rows = _asked(_PAIRS, place, viewer, {"office": office_id, "ping_pong": PING_PONG})
    return [Pair(*row) for row in rows]


def crossings(place: Jurisdiction, pair: tuple[int, int], least: int, viewer: Viewer) -> list[Crossing]:
    """The cases that crossed between two offices `least` times or more, the most often first; one statement."""
    first, second = sorted(pair)
    rows = _asked(_CASES, place, viewer, {"office": first, "first": first, "second": second, "least": least})
    return [Crossing(reference, localized(_read(names)), times, last_at) for reference, names, times, last_at in rows]


def _read(names: str) -> dict[str, str]:
    return dict(json.loads(names))


def _asked(sql: str, place: Jurisdiction, viewer: Viewer, given: dict[str, Any]) -> Sequence[tuple[Any, ...]]:
    """Rows of a statement that is cut to the cases the viewer reaches: by the same rule as every list."""
    reached = ServiceRequest.objects.of(place.pk).in_reach_of(viewer, Capability.SEE_DESK).order_by().values("pk")
    inner, values = reached.query.sql_with_params()
    named = {f"reached_{number}": value for number, value in enumerate(values)}
    inner = inner % tuple(f"%({name})s" for name in named)
    with connection.cursor() as cursor:
        cursor.execute(sql.format(reached=inner), {**given, **named, "since": place.present - PERIOD})
        return list(cursor.fetchall())
