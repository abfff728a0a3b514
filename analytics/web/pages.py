"""The evaluator's pages: each reads its address, computes one report or list, and renders it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analytics.loading import Source, jurisdictions_for, load
from analytics.reports.bottlenecks import Report, bottlenecks
from analytics.reports.case_lists import CaseList, case_list
from analytics.reports.figures import Figure
from analytics.reports.filters import FILTERS, BadFilters, Filters, choices, periods, read_filters
from analytics.reports.flow_lists import OF_STEPS
from analytics.reports.measure import needs_events
from analytics.reports.picture import Drawing, Link, drawings
from analytics.reports.promise_lists import OF_PROMISES
from analytics.reports.sections import Section
from analytics.reports.views.registry import BY_SLUG
from analytics.web.access import evaluators_only, jurisdiction_for
from analytics.web.files import file_of, further_files, section_file
from analytics.web.links import OVERVIEW, links, page_at, what_if, with_query
from analytics.web.table_views import SHOWN_FIRST, TableView, table_view
from requests_app.web.viewer import viewer_of

UNPROCESSABLE: Final = 422


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section with its table as it is shown."""

    section: Section
    table: TableView | None
    leads: tuple[tuple[str, str], ...] = ()
    """Words and the address they lead to."""


@require_safe
@evaluators_only
def start(request: HttpRequest) -> HttpResponse:
    """Choose a jurisdiction, or go straight to the only one."""
    places = jurisdictions_for(viewer_of(request))
    if len(places) == 1:
        return redirect("evaluate:report", code=places[0].code)
    return render(request, "analytics/start.html", {"places": places})


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What an address asks about: one jurisdiction, its cases, and the filters."""

    places: list[Any]
    source: Source
    filters: Filters

    @property
    def code(self) -> str:
        """The jurisdiction’s code, as it stands in addresses."""
        return str(self.source.jurisdiction.code)


Page = Callable[..., HttpResponse]
Wants = Callable[[HttpRequest, Mapping[str, str]], bool]
"""Whether what an address asks for is made of events, or of promises, beside cases and holds."""


def no_more(request: HttpRequest, named: Mapping[str, str]) -> bool:
    """Most pages are made of cases and holds alone."""
    return False


def about_a_place_with(events: Wants, dues: Wants = no_more) -> Callable[[Page], Page]:
    """Load what the address asks about and hand it to the page; refuse bad filters in sentences, with status 422."""

    def guarded(page: Page) -> Page:
        @require_safe
        @evaluators_only
        def answered(request: HttpRequest, code: str, **rest: str) -> HttpResponse:
            viewer = viewer_of(request)
            place, places = jurisdiction_for(viewer, code)
            wants = {"events": needs_events(place) or events(request, rest), "dues": dues(request, rest)}
            source = load(place, viewer, **wants)
            try:
                filters = read_filters(request.GET.dict(), source.catalogue)
                return page(request, Asked(places, source, filters), **rest)
            except BadFilters as bad:
                return refuse(request, source, places, bad, rest.get("slug", OVERVIEW))

        return wraps(page)(answered)

    return guarded


about_a_place = about_a_place_with(no_more)
of_a_figure = about_a_place_with(
    lambda request, _rest: request.GET.get("figure") in OF_STEPS,
    lambda request, _rest: request.GET.get("figure") in OF_PROMISES,
)


@about_a_place
def report(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show the bottleneck report of one jurisdiction under the filters of the address."""
    made = bottlenecks(asked.source, asked.filters)
    return render(request, "analytics/report.html", _report_page(asked, made))


@of_a_figure
def cases(request: HttpRequest, asked: Asked) -> HttpResponse:
    """List the cases behind one figure."""
    listed = case_list(asked.source, asked.filters, _figure(request), page_number(request))
    return render(request, "analytics/cases.html", _cases_page(request, asked, listed))


@of_a_figure
def cases_file(request: HttpRequest, asked: Asked, form: str = "csv") -> HttpResponse:
    """Give every case behind one figure as CSV or Parquet."""
    figure = _figure(request)
    table = case_list(asked.source, asked.filters, figure, None).table
    return file_of(table, form, file_named(asked, "cases", figure.kind, figure.of, figure.to))


@about_a_place
def table_file(request: HttpRequest, asked: Asked, table: str, form: str = "csv") -> HttpResponse:
    """Give one table of the report as a file: the same rows, the same numbers."""
    sections = bottlenecks(asked.source, asked.filters).sections
    section = next((one for one in sections if one.table is not None and one.table.name == table), None)
    if section is None:
        raise Http404(_("This report has no table of that name."))
    return section_file(request, section, form, file_named(asked, table))


def _figure(request: HttpRequest) -> Figure:
    wanted = request.GET
    return Figure(wanted.get("figure", "all"), wanted.get("of", ""), wanted.get("to_office", ""), wanted.dict())


def page_number(request: HttpRequest) -> int:
    """Return the page of a list that the address asks for; the first one where it asks for none."""
    text = request.GET.get("page", "1")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 1


def file_named(asked: Asked, *named: str) -> str:
    """Return the name of a file, without its ending: place, table or figure, filters and the as-of time there."""
    return name_of_file(asked.source.jurisdiction, asked.filters, asked.source.as_of, *named)


def name_of_file(place: Any, filters: Filters, as_of: datetime, *named: str) -> str:
    """Return such a name of what is told of a place under filters."""
    at = as_of.astimezone(ZoneInfo(place.time_zone))
    said = [place.code, *named, *filters.parameters().values(), f"asof-{at:%Y-%m-%dT%H%M}"]
    return "_".join(re.sub(r"[^A-Za-z0-9-]+", "-", part) for part in said if part)[:200]


def refuse(request: HttpRequest, source: Source, places: list[Any], bad: BadFilters, here: str) -> HttpResponse:
    """Answer 422 with the sentences of what cannot be used, and the form to put it right, on the page at ``here``.

    What is no filter of every page has a field of its own where it is wrong, and is kept where it is not.
    """
    code = source.jurisdiction.code
    address, title = (page_at(code, here), BY_SLUG[here].title) if here in BY_SLUG else ("", "")
    given = request.GET.dict()
    wrong = {problem.field for problem in bad.problems}
    own = {name: text for name, text in given.items() if name not in FILTERS}
    context = {
        **filter_form(source, given, address),
        "places": places,
        "title": title,
        "views": links(code, Filters(), here),
        "problems": bad.problems,
        "hidden": [pair for pair in own.items() if pair[0] not in wrong],
        "rewritten": [pair for pair in own.items() if pair[0] in wrong],
    }
    return render(request, "analytics/refused.html", context, status=UNPROCESSABLE)


def filter_form(source: Source, chosen: Mapping[str, str], address: str = "") -> dict[str, object]:
    """Return what the form of filters needs; it asks for the page at ``address``, the overview by itself."""
    return {
        "jurisdiction": source.jurisdiction,
        "address": address or reverse("evaluate:report", args=[source.jurisdiction.code]),
        "chosen": chosen,
        "services": choices(source.catalogue.services),
        "areas": choices(source.catalogue.areas),
        "offices": choices(source.catalogue.offices),
    }


def _report_page(asked: Asked, made: Report) -> dict[str, object]:
    code, filters = asked.code, asked.filters
    link = link_of(code, filters)
    query = urlencode(filters.parameters())

    def file(table: str, form: str) -> str:
        return with_query(reverse("evaluate:table_form", args=[code, table, form]), query)

    views = {section.id: section_view(section, link, file) for section in made.sections}
    return {
        **filter_form(asked.source, filters.parameters()),
        "places": asked.places,
        "filters": filters,
        "periods": [
            (period.title, f"?{urlencode(period.filters.parameters())}", period.filters == filters)
            for period in periods(filters, asked.source)
        ],
        "report": made,
        "views": links(asked.code, filters, ""),
        "what_if": what_if(asked.code),
        "sections": views,
        "bars": [(bar, link(bar.cases)) for bar in made.bars],
        "drawings": _drawings(made, link),
        "all_cases": link({"figure": "all"}),
        "map_address": f"{reverse('evaluate_map', args=[code])}?{query}",
        "query": query,
    }


def _drawings(made: Report, link: Link) -> tuple[Drawing, ...]:
    return drawings(made.graph, made.office_names, link) if made.graph else ()


def section_view(section: Section, link: Link, file: Callable[[str, str], str], most: int = SHOWN_FIRST) -> SectionView:
    """Prepare a section; ``file`` gives the address of a table, by its name, in a form."""
    leads = tuple((lead.text, link(lead.cases)) for lead in section.leads)
    table = section.table
    if table is None:
        return SectionView(section, None, leads)
    further = further_files(section, lambda form: file(table.name, form))
    return SectionView(section, table_view(table, link, file(table.name, "csv"), most, further), leads)


def link_of(code: str, filters: Filters) -> Link:
    """Return how a figure becomes the address of its cases."""
    address = reverse("evaluate:cases", args=[code])

    def link(figure: Mapping[str, str]) -> str:
        wanted = {"to_office" if name == "to" else name: value for name, value in figure.items()}
        return f"{address}?{urlencode({**filters.parameters(), **wanted})}"

    return link


def _cases_page(request: HttpRequest, asked: Asked, listed: CaseList) -> dict[str, object]:
    code, query = asked.code, urlencode(_asked_of_a_list(request))
    back = with_query(reverse("evaluate:report", args=[code]), urlencode(asked.filters.parameters()))
    files = [
        with_query(reverse("evaluate:cases_file", args=[code]), query),
        with_query(reverse("evaluate:cases_form", args=[code, "parquet"]), query),
    ]
    return list_page(request, asked, listed, back, *files)


def list_page(
    request: HttpRequest, asked: Asked, listed: CaseList, back: str, csv: str = "", parquet: str = ""
) -> dict[str, object]:
    """Return what a page of a list of cases needs: where it came from, its files, the pages before and after."""
    wanted = _asked_of_a_list(request)
    more = ((_("Parquet"), parquet),) if parquet else ()
    return {
        "jurisdiction": asked.source.jurisdiction,
        "listed": listed,
        "table": table_view(listed.table, lambda _figure: "", csv, len(listed.table.rows), more),
        "back": back,
        "earlier": f"?{urlencode({**wanted, 'page': listed.page - 1})}" if listed.page > 1 else "",
        "later": f"?{urlencode({**wanted, 'page': listed.page + 1})}" if listed.page < listed.pages else "",
    }


def _asked_of_a_list(request: HttpRequest) -> dict[str, str]:
    return {name: value for name, value in request.GET.dict().items() if name not in ("page", "lang")}
