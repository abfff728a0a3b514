"""The cases that somebody has in hand, and those they would lose sight of with other rights."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from requests_app.models import Jurisdiction, ServiceRequest, Visit
from requests_app.permissions import Grant, Viewer
from requests_app.querysets import RequestQuerySet
from requests_app.reads.grants import grants_of
from requests_app.reads.people import Colleague
from requests_app.states import Capability


@dataclass(frozen=True, slots=True)
class Loss:
    """What a change of rights takes away: how many open cases from the desk, and which of those in hand.

    A role is of one place; an account that is closed takes them away in every place: those in hand by place.
    """

    sight: int = 0
    here: list[ServiceRequest] = field(default_factory=list)
    elsewhere: list[ServiceRequest] = field(default_factory=list)


def in_hand(viewer: Viewer, place: Jurisdiction, user_id: int) -> RequestQuerySet:
    """The open cases of a place that are somebody's, among those the viewer reaches at the desk."""
    reached = ServiceRequest.objects.in_reach_of(viewer, Capability.SEE_DESK)
    return reached.of(place.pk).open().filter(handler=user_id)


def out_of_reach(held: RequestQuerySet, user_id: int) -> int:
    """How many of the cases that are somebody's they no longer reach: their role is over, or was changed."""
    return _without(held, Viewer(user_id, grants_of(user_id)), Capability.HANDLE).count()


def visits_of(place: Jurisdiction, user_id: int) -> int:
    """How many visits to come somebody proposed or accepted for their office; one statement."""
    coming = Visit.objects.filter(jurisdiction=place, state__in=(Visit.State.PROPOSED, Visit.State.PLANNED))
    return coming.filter(Q(proposed_by=user_id) | Q(parts__answered_by=user_id)).distinct().count()


def loss(of: Colleague, before: Sequence[Grant], after: Sequence[Grant]) -> Loss:
    """What goes with the change from some grants to others, in whichever place; two statements."""
    was, will = Viewer(of.pk, tuple(before)), Viewer(of.pk, tuple(after))
    seen = ServiceRequest.objects.in_reach_of(was, Capability.SEE_DESK).open()
    held = ServiceRequest.objects.in_reach_of(was, Capability.HANDLE).open().filter(handler=of.pk)
    lost = list(_without(held, will, Capability.HANDLE).select_related("jurisdiction").order_by("pk"))
    return Loss(
        sight=_without(seen, will, Capability.SEE_DESK).count(),
        here=[case for case in lost if case.jurisdiction_id == of.place.pk],
        elsewhere=[case for case in lost if case.jurisdiction_id != of.place.pk],
    )


def _without(cases: RequestQuerySet, will: Viewer, capability: Capability) -> RequestQuerySet:
    """The cases that somebody would no longer reach."""
    return cases.exclude(pk__in=cases.in_reach_of(will, capability).values("pk"))
