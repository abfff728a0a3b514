"""The tracking link that a browser opened: kept in a cookie of that one page, so that it can be copied again."""

import hmac

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from requests_app.actions.submit import token_hash
from requests_app.models import ServiceRequest

COOKIE = "tracking"


def remember_link(response: HttpResponse, reference: str, token: str) -> None:
    """Keep the secret in the browser until it closes, for the request's own page only: the database has its hash."""
    response.set_cookie(
        COOKIE,
        token,
        path=reverse("citizen:request", kwargs={"reference": reference}),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def link_of(request: HttpRequest, found: ServiceRequest) -> str:
    """The whole tracking link when this browser holds it, else ""."""
    token = request.COOKIES.get(COOKIE, "")
    if not token or not found.tracking_hash or not hmac.compare_digest(found.tracking_hash, token_hash(token)):
        return ""
    link = reverse("citizen:track", kwargs={"reference": found.reference, "token": token})
    return request.build_absolute_uri(link)
