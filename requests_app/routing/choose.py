"""Routing one case: rules first, then the service's route, then the fallback office; with the reason in codes."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import IntegerField, Q
from django.db.models.expressions import RawSQL

from requests_app.models import Jurisdiction, Office
from requests_app.routing.compile import Compiled
from requests_app.routing.conditions import Facts
from requests_app.routing.current import live_rules
from requests_app.routing.decide import OFFICE_CLOSED, PRIORITY, PROMISE, STEP, Decision, Present, decide
from requests_app.routing.explain import BY_BROKEN, BY_FALLBACK, BY_NOBODY, BY_ROUTE, BY_RULE, explanation
from requests_app.routing.match import Match, match_route

ROUTE_SUBJECT = "route"
"""What stands for a rule's code where a service's route is broken."""


@dataclass(frozen=True, slots=True)
class Offices:
    """The offices that rules name, as they are now: closed for good, the fallback, and their open cases."""

    rows: dict[int, Office]
    closed: frozenset[int]
    fallback: Office | None
    workload: dict[int, int]


@dataclass(frozen=True, slots=True)
class Routing:
    """Where a case goes and what else follows; `explanation` is kept on the event, `broken` raises alarms."""

    office: Office | None
    route_id: int | None
    further_ids: tuple[int, ...]
    step: str
    priority: int | None
    promise_hours: int | None
    tags: tuple[str, ...]
    explanation: dict[str, Any]
    broken: tuple[tuple[str, str], ...]

    @property
    def office_id(self) -> int | None:
        """The lead office."""
        return self.office.pk if self.office else None


def route_case(
    place: Jurisdiction,
    service_id: int,
    facts: Facts,
    *,
    refused: Collection[int] = frozenset(),
    by: Compiled | None = None,
) -> Routing:
    """Route a case by the live rules of its place, or `by` others that are tried.

    At most two statements, three when the fallback is asked.
    """
    compiled = by or live_rules(place)
    today = place.today
    offices = offices_now(compiled, today) if compiled.rules else None
    if offices:
        facts = replace(facts, workload=offices.workload)
    decision = decide(compiled, facts, Present(offices.closed if offices else (), frozenset(refused)))
    return _routing(compiled, facts, decision, _lead(compiled, facts, decision, service_id, today, offices, refused))


def offices_now(compiled: Compiled, today: date) -> Offices:
    """The offices that the rules name and the fallback, as they are now, with their calendars. One statement."""
    asked = compiled.workload_ids
    found = Office.objects.select_related("work_calendar").filter(
        Q(is_fallback=True) | Q(pk__in=compiled.office_ids | asked), jurisdiction_id=compiled.known.jurisdiction_id
    )
    if asked:
        found = found.annotate(
            open_cases=RawSQL(
                "CASE WHEN requests_app_office.id = ANY(%s) THEN (SELECT count(*) FROM requests_app_hold h"
                " WHERE h.office_id = requests_app_office.id AND h.ended_at IS NULL AND h.is_lead) ELSE 0 END",
                [list(asked)],
                IntegerField(),
            )
        )
    rows = {office.pk: office for office in found}
    closed = frozenset(pk for pk, office in rows.items() if not office.is_open_on(today))
    takes = [office for office in rows.values() if office.pk not in closed]
    named = next((office for office in takes if office.pk == compiled.fallback_id), None)
    usual = next((office for office in takes if office.is_fallback), None)
    return Offices(rows, closed, named or usual, {pk: getattr(office, "open_cases", 0) for pk, office in rows.items()})


@dataclass(frozen=True, slots=True)
class _Lead:
    """Who decided the office, and which it is."""

    by: str
    office: Office | None
    route_id: int | None = None
    broken: tuple[tuple[str, str], ...] = ()


def _lead(
    compiled: Compiled,
    facts: Facts,
    decision: Decision,
    service_id: int,
    today: date,
    offices: Offices | None,
    refused: Collection[int],
) -> _Lead:
    if decision.office_id is not None and offices is not None:
        return _Lead(BY_RULE, offices.rows[decision.office_id])
    route = None if decision.stuck else match_route(service_id=service_id, area_id=facts.area_id, today=today)
    if route is not None and not route.is_closed and route.office.pk not in refused:
        return _Lead(BY_ROUTE, route.office, route.route_id)
    fallback = (offices or offices_now(compiled, today)).fallback
    by = BY_BROKEN if decision.stuck or (route is not None and route.is_closed) else BY_FALLBACK
    if fallback is None or fallback.pk in refused:
        return _Lead(BY_NOBODY, None, broken=_broken_route(route))
    return _Lead(by, fallback, broken=_broken_route(route))


def _broken_route(route: Match | None) -> tuple[tuple[str, str], ...]:
    return ((ROUTE_SUBJECT, OFFICE_CLOSED),) if route is not None and route.is_closed else ()


def _routing(compiled: Compiled, facts: Facts, decision: Decision, lead: _Lead) -> Routing:
    decision.broken.extend(lead.broken)
    return Routing(
        office=lead.office,
        route_id=lead.route_id,
        further_ids=tuple(pk for pk in decision.further_ids if lead.office is None or pk != lead.office.pk),
        step=decision.value(STEP) or "",
        priority=decision.value(PRIORITY),
        promise_hours=decision.value(PROMISE),
        tags=tuple(decision.tag_codes),
        explanation=explanation(compiled, facts, decision, lead.by),
        broken=tuple(decision.broken),
    )
