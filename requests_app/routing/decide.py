"""The policy: what follows for a case from all rules that match it. Deterministic, and told in docs/routing.md.

Rules are tried in order. For the office, the step, the priority and the promise the first rule that matches and says
something of the kind decides; further offices and tags of all rules add up; what a later rule would have said is
kept, so that it can be told. A rule that is broken and could have decided the office sends the case to the fallback.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from requests_app.routing.compile import Compiled, CompiledRule, verdict
from requests_app.routing.conditions import Facts

OFFICE, STEP, PRIORITY, PROMISE = "office", "step", "priority", "promise"
OFFICE_CLOSED, OFFICE_GONE, STEP_GONE, BROKEN = "office_closed", "office_gone", "step_gone", "condition_broken"


@dataclass(frozen=True, slots=True)
class Present:
    """How the offices are at the moment of routing: which are closed for good, and which had the case and refused."""

    closed: Collection[int] = frozenset()
    refused: Collection[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Said:
    """What one rule says of one kind: the value is an office's id, a step's code, a priority or hours."""

    rule: str
    kind: str
    value: Any


@dataclass(slots=True)
class Decision:
    """What the rules decide of a case, and what else they would have said.

    `stuck` is the broken rule that could have decided the office: the case goes to the fallback.
    """

    won: dict[str, Said] = field(default_factory=dict)
    further: list[Said] = field(default_factory=list)
    tags: list[Said] = field(default_factory=list)
    also: list[Said] = field(default_factory=list)
    broken: list[tuple[str, str]] = field(default_factory=list)
    refused: list[Said] = field(default_factory=list)
    matched: list[CompiledRule] = field(default_factory=list)
    stuck: str = ""

    @property
    def office_id(self) -> int | None:
        """The lead office, None when no rule decides it."""
        return self.won[OFFICE].value if OFFICE in self.won else None

    @property
    def further_ids(self) -> list[int]:
        """The further offices in order, each once, without the lead one."""
        return [pk for pk in dict.fromkeys(said.value for said in self.further) if pk != self.office_id]

    @property
    def tag_codes(self) -> list[str]:
        """The tags in order, each once."""
        return list(dict.fromkeys(said.value for said in self.tags))

    def value(self, kind: str) -> Any:
        """What was decided of a kind, None when nothing."""
        said = self.won.get(kind)
        return said.value if said else None


def decide(compiled: Compiled, facts: Facts, present: Present) -> Decision:
    """Try the rules in order on the facts of a case."""
    decision = Decision()
    for rule in compiled.for_service(facts.service, facts.kind):
        held = verdict(rule, facts)
        if held:
            decision.matched.append(rule)
            _take(decision, rule, facts, present)
        elif held is None:
            _break(decision, rule, rule.gone or BROKEN)
    return decision


def _break(decision: Decision, rule: CompiledRule, problem: str) -> None:
    """Note a broken rule; when it says an office and none is decided yet, the case is stuck on it."""
    decision.broken.append((rule.code, problem))
    if rule.rule.then.office and OFFICE not in decision.won and not decision.stuck:
        decision.stuck = rule.code


def _take(decision: Decision, rule: CompiledRule, facts: Facts, present: Present) -> None:
    """What a matching rule says, kind by kind."""
    then = rule.rule.then
    if then.office:
        _take_office(decision, rule, present)
    for office_id in rule.further_ids:
        _take_further(decision, rule, office_id, present)
    if then.step and then.step not in facts.steps:
        decision.broken.append((rule.code, STEP_GONE))
    elif then.step:
        _first_wins(decision, Said(rule.code, STEP, then.step))
    if then.priority is not None:
        _first_wins(decision, Said(rule.code, PRIORITY, then.priority))
    if then.promise_hours is not None:
        _first_wins(decision, Said(rule.code, PROMISE, then.promise_hours))
    decision.tags.extend(Said(rule.code, "tag", tag) for tag in then.tags)


def _take_office(decision: Decision, rule: CompiledRule, present: Present) -> None:
    office_id = rule.office_id
    if office_id is None:
        _break(decision, rule, OFFICE_GONE)
    elif office_id in present.closed:
        _break(decision, rule, OFFICE_CLOSED)
    elif office_id in present.refused:
        decision.refused.append(Said(rule.code, OFFICE, office_id))
    elif decision.stuck:
        decision.also.append(Said(rule.code, OFFICE, office_id))
    else:
        _first_wins(decision, Said(rule.code, OFFICE, office_id))


def _take_further(decision: Decision, rule: CompiledRule, office_id: int, present: Present) -> None:
    if not office_id:
        decision.broken.append((rule.code, OFFICE_GONE))
    elif office_id in present.closed:
        decision.broken.append((rule.code, OFFICE_CLOSED))
    else:
        decision.further.append(Said(rule.code, "further", office_id))


def _first_wins(decision: Decision, said: Said) -> None:
    if said.kind in decision.won:
        decision.also.append(said)
    else:
        decision.won[said.kind] = said


def conflicts(decision: Decision) -> Mapping[tuple[str, str], str]:
    """Pairs of rules (the one that won, the one that came later) that say different things of a kind: that kind."""
    found: dict[tuple[str, str], str] = {}
    for said in decision.also:
        first = decision.won.get(said.kind)
        if first is not None and first.value != said.value:
            found.setdefault((first.rule, said.rule), said.kind)
    return found
