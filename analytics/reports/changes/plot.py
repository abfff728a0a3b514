"""Where the marks of the two pictures stand: weeks around a change, and how often a cut is seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.core.evaluation.foresight import OFTEN, Foresight
from analytics.core.evaluation.study import Period
from analytics.reports.changes.said import whole
from analytics.reports.wording import number

WIDTH: Final = 640
HEIGHT: Final = 300
LEFT, RIGHT, TOP, BOTTOM = 62, 12, 22, 44
SHOWN: Final = (-0.75, -0.5, -0.25, 0.0, 0.5, 1.0, 2.0)
LOWEST, HIGHEST = -0.8, 2.0
SHOWN_CUTS: Final = 0.6


@dataclass(frozen=True, slots=True)
class Mark:
    """One period: its estimate and the ends of its interval, in the picture’s own lengths."""

    x: str
    y: str
    low: str
    high: str
    is_after: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A number beside an axis."""

    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What the template draws. Everything is in units of the view box."""

    width: int
    height: int
    left: int
    right: int
    top: int
    floor: int
    marks: tuple[Mark, ...] = ()
    across: tuple[Tick, ...] = ()
    up: tuple[Tick, ...] = ()
    line: str = ""
    level: str = ""
    at: str = ""


def picture_of_weeks(periods: Sequence[Period]) -> Picture | None:
    """Draw each period as a point with its interval; the change stands between week −1 and week 0."""
    known = [one for one in periods if one.estimate is not None]
    if not known:
        return None
    first, last = periods[0].first, periods[-1].last + 1
    low = min(-0.5, *(max(one.low or 0.0, LOWEST) for one in known))
    high = max(0.5, *(min(one.high or 0.0, HIGHEST) for one in known))

    def x(week: float) -> float:
        return LEFT + (week - first) / max(last - first, 1) * (WIDTH - LEFT - RIGHT)

    def y(share: float) -> float:
        top, floor = np.log1p(high), np.log1p(low)
        inside = np.clip(np.log1p(max(share, LOWEST)), floor, top)
        return float(TOP + (top - inside) / (top - floor) * (HEIGHT - TOP - BOTTOM))

    marks = tuple(
        Mark(
            _at(x((one.first + one.last + 1) / 2)),
            _at(y(one.estimate or 0)),
            _at(y(one.low or 0)),
            _at(y(one.high or 0)),
            one.is_after,
        )
        for one in known
    )
    return _picture(
        marks=marks,
        across=tuple(
            Tick(_at(x(week)), number(week) if week >= 0 else f"−{number(-week)}") for week in _weeks(first, last)
        ),
        up=tuple(Tick(_at(y(share)), _signed(share)) for share in SHOWN if low <= share <= high),
        level=_at(y(0.0)),
        at=_at(x(0)),
    )


def _weeks(first: int, last: int) -> list[int]:
    step = next(step for step in (2, 4, 8, 13, 26) if (last - first) / step <= 12 or step == 26)
    return list(range(-(-first // step) * step, last + 1, step))


def _signed(share: float) -> str:
    return whole(0) if share == 0 else ("+" if share > 0 else "−") + whole(abs(share))


def picture_of_cuts(found: Foresight) -> Picture:
    """Draw how often a cut is seen, by its size; ``at`` is the smallest one seen four times in five (``level``)."""

    def x(cut: float) -> float:
        return LEFT + cut / SHOWN_CUTS * (WIDTH - LEFT - RIGHT)

    def y(share: float) -> float:
        return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM)

    points = [
        (x(cut), y(seen)) for cut, seen in zip(found.cuts, found.detected, strict=True) if cut <= SHOWN_CUTS + 1e-9
    ]
    smallest = found.smallest
    return _picture(
        across=tuple(Tick(_at(x(cut)), whole(cut)) for cut in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)),
        up=tuple(Tick(_at(y(share)), whole(share)) for share in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        line=" ".join(f"{a:.1f},{b:.1f}" for a, b in points),
        level=_at(y(OFTEN)),
        at=_at(x(smallest)) if smallest is not None and smallest <= SHOWN_CUTS else "",
    )


def _picture(
    *,
    marks: tuple[Mark, ...] = (),
    across: tuple[Tick, ...] = (),
    up: tuple[Tick, ...] = (),
    line: str = "",
    level: str = "",
    at: str = "",
) -> Picture:
    return Picture(
        WIDTH, HEIGHT, LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM, marks, across, up, line, level, at
    )  # fmt: skip


def _at(length: float) -> str:
    """Write a length as SVG reads it, in every language."""
    return f"{length:.1f}"
