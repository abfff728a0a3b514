"""Areas from GeoJSON: read, repaired where broken, merged by code, kept in a jurisdiction."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry, MultiPolygon, Polygon, WKBWriter
from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.imports.codes import free_code
from requests_app.imports.errors import ImportRefused
from requests_app.imports.reading import opened
from requests_app.models import Area, AreaKind, AreaSet, Jurisdiction, ServiceRequest
from requests_app.places.shapes import polygons_in, union
from requests_app.text.normalise import is_text, legible

POLYGONAL: Final = ("Polygon", "MultiPolygon")
VALID: Final = "Valid Geometry"
"""What GEOS says of a good shape; asking `shape.valid` would log each bad one as well."""
WGS84_NAMES: Final = ("crs84", "4326")
LONGEST_NAME: Final = 200
LONGEST_TOLD: Final = 60
MOST_TOLD: Final = 20
"""How much of a file's own words a sentence repeats: a file may hold anything."""


class Refusal(NamedTuple):
    """Why a feature was left out: a reason by its code, and the kind of shape it has where that is the reason."""

    code: str
    shape: str = ""

    def __str__(self) -> str:
        return self.said

    @property
    def said(self) -> str:
        """The reason in the reader's language, to stand after the feature's name."""
        reasons = {
            "not_polygon": _("it is a %(shape)s, not a polygon") % {"shape": self.shape},
            "no_shape": _("it has no shape"),
            "unreadable": _("its shape cannot be read as a polygon"),
        }
        return reasons.get(self.code) or _("nothing with an area is left of its shape")


class MissingText(ImportRefused):
    """A feature has no text in the property that was named. `properties` are those it has."""

    def __init__(self, number: int, column: str, properties: Iterable[str]) -> None:
        self.number, self.column = number, column
        self.properties = [legible(str(one))[:LONGEST_TOLD] for one in islice(properties, MOST_TOLD)]
        super().__init__(
            _(
                "Feature %(number)s has no text in “%(column)s”. Name the right property; its properties are: "
                "%(properties)s."
            )
            % {"number": number, "column": column, "properties": ", ".join(self.properties) or _("none")}
        )


@dataclass(slots=True)
class ReadAreas:
    """What a file holds: shapes by code, and by name what was repaired, merged from parts, or left out and why."""

    names: dict[str, str] = field(default_factory=dict)
    french: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, list[Polygon]] = field(default_factory=dict)
    repaired: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    refused: dict[str, Refusal] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    """The code of each key that the file has: of its code property, or its name."""

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


@dataclass(frozen=True, slots=True)
class Columns:
    """Which properties of a feature hold its name, its French name and its code; "" for none."""

    name: str = "name"
    code: str = ""
    french: str = ""


def read_areas(
    path: Path, *, name_column: str, code_column: str = "", only: tuple[str, str] | None = None
) -> ReadAreas:
    """The polygons of a GeoJSON file (also .gz), or those whose property `only` names has that value.

    ImportRefused when the file is no GeoJSON, or not in WGS84 degrees.
    """
    with opened(path) as stream:
        return areas_in(stream.read(), path.name, Columns(name_column, code_column), only=only)


def areas_in(content: bytes, file_name: str, columns: Columns, *, only: tuple[str, str] | None = None) -> ReadAreas:
    """The polygons of GeoJSON as it was read from a file of that name; ImportRefused as for `read_areas`."""
    read = ReadAreas()
    try:
        features = _features(content, file_name)
        for number, feature in enumerate(features, start=1):
            _take(read, feature, number, columns, only)
    except RecursionError:
        raise ImportRefused(_not_geojson(file_name)) from None
    if not read.shapes:
        told = "; ".join(f"{name}: {reason}" for name, reason in list(read.refused.items())[:5])
        raise ImportRefused(
            _("%(file)s holds no polygon that can be used. %(reasons)s")
            % {"file": file_name, "reasons": told or _("It has no such features.")}
        )
    return read


def _take(
    read: ReadAreas, feature: Mapping[str, Any], number: int, columns: Columns, only: tuple[str, str] | None
) -> None:
    """One feature, added to what was read."""
    given = feature.get("properties")
    properties = given if isinstance(given, dict) else {}
    if only and str(properties.get(only[0], "")).strip() != only[1]:
        return
    name = _property(properties, columns.name, number)
    key = _property(properties, columns.code, number) if columns.code else name
    french = _property(properties, columns.french, number) if columns.french else ""
    polygons = _polygons(feature.get("geometry"), name, read)
    if not polygons:
        return
    code = read.codes.setdefault(key, "") or free_code(key, read.shapes)
    read.codes[key] = code
    if code in read.shapes and name not in read.merged:
        read.merged.append(name)
    read.names.setdefault(code, name)
    if french:
        read.french.setdefault(code, french)
    read.shapes.setdefault(code, []).extend(polygons)


def _refuse_versions(place: Jurisdiction, kind: str) -> None:
    """Refuse to write over versions; what came with the place is no version yet, and is taken over anew later."""
    versions = AreaSet.objects.filter(kind__jurisdiction=place, kind__code=kind)
    if versions.exclude(number=1, valid_from=None, made_by=None).exists():
        raise ImportRefused(
            f"The areas “{kind}” of {place.code} have versions with dates, or a draft of one. Bring the file at "
            "/manage/areas/: it becomes a new version, and nothing is written over."
        )
    AreaKind.objects.filter(jurisdiction=place, code=kind).delete()


def _names(name: str, known: Mapping[str, str] | None) -> dict[str, str]:
    """The name of an area; with its French where it is called the same in English as before."""
    return dict(known) if known and known.get("en") == name else {"en": name}


@transaction.atomic
def keep_areas(place: Jurisdiction, kind: str, read: ReadAreas) -> KeptAreas:
    """Make or replace the areas of that kind by code; the union becomes the boundary where there is none.

    ImportRefused where areas of that kind have versions made on the pages: nothing of these is written over.
    """
    Jurisdiction.objects.select_for_update(no_key=True).only("pk").get(pk=place.pk)  # as versions of areas are made
    _refuse_versions(place, kind)
    geometries = {code: read.geometry(code) for code in read.shapes}
    found = Area.objects.filter(jurisdiction=place, kind=kind, code__in=geometries)
    known: dict[str, dict[str, str]] = dict(found.values_list("code", "names"))
    rows = [
        Area(jurisdiction=place, kind=kind, code=code, names=_names(read.names[code], known.get(code)), geometry=shape)
        for code, shape in geometries.items()
    ]
    unique, update = ("jurisdiction", "kind", "code"), ("names", "geometry")
    Area.objects.bulk_create(rows, update_conflicts=True, unique_fields=unique, update_fields=update)
    made = len(geometries) - len(known)
    set_boundary = place.boundary is None
    if set_boundary:
        place.boundary = union([p for geometry in geometries.values() for p in geometry])
    if place.is_read_only and not Area.objects.filter(jurisdiction=place, kind=place.area_kind).exists():
        place.area_kind = kind
    place.save(update_fields=["boundary", "area_kind"])
    without = ServiceRequest.objects.filter(jurisdiction=place, area=None, location__isnull=False).count()
    return KeptAreas(made, len(geometries) - made, without, set_boundary)


def _not_geojson(file_name: str, why: object = "") -> str:
    told = _("%(file)s is not GeoJSON. Export it again as GeoJSON.") % {"file": file_name}
    return f"{told} ({why})" if why else told


def _features(content: bytes, file_name: str) -> list[dict[str, Any]]:
    try:
        told = json.loads(content.decode("utf-8-sig"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ImportRefused(_not_geojson(file_name, error)) from None
    except ValueError:  # a number of more digits than Python reads
        raise ImportRefused(_not_geojson(file_name)) from None
    kind = told.get("type") if isinstance(told, dict) else None
    if kind not in ("FeatureCollection", "Feature"):
        raise ImportRefused(
            _("%(file)s is JSON but no GeoJSON FeatureCollection. Export it again as GeoJSON.") % {"file": file_name}
        )
    _require_wgs84_named(told, file_name)
    features = [told] if kind == "Feature" else told.get("features")
    if not isinstance(features, list) or not all(isinstance(f, dict) for f in features):
        raise ImportRefused(_("%(file)s has no list of features. Export it again as GeoJSON.") % {"file": file_name})
    return features


def _require_wgs84_named(told: Mapping[str, Any], file_name: str) -> None:
    """Refuse a file that names another coordinate system, as files from before RFC 7946 may."""
    named: Any = told.get("crs")
    for step in ("properties", "name"):
        named = named.get(step) if isinstance(named, dict) else None
    crs = str(named or "").lower()
    if crs and not crs.endswith(WGS84_NAMES):
        raise ImportRefused(
            _("%(file)s is in the coordinate system %(crs)s. Export it in WGS84 (EPSG:4326).")
            % {"file": file_name, "crs": legible(crs)[:100]}
        )


def _property(properties: Mapping[str, Any], column: str, number: int) -> str:
    value = properties.get(column)
    text = "" if value is None else str(value).strip()
    if not text or not is_text(text):
        raise MissingText(number, column, properties)
    if len(text) > LONGEST_NAME:
        told = _("Feature %(number)s: its “%(column)s” is longer than %(longest)s characters. Name another property.")
        raise ImportRefused(told % {"number": number, "column": column, "longest": LONGEST_NAME})
    return text


def _polygons(geometry: Any, name: str, read: ReadAreas) -> list[Polygon]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in POLYGONAL:
        read.refused[name] = Refusal("not_polygon", legible(str(kind))[:40]) if kind else Refusal("no_shape")
        return []
    _require_wgs84(geometry, name)
    try:
        told = GEOSGeometry(json.dumps(geometry), srid=4326)
        shape = GEOSGeometry(WKBWriter(dim=2).write(told), srid=4326)  # without heights
    except (GEOSException, GDALException, ValueError, TypeError):
        read.refused[name] = Refusal("unreadable")
        return []
    is_broken = shape.valid_reason != VALID
    parts = list(polygons_in(shape.make_valid() if is_broken else shape))
    if not parts:
        read.refused[name] = Refusal("flat")
    elif is_broken:
        read.repaired.append(name)
    return parts


def _require_wgs84(geometry: Mapping[str, Any], name: str) -> None:
    for x, y in _positions(geometry.get("coordinates")):
        if abs(x) <= 180 and abs(y) <= 90:  # numbers as the file has them: a float holds no whole number of any size
            continue
        hint = (
            _("Latitude and longitude seem to be swapped: GeoJSON puts longitude first.")
            if abs(x) <= 90 and abs(y) <= 180
            else _("They seem to be projected (metres or feet): export the file in WGS84 (EPSG:4326).")
        )
        told = _("The coordinates of “%(name)s” are outside WGS84: %(x)s, %(y)s. %(hint)s")
        raise ImportRefused(told % {"name": name, "x": _number_said(x), "y": _number_said(y), "hint": hint})


def _number_said(number: float) -> str:
    """A number in short, also a whole one that no float holds."""
    return f"{min(max(number, -1e300), 1e300):g}"


def _positions(coordinates: Any) -> Iterator[tuple[float, float]]:
    if not isinstance(coordinates, list) or not coordinates:
        return
    pair = coordinates[:2]
    if len(pair) == 2 and all(isinstance(number, int | float) for number in pair):
        yield pair[0], pair[1]
        return
    for inner in coordinates:
        yield from _positions(inner)
