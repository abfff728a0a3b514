"""Why a rule never fires.

No request of its services, a part that is never true, parts never true together, or rules before it that had decided.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from requests_app.routing.compile import CompiledRule
from requests_app.routing.conditions import Node
from requests_app.routing.document import ALL
from requests_app.routing.past import PastCase
from requests_app.routing.rehearse import Rehearsal

NO_CASES, PART, TOGETHER, SHADOWED, BROKEN = "no_cases", "part", "together", "shadowed", "broken"


@dataclass(frozen=True, slots=True)
class Never:
    """A rule that never did anything, and why. `parts` are paths in its condition, `by` the rules before it."""

    rule: str
    why: str
    cases: int
    parts: tuple[str, ...] = ()
    by: tuple[tuple[str, int], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {"why": self.why, "cases": self.cases, "parts": list(self.parts), "by": [list(one) for one in self.by]}


def untrue(rehearsal: Rehearsal) -> list[CompiledRule]:
    """The rules that matched no case although there were cases of their services: to be looked at once more."""
    broken = {code for code, _problem in rehearsal.broken}
    counts = rehearsal.rules
    return [
        rule
        for rule in rehearsal.after.rules
        if counts[rule.code].tried and not counts[rule.code].matched and rule.code not in broken
    ]


def never_fired(rehearsal: Rehearsal, again: Iterable[PastCase]) -> list[Never]:
    """Every rule that did nothing, in order, with the reason; `again` are the same cases, for those of `untrue`."""
    parts = _parts_held(rehearsal, untrue(rehearsal), again)
    broken = {code for code, _problem in rehearsal.broken}
    found = []
    for rule in rehearsal.after.rules:
        count = rehearsal.rules[rule.code]
        if count.decided:
            continue
        if rule.code in broken:
            found.append(Never(rule.code, BROKEN, count.tried))
        elif not count.tried:
            found.append(Never(rule.code, NO_CASES, 0))
        elif count.matched:
            found.append(Never(rule.code, SHADOWED, count.matched, by=tuple(count.lost_to.most_common(3))))
        else:
            found.append(parts[rule.code].told(rule.code, count.tried))
    return found


@dataclass(slots=True)
class _Held:
    """How often each part of a rule's condition was true by itself."""

    parts: list[tuple[str, Node]]
    held: Counter[str] = field(default_factory=Counter)

    def told(self, code: str, tried: int) -> Never:
        never = tuple(path for path, _node in self.parts if not self.held[path])
        return Never(code, PART if never else TOGETHER, tried, parts=never)


def _parts_held(rehearsal: Rehearsal, rules: list[CompiledRule], again: Iterable[PastCase]) -> dict[str, _Held]:
    held = {rule.code: _Held(_parts(rule.node)) for rule in rules}
    for case in again if rules else ():
        for rule in rehearsal.after.for_service(case.facts.service, case.facts.kind):
            looked_at = held.get(rule.code)
            if looked_at:
                looked_at.held.update(path for path, node in looked_at.parts if node.test(case.facts))
    return held


def _parts(node: Node) -> list[tuple[str, Node]]:
    """The parts that must all be true, each with its path; the whole where it is one."""
    if node.kind != ALL or not node.parts:
        return [("", node)]
    return [(str(number), part) for number, part in enumerate(node.parts, start=1)]
