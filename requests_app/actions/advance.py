"""Moving a case along its workflow: one move of its step, with everything the move asks for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.actions._branches import lock_branch
from requests_app.actions._draft import Command, Done, Draft, Text
from requests_app.actions._ledger import append_all, authorise, check_legal, lock, offices_that_may
from requests_app.actions.errors import Forbidden, Illegal, Refused
from requests_app.models import ServiceRequest, Words
from requests_app.models.fields import localized
from requests_app.permissions import Viewer
from requests_app.projection import LEAD, CaseState
from requests_app.reads.case_workflow import open_units, standing_of
from requests_app.states import HELD, Activity
from requests_app.workflows.definition import Definition, Move, Step
from requests_app.workflows.parse import kept
from requests_app.workflows.path import Lack, Missing, Unit, missing_for, offices_for


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody chose and wrote with a move. `offices` by the step they are to do, where it is not clear which."""

    move: str
    reason: str = ""
    words: str = ""
    note: str = ""
    offices: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Scene:
    request: ServiceRequest
    state: CaseState
    definition: Definition
    step: Step
    move: Move
    chosen: Chosen
    branch: int

    @property
    def is_side(self) -> bool:
        return self.branch != LEAD


def make_move(command: Command, chosen: Chosen, *, branch: int = LEAD) -> Done:
    """Make a move of the step a case is at, or of a branch beside it. Refused with what is still missing.

    Everything the move does (branches opened, the hand-off, the closing) is written as events of one moment.
    """
    with transaction.atomic():
        if branch == LEAD:
            request, state = lock(command, "workflow")
        else:
            request, state = lock_branch(command, branch, "workflow")
        scene = _scene(request, state, chosen, branch)
        if state.status not in HELD and not scene.is_side:
            raise Illegal(Activity.RESOLVED if scene.move.outcome else Activity.ADVANCED, state.status)
        _refuse_missing(scene)
        drafts = list(_side_drafts(scene) if scene.is_side else _lead_drafts(scene))
        _authorise(command.viewer, scene, drafts)
        return append_all(request, state, drafts, command)


def _scene(request: ServiceRequest, state: CaseState, chosen: Chosen, branch: int) -> _Scene:
    definition = kept(request.workflow.source) if request.workflow else None
    code = state.step if branch == LEAD else _step_of_branch(state, branch)
    step = definition.step(code) if definition else None
    move = step.move(chosen.move) if step else None
    if definition is None or step is None or move is None:
        raise Refused({"move": _("This step has no such move. Reload the page and choose one from the list.")})
    return _Scene(request, state, definition, step, move, chosen, branch)


def _step_of_branch(state: CaseState, branch: int) -> str:
    running = state.open_hold(branch)
    if running is None:
        raise Refused({"branch": _("There is no such review running on this request.")})
    return running.step


# --- Whether it may be made ------------------------------------------------------------------------------------------


def _refuse_missing(scene: _Scene) -> None:
    """Refused with everything that is missing: what the step needs, the reason, the words."""
    move, chosen = scene.move, scene.chosen
    problems: dict[str, str] = {}
    missing = missing_for(scene.step, move, standing_of(scene.request, scene.step, scene.state), is_side=scene.is_side)
    if missing:
        problems["move"] = " ".join(missing_words(scene.definition, one) for one in missing)
    if (move.reasons or chosen.reason) and chosen.reason not in move.reasons:
        problems["reason"] = _("Choose a reason from the list.")
    if move.tells and not chosen.words.strip():
        problems["text"] = _("Write a few words to the person who asked: this move tells them something.")
    if problems:
        raise Refused(problems)


def missing_words(definition: Definition, missing: Missing) -> str:
    """What is missing and what to do about it."""
    if missing.lack is Lack.DOCUMENT:
        kind = definition.document(missing.code)
        name = localized(dict(kind.names)) if kind else missing.code
        return _("The document “%(name)s” has not been accepted yet. Ask for it, or check the one that came.") % {
            "name": name
        }
    if missing.lack is Lack.BRANCH:
        step = definition.step(missing.code)
        name = localized(dict(step.names)) if step else missing.code
        return _("“%(name)s” is not finished yet. Wait until it is.") % {"name": name}
    return _("The question “%(name)s” has not been answered. Ask the person who filed the request.") % {
        "name": missing.code
    }


def _authorise(viewer: Viewer, scene: _Scene, drafts: Sequence[Draft]) -> None:
    """The first draft is judged as any action; the whole move by who may make it."""
    first, last = drafts[0], drafts[-1]
    judged = first if scene.is_side else last
    authorise(viewer, scene.request, scene.state, judged)
    if not made_by(viewer, scene.request, scene.state, judged, scene.move):
        raise Forbidden
    for draft in drafts if not scene.is_side else [first]:
        check_legal(draft, scene.state)


def made_by(viewer: Viewer, request: ServiceRequest, state: CaseState, draft: Draft, move: Move) -> bool:
    """Whether one of the viewer's roles at this case is among those that may make the move."""
    offices = offices_that_may(state, draft)
    return any(
        grant.role.value in move.by
        and grant.covers(
            jurisdiction_id=request.jurisdiction_id,
            office_ids=offices,
            service_id=state.service_id,
            area_id=state.area_id,
        )
        for grant in viewer.grants
    )


# --- What it does ----------------------------------------------------------------------------------------------------


def _lead_drafts(scene: _Scene) -> Iterator[Draft]:
    """The branches the move opens, then the move itself; the note first, since the last event is what was done."""
    state, move, chosen = scene.state, scene.move, scene.chosen
    if chosen.note.strip():
        yield Draft(Activity.NOTED, text=Text(Words.Kind.NOTE, chosen.note))
    units = _units(scene)
    taken = {hold.office_id for hold in state.holds if hold.ended_at is None}
    next_branch = max((hold.branch for hold in state.holds), default=0) + 1
    for number, code in enumerate(move.opens):
        opened = _step(scene.definition, code)
        office_id = _one_office(scene, opened, offices_for(opened, units, (), taken))
        taken.add(office_id)
        yield Draft(Activity.REVIEW_REQUESTED, office_id=office_id, branch=next_branch + number, step=code)
    said = Text(Words.Kind.REPLY, chosen.words) if chosen.words.strip() else None
    if move.outcome:
        yield Draft(Activity.RESOLVED, outcome=move.outcome, move=move.code, reason=chosen.reason, text=said)
        return
    following = _step(scene.definition, move.to)
    before = [hold.office_id for hold in state.holds if hold.is_lead]
    office_id = _one_office(scene, following, offices_for(following, units, before))
    stays = office_id == state.office_id
    yield Draft(
        Activity.ADVANCED if stays else Activity.HANDED_OFF,
        office_id=None if stays else office_id,
        step=following.code,
        move=move.code,
        reason=chosen.reason,
        text=said,
    )


def _side_drafts(scene: _Scene) -> Iterator[Draft]:
    """The end of a stay on a branch, and the next one where the branch goes on."""
    move, chosen, state = scene.move, scene.chosen, scene.state
    note = Text(Words.Kind.NOTE, chosen.note) if chosen.note.strip() else None
    yield Draft(
        Activity.REVIEW_RETURNED,
        branch=scene.branch,
        step=scene.step.code,
        move=move.code,
        reason=chosen.reason,
        text=note,
    )
    if move.to:
        following = _step(scene.definition, move.to)
        before = [hold.office_id for hold in state.holds if hold.branch == scene.branch]
        taken = {h.office_id for h in state.holds if h.ended_at is None and h.branch != scene.branch}
        office_id = _one_office(scene, following, offices_for(following, _units(scene), before, taken))
        branch = max(hold.branch for hold in state.holds) + 1
        yield Draft(Activity.REVIEW_REQUESTED, office_id=office_id, branch=branch, step=following.code)
        if office_id == before[-1]:
            yield Draft(Activity.REVIEW_ACCEPTED, branch=branch)


def _step(definition: Definition, code: str) -> Step:
    found = definition.step(code)
    if found is None:
        raise Refused({"move": _("The workflow has no step “%(step)s”. Tell an administrator.") % {"step": code}})
    return found


def _units(scene: _Scene) -> list[Unit]:
    """The open offices of the place, read only where a step names one."""
    leads_to = [scene.definition.step(code) for code in (*scene.move.opens, scene.move.to) if code]
    if any(step and (step.office or step.office_kind) for step in leads_to):
        return open_units(scene.request.jurisdiction)
    return []


def _one_office(scene: _Scene, step: Step, fitting: Sequence[int]) -> int:
    chosen = scene.chosen.offices.get(step.code)
    if chosen is not None and chosen in fitting:
        return chosen
    if len(fitting) == 1 and chosen is None:
        return fitting[0]
    name = localized(dict(step.names))
    if fitting:
        raise Refused({f"office-{step.code}": _("Choose the office for “%(step)s”.") % {"step": name}})
    raise Refused({"move": _("There is no open office for “%(step)s”. Tell an administrator.") % {"step": name}})
