"""One rule put into the text of all rules: every other line, and every comment, stays as somebody wrote it. Pure."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from requests_app.routing.document import Condition, Rule
from requests_app.routing.parse import parse
from requests_app.routing.write_toml import rule_lines

_HEAD = re.compile(r"^\s*\[\[\s*rule\s*\]\]")
Lines = list[str]


class OtherwiseWritten(ValueError):
    """Rules do not each begin with a line [[rule]]: nobody can say which lines are whose."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """Some lines of a rule that say one thing; `key` is "" for comments and empty lines, "[" for a table of its own."""

    key: str
    lines: tuple[str, ...]


def put_rule(text: str, rule: Mapping[str, Any], *, before: str = "") -> str:
    """The text with a rule in the place of the one of its code; a new one before the rule of a code, or last.

    OtherwiseWritten where the text must be changed by hand.
    """
    lines = text.replace("\r\n", "\n").splitlines(keepends=True)
    codes = [one.get("code", "") for one in tomllib.loads("".join(lines)).get("rule", [])]
    starts = _starts(lines, len(codes))
    if len(starts) != len(codes):
        raise OtherwiseWritten
    if rule["code"] in codes:
        at = codes.index(rule["code"])
        start, end = _block(lines, starts, at)
        old = tomllib.loads("".join(lines))["rule"][at]
        return "".join([*lines[:start], *_rewritten(lines[start:end], old, rule), *lines[end:]])
    if before in codes:
        at = _with_its_comments(lines, starts[codes.index(before)])
        return "".join([*lines[:at], *_fresh(rule), "\n", *lines[at:]])
    whole = "".join(lines)
    gap = "" if not whole else "\n" if whole.endswith("\n") else "\n\n"
    return whole + gap + "".join(_fresh(rule))


def _starts(lines: Lines, rules: int) -> list[int]:
    """The lines on which rules begin; what looks like one inside a text of several lines is none."""
    heads = [at for at, line in enumerate(lines) if _HEAD.match(line)]
    return heads if len(heads) == rules else [at for at in heads if _reads(lines[:at])]


def _reads(lines: Sequence[str]) -> bool:
    try:
        tomllib.loads("".join(lines))
    except tomllib.TOMLDecodeError:
        return False
    return True


def _block(lines: Lines, starts: list[int], at: int) -> tuple[int, int]:
    """From the head of a rule to its last word: comments behind it speak of the next one."""
    end = starts[at + 1] if at + 1 < len(starts) else len(lines)
    while end > starts[at] + 1 and _is_loose(lines[end - 1]):
        end -= 1
    return starts[at], end


def _is_loose(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _with_its_comments(lines: Lines, at: int) -> int:
    """Where a rule begins with the comments right above it."""
    while at and lines[at - 1].lstrip().startswith("#"):
        at -= 1
    return at


def _fresh(rule: Mapping[str, Any]) -> Lines:
    return [f"{line}\n" for line in ("[[rule]]", *rule_lines(rule).values())]


def _rewritten(block: Lines, old: Mapping[str, Any], new: Mapping[str, Any]) -> Lines:
    """A rule's lines: what says the same as before is kept, what changed is written anew with its comments."""
    statements = list(_statements(block[1:]))
    comments = [line for one in statements if not one.key for line in one.lines if line.strip()]
    if any(one.key == "[" for one in statements):
        return [block[0], *comments, *_fresh(new)[1:]]
    fresh, same = rule_lines(new), _same_keys(old, new)
    written: Lines = [block[0] if block[0].endswith("\n") else f"{block[0]}\n"]
    done: set[str] = set()
    for one in statements:
        if not one.key or one.key in same:
            written += one.lines
        elif one.key in fresh and one.key not in done:
            written.append(f"{fresh[one.key]}{_comment_behind(one)}\n")
        done.add(one.key)
    if not written[-1].endswith("\n"):
        written[-1] += "\n"
    return [*written, *(f"{line}\n" for key, line in fresh.items() if key not in done)]


def _statements(lines: Sequence[str]) -> Iterator[_Statement]:
    gathered: Lines = []
    for line in lines:
        if not gathered and _is_loose(line):
            yield _Statement("", (line,))
            continue
        gathered.append(line)
        if not _reads(gathered):
            continue
        is_table = gathered[0].lstrip().startswith("[")
        yield _Statement("[" if is_table else next(iter(tomllib.loads("".join(gathered)))), tuple(gathered))
        gathered = []


def _comment_behind(one: _Statement) -> str:
    """A comment at the end of a statement, with the space before it."""
    text = "".join(one.lines).rstrip("\n")
    said = tomllib.loads(text)
    for at in (found.start() for found in re.finditer("#", text)):
        if _reads([text[:at]]) and tomllib.loads(text[:at]) == said:
            return "  " + text[at:].splitlines()[-1].lstrip() if text[at:].lstrip() else ""
    return ""


def _same_keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """The keys that mean in both rules the same, however they are written."""
    same = {key for key in old if key in new and old[key] == new[key]}
    before, after = _rule(old), _rule(new)
    if before is not None and after is not None:
        same |= {"when"} if _meaning(before.when) == _meaning(after.when) else set()
        same |= {"then"} if before.then == after.then else set()
    return same & set(old)


def _meaning(condition: Condition) -> tuple[str, str, tuple[Any, ...]]:
    """A condition without the order of its parts, which changes nothing."""
    return condition.kind, repr(condition.value), tuple(sorted(_meaning(part) for part in condition.parts))


def _rule(document: Mapping[str, Any]) -> Rule | None:
    rules = parse({"rule": [document]})[0].rules
    return rules[0] if rules else None
