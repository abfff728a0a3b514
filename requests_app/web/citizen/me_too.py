"""“It affects me too” on the page of a request: one tap, no account, once a person, taken back with another.

A browser is known by a number in a signed cookie of its own, which it gets with its first tap and which no other page
reads. Until then the number is made of the cookie that guards forms, which every page with a form has given it already:
so two taps at one moment, or in two tabs, come from the same browser.
"""

import hashlib
import hmac
import secrets

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from requests_app.actions import Command, Refused
from requests_app.actions.me_too import affects_me_no_more, affects_me_too, takes_more
from requests_app.models import ServiceRequest
from requests_app.privacy.me_too import SomebodyToo, somebody_too
from requests_app.reads.me_too import has_said_so
from requests_app.web.network import network_of
from requests_app.web.viewer import viewer_of

COOKIE = "me_too"
SALT = "requests_app.me_too"
COOKIE_AGE_S = 365 * 24 * 60 * 60


def browser_of(request: HttpRequest) -> str:
    """The number this browser keeps; "" when it keeps none, or one that we did not make."""
    return request.get_signed_cookie(COOKIE, default="", salt=SALT) or ""


def new_browser(request: HttpRequest) -> str:
    """A number for a browser that has none: the same for each of its taps that arrive before it keeps the first."""
    guard = str(request.META.get("CSRF_COOKIE") or "") or secrets.token_hex(16)
    return hmac.new(settings.SECRET_KEY.encode(), f"{SALT}:{guard}".encode(), hashlib.sha256).hexdigest()[:32]


def who_of(request: HttpRequest, found: ServiceRequest, browser: str, email: str = "") -> SomebodyToo:
    """Whoever asks, as hashes for this case."""
    today = found.jurisdiction.today
    return somebody_too(found.pk, browser=browser, network=network_of(request), today=today, email=email)


def has_supported(request: HttpRequest, found: ServiceRequest) -> bool:
    """Whether this browser has said so of this case; no statement for the many that have said nothing anywhere."""
    browser = browser_of(request)
    return bool(browser) and has_said_so(found, who_of(request, found, browser))


def may_support(request: HttpRequest, found: ServiceRequest) -> bool:
    """Whether the button is for this reader: of an open public case, not for staff and not for one's own."""
    viewer = viewer_of(request)
    return takes_more(found) and not viewer.is_staff and found.pk not in viewer.tracked_request_ids


def say_so(request: HttpRequest, found: ServiceRequest) -> HttpResponse:
    """Count one more person; a second tap is thanked and not counted. Raises an `ActionError`."""
    if not may_support(request, found):
        raise Refused({"support": _("This request does not take more people now.")})
    browser = count_once(request, found)
    messages.success(request, str(_("Thank you. It is noted that this affects you too.")))
    response = redirect("citizen:request", reference=found.reference)
    keep_browser(response, browser)
    return response


def count_once(request: HttpRequest, found: ServiceRequest, email: str = "") -> str:
    """Count whoever asks, if they are not counted; the number their browser is to keep. Raises an `ActionError`."""
    browser = browser_of(request) or new_browser(request)
    affects_me_too(_command(request, found), who_of(request, found, browser, email))
    return browser


def say_no_more(request: HttpRequest, found: ServiceRequest) -> HttpResponse:
    """Take it back; what was never said is answered in the same way."""
    browser = browser_of(request)
    if browser:
        affects_me_no_more(_command(request, found), who_of(request, found, browser))
    messages.success(request, str(_("Taken back: you are not counted any more.")))
    return redirect("citizen:request", reference=found.reference)


def keep_browser(response: HttpResponse, browser: str) -> None:
    """Have the browser keep its number for a year."""
    response.set_signed_cookie(
        COOKIE,
        browser,
        salt=SALT,
        max_age=COOKIE_AGE_S,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _command(request: HttpRequest, found: ServiceRequest) -> Command:
    return Command(found.pk, viewer_of(request), None, language=get_language() or "en")
