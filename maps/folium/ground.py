"""What lies on the ground, from our own tables: areas, water, parks, rail and streets as GeoJSON. No tile, no CDN."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

Feature = dict[str, Any]
TOLERANCE: Final = 0.00008
"""Degrees, about nine metres: lines keep their look at the scale of a city."""
STREETS: Final = ("highway", "street")
DRAWN: Final = ("lake", "river", "creek", "pond", "park", "rail", *STREETS)
MAIN_STREETS: Final = 3
"""Kinds of feature that help to find one’s way among areas; lanes and single places would only clutter."""

_SQL: Final = """
    SELECT 'area', a.kind, a.code, ST_AsGeoJSON(ST_SimplifyPreserveTopology(a.geometry, %(tolerance)s), 5),
           ST_X(ST_PointOnSurface(a.geometry)), ST_Y(ST_PointOnSurface(a.geometry))
    FROM requests_app_area a WHERE a.jurisdiction_id = %(place)s AND a.kind = %(kind)s
    UNION ALL
    SELECT 'feature', f.kind, f.code, ST_AsGeoJSON(ST_SimplifyPreserveTopology(f.geometry, %(tolerance)s), 5), 0, 0
    FROM requests_app_mapfeature f
    WHERE f.jurisdiction_id = %(place)s AND f.kind = ANY(%(drawn)s)
      AND (f.kind <> 'street' OR f.rank <= %(rank)s)
"""


@dataclass(frozen=True, slots=True)
class Area:
    """An area to colour, and a point inside it to write on."""

    code: str
    geometry: Feature
    latitude: float
    longitude: float

    def extent(self) -> tuple[float, float, float, float]:
        """Return its west, south, east and north."""
        points = _points(self.geometry["coordinates"])
        across, up = [x for x, _y in points], [y for _x, y in points]
        return min(across), min(up), max(across), max(up)


@dataclass(frozen=True, slots=True)
class Ground:
    """Everything below the figures: ``features`` by kind."""

    areas: tuple[Area, ...]
    features: dict[str, list[Feature]]

    def bounds(self) -> list[list[float]]:
        """Return the south-west and north-east corners of the areas, or of the features when there are none."""
        shapes = [area.geometry for area in self.areas] or [f["geometry"] for fs in self.features.values() for f in fs]
        points = [point for shape in shapes for point in _points(shape["coordinates"])]
        if not points:
            return [[-60.0, -180.0], [75.0, 180.0]]
        west, east = min(x for x, _ in points), max(x for x, _ in points)
        south, north = min(y for _, y in points), max(y for _, y in points)
        return [[south, west], [north, east]]


def ground_of(jurisdiction_id: int, area_kind: str) -> Ground:
    """Read the ground in one query."""
    areas: list[Area] = []
    features: dict[str, list[Feature]] = {}
    wanted: dict[str, Any] = {
        "place": jurisdiction_id,
        "kind": area_kind,
        "tolerance": TOLERANCE,
        "drawn": list(DRAWN),
        "rank": MAIN_STREETS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL, wanted)
        for what, kind, code, geometry, x, y in cursor.fetchall():
            shape = json.loads(geometry)
            if what == "area":
                areas.append(Area(code, shape, y, x))
            else:
                features.setdefault(kind, []).append({"type": "Feature", "properties": {}, "geometry": shape})
    return Ground(tuple(areas), features)


def _points(coordinates: list[Any]) -> list[tuple[float, float]]:
    if coordinates and isinstance(coordinates[0], int | float):
        return [(coordinates[0], coordinates[1])]
    return [point for part in coordinates for point in _points(part)]
