"""Panels of a chart over one axis of weeks or days: lines, areas and bars on a height from 0, with marks upright.

Everything is a share of the width (0 … 1) and a number; the template draws with lengths of 1000 by 100.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Final

from django.utils.translation import pgettext

from analytics.reports.views.spectrum_picture import Tick, month_ticks
from analytics.reports.wording import number

WIDTH, HEIGHT = 1000, 100
MOST_TICKS: Final = 4
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Shape:
    """One path: its colour and whether it is filled."""

    kind: str
    path: str
    is_area: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """A height that is written beside the panel."""

    at: str
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment that is marked."""

    at: str
    words: str
    is_late: bool
    """In the right half, so its words stand before it."""


@dataclass(frozen=True, slots=True)
class Key:
    """What a colour means."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One drawing. ``said`` is what it shows, for those who do not see it."""

    title: str
    said: str
    key: tuple[Key, ...]
    shapes: tuple[Shape, ...]
    levels: tuple[Level, ...]
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Panels:
    """The chart: what it is called and says, its panels and their common axis."""

    title: str
    says: str
    panels: tuple[Panel, ...]
    across: tuple[Tick, ...]
    unit: str = ""
    """What the numbers of the axis are; months need no name."""


def months(first_us: int, last_us: int, zone: str) -> tuple[Tick, ...]:
    """Return the axis of a chart over weeks."""
    return tuple(month_ticks(first_us, last_us, zone))


def in_steps(last: float) -> tuple[float, float]:
    """Return a round step, 1, 2 or 5 times a power of ten, that goes at most four times into ``last``; and that end."""
    if last <= 0:
        return 1.0, 1.0
    rough = last / MOST_TICKS
    power = 10.0 ** floor(log10(rough))
    step = next(k * power for k in (1, 2, 5, 10) if k * power >= rough)
    return step, last


def levels(top: float, share: bool = False) -> tuple[Level, ...]:
    """Return the heights that are written from 0 to ``top``."""
    step, last = in_steps(top)
    found, n = [], 1
    while n * step <= last * (1 + 1e-9):
        value = n * step
        words = _percent(value) if share else number(value, 0 if step >= 1 else 1)
        found.append(Level(f"{100 * (1 - value / top):.1f}%", words))
        n += 1
    return tuple(found)


def _percent(share: float) -> str:
    return pgettext("percent", "%(number)s%%") % {"number": number(100 * share)}


def line(kind: str, points: Points, top: float) -> Shape:
    """Join points (share of the width, value)."""
    return Shape(kind, "M" + "L".join(_at(x, y, top) for x, y in points))


def area(kind: str, upper: Points, lower: Points, top: float) -> Shape:
    """Fill between two lines."""
    there = "L".join(_at(x, y, top) for x, y in upper)
    back = "L".join(_at(x, y, top) for x, y in reversed(lower))
    return Shape(kind, f"M{there}L{back}Z", is_area=True)


def bars(kind: str, spans: Sequence[tuple[float, float, float]], top: float) -> Shape:
    """Fill a bar for each (from, to, value), a little apart."""
    path = []
    for begin, end, value in spans:
        left, right = WIDTH * begin, WIDTH * (begin + (end - begin) * 0.86)
        height = HEIGHT * (1 - value / top)
        path.append(f"M{left:.1f} {HEIGHT}V{height:.1f}H{right:.1f}V{HEIGHT}Z")
    return Shape(kind, "".join(path), is_area=True)


def mark(share: float, words: str) -> Mark:
    """Mark a moment."""
    return Mark(f"{100 * share:.1f}%", words, share > 0.5)


def _at(x: float, y: float, top: float) -> str:
    return f"{WIDTH * x:.1f} {HEIGHT * (1 - y / top):.1f}"
