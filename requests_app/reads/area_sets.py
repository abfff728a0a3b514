"""Areas with dates for administrators: the kinds there are, their versions, and what a version would change."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import Count

from requests_app.models import Area, AreaKind, AreaSet, Jurisdiction, ServiceRequest
from requests_app.models.area import in_force_on
from requests_app.models.fields import localized
from requests_app.permissions import Viewer

SAME_M2 = 25.0
"""Less than this is what rounding of coordinates makes of the same line."""
OVERLAP_M2 = 100.0
GAP_M2 = 1000.0
MOST_OVERLAPS = 200


@dataclass(frozen=True, slots=True)
class KindLine:
    """A kind of area in one line: what is in force, and what is planned."""

    code: str
    names: Mapping[str, str]
    in_force: int
    planned: AreaSet | None
    is_usual: bool


def kinds_of(place: Jurisdiction) -> list[KindLine]:
    """The kinds of area of a place, the one that requests are counted in first; three statements."""
    counted = Area.objects.filter(in_force_on(place.today), jurisdiction=place).values("kind")
    in_force = {row["kind"]: row["n"] for row in counted.annotate(n=Count("pk")).order_by()}
    known = {one.code: one.names for one in AreaKind.objects.filter(jurisdiction=place)}
    waiting = AreaSet.objects.filter(kind__jurisdiction=place, state=AreaSet.State.SAVED, applied_at=None)
    planned = {one.kind.code: one for one in waiting.select_related("kind").order_by("number")}
    codes = sorted({*in_force, *known}, key=lambda code: (code != place.area_kind, code))
    return [
        KindLine(code, known.get(code, {}), in_force.get(code, 0), planned.get(code), code == place.area_kind)
        for code in codes
    ]


def kind_of(place: Jurisdiction, code: str) -> AreaKind | None:
    """A kind that has versions."""
    return AreaKind.objects.select_related("jurisdiction").filter(jurisdiction=place, code=code).first()


def has_areas(place: Jurisdiction, code: str) -> bool:
    """Whether there are areas of a kind."""
    return Area.objects.filter(jurisdiction=place, kind=code).exists()


def areas_of(place: Jurisdiction, code: str) -> list[Area]:
    """The areas of a kind, ended ones as well; one statement, without their shapes."""
    return list(Area.objects.defer("geometry").filter(jurisdiction=place, kind=code).order_by("code"))


def versions_of(kind: AreaKind) -> list[AreaSet]:
    """The versions of a kind, the newest first, with how many areas each has; one statement."""
    found = kind.sets.exclude(state=AreaSet.State.DRAFT).select_related("made_by")
    return list(found.annotate(area_count=Count("outlines")).order_by("-number"))


def drafts_of(kind: AreaKind, viewer: Viewer) -> AreaSet | None:
    """The draft of the viewer, where they left one."""
    return kind.sets.filter(state=AreaSet.State.DRAFT, made_by_id=viewer.user_id).first()


def set_of(place: Jurisdiction, pk: int) -> AreaSet | None:
    """One version or draft of a place."""
    related = AreaSet.objects.select_related("kind__jurisdiction", "made_by")
    return related.filter(kind__jurisdiction=place, pk=pk).first()


# --- What a version changes ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AreaLine:
    """One area before and after: `look` is new, changed, same or ended; sizes in km², None where it is not there."""

    code: str
    name: str
    look: str
    before_km2: float | None
    after_km2: float | None
    differs_km2: float


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two areas of a version that lie over each other."""

    first: str
    second: str
    m2: float


@dataclass(frozen=True, slots=True)
class Judged:
    """What a version is beside the one before it, and in itself."""

    lines: list[AreaLine]
    overlaps: list[Overlap]
    gap_km2: float
    place_km2: float
    outside: list[str]
    moved: list[tuple[str, str, int]]
    """Open cases by the area they would leave and the one they would lie in; "" for none."""
    cases: int
    names: dict[str, str] = field(default_factory=dict)

    @property
    def moved_count(self) -> int:
        """How many open cases would lie in another area."""
        return sum(count for _before, _after, count in self.moved)

    def count(self, look: str) -> int:
        """How many areas are of that look."""
        return sum(line.look == look for line in self.lines)


def judged(viewer: Viewer, version: AreaSet, before: AreaSet | None) -> Judged:
    """What a version changes of the one before it; seven statements however many areas it has."""
    place = version.kind.jurisdiction
    lines = _lines(version.pk, before.pk if before else None)
    names = {line.code: line.name for line in lines}
    gap, whole, outside = _fit(version.pk, place.pk)
    pins = _open_pins(viewer, place)
    moved = _moved(pins, before.pk if before else None, version.pk)
    return Judged(
        lines, _overlaps(version.pk), gap / 1e6, whole / 1e6, outside,
        [(names.get(a, a), names.get(b, b), n) for (a, b), n in moved.most_common()], len(pins), names,
    )  # fmt: skip


_LINES = """
WITH b AS (SELECT code, names, geometry FROM requests_app_areaoutline WHERE area_set_id = %(before)s),
     a AS (SELECT code, names, geometry FROM requests_app_areaoutline WHERE area_set_id = %(after)s)
SELECT COALESCE(a.code, b.code), COALESCE(a.names, b.names)::text, b.names IS DISTINCT FROM a.names,
       ST_Area(b.geometry::geography), ST_Area(a.geometry::geography),
       CASE WHEN ST_Equals(a.geometry, b.geometry) THEN 0
            ELSE ST_Area(ST_SymDifference(a.geometry, b.geometry)::geography) END
  FROM a FULL JOIN b ON a.code = b.code ORDER BY 1
"""


def _lines(after: int, before: int | None) -> list[AreaLine]:
    with connection.cursor() as cursor:
        cursor.execute(_LINES, {"before": before, "after": after})
        return [_line(*row) for row in cursor.fetchall()]


def _line(
    code: str, names: str, is_renamed: bool, before: float | None, after: float | None, differs: float | None
) -> AreaLine:
    look = "changed" if is_renamed or (differs or 0) > SAME_M2 else "same"
    look = "new" if before is None else "ended" if after is None else look
    sizes = [None if m2 is None else m2 / 1e6 for m2 in (before, after)]
    return AreaLine(code, localized(json.loads(names)), look, sizes[0], sizes[1], (differs or 0) / 1e6)


_OVERLAPS = """
SELECT * FROM (
  SELECT a.names::text, b.names::text, ST_Area(ST_Intersection(a.geometry, b.geometry)::geography) AS m2
    FROM requests_app_areaoutline a
    JOIN requests_app_areaoutline b ON b.area_set_id = a.area_set_id AND b.code > a.code
     AND ST_Intersects(a.geometry, b.geometry) AND NOT ST_Touches(a.geometry, b.geometry)
   WHERE a.area_set_id = %(set)s) pairs
 WHERE m2 > %(least)s ORDER BY m2 DESC LIMIT %(most)s
"""


def _overlaps(set_id: int) -> list[Overlap]:
    with connection.cursor() as cursor:
        cursor.execute(_OVERLAPS, {"set": set_id, "least": OVERLAP_M2, "most": MOST_OVERLAPS})
        return [Overlap(localized(json.loads(a)), localized(json.loads(b)), m2) for a, b, m2 in cursor.fetchall()]


_FIT = """
WITH j AS (SELECT ST_MakeValid(boundary) AS whole FROM requests_app_jurisdiction WHERE id = %(place)s),
     u AS (SELECT ST_Union(geometry) AS all_of_it FROM requests_app_areaoutline WHERE area_set_id = %(set)s)
SELECT COALESCE(ST_Area(ST_Difference(j.whole, u.all_of_it)::geography), 0),
       COALESCE(ST_Area(j.whole::geography), 0),
       ARRAY(SELECT o.names::text FROM requests_app_areaoutline o
              WHERE o.area_set_id = %(set)s AND NOT ST_Intersects(o.geometry, j.whole) ORDER BY o.code)
  FROM j, u
"""


def _fit(set_id: int, place_id: int) -> tuple[float, float, list[str]]:
    """Square metres of the place in none of the areas, of the whole place, and the areas that lie outside it."""
    with connection.cursor() as cursor:
        cursor.execute(_FIT, {"set": set_id, "place": place_id})
        gap, whole, outside = cursor.fetchone()
    return (gap if gap > GAP_M2 else 0.0), whole, [localized(json.loads(names)) for names in outside or []]


def _open_pins(viewer: Viewer, place: Jurisdiction) -> list[Point]:
    found = ServiceRequest.objects.visible_to(viewer).of(place.pk).open().filter(location__isnull=False)
    return [point for point in found.values_list("location", flat=True) if point is not None]


_CODES = """
WITH pins AS MATERIALIZED (
    SELECT n, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS p
      FROM unnest(%(lons)s::float8[], %(lats)s::float8[]) WITH ORDINALITY AS pin(lon, lat, n))
SELECT DISTINCT ON (pin.n) pin.n, a.code
  FROM (SELECT code, geometry FROM requests_app_areaoutline WHERE area_set_id = %(set)s ORDER BY code OFFSET 0) a
 CROSS JOIN LATERAL (SELECT n FROM pins WHERE p @ a.geometry AND ST_Covers(a.geometry, p) OFFSET 0) pin
 ORDER BY pin.n, a.code
"""


def _moved(pins: Sequence[Point], before: int | None, after: int) -> Counter[tuple[str, str]]:
    """Open cases that lie in another area, by the codes of both; none where nothing was before."""
    if before is None:
        return Counter()
    was, will = _codes_at(pins, before), _codes_at(pins, after)
    pairs = ((was.get(n, ""), will.get(n, "")) for n in range(1, len(pins) + 1))
    return Counter(pair for pair in pairs if pair[0] != pair[1])


def _codes_at(pins: Sequence[Point], set_id: int) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(_CODES, {"lons": [p.x for p in pins], "lats": [p.y for p in pins], "set": set_id})
        return dict(cursor.fetchall())


# --- Drawn -----------------------------------------------------------------------------------------------------------

_SHAPES = """
SELECT code, names::text, ST_AsGeoJSON(ST_SimplifyPreserveTopology(geometry, %(tolerance)s), 5)
  FROM requests_app_areaoutline WHERE area_set_id = %(set)s ORDER BY code
"""
TOLERANCE_DEGREES = 0.0001
"""About ten metres."""


def drawn(version: AreaSet, before: AreaSet | None, lines: Iterable[AreaLine]) -> list[dict[str, Any]]:
    """The areas of a version for a map, with those that end: name, look and GeoJSON geometry; two statements."""
    looks = {line.code: line.look for line in lines}
    ended = [one for one in _shapes(before.pk) if looks.get(one["code"]) == "ended"] if before else []
    return [{**one, "look": looks.get(one["code"], "same")} for one in (*ended, *_shapes(version.pk))]


def _shapes(set_id: int) -> Iterator[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(_SHAPES, {"set": set_id, "tolerance": TOLERANCE_DEGREES})
        for code, names, shape in cursor.fetchall():
            yield {"code": code, "name": localized(json.loads(names)), "geometry": json.loads(shape)}
