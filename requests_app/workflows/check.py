"""Whether a workflow is sound: every step can be reached and left, an end exists, offices exist, branches join.

Pure: offices and questions come as plain facts. All faults are told, in the order of the steps.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from requests_app.workflows.definition import Definition, Move, Step
from requests_app.workflows.problem import Problem, Wrong


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    """What a check needs to know of an office."""

    code: str
    kind: str
    is_open: bool = True
    """False when it is closed for good."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a workflow is checked against: the offices of its place, and the questions of the services that use it.

    `questions` None: nobody uses it yet, so that no answer can be missing.
    """

    offices: tuple[OfficeFacts, ...]
    questions: frozenset[str] | None = None


Check = Callable[[Definition, Surroundings], Iterator[Problem]]


def check(definition: Definition, around: Surroundings) -> list[Problem]:
    """Every fault of a workflow that was read; [] when it is sound.

    What names something that does not exist is told first, and alone: the rest would only echo it.
    """
    unknown = [problem for one in _NAMES for problem in one(definition, around)]
    if unknown:
        return unknown
    return [problem for one in _GRAPH for problem in one(definition, around)]


def each_move(definition: Definition) -> Iterator[tuple[Step, Move]]:
    """Every move with its step."""
    return ((step, move) for step in definition.steps for move in step.moves)


# --- What is named exists ------------------------------------------------------------------------------------------


def _steps_exist(definition: Definition, around: Surroundings) -> Iterator[Problem]:
    known = {step.code for step in definition.steps}
    for step, move in each_move(definition):
        for code in (*([move.to] if move.to else []), *move.opens):
            if code not in known:
                yield Problem(Wrong.UNKNOWN_STEP, step.code, move.code, code)


def _reasons_exist(definition: Definition, around: Surroundings) -> Iterator[Problem]:
    for step, move in each_move(definition):
        for code in move.reasons:
            if code not in definition.reasons:
                yield Problem(Wrong.UNKNOWN_REASON, step.code, move.code, code)


def _documents_exist(definition: Definition, around: Surroundings) -> Iterator[Problem]:
    known = {kind.code for kind in definition.documents}
    for step in definition.steps:
        for code in step.documents:
            if code not in known:
                yield Problem(Wrong.UNKNOWN_DOCUMENT, step.code, what=code)


def _answers_exist(definition: Definition, around: Surroundings) -> Iterator[Problem]:
    for step in definition.steps:
        for code in step.answers:
            if around.questions is not None and code not in around.questions:
                yield Problem(Wrong.UNKNOWN_ANSWER, step.code, what=code)


def _offices_exist(definition: Definition, around: Surroundings) -> Iterator[Problem]:
    for step in definition.steps:
        if step.office and step.office_kind:
            yield Problem(Wrong.TWO_OFFICES, step.code)
            continue
        named = [office for office in around.offices if step.office and office.code == step.office]
        named += [office for office in around.offices if step.office_kind and office.kind == step.office_kind]
        wanted = step.office or step.office_kind
        if wanted and not named:
            yield Problem(Wrong.NO_OFFICE, step.code, what=wanted, other="office" if step.office else "office_kind")
        elif wanted and not any(office.is_open for office in named):
            yield Problem(Wrong.CLOSED_OFFICE, step.code, what=wanted)


# --- The graph -----------------------------------------------------------------------------------------------------


def _each_step_is_reached(definition: Definition, around: Surroundings) -> Iterator[Problem]:
    reached = reachable([definition.first.code], lambda code: _leads_to(definition, code))
    for step in definition.steps:
        if step.code not in reached:
            yield Problem(Wrong.UNREACHABLE, step.code)


def _each_step_is_left(definition: Definition, around: Surroundings) -> Iterator[Problem]:
    """A step without a move is a dead end; one whose moves lead round and round without an end is no better."""
    done = ending(definition)
    for step in definition.steps:
        if not step.moves:
            yield Problem(Wrong.DEAD_END, step.code)
        elif step.code not in done and step.code not in definition.side_steps:
            yield Problem(Wrong.NO_WAY_OUT, step.code)


def _an_end_exists(definition: Definition, around: Surroundings) -> Iterator[Problem]:
    if not any(move.outcome for _step, move in each_move(definition)):
        yield Problem(Wrong.NO_END)


def _branches_join(definition: Definition, around: Surroundings) -> Iterator[Problem]:
    side = definition.side_steps
    joined = backwards(definition, (step.code for step, move in each_move(definition) if move.joins))
    for step in definition.steps:
        if step.code in side and step.moves and step.code not in joined:
            yield Problem(Wrong.NEVER_JOINS, step.code)


def _branches_stay_branches(definition: Definition, around: Surroundings) -> Iterator[Problem]:
    side, own = definition.side_steps, definition.own_way
    for step in definition.steps:
        if step.code in side and not (step.office or step.office_kind):
            yield Problem(Wrong.BRANCH_WITHOUT_OFFICE, step.code)
        for move in step.moves:
            yield from _of_opened(step, move, own)
            yield from _in_branch(step, move, own) if step.code in side else _on_own_way(step, move)


def _of_opened(step: Step, move: Move, own: Collection[str]) -> Iterator[Problem]:
    if move.opens and move.outcome:
        yield Problem(Wrong.OPENS_AND_ENDS, step.code, move.code)
    for code in move.opens:
        if code in own:
            yield Problem(Wrong.BOTH_WAYS, step.code, move.code, code)


def _in_branch(step: Step, move: Move, own: Collection[str]) -> Iterator[Problem]:
    if move.outcome:
        yield Problem(Wrong.CLOSES_IN_BRANCH, step.code, move.code)
    if move.opens:
        yield Problem(Wrong.OPENS_IN_BRANCH, step.code, move.code)
    if move.to in own:
        yield Problem(Wrong.LEAVES_BRANCH, step.code, move.code, move.to)


def _on_own_way(step: Step, move: Move) -> Iterator[Problem]:
    if move.joins:
        yield Problem(Wrong.JOINS_NOTHING, step.code, move.code)


def _branches_have_offices_of_their_own(definition: Definition, around: Surroundings) -> Iterator[Problem]:
    for step, move in each_move(definition):
        opened = [found for code in move.opens if (found := definition.step(code))]
        offices = [one.office for one in opened if one.office]
        for office in sorted({code for code in offices if offices.count(code) > 1}):
            yield Problem(Wrong.SAME_BRANCH_OFFICE, step.code, move.code, office)


# --- Walking it ----------------------------------------------------------------------------------------------------


def reachable(start: Iterable[str], further: Callable[[str], Collection[str]]) -> frozenset[str]:
    """Everything that can be come to from `start`, itself included."""
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        code = waiting.pop()
        if code not in found:
            found.add(code)
            waiting.extend(further(code))
    return frozenset(found)


def ending(definition: Definition) -> frozenset[str]:
    """The steps from which a case can be closed."""
    return backwards(definition, (step.code for step, move in each_move(definition) if move.outcome))


def backwards(definition: Definition, ends: Iterable[str]) -> frozenset[str]:
    """The steps from which one of `ends` can be come to by moves."""
    before: dict[str, list[str]] = {}
    for step, move in each_move(definition):
        if move.to:
            before.setdefault(move.to, []).append(step.code)
    return reachable(ends, lambda code: before.get(code, ()))


def _leads_to(definition: Definition, code: str) -> list[str]:
    return [*_goes_to(definition, code), *(c for move in _moves(definition, code) for c in move.opens)]


def _goes_to(definition: Definition, code: str) -> list[str]:
    return [move.to for move in _moves(definition, code) if move.to]


def _moves(definition: Definition, code: str) -> tuple[Move, ...]:
    step = definition.step(code)
    return step.moves if step else ()


_NAMES: tuple[Check, ...] = (_steps_exist, _reasons_exist, _documents_exist, _answers_exist, _offices_exist)
_GRAPH: tuple[Check, ...] = (
    _each_step_is_reached,
    _each_step_is_left,
    _an_end_exists,
    _branches_join,
    _branches_stay_branches,
    _branches_have_offices_of_their_own,
)
