"""Which area each of many points lies in: one set-based join."""

from collections.abc import Sequence

from django.db import connection

AREAS_OF_POINTS = """
SELECT DISTINCT ON (pin.n) pin.n, a.id
  FROM unnest(%(lons)s::float8[], %(lats)s::float8[]) WITH ORDINALITY AS pin(lon, lat, n)
  JOIN requests_app_area a
    ON a.jurisdiction_id = %(jurisdiction)s AND a.kind = %(kind)s
   AND ST_Covers(a.geometry, ST_SetSRID(ST_MakePoint(pin.lon, pin.lat), 4326))
 ORDER BY pin.n, a.code
"""


def areas_of_points(jurisdiction_id: int, kind: str, points: Sequence[tuple[float, float] | None]) -> list[int | None]:
    """The area id of each (lon, lat), None for no point or no area; a shared edge goes to the first code."""
    places = [(index, point) for index, point in enumerate(points) if point is not None]
    found: list[int | None] = [None] * len(points)
    with connection.cursor() as cursor:
        cursor.execute(
            AREAS_OF_POINTS,
            {
                "lons": [point[0] for _index, point in places],
                "lats": [point[1] for _index, point in places],
                "jurisdiction": jurisdiction_id,
                "kind": kind,
            },
        )
        for ordinal, area_id in cursor.fetchall():
            found[places[ordinal - 1][0]] = area_id
    return found
