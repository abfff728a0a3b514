"""A rule as a form: the usual conditions, each perhaps denied, all or any of them. Pure; text in, a document out.

What a form cannot say (a drawn area, conditions inside conditions) is left to the text: `values_of` is None for it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from requests_app.routing.document import ALL, ANY, NOT

ANSWERS = 3
"""Answers that a form may ask about."""

KINDS = ("service", "area", "words", "answer", "near", "time", "channel", "workload")
LISTED = ("service", "area", "channel", "further", "weekdays")
"""Names of the form that are sent several times."""

Values = dict[str, Any]


# --- From a document to the form -------------------------------------------------------------------------------------


def values_of(rule: Mapping[str, Any]) -> Values | None:
    """What the form shows of a rule; None where it would lose something of it."""
    found = _parts(rule.get("when", {}))
    if found is None or any("," in tag for tag in _listed(rule.get("then", {}).get("tags", []))):
        return None
    join, parts = found
    values: Values = {key: rule.get(key, "") for key in ("code", "en", "fr")}
    values |= {"join": join, "active": rule.get("active", True), **_then_values(rule.get("then", {}))}
    answers = 0
    for is_denied, kind, value in parts:
        key = f"answer-{answers + 1}" if kind == "answer" else kind
        answers += kind == "answer"
        if kind not in KINDS or answers > ANSWERS or f"has-{key}" in values or not _fits(kind, value):
            return None
        values |= {f"has-{key}": True, f"not-{key}": is_denied, **_leaf_values(key, kind, value)}
    return values


def _fits(kind: str, value: Any) -> bool:
    """Whether what stands in one field comes back as it was: commas part answers there, and lines part words."""
    if kind == "answer" and "is" in value:
        return all("," not in one and one == one.strip() for one in _listed(value["is"]))
    if kind == "words":
        return all("\n" not in one for one in _listed(value))
    return True


def _parts(when: Mapping[str, Any]) -> tuple[str, list[tuple[bool, str, Any]]] | None:
    """How the parts of a condition are joined, and each as (denied, kind, value)."""
    join, given = ALL, [{key: value} for key, value in when.items()]
    if len(when) == 1 and next(iter(when)) in (ALL, ANY):
        join, given = next(iter(when.items()))
    parts = [_part(one) for one in given]
    known = [one for one in parts if one is not None]
    return (join, known) if len(known) == len(parts) else None


def _part(one: Mapping[str, Any]) -> tuple[bool, str, Any] | None:
    if len(one) != 1:
        return None
    (kind, value) = next(iter(one.items()))
    if kind != NOT:
        return (False, kind, value) if kind in KINDS else None
    inner = _part(value)
    return (True, inner[1], inner[2]) if inner is not None and not inner[0] else None


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _leaf_values(key: str, kind: str, value: Any) -> Values:
    match kind:
        case "words":
            return {"words": "\n".join(_listed(value))}
        case "near":
            return {"feature": value["feature"], "metres": _plain_number(value["metres"])}
        case "workload":
            return {"workload-office": value["office"], "over": str(value["over"])}
        case "time":
            working = {True: "yes", False: "no"}.get(value.get("working"), "")
            days = _listed(value.get("days", []))
            return {"working": working, "weekdays": days, "from": value.get("from", ""), "to": value.get("to", "")}
        case "answer":
            return _answer_values(key, value)
    return {kind: _listed(value)}


def _answer_values(key: str, value: Mapping[str, Any]) -> Values:
    number = key.rpartition("-")[2]
    test = next(name for name in value if name != "question")
    said = value[test]
    if test == "given":
        test, said = ("given" if said else "not_given"), ""
    written = ", ".join(_listed(said)) if test == "is" else _plain_number(said)
    return {f"question-{number}": value["question"], f"test-{number}": test, f"value-{number}": written}


def _plain_number(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _then_values(then: Mapping[str, Any]) -> Values:
    return {
        "office": then.get("office", ""),
        "further": _listed(then.get("further", [])),
        "step": then.get("step", ""),
        "priority": str(then["priority"]) if "priority" in then else "",
        "promise_hours": str(then.get("promise_hours", "")),
        "tags": ", ".join(_listed(then.get("tags", []))),
    }


# --- From the form to a document -------------------------------------------------------------------------------------


def rule_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """The rule a form says, as its text would have it; what cannot be read stays as typed and is refused by name."""
    rule: dict[str, Any] = {key: values.get(key, "") for key in ("code", "en", "fr")}
    if not values.get("active", True):
        rule["active"] = False
    when = _when(values.get("join", ALL), list(_conditions(values)))
    return {**rule, **({"when": when} if when else {}), "then": _then(values)}


def _when(join: str, parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    keys = [next(iter(part)) for part in parts]
    if len(parts) == 1:
        return parts[0]
    if join == ANY or len(set(keys)) < len(keys):
        return {ANY if join == ANY else ALL: list(parts)} if parts else {}
    return {key: value for part in parts for key, value in part.items()}


def _conditions(values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Each condition that was filled in, denied where that is ticked."""
    for key, kind, value in _leaves(values):
        if value not in ("", [], None, {}):
            yield {NOT: {kind: value}} if values.get(f"not-{key}") else {kind: value}


def _leaves(values: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    yield "service", "service", values.get("service", [])
    yield "area", "area", values.get("area", [])
    yield "words", "words", [line.strip() for line in values.get("words", "").splitlines() if line.strip()]
    for number in range(1, ANSWERS + 1):
        yield f"answer-{number}", "answer", _answer(values, number)
    near = {"feature": values.get("feature", ""), "metres": _number(values.get("metres", ""))}
    yield "near", "near", near if near["feature"] or near["metres"] else {}
    yield "time", "time", _time(values)
    yield "channel", "channel", values.get("channel", [])
    load = {"office": values.get("workload-office", ""), "over": _number(values.get("over", ""))}
    yield "workload", "workload", load if load["office"] or load["over"] != "" else {}


def _answer(values: Mapping[str, Any], number: int) -> dict[str, Any]:
    question = values.get(f"question-{number}", "")
    if not question:
        return {}
    test, written = values.get(f"test-{number}", "is"), values.get(f"value-{number}", "")
    if test in ("given", "not_given"):
        return {"question": question, "given": test == "given"}
    if test == "is":
        return {"question": question, "is": [one.strip() for one in written.split(",") if one.strip()]}
    return {"question": question, test: _number(written)}


def _time(values: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if values.get("working"):
        said["working"] = values["working"] == "yes"
    if values.get("weekdays"):
        said["days"] = values["weekdays"]
    return said | {key: values[key] for key in ("from", "to") if values.get(key)}


def _number(written: str) -> Any:
    """A number as it is meant, else the text, which the reader of rules refuses with a sentence."""
    plain = written.strip().replace(",", ".")
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        return float(plain)
    except ValueError:
        return plain


def _then(values: Mapping[str, Any]) -> dict[str, Any]:
    tags = [one.strip() for one in values.get("tags", "").split(",") if one.strip()]
    said = {
        "office": values.get("office", ""),
        "further": values.get("further", []),
        "step": values.get("step", ""),
        "priority": _number(values.get("priority", "")),
        "promise_hours": _number(values.get("promise_hours", "")),
        "tags": tags,
    }
    return {key: value for key, value in said.items() if value not in ("", [])}
