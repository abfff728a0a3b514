"""A document of rules as the TOML text a person edits; `read_document.read_toml` reads it back."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from requests_app.routing.document import ALL

WIDEST = 108
_BARE = re.compile(r"^[A-Za-z0-9_-]+$")
_PLAIN = ("code", "en", "fr", "active")
_THEN = ("office", "further", "step", "priority", "promise_hours", "tags")
"""The order in which a rule says what follows: the database keeps another one."""


def toml_of(document: Mapping[str, Any]) -> str:
    """The text of a document: the fallback, then each rule in order."""
    top = [f"fallback = {_value(document['fallback'])}"] if document.get("fallback") else []
    return "\n\n".join([*top, *(_rule(rule) for rule in document.get("rule", []))]) + "\n"


def _rule(rule: Mapping[str, Any]) -> str:
    return "\n".join(["[[rule]]", *rule_lines(rule).values()])


def rule_lines(rule: Mapping[str, Any]) -> dict[str, str]:
    """The text of each key of a rule, in the order in which they are written."""
    lines = {key: f"{key} = {_value(rule[key])}" for key in _PLAIN if key in rule}
    if "when" in rule:
        lines["when"] = f"when = {_value(_joined(rule['when']))}"
    if "then" in rule:
        then = rule["then"]
        lines["then"] = f"then = {_value({key: then[key] for key in (*_THEN, *then) if key in then})}"
    return lines


def _joined(condition: Mapping[str, Any]) -> Mapping[str, Any]:
    """All of several conditions as one table, where each says something of its own: so it is written by hand."""
    parts = condition.get(ALL) if len(condition) == 1 else None
    if not isinstance(parts, list) or len(parts) < 2 or any(len(part) != 1 for part in parts):
        return condition
    keys = [next(iter(part)) for part in parts]
    if len(set(keys)) < len(keys) or ALL in keys:
        return condition
    return {key: part[key] for key, part in zip(keys, parts, strict=True)}


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case Mapping():
            inside = ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items())
            return f"{{ {inside} }}" if inside else "{}"
        case int() | float():
            return repr(value)
    return _list(value)


def _list(values: Sequence[Any]) -> str:
    each = [_value(one) for one in values]
    line = f"[{', '.join(each)}]"
    return line if len(line) <= WIDEST else "[\n  " + ",\n  ".join(each) + ",\n]"


def _key(key: str) -> str:
    return key if _BARE.match(key) else _value(key)
