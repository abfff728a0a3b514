"""Whom and what the demo shows: an invented person of each role, and cases worth a look."""

from django.db.models import Count, Q

from requests_app.models import Jurisdiction, ServiceRequest, User
from requests_app.permissions import ANONYMOUS
from requests_app.querysets import RequestQuerySet
from requests_app.states import OPEN, Status


def invented_person(role: str, place: Jurisdiction | None) -> User | None:
    """The first invented person of the role who reaches the place; one statement."""
    reaches_it = Q(memberships__jurisdiction=place) | Q(memberships__jurisdiction=None)
    known = User.objects.filter(reaches_it, is_demo=True, is_active=True, memberships__role=role)
    return known.order_by("pk").first()


def most_travelled(place: Jurisdiction | None) -> ServiceRequest | None:
    """The public case with the most stays at offices."""
    public = _known(place).filter(service__publicity="public")
    return public.annotate(stops=Count("holds")).order_by("-stops", "-submitted_at").first()


def latest_promise_missed(place: Jurisdiction | None) -> ServiceRequest | None:
    """The public open case whose promise passed last."""
    if place is None:
        return None
    public = _known(place).filter(service__publicity="public")
    return public.filter(status__in=OPEN, due_at__lt=place.present).order_by("-due_at").first()


def newest_open(place: Jurisdiction | None) -> ServiceRequest | None:
    """The newest public case that an office is working on."""
    return _known(place).filter(status=Status.IN_PROGRESS).order_by("-submitted_at").first()


def _known(place: Jurisdiction | None) -> RequestQuerySet:
    return ServiceRequest.objects.visible_to(ANONYMOUS).filter(jurisdiction=place)
