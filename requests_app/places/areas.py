"""Which area each of many points lies in: one set-based join."""

from collections.abc import Sequence

from django.db import connection

from requests_app.clock import now

# Each area meets all points in turn, not each point all areas: PostGIS prepares a polygon once and keeps it while it
# comes again (7 times less work on real neighbourhoods). OFFSET 0 keeps the planner from turning the loop around.
AREAS_OF_POINTS = """
WITH pins AS MATERIALIZED (
    SELECT n, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS p
      FROM unnest(%(lons)s::float8[], %(lats)s::float8[]) WITH ORDINALITY AS pin(lon, lat, n))
SELECT DISTINCT ON (pin.n) pin.n, a.id
  FROM (SELECT id, code, geometry FROM requests_app_area
         WHERE jurisdiction_id = %(jurisdiction)s AND kind = %(kind)s
           AND (valid_to IS NULL OR valid_to >= (
                SELECT (%(now)s AT TIME ZONE time_zone)::date FROM requests_app_jurisdiction
                 WHERE id = %(jurisdiction)s))
         ORDER BY code OFFSET 0) a
 CROSS JOIN LATERAL (SELECT n FROM pins WHERE p @ a.geometry AND ST_Covers(a.geometry, p) OFFSET 0) pin
 ORDER BY pin.n, a.code
"""


def areas_of_points(jurisdiction_id: int, kind: str, points: Sequence[tuple[float, float] | None]) -> list[int | None]:
    """The id of the area in force at each (lon, lat), None for no point or area; a shared edge has the first code."""
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
                "now": now(),
            },
        )
        for ordinal, area_id in cursor.fetchall():
            found[places[ordinal - 1][0]] = area_id
    return found
