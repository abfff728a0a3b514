"""Where a page was asked from, as roughly as what it is needed for allows."""

from django.conf import settings
from django.http import HttpRequest

from requests_app.privacy.me_too import rough_network


def network_of(request: HttpRequest) -> str:
    """The rough network of whoever asks; "" when it is not known. The address itself goes no further than this line."""
    return rough_network(_told_by_proxies(request)) or rough_network(request.META.get("REMOTE_ADDR", ""))


def _told_by_proxies(request: HttpRequest) -> str:
    """What the outermost of our own proxies saw: each adds one at the end, and what stands before can be made up."""
    if not (settings.BEHIND_PROXY and settings.CLIENT_ADDRESS_HEADER):
        return ""
    told = request.headers.get(settings.CLIENT_ADDRESS_HEADER, "").split(",")
    return told[-settings.PROXIES] if len(told) >= settings.PROXIES else ""
