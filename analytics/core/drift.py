"""Drift: did a step's waits change over time, when, and is that more than chance among so many steps.

Waits are replaced by their ranks within the step, so a few long ones decide nothing, and added up by week. If nothing
changed, the sums wander around zero and end there; a change bends them. The largest distance from zero, divided by the
wandering that weeks which resemble their neighbours give by themselves, has Kolmogorov's distribution (a CUSUM test on
ranks: Pettitt 1979, with the variance of Newey and West 1987). Steps are many, so p-values are adjusted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.special import kolmogorov

from analytics.core.evaluation.figures import long_run_variance
from analytics.core.frames import Floats, Ints
from analytics.core.quantiles import Spread, spread
from analytics.core.shares import benjamini_hochberg

WEEK_US: Final = 7 * 86_400_000_000
LEAST_A_WEEK: Final = 20
"""Weeks with fewer waits are put together with the next."""
LEAST_WEEKS: Final = 12


@dataclass(frozen=True, slots=True)
class Drift:
    """One step (edge, office). The last six are ``None`` when there are too few weeks."""

    group: str
    n: int
    weeks: int
    """Weeks, or several put together."""
    changed_at_us: int | None = None
    """Where the bend is: the beginning of the first week after it."""
    before: Spread | None = None
    after: Spread | None = None
    distance: float | None = None
    p_value: float | None = None
    adjusted_p: float | None = None
    """After Benjamini and Hochberg over all steps that could be judged."""


def drifts(wait_us: Ints, at_us: Ints, groups: Ints, labels: Sequence[str]) -> tuple[Drift, ...]:
    """Waits (n,) with the time they are dated by and their step → a row per step that has any, surest change first."""
    order = np.lexsort((at_us, groups))
    ends = np.cumsum(np.bincount(groups, minlength=len(labels)))
    parts = np.split(order, ends[:-1]) if len(labels) else []
    rows = [_drift(label, wait_us[part], at_us[part]) for label, part in zip(labels, parts, strict=True) if len(part)]
    adjusted = benjamini_hochberg(np.array([np.nan if row.p_value is None else row.p_value for row in rows]))
    rows = [row if np.isnan(p) else replace(row, adjusted_p=float(p)) for row, p in zip(rows, adjusted, strict=True)]
    return tuple(sorted(rows, key=lambda row: (row.p_value is None, row.p_value, row.group)))


def _drift(label: str, wait_us: Ints, at_us: Ints) -> Drift:
    """One step, its waits in order of time."""
    starts = week_starts(at_us)
    if len(starts) < LEAST_WEEKS:
        return Drift(label, len(wait_us), len(starts))
    sums = np.add.reduceat(_centred_ranks(wait_us), starts)
    bend = int(np.argmax(np.abs(np.cumsum(sums)[:-1])))
    wander = _wander(sums, np.diff(np.append(starts, len(wait_us))), bend)
    distance = float(np.abs(np.cumsum(sums)[bend])) / wander if wander else 0.0
    cut = starts[bend + 1]
    return Drift(
        group=label,
        n=len(wait_us),
        weeks=len(starts),
        changed_at_us=int(at_us[0] + (at_us[cut] - at_us[0]) // WEEK_US * WEEK_US),
        before=spread(wait_us[:cut]),
        after=spread(wait_us[cut:]),
        distance=distance,
        p_value=float(kolmogorov(distance)),
    )


def _wander(sums: Floats, sizes: Ints, bend: int) -> float:
    """How far the sums go by themselves.

    Half-way between two variances: with the change taken for a part of the wandering (which hides real changes) and
    with it taken out (which finds changes where there are none). Half-way kept false alarms between 3 and 9 in a
    hundred at 5 %, over 20 to 150 weeks that resemble their neighbours.
    """
    rest = sums.copy()
    for side in (slice(0, bend + 1), slice(bend + 1, None)):
        rest[side] -= sizes[side] * sums[side].sum() / sizes[side].sum()
    return float(np.sqrt((long_run_variance(sums) + long_run_variance(rest)) / 2))


def week_starts(at_us: Ints) -> Ints:
    """Moments in order of time (n,) → where each week begins, from the first; small ones are joined with the next."""
    week = (at_us - at_us[0]) // WEEK_US
    starts = [0]
    for start in (np.flatnonzero(np.diff(week)) + 1).tolist():
        if start - starts[-1] >= LEAST_A_WEEK:
            starts.append(start)
    if len(starts) > 1 and len(at_us) - starts[-1] < LEAST_A_WEEK:
        starts.pop()
    return np.array(starts, dtype=np.int64)


def _centred_ranks(values: Ints) -> Floats:
    """Ranks between −½ and ½, their sum zero; equal values share the middle of their ranks."""
    _, place, times = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(times) - (times + 1) / 2
    return np.asarray((middle[place] - (len(values) - 1) / 2) / len(values), dtype=np.float64)
