"""Areas from GeoJSON: read, repaired where broken, merged by code, kept in a jurisdiction."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry, MultiPolygon, Polygon
from django.db import transaction

from requests_app.imports.codes import free_code
from requests_app.imports.errors import ImportRefused
from requests_app.imports.reading import opened
from requests_app.models import Area, Jurisdiction, ServiceRequest
from requests_app.text.normalise import is_text

POLYGONAL: Final = ("Polygon", "MultiPolygon")
VALID: Final = "Valid Geometry"
"""What GEOS says of a good shape; asking `shape.valid` would log each bad one as well."""
WGS84_NAMES: Final = ("crs84", "4326")


@dataclass(slots=True)
class ReadAreas:
    """What a file holds: shapes by code, and by name what was repaired, merged from parts, or left out and why."""

    names: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, list[Polygon]] = field(default_factory=dict)
    repaired: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    def geometry(self, code: str) -> MultiPolygon:
        """The parts of an area as one shape in WGS84."""
        return union(self.shapes[code])


@dataclass(frozen=True, slots=True)
class KeptAreas:
    """What an import of areas did."""

    made: int
    updated: int
    requests_without_area: int
    set_boundary: bool


def read_areas(
    path: Path, *, name_column: str, code_column: str = "", only: tuple[str, str] | None = None
) -> ReadAreas:
    """The polygons of a GeoJSON file (also .gz), or those whose property `only` names has that value.

    ImportRefused when the file is no GeoJSON, or not in WGS84 degrees.
    """
    read = ReadAreas()
    numbered: dict[str, str] = {}
    for number, feature in enumerate(_features(path), start=1):
        properties = feature.get("properties") or {}
        if only and str(properties.get(only[0], "")).strip() != only[1]:
            continue
        name = _property(properties, name_column, number)
        key = _property(properties, code_column, number) if code_column else name
        polygons = _polygons(feature.get("geometry"), name, read)
        if not polygons:
            continue
        code = numbered.setdefault(key, "") or free_code(key, read.shapes)
        numbered[key] = code
        if code in read.shapes and name not in read.merged:
            read.merged.append(name)
        read.names.setdefault(code, name)
        read.shapes.setdefault(code, []).extend(polygons)
    if not read.shapes:
        told = "; ".join(f"{name}: {reason}" for name, reason in list(read.refused.items())[:5])
        raise ImportRefused(f"{path.name} holds no polygon that can be used. {told or 'It has no such features.'}")
    return read


@transaction.atomic
def keep_areas(place: Jurisdiction, kind: str, read: ReadAreas) -> KeptAreas:
    """Make or replace the areas of that kind by code; the union becomes the boundary where there is none."""
    made = 0
    geometries = {code: read.geometry(code) for code in read.shapes}
    for code, geometry in geometries.items():
        _area, is_new = Area.objects.update_or_create(
            jurisdiction=place,
            kind=kind,
            code=code,
            defaults={"names": {"en": read.names[code]}, "geometry": geometry},
        )
        made += is_new
    set_boundary = place.boundary is None
    if set_boundary:
        place.boundary = union([p for geometry in geometries.values() for p in geometry])
    if place.is_read_only and not Area.objects.filter(jurisdiction=place, kind=place.area_kind).exists():
        place.area_kind = kind
    place.save(update_fields=["boundary", "area_kind"])
    without = ServiceRequest.objects.filter(jurisdiction=place, area=None, location__isnull=False).count()
    return KeptAreas(made, len(geometries) - made, without, set_boundary)


def union(polygons: Iterable[GEOSGeometry]) -> MultiPolygon:
    """One valid shape that covers what the polygons cover."""
    merged = MultiPolygon(list(polygons), srid=4326).unary_union
    return MultiPolygon(list(polygonal_parts(merged)), srid=4326)


def polygonal_parts(geometry: GEOSGeometry) -> Iterator[Polygon]:
    """The polygons in a geometry, without the lines and points a repair leaves beside them."""
    if isinstance(geometry, Polygon):
        if not geometry.empty:
            yield geometry
    elif geometry.num_geom > 1 or geometry.geom_type.startswith(("Multi", "GeometryCollection")):
        for part in geometry:  # type: ignore[attr-defined]
            yield from polygonal_parts(part)


def _features(path: Path) -> list[dict[str, Any]]:
    try:
        with opened(path) as stream:
            told = json.load(stream)
    except (ValueError, RecursionError) as error:
        raise ImportRefused(f"{path.name} is not GeoJSON: {error}. Export it again as GeoJSON.") from None
    kind = told.get("type") if isinstance(told, dict) else None
    if kind not in {"FeatureCollection", "Feature"}:
        raise ImportRefused(f"{path.name} is JSON but no GeoJSON FeatureCollection. Export it again as GeoJSON.")
    crs = str(((told.get("crs") or {}).get("properties") or {}).get("name", "")).lower()
    if crs and not crs.endswith(WGS84_NAMES):
        raise ImportRefused(f"{path.name} is in the coordinate system {crs}. Export it in WGS84 (EPSG:4326).")
    features = [told] if kind == "Feature" else told.get("features")
    if not isinstance(features, list) or not all(isinstance(f, dict) for f in features):
        raise ImportRefused(f"{path.name} has no list of features. Export it again as GeoJSON.")
    return features


def _property(properties: Mapping[str, Any], column: str, number: int) -> str:
    value = properties.get(column)
    text = "" if value is None else str(value).strip()
    if not text or not is_text(text):
        raise ImportRefused(
            f"Feature {number} has no text in “{column}”. Name the right property with --name-column or "
            f"--code-column; its properties are: {', '.join(properties) or 'none'}."
        )
    return text


def _polygons(geometry: Any, name: str, read: ReadAreas) -> list[Polygon]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in POLYGONAL:
        read.refused[name] = f"it is a {kind}, not a polygon" if kind else "it has no shape"
        return []
    _require_wgs84(geometry, name)
    try:
        shape = GEOSGeometry(json.dumps(geometry), srid=4326)
    except (GEOSException, GDALException, ValueError, TypeError):
        read.refused[name] = "its shape cannot be read as a polygon"
        return []
    if shape.valid_reason != VALID:
        shape = shape.make_valid()
        read.repaired.append(name)
    parts = list(polygonal_parts(shape))
    if not parts:
        read.refused[name] = "nothing with an area is left of its shape"
    return parts


def _require_wgs84(geometry: Mapping[str, Any], name: str) -> None:
    for x, y in _positions(geometry.get("coordinates")):
        if abs(x) <= 180 and abs(y) <= 90:
            continue
        hint = (
            "Latitude and longitude seem to be swapped: GeoJSON puts longitude first."
            if abs(x) <= 90 and abs(y) <= 180
            else "They seem to be projected (metres or feet): export the file in WGS84 (EPSG:4326)."
        )
        raise ImportRefused(f"The coordinates of “{name}” are outside WGS84: {x:g}, {y:g}. {hint}")


def _positions(coordinates: Any) -> Iterator[tuple[float, float]]:
    if not isinstance(coordinates, list) or not coordinates:
        return
    pair = coordinates[:2]
    if len(pair) == 2 and all(isinstance(number, int | float) for number in pair):
        yield float(pair[0]), float(pair[1])
        return
    for inner in coordinates:
        yield from _positions(inner)
