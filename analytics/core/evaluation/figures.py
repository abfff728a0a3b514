"""One figure an office: how much its mean hold changed, and how it moved before; each with its variance.

Weeks of one office resemble their neighbours, so variances are those of Newey and West (1987).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.core.evaluation.weekly import Panel
from analytics.core.frames import Flags, Floats

LEAST: Final = 0.5
"""A variance is never less than this part of what independent weeks would give: few weeks can seem to cancel out."""


@dataclass(frozen=True, slots=True, eq=False)
class Figures:
    """One value and its variance for each row of a panel."""

    value: Floats
    variance: Floats


def changes(panel: Panel) -> Figures:
    """Log of (mean hold in the weeks after / mean hold before), each week's common movement taken out."""
    return _step(panel, panel.after, ~panel.after, np.ones(len(panel.n), dtype=np.bool_))


def placebo(panel: Panel) -> tuple[Figures, Flags]:
    """Return the same for a date at which nothing happened: the last third of the weeks before the change.

    The flags say which rows held something on both sides of that date; the figures of the others mean nothing.
    """
    before = np.flatnonzero(~panel.after)
    late = np.zeros_like(panel.after)
    late[before[-(len(before) // 3) :]] = True
    early = ~panel.after & ~late
    there: Flags = (panel.total[:, late].sum(axis=1) > 0) & (panel.total[:, early].sum(axis=1) > 0)
    figures = _step(panel, late, early, there)
    return figures, there


def slopes(panel: Panel) -> Figures:
    """Relative change of the mean hold a week, in the weeks before the change."""
    part = ~panel.after
    n, weeks = panel.n[:, part] * panel.common[part], panel.weeks[part].astype(np.float64)
    level = panel.total[:, part].sum(axis=1) / n.sum(axis=1)
    rest = panel.total[:, part] / level[:, None] - n
    centre = (n * weeks).sum(axis=1) / n.sum(axis=1)
    from_centre = weeks[None, :] - centre[:, None]
    size = (n * from_centre**2).sum(axis=1)
    slope = (rest * from_centre).sum(axis=1) / size
    influence = (rest - slope[:, None] * n * from_centre) * from_centre / size[:, None]
    return Figures(slope, np.array([long_run_variance(row) for row in influence]))


def _step(panel: Panel, late: Flags, early: Flags, rows: Flags) -> Figures:
    value = np.zeros(len(panel.n))
    variance = np.zeros(len(panel.n))
    for part, sign in ((late, 1.0), (early, -1.0)):
        n, total = panel.n[rows][:, part] * panel.common[part], panel.total[rows][:, part]
        mean = total.sum(axis=1) / n.sum(axis=1)
        value[rows] += sign * np.log(mean)
        influence = (total / mean[:, None] - n) / n.sum(axis=1, keepdims=True)
        variance[rows] += [long_run_variance(row) for row in influence]
    return Figures(value, variance)


def long_run_variance(influence: Floats) -> float:
    """Variance of the sum of a series whose neighbours resemble each other."""
    weeks = len(influence)
    own = float(influence @ influence)
    lags = min(round(0.75 * weeks ** (1 / 3)) + 1, weeks - 1)
    total = own
    for lag in range(1, lags + 1):
        total += 2 * (1 - lag / (lags + 1)) * float(influence[lag:] @ influence[:-lag])
    return max(total, LEAST * own) * weeks / max(weeks - 1, 1)
