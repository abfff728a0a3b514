"""Open cases that go by older versions of a workflow: which fit a newer one, and moving those that do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from requests_app.actions._draft import Command
from requests_app.actions._saving import state_of
from requests_app.actions.config import require_administrator
from requests_app.actions.errors import ActionError
from requests_app.actions.workflow_versions import Fit, change_workflow, misfit_words
from requests_app.models import Document, ServiceRequest, Workflow
from requests_app.permissions import Viewer
from requests_app.reads.case_workflow import OTHER, running_steps
from requests_app.workflows.definition import Definition
from requests_app.workflows.parse import kept
from requests_app.workflows.path import misfits

MOST_AT_ONCE = 200
"""Cases moved by one press of a button; the button can be pressed again."""


@dataclass(frozen=True, slots=True)
class CaseFit:
    """An open case and whether it fits."""

    case: ServiceRequest
    fit: Fit

    @property
    def fits(self) -> bool:
        """Whether nothing stands against it."""
        return not self.fit.misfits

    @property
    def words(self) -> str:
        """What would not fit, in sentences."""
        return " ".join(misfit_words(one) for one in self.fit.misfits)


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a move: how many went, and the cases that stayed with the reason of each."""

    moved: int
    stayed: list[tuple[str, str]]
    left: int
    """Cases that fit and wait for another press."""


def fits_of(
    viewer: Viewer, *, jurisdiction_id: int, code: str, definition: Definition, steps: Mapping[str, str], but: int = 0
) -> list[CaseFit]:
    """How every open case of a workflow fits a definition; those that go by version `but` are left out.

    `steps` says which old step becomes which new one. Three statements.
    """
    require_administrator(viewer, jurisdiction_id)
    found = ServiceRequest.objects.open().filter(jurisdiction_id=jurisdiction_id, workflow__code=code)
    related = found.exclude(workflow_id=but).select_related("jurisdiction", "workflow").prefetch_related("holds")
    cases = list(related.defer("jurisdiction__boundary"))
    papers = _papers_of(cases)
    return [CaseFit(case, _fit(case, definition, steps, papers.get(case.pk, []))) for case in cases]


def _papers_of(cases: Sequence[ServiceRequest]) -> dict[int, list[str]]:
    """The kinds of documents of each case."""
    kinds: dict[int, list[str]] = {}
    found = Document.objects.filter(request__in=[case.pk for case in cases], erased_at=None).exclude(kind=OTHER)
    for request_id, kind in found.values_list("request_id", "kind").distinct():
        kinds.setdefault(request_id, []).append(kind)
    return kinds


def _fit(case: ServiceRequest, definition: Definition, steps: Mapping[str, str], papers: Sequence[str]) -> Fit:
    state = state_of(case, list(case.holds.all()))
    step = steps.get(state.step, state.step)
    return Fit(misfits(definition, step, running_steps(state), papers), step)


def move_cases(viewer: Viewer, target: Workflow, steps: Mapping[str, str]) -> Moved:
    """Let the open cases that fit go on with a version, each by its own event; the others stay and are told."""
    definition = kept(target.source)
    require_administrator(viewer, target.jurisdiction_id)
    if definition is None:
        return Moved(0, [], 0)
    found = fits_of(
        viewer,
        jurisdiction_id=target.jurisdiction_id,
        code=target.code,
        definition=definition,
        steps=steps,
        but=target.pk,
    )
    fitting = [one.case for one in found if one.fits]
    stayed = [(one.case.reference, one.words) for one in found if not one.fits]
    moved = 0
    for case in fitting[:MOST_AT_ONCE]:
        try:
            change_workflow(Command(case.pk, viewer, case.version), workflow_id=target.pk, steps=steps)
        except ActionError as error:
            stayed.append((case.reference, str(error)))
        else:
            moved += 1
    return Moved(moved, stayed, len(fitting[MOST_AT_ONCE:]))
