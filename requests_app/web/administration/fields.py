"""The fields of settings' pages: said once as data, read from what was sent, drawn by `administration/_field.html`.

A field's value in a document is plain data: text, bool, {"en", "fr"} for words in both languages, {"0": [["08:30",
"12:00"]]} for a week of slots, a list of documents for rows. What cannot be read stays as it was typed, so that the
page shows it again beside the sentence that refuses it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise

from requests_app.actions.setting_up.calendars import WEEKDAYS, typed_slots
from requests_app.text.normalise import has_nul

Label = str | Promise
Document = dict[str, Any]
BOTH = (("en", "English"), ("fr", "Français"))
MOST_ROWS = 200
_CHOICE = re.compile(r"(?:([a-z0-9]+(?:[-_][a-z0-9]+)*)\s*=\s*)?([^|]*)\|([^|]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a page. `look` says how it is drawn and read; `columns` are the fields of each of its rows."""

    name: str
    label: Label
    look: str = "text"
    hint: Label = ""
    optional: bool = False
    options: Sequence[tuple[str, Label]] = ()
    columns: "tuple[Field, ...]" = ()
    row_label: Label = ""
    heading: Label = ""
    is_ordered: bool = False
    """Whether each row says where it stands: its number is sent as `order` and the rows are sorted by it."""
    is_key: bool = False
    """Whether choosing it makes a row, as typing does; it begins with nothing chosen."""
    suggestions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """For words in both languages: what was written there before, by language, to be chosen or not."""


@dataclass(frozen=True, slots=True)
class Part:
    """One input of a field that has several: words in a language, a day of a week."""

    name: str
    label: Label
    value: str
    problem: Label = ""
    lang: str = ""
    suggestions: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Bound:
    """A field with its value, ready to be drawn; `name` is the one that is sent."""

    field: Field
    name: str
    value: Any
    problem: Label = ""
    parts: "tuple[Part, ...]" = ()
    rows: "tuple[Row, ...]" = ()
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a field that has rows; a new one is empty and cannot be taken out."""

    fields: tuple[Bound, ...]
    is_new: bool
    order: int = 0


# --- Drawing ---------------------------------------------------------------------------------------------------------


def bind(
    fields: Sequence[Field],
    document: Mapping[str, Any],
    problems: Mapping[str, Label] | None = None,
    *,
    more: str = "",
    changed: frozenset[str] = frozenset(),
    prefix: str = "",
) -> list[Bound]:
    """Fields with the values of a document; the rows named `more` get an empty one to fill in."""
    told = problems or {}
    return [
        _bound(field, prefix + field.name, document.get(field.name), told, more, field.name in changed)
        for field in fields
    ]


def _bound(field: Field, name: str, value: Any, problems: Mapping[str, Label], more: str, is_changed: bool) -> Bound:
    parts: tuple[Part, ...] = ()
    rows: tuple[Row, ...] = ()
    if field.look in ("words", "long_words"):
        texts = value if isinstance(value, Mapping) else {}
        parts = tuple(
            Part(
                f"{name}-{code}",
                tongue,
                str(texts.get(code, "")),
                problems.get(f"{name}-{code}", ""),
                code,
                field.suggestions.get(code, ()),
            )
            for code, tongue in BOTH
        )
    elif field.look == "week":
        parts = tuple(_weekday(name, number, value or {}, problems) for number in range(7))
    elif field.look == "rows":
        given = [*(value or []), *([{}] if more == name or not value else [])]
        rows = tuple(
            Row(tuple(bind(field.columns, row, problems, prefix=f"{name}-{n}-")), not row, n + 1)
            for n, row in enumerate(given)
        )
    elif field.look == "select":
        field = _with_option(field, value)
    elif field.look == "choices" and not isinstance(value, str):
        value = "\n".join(choice_said(choice) for choice in value or [])
    return Bound(field, name, value, problems.get(name, ""), parts, rows, is_changed)


def _with_option(field: Field, value: Any) -> Field:
    """The field with the value among its options: what is set and no longer offered must not change by saving."""
    if not value or any(str(value) == key for key, _words in field.options):
        return field
    return replace(field, options=[*field.options, (str(value), str(value))])


def choice_said(choice: Mapping[str, Any]) -> str:
    """A choice as it is typed: “key = English | French”."""
    names = choice["names"]
    said = f"{names.get('en', '')} | {names.get('fr', '')}"
    return f"{choice['key']} = {said}" if choice.get("key") else said


def _weekday(name: str, number: int, value: Mapping[str, Any], problems: Mapping[str, Label]) -> Part:
    spans = value.get(str(number), "")
    typed = spans if isinstance(spans, str) else slots_said(spans)
    return Part(f"{name}-{number}", WEEKDAYS[number], typed, problems.get(f"{name}-{number}", ""))


def slots_said(spans: Sequence[Sequence[str]]) -> str:
    """Slots as they are typed: “08:30–12:00, 13:00–16:30”."""
    return ", ".join(f"{opens}–{'24:00' if closes == '00:00' else closes}" for opens, closes in spans)


# --- Reading ---------------------------------------------------------------------------------------------------------


def read(fields: Sequence[Field], sent: QueryDict, prefix: str = "") -> Document:
    """The document that a form sent."""
    return {field.name: _read_one(field, prefix + field.name, sent) for field in fields}


def _read_one(field: Field, name: str, sent: QueryDict) -> Any:
    if field.look == "check":
        return name in sent
    if field.look == "checks":
        return [text for text in sent.getlist(name) if not has_nul(text)]
    if field.look in ("words", "long_words"):
        texts = {code: _text(sent, f"{name}-{code}") for code, _tongue in BOTH}
        return texts if any(texts.values()) else {}
    if field.look == "week":
        return {str(n): day for n in range(7) if (day := _read_day(_text(sent, f"{name}-{n}")))}
    if field.look == "rows":
        return _read_rows(field, name, sent)
    if field.look == "choices":
        return _read_choices(_text(sent, name))
    if field.look == "number":
        return _number(_text(sent, name))
    return _text(sent, name)


def _number(typed: str) -> int | str | None:
    """A whole number, None for nothing; anything else stays as it was typed and is refused by a sentence."""
    if not typed:
        return None
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else typed


def _text(sent: QueryDict, name: str) -> str:
    return sent.get(name, "").replace("\r\n", "\n").strip()


def _read_day(typed: str) -> Any:
    return typed if not typed or (slots := typed_slots(typed)) is None else slots


def _read_choices(typed: str) -> list[Document] | str:
    """Choices from lines of “key = English | French” (the key may be left out); the text when one cannot be read."""
    choices = []
    for written in filter(str.strip, typed.splitlines()):
        found = _CHOICE.fullmatch(written.strip())
        if found is None:
            return typed
        choices.append({"key": found[1] or "", "names": {"en": found[2].strip(), "fr": found[3].strip()}})
    return choices


def _read_rows(field: Field, name: str, sent: QueryDict) -> list[Document]:
    prefixes = [f"{name}-{number}-" for number in _numbers(name, sent)]
    if field.is_ordered:
        prefixes.sort(key=lambda prefix: _place(sent.get(f"{prefix}order", "")))
    return [row for prefix in prefixes if (row := _read_row(field, prefix, sent))]


def _place(typed: str) -> float:
    """Where a row says it stands; last when it does not say."""
    try:
        return float(typed.replace(",", "."))
    except ValueError:
        return float("inf")


def _numbers(name: str, sent: QueryDict) -> list[int]:
    found = re.compile(rf"{re.escape(name)}-(\d{{1,4}})-", re.ASCII)
    return sorted({int(match[1]) for key in sent if (match := found.match(key))})[:MOST_ROWS]


def _read_row(field: Field, prefix: str, sent: QueryDict) -> Document | None:
    """One row; None when it was taken out or nothing was typed into it."""
    row = read(field.columns, sent, prefix)
    told = (column for column in field.columns if column.is_key or column.look not in ("select", "check", "hidden"))
    typed = any(row[column.name] for column in told)
    return row if typed and f"{prefix}remove" not in sent else None
