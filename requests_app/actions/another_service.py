"""Moving a case to another service: the rules run anew, and workflow, promise and priority follow.

Everything that follows is planned first (`plan_change`), so that a page can show it before it is made.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from requests_app.actions._draft import Command, Done, Draft
from requests_app.actions._ledger import append_all, authorise, check_legal, covering, lock
from requests_app.actions.errors import Refused
from requests_app.actions.promised import alarm_unkeepable, in_hours, next_terms, offer_of
from requests_app.actions.route_by_rules import facts_of_filing
from requests_app.actions.routed import raise_alarms, review_drafts
from requests_app.actions.workflow_versions import misfit_words
from requests_app.models import Answer, Jurisdiction, Office, Service, ServiceRequest, Words, Workflow
from requests_app.permissions import Viewer, more_public
from requests_app.projection import CaseState
from requests_app.promises import BadTarget
from requests_app.reads.case_workflow import running_steps
from requests_app.routing.choose import Routing, route_case
from requests_app.routing.conditions import Facts
from requests_app.states import OTHER_SERVICE, Activity, Capability, Status
from requests_app.workflows.parse import kept
from requests_app.workflows.path import Misfit, misfits


@dataclass(frozen=True, slots=True)
class ServiceChange:
    """What follows from moving a case to a service, as events to be. `stuck` are branches that would be lost."""

    service: Service
    routing: Routing
    workflow: Workflow | None
    """The workflow the case goes on by: that of the service, unless it has none or the case is in it already."""
    begins_anew: bool
    sends: bool
    drafts: tuple[Draft, ...]
    stuck: tuple[Misfit, ...]
    problem: BadTarget | None = None


def said_of(prefix: str = "pk") -> dict[str, ArraySubquery]:
    """The answers and words of a case, read with it: what its rules are told, without a statement of their own."""
    answers = Answer.objects.filter(request=OuterRef(prefix)).order_by("pk")
    words = Words.objects.filter(request=OuterRef(prefix), kind=Words.Kind.DESCRIPTION).order_by("pk")
    return {
        "answered": ArraySubquery(answers.values(row=JSONObject(code="question__code", value="value"))),
        "said": ArraySubquery(words.values_list("body", flat=True)),
    }


def recategorize(command: Command, *, service_id: int, stays: bool = False) -> Done:
    """Move a case to another service of the same jurisdiction, and to the office that the rules then name.

    `stays` leaves it where it is, whatever the rules say; what they said is kept all the same. To a more public service
    only by somebody who may make words public: its place would be shown.
    """
    with transaction.atomic():
        request, state = lock(command, "workflow", **said_of())
        authorise(command.viewer, request, state, Draft(Activity.RECATEGORIZED))
        check_legal(Draft(Activity.RECATEGORIZED), state)
        stays = stays or not may_send(command.viewer, request, state)
        change = plan_change(request, state, checked_service(request, command.viewer, service_id), stays=stays)
        if change.stuck:
            raise Refused({"service": " ".join(str(misfit_words(one)) for one in change.stuck)})
        done = append_all(request, state, change.drafts, command)
        raise_alarms(request.jurisdiction_id, change.routing)
        alarm_unkeepable(change.service, change.problem)
        request.service = change.service
        return done


def may_send(viewer: Viewer, request: ServiceRequest, state: CaseState) -> bool:
    """Whether the viewer may send the case away from where it is: who passed it on takes it out of no other hands."""
    if state.status in (Status.RECEIVED, Status.TRIAGED):
        return True
    return bool(covering(viewer, request, state, Draft(Activity.HANDED_OFF)))


def checked_service(request: ServiceRequest, viewer: Viewer, service_id: int) -> Service:
    """The service a case is to be moved to, with what its promise is made of; Refused where it may not be."""
    known = (
        Service.objects.select_related("work_calendar", "workflow")
        .filter(pk=service_id, jurisdiction_id=request.jurisdiction_id, is_active=True)
        .first()
    )
    if known is None:
        raise Refused({"service": _("There is no such service. Choose one from the list.")})
    if more_public(known.publicity, request.service.publicity) and not viewer.has(
        Capability.RELEASE_WORDS, request.jurisdiction_id
    ):
        raise Refused({"service": _("That service shows its requests to everybody. Ask a manager to move this one.")})
    known.jurisdiction = request.jurisdiction
    return known


def plan_change(request: ServiceRequest, state: CaseState, service: Service, *, stays: bool = False) -> ServiceChange:
    """What follows from moving a case (read with `said_of`) to a service; at most three statements.

    The rules are told the case as it was filed, but of its new service. That an office sent it back before says nothing
    now: it did so under the wrong service.
    """
    begins_anew = _begins_anew(request, service)
    workflow = service.workflow if begins_anew else request.workflow
    routing = route_case(request.jurisdiction, service.pk, _facts(request, state, service, workflow))
    goes_to = _goes_to(state, routing, request.jurisdiction, stays=stays)
    offer = in_hours(
        offer_of(service, workflow, request.version + 1, goes_to or state.office_id), routing.promise_hours
    )
    first = Draft(
        Activity.RECATEGORIZED,
        service_id=service.pk,
        workflow_id=workflow.pk if begins_anew and workflow else None,
        step=_step(workflow, routing) if begins_anew else "",
        office_id=None if goes_to else routing.office_id,
        explanation=None if goes_to else routing.explanation,
        row={
            "tags": list(dict.fromkeys([*request.tags, *routing.tags])),
            **({"workflow_id": workflow.pk} if begins_anew and workflow else {}),
            **next_terms(request, offer),
        },
    )
    return ServiceChange(
        service=service,
        routing=routing,
        workflow=workflow,
        begins_anew=begins_anew,
        sends=goes_to is not None,
        drafts=(first, *_following(state, routing, goes_to)),
        stuck=_stuck(state, workflow) if begins_anew else (),
        problem=offer.problem,
    )


def _begins_anew(request: ServiceRequest, service: Service) -> bool:
    """A case keeps its way where the new service has none, or the same in whatever version."""
    if service.workflow is None:
        return False
    return request.workflow is None or request.workflow.code != service.workflow.code


def _facts(request: ServiceRequest, state: CaseState, service: Service, workflow: Workflow | None) -> Facts:
    answers = {row["code"]: row["value"] for row in request.answered}  # type: ignore[attr-defined]
    words = "\n".join(request.said)  # type: ignore[attr-defined]
    return facts_of_filing(request, state, service, workflow, answers, words)


def _goes_to(state: CaseState, routing: Routing, place: Jurisdiction, *, stays: bool) -> Office | None:
    """The office the case is sent to; None where it stays at the one that has it, or no office is known."""
    if routing.office is None or (state.status is not Status.RECEIVED and routing.office.pk == state.office_id):
        return None
    if stays and state.office_id is not None:
        return None
    routing.office.jurisdiction = place
    return routing.office


def _step(workflow: Workflow | None, routing: Routing) -> str:
    """The step of the new workflow that a rule names, else its first."""
    if workflow is None:
        return ""
    return routing.step if routing.step in {step["code"] for step in workflow.steps} else workflow.first_step


def _following(state: CaseState, routing: Routing, goes_to: Office | None) -> Iterator[Draft]:
    """The priority, the offices asked too, and the way to the office: routed where nobody had it, else handed off."""
    if routing.priority is not None and routing.priority != state.priority:
        yield Draft(Activity.REPRIORITIZED, priority=routing.priority)
    asked = _asked(state, routing)
    if goes_to is None:
        yield from asked
        return
    is_new = state.status in (Status.RECEIVED, Status.TRIAGED)
    sent = Draft(
        Activity.ROUTED if is_new else Activity.HANDED_OFF,
        office_id=goes_to.pk,
        route_id=routing.route_id,
        reason="" if is_new else OTHER_SERVICE,
        explanation=routing.explanation,
        receiver=goes_to,
    )
    yield from (sent, *asked) if is_new else (*asked, sent)


def _asked(state: CaseState, routing: Routing) -> Sequence[Draft]:
    """The further offices, without those that look at it already."""
    busy = {hold.office_id for hold in state.holds if hold.ended_at is None and not hold.is_lead}
    last = max((hold.branch for hold in state.holds), default=0)
    return review_drafts([pk for pk in routing.further_ids if pk not in busy], last)


def _stuck(state: CaseState, workflow: Workflow | None) -> tuple[Misfit, ...]:
    """The branches that run and that the new workflow has no step for: nobody could finish them."""
    definition = kept(workflow.source) if workflow else None
    if workflow is None or definition is None:
        return ()
    return tuple(misfits(definition, workflow.first_step, running_steps(state), ()))
