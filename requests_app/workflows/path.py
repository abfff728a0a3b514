"""Where a case may go from where it is, by its workflow. Pure: what is missing comes as plain facts."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from requests_app.states import GIVES_BACK, Activity
from requests_app.workflows.definition import Definition, Move, Step


class Lack(StrEnum):
    """Why a move that the step has cannot be made now."""

    ANSWER = "answer"
    DOCUMENT = "document"
    BRANCH = "branch"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a case has, as far as moves ask for it."""

    answered: frozenset[str] = frozenset()
    accepted: frozenset[str] = frozenset()
    """Kinds of documents that were received and found good."""
    running: tuple[str, ...] = ()
    """The steps of the branches that are not finished."""


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that keeps a move from being made: an answer, a document, a branch that still runs."""

    lack: Lack
    code: str


def missing_for(step: Step, move: Move, has: Standing, *, is_side: bool = False) -> tuple[Missing, ...]:
    """What keeps a move of a step from being made; () when nothing does. A branch never waits for another."""
    if move.anyway:
        return ()
    return (
        *(Missing(Lack.ANSWER, code) for code in step.answers if code not in has.answered),
        *(Missing(Lack.DOCUMENT, code) for code in step.documents if code not in has.accepted),
        *(Missing(Lack.BRANCH, code) for code in has.running if not is_side),
    )


@dataclass(frozen=True, slots=True)
class Unit:
    """An open office a step may go to."""

    pk: int
    code: str
    kind: str


def offices_for(step: Step, units: Sequence[Unit], before: Sequence[int], taken: Collection[int] = ()) -> list[int]:
    """The offices that may do a step: one when it is clear which, several to choose from, none when there is none.

    `before` are the offices that had the case, the latest last: who has it keeps it, else who had it gets it back.
    `taken` are offices that look at it in another branch.
    """
    if not step.office and not step.office_kind:
        return list(before[-1:])
    fitting = [
        unit.pk
        for unit in units
        if unit.pk not in taken and (unit.code == step.office if step.office else unit.kind == step.office_kind)
    ]
    known = next((pk for pk in reversed(before) if pk in fitting), None)
    return fitting if known is None else [known]


def usual_way(definition: Definition) -> tuple[str, ...]:
    """The steps most cases pass: the first move of each step is the usual one."""
    way: list[str] = []
    step: Step | None = definition.first
    while step is not None and step.code not in way:
        way.append(step.code)
        usual = next(iter(step.moves), None)
        step = definition.step(usual.to) if usual and usual.to else None
    return tuple(way)


def opened_before(definition: Definition, code: str) -> tuple[str, ...]:
    """The branches that run while a case is at a step: those opened by the moves that lead to it, each once."""
    moves = (move for step in definition.steps for move in step.moves if move.to == code)
    return tuple(dict.fromkeys(opened for move in moves for opened in move.opens))


def step_behind(way: Iterable[tuple[Activity, str, bool]]) -> str:
    """The step a case goes back to when its last hand-off is undone, "" when there is none to go back to.

    `way` is every event of the lead branch that named a step or undid or made a hand-off, in order, and whether another
    workflow began with it. Hand-offs pile steps up, whatever gives a case back takes one off; every other move changes
    the step on top. Another workflow has none of the steps of before: whoever gets the case back begins it.
    """
    pile = [""]
    for activity, step, begins in way:
        if begins:
            pile = [step] * len(pile)
        elif activity is Activity.HANDED_OFF:
            pile.append(step or pile[-1])
        elif activity in GIVES_BACK:
            if len(pile) > 1:
                pile.pop()
        elif step:
            pile[-1] = step
    return pile[-2] if len(pile) > 1 else ""


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a case cannot go on with another version as it stands."""

    what: str
    code: str


def misfits(definition: Definition, step: str, running: Iterable[str], documents: Iterable[str]) -> tuple[Misfit, ...]:
    """What of a case has no place in a version: its step, a branch that runs, a document that was asked for."""
    side = definition.side_steps
    kinds = {kind.code for kind in definition.documents}
    own = {one.code for one in definition.main_steps}
    return (
        *((Misfit("step", step),) if step not in own else ()),
        *(Misfit("branch", code) for code in running if code and code not in side),
        *(Misfit("document", code) for code in documents if code not in kinds),
    )
