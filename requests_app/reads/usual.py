"""What is usual beside a case: read in the statements that pages make anyway."""

from datetime import datetime

from django.db.models import Q
from django.db.models.lookups import LessThanOrEqual

from requests_app.models import ServiceRequest, ServiceTime
from requests_app.querysets import LONG_OR_NEVER
from requests_app.states import Status


def stays_long(present: datetime) -> Q:
    """The cases that are longer at their office than nine in ten of their kind: never a closed one."""
    return ~Q(status=Status.CLOSED) & Q(LessThanOrEqual(LONG_OR_NEVER, present))


def is_long(since: datetime | None, present: datetime) -> bool:
    """Whether a case that is longer than usual from `since` on is so now."""
    return since is not None and since <= present


def usual_time(request: ServiceRequest) -> ServiceTime | None:
    """How long requests like this one took; None where too few say so. No statement: it was read with the case."""
    found: ServiceTime | None = getattr(request.service, "usual_time", None)
    return found if found and found.can_be_told else None
