"""Feeds by their addresses. They are the same for everybody: neither cookie nor session is looked at.

The language is in the address (`all.fr.atom`), so that a cache may keep each of them.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import http_date, parse_etags, parse_http_date_safe
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from requests_app.permissions import ANONYMOUS
from requests_app.reads.feeds import (
    NEVER,
    Key,
    Scope,
    area_with_feed,
    choices_of_feeds,
    last_change,
    moments_of,
    newest,
    place_with_feeds,
    service_with_feed,
    settled,
)
from requests_app.reads.one_request import find_request
from requests_app.reads.places import home_jurisdiction
from requests_app.web.feeds import atom, json_feed
from requests_app.web.feeds.feed import (
    Addresses,
    Feed,
    moment_entry,
    request_entry,
    scope_title,
    subtitle_of,
    tag_of,
    whole,
)
from requests_app.web.problem import problem_page

FORMS: dict[str, tuple[str, Callable[[Feed], str]]] = {
    "atom": (atom.MEDIA_TYPE, atom.as_atom),
    "json": (json_feed.MEDIA_TYPE, json_feed.as_json),
}
MOST, USUAL = 100, 50
MAX_AGE_S = 120
KEY_SALT = "requests_app.feeds"
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """A feed as its address names it: the view's name and arguments, and the form."""

    name: str
    parts: dict[str, str]
    form: str

    def address(self, **changes: str) -> str:
        """The address of this feed, or of the same in another language or form."""
        return whole(reverse(self.name, kwargs={**self.parts, "form": self.form, **changes}))


FeedView = Callable[..., HttpResponse]


def feed(view: FeedView) -> FeedView:
    """A feed: 404 for a form or language there is not; its own language, and nothing of the reader's."""

    @require_safe
    @wraps(view)
    def asked(request: HttpRequest, language: str, form: str, **parts: str) -> HttpResponse:
        if form not in FORMS or language not in dict(settings.LANGUAGES) or any("\x00" in p for p in parts.values()):
            raise Http404
        match = request.resolver_match
        name = match.view_name if match else ""
        with override(language):
            response = view(request, Asked(name, {**parts, "language": language}, form), **parts)
        response["Content-Language"] = language
        return response

    return asked


@feed
def of_place(request: HttpRequest, asked: Asked, place: str) -> HttpResponse:
    """The newest requests of a place."""
    return _requests(request, asked, _scope(place))


@feed
def of_service(request: HttpRequest, asked: Asked, place: str, service: str) -> HttpResponse:
    """The newest requests of a service that is not private."""
    return _requests(request, asked, _scope(place, service=service))


@feed
def of_area(request: HttpRequest, asked: Asked, place: str, area: str) -> HttpResponse:
    """The newest requests of an area."""
    return _requests(request, asked, _scope(place, area=area))


@feed
def of_request(request: HttpRequest, asked: Asked, reference: str) -> HttpResponse:
    """What happened to one request that everybody may see."""
    found = find_request(reference, ANONYMOUS)
    if found is None or found.jurisdiction.is_read_only:
        raise Http404
    changed_at = settled(found.updated_at)
    if _not_since(request, changed_at):
        return _shared(HttpResponseNotModified(), changed_at)
    case, place = found, found.jurisdiction
    told = Feed(
        ident=tag_of(f"requests/{case.reference}/events", case.submitted_at),
        title=f"{case.reference}: {case.service.name}",
        subtitle=subtitle_of(place),
        author=place.name,
        language=get_language() or "en",
        addresses=_addresses(asked, reverse("citizen:request", args=[case.reference])),
        entries=[moment_entry(case, moment) for moment in moments_of(case)[:MOST]],
    )
    return _answer(request, asked.form, told, changed_at)


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every feed of the home place, in words, with what a feed is for."""
    place = home_jurisdiction()
    services, areas = choices_of_feeds(place) if place and not place.is_read_only else ([], [])
    context = {"jurisdiction": place, "services": services, "areas": areas}
    return render(request, "feeds/overview.html", context)


# --- Requests of a place, a service, an area -------------------------------------------------------------------------


def _scope(place: str, *, service: str = "", area: str = "") -> Scope:
    found = place_with_feeds(place)
    if found is None:
        raise Http404
    scope = Scope(
        found,
        service_with_feed(found, service) if service else None,
        area_with_feed(found, area) if area else None,
    )
    if (service and scope.service is None) or (area and scope.area is None):
        raise Http404
    return scope


def _requests(request: HttpRequest, asked: Asked, scope: Scope) -> HttpResponse:
    problems = _problems(request)
    if problems:
        return _refused(request, asked.form, problems)
    changed_at = last_change()
    if _not_since(request, changed_at):
        return _shared(HttpResponseNotModified(), changed_at)
    limit = int(request.GET.get("limit", USUAL))
    page = newest(scope, limit, read_key(request.GET.get("after", "")))
    query = {"limit": str(limit)} if limit != USUAL else {}
    further = f"?{urlencode({**query, 'after': written_key(page.next_key)})}" if page.next_key else ""
    told = Feed(
        ident=_ident(scope),
        title=scope_title(scope),
        subtitle=subtitle_of(scope.place),
        author=scope.place.name,
        language=get_language() or "en",
        addresses=_addresses(asked, reverse("citizen:home"), request.GET.urlencode(), further),
        entries=[request_entry(one) for one in page.entries],
    )
    return _answer(request, asked.form, told, changed_at)


def _ident(scope: Scope) -> str:
    name = f"places/{scope.place.code}"
    if scope.service is not None:
        name += f"/services/{scope.service.code}"
    if scope.area is not None:
        name += f"/areas/{scope.area.pk}"
    return f"tag:{settings.MAIL_DOMAIN},2026:{name}"


def _addresses(asked: Asked, page: str, query: str = "", further: str = "") -> Addresses:
    own = asked.address()
    return Addresses(
        own=f"{own}?{query}" if query else own,
        page=f"{whole(page)}?lang={asked.parts['language']}",
        languages=[(code, asked.address(language=code)) for code, _name in settings.LANGUAGES],
        other_form=asked.address(form="json" if asked.form == "atom" else "atom"),
        next_page=f"{own}{further}" if further else "",
    )


# --- What an address may ask for -------------------------------------------------------------------------------------


def _problems(request: HttpRequest) -> dict[str, str | Promise]:
    problems: dict[str, str | Promise] = {}
    limit = request.GET.get("limit", str(USUAL))
    if not (re.fullmatch(r"[0-9]{1,3}", limit) and 0 < int(limit) <= MOST):
        problems["limit"] = _("Give as limit a whole number from 1 to 100.")
    if request.GET.get("after") and read_key(request.GET["after"]) is None:
        problems["after"] = _("This page of the feed does not exist. Begin again at the feed’s own address.")
    return problems


def _refused(request: HttpRequest, form: str, problems: dict[str, str | Promise]) -> HttpResponse:
    if form == "json":
        return JsonResponse({"errors": {name: str(said) for name, said in problems.items()}}, status=422)
    return problem_page(request, 422, next(iter(problems.values())))


def written_key(key: Key) -> str:
    """Where a page begins, for an address: signed, so that nobody asks for what no page offers."""
    micros = (key.submitted_at - NEVER) // timedelta(microseconds=1)
    return signing.Signer(salt=KEY_SALT).sign(f"{micros}_{key.pk}")


def read_key(written: str) -> Key | None:
    """Where a page begins; None for what we did not write."""
    try:
        micros, _line, pk = signing.Signer(salt=KEY_SALT).unsign(written[:LONGEST_KEY]).rpartition("_")
    except signing.BadSignature:
        return None
    return Key(NEVER + timedelta(microseconds=int(micros)), int(pk))


# --- Answering -------------------------------------------------------------------------------------------------------


def _not_since(request: HttpRequest, changed_at: datetime) -> bool:
    """Whether nothing has changed since the date that the reader names; a tag, where there is one, says more."""
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    return since is not None and "If-None-Match" not in request.headers and int(changed_at.timestamp()) <= since


def _answer(request: HttpRequest, form: str, told: Feed, changed_at: datetime) -> HttpResponse:
    media_type, write = FORMS[form]
    body = write(told)
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:24]}"'
    # A compressed answer carries the same tag, marked weak.
    known = {seen.removeprefix("W/") for seen in parse_etags(request.headers.get("If-None-Match", ""))}
    same = tag in known or "*" in known
    response = HttpResponseNotModified() if same else HttpResponse(body, content_type=media_type)
    response["ETag"] = tag
    return _shared(response, changed_at)


def _shared(response: Any, changed_at: datetime) -> HttpResponse:
    """What a cache may know: how long to keep it, and since when it is so. Any page may read it."""
    response["Last-Modified"] = http_date(changed_at.timestamp())
    response["Cache-Control"] = f"public, max-age={MAX_AGE_S}"
    response["Access-Control-Allow-Origin"] = "*"
    response.same_for_everybody = True
    return response
