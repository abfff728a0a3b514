"""“Is it fixed?” on the page of a closed request and on the page that the closing mail leads to."""

from collections.abc import Callable
from typing import Any

from requests_app.clock import now
from requests_app.models import ServiceRequest
from requests_app.reads.closing import Asked, asked_until, asked_whether_fixed
from requests_app.reads.one_request import CasePage
from requests_app.states import Activity


def fixed_said(shown: CasePage) -> dict[str, Any]:
    """Whether the reader of a case page is asked, until when, and why not; nothing for who has not filed it."""
    if not shown.is_own or shown.request.jurisdiction.is_read_only:
        return {"fixed_asked": "", "fixed_until": None}
    return fixed_asked(shown.request, lambda request: _is_among(shown))


def _is_among(shown: CasePage) -> bool:
    """Whether the citizen has said yes since the last closing, by the moments that were read already."""
    since = shown.request.closed_at
    return since is not None and any(
        moment.activity is Activity.CONFIRMED and moment.recorded_at >= since for moment in shown.moments
    )


def fixed_asked(request: ServiceRequest, has_said: Callable[[ServiceRequest], bool] | None = None) -> dict[str, Any]:
    """Whether who filed the case is asked, and until when."""
    asked = asked_whether_fixed(request, now(), has_said)
    return {"fixed_asked": "" if asked is Asked.OPEN else asked, "fixed_until": asked_until(request)}
