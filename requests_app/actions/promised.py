"""What a service promises, copied onto a case: when it is filed, and again when it is moved to another service."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from requests_app.actions.alarms import raise_alarm
from requests_app.calendars import Calendar
from requests_app.models import AlarmKind, Office, Service, ServiceRequest, Workflow
from requests_app.projection import CaseState
from requests_app.promises import (
    BadTarget,
    Clocks,
    Count,
    Longer,
    Target,
    Targets,
    Terms,
    check_calendar,
    longer_steps,
    read_pauses,
    read_promise,
    read_targets,
    write_pauses,
    write_terms,
)
from requests_app.routing.match import usual_office
from requests_app.workflows.parse import kept

CLOCK_COLUMNS = (
    "due_at",
    "acknowledge_due_at",
    "acknowledged_at",
    "step_began_at",
    "step_due_at",
    "paused_at",
    "paused_s",
    "pauses",
    "delayed_until",
)
"""The columns of a case that `projection.apply` keeps when the case has a promise."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a service promises now, and what of its settings cannot be promised (None where all can)."""

    terms: Terms
    problem: BadTarget | None = None


def counted_by(service: Service, sent_to: Office | int | None) -> tuple[Calendar, int | None]:
    """The calendar a promise counts by, and its version where it has one.

    The service's own, else that of the office the case is sent to, else the jurisdiction's: an office that is open
    every day keeps its promises on weekends and holidays too.
    """
    if service.work_calendar is not None:
        return service.work_calendar.calendar(), service.work_calendar.version
    office = sent_to if isinstance(sent_to, Office) else _with_calendar(sent_to)
    if office is None:
        return service.jurisdiction.calendar(), None
    office.jurisdiction = service.jurisdiction  # known already: not asked for a second time
    return office.calendar(), office.work_calendar.version if office.work_calendar else None


def _with_calendar(office_id: int | None) -> Office | None:
    """An office with its calendar; one statement."""
    return Office.objects.select_related("work_calendar").filter(pk=office_id).first() if office_id else None


def offer_of(service: Service, workflow: Workflow | None, since: int = 1, office: Office | int | None = None) -> Offer:
    """What a service (with its jurisdiction and calendar) promises now for a case that is sent to an office.

    A target that is broken, or that counts working time which the calendar does not have, is left out, never guessed.
    """
    calendar, version = counted_by(service, office)
    try:
        targets = _targets_of(service, workflow)
    except BadTarget as problem:
        return Offer(Terms(Targets(), calendar, version, since), problem)
    return _that_falls_due(Terms(targets, calendar, version, since))


def late_steps(service: Service, workflow: Workflow | None, since: datetime) -> list[Longer]:
    """The steps that a service, with a workflow, promises later than the whole request."""
    return longer_steps(offer_of(service, workflow).terms, since)


def _that_falls_due(terms: Terms) -> Offer:
    """The terms, without the targets in working time when one of them asks for more of it than the calendar has."""
    try:
        check_calendar(terms.targets, terms.calendar)
    except BadTarget as problem:
        return Offer(replace(terms, targets=_without_working_time(terms.targets)), problem)
    return Offer(terms)


def _targets_of(service: Service, workflow: Workflow | None) -> Targets:
    """The targets of the service; of its workflow those of the steps that the service says nothing of."""
    own = read_targets(service.promises)
    steps = workflow.steps if workflow else []
    usual = {step["code"]: _usual(step) for step in steps if step.get("target_hours")}
    resolve = own.resolve or _by_law(workflow) or (Target(service.target_hours) if service.target_hours else None)
    return Targets(own.acknowledge, resolve, {**usual, **own.steps})


def _usual(step: Mapping[str, Any]) -> Target:
    """The target of a step of a workflow: working hours unless it counts all of them."""
    return Target(step["target_hours"], Count(step.get("target", {}).get("count", Count.WORKING)))


def _by_law(workflow: Workflow | None) -> Target | None:
    """How long the whole case may take where its workflow says so: laws count days of the calendar."""
    definition = kept(workflow.source) if workflow else None
    if definition is None or definition.limit is None:
        return None
    limit = definition.limit
    return Target(limit.days * 24, Count.CALENDAR) if limit.is_calendar else Target(limit.hours)


def _without_working_time(targets: Targets) -> Targets:
    """The targets that need no opening hours."""
    kept = {name: target for name, target in targets.all if target.count is Count.CALENDAR}
    steps = {code: target for code, target in targets.steps.items() if target.count is Count.CALENDAR}
    return Targets(kept.get("acknowledge"), kept.get("resolve"), steps)


def first_promise(service: Service, office_id: int | None = None) -> dict[str, Any]:
    """The promise a case of the service begins with when it is sent to the office, as the case keeps it."""
    return as_kept(offer_of(service, service.workflow, office=office_id))


def in_hours(offer: Offer, hours: int | None) -> Offer:
    """What is offered, resolved in so many working hours where a rule says so and they can be counted."""
    if hours is None or offer.problem is not None:
        return offer
    return _that_falls_due(replace(offer.terms, targets=replace(offer.terms.targets, resolve=Target(hours))))


def as_kept(offer: Offer) -> dict[str, Any]:
    """What is offered as a case that is filed now keeps it."""
    return {"terms": [write_terms(offer.terms)]}


def alarm_unkeepable(service: Service, problem: BadTarget | None) -> None:
    """Raise an alarm where the settings of a service cannot be promised; no statement where all is well."""
    if problem is not None:
        raise_alarm(
            AlarmKind.PROMISE_UNKEEPABLE,
            service.jurisdiction_id,
            subject=service.code,
            codes={"field": problem.field, "problem": problem.problem},
        )


def next_promise(request: ServiceRequest, service: Service, workflow: Workflow | None) -> dict[str, Any]:
    """Columns of a case with what its service promises now, from its next version on (`next_terms`)."""
    if not request.promise.get("terms"):
        return {}
    office_id = usual_office(jurisdiction_id=request.jurisdiction_id, service_id=service.pk, area_id=request.area_id)
    return next_terms(request, offer_of(service, workflow, request.version + 1, office_id))


def next_terms(request: ServiceRequest, offer: Offer) -> dict[str, Any]:
    """Columns of a case with one more set of terms; none where it never had a promise."""
    if not request.promise.get("terms"):
        return {}
    return {"promise": {**request.promise, "terms": [*request.promise["terms"], write_terms(offer.terms)]}}


def clocks_of(request: ServiceRequest) -> Clocks:
    """The clocks of a case as they are saved."""
    plain = {name: getattr(request, name) for name in CLOCK_COLUMNS if name not in ("paused_s", "pauses")}
    return Clocks(**plain, pauses=read_pauses(request.pauses))


def clock_columns(state: CaseState) -> Mapping[str, datetime | int | list[list[str]] | None]:
    """The clocks of a state as columns; none where the case has no promise and keeps the date it was given."""
    if state.promise is None:
        return {}
    clocks = state.clocks
    columns = {name: getattr(clocks, name) for name in CLOCK_COLUMNS}
    return {**columns, "pauses": write_pauses(clocks.pauses)}


def promised(request: ServiceRequest) -> dict[str, Any]:
    """The promise and the clocks of a saved case, as `CaseState` has them; none where it has no promise."""
    promise = read_promise(request.promise)
    return {"promise": promise, "clocks": clocks_of(request)} if promise else {}
