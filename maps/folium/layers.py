"""One function a layer. Each takes plain features and returns a folium element; none knows where they came from.

Every word that reaches a popup, a tooltip or a label must be escaped already: Leaflet writes them as HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import folium

Feature = Mapping[str, Any]


def water_layer(features: Sequence[Feature]) -> folium.GeoJson:
    """Draw lakes and wide rivers as surfaces, narrow ones as lines."""
    return _shapes(features, color="#9cc3d5", weight=2, fillColor="#c9e0ea", fillOpacity=1.0)


def park_layer(features: Sequence[Feature]) -> folium.GeoJson:
    """Draw parks and woods."""
    return _shapes(features, color="#c3dbb9", weight=0, fillColor="#dcebd3", fillOpacity=0.9)


def street_layer(features: Sequence[Feature]) -> folium.GeoJson:
    """Draw the streets that lead the eye."""
    return _shapes(features, color="#ffffff", weight=1.4, opacity=0.75)


def rail_layer(features: Sequence[Feature]) -> folium.GeoJson:
    """Draw railway lines."""
    return _shapes(features, color="#7b8586", weight=1.2, dashArray="5 4", opacity=0.8)


def area_layer(features: Sequence[Feature]) -> folium.GeoJson:
    """Draw areas coloured by the ``colour`` of each, with its words on hover and on choice.

    Properties: ``colour``, ``opacity``, ``said`` (escaped HTML).
    """
    return folium.GeoJson(
        _collection(features),
        style_function=_area_style,
        highlight_function=lambda _: {"weight": 3.5, "color": "#14272b"},
        tooltip=folium.GeoJsonTooltip(fields=["said"], labels=False, sticky=True, class_name="said"),
        popup=folium.GeoJsonPopup(fields=["more"], labels=False),
    )


def label_layer(labels: Sequence[tuple[float, float, str, str]]) -> folium.FeatureGroup:
    """Write a short text into each area: (latitude, longitude, colour, escaped text)."""
    group = folium.FeatureGroup(control=False)
    for latitude, longitude, colour, text in labels:
        halo = "#14272b" if colour == "#ffffff" else "#ffffff"
        html = f'<span style="color:{colour};text-shadow:0 0 2px {halo},0 0 3px {halo}">{text}</span>'
        icon = folium.DivIcon(html=html, icon_size=(64, 18), class_name="label")
        folium.Marker((latitude, longitude), icon=icon, interactive=False, keyboard=False).add_to(group)
    return group


def _area_style(feature: Feature) -> dict[str, Any]:
    properties = feature["properties"]
    return {
        "color": "#5d6b6b",
        "weight": 1.3,
        "fillColor": properties["colour"],
        "fillOpacity": properties["opacity"],
        "dashArray": properties["dash"],
    }


def _shapes(features: Sequence[Feature], **style: Any) -> folium.GeoJson:
    """Lines are never filled: Leaflet would close them."""

    def style_of(feature: Feature) -> dict[str, Any]:
        return {**style, "fill": "fillColor" in style and "Polygon" in feature["geometry"]["type"]}

    return folium.GeoJson(_collection(features), style_function=style_of, interactive=False)


def _collection(features: Sequence[Feature]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}
