"""The stays of one case at offices, read once for each case that was loaded."""

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch, prefetch_related_objects

from requests_app.models import Hold, ServiceRequest
from requests_app.projection import LEAD


def with_offices_been_at() -> dict[str, Any]:
    """An annotation for `find_request`: the offices a case was ever at, where its stays themselves are not needed."""
    stays = Hold.objects.filter(request=OuterRef("pk")).order_by()
    return {"offices_been_at": ArraySubquery(stays.values("office"))}


def offices_been_at(request: ServiceRequest) -> frozenset[int]:
    """The offices a case was ever at; no statement where it was read with them, or with its stays."""
    known = getattr(request, "offices_been_at", None)
    return frozenset(hold.office_id for hold in holds_of(request)) if known is None else frozenset(known)


def holds_of(request: ServiceRequest) -> list[Hold]:
    """The holds of a case in order, each with its office; one statement, the first time it is asked."""
    read_holds([request])
    return list(request.holds.all())


def read_holds(requests: Sequence[ServiceRequest]) -> None:
    """Read the holds of several cases for `holds_of`; one statement, none for cases that have theirs."""
    prefetch_related_objects(requests, Prefetch("holds", Hold.objects.select_related("office").order_by("number")))


def running_reviews(request: ServiceRequest) -> list[Hold]:
    """The parallel branches that still run, each with its office."""
    return [hold for hold in holds_of(request) if hold.ended_at is None and hold.branch != LEAD]
