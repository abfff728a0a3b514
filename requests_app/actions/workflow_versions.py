"""Versions of workflows: saved after every check, never changed; cases keep theirs until they are moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from requests_app.actions._draft import Command, Done, Draft
from requests_app.actions._ledger import perform
from requests_app.actions.config import made
from requests_app.actions.errors import ActionError, Forbidden, Refused
from requests_app.actions.promised import next_promise
from requests_app.clock import now
from requests_app.models import Service, ServiceRequest, Workflow
from requests_app.permissions import Viewer
from requests_app.projection import CaseState
from requests_app.reads.case_workflow import documents_of, running_steps
from requests_app.reads.workflows import surroundings
from requests_app.states import Activity, Capability
from requests_app.workflows.check import check
from requests_app.workflows.definition import Definition
from requests_app.workflows.parse import kept, parse
from requests_app.workflows.path import Misfit, misfits
from requests_app.workflows.problem import Problem
from requests_app.workflows.said import sentence
from requests_app.workflows.told import told_steps


class Unsound(Refused):
    """A workflow that cannot be saved, with everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__({"source": " ".join(sentence(problem) for problem in problems)})
        self.problems = tuple(problems)


class SavedMeanwhile(ActionError):
    """Somebody else saved a version first."""

    code = "stale_version"
    http_status = 409

    def __init__(self, version: int) -> None:
        super().__init__(
            format_lazy(
                _("Somebody saved version {version} a moment ago. Compare yours with it, then save again."),
                version=version,
            )
        )
        self.version = version


def checked_workflow(jurisdiction_id: int, source: str) -> Definition:
    """The workflow a text describes, read and judged; Unsound with every fault."""
    parsed = parse(source)
    if parsed.definition is None:
        raise Unsound(parsed.problems)
    found = check(parsed.definition, surroundings(jurisdiction_id, parsed.definition.code))
    if found:
        raise Unsound(found)
    return parsed.definition


def save_workflow(viewer: Viewer, *, jurisdiction_id: int, source: str, seen_version: int, code: str = "") -> Workflow:
    """Save a workflow as its next version; services that used it use the new version for new cases.

    `seen_version` is the latest the writer knew of, 0 for a new workflow; `code` the workflow that was opened, which
    the text may not rename. A text equal to the latest version is that version: nothing is saved.
    """
    if not viewer.has(Capability.ADMINISTER, jurisdiction_id):
        raise Forbidden
    definition = checked_workflow(jurisdiction_id, source)
    if code and definition.code != code:
        raise Refused(
            {"source": _("The code of a workflow cannot change. Write it as it was, or import it as a new workflow.")}
        )
    try:
        with transaction.atomic():
            return _saved(viewer, jurisdiction_id, source, definition, seen_version)
    except IntegrityError:
        raise SavedMeanwhile(seen_version + 1) from None


def make_workflow(viewer: Viewer, *, jurisdiction_id: int, source: str) -> Workflow:
    """Save a new workflow; Refused when its code is taken."""
    definition = checked_workflow(jurisdiction_id, source)
    if Workflow.objects.filter(jurisdiction_id=jurisdiction_id, code=definition.code).exists():
        taken = _("There is a workflow “{code}” already. Change that one, or give yours another code.")
        raise Refused({"source": format_lazy(taken, code=definition.code)})
    return save_workflow(viewer, jurisdiction_id=jurisdiction_id, source=source, seen_version=0)


def _saved(viewer: Viewer, jurisdiction_id: int, source: str, definition: Definition, seen_version: int) -> Workflow:
    versions = Workflow.objects.filter(jurisdiction_id=jurisdiction_id, code=definition.code)
    latest = versions.select_for_update().order_by("-version").first()
    known = latest.version if latest else 0
    if known != seen_version:
        raise SavedMeanwhile(known)
    if latest is not None and latest.source == source:
        return latest
    saved = Workflow.objects.create(
        jurisdiction_id=jurisdiction_id,
        code=definition.code,
        version=known + 1,
        names=dict(definition.names),
        steps=told_steps(definition),
        source=source,
        saved_at=now(),
        saved_by_id=viewer.user_id,
    )
    Service.objects.filter(workflow__in=versions).update(workflow=saved)
    made(saved, "workflow", viewer=viewer, document=workflow_document)
    return saved


def workflow_document(workflow: Workflow) -> dict[str, Any]:
    """A version as the list of changes tells it; its text is kept in the version itself."""
    return {"names": workflow.names, "code": workflow.code, "version": workflow.version}


# --- Moving open cases to another version ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a case can go on with a version, and what would not fit."""

    misfits: tuple[Misfit, ...]
    step: str
    """The step it would be at."""


def fit_of(request: ServiceRequest, state: CaseState, definition: Definition, steps: Mapping[str, str]) -> Fit:
    """How an open case fits a version; `steps` says which old step becomes which new one."""
    step = steps.get(state.step, state.step)
    return Fit(misfits(definition, step, running_steps(state), documents_of(request)), step)


def change_workflow(command: Command, *, workflow_id: int, steps: Mapping[str, str] | None = None) -> Done:
    """Let an open case go on with another version of a workflow; Refused, saying why, where it does not fit."""

    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        version = Workflow.objects.filter(pk=workflow_id, jurisdiction_id=request.jurisdiction_id).first()
        definition = kept(version.source) if version else None
        if version is None or definition is None:
            raise Refused({"workflow": _("There is no such version of a workflow here.")})
        if version.pk == request.workflow_id:
            raise Refused({"workflow": _("The request goes by this version already.")})
        fit = fit_of(request, state, definition, steps or {})
        if fit.misfits:
            raise Refused({"workflow": " ".join(str(misfit_words(one)) for one in fit.misfits)})
        service = Service.objects.select_related("jurisdiction", "work_calendar").get(pk=request.service_id)
        return Draft(
            Activity.WORKFLOW_CHANGED,
            workflow_id=version.pk,
            step=fit.step if fit.step != state.step else "",
            row={"workflow_id": version.pk, **next_promise(request, service, version)},
        )

    return perform(command, draft)


MISFITS = {
    "step": _("The version has no step “{code}” on the request’s own way."),
    "branch": _("The branch “{code}” runs and the version has none of that name."),
    "document": _("The document “{code}” was asked for or received and the version does not know it."),
}


def misfit_words(misfit: Misfit) -> str:
    """Why a case does not fit, in a sentence."""
    return str(format_lazy(MISFITS[misfit.what], code=misfit.code or "–"))
