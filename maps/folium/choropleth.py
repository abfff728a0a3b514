"""The choropleth of one figure by area: a whole page, drawn by folium from our own files and tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import folium
from branca.element import Element, Figure
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analytics.reports.places import AreaFigure, PlaceFigures
from analytics.reports.wording import number
from maps.folium import layers
from maps.folium.ground import STREETS, Area, Ground
from maps.folium.labels import Wanted, fitting
from maps.folium.scale import FEW, NOTHING, Step, step_of, steps

MOST_LABELS: Final = 60
WATER: Final = ("lake", "river", "creek", "pond")
PARKS: Final = ("park",)

STYLE: Final = """
    html, body { margin: 0; height: 100%; background: #eef1ea; font: 15px/1.4 system-ui, sans-serif; color: #14272b; }
    body { display: flex; flex-direction: column; }
    .folium-map.folium-map { order: 0; flex: 1 1 0; min-height: 0; height: auto; }
    .leaflet-container.leaflet-container { background: #eef1ea; font: inherit; }
    .label span { position: absolute; left: 50%; top: 50%; transform: translate(-50%, -50%); font-weight: 700;
      font-size: 12px; line-height: 1.15;
      text-align: center; white-space: nowrap; }
    .label small { display: block; font-weight: 600; font-size: 11px; }
    @media (max-width: 640px) { .label small { display: none; } }
    .legend { order: 1; flex: none; padding: 8px 12px; border-top: 1px solid #c5ccc9; background: #fff;
      font-size: 13px; }
    .legend b { display: block; margin-bottom: 4px; }
    .legend p { margin: 4px 0 0; }
    .legend ul { display: flex; flex-wrap: wrap; gap: 2px 10px; margin: 0; padding: 0; list-style: none; }
    .legend i { display: inline-block; width: 16px; height: 12px; margin-right: 5px; border: 1px solid #8a8f8c;
      vertical-align: -1px; }
    .said table, .leaflet-popup-content table { border-spacing: 0; }
    .said b, .leaflet-popup-content b, .leaflet-popup-content a { display: block; }
    .leaflet-control-zoom a { width: 34px !important; height: 34px !important; line-height: 32px !important; }
"""
"""The legend stands below the map, so it can hide no area."""

CasesOf = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Shades:
    """The classes of colours, and to how many decimals their figures are rounded."""

    steps: tuple[Step, ...]
    decimals: int


def choropleth_page(ground: Ground, figures: PlaceFigures, cases_of: CasesOf) -> str:
    """Return the page. ``cases_of`` gives the address of the cases of an area."""
    known = {area.code: area for area in figures.areas}
    places = figures.decimals
    scale = steps([round(area.value, places) for area in figures.areas if area.value is not None and not area.few])
    shades = Shades(scale, places)
    page = folium.Map(tiles=None, attribution_control=False, zoom_snap=0.25)
    page.default_js = [("leaflet", static("vendor/leaflet/leaflet.js"))]
    page.default_css = [("leaflet_css", static("vendor/leaflet/leaflet.css"))]
    for layer in _ground_layers(ground):
        layer.add_to(page)
    layers.area_layer([_feature(area, known.get(area.code), shades, cases_of) for area in ground.areas]).add_to(page)
    for layer in _line_layers(ground):
        layer.add_to(page)
    if len(ground.areas) <= MOST_LABELS:
        layers.label_layer(_labels(ground, known, shades)).add_to(page)
    page.fit_bounds(ground.bounds(), padding=(8, 8))
    return _dressed(page, figures, shades)


def _ground_layers(ground: Ground) -> list[folium.GeoJson]:
    parks = [feature for kind in PARKS for feature in ground.features.get(kind, [])]
    return [layers.park_layer(parks)] if parks else []


def _line_layers(ground: Ground) -> list[folium.GeoJson]:
    water = [feature for kind in WATER for feature in ground.features.get(kind, [])]
    streets = [feature for kind, held in ground.features.items() if kind in STREETS for feature in held]
    rail = ground.features.get("rail", [])
    drawn = ((layers.water_layer, water), (layers.street_layer, streets), (layers.rail_layer, rail))
    return [make(features) for make, features in drawn if features]


def _feature(area: Area, time: AreaFigure | None, shades: Shades, cases_of: CasesOf) -> dict[str, Any]:
    colour, _ink = _colours(time, shades)
    said: SafeString = format_html(
        "<b>{}</b> {}", time.name if time else area.code, time.said if time else _("no case")
    )
    more = format_html('{}<br><a href="{}" target="_top">{}</a>', said, cases_of(area.code), _("See these cases"))
    return {
        "type": "Feature",
        "geometry": area.geometry,
        "properties": {
            "colour": colour,
            "opacity": 0.86 if time else 0.4,
            "dash": "4 4" if time is None or time.few else None,
            "said": said,
            "more": more if time else said,
        },
    }


def _colours(time: AreaFigure | None, shades: Shades) -> tuple[str, str]:
    if time is None or time.value is None:
        return NOTHING, "#4a5d60"
    if time.few:
        return FEW, "#4a5d60"
    step = step_of(round(time.value, shades.decimals), shades.steps)
    return step.colour, step.ink


def _labels(ground: Ground, known: dict[str, AreaFigure], shades: Shades) -> list[tuple[float, float, str, str]]:
    timed = {area.code: area for area in ground.areas if area.code in known and known[area.code].value is not None}
    wanted = [
        Wanted(code, known[code].name, area.latitude, area.longitude, area.extent()) for code, area in timed.items()
    ]
    return [
        (
            timed[shown.code].latitude,
            timed[shown.code].longitude,
            _colours(known[shown.code], shades)[1],
            _label(known[shown.code], shades.decimals, named=shown.named),
        )
        for shown in fitting(wanted, ground.bounds())
    ]


def _label(time: AreaFigure, decimals: int, *, named: bool) -> str:
    value = number(time.value or 0.0, decimals)
    return str(format_html("<small>{}</small>{}", time.name, value) if named else value)


def _dressed(page: folium.Map, figures: PlaceFigures, shades: Shades) -> str:
    """Put our own title, language, style and legend around the map; branca's legend would fetch d3 from a CDN."""
    figure = page.get_root()
    assert isinstance(figure, Figure)
    figure.title = str(figures.title)
    figure.header.add_child(Element(f"<style>{STYLE}</style>"))
    figure.html.add_child(Element(_legend(figures, shades)))
    return str(figure.render()).replace("<html>", f'<html lang="{get_language()}-CA">', 1)


def _legend(figures: PlaceFigures, shades: Shades) -> str:
    entries = [(step.colour, _range(step, shades.decimals)) for step in shades.steps]
    entries.append((FEW, figures.few))
    listed = format_html_join("", '<li><i style="background:{}"></i>{}</li>', entries)
    beside = format_html_join("", "<p>{}</p>", ((text,) for text in figures.beside))
    return str(format_html('<div class="legend"><b>{}</b><ul>{}</ul>{}</div>', figures.legend, listed, beside))


def _range(step: Step, decimals: int) -> str:
    low, high = number(step.low, decimals), number(step.high, decimals)
    return low if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}
