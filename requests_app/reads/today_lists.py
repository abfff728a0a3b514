"""The lists that a day at the desk begins with, each as a condition on cases: the count and the list are one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db.models import DateTimeField, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from requests_app.models import DeskLook, Hold, Jurisdiction, OutboxEntry, RequestEvent
from requests_app.models.outbox import MAX_ATTEMPTS
from requests_app.permissions import Viewer
from requests_app.querysets import among, hazards
from requests_app.states import CITIZEN_ANSWERS, SENT, Activity, Actor, Status

ANSWERS_TO_CLOSED = timedelta(days=30)
"""How long what a citizen says of a closed case still waits to be read."""

FIRST_LOOK = timedelta(days=7)
"""What is new to somebody who never said that they have looked."""

_STAFF = (Actor.HANDLER, Actor.MANAGER, Actor.ADMINISTRATOR, Actor.PARTNER)
_GAVE_BACK = (Activity.BOUNCED, Activity.EXPIRED)
_CAME_TO_OFFICE = (Activity.ROUTED, Activity.HANDED_OFF, *_GAVE_BACK, Activity.REVIEW_REQUESTED, Activity.REOPENED)
_CAME_TO_CITY = (Activity.SUBMITTED, Activity.REOPENED)


class TodayList(StrEnum):
    """The lists, in the order they are read."""

    SAFETY = "safety"
    SENT = "sent"
    ANSWERED = "answered"
    DUE = "due"
    BOUNCED = "bounced"
    NEW = "new"
    MAIL = "mail"
    PUT_OFF = "put-off"
    STAND_IN = "stand-in"


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody has seen: the transactions before `xact`, as of `looked_at`; both None when they never said so."""

    xact: int | None = None
    looked_at: datetime | None = None


NEVER_LOOKED = Look()


@dataclass(frozen=True, slots=True)
class Whose:
    """For whom a list is: the place, the person, and their offices (none: every office of the place)."""

    place: Jurisdiction
    user_id: int | None
    office_ids: tuple[int, ...]
    look: Look = NEVER_LOOKED
    absent_ids: frozenset[int] = frozenset()
    """The absent colleagues for whom the person stands in."""


def look_of(viewer: Viewer, place: Jurisdiction) -> Look:
    """Until when the viewer has looked; one statement."""
    found = DeskLook.objects.filter(user_id=viewer.user_id or 0, jurisdiction=place).first()
    return Look(found.xact, found.looked_at) if found else NEVER_LOOKED


def belongs(wanted: TodayList, whose: Whose) -> Q:
    """The cases of a list, among those of a queue."""
    return {
        TodayList.SAFETY: _safety,
        TodayList.SENT: _sent,
        TodayList.ANSWERED: _answered,
        TodayList.DUE: _due,
        TodayList.BOUNCED: _bounced,
        TodayList.NEW: _new,
        TodayList.MAIL: _mail_failed,
        TodayList.PUT_OFF: _due_again,
        TodayList.STAND_IN: _of_absent,
    }[wanted](whose)


_OPEN = ~Q(status=Status.CLOSED)


def _safety(_whose: Whose) -> Q:
    return _OPEN & hazards()


def _sent(whose: Whose) -> Q:
    """Sent on and not accepted, on the lead branch or on one beside it; what came back is a list of its own."""
    waits = Hold.objects.filter(is_lead=False, accepted_at=None, ended_at=None)
    lead = Q(status__in=SENT) & ~_came_back()
    if whose.office_ids:
        lead &= Q(office_id__in=whose.office_ids)
        waits = waits.filter(office_id__in=whose.office_ids)
    return lead | (_OPEN & Q(among(waits.values("request_id"))))


def _came_back() -> Q:
    return Q(status=Status.HANDED_OFF) & Q(Exists(_lead_stay_before().filter(ended_by__in=_GAVE_BACK)))


def _lead_stay_before() -> QuerySet[Hold]:
    """The last stay on the lead branch that has ended."""
    stays = Hold.objects.filter(request=OuterRef("request"), is_lead=True).exclude(ended_at=None).order_by("-number")
    return Hold.objects.filter(request=OuterRef("pk"), number=Subquery(stays.values("number")[:1]))


def _bounced(whose: Whose) -> Q:
    """Refused or left too long by the office it was sent to; for the whole city also what now waits for an office."""
    if whose.office_ids:
        return _came_back() & Q(office_id__in=whose.office_ids)
    stays = Hold.objects.filter(request=OuterRef("pk"))
    return _came_back() | (Q(status=Status.RECEIVED) & Q(Exists(stays)))


def _answered(whose: Whose) -> Q:
    """The citizen spoke and nobody of the offices has done anything since."""
    later = RequestEvent.objects.filter(
        request=OuterRef("request"), sequence__gt=OuterRef("sequence"), actor__in=_STAFF
    )
    said = RequestEvent.objects.filter(
        ~Exists(later), jurisdiction=whose.place, actor=Actor.CITIZEN, activity__in=sorted(CITIZEN_ANSWERS)
    )
    lately = Q(recorded_at__gte=whose.place.present - ANSWERS_TO_CLOSED)
    return Q(pk__in=said.filter(~Q(request__status=Status.CLOSED) | lately).values("request_id"))


def _due(whose: Whose) -> Q:
    """Promised by the end of tomorrow on the clocks of the place, and not late yet."""
    here = whose.place.present.astimezone(ZoneInfo(whose.place.time_zone))
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    return _OPEN & Q(due_at__gte=whose.place.present, due_at__lt=midnight + timedelta(days=2))


def _new(whose: Whose) -> Q:
    """What came after the person last looked, by whoever else's doing."""
    if whose.look.xact is None:
        return _OPEN & _came_since(whose, whose.place.present - FIRST_LOOK)
    events = RequestEvent.objects.filter(jurisdiction=whose.place, xact__gte=whose.look.xact)
    events = events.filter(Q(user=None) | ~Q(user=whose.user_id))
    return _OPEN & Q(pk__in=events.filter(_arrival(whose.office_ids)).values("request_id"))


def _arrival(office_ids: Sequence[int]) -> Q:
    if not office_ids:
        return Q(activity__in=_CAME_TO_CITY)
    here = Q(office_id__in=office_ids) | Q(office=None, holding_office_id__in=office_ids)
    return Q(activity__in=_CAME_TO_OFFICE) & here


def _came_since(whose: Whose, since: datetime) -> Q:
    if not whose.office_ids:
        return Q(submitted_at__gte=since)
    running = Hold.objects.filter(request=OuterRef("pk"), office_id__in=whose.office_ids, ended_at=None)
    return Q(Exists(running.filter(sent_at__gte=since)))


def _mail_failed(_whose: Whose) -> Q:
    """A mail about the case was tried as often as it is tried."""
    dead = OutboxEntry.objects.filter(done_at=None, attempts__gte=MAX_ATTEMPTS, given_up_at=None)
    return Q(pk__in=dead.exclude(request=None).values("request_id"))


def _due_again(whose: Whose) -> Q:
    """Put off until a day that has come, and nobody has gone on with it since."""
    since = RequestEvent.objects.filter(
        request=OuterRef("pk"), actor__in=_STAFF, recorded_at__gt=F("request__put_off_until")
    )
    return _OPEN & Q(put_off_until__lte=whose.place.present) & ~Q(Exists(since))


def _of_absent(whose: Whose) -> Q:
    """Given to somebody who is away and for whom the person stands in, whatever office it is at."""
    return _OPEN & Q(handler_id__in=whose.absent_ids)


# --- What some lists say of each case ---------------------------------------------------------------------------------


def last_answer(wanted: TodayList | None) -> Combinable:
    """In the list of answers the last thing the citizen said, by its sequence; nothing in other lists."""
    if wanted is not TodayList.ANSWERED:
        return Cast(Value(None), IntegerField())  # typed: several lists are one UNION
    said = RequestEvent.objects.filter(
        request=OuterRef("pk"), actor=Actor.CITIZEN, activity__in=sorted(CITIZEN_ANSWERS)
    )
    return Subquery(said.order_by("-sequence").values("sequence")[:1])


def waits_since(wanted: TodayList | None) -> Combinable:
    """In the list of what was sent since when the stay waits that was not accepted; nothing in other lists."""
    if wanted is not TodayList.SENT:
        return Cast(Value(None), DateTimeField())
    waits = Hold.objects.filter(request=OuterRef("pk"), accepted_at=None, ended_at=None)
    return Subquery(waits.order_by("-is_lead", "number").values("sent_at")[:1])
