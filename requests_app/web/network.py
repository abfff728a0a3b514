"""Where a page was asked from, as roughly as what it is needed for allows."""

from django.conf import settings
from django.http import HttpRequest

from requests_app.privacy.me_too import rough_network


def network_of(request: HttpRequest) -> str:
    """The rough network of whoever asks; "" when it is not known. The address itself goes no further than this line."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_PROXY else ""
    return rough_network(forwarded.rpartition(",")[2] or request.META.get("REMOTE_ADDR", ""))
