"""Work in progress: what came, what left, and what was there, week by week and exactly; Little's law as a check.

A case is at an office from the start of a visit up to, not including, its end. Time there is added up as whole
microseconds, so weeks add up to the whole period.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.core.frames import MISSING, Floats, FrameError, Ints
from analytics.core.quantiles import grouped_totals

MOST_GAP: Final = 0.2
"""Beyond this the period is not steady: what came and what left do not belong together."""


@dataclass(frozen=True, slots=True, eq=False)
class Progress:
    """Tables of shape (groups, periods); ``edges_us`` (periods + 1,) are where periods begin and the last one ends."""

    groups: tuple[str, ...]
    edges_us: Ints
    came: Ints
    left: Ints
    there: Ints
    """At the end of the period (just before its edge)."""
    time_us: Ints
    """Time spent there within the period, of all cases."""

    @property
    def mean_there(self) -> Floats:
        """Return how many were there on average over each period."""
        return np.asarray(self.time_us / np.diff(self.edges_us), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Little:
    """L = λ W over the whole period, for one group."""

    group: str
    mean_there: float
    """L: how many were there on average."""
    came: int
    left: int
    mean_stay_us: float | None
    """W: of those that left within the period, from coming to leaving."""
    gap: float | None
    """|L − λ W| / L; ``None`` when nothing left or nothing was there."""

    @property
    def steady(self) -> bool | None:
        """Whether the gap is small enough for averages of the period to describe it."""
        return None if self.gap is None else self.gap <= MOST_GAP


def progress(group: Ints, start_us: Ints, end_us: Ints, edges_us: Ints, groups: tuple[str, ...]) -> Progress:
    """Visits (n,) with their group, start and end (``MISSING``: still there) → what happened between the edges."""
    if len(edges_us) < 2 or bool((np.diff(edges_us) <= 0).any()):
        raise FrameError("Work in progress needs at least two edges, in ascending order.")
    ended = end_us != MISSING
    shape = len(groups), len(edges_us) - 1
    came, came_us = _per_period(group, start_us, edges_us, shape)
    left, left_us = _per_period(group[ended], end_us[ended], edges_us, shape)
    before = np.cumsum(came - left, axis=1)
    spans = np.diff(edges_us)
    time_us = before[:, :-2] * spans + came_us[:, 1:-1] - left_us[:, 1:-1]
    return Progress(groups, edges_us, came[:, 1:-1], left[:, 1:-1], before[:, 1:-1], time_us)


def _per_period(group: Ints, at_us: Ints, edges: Ints, shape: tuple[int, int]) -> tuple[Ints, Ints]:
    """How often, and the time left until the end of the period, shape (groups, periods + 2): before, …, after."""
    width = shape[1] + 2
    period = np.searchsorted(edges, at_us, side="right")
    cell = group * width + period
    until = np.append(edges, edges[-1])[period]
    rest = np.where((period > 0) & (period < width - 1), until - at_us, 0)
    times = np.bincount(cell, minlength=shape[0] * width).reshape(-1, width)
    return times, grouped_totals(rest, cell, shape[0] * width).reshape(-1, width)


def little(flows: Progress, group: Ints, start_us: Ints, end_us: Ints) -> tuple[Little, ...]:
    """Check the law for each group over all the periods of ``flows``, with the visits it was made of."""
    first, last = flows.edges_us[0], flows.edges_us[-1]
    inside = (end_us != MISSING) & (end_us >= first) & (end_us < last)
    stays = grouped_totals((end_us - start_us)[inside], group[inside], len(flows.groups))
    return tuple(
        _little(
            name,
            int(flows.time_us[code].sum()) / int(last - first),
            int(flows.came[code].sum()),
            int(flows.left[code].sum()),
            int(stays[code]),
            int(last - first),
        )
        for code, name in enumerate(flows.groups)
    )


def _little(group: str, mean_there: float, came: int, left: int, stays_us: int, period_us: int) -> Little:
    if not left or not mean_there:
        return Little(group, mean_there, came, left, stays_us / left if left else None, None)
    mean_stay = stays_us / left
    gap = abs(mean_there - came / period_us * mean_stay) / mean_there
    return Little(group, mean_there, came, left, mean_stay, gap)
