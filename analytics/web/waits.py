"""The page of every wait: three tables over all that a place has recorded, read warm from the segment store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analytics.loading import Catalogue, catalogue_of
from analytics.reports.filters import BadFilters, Filters, choices, read_filters
from analytics.reports.waits import WaitsReport, waits_report
from analytics.store.serving import StoreNotBuilt, serve
from analytics.web.access import evaluators_only, jurisdiction_for
from analytics.web.files import section_file
from analytics.web.links import WAITS, links, with_query
from analytics.web.pages import UNPROCESSABLE, name_of_file, section_view
from requests_app.web.viewer import viewer_of

TRY_AGAIN_S: Final = 60


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What an address asks about, without any case of it."""

    place: Any
    places: list[Any]
    catalogue: Catalogue
    filters: Filters
    made: WaitsReport


def _measured(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Measure what the address asks about and hand it on; bad filters are 422, a store being built is 503."""

    @require_safe
    @evaluators_only
    def answered(request: HttpRequest, code: str, **rest: str) -> HttpResponse:
        viewer = viewer_of(request)
        place, places = jurisdiction_for(viewer, code)
        catalogue = catalogue_of(place)
        form = {**_form(place, catalogue, request.GET.dict()), "places": places}
        try:
            filters = read_filters(request.GET.dict(), catalogue)
            made = waits_report(place, catalogue, serve(place, viewer), filters)
        except BadFilters as bad:
            return render(request, "analytics/refused.html", {**form, "problems": bad.problems}, status=UNPROCESSABLE)
        except StoreNotBuilt:
            answer = render(
                request, "analytics/waits_later.html", {**form, "views": links(code, Filters(), WAITS)}, status=503
            )
            answer["Retry-After"] = str(TRY_AGAIN_S)
            return answer
        return page(request, _Asked(place, places, catalogue, filters, made), **rest)

    return wraps(page)(answered)


@_measured
def waits(request: HttpRequest, asked: _Asked) -> HttpResponse:
    """Show every step, hand-over and office under the filters of the address."""
    parameters = asked.filters.parameters()
    query = urlencode(parameters)

    def file(table: str, form: str) -> str:
        return with_query(reverse("evaluate:waits_file", args=[asked.place.code, table, form]), query)

    context = {
        **_form(asked.place, asked.catalogue, parameters),
        "places": asked.places,
        "filters": asked.filters,
        "made": asked.made,
        "sections": [section_view(section, _no_cases, file) for section in asked.made.sections],
        "views": links(asked.place.code, asked.filters, WAITS),
    }
    return render(request, "analytics/waits.html", context)


@_measured
def waits_file(request: HttpRequest, asked: _Asked, table: str, form: str) -> HttpResponse:
    """Give one table of the page as a file: the same rows, the same numbers."""
    section = next((one for one in asked.made.sections if one.table is not None and one.table.name == table), None)
    if section is None:
        raise Http404(_("This report has no table of that name."))
    return section_file(request, section, form, name_of_file(asked.place, asked.filters, asked.made.at, WAITS, table))


def _form(place: Any, catalogue: Catalogue, chosen: dict[str, str]) -> dict[str, object]:
    """Return what the form of filters needs; its days are those on which a wait ended."""
    return {
        "jurisdiction": place,
        "address": reverse("evaluate:waits", args=[place.code]),
        "chosen": chosen,
        "services": choices(catalogue.services),
        "areas": choices(catalogue.areas),
        "offices": choices(catalogue.offices),
        "said_from": _("Ended from"),
        "said_to": _("Ended to"),
        "said_office": _("Waited at"),
    }


def _no_cases(_figure: object) -> str:
    """A wait has no list of cases of its own: the lists are of cohorts by the day of filing."""
    return ""
