"""Alarms of a place, for who answers for it: administrators for all, managers for rules and the cases of theirs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet

from requests_app.clock import now
from requests_app.models import Alarm, AlarmKind, Jurisdiction, Service, ServiceRequest
from requests_app.permissions import Viewer
from requests_app.reads.explained import teller
from requests_app.reads.rules import live_set
from requests_app.routing.document import RuleBook
from requests_app.routing.known import known_for
from requests_app.routing.parse import parse
from requests_app.routing.told import Teller
from requests_app.states import Capability

MOST_LISTED = 100
ENDED_SINCE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class AlarmPage:
    """The open alarms, the latest first, and those that ended lately; with who can say what they are about."""

    open: list[Alarm]
    ended: list[Alarm]
    teller: Teller
    services: Mapping[str, Service]


def may_see_alarms(viewer: Viewer, place: Jurisdiction) -> bool:
    """Administrators and managers of the place."""
    return viewer.has(Capability.ADMINISTER, place.pk) or viewer.has(Capability.MODERATE, place.pk)


def alarms_of(viewer: Viewer, place: Jurisdiction) -> QuerySet[Alarm]:
    """The alarms of a place that the viewer answers for, open and ended."""
    alarms = Alarm.objects.filter(jurisdiction=place)
    if viewer.has(Capability.ADMINISTER, place.pk):
        return alarms
    if not viewer.has(Capability.MODERATE, place.pk):
        return alarms.none()
    cases = ServiceRequest.objects.of(place.pk).in_reach_of(viewer, Capability.MODERATE)
    return alarms.filter(Q(request=None) | Q(request__in=cases.values("pk")))


def open_alarms(viewer: Viewer, place: Jurisdiction) -> int:
    """How many alarms wait for the viewer. One statement; none for who answers for none."""
    return alarms_of(viewer, place).filter(settled_at=None).count() if may_see_alarms(viewer, place) else 0


def alarm_page(viewer: Viewer, place: Jurisdiction) -> AlarmPage:
    """What the page of alarms shows."""
    known = alarms_of(viewer, place).select_related("request", "office", "settled_by")
    ended = known.filter(settled_at__gte=now() - ENDED_SINCE).order_by("-settled_at", "-pk")
    still = list(known.filter(settled_at=None).order_by("-raised_at", "-pk")[:MOST_LISTED])
    live = live_set(place)
    book = parse(live.document)[0] if live else RuleBook()
    named = {one.subject for one in still if one.kind == AlarmKind.PROMISE_UNKEEPABLE}
    services = Service.objects.filter(jurisdiction=place, code__in=named) if named else ()
    return AlarmPage(
        still, list(ended[:MOST_LISTED]), teller(book, known_for(place, book)), {one.code: one for one in services}
    )
