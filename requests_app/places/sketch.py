"""A small map that is drawn on the server: streets, waters and parks around a point, as shapes for an SVG.

Everything comes from the city's own ground (`MapFeature`, `Area`): no tiles, no scripts, nothing from elsewhere. One
unit is one metre, the point is 0,0, y grows to the south as in any SVG.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import atan2, cos, degrees, hypot, radians
from typing import Any

from django.db import connection
from django.utils.translation import get_language

from requests_app.models import Jurisdiction
from requests_app.places.degrees import METRES_A_DEGREE
from requests_app.text.localized import pick

HALF_WIDTH, HALF_HEIGHT = 260, 85
"""Metres from the point to the edges of the map."""
BEYOND = 1.15
"""How far shapes are drawn over the edges, so that no cut shows."""
CLEAR_METRES = 26
"""How far names stand from each other and from the point."""
LETTER_METRES = 5.6
"""About the width of a letter of a name: a street shorter than its name is not named."""

Point = tuple[float, float]

_GROUND = """
WITH view AS (SELECT number, ST_MakeEnvelope(west, south, east, north, 4326) AS box
                FROM unnest(%(west)s::float8[], %(south)s::float8[], %(east)s::float8[], %(north)s::float8[])
                     WITH ORDINALITY AS given (west, south, east, north, number))
SELECT view.number, f.kind, f.names::text, f.rank, ST_AsGeoJSON(ST_ClipByBox2D(f.geometry, view.box::box2d), 6)
  FROM view JOIN requests_app_mapfeature f ON f.geometry && view.box
 WHERE f.jurisdiction_id = %(jurisdiction)s
UNION ALL
SELECT view.number, 'area', '{}', 9, ST_AsGeoJSON(ST_ClipByBox2D(ST_Boundary(a.geometry), view.box::box2d), 6)
  FROM view JOIN requests_app_area a ON a.geometry && view.box
 WHERE a.jurisdiction_id = %(jurisdiction)s AND a.kind = %(area_kind)s
   AND (a.valid_to IS NULL OR a.valid_to >= %(today)s)
"""
"""What lies in each of several views; of the areas only those that have not ended."""

PAINT_ORDER = ("lake", "river", "pond", "island", "park", "creek", "area", "street", "highway", "bridge", "rail")
WATERS = frozenset({"lake", "river", "pond"})
NAMED_PLACES = frozenset({"lake", "river", "park", "landmark"})
MAIN_RANK = 4
"""Streets up to this rank are drawn broader."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One thing drawn: what it looks like, and its SVG path."""

    look: str
    path: str


@dataclass(frozen=True, slots=True)
class Name:
    """A name on the map: where its middle stands and how many degrees it is turned."""

    words: str
    x: float
    y: float
    turned: float
    look: str


@dataclass(frozen=True, slots=True)
class Sketch:
    """The map: its shapes in the order they are painted, and its names."""

    shapes: list[Shape]
    names: list[Name]
    view: str = f"{-HALF_WIDTH} {-HALF_HEIGHT} {2 * HALF_WIDTH} {2 * HALF_HEIGHT}"


Ground = tuple[str, Mapping[str, str], int, Mapping[str, Any]]
"""The kind of a thing, its names, its rank, its geometry (GeoJSON, in metres around the point)."""


def offset(lon: float, lat: float, centre: Point) -> Point:
    """Where a place is from the centre: metres to the east and to the south."""
    across = METRES_A_DEGREE * cos(radians(centre[1]))
    return round((lon - centre[0]) * across, 1), round((centre[1] - lat) * METRES_A_DEGREE, 1)


def sketches_around(place: Jurisdiction, centres: Sequence[Point], taken: Sequence[Iterable[Point]]) -> list[Sketch]:
    """The map around each point (longitude, latitude), its names clear of what is `taken` on it, as offsets.

    One statement however many there are, none for none.
    """
    if not centres:
        return []
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {"jurisdiction": place.pk, "area_kind": place.area_kind, "today": place.today}
        cursor.execute(_GROUND, {**_views(centres), **asked})
        rows = cursor.fetchall()
    grounds: list[list[Ground]] = [[] for _centre in centres]
    for number, kind, names, rank, shape in rows:
        if shape:
            grounds[number - 1].append((kind, json.loads(names), rank, json.loads(shape)))
    return [_sketch(*one) for one in zip(grounds, centres, taken, strict=True)]


def _views(centres: Iterable[Point]) -> dict[str, list[float]]:
    """The edges of each view, in degrees."""
    high = BEYOND * HALF_HEIGHT / METRES_A_DEGREE
    views: dict[str, list[float]] = {"west": [], "east": [], "south": [], "north": []}
    for lon, lat in centres:
        wide = BEYOND * HALF_WIDTH / METRES_A_DEGREE / cos(radians(lat))
        for edge, degree in (("west", lon - wide), ("east", lon + wide), ("south", lat - high), ("north", lat + high)):
            views[edge].append(degree)
    return views


def _sketch(ground: list[Ground], centre: Point, taken: Iterable[Point]) -> Sketch:
    ground.sort(key=lambda thing: (_place_in_paint(thing[0]), -thing[2]))
    return Sketch(_shapes(ground, centre), _names(ground, centre, taken))


def _place_in_paint(kind: str) -> int:
    return next((place for place, name in enumerate(PAINT_ORDER) if kind.startswith(name)), len(PAINT_ORDER))


def _look(kind: str, rank: int) -> str:
    if kind in WATERS:
        return "water"
    if kind.startswith("street"):
        return "street-main" if rank <= MAIN_RANK else "street"
    return next((name for name in PAINT_ORDER if kind.startswith(name)), "other")


# --- Shapes ----------------------------------------------------------------------------------------------------------


def _shapes(ground: Iterable[Ground], centre: Point) -> list[Shape]:
    found = [Shape(_look(kind, rank), _path(geometry, centre)) for kind, _said, rank, geometry in ground]
    return [shape for shape in found if shape.path]


def _path(geometry: Mapping[str, Any], centre: Point) -> str:
    """The SVG path of a geometry; "" for points."""
    parts = [_drawn(line, closed=False) for line in _lines(geometry, centre)]
    parts += [_drawn(ring, closed=True) for ring in _rings(geometry, centre)]
    return " ".join(parts)


def _drawn(points: list[Point], *, closed: bool) -> str:
    steps = " L".join(f"{x:g} {y:g}" for x, y in points)
    return f"M{steps}{' Z' if closed else ''}"


def _lines(geometry: Mapping[str, Any], centre: Point) -> Iterator[list[Point]]:
    """The lines of a geometry, as offsets."""
    if geometry["type"] == "GeometryCollection":
        for part in geometry["geometries"]:
            yield from _lines(part, centre)
    several = {"LineString": lambda: [geometry["coordinates"]], "MultiLineString": lambda: geometry["coordinates"]}
    for line in several.get(geometry["type"], list)():
        yield [offset(point[0], point[1], centre) for point in line]


def _rings(geometry: Mapping[str, Any], centre: Point) -> Iterator[list[Point]]:
    """The rings of a geometry, as offsets."""
    if geometry["type"] == "GeometryCollection":
        for part in geometry["geometries"]:
            yield from _rings(part, centre)
    several = {"Polygon": lambda: [geometry["coordinates"]], "MultiPolygon": lambda: geometry["coordinates"]}
    for polygon in several.get(geometry["type"], list)():
        for ring in polygon:
            yield [offset(point[0], point[1], centre) for point in ring]


# --- Names -----------------------------------------------------------------------------------------------------------


def _names(ground: Iterable[Ground], centre: Point, marks: Iterable[Point]) -> list[Name]:
    """The names that have room: streets on their longest straight piece, the others where they lie."""
    taken: list[Point] = [(0.0, 0.0), *marks]
    found: list[Name] = []
    for kind, said, _rank, geometry in sorted(ground, key=lambda thing: thing[2]):
        words = pick(said, get_language())
        name = next((one for one in _ways_to_name(kind, words, geometry, centre) if _has_room(one, taken)), None)
        if name is not None and not any(name.words == other.words for other in found):
            found.append(name)
            taken.append((name.x, name.y))
    return found


def _has_room(name: Name, taken: Iterable[Point]) -> bool:
    return all(hypot(name.x - x, name.y - y) >= CLEAR_METRES for x, y in taken)


def _ways_to_name(kind: str, words: str, geometry: Mapping[str, Any], centre: Point) -> Iterator[Name]:
    """Where a name can stand, the best first; nowhere for what has none."""
    if words and kind.startswith(("street", "highway")):
        yield from _street_names(words, list(_lines(geometry, centre)))
    elif words and kind in NAMED_PLACES and (name := _place_name(words, geometry, centre)) is not None:
        yield name


def _place_name(words: str, geometry: Mapping[str, Any], centre: Point) -> Name | None:
    points = [point for ring in _rings(geometry, centre) for point in ring]
    if geometry["type"] == "Point":
        lon, lat, *_height = geometry["coordinates"]
        points = [offset(lon, lat, centre)]
    if not points:
        return None
    x = sum(point[0] for point in points) / len(points)
    y = sum(point[1] for point in points) / len(points)
    return Name(words, round(x, 1), round(y, 1), 0, "place") if _is_in_view(x, y) else None


def _street_names(words: str, lines: list[list[Point]]) -> Iterator[Name]:
    """On the longest straight piece that is seen, at a third or two of it: crossings are in the middle."""
    pieces = [piece for line in lines for a, b in pairwise(line) if (piece := _seen(a, b)) is not None]
    if not pieces:
        return
    (ax, ay), (bx, by) = max(pieces, key=lambda piece: hypot(piece[1][0] - piece[0][0], piece[1][1] - piece[0][1]))
    if hypot(bx - ax, by - ay) < len(words) * LETTER_METRES:
        return
    turned = degrees(atan2(by - ay, bx - ax))
    turned = turned - 180 if turned > 90 else turned + 180 if turned <= -90 else turned
    for share in (1 / 3, 2 / 3, 1 / 2):
        x, y = ax + (bx - ax) * share, ay + (by - ay) * share
        yield Name(words, round(x, 1), round(y, 1), round(turned, 1), "street")


def _seen(a: Point, b: Point) -> tuple[Point, Point] | None:
    """The part of a straight piece that is within the map, a little away from its edges (Liang-Barsky)."""
    first, last = 0.0, 1.0
    for delta, start, half in ((b[0] - a[0], a[0], HALF_WIDTH - 8.0), (b[1] - a[1], a[1], HALF_HEIGHT - 8.0)):
        if delta == 0:
            if abs(start) > half:
                return None
            continue
        enters, leaves = sorted(((-half - start) / delta, (half - start) / delta))
        first, last = max(first, enters), min(last, leaves)
    if first >= last:
        return None
    return (
        (a[0] + (b[0] - a[0]) * first, a[1] + (b[1] - a[1]) * first),
        (a[0] + (b[0] - a[0]) * last, a[1] + (b[1] - a[1]) * last),
    )


def _is_in_view(x: float, y: float) -> bool:
    return abs(x) < HALF_WIDTH - 20 and abs(y) < HALF_HEIGHT - 10
