"""How near a case lies to the area of another office: the warning against a case that begins at the wrong one.

The other office is the one that would get the same case had its pin been just across the border: by the live rules, by
the route of the service, as `routing.choose` has it. What depends on the words or answers of a case is asked for only
where an area is near at all.
"""

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db.models import JSONField
from django.db.models.expressions import RawSQL

from requests_app.clock import now
from requests_app.models import Answer, ServiceRequest, Words
from requests_app.models.fields import localized
from requests_app.routing.conditions import Facts
from requests_app.routing.current import live_rules
from requests_app.routing.decide import Present, decide

METRES_A_DEGREE = 111_000
"""Less than a degree of latitude has anywhere; with the cosine, less than one of longitude: a box of so many degrees is
never too small."""

MOST_NEAR = 6
NEAR_AREAS = "near_areas"
"""What the annotation of a case is called."""

# The first ST_DWithin uses the index of the geometry, in degrees and a little too wide; the second decides in metres.
_NEAR = """
(SELECT jsonb_agg(near ORDER BY near.metres, near.code) FROM (
  SELECT a.id, a.code, a.names, ST_Distance(a.geometry::geography, pin.p::geography) AS metres,
         ST_X(ST_ClosestPoint(a.geometry, pin.p)) AS lon, ST_Y(ST_ClosestPoint(a.geometry, pin.p)) AS lat,
         (SELECT r.office_id FROM requests_app_route r WHERE r.service_id = requests_app_servicerequest.service_id
             AND (r.area_id = a.id OR r.area_id IS NULL) ORDER BY r.area_id LIMIT 1) AS routed,
         (SELECT r.office_id FROM requests_app_route r WHERE r.service_id = requests_app_servicerequest.service_id
             AND (r.area_id = requests_app_servicerequest.area_id OR r.area_id IS NULL)
           ORDER BY r.area_id LIMIT 1) AS own_routed
    FROM (SELECT requests_app_servicerequest.location AS p,
                 %s / (%s * greatest(cos(radians(ST_Y(requests_app_servicerequest.location))), 0.01)) AS degrees) pin
    JOIN requests_app_jurisdiction j ON j.id = requests_app_servicerequest.jurisdiction_id
    JOIN requests_app_area a ON a.jurisdiction_id = j.id AND a.kind = j.area_kind
                            AND ST_DWithin(a.geometry, pin.p, pin.degrees)
   WHERE a.id <> requests_app_servicerequest.area_id AND requests_app_servicerequest.status <> 'closed'
     AND (a.valid_to IS NULL OR a.valid_to >= (%s AT TIME ZONE j.time_zone)::date)
     AND ST_DWithin(a.geometry::geography, pin.p::geography, %s)
   ORDER BY metres, a.code LIMIT %s) near)
"""


def near_areas() -> dict[str, RawSQL]:
    """The areas near the pin of an open case, as an annotation of its own statement; none where the warning is off."""
    metres = settings.NEAR_BORDER_METRES
    if not metres:
        return {}
    values = [float(metres), METRES_A_DEGREE, now(), metres, MOST_NEAR]
    return {NEAR_AREAS: RawSQL(_NEAR, values, JSONField())}  # noqa: S611 (a constant)


@dataclass(frozen=True, slots=True)
class AcrossTheBorder:
    """Another office's area near a pin: how many metres away, which area, and whose it is for the case's service."""

    metres: float
    area: str
    office_id: int


def across_the_border(case: ServiceRequest) -> list[AcrossTheBorder]:
    """The other offices whose areas lie within `CLEARWAY_NEAR_BORDER_METRES`, the nearest first.

    Of a case that was read with `near_areas`. No statement where no area is near, two where one is.
    """
    near: list[dict[str, Any]] = getattr(case, NEAR_AREAS, None) or []
    if not near:
        return []
    facts, compiled = _facts(case), live_rules(case.jurisdiction)

    def office_of(there: Facts, routed_id: int | None) -> int | None:
        return decide(compiled, there, Present()).office_id or routed_id

    here_id = office_of(facts, near[0]["own_routed"])
    found: dict[int, AcrossTheBorder] = {}
    for area in near:
        there = replace(facts, area_id=area["id"], point=(area["lon"], area["lat"]))
        there_id = office_of(there, area["routed"])
        if there_id is not None and there_id not in (here_id, case.office_id):
            found.setdefault(there_id, AcrossTheBorder(area["metres"], localized(area["names"]), there_id))
    return list(found.values())


def _facts(case: ServiceRequest) -> Facts:
    """What rules are told of a case. Two statements."""
    answers = Answer.objects.filter(request=case).values_list("question__code", "value")
    words = Words.objects.filter(request=case, kind=Words.Kind.DESCRIPTION).values_list("body", flat=True)
    pin = case.location
    return Facts(
        service=case.service.code,
        kind=case.service.kind,
        channel=case.channel,
        at=case.submitted_at,
        area_id=case.area_id,
        point=(pin.x, pin.y) if pin else None,
        answers=dict(answers),
        words="\n".join(words),
        steps=frozenset(step["code"] for step in case.workflow.steps) if case.workflow else frozenset(),
    )
