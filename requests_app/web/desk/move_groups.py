"""The moves of a case in groups: what usually comes next in the open, the rest folded by whom or what it concerns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

Entry = Mapping[str, Any]

WORK, OFFICES, CITIZEN, FILE = "work", "offices", "citizen", "file"

TITLES: dict[str, str | Promise] = {
    WORK: pgettext_lazy("moves", "The work"),
    OFFICES: pgettext_lazy("moves", "Other offices and people"),
    CITIZEN: pgettext_lazy("moves", "The citizen"),
    FILE: pgettext_lazy("moves", "The file"),
}
"""The groups in the order of the page."""

GROUP: dict[str, str] = {
    **dict.fromkeys(("accept", "start", "schedule", "wait", "late", "put-off", "close", "reopen"), WORK),
    **dict.fromkeys(
        ("route", "assign", "hand-off", "forward", "bounce", "recall", "review", "return-review", "split"), OFFICES
    ),
    **dict.fromkeys(("ask", "answer", "comment"), CITIZEN),
}
"""The group of each move; what is in none is about the file."""


@dataclass(slots=True)
class MoveGroup:
    """Moves that are folded together."""

    code: str
    title: str | Promise
    entries: list[Entry] = field(default_factory=list)
    is_open: bool = False


@dataclass(slots=True)
class Grouped:
    """What the page shows: the moves in the open, then the folded ones."""

    shown: list[Entry]
    folded: list[MoveGroup]


def grouped(offered: Sequence[Entry], *, has_steps: bool, tried: str = "") -> Grouped:
    """Beside the moves of a step only what comes before them stays in the open; else everything about the work.

    The group of the form that was not taken is open.
    """
    shown = [entry for entry in offered if _in_the_open(entry, has_steps)]
    groups = {code: MoveGroup(code, title) for code, title in TITLES.items()}
    for entry in offered:
        if entry not in shown:
            slug = entry["move"].slug
            group = groups[GROUP.get(slug, FILE)]
            group.entries.append(entry)
            group.is_open = group.is_open or slug == tried
    return Grouped(shown, [group for group in groups.values() if group.entries])


def _in_the_open(entry: Entry, has_steps: bool) -> bool:
    slug = entry["move"].slug
    if has_steps:
        return bool(entry["is_usual"]) and slug != "close"
    return bool(entry["is_usual"]) or GROUP.get(slug, FILE) == WORK
