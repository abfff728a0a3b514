"""Folium pages: each has its own address and its own policy, and is shown in a frame by that address."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.clickjacking import xframe_options_sameorigin

from analytics.reports.views.equity_map import LATE, SHOWS, figures_of
from analytics.reports.views.parts import one_of
from analytics.web.pages import Asked, about_a_place_with, no_more
from maps.folium.choropleth import choropleth_page
from maps.folium.ground import ground_of

POLICY: Final = (
    "sandbox allow-scripts allow-top-navigation-by-user-activation; default-src 'none'; "
    "script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
"""Folium writes its scripts into the page, so they are allowed here and nowhere else. The sandbox gives the page an
origin
of its own: it can read no cookie and nothing of ours."""


@xframe_options_sameorigin
@about_a_place_with(no_more, lambda request, _named: request.GET.get("shows") == LATE)
def choropleth(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Draw a figure of each area under the filters of the address: median days, or a ratio standardised by service."""
    place = asked.source.jurisdiction
    figures = figures_of(asked.source, asked.filters, one_of(request.GET.dict(), "shows", SHOWS))
    cases = reverse("evaluate:cases", args=[asked.code])

    def cases_of(area: str) -> str:
        return f"{cases}?{urlencode({**asked.filters.parameters(area=area), 'figure': figures.figure})}"

    ground = ground_of(place.pk, place.area_kind)
    page = choropleth_page(ground, figures, cases_of)
    return HttpResponse(page, headers={"Content-Security-Policy": POLICY})
