"""The moves of its workflow that a case can make now, and what keeps somebody from making each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from requests_app.actions._draft import Draft
from requests_app.actions._ledger import authorise
from requests_app.actions._saving import state_of
from requests_app.actions.advance import made_by, missing_words
from requests_app.actions.errors import Forbidden
from requests_app.models import ServiceRequest
from requests_app.permissions import Viewer
from requests_app.projection import LEAD, CaseState
from requests_app.reads.case_workflow import open_units, standing_of
from requests_app.reads.holds import holds_of
from requests_app.states import HELD, Activity, is_legal
from requests_app.workflows.definition import Definition, Move, Step
from requests_app.workflows.parse import kept
from requests_app.workflows.path import Unit, missing_for, offices_for


@dataclass(frozen=True, slots=True)
class OfficeChoice:
    """A step that more than one office may do: somebody chooses."""

    step: Step
    office_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A move of the step the case is at (branch 0), or of a review that runs. `missing` are sentences."""

    step: Step
    move: Move
    branch: int
    may: bool
    begun: bool
    """Whether somebody works on it already."""
    missing: tuple[str, ...] = ()
    choices: tuple[OfficeChoice, ...] = ()


def offers(request: ServiceRequest, viewer: Viewer) -> list[Offer]:
    """The moves of the present step and of the running reviews, where the viewer is of the office; a few statements.

    A move that only somebody else may make is told too (`may` False), so that people know who is waited for.
    """
    definition = kept(request.workflow.source) if request.workflow else None
    if definition is None or request.jurisdiction.is_read_only or not request.is_open:
        return []
    state = state_of(request, holds_of(request))
    units = open_units(request.jurisdiction) if _needs_units(definition, state) else []
    scene = _Scene(request, state, definition, viewer, units)
    step = definition.step(state.step)
    found = list(_of_step(scene, step, LEAD)) if step and state.status in HELD else []
    for hold in state.holds:
        side = definition.step(hold.step) if hold.branch != LEAD and hold.ended_at is None and hold.step else None
        if side:
            found += _of_step(scene, side, hold.branch)
    return found


@dataclass(frozen=True, slots=True)
class _Scene:
    request: ServiceRequest
    state: CaseState
    definition: Definition
    viewer: Viewer
    units: Sequence[Unit]


def _needs_units(definition: Definition, state: CaseState) -> bool:
    """Whether one of the moves may have to choose an office: only kinds of office leave a choice."""
    codes = {state.step, *(hold.step for hold in state.holds if hold.ended_at is None)}
    moves = [move for code in codes if (step := definition.step(code)) for move in step.moves]
    following = [definition.step(code) for move in moves for code in (move.to, *move.opens) if code]
    return any(step and step.office_kind for step in following)


def _of_step(scene: _Scene, step: Step, branch: int) -> Iterator[Offer]:
    """The offers of one step; none where the viewer is not of the office that does it."""
    if not _is_theirs(scene, Draft(Activity.REVIEW_RETURNED if branch else Activity.ADVANCED, branch=branch)):
        return
    has = standing_of(scene.request, step, scene.state)
    for move in step.moves:
        draft = _judged(scene, move, branch)
        if not is_legal(draft.activity, scene.state.status):
            continue
        missing = missing_for(step, move, has, is_side=branch != LEAD)
        yield Offer(
            step=step,
            move=move,
            branch=branch,
            begun=bool((hold := scene.state.open_hold(branch)) and hold.started_at),
            may=_is_theirs(scene, draft) and made_by(scene.viewer, scene.request, scene.state, draft, move),
            missing=tuple(missing_words(scene.definition, one) for one in missing),
            choices=tuple(_choices(scene, move, branch)),
        )


def _judged(scene: _Scene, move: Move, branch: int) -> Draft:
    """The event the move would be judged by."""
    if branch != LEAD:
        return Draft(Activity.REVIEW_RETURNED, branch=branch)
    return Draft(Activity.RESOLVED if move.outcome else Activity.ADVANCED)


def _is_theirs(scene: _Scene, draft: Draft) -> bool:
    try:
        authorise(scene.viewer, scene.request, scene.state, draft)
    except Forbidden:
        return False
    return True


def _choices(scene: _Scene, move: Move, branch: int) -> Iterator[OfficeChoice]:
    """The steps whose office somebody must choose."""
    holds = scene.state.holds
    running = [hold for hold in holds if hold.ended_at is None]
    here = [hold.office_id for hold in holds if hold.branch == branch]
    beside = {hold.office_id for hold in running if hold.branch != branch} if branch != LEAD else set()
    looking = {hold.office_id for hold in running}
    opened: list[tuple[str, list[int], set[int]]] = [(code, [], looking) for code in move.opens]
    for code, before, taken in [*opened, (move.to, here, beside)]:
        step = scene.definition.step(code) if code else None
        fitting = offices_for(step, scene.units, before, taken) if step else []
        if step and len(fitting) > 1:
            yield OfficeChoice(step, tuple(fitting))
