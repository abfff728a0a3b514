"""The pages beside the overview, and their tables as files: CSV, Parquet, and the archive that recomputes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from typing import Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.loading import load
from analytics.reports.filters import Filters
from analytics.reports.measure import measure
from analytics.reports.sections import Section, Subject, subject_of
from analytics.reports.views.parts import Links, Made, View
from analytics.reports.views.registry import BY_SLUG
from analytics.web.files import section_file
from analytics.web.links import links, what_if, with_query
from analytics.web.pages import Asked, about_a_place_with, file_named, filter_form, link_of, section_view
from requests_app.web.viewer import viewer_of

MOST_PLACES: Final = 4


def of_a_view(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Compute the page that the address names and hand it on; 404 where there is none of that name."""

    def answered(request: HttpRequest, asked: Asked, slug: str, **rest: str) -> HttpResponse:
        view = BY_SLUG.get(slug)
        if view is None:
            raise Http404(_("There is no report page of that name."))
        subject = replace(subject_of(measure(asked.source, asked.filters)), beside=lambda: _beside(request, asked))
        return page(request, asked, view, subject, view.make(subject, request.GET.dict()), **rest)

    return about_a_place_with(_made_of_events, _made_of_promises)(wraps(page)(answered))


def _beside(request: HttpRequest, asked: Asked) -> tuple[Subject, ...]:
    """Live, imported and invented cases are never compared with each other."""
    here, period = asked.source.jurisdiction, Filters(asked.filters.filed_from, asked.filters.filed_to)
    others = [place for place in asked.places if place.pk != here.pk and place.provenance == here.provenance]
    return tuple(
        subject_of(measure(load(place, viewer_of(request), dues=False), period)) for place in others[:MOST_PLACES]
    )


def _made_of_events(request: HttpRequest, named: Mapping[str, str]) -> bool:
    view = BY_SLUG.get(named["slug"])
    return view is not None and view.needs_events(request.GET.dict())


def _made_of_promises(request: HttpRequest, named: Mapping[str, str]) -> bool:
    view = BY_SLUG.get(named["slug"])
    return view is not None and view.needs_dues


@of_a_view
def view_page(request: HttpRequest, asked: Asked, view: View, subject: Subject, made: Made) -> HttpResponse:
    """Show one page of the report."""
    kept = {**asked.filters.parameters(), **made.options}
    query = urlencode(kept)
    address = reverse("evaluate:view", args=[asked.code, view.slug])
    to = _links(asked, kept, address)

    def file(table: str, form: str) -> str:
        return with_query(reverse("evaluate:view_file", args=[asked.code, view.slug, table, form]), query)

    context = {
        **filter_form(asked.source, asked.filters.parameters(), address),
        "places": asked.places,
        "filters": asked.filters,
        "view": view,
        "made": made,
        "picture": made.picture(to) if made.picture else None,
        "choices": [(choice.label, choice.links(to.page)) for choice in made.choices],
        "hidden": made.options.items(),
        "subject": subject,
        "sections": [section_view(section, to.cases, file) for section in made.sections],
        "views": links(asked.code, asked.filters, view.slug),
        "what_if": what_if(asked.code),
        "query": query,
    }
    return render(request, "analytics/view.html", context)


@of_a_view
def view_file(
    request: HttpRequest, asked: Asked, view: View, subject: Subject, made: Made, table: str, form: str
) -> HttpResponse:
    """Give one table of a page as a file: the same rows, the same numbers."""
    return file_of_table(request, asked, subject, made.sections, table, form, view.slug)


def file_of_table(
    request: HttpRequest,
    asked: Asked,
    subject: Subject,
    sections: Sequence[Section],
    table: str,
    form: str,
    *named: str,
) -> HttpResponse:
    """Give the table of that name among the sections as a file; 404 where there is none, or not in that form."""
    section = next((one for one in sections if one.table is not None and one.table.name == table), None)
    if section is None or section.table is None:
        raise Http404(_("This report has no table of that name."))
    stamped = replace(section, table=subject.stamped(section.table, section.basis.clock))
    return section_file(request, stamped, form, file_named(asked, *named, table))


def _links(asked: Asked, kept: Mapping[str, str], address: str) -> Links:
    def page(changed: Mapping[str, str]) -> str:
        wanted = {name: value for name, value in {**kept, **changed}.items() if value}
        return with_query(address, urlencode(wanted))

    return Links(link_of(asked.code, asked.filters), page)
