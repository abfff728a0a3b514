"""What a case has, as far as its workflow asks for it; and the offices a step may go to."""

from enum import StrEnum

from django.db.models import CharField, Q, Value

from requests_app.models import Answer, Document, Jurisdiction, Office, ServiceRequest
from requests_app.projection import LEAD, CaseState
from requests_app.states import GIVES_BACK, Activity, Outcome
from requests_app.workflows.definition import Step
from requests_app.workflows.parse import kept
from requests_app.workflows.path import Standing, Unit, step_behind

OTHER = "other"
"""The kind of a paper that no workflow asks for."""


def open_units(place: Jurisdiction) -> list[Unit]:
    """The offices of a place that work can be sent to; one statement."""
    today = place.today
    offices = Office.objects.filter(jurisdiction=place).order_by("code")
    takes = (Q(closes_on=None) | Q(closes_on__gt=today)) & (Q(opens_on=None) | Q(opens_on__lte=today))
    return [Unit(*row) for row in offices.filter(takes).values_list("pk", "code", "kind")]


def standing_of(request: ServiceRequest, step: Step, state: CaseState) -> Standing:
    """What a case has of what a step needs; one statement, none where the step needs nothing."""
    running = running_steps(state)
    if not step.answers and not step.documents:
        return Standing(running=running)
    answers = Answer.objects.filter(request=request, question__code__in=step.answers, erased_at=None).exclude(value="")
    papers = Document.objects.filter(request=request, kind__in=step.documents, status=Document.Status.ACCEPTED)
    part = CharField()
    found = list(
        answers.order_by()
        .values_list(Value("answer", part), "question__code")
        .union(papers.order_by().values_list(Value("document", part), "kind"))
    )
    return Standing(
        answered=frozenset(code for kind, code in found if kind == "answer"),
        accepted=frozenset(code for kind, code in found if kind == "document"),
        running=running,
    )


class Against(StrEnum):
    """What stands against saying that a case is resolved."""

    PARTS = "parts"
    REVIEWS = "reviews"
    STEPS = "steps"


def against_resolving(request: ServiceRequest, state: CaseState) -> Against | None:
    """Why a case cannot be called resolved yet: parts are open, a review runs, or its step has no move that ends it so.

    Other outcomes end a case anywhere: withdrawn, not ours, nothing to be done.
    """
    if request.open_parts:
        return Against.PARTS
    if running_steps(state):
        return Against.REVIEWS
    definition = kept(request.workflow.source) if request.workflow else None
    step = definition.step(state.step) if definition else None
    ends = step is None or any(move.outcome is Outcome.RESOLVED for move in step.moves)
    return None if ends else Against.STEPS


def running_steps(state: CaseState) -> tuple[str, ...]:
    """The steps of the branches that are not finished; a review asked for by hand is of no step."""
    return tuple(h.step for h in state.holds if h.branch != LEAD and h.ended_at is None and h.step)


def step_given_back(request: ServiceRequest) -> str:
    """The step a case is at again when its last hand-off is undone, "" where nothing changes; at most one statement."""
    if request.workflow_id is None:
        return ""
    turns = Q(activity__in=[Activity.HANDED_OFF, *GIVES_BACK]) | ~Q(step="")
    way = request.events.filter(turns, branch=LEAD).order_by("sequence").values_list("activity", "step", "workflow_id")
    return step_behind(
        (Activity(activity), step, workflow_id is not None and activity == Activity.RECATEGORIZED)
        for activity, step, workflow_id in way
    )


def documents_of(request: ServiceRequest) -> list[str]:
    """The kinds of documents that were asked for or came in, each once; one statement."""
    papers = Document.objects.filter(request=request, erased_at=None).exclude(kind=OTHER)
    return sorted(set(papers.values_list("kind", flat=True)))
