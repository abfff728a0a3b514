"""Cases of the past as rules would have been told of them, and what a place would do with them without a statement."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from requests_app.routing.compile import Compiled
from requests_app.routing.conditions import Facts
from requests_app.routing.decide import PRIORITY, PROMISE, STEP, Decision
from requests_app.routing.explain import BY_BROKEN, BY_FALLBACK, BY_NOBODY, BY_ROUTE, BY_RULE


@dataclass(slots=True)
class PastCase:
    """A case with its facts as they were at filing.

    `sent_to` is the office it really went to first, `settled_by` the one that closed it; None when unknown or open.
    """

    pk: int
    service_id: int
    facts: Facts
    sent_to: int | None = None
    settled_by: int | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """What decides beside rules, as it is today: routes by (service, area or None), closed offices, the fallback."""

    routes: Mapping[tuple[int, int | None], int]
    closed: Collection[int] = frozenset()
    usual: int | None = None

    def route(self, service_id: int, area_id: int | None) -> int | None:
        """The office of a service's route: that of the area, else the one for all areas."""
        own = self.routes.get((service_id, area_id)) if area_id is not None else None
        return own if own is not None else self.routes.get((service_id, None))

    def fallback(self, compiled: Compiled) -> int | None:
        """The office that takes what nothing decides: the one the rules name, else the usual one, if it is open."""
        return next((pk for pk in (compiled.fallback_id, self.usual) if pk and pk not in self.closed), None)


@dataclass(frozen=True, slots=True)
class Sent:
    """What would follow for a case: the lead office, who decides it, and the rest."""

    office: int | None
    by: str
    further: tuple[int, ...] = ()
    step: str | None = None
    priority: int | None = None
    promise: int | None = None
    tags: tuple[str, ...] = ()


def sent(compiled: Compiled, decision: Decision, case: PastCase, ground: Ground) -> Sent:
    """Where a decision sends a case: as `choose.route_case` does for a new one (a test holds them together)."""
    office, by = _lead(compiled, decision, case, ground)
    return Sent(
        office,
        by,
        tuple(pk for pk in decision.further_ids if pk != office),
        decision.value(STEP),
        decision.value(PRIORITY),
        decision.value(PROMISE),
        tuple(decision.tag_codes),
    )


def _lead(compiled: Compiled, decision: Decision, case: PastCase, ground: Ground) -> tuple[int | None, str]:
    if decision.office_id is not None:
        return decision.office_id, BY_RULE
    route = None if decision.stuck else ground.route(case.service_id, case.facts.area_id)
    if route is not None and route not in ground.closed:
        return route, BY_ROUTE
    fallback = ground.fallback(compiled)
    if fallback is None:
        return None, BY_NOBODY
    return fallback, BY_BROKEN if decision.stuck or route is not None else BY_FALLBACK


@dataclass(slots=True)
class WorkloadThen:
    """How many open cases offices held at any moment: the sorted beginnings and ends of their stays, by office id."""

    began: dict[int, Sequence[datetime]] = field(default_factory=dict)
    ended: dict[int, Sequence[datetime]] = field(default_factory=dict)

    def at(self, moment: datetime) -> dict[int, int]:
        """The open cases of each office just before a moment."""
        return {
            pk: bisect_left(began, moment) - bisect_right(self.ended.get(pk, ()), moment)
            for pk, began in self.began.items()
        }
