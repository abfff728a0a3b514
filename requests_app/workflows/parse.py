"""Reading a workflow from TOML: every fault of the text is found, not only the first. No Django."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from requests_app.states import Actor, Outcome
from requests_app.workflows.definition import LANGUAGES, MAKERS, Definition, DocumentKind, Move, Names, Step, Target
from requests_app.workflows.problem import Problem, Wrong

MOST_CHARACTERS = 100_000
MOST_STEPS = 60
CODE = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?")
"""Lower-case letters, digits, hyphens and underscores, at most 40: what an event can hold."""

CLOSINGS = tuple(outcome for outcome in Outcome if outcome is not Outcome.DUPLICATE)
"""The outcomes a move may close with; a duplicate is joined with another case, never closed by a step."""

TOP = {"code", "names", "step", "reasons", "documents", "law", "limit"}
STEP = {"code", "names", "plain", "office", "office_kind", "target", "answers", "documents", "move"}
MOVE = {"code", "names", "to", "closes", "joins", "opens", "by", "reasons", "anyway", "tells", "told"}
DOCUMENT = {"names", "hints"}
TARGET = {"hours", "days"}
MOST_DAYS = 3650


@dataclass(slots=True)
class _Reading:
    """What is being read, and the faults found so far; `step` and `move` say where."""

    problems: list[Problem] = field(default_factory=list)
    step: str = ""
    move: str = ""

    def wrong(self, what: Wrong, name: str, other: str = "") -> None:
        self.problems.append(Problem(what, self.step, self.move, name, other))


@dataclass(frozen=True, slots=True)
class Parsed:
    """A definition, or None where the text could not be read far enough; with every fault."""

    definition: Definition | None
    problems: tuple[Problem, ...]


def parse(text: str) -> Parsed:
    """The workflow a TOML text describes. Its graph is not judged here: see `check`."""
    if len(text) > MOST_CHARACTERS:
        return Parsed(None, (Problem(Wrong.TOO_LARGE, what=str(MOST_CHARACTERS)),))
    try:
        row = tomllib.loads(text.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Parsed(None, (Problem(Wrong.NOT_TOML, what=str(error)),))
    reading = _Reading()
    definition = _definition(row, reading)
    return Parsed(None if reading.problems else definition, tuple(reading.problems))


@lru_cache(maxsize=256)
def kept(source: str) -> Definition | None:
    """The definition of a version that was saved, read once; None for "", a way that is told and not held to."""
    return parse(source).definition if source else None


def _definition(row: Mapping[str, Any], reading: _Reading) -> Definition:
    _refuse_unknown(row, TOP, reading)
    steps = tuple(_step(one, reading) for one in _tables(row, "step", reading))
    reading.step = ""
    if not steps:
        reading.wrong(Wrong.NO_STEPS, "step")
    if len(steps) > MOST_STEPS:
        reading.wrong(Wrong.TOO_LARGE, "step", str(MOST_STEPS))
    _refuse_twice([step.code for step in steps], "step", reading)
    return Definition(
        code=_code(row, reading),
        names=_names(row, "names", reading),
        steps=steps,
        reasons={code: _named_code(code, names, "reasons", reading) for code, names in _map(row, "reasons", reading)},
        documents=tuple(_document(code, one, reading) for code, one in _map(row, "documents", reading)),
        law=_names(row, "law", reading) if "law" in row else {},
        limit=_target(row, "limit", reading),
    )


def _step(row: Mapping[str, Any], reading: _Reading) -> Step:
    reading.step, reading.move = str(row.get("code", "")), ""
    _refuse_unknown(row, STEP, reading)
    step = Step(
        code=_code(row, reading),
        names=_names(row, "names", reading),
        plain=_names(row, "plain", reading) if "plain" in row else {},
        office=_text(row, "office", reading),
        office_kind=_text(row, "office_kind", reading),
        target=_target(row, "target", reading),
        answers=_codes(row, "answers", reading),
        documents=_codes(row, "documents", reading),
        moves=tuple(_move(one, reading) for one in _tables(row, "move", reading)),
    )
    reading.move = ""
    _refuse_twice([move.code for move in step.moves], "move", reading)
    return step


def _move(row: Mapping[str, Any], reading: _Reading) -> Move:
    reading.move = str(row.get("code", ""))
    _refuse_unknown(row, MOVE, reading)
    to, closes, joins = _text(row, "to", reading), _text(row, "closes", reading), _flag(row, "joins", reading)
    if [bool(to), bool(closes), joins].count(True) != 1:
        reading.wrong(Wrong.WHERE_TO, "to")
    return Move(
        code=_code(row, reading),
        names=_names(row, "names", reading),
        to=to,
        outcome=Outcome(closes) if _is_one_of(closes, CLOSINGS, "closes", reading) else None,
        joins=joins,
        opens=_codes(row, "opens", reading),
        by=_makers(row, reading),
        reasons=_codes(row, "reasons", reading),
        anyway=_flag(row, "anyway", reading),
        tells=_flag(row, "tells", reading),
        told=_told(row, closes, reading),
    )


def _told(row: Mapping[str, Any], closes: str, reading: _Reading) -> Names:
    """What is read of an end; only a move that closes has one."""
    if "told" not in row:
        return {}
    if not closes:
        reading.wrong(Wrong.TOLD_NO_END, "told")
    return _names(row, "told", reading)


def _document(code: str, row: Any, reading: _Reading) -> DocumentKind:
    if not isinstance(row, dict):
        reading.wrong(Wrong.WRONG_TYPE, f"documents.{code}", "table")
        return DocumentKind(code, {})
    _refuse_unknown(row, DOCUMENT, reading)
    _refuse_bad_code(code, "documents", reading)
    hints = _names(row, "hints", reading) if "hints" in row else {}
    return DocumentKind(code, _names(row, "names", reading, f"documents.{code}.names"), hints)


def _named_code(code: str, names: Any, where: str, reading: _Reading) -> Names:
    _refuse_bad_code(code, where, reading)
    return _names({code: names}, code, reading, f"{where}.{code}")


# --- Single fields -----------------------------------------------------------------------------------------------


def _code(row: Mapping[str, Any], reading: _Reading) -> str:
    if "code" not in row:
        reading.wrong(Wrong.MISSING, "code")
        return ""
    code = _text(row, "code", reading)
    _refuse_bad_code(code, "code", reading)
    return code


def _refuse_bad_code(code: str, name: str, reading: _Reading) -> None:
    if not CODE.fullmatch(code):
        reading.wrong(Wrong.BAD_CODE, name, code)


def _text(row: Mapping[str, Any], name: str, reading: _Reading) -> str:
    value = row.get(name, "")
    if isinstance(value, str):
        return value
    reading.wrong(Wrong.WRONG_TYPE, name, "text")
    return ""


def _flag(row: Mapping[str, Any], name: str, reading: _Reading) -> bool:
    value = row.get(name, False)
    if isinstance(value, bool):
        return value
    reading.wrong(Wrong.WRONG_TYPE, name, "yes_no")
    return False


def _names(row: Mapping[str, Any], name: str, reading: _Reading, said: str = "") -> Names:
    """A text in every language; a language more is kept, one less is a fault."""
    given = row.get(name)
    if given is None:
        reading.wrong(Wrong.MISSING, said or name)
        return {}
    if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
        reading.wrong(Wrong.WRONG_TYPE, said or name, "names")
        return {}
    for language in LANGUAGES:
        if not given.get(language, "").strip():
            reading.wrong(Wrong.NO_NAME, said or name, language)
    return {language: text.strip() for language, text in given.items()}


def _codes(row: Mapping[str, Any], name: str, reading: _Reading) -> tuple[str, ...]:
    given = row.get(name, [])
    if not isinstance(given, list) or not all(isinstance(code, str) for code in given):
        reading.wrong(Wrong.WRONG_TYPE, name, "list")
        return ()
    _refuse_twice(given, name, reading)
    return tuple(given)


def _makers(row: Mapping[str, Any], reading: _Reading) -> tuple[Actor, ...]:
    given = _codes(row, "by", reading)
    if "by" not in row:
        return MAKERS
    if not given:
        reading.wrong(Wrong.MISSING, "by")
    return tuple(Actor(code) for code in given if _is_one_of(code, MAKERS, "by", reading))


def _is_one_of(code: str, known: Sequence[str], name: str, reading: _Reading) -> bool:
    if code and code not in known:
        reading.wrong(Wrong.BAD_VALUE, name, ", ".join(known))
    return bool(code) and code in known


def _target(row: Mapping[str, Any], name: str, reading: _Reading) -> Target | None:
    if name not in row:
        return None
    given = row[name]
    whole = isinstance(given, dict) and len(given) == 1 and set(given) <= TARGET
    length = next(iter(given.values())) if whole else None
    if not isinstance(length, int) or isinstance(length, bool) or not 0 < length <= MOST_DAYS * 24:
        reading.wrong(Wrong.BAD_TARGET, name)
        return None
    return Target(**given)


# --- Shapes ------------------------------------------------------------------------------------------------------


def _tables(row: Mapping[str, Any], name: str, reading: _Reading) -> list[Mapping[str, Any]]:
    given = row.get(name, [])
    if isinstance(given, list) and all(isinstance(one, dict) for one in given):
        return given
    reading.wrong(Wrong.WRONG_TYPE, name, "tables")
    return []


def _map(row: Mapping[str, Any], name: str, reading: _Reading) -> list[tuple[str, Any]]:
    given = row.get(name, {})
    if isinstance(given, dict):
        return list(given.items())
    reading.wrong(Wrong.WRONG_TYPE, name, "table")
    return []


def _refuse_unknown(row: Mapping[str, Any], known: set[str], reading: _Reading) -> None:
    for name in row:
        if name not in known:
            reading.wrong(Wrong.UNKNOWN_FIELD, name, ", ".join(sorted(known)))


def _refuse_twice(codes: Sequence[str], name: str, reading: _Reading) -> None:
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        reading.wrong(Wrong.TWICE, name, code)
