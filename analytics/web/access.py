"""Who may read reports, and of which jurisdictions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from analytics.loading import jurisdictions_for
from requests_app.permissions import Viewer
from requests_app.states import Capability
from requests_app.web.viewer import viewer_of

P = ParamSpec("P")
Page = Callable[Concatenate[HttpRequest, P], HttpResponse]


def evaluators_only(page: Page[P]) -> Page[P]:
    """Send visitors to sign in; tell staff without the right who has it."""

    @wraps(page)
    def guarded(request: HttpRequest, *arguments: P.args, **named: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return _sign_in_first() if _is_file(request) else redirect_to_login(request.get_full_path())
        if not viewer_of(request).has(Capability.SEE_REPORTS):
            if _is_file(request):
                return _words(_("Your account may not read reports: ask an administrator."), 403)
            return render(request, "analytics/no_access.html", status=403)
        return page(request, *arguments, **named)

    return guarded


def _is_file(request: HttpRequest) -> bool:
    """Programs that ask for a file would take a page to sign in for the file."""
    return request.path.endswith((".csv", ".parquet", ".zip", ".json", ".pdf"))


def _sign_in_first() -> HttpResponse:
    return _words(_("This file is for people who are signed in: sign in on the site, then ask for it again."), 401)


def _words(sentence: str, status: int) -> HttpResponse:
    return HttpResponse(f"{sentence}\n", content_type="text/plain; charset=utf-8", status=status)


def jurisdiction_for(viewer: Viewer, code: str) -> tuple[Any, list[Any]]:
    """Return the jurisdiction of the address and all those the viewer may evaluate; 404 when it is none of them."""
    places = jurisdictions_for(viewer)
    for place in places:
        if place.code == code:
            return place, places
    raise Http404(_("You have no report on a place of that name."))
