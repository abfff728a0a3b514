"""Mails as those see them who answer for them: what waits, what failed, what was sent twice. No address is shown."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q, QuerySet, Sum

from requests_app.clock import now
from requests_app.models import Jurisdiction, OutboxEntry, ServiceRequest
from requests_app.models.outbox import MAX_ATTEMPTS
from requests_app.permissions import Viewer
from requests_app.states import Capability

KINDS = ("mail", "news", "citizen_news", "report")
MOST_LISTED = 100
WINDOW = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class MailCounts:
    """Numbers of the last 30 days, and of what waits now."""

    sent: int
    waiting: int
    retried: int
    dead: int
    repeats: int


@dataclass(frozen=True, slots=True)
class MailPage:
    """What the page of mails shows."""

    counts: MailCounts
    dead: list[OutboxEntry]
    retried: list[OutboxEntry]


def may_see_mail(viewer: Viewer) -> bool:
    """Administrators and managers."""
    return viewer.has(Capability.ADMINISTER) or viewer.has(Capability.MODERATE)


def mail_page(viewer: Viewer, place: Jurisdiction) -> MailPage:
    """The mails of a place that the viewer answers for; five statements."""
    known = mails_of(viewer, place)
    dead, retried = dead_letters(known), known.filter(_retried())
    return MailPage(
        counts=_counts(known),
        dead=list(dead.select_related("request", "request__service").order_by("created_at", "pk")[:MOST_LISTED]),
        retried=list(retried.select_related("request", "request__service").order_by("due_at", "pk")[:MOST_LISTED]),
    )


def mails_of(viewer: Viewer, place: Jurisdiction) -> QuerySet[OutboxEntry]:
    """Mails about cases the viewer moderates; those about no case are for who administers the place."""
    cases = ServiceRequest.objects.of(place.pk).in_reach_of(viewer, Capability.MODERATE)
    reached = Q(request__in=cases.values("pk"))
    if viewer.has(Capability.ADMINISTER, place.pk):
        reached = Q(request__jurisdiction=place) | Q(request=None)
    return OutboxEntry.objects.filter(reached, kind__in=KINDS)


def dead_letters(known: QuerySet[OutboxEntry]) -> QuerySet[OutboxEntry]:
    """Those that nobody tries any more and nobody has given up."""
    return known.filter(done_at=None, attempts__gte=MAX_ATTEMPTS, given_up_at=None)


def ids_of_dead(viewer: Viewer, place: Jurisdiction, wanted: list[int] | None = None) -> list[int]:
    """The ids of dead letters the viewer answers for, those of `wanted` when given."""
    dead = dead_letters(mails_of(viewer, place))
    return list((dead if wanted is None else dead.filter(pk__in=wanted)).values_list("pk", flat=True))


def _retried() -> Q:
    return Q(done_at=None, attempts__lt=MAX_ATTEMPTS, given_up_at=None) & ~Q(last_error="")


def _counts(known: QuerySet[OutboxEntry]) -> MailCounts:
    since = now() - WINDOW
    row = known.filter(Q(done_at=None) | Q(done_at__gte=since)).aggregate(
        sent=Count("pk", filter=Q(result="sent")),
        waiting=Count("pk", filter=Q(done_at=None, attempts__lt=MAX_ATTEMPTS, given_up_at=None)),
        retried=Count("pk", filter=_retried()),
        dead=Count("pk", filter=Q(done_at=None, attempts__gte=MAX_ATTEMPTS, given_up_at=None)),
        repeats=Sum("repeats", default=0),
    )
    return MailCounts(**row)
