"""What lies at a point: the area, the nearest address, whose place it is. One statement."""

from dataclasses import dataclass

from django.contrib.gis.geos import Point
from django.db import connection

from requests_app.clock import now
from requests_app.places.degrees import METRES_A_DEGREE

NEAR_ADDRESS_METRES = 150

_SQL = """
WITH pin AS (SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) AS p)
SELECT j.boundary IS NULL OR ST_Covers(j.boundary, pin.p),
       (SELECT a.id FROM requests_app_area a
         WHERE a.jurisdiction_id = j.id AND a.kind = j.area_kind AND ST_Covers(a.geometry, pin.p)
           AND (a.valid_to IS NULL OR a.valid_to >= (%(now)s AT TIME ZONE j.time_zone)::date)
         ORDER BY a.code LIMIT 1),
       (SELECT d.label FROM requests_app_address d
         WHERE d.jurisdiction_id = j.id AND ST_DWithin(d.point, pin.p, %(degrees)s)
         ORDER BY d.point <-> pin.p LIMIT 1),
       (SELECT n.id FROM requests_app_neighbour n
         WHERE n.jurisdiction_id = j.id AND ST_Covers(n.geometry, pin.p) ORDER BY n.code LIMIT 1)
  FROM requests_app_jurisdiction j, pin WHERE j.id = %(jurisdiction)s
"""


@dataclass(frozen=True, slots=True)
class Spot:
    """What is known of a point. A point on a shared edge belongs to the area whose code comes first."""

    is_inside: bool
    area_id: int | None
    address_label: str
    neighbour_id: int | None


def locate(jurisdiction_id: int, point: Point) -> Spot:
    """Look a WGS84 point up in a jurisdiction's boundary, areas, gazetteer and neighbours."""
    with connection.cursor() as cursor:
        cursor.execute(
            _SQL,
            {
                "lon": point.x,
                "lat": point.y,
                "jurisdiction": jurisdiction_id,
                "now": now(),
                "degrees": NEAR_ADDRESS_METRES / METRES_A_DEGREE,
            },
        )
        inside, area_id, label, neighbour_id = cursor.fetchone()
    return Spot(bool(inside), area_id, label or "", neighbour_id)
