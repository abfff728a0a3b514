"""What would happen to a request: routed by the live rules or by the draft, and nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.gis.geos import Point
from django.utils.translation import gettext_lazy as _

from requests_app.actions.another_service import said_of
from requests_app.actions.config import require_administrator
from requests_app.actions.errors import Refused
from requests_app.actions.promised import in_hours, offer_of
from requests_app.models import Jurisdiction, RuleSet, Service, ServiceRequest
from requests_app.permissions import Viewer
from requests_app.places.locate import Spot, locate
from requests_app.promises import Target, due
from requests_app.reads.explained import teller
from requests_app.reads.rules import draft_set
from requests_app.routing.choose import Routing, route_case
from requests_app.routing.compile import Compiled
from requests_app.routing.conditions import Facts
from requests_app.routing.current import live_rules
from requests_app.routing.document import Rule
from requests_app.routing.read_document import check_document
from requests_app.routing.told import Told


@dataclass(frozen=True, slots=True)
class Tried:
    """A request as somebody imagines it; `at` is when it would be filed (aware)."""

    service: Service
    channel: str
    at: datetime
    words: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    location: Point | None = None
    by_draft: bool = False


@dataclass(frozen=True, slots=True)
class Matched:
    """A rule that matches: its place in the order, and whether anything of it decides."""

    number: int
    rule: Rule
    decides: bool


@dataclass(frozen=True, slots=True)
class WouldHappen:
    """Where the request would go and what would follow, with the words that a case of it would keep."""

    routing: Routing
    told: Told
    spot: Spot | None
    step: str
    priority: int
    due_at: datetime | None
    acknowledge_due_at: datetime | None
    step_due_at: datetime | None
    matched: tuple[Matched, ...]
    rules: int
    """How many rules were tried."""


def try_request(place: Jurisdiction, viewer: Viewer, tried: Tried) -> WouldHappen:
    """Route an imagined request as filing it would; Refused where the draft cannot be read or the pin is outside."""
    require_administrator(viewer, place.pk)
    compiled = _draft(place) if tried.by_draft else live_rules(place)
    spot = _spot(place, tried.location)
    service = tried.service
    service.jurisdiction = place
    routing = route_case(place, service.pk, _facts(tried, spot), by=compiled)
    offer = in_hours(offer_of(service, service.workflow, office=routing.office), routing.promise_hours)
    step = routing.step or (service.workflow.first_step if service.workflow else "")
    priority = routing.priority or 0
    targets, calendar = offer.terms.targets, offer.terms.calendar

    def until(target: Target | None) -> datetime | None:
        return due(target, calendar, tried.at, priority) if target else None

    return WouldHappen(
        routing=routing,
        told=teller(compiled.book, compiled.known).told(
            routing.explanation, routing.office.name if routing.office else ""
        ),
        spot=spot,
        step=step,
        priority=priority,
        due_at=until(targets.resolve),
        acknowledge_due_at=until(targets.acknowledge),
        step_due_at=until(targets.steps.get(step)),
        matched=_matched(compiled, routing),
        rules=len(compiled.rules),
    )


def case_to_try(place: Jurisdiction, viewer: Viewer, reference: str) -> ServiceRequest | None:
    """A real case with what its rules were told, to be tried anew; None where the viewer may not know of one."""
    require_administrator(viewer, place.pk)
    found = ServiceRequest.objects.visible_to(viewer).select_related("service", "office").annotate(**said_of())
    return found.filter(jurisdiction=place, reference=reference).first()


def _draft(place: Jurisdiction) -> Compiled:
    draft: RuleSet | None = draft_set(place)
    if draft is None:
        raise Refused({"rules": _("There is no draft any more. Try the live rules.")})
    checked = check_document(draft.document, place)
    if checked.problems:
        raise Refused({"rules": checked.problems[0].sentence})
    return checked.compiled(draft.version)


def _spot(place: Jurisdiction, location: Point | None) -> Spot | None:
    if location is None:
        return None
    spot = locate(place.pk, location)
    if not spot.is_inside:
        name = {"place": place.name}
        raise Refused({"place": _("The pin is outside %(place)s. Move it inside the boundary.") % name})
    return spot


def _facts(tried: Tried, spot: Spot | None) -> Facts:
    service, pin = tried.service, tried.location
    return Facts(
        service=service.code,
        kind=service.kind,
        channel=tried.channel,
        at=tried.at,
        area_id=spot.area_id if spot else None,
        point=(pin.x, pin.y) if pin else None,
        answers=tried.answers,
        words=tried.words,
        steps=frozenset(step["code"] for step in service.workflow.steps) if service.workflow else frozenset(),
    )


def _matched(compiled: Compiled, routing: Routing) -> tuple[Matched, ...]:
    told = routing.explanation
    codes = told.get("because", {})
    said = [*told.get("won", {}).values(), *told.get("further", []), *told.get("tags", [])]
    deciding = {one["rule"] for one in said}
    return tuple(
        Matched(number, rule, rule.code in deciding)
        for number, rule in enumerate(compiled.book.rules, start=1)
        if rule.code in codes
    )
