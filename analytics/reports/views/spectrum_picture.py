"""The spectrum as a drawing: one path a class of lines, the weeks below on the same axis of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analytics.core.frames import MISSING, Ints, moment
from analytics.core.spectrum import QUARTERS, Times, drawn, quarters
from analytics.reports.wording import MINUTE_US, duration

MOST: Final = 3000
WIDTH, HEIGHT = 1000, 100
TICKS: Final = 12
FEW: Final = 4
"""Ticks on a narrow page."""
STEPS: Final = (1, 2, 3, 6, 12, 24, 60, 120)
"""Months between ticks."""


@dataclass(frozen=True, slots=True)
class Tick:
    """The first day of a month, at a share of the width."""

    at: str
    words: str
    minor: bool
    """Left out where there is little room."""


@dataclass(frozen=True, slots=True)
class WeekBar:
    """The median of what ended in a week."""

    x: str
    y: str
    width: str
    height: str
    small: bool
    said: str


@dataclass(frozen=True, slots=True)
class Key:
    """One class of lines and what it means."""

    shade: str
    words: str


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Everything the template draws."""

    paths: tuple[tuple[str, str], ...]
    keys: tuple[Key, ...]
    ticks: tuple[Tick, ...]
    bars: tuple[WeekBar, ...]
    highest: str
    drawn: int
    lines: int
    begins: str
    ends: str


def spectrum(
    times: Times, weeks: Iterable[tuple[int, int, float, str, bool]], as_of_us: int, zone: str, words: tuple[str, str]
) -> Spectrum:
    """``weeks``: begin, end, median (µs), words and whether few; ``words``: what the upper and the lower line are."""
    first, last = int(times.start_us.min()), _last(times, as_of_us)
    span = max(last - first, 1)
    chosen = drawn(len(times), MOST)
    bars = list(weeks)
    top = max((median for _begin, _end, median, _words, _few in bars), default=0.0) or 1.0
    return Spectrum(
        paths=tuple(_paths(times, chosen, as_of_us, first, span)),
        keys=_keys(times),
        ticks=tuple(month_ticks(first, last, zone)),
        bars=tuple(
            WeekBar(
                x=_number(WIDTH * max(begin - first, 0) / span),
                y=_number(HEIGHT * (1 - median / top)),
                width=_number(max(WIDTH * (min(end, last) - max(begin, first)) / span * 0.86, 1.0)),
                height=_number(HEIGHT * median / top),
                small=small,
                said=said,
            )
            for begin, end, median, said, small in bars
        ),
        highest=duration(top) if bars else "",
        drawn=len(chosen),
        lines=len(times),
        begins=words[0],
        ends=words[1],
    )


def _last(times: Times, as_of_us: int) -> int:
    return as_of_us if not times.ended.all() else int(times.end_us.max())


def _paths(times: Times, chosen: Ints, as_of_us: int, first: int, span: int) -> Iterable[tuple[str, str]]:
    """Give the class and the path of the lines not ended, then of each quarter, the quickest first."""
    shade = np.full(len(times), -1, dtype=np.int64)
    shade[times.ended] = quarters(times)[0]
    end = np.where(times.end_us == MISSING, as_of_us, times.end_us)
    x0, x1 = ((WIDTH * (at[chosen] - first) / span).round(1).tolist() for at in (times.start_us, end))
    kinds = shade[chosen].tolist()
    for kind in range(-1, QUARTERS):
        lines = [
            f"M{_number(a)} 0L{_number(b)} {HEIGHT}" for a, b, one in zip(x0, x1, kinds, strict=True) if one == kind
        ]
        if lines:
            yield ("open" if kind < 0 else str(kind)), "".join(lines)


def _keys(times: Times) -> tuple[Key, ...]:
    """Say up to which time a line has which shade; nothing where few or like times give two shades the same words."""
    _codes, borders = quarters(times)
    if not times.ended.any():
        return ()
    keys = tuple(Key(str(place), _up_to(border)) for place, border in enumerate(borders))
    return keys if len({key.words for key in keys}) == len(keys) else ()


def _up_to(border_us: float) -> str:
    said = duration(border_us)
    return said if border_us < MINUTE_US / 2 else _("up to %(time)s") % {"time": said}


def month_ticks(first: int, last: int, zone: str) -> Iterable[Tick]:
    """Give the first days of months, or of some of them when there are many; a narrow page shows the whole years."""
    begin, end = (moment(at).astimezone(ZoneInfo(zone)) for at in (first, last))
    months = [
        (year, month)
        for year in range(begin.year, end.year + 1)
        for month in range(1, 13)
        if (begin.year, begin.month) < (year, month) <= (end.year, end.month)
    ]
    every, seldom = (next((step for step in STEPS if len(months) <= step * many), STEPS[-1]) for many in (TICKS, FEW))
    said: set[int] = set()
    for year, month in months:
        place = 12 * year + month - 1
        at = datetime(year, month, 1, tzinfo=ZoneInfo(zone))
        share = (at.timestamp() * 1e6 - first) / max(last - first, 1)
        if place % every or share >= 0.95:
            continue
        minor = place % seldom != 0
        # January names its year, and so does the first that is read, on a wide page and on a narrow one.
        names_year = month == 1 or not said or (not minor and False not in said)
        said.add(minor)
        yield Tick(f"{100 * share:.1f}%", date_format(at, "M Y" if names_year else "M"), minor)


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
