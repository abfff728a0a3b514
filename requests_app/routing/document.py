"""Routing rules as values: what the TOML form says, parsed; and what can be wrong with it, as sentences."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

Sentence = str | Promise

ALL, ANY, NOT = "all", "any", "not"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: a leaf (`kind` names a fact, `value` what it must be) or `all`, `any`, `not` over `parts`."""

    kind: str
    value: Any = None
    parts: tuple["Condition", ...] = ()


@dataclass(frozen=True, slots=True)
class Then:
    """What a rule does, by codes. None or empty: it says nothing of that kind."""

    office: str | None = None
    further: tuple[str, ...] = ()
    step: str | None = None
    priority: int | None = None
    promise_hours: int | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a code that stays, a name in each language, a condition and what follows from it."""

    code: str
    names: Mapping[str, str]
    when: Condition
    then: Then
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules of a place in the order in which they are tried, and the office that gets what they cannot decide."""

    rules: tuple[Rule, ...] = ()
    fallback: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a rule: which rule and field, what, and the remedy."""

    rule: str
    field: str
    what: Sentence

    @property
    def sentence(self) -> Sentence:
        """The problem as a reader of the whole list needs it."""
        if not self.rule:
            return format_lazy("{field}: {what}", field=self.field, what=self.what)
        return format_lazy(_("Rule “{rule}”, {field}: {what}"), rule=self.rule, field=self.field, what=self.what)


@dataclass(slots=True)
class Problems:
    """Problems as they are found, in the rule and field that is being looked at."""

    found: list[Problem] = field(default_factory=list)
    rule: str = ""

    def add(self, field_name: str, what: Sentence) -> None:
        """Note a problem of a field of the rule in hand."""
        self.found.append(Problem(self.rule, field_name, what))


def leaves(condition: Condition) -> list[Condition]:
    """Every leaf below a condition, in reading order."""
    return [condition] if not condition.parts else [leaf for part in condition.parts for leaf in leaves(part)]
