"""Whether who filed a case is still asked about its closing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings

from requests_app.models import RequestEvent, ServiceKind, ServiceRequest
from requests_app.states import Activity


class Asked(StrEnum):
    """Whether “Is it fixed?” is asked, or why not."""

    YES = "yes"
    OPEN = "open"
    JOINED = "joined"
    DECIDED = "decided"
    """It was an application: a decision is neither fixed nor broken."""
    SAID = "said"
    TOO_LATE = "too_late"


def asked_until(request: ServiceRequest) -> datetime | None:
    """Until when the citizen is asked about a closed case; None for an open one."""
    return request.closed_at + timedelta(days=settings.FIXED_WITHIN_DAYS) if request.closed_at else None


def asked_whether_fixed(
    request: ServiceRequest, moment: datetime, has_said: Callable[[ServiceRequest], bool] | None = None
) -> Asked:
    """Whether it is asked at a moment. `has_said` tells whether it was said since; a statement finds out else."""
    until = asked_until(request)
    if request.is_open or until is None:
        return Asked.OPEN
    if request.merged_into_id is not None:
        return Asked.JOINED
    if request.service.kind == ServiceKind.APPLICATION:
        return Asked.DECIDED
    if moment > until:
        return Asked.TOO_LATE
    return Asked.SAID if (has_said or _has_said)(request) else Asked.YES


def _has_said(request: ServiceRequest) -> bool:
    """Whether the citizen has said yes since the case was closed last; a “no” would have opened it."""
    said = RequestEvent.objects.filter(request=request, activity=Activity.CONFIRMED)
    return said.filter(recorded_at__gte=request.closed_at).exists()
