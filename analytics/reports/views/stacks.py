"""Bars in pieces that make up a whole, one a group: a small chart for any table of shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from analytics.reports.picture import Link
from analytics.reports.wording import percent

MOST: Final = 14
"""Bars that are drawn; the table has all."""


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of piece: its colour and what it means."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Group:
    """What one bar is made of: shares 0 … 1 in the order of the parts, what is said beside it, and its cases."""

    name: str
    shares: Sequence[float]
    said: str
    cases: Mapping[str, str] | None = None
    small: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """One length of a bar, 0 … 100 of the whole."""

    kind: str
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar as the template draws it. ``words`` says its pieces."""

    name: str
    address: str
    pieces: tuple[Piece, ...]
    said: str
    words: str
    small: bool


@dataclass(frozen=True, slots=True)
class Stacks:
    """The chart: a title, what it shows in a sentence, its key and its bars."""

    title: str
    says: str
    key: tuple[Part, ...]
    bars: tuple[Bar, ...]


def stacks(title: str, says: str, key: Sequence[Part], groups: Sequence[Group], link: Link) -> Stacks:
    """Draw the first groups."""
    return Stacks(title, says, tuple(key), tuple(_bar(key, group, link) for group in groups[:MOST]))


def _bar(key: Sequence[Part], group: Group, link: Link) -> Bar:
    pieces, words, x = [], [], 0.0
    for part, share in zip(key, group.shares, strict=True):
        if share:
            pieces.append(Piece(part.kind, f"{100 * x:.2f}", f"{100 * share:.2f}"))
            words.append(f"{part.words} {percent(share)}")
        x += share
    address = link(group.cases) if group.cases else ""
    return Bar(group.name, address, tuple(pieces), group.said, "; ".join(words), group.small)
