"""My round: the day's stops in order, on a map and in a list that say the same."""

import secrets
from collections.abc import Mapping
from math import isfinite
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from requests_app.actions.crew import OUTCOMES
from requests_app.labels import OUTCOME, REASON
from requests_app.reads.desk import Desk
from requests_app.reads.round import Round, round_of
from requests_app.rounds import Point
from requests_app.states import COULD_NOT
from requests_app.web.crew.gate import on_the_way
from requests_app.web.problem import problem_page

HERE = "crew_sets_out_from"
"""Session key: where the crew said it is, rounded to ten metres; gone when it says so, or with the session."""


@never_cache
@require_safe
@on_the_way
def my_round(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The page."""
    return show_round(request, desk)


def show_round(
    request: HttpRequest, desk: Desk, *, tried: Mapping[str, str] | None = None, problems: Any = None, status: int = 200
) -> HttpResponse:
    """The page; after a refused entry with its sentences beside its fields and what was typed still there."""
    mine = round_of(desk.viewer, desk.place, desk.own_office_ids, _here(request))
    context = {
        "desk": desk,
        "jurisdiction": desk.place,
        "present": desk.place.present,
        "round": mine,
        "from_here": _here(request) is not None,
        "outcomes": [(code.value, OUTCOME[code]) for code in OUTCOMES],
        "reasons": [(code, REASON[code]) for code in COULD_NOT],
        "tried": tried or {},
        "problems": problems or {},
        "keys": _Keys(),
        "lost": _lost(mine, tried),
    }
    return render(request, "crew/round.html", context, status=status)


class _Keys:
    """A new key for each form, for browsers that run no scripts: sent twice, it is said once."""

    @property
    def new(self) -> str:
        return secrets.token_hex(16)


def _lost(mine: Round, tried: Mapping[str, str] | None) -> str:
    """The words of a refused entry whose stop is no longer on the round: shown by themselves."""
    if not tried or any(stop.reference == tried.get("reference") for stop in mine.stops):
        return ""
    return tried.get("note", "")


@never_cache
@require_POST
@on_the_way
def set_out_from(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Order the round from where the crew is, or from the office again."""
    if request.POST.get("from") == "office":
        request.session.pop(HERE, None)
        return redirect(page_of(desk))
    here = _point(request.POST)
    if here is None:
        sentence = _("Your position could not be read. Try again, or start from the office.")
        return problem_page(request, 422, sentence, back=page_of(desk))
    request.session[HERE] = here
    return redirect(page_of(desk))


def page_of(desk: Desk) -> str:
    """The address of the round of a place."""
    return f"/crew/?place={desk.place.code}" if len(desk.places) > 1 else "/crew/"


def _point(given: Mapping[str, Any]) -> Point | None:
    try:
        lon, lat = float(given.get("lon", "")), float(given.get("lat", ""))
    except ValueError:
        return None
    if not (isfinite(lon) and isfinite(lat) and -180 <= lon <= 180 and -90 <= lat <= 90):
        return None
    return round(lon, 4), round(lat, 4)


def _here(request: HttpRequest) -> Point | None:
    kept = request.session.get(HERE)
    return (kept[0], kept[1]) if kept else None
