"""Rehearsing rules: past cases are judged by the rules that are live and by changed ones, and what differs is counted.

Nothing is written and no statement is sent here: cases come as a stream (`reads.past_cases`), and what is found is
codes, ids and counts, so that it can be kept and said in any language.
"""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from requests_app.routing.compile import Compiled, CompiledRule
from requests_app.routing.decide import Decision, Present, conflicts, decide
from requests_app.routing.past import Ground, PastCase, Sent, sent

KEPT_CASES = 5_000
"""Cases that would move whose ids are kept, the latest ones: enough for lists and a map."""

OTHER = ("further", "step", "priority", "promise", "tags")
"""What may change of a case besides its lead office."""


@dataclass(slots=True)
class RuleCount:
    """How a rule fared: cases of its services, cases it matched, those in which it decided or added something.

    `lost_to` counts, by the code of the rule before it, the cases in which nothing was left to say.
    """

    tried: int = 0
    matched: int = 0
    decided: int = 0
    lost_to: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Coverage:
    """How the cases of one service find an office by the changed rules: by whom, and how many no rule matches."""

    by: Counter[str] = field(default_factory=Counter)
    unmatched: int = 0


@dataclass(slots=True)
class Settled:
    """Of the cases that would move and are closed: where they ended, by the office that closed them."""

    closed: int = 0
    right_before: int = 0
    right_after: int = 0


@dataclass
class Rehearsal:
    """Changed rules (`after`) beside the live ones (`before`) over a stream of past cases."""

    before: Compiled
    after: Compiled
    ground: Ground
    cases: int = 0
    moved: Counter[tuple[int | None, int | None]] = field(default_factory=Counter)
    since_filing: Counter[tuple[int | None, int | None]] = field(default_factory=Counter)
    changed: dict[str, Counter[tuple[Any, Any]]] = field(default_factory=lambda: {kind: Counter() for kind in OTHER})
    coverage: dict[str, Coverage] = field(default_factory=dict)
    conflicts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    broken: Counter[tuple[str, str]] = field(default_factory=Counter)
    rules: dict[str, RuleCount] = field(default_factory=dict)
    settled: Settled = field(default_factory=Settled)
    kept: deque[tuple[int, int | None, int | None]] = field(default_factory=partial(deque, maxlen=KEPT_CASES))
    _same: dict[tuple[str, str], bool] = field(default_factory=dict)
    _tried: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.present = Present(self.ground.closed)
        self.same_fallback = self.ground.fallback(self.before) == self.ground.fallback(self.after)
        self.rules.update({rule.code: RuleCount() for rule in self.after.rules})

    def run(self, cases: Iterable[PastCase]) -> None:
        """Judge every case of a stream."""
        for case in cases:
            self.add(case)
        for (service, kind), count in self._tried.items():
            for rule in self.after.for_service(service, kind):
                self.rules[rule.code].tried += count
        self._tried.clear()

    def add(self, case: PastCase) -> None:
        """Judge one case."""
        facts = case.facts
        self.cases += 1
        self._tried[facts.service, facts.kind] += 1
        decision = decide(self.after, facts, self.present)
        then = sent(self.after, decision, case, self.ground)
        self._cover(facts.service, then, decision)
        if decision.matched or decision.broken:
            self._judge_rules(decision)
        if case.sent_to != then.office:
            self.since_filing[case.sent_to, then.office] += 1
        if not self._is_same(facts.service, facts.kind):
            self._compare(case, then)

    def _is_same(self, service: str, kind: str) -> bool:
        """Whether both rule books say the same of every case of a service: then there is nothing to compare."""
        key = (service, kind)
        if key not in self._same:
            before, after = (rules.for_service(service, kind) for rules in (self.before, self.after))
            self._same[key] = self.same_fallback and [r.rule for r in before] == [r.rule for r in after]
        return self._same[key]

    def _compare(self, case: PastCase, then: Sent) -> None:
        now = sent(self.before, decide(self.before, case.facts, self.present), case, self.ground)
        if now.office != then.office:
            self.moved[now.office, then.office] += 1
            self.kept.append((case.pk, now.office, then.office))
            self._settle(case, now, then)
        for kind in OTHER:
            was, becomes = getattr(now, kind), getattr(then, kind)
            if was != becomes:
                self.changed[kind][was, becomes] += 1

    def _settle(self, case: PastCase, now: Sent, then: Sent) -> None:
        if case.settled_by is not None:
            self.settled.closed += 1
            self.settled.right_before += now.office == case.settled_by
            self.settled.right_after += then.office == case.settled_by

    def _cover(self, service: str, then: Sent, decision: Decision) -> None:
        coverage = self.coverage.get(service)
        if coverage is None:
            coverage = self.coverage[service] = Coverage()
        coverage.by[then.by] += 1
        coverage.unmatched += not decision.matched

    def _judge_rules(self, decision: Decision) -> None:
        won = {said.rule for said in decision.won.values()}
        won.update(said.rule for said in (*decision.further, *decision.tags))
        for rule in decision.matched:
            count = self.rules[rule.code]
            count.matched += 1
            if rule.code in won:
                count.decided += 1
            else:
                count.lost_to.update(_winners(decision, rule))
        self.conflicts.update((first, later, kind) for (first, later), kind in conflicts(decision).items())
        self.broken.update(dict.fromkeys(decision.broken, 1))


def _winners(decision: Decision, rule: CompiledRule) -> set[str]:
    """The rules that had decided what a rule would have said."""
    lost = {said.kind for said in decision.also if said.rule == rule.code}
    return {decision.won[kind].rule for kind in lost if kind in decision.won} - {rule.code}
