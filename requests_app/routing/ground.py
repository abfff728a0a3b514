"""Geometry of rules: areas that points are tested against and distances in metres, without a statement a case.

Shapes are prepared once when rules are compiled; a case costs a comparison with the shape's box and, inside it, one
call into GEOS. Distances are taken in a plane of metres around the shape: at the size of a city it differs from the
ellipsoid by less than half a per cent.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, Point, Polygon
from django.contrib.gis.geos.prepared import PreparedGeometry

Lonlat = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape in degrees, prepared for points; `box` is (west, south, east, north)."""

    box: tuple[float, float, float, float]
    prepared: PreparedGeometry

    def covers(self, point: Lonlat) -> bool:
        """Whether a point (longitude, latitude) lies in the shape or on its edge."""
        lon, lat = point
        west, south, east, north = self.box
        if not (west <= lon <= east and south <= lat <= north):
            return False
        return bool(self.prepared.covers(Point(lon, lat)))


def shape_of(geometry: GEOSGeometry) -> Shape:
    """A geometry in WGS84 degrees as a shape."""
    return Shape(geometry.extent, geometry.prepared)


def ring(corners: Sequence[Lonlat]) -> Polygon:
    """The polygon of corners, closed whether or not the last one is the first."""
    closed = corners if corners[0] == corners[-1] else [*corners, corners[0]]
    return Polygon(closed, srid=4326)


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane of metres around a latitude and longitude, for shapes of a city's size."""

    lon: float
    lat: float
    metres_east: float
    metres_north: float

    def flat(self, point: Lonlat) -> Lonlat:
        """A point in degrees as metres east and north."""
        return (point[0] - self.lon) * self.metres_east, (point[1] - self.lat) * self.metres_north


def plane_at(point: Lonlat) -> Plane:
    """The plane around a point: metres a degree on the WGS84 ellipsoid there."""
    lat = math.radians(point[1])
    north = 111_132.954 - 559.822 * math.cos(2 * lat) + 1.175 * math.cos(4 * lat)
    east = 111_412.84 * math.cos(lat) - 93.5 * math.cos(3 * lat) + 0.118 * math.cos(5 * lat)
    return Plane(point[0], point[1], east, north)


@dataclass(frozen=True, slots=True)
class Nearby:
    """A feature and how near is near, in metres."""

    plane: Plane
    flat: GEOSGeometry
    metres: float
    box: tuple[float, float, float, float]

    def reaches(self, point: Lonlat) -> bool:
        """Whether a point (longitude, latitude) is within the metres."""
        east, north = self.plane.flat(point)
        west_edge, south_edge, east_edge, north_edge = self.box
        if not (west_edge <= east <= east_edge and south_edge <= north <= north_edge):
            return False
        return bool(self.flat.distance(Point(east, north)) <= self.metres)


def nearby(feature: GEOSGeometry, metres: float) -> Nearby:
    """A feature in WGS84 degrees with a distance around it."""
    plane = plane_at((feature.centroid.x, feature.centroid.y))
    flat = _flattened(feature, plane)
    west, south, east, north = flat.extent
    return Nearby(plane, flat, metres, (west - metres, south - metres, east + metres, north + metres))


def _flattened(feature: GEOSGeometry, plane: Plane) -> GEOSGeometry:
    shape = json.loads(feature.geojson)
    return GEOSGeometry(json.dumps(_flat_member(shape, plane)))


def _flat_member(shape: dict[str, Any], plane: Plane) -> dict[str, Any]:
    if shape["type"] == "GeometryCollection":
        return {**shape, "geometries": [_flat_member(one, plane) for one in shape["geometries"]]}
    return {"type": shape["type"], "coordinates": _flat_numbers(shape["coordinates"], plane)}


def _flat_numbers(numbers: Any, plane: Plane) -> Any:
    if isinstance(numbers[0], int | float):
        return plane.flat((numbers[0], numbers[1]))
    return [_flat_numbers(one, plane) for one in numbers]
