"""From the document of rules (TOML or JSON) to a `RuleBook`: everything that is wrong is said, nothing is guessed."""

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext_lazy as _

from requests_app.routing.document import ALL, ANY, NOT, Condition, Problem, Problems, Rule, RuleBook, Then
from requests_app.routing.leaves import LEAVES
from requests_app.routing.taken import listed, whole
from requests_app.states import PRIORITIES

CODE = re.compile(r"^[a-z0-9][a-z0-9-]{0,59}$")
LANGUAGES = ("en", "fr")
MOST_RULES = 500
DEEPEST = 6
LONGEST_PROMISE = 4000
BOOK_KEYS = ("fallback", "rule")
RULE_KEYS = ("code", "en", "fr", "when", "then", "active")


def parse(document: Mapping[str, Any]) -> tuple[RuleBook, list[Problem]]:
    """The rules a document holds and all that is wrong with its form; what is wrong is left out of the rules."""
    problems = Problems()
    _known_keys(problems, _("the rules"), document, BOOK_KEYS)
    given = document.get("rule", [])
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        problems.add("rule", _("Rules are a list of tables. Write each as [[rule]]."))
        given = []
    if len(given) > MOST_RULES:
        problems.add("rule", _("There are more than %(most)s rules. Join some of them.") % {"most": MOST_RULES})
        given = given[:MOST_RULES]
    fallback = document.get("fallback", "")
    if not isinstance(fallback, str):
        problems.add("fallback", _("Name one office by its code."))
        fallback = ""
    rules = tuple(_rule(problems, one, number) for number, one in enumerate(given, start=1))
    _once(problems, rules)
    return RuleBook(rules, fallback), problems.found


def _known_keys(problems: Problems, field: Any, given: Mapping[str, Any], known: Sequence[str]) -> None:
    for key in given:
        if key in known:
            continue
        near = get_close_matches(str(key), known, 1)
        if near:
            what = _("There is no key “%(key)s” here. Did you mean “%(near)s”?") % {"key": key, "near": near[0]}
        else:
            what = _("There is no key “%(key)s” here. Remove it, or use one of: %(known)s.") % {
                "key": key,
                "known": ", ".join(known),
            }
        problems.add(str(field), what)


def _rule(problems: Problems, given: Mapping[str, Any], number: int) -> Rule:
    code = given.get("code", "")
    problems.rule = str(given.get("en") or code or f"#{number}")
    _known_keys(problems, _("the rule"), given, RULE_KEYS)
    if not isinstance(code, str) or not CODE.match(code):
        problems.add("code", _("Give a code of small letters, digits and hyphens, such as snow-at-stops."))
        code = f"rule-{number}"
    names = {language: _name(problems, given.get(language, ""), language) for language in LANGUAGES}
    active = given.get("active", True)
    if not isinstance(active, bool):
        problems.add("active", _("Write true or false."))
    rule = Rule(
        code, names, _when(problems, given.get("when")), _then(problems, given.get("then")), active is not False
    )
    problems.rule = ""
    return rule


def _name(problems: Problems, given: Any, language: str) -> str:
    if not isinstance(given, str) or not given.strip():
        problems.add(language, _("The rule has no name in this language. Give it one in English (en) and French (fr)."))
        return ""
    if len(given) > 120:
        problems.add(language, _("The name is longer than 120 characters. Shorten it."))
    return given.strip()[:120]


def _once(problems: Problems, rules: Sequence[Rule]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.code in seen:
            problems.rule = rule.names["en"] or rule.code
            problems.add("code", _("Two rules have the code “%(code)s”. Give each its own.") % {"code": rule.code})
        seen.add(rule.code)
    problems.rule = ""


# --- When -------------------------------------------------------------------------------------------------------------

EVERYTHING = Condition(ALL)


def _when(problems: Problems, given: Any) -> Condition:
    if given is None:
        problems.add("when", _("The rule does not say when it applies. Give it a condition."))
        return EVERYTHING
    return _condition(problems, "when", given, 1)


def _condition(problems: Problems, field: str, given: Any, depth: int) -> Condition:
    """One condition; a table of several is all of them."""
    if not isinstance(given, Mapping) or not given:
        problems.add(field, _('A condition is a table with at least one key, such as { service = "snow" }.'))
        return EVERYTHING
    if depth > DEEPEST:
        problems.add(field, _("Conditions are nested more than %(most)s deep. Flatten them.") % {"most": DEEPEST})
        return EVERYTHING
    _known_keys(problems, field, given, (ALL, ANY, NOT, *LEAVES))
    parts = [
        _part(problems, f"{field}.{key}", key, value, depth)
        for key, value in given.items()
        if key in (ALL, ANY, NOT) or key in LEAVES
    ]
    return parts[0] if len(parts) == 1 else Condition(ALL, parts=tuple(parts))


def _part(problems: Problems, field: str, key: str, value: Any, depth: int) -> Condition:
    if key == NOT:
        return Condition(NOT, parts=(_condition(problems, field, value, depth + 1),))
    if key in (ALL, ANY):
        if not isinstance(value, list) or not value:
            problems.add(field, _("Give a list of conditions, at least one."))
            return EVERYTHING
        parts = (_condition(problems, f"{field}[{n}]", one, depth + 1) for n, one in enumerate(value, start=1))
        return Condition(key, parts=tuple(parts))
    return Condition(key, LEAVES[key](problems, field, value))


# --- Then -------------------------------------------------------------------------------------------------------------


def _then(problems: Problems, given: Any) -> Then:
    if not isinstance(given, Mapping) or not given:
        problems.add("then", _("The rule does nothing. Give it an office, a priority, a promise, a step or a tag."))
        return Then()
    _known_keys(problems, "then", given, tuple(ACTIONS))
    taken = {key: ACTIONS[key](problems, f"then.{key}", value) for key, value in given.items() if key in ACTIONS}
    return Then(**taken)


def _one_code(problems: Problems, field: str, given: Any) -> str | None:
    if isinstance(given, str) and given:
        return given
    problems.add(field, _("Give one code, such as roads-north."))
    return None


def _priority(problems: Problems, field: str, given: Any) -> int | None:
    known = whole(given)
    if known is None or known not in PRIORITIES:
        problems.add(field, _("Give a priority from -1 (low) to 2 (a danger)."))
        return None
    return known


def _hours(problems: Problems, field: str, given: Any) -> int | None:
    hours = whole(given)
    if hours is None or not 1 <= hours <= LONGEST_PROMISE:
        problems.add(field, _("Give working hours from 1 to %(most)s.") % {"most": LONGEST_PROMISE})
        return None
    return hours


def _tags(problems: Problems, field: str, given: Any) -> tuple[str, ...]:
    tags = listed(given)
    bad = [tag for tag in tags if not CODE.match(tag)]
    if not tags or bad:
        problems.add(field, _("Give tags of small letters, digits and hyphens, such as transit."))
    return tuple(tag for tag in tags if tag not in bad)


def _further(problems: Problems, field: str, given: Any) -> tuple[str, ...]:
    offices = listed(given)
    if not offices:
        problems.add(field, _("Give the codes of one or more offices."))
    return offices


ACTIONS: dict[str, Callable[[Problems, str, Any], Any]] = {
    "office": _one_code,
    "further": _further,
    "step": _one_code,
    "priority": _priority,
    "promise_hours": _hours,
    "tags": _tags,
}
