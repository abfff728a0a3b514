"""What a workflow says: steps, the moves that lead out of each, who may make them and what they need. No Django.

A case walks from step to step. A move goes to one step, or closes the case, or (in a branch that runs beside the
others) goes back to the step that waits for it. A move may *open* branches: each is a step of its own at an office of
its own, and the step the move leads to can be left only when all of them are finished.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from requests_app.states import Actor, Outcome

Names = Mapping[str, str]

LANGUAGES = ("en", "fr")
"""The languages every name is needed in."""

MAKERS = (Actor.HANDLER, Actor.MANAGER)
"""Who may make a move: somebody of the office that has the step, or the manager."""


@dataclass(frozen=True, slots=True)
class Target:
    """How long a step should take: working hours of its office, or days of the calendar as laws count them."""

    hours: int = 0
    days: int = 0

    @property
    def is_calendar(self) -> bool:
        """Whether weekends and holidays count."""
        return self.days > 0

    @property
    def span(self) -> timedelta:
        """The time, to be counted by the clock of `is_calendar`."""
        return timedelta(days=self.days) if self.days else timedelta(hours=self.hours)


@dataclass(frozen=True, slots=True)
class Move:
    """One way out of a step. Exactly one of `to`, `outcome` and `joins` says where it leads."""

    code: str
    names: Names
    to: str = ""
    outcome: Outcome | None = None
    joins: bool = False
    """Ends a branch: its work is done, and the step that waits learns of it."""
    opens: tuple[str, ...] = ()
    """The steps that begin beside the one the move leads to."""
    by: tuple[Actor, ...] = MAKERS
    reasons: tuple[str, ...] = ()
    """Codes of which the person who makes it chooses one; none are needed when empty."""
    anyway: bool = False
    """May be made although an answer or a document of the step is missing, or a branch still runs."""
    tells: bool = False
    """Needs a few words to the citizen."""
    told: Names = field(default_factory=dict)
    """What everybody reads of a case that this move has closed, instead of its outcome: “Permit issued”."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: who does it, what it needs before it is left, how long it should take, where it leads.

    `office` names one office, `office_kind` any of a kind; with neither, whoever has the case keeps it.
    """

    code: str
    names: Names
    plain: Names = field(default_factory=dict)
    """What happens in this step, in a sentence for the citizen."""
    office: str = ""
    office_kind: str = ""
    target: Target | None = None
    answers: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    moves: tuple[Move, ...] = ()

    def move(self, code: str) -> Move | None:
        """The move of that code."""
        return next((move for move in self.moves if move.code == code), None)


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A paper that the workflow asks for."""

    code: str
    names: Names
    hints: Names = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Definition:
    """A workflow. The first step is where a case begins."""

    code: str
    names: Names
    steps: tuple[Step, ...]
    reasons: Mapping[str, Names] = field(default_factory=dict)
    documents: tuple[DocumentKind, ...] = ()
    law: Names = field(default_factory=dict)
    """The law that sets `limit`, if one does."""
    limit: Target | None = None
    """How long the whole case may take, where the workflow says so and not the service."""

    @property
    def first(self) -> Step:
        """Where a case begins."""
        return self.steps[0]

    def step(self, code: str) -> Step | None:
        """The step of that code."""
        return next((step for step in self.steps if step.code == code), None)

    def document(self, code: str) -> DocumentKind | None:
        """The document of that code."""
        return next((kind for kind in self.documents if kind.code == code), None)

    @property
    def own_way(self) -> frozenset[str]:
        """The steps the case itself can come to, move by move, without what is opened beside it."""
        return self.reached_from([self.first.code])

    @property
    def side_steps(self) -> frozenset[str]:
        """The steps that run beside the case's own: opened by a move, and what follows them inside a branch."""
        opened = [code for step in self.steps for move in step.moves for code in move.opens]
        own = self.own_way
        return self.reached_from([code for code in opened if code not in own], own)

    def reached_from(self, start: Iterable[str], but: frozenset[str] = frozenset()) -> frozenset[str]:
        """The steps that follow from some, move by move, with these themselves; `but` are passed over."""
        found: set[str] = set()
        waiting = list(start)
        while waiting:
            code = waiting.pop()
            step = self.step(code)
            if code in found or code in but or step is None:
                continue
            found.add(code)
            waiting.extend(move.to for move in step.moves if move.to)
        return frozenset(found)

    @property
    def main_steps(self) -> tuple[Step, ...]:
        """The steps of the case's own way, in the order they were written."""
        side = self.side_steps
        return tuple(step for step in self.steps if step.code not in side)
