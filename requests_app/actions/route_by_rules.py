"""Routing a case that waits for it by the rules that are live now: one that nobody holds, or that came back."""

from collections.abc import Mapping
from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from requests_app.actions._draft import Command, Done, Draft
from requests_app.actions._ledger import append_all, authorise, check_legal, lock
from requests_app.actions.errors import Refused
from requests_app.actions.routed import raise_alarms, routed_drafts
from requests_app.models import Answer, Service, ServiceRequest, Words, Workflow
from requests_app.projection import CaseState
from requests_app.routing.choose import Routing, route_case
from requests_app.routing.conditions import Facts
from requests_app.states import GIVES_BACK, Activity


def route_by_rules(command: Command) -> Done:
    """Send a case where the live rules say, but never again to an office that sent it back.

    Refused when no office is left; then a person chooses one (`route`). A priority that rules give is written as an
    event of its own; a promise that was made stays.
    """
    with transaction.atomic():
        request, state = lock(command, "workflow")
        authorise(command.viewer, request, state, Draft(Activity.ROUTED))
        check_legal(Draft(Activity.ROUTED), state)
        routing = route_case(
            request.jurisdiction, request.service_id, facts_of(request, state), refused=sent_back_by(state)
        )
        if routing.office_id is None:
            raise Refused({"office": _("The rules know no office that has not sent this back. Choose one yourself.")})
        done = append_all(request, state, _drafts(routing, state, request), command)
        raise_alarms(request.jurisdiction_id, routing)
        return done


def sent_back_by(state: CaseState) -> frozenset[int]:
    """The offices that had the case and gave it back, by a bounce or by leaving it too long."""
    given_back = {activity.value for activity in GIVES_BACK - {Activity.RECALLED}}
    return frozenset(hold.office_id for hold in state.holds if hold.is_lead and hold.ended_by in given_back)


def facts_of(request: ServiceRequest, state: CaseState) -> Facts:
    """What rules are told of a case that was filed already. Two statements."""
    answers = Answer.objects.filter(request=request).values_list("question__code", "value")
    words = Words.objects.filter(request=request, kind=Words.Kind.DESCRIPTION).values_list("body", flat=True)
    return facts_of_filing(request, state, request.service, request.workflow, dict(answers), "\n".join(words))


def facts_of_filing(
    request: ServiceRequest,
    state: CaseState,
    service: Service,
    workflow: Workflow | None,
    answers: Mapping[str, str],
    words: str,
) -> Facts:
    """A case as it was filed, of a service with a workflow, in the form rules are told. No statement."""
    pin = request.location
    return Facts(
        service=service.code,
        kind=service.kind,
        channel=request.channel,
        at=request.submitted_at,
        area_id=state.area_id,
        point=(pin.x, pin.y) if pin else None,
        answers=answers,
        words=words,
        steps=frozenset(step["code"] for step in workflow.steps) if workflow else frozenset(),
    )


def _drafts(routing: Routing, state: CaseState, request: ServiceRequest) -> list[Draft]:
    """The events of a new routing: as for a new case, without offices that look at it already."""
    busy = {hold.office_id for hold in state.holds if hold.ended_at is None and not hold.is_lead}
    last = max((hold.branch for hold in state.holds), default=0)
    sent, *asked = routed_drafts(routing, last)
    changed = [Draft(Activity.REPRIORITIZED, priority=routing.priority)] if _is_new(routing, state) else []
    tags = list(dict.fromkeys([*request.tags, *routing.tags]))
    return [*changed, replace(sent, row={"tags": tags}), *(one for one in asked if one.office_id not in busy)]


def _is_new(routing: Routing, state: CaseState) -> bool:
    return routing.priority is not None and routing.priority != state.priority
