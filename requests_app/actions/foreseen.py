"""What would follow from moving a case to another service, seen before it is done; nothing is written."""

from collections.abc import Iterator
from dataclasses import dataclass

from requests_app.actions._draft import Draft
from requests_app.actions._ledger import authorise, check_legal, promised_anew
from requests_app.actions._saving import state_of
from requests_app.actions.another_service import ServiceChange, checked_service, may_send, plan_change, said_of
from requests_app.actions.errors import Missing, ReadOnly
from requests_app.clock import now
from requests_app.models import Question, Service, ServiceRequest
from requests_app.models.fields import localized
from requests_app.permissions import Viewer
from requests_app.projection import CaseState, apply
from requests_app.reads.case_workflow import documents_of, running_steps
from requests_app.reads.holds import holds_of
from requests_app.reads.workflow_names import WorkflowNames
from requests_app.states import Activity
from requests_app.workflows.parse import kept
from requests_app.workflows.path import misfits


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A case as it is and as it would be, and what of it the new service has no place for, by names."""

    request: ServiceRequest
    change: ServiceChange
    before: CaseState
    after: CaseState
    papers_left: tuple[str, ...]
    """Documents that were asked for or came, which the new workflow does not ask for: they stay with the case."""
    answers_left: tuple[str, ...]
    """Questions that were answered and that the new service does not ask: the answers stay."""
    to_ask: tuple[str, ...]
    """Questions the new service must have answered and that were not."""


def foresee(request_id: int, viewer: Viewer, service_id: int) -> Foreseen:
    """The case before and after, by the same rules as the move itself; Refused or Forbidden as the move would be."""
    request = (
        ServiceRequest.objects.visible_to(viewer)
        .select_related("jurisdiction", "service", "workflow", "office")
        .defer("jurisdiction__boundary")
        .annotate(**said_of())
        .filter(pk=request_id)
        .first()
    )
    if request is None:
        raise Missing
    if request.jurisdiction.is_read_only:
        raise ReadOnly
    state = state_of(request, holds_of(request))
    authorise(viewer, request, state, Draft(Activity.RECATEGORIZED))
    check_legal(Draft(Activity.RECATEGORIZED), state)
    stays = not may_send(viewer, request, state)
    change = plan_change(request, state, checked_service(request, viewer, service_id), stays=stays)
    left, to_ask = _questions(request, change.service)
    return Foreseen(request, change, state, _after(state, change), tuple(_papers(request, state, change)), left, to_ask)


def _after(state: CaseState, change: ServiceChange) -> CaseState:
    at = now()
    for draft in change.drafts:
        state = apply(promised_anew(state, draft), draft.change(at))
    return state


def _papers(request: ServiceRequest, state: CaseState, change: ServiceChange) -> Iterator[str]:
    definition = kept(change.workflow.source) if change.workflow and change.begins_anew else None
    if change.workflow is None or definition is None:
        return
    names = WorkflowNames(kept(request.workflow.source) if request.workflow else None)
    for one in misfits(definition, change.workflow.first_step, running_steps(state), documents_of(request)):
        if one.what == "document":
            yield str(names.document(one.code))


def _questions(request: ServiceRequest, service: Service) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What was answered and is not asked any more, and what is asked and was not answered; one statement."""
    given = {row["code"] for row in request.answered if row["value"]}  # type: ignore[attr-defined]
    asked = Question.objects.filter(service__in=[request.service_id, service.pk]).order_by("position", "pk")
    now_asked = {one.code: one for one in asked if one.service_id == service.pk and one.until_form is None}
    before = {one.code: one for one in asked if one.service_id == request.service_id}
    left = [localized(one.names) for code, one in before.items() if code in given and code not in now_asked]
    to_ask = [localized(one.names) for code, one in now_asked.items() if one.is_required and code not in given]
    return tuple(left), tuple(to_ask)
