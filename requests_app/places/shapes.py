"""Shapes of areas: the polygons in what a repair or a union leaves."""

from collections.abc import Iterable, Iterator

from django.contrib.gis.geos import GeometryCollection, GEOSGeometry, MultiPolygon, Polygon


def multi(shape: GEOSGeometry) -> MultiPolygon:
    """A valid shape as a multipolygon in WGS84, without the lines and points that a repair leaves beside it."""
    return MultiPolygon(list(polygons_in(shape)), srid=4326)


def union(shapes: Iterable[GEOSGeometry]) -> MultiPolygon:
    """One valid shape in WGS84 that covers what the polygons cover."""
    return multi(MultiPolygon(list(shapes), srid=4326).unary_union)


def polygons_in(shape: GEOSGeometry) -> Iterator[Polygon]:
    """The polygons in a shape, without empty ones."""
    if isinstance(shape, Polygon):
        if not shape.empty:
            yield shape
    elif isinstance(shape, GeometryCollection):  # as every shape of several parts is
        for part in shape:
            yield from polygons_in(part)
