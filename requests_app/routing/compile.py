"""Rules made ready for cases: conditions as tests, codes as ids, and which rules a service need be tried on."""

from collections.abc import Callable
from dataclasses import dataclass, field

from requests_app.routing.conditions import Builder, Facts, Node
from requests_app.routing.document import ALL, ANY, NOT, Condition, Rule, RuleBook, leaves
from requests_app.routing.known import Known


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule with its test. `office_id` None with `then.office` set, or an id of 0 further on: the office is gone.

    `gone` says in a code what it names and the place no longer has; "" when nothing.
    """

    rule: Rule
    node: Node
    office_id: int | None
    further_ids: tuple[int, ...]
    gone: str = ""

    @property
    def code(self) -> str:
        """The rule's code."""
        return self.rule.code


@dataclass(frozen=True)
class Compiled:
    """All rules of a place in order, ready to decide; `version` is that of the rule set, 0 for a draft or none."""

    known: Known
    book: RuleBook
    rules: tuple[CompiledRule, ...]
    version: int = 0
    _by_service: dict[tuple[str, str], tuple[CompiledRule, ...]] = field(default_factory=dict)

    def for_service(self, service: str, kind: str) -> tuple[CompiledRule, ...]:
        """The rules, in order, that are not false for every case of a service."""
        key = (service, kind)
        if key not in self._by_service:
            self._by_service[key] = tuple(
                rule for rule in self.rules if _may_hold(rule.rule.when, service, kind) is not False
            )
        return self._by_service[key]

    @property
    def office_ids(self) -> frozenset[int]:
        """Every office that a rule may send to, and the named fallback."""
        named = {rule.office_id for rule in self.rules} | {pk for rule in self.rules for pk in rule.further_ids}
        return frozenset(pk for pk in (*named, self.fallback_id) if pk)

    @property
    def workload_ids(self) -> frozenset[int]:
        """The offices whose open cases a rule asks about."""
        asked = [leaf for rule in self.rules for leaf in leaves(rule.rule.when) if leaf.kind == "workload"]
        offices = (self.known.offices.get(leaf.value["office"]) for leaf in asked)
        return frozenset(office.pk for office in offices if office is not None)

    @property
    def fallback_id(self) -> int | None:
        """The office named as the fallback queue, else the one that takes what no route matches."""
        named = self.known.offices.get(self.book.fallback)
        if named is not None:
            return named.pk
        return next((office.pk for office in self.known.offices.values() if office.is_fallback), None)

    def asks(self, kind: str) -> bool:
        """Whether any rule has a condition of a kind."""
        return any(leaf.kind == kind for rule in self.rules for leaf in leaves(rule.rule.when))


def compile_rules(book: RuleBook, known: Known, version: int = 0) -> Compiled:
    """Make a book ready. A rule that cannot be is kept as one that can never be told: it raises an alarm when met."""
    return Compiled(known, book, tuple(_compiled(rule, known) for rule in book.rules if rule.is_active), version)


def _compiled(rule: Rule, known: Known) -> CompiledRule:
    builder = Builder(known)
    try:
        node = builder.node(rule.when)
    except Exception:  # noqa: BLE001 (whatever is wrong with one rule, the others go on; the alarm names it)
        node = Node("broken", builder.missing("condition_broken"))
    then = rule.then
    ids = {code: office.pk for code, office in known.offices.items()}
    return CompiledRule(
        rule,
        node,
        ids.get(then.office) if then.office else None,
        tuple(ids.get(code, 0) for code in then.further),
        builder.gone[0] if builder.gone else "",
    )


def _may_hold(condition: Condition, service: str, kind: str) -> bool | None:
    """A condition as far as service and kind decide it: None where something else does."""
    match condition.kind:
        case "service":
            return service in condition.value
        case "kind":
            return kind in condition.value
    join = _JOINS.get(condition.kind)
    return join([_may_hold(part, service, kind) for part in condition.parts]) if join else None


def _all(parts: list[bool | None]) -> bool | None:
    if False in parts:
        return False
    return None if None in parts else True


def _any(parts: list[bool | None]) -> bool | None:
    if True in parts:
        return True
    return None if None in parts else False


def _not(parts: list[bool | None]) -> bool | None:
    return None if parts[0] is None else not parts[0]


_JOINS: dict[str, Callable[[list[bool | None]], bool | None]] = {ALL: _all, ANY: _any, NOT: _not}


def verdict(rule: CompiledRule, facts: Facts) -> bool | None:
    """Whether a rule matches; None when it cannot be told, or when telling it failed."""
    try:
        return rule.node.test(facts)
    except Exception:  # noqa: BLE001 (a case must be filed whatever one rule does; the alarm names the rule)
        return None
