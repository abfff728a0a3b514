"""Saying once that a promise ends soon, that it was broken, and that nothing came of it: a job, from the saved clocks.

What must be said is a row (`PromiseNotice`), unique for case, clock, kind and date, written in one transaction with
the news that tells of it. Two workers that come at once write one row between them; one that is killed leaves none,
and the next writes it. Rows are written in the order of their cases: two workers wait for each other, never deadlock.

A promise that waits for the citizen is let be. So is an escalation where a new date was given, until it has passed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from requests_app.clock import now
from requests_app.models import NoticeKind as Kind
from requests_app.models import PromiseClock as Clock
from requests_app.models import PromiseNotice, Provenance, ServiceRequest
from requests_app.notify.moments import News
from requests_app.notify.queueing import queue_each
from requests_app.promises import Count, Target, Terms, counted, read_promise
from requests_app.querysets import RequestQuerySet

BATCH = 200
WINDOW = timedelta(days=21)
"""How far around now dates are looked at: longer than any holiday week makes the hours of a reminder."""
TOLD_WITHIN = timedelta(days=14)
"""What was broken longer ago than this when a job first saw it is noted and shown, not mailed: it is no news."""

DATE_OF = {Clock.ACKNOWLEDGE: "acknowledge_due_at", Clock.RESOLVE: "due_at", Clock.STEP: "step_due_at"}
STILL_RUNS = {Clock.ACKNOWLEDGE: Q(acknowledged_at=None), Clock.RESOLVE: Q(), Clock.STEP: Q()}
NEWS_OF = {
    (Clock.RESOLVE, Kind.REMINDER): News.DUE_SOON,
    (Clock.RESOLVE, Kind.BREACH): News.OVERDUE,
    (Clock.RESOLVE, Kind.ESCALATION): News.ESCALATED,
    (Clock.ACKNOWLEDGE, Kind.BREACH): News.NOT_ACCEPTED,
    (Clock.STEP, Kind.BREACH): News.STEP_OVERDUE,
}
"""What people are told by mail; the other notices are shown at the desk."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """One thing to be said of one clock of a case."""

    request: ServiceRequest
    clock: Clock
    kind: Kind
    due_at: datetime


def sweep_promises() -> int:
    """Say everything that is due to be said; how many things there were, some of which another worker may have said."""
    said = 0
    for clock in Clock:
        for kind in Kind:
            said += _say_all(clock, kind)
    return said


def _say_all(clock: Clock, kind: Kind) -> int:
    said, last = 0, 0
    while batch := list(_unsaid(clock, kind).filter(pk__gt=last)[:BATCH]):
        last = batch[-1].pk
        occasions = list(_occasions(batch, clock, kind))
        say(occasions)
        said += len(occasions)
    return said


def _unsaid(clock: Clock, kind: Kind) -> RequestQuerySet:
    """Open cases near or past the date of a clock of which this was not said, in the order of their ids."""
    moment, date = now(), DATE_OF[clock]
    is_said = PromiseNotice.objects.filter(request=OuterRef("pk"), clock=clock, kind=kind, due_at=OuterRef(date))
    near = {
        Kind.REMINDER: {f"{date}__gt": moment, f"{date}__lte": moment + WINDOW},
        Kind.BREACH: {f"{date}__lte": moment},
        Kind.ESCALATION: {f"{date}__lte": moment - timedelta(hours=settings.ESCALATE_AFTER_HOURS)},
    }[kind]
    delayed = Q(delayed_until__gt=moment) if kind is Kind.ESCALATION else Q(pk__in=[])
    return (
        ServiceRequest.objects.open()
        .exclude(jurisdiction__provenance=Provenance.IMPORTED)
        .filter(STILL_RUNS[clock], paused_at=None, **near)
        .exclude(delayed)
        .exclude(Exists(is_said))
        .select_related("office")
        .order_by("pk")
    )


def _occasions(batch: Sequence[ServiceRequest], clock: Clock, kind: Kind) -> Iterator[Occasion]:
    for request in batch:
        date: datetime = getattr(request, DATE_OF[clock])
        if kind is Kind.BREACH or _is_time(request, clock, kind, date):
            yield Occasion(request, clock, kind, date)


def _is_time(request: ServiceRequest, clock: Clock, kind: Kind, date: datetime) -> bool:
    """Whether the hours before or after the date have come down to, or up to, those at which it is said."""
    promise = read_promise(request.promise)
    if promise is None:
        return False
    terms, moment = promise.at(request.version), now()
    target = target_of(terms, clock, request.step)
    count = target.count if target else Count.CALENDAR
    if kind is Kind.REMINDER:
        return counted(count, terms.calendar, moment, date) <= _reminder(target, request.priority)
    return counted(count, terms.calendar, date, moment) >= timedelta(hours=settings.ESCALATE_AFTER_HOURS)


def _reminder(target: Target | None, priority: int) -> timedelta:
    """How long before its end a promise is reminded of: never before half of its time has gone."""
    usual = timedelta(hours=settings.REMIND_BEFORE_HOURS)
    return min(usual, target.allowed(priority) / 2) if target else usual


def target_of(terms: Terms, clock: Clock, step: str) -> Target | None:
    """The target that a clock of a case measures."""
    if clock is Clock.STEP:
        return terms.targets.steps.get(step)
    return terms.targets.acknowledge if clock is Clock.ACKNOWLEDGE else terms.targets.resolve


@transaction.atomic
def say(occasions: Sequence[Occasion]) -> None:
    """Write the notices and the news of them, each once however often it is called; two statements."""
    moment = now()
    PromiseNotice.objects.bulk_create(
        (
            PromiseNotice(
                request=one.request,
                clock=one.clock,
                kind=one.kind,
                due_at=one.due_at,
                made_at=moment,
                office_id=_told(one),
            )
            for one in occasions
        ),
        ignore_conflicts=True,
    )
    queue_each([_news(one) for one in occasions if is_news(one, moment)], moment)


def _told(one: Occasion) -> int | None:
    """The office that is told: the holder, and of an escalation the office above it; None: the place's managers."""
    office = one.request.office
    if one.kind is Kind.ESCALATION:
        return office.parent_id if office else None
    return office.pk if office else None


def is_news(one: Occasion, moment: datetime) -> bool:
    """Whether people are told by mail."""
    return (one.clock, one.kind) in NEWS_OF and moment - one.due_at <= TOLD_WITHIN


def _news(one: Occasion) -> tuple[News, int, str]:
    return NEWS_OF[one.clock, one.kind], one.request.pk, f"{one.request.pk}:{one.due_at:%Y%m%d%H%M%S%f}"
