"""How often a door may be used from one network: which limit each door has, and the page for whom there is no more.

A door behind a sign-in has none, and whoever is signed in reads pages without a limit; feeds and secret links are
counted for them too. See docs/operations.md and docs/adr/0006.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from requests_app.clock import now
from requests_app.privacy.rates import AHEAD, Slot, give_back, slot, take
from requests_app.web.network import network_of


class Limit(StrEnum):
    """The limits, named as in their settings `CLEARWAY_RATE_…`."""

    FILE = "FILE"
    SAY = "SAY"
    FIXED = "FIXED"
    MAIL = "MAIL"
    LINKS = "LINKS"
    PARTNER = "PARTNER"
    SIGN_IN = "SIGN_IN"
    SIGN_IN_ACCOUNT = "SIGN_IN_ACCOUNT"
    FEEDS = "FEEDS"
    PAGES = "PAGES"


READS = frozenset({Limit.FEEDS, Limit.PAGES})
"""Limits on what only shows something: a process takes their places in blocks."""


@dataclass(frozen=True, slots=True)
class Door:
    """The limits of one door: for what only shows, for what is sent, and for some acts that can be sent there."""

    shown: Limit = Limit.PAGES
    sent: Limit = Limit.PAGES
    acts: Mapping[str, Limit] = field(default_factory=dict)


DOORS: dict[str, Door] = {
    "citizen:report_send": Door(sent=Limit.FILE),
    "citizen:request": Door(
        sent=Limit.SAY, acts={"follow": Limit.MAIL, "fixed": Limit.FIXED, "not_fixed": Limit.FIXED}
    ),
    "citizen:documents": Door(sent=Limit.SAY),
    "citizen:mine": Door(sent=Limit.MAIL),
    "citizen:mine_open": Door(Limit.LINKS, Limit.LINKS),
    "citizen:invitation": Door(Limit.LINKS, Limit.LINKS),
    "citizen:track": Door(Limit.LINKS),
    "citizen:from_mail": Door(Limit.LINKS),
    "citizen:follow": Door(Limit.LINKS, Limit.LINKS),
    "citizen:is_it_fixed": Door(Limit.LINKS, Limit.FIXED),
    "citizen:stop_mails": Door(Limit.LINKS),
    "evaluate:shared": Door(Limit.LINKS),
    "evaluate:shared_pdf": Door(Limit.LINKS),
    "evaluate:stop_mail": Door(Limit.LINKS),
    "partner:case": Door(Limit.PARTNER, Limit.PARTNER),
    "citizen:sign_in": Door(sent=Limit.SIGN_IN),
    "citizen:base_map": Door(Limit.FEEDS),
    **{f"feeds:{name}": Door(Limit.FEEDS) for name in ("request", "place", "service", "area")},
}
"""The limits of the doors that have others than the one on pages."""

WITHOUT: dict[str, str] = {
    "GET health": "asked by the machines that watch the site",
    "POST citizen:stop_mails": "mail programs send it, many from one network, and nobody is to go on getting mails",
    "POST evaluate:stop_mail": "the same",
    "POST citizen:sign_out": "whoever wants to leave may",
    "GET crew:worker": "a file that is the same for everybody",
}
"""Doors without a limit, and why."""

BEHIND_SIGN_IN = ("desk:", "crew:", "administration:", "evaluate:", "evaluate_map")
"""Doors that show nothing to whoever is not signed in."""

SAID: dict[Limit, str | Promise] = {
    Limit.FILE: gettext_lazy("Your network sent many requests in a short time, so this one was not sent."),
    Limit.SAY: gettext_lazy("Your network sent many messages in a short time, so this one was not sent."),
    Limit.FIXED: gettext_lazy("Your network sent many messages in a short time, so this one was not sent."),
    Limit.MAIL: gettext_lazy("Your network asked for many mails in a short time, so no mail was sent."),
    Limit.LINKS: gettext_lazy("Your network opened many links in a short time, so this one was not opened."),
    Limit.PARTNER: gettext_lazy("Your network used links of partners many times in a short time."),
    Limit.SIGN_IN: gettext_lazy("There were too many tries to sign in, so this one was not looked at."),
    Limit.FEEDS: gettext_lazy("Your network asked for many feeds in a short time."),
    Limit.PAGES: gettext_lazy("Your network asked for many pages in a short time."),
}
PASSWORDS = frozenset({"password", "again"})
"""Fields that are never given back: their form is opened anew instead."""
NOT_TYPED = frozenset({"csrfmiddlewaretoken"})


def limit_of(request: HttpRequest) -> Limit | None:
    """The limit of the door a request stands at; None where it has none."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    method = "GET" if request.method in ("GET", "HEAD", "OPTIONS") else "POST"
    if (name.startswith(BEHIND_SIGN_IN) and name not in DOORS) or f"{method} {name}" in WITHOUT:
        return None
    door = DOORS.get(name, Door())
    return door.shown if method == "GET" else door.acts.get(request.POST.get("act", ""), door.sent)


class KeepRates:
    """Answer 429 to whoever asks for more than a limit allows, and give back what they typed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: tuple[Any, ...], parts: dict[str, Any]
    ) -> HttpResponse | None:
        """Take a place before the door is opened; None lets the request in."""
        limit = limit_of(request)
        if limit is None or (limit is Limit.PAGES and _is_staff(request)):
            return None
        slots = slots_of(request, limit)
        if not slots or (AHEAD.take(slots[0]) if limit in READS else take(slots)):
            request._counted = slots  # type: ignore[attr-defined]
            return None
        language = parts.get("language", "")
        with translation.override(language if language in dict(settings.LANGUAGES) else translation.get_language()):
            return too_many(request, limit, max(one.ends_at for one in slots))


def slots_of(request: HttpRequest, limit: Limit) -> list[Slot]:
    """Where a request counts: for its network, and a try to sign in for the account as well."""
    who = [(limit, network_of(request))]
    if limit is Limit.SIGN_IN:
        who.append((Limit.SIGN_IN_ACCOUNT, request.POST.get("username", "").strip().casefold()))
    return [found for name, asker in who if (found := slot(name, asker))]


def does_not_count(request: HttpRequest) -> None:
    """Give back the place this request took: what was done is not what the limit is against."""
    slots = getattr(request, "_counted", [])
    if slots:
        give_back(slots)


def _is_staff(request: HttpRequest) -> bool:
    """Whether somebody is signed in; a browser without a session is not asked about one."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated


def too_many(request: HttpRequest, limit: Limit, ends_at: Any) -> HttpResponse:
    """The refusal: what, when to try again, another way; a page with the typed form, or plain text for a program."""
    seconds = max(1, int((ends_at - now()).total_seconds()) + 1)
    minutes = -(-seconds // 60)
    again = ngettext("Try again in %(n)s minute.", "Try again in %(n)s minutes.", minutes) % {"n": minutes}
    if limit is Limit.FEEDS or "text/html" not in request.headers.get("Accept", ""):
        text = f"{SAID[limit]} {again}\n"
        response = HttpResponse(text, status=429, content_type="text/plain; charset=utf-8")
    else:
        context = {"sentence": SAID[limit], "again": again, "otherwise": _another_way(), **_given_back(request)}
        response = render(request, "citizen/too_many.html", context, status=429)
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "no-store"
    return response


def _another_way() -> str:
    if settings.PHONE:
        return _("If it cannot wait, call us: %(phone)s.") % {"phone": settings.PHONE}
    return _("If it cannot wait, call your municipality.")


def _given_back(request: HttpRequest) -> dict[str, Any]:
    """What was typed: as hidden fields of a form that sends it again, and its words to be read and copied.

    A form with a password is not sent again: the page it was typed on is opened, with all its address asked for.
    """
    if request.method != "POST" or not PASSWORDS.isdisjoint(request.POST):
        return {"asked": _pairs(request.GET), "had_password": request.method == "POST"}
    typed = [(name, value) for name, value in _pairs(request.POST) if name not in NOT_TYPED]
    words = [value for _name, value in typed if len(value.split()) > 1]
    return {"typed": typed, "words": words, "had_file": bool(request.FILES)}


def _pairs(form: QueryDict) -> list[tuple[str, str]]:
    """Every value of every name, in the order they came."""
    return [(name, value) for name, values in form.lists() for value in values]
