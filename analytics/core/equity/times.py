"""Time to an answer by area, open cases counted, beside what the city's services would give with the area's mix.

The median is Kaplan-Meier. The one expected is read from the city's curves, one per service, mixed as the area is.
Whether they differ is asked by the log-rank test, stratified by service (Mantel 1966; Peto and Peto 1972): in every
service, at every age at which something ended, were it the area's cases as often as its part of those still open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr

from analytics.core.equity.late import LEAST
from analytics.core.frames import Flags, Floats, Ints
from analytics.core.shares import benjamini_hochberg
from analytics.core.survival.curve import ROUNDING, Curve, Quantile, curves, quantile


@dataclass(frozen=True, slots=True)
class AreaTime:
    """One area. All but the name are ``None`` where the area is suppressed."""

    area: str
    n: int | None = None
    open: int | None = None
    median: Quantile | None = None
    expected_us: float | None = None
    """The median that the city's services would give with this mix; ``None`` when it was never reached."""
    ratio: float | None = None
    """Median over expected; above 1 is slower. ``None`` when either was never reached."""
    ended: int | None = None
    expected_ended: float | None = None
    """How many would have ended by now if the area's cases had ended as often as others of their service and age."""
    p_value: float | None = None
    adjusted_p: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LogRank:
    """Per group: endings seen, expected, and the variance of their difference. Columns (groups,)."""

    seen: Floats
    expected: Floats
    variance: Floats

    @property
    def p_value(self) -> Floats:
        """Two-sided; NaN where nothing can vary."""
        known = self.variance > ROUNDING
        z = np.where(known, (self.seen - self.expected) / np.sqrt(np.where(known, self.variance, 1)), np.nan)
        return np.asarray(2 * ndtr(-np.abs(z)), dtype=np.float64)


def time_by_area(
    ages_us: Ints, ended: Flags, area: Ints, mix: Ints, areas: Sequence[str], mixes: int
) -> tuple[AreaTime, ...]:
    """Cases (n,) with age, whether ended, area and service → one row per area, in the order of ``areas``."""
    own, city = curves(ages_us, ended, area, len(areas)), Mixed(curves(ages_us, ended, mix, mixes))
    table = np.bincount(area * mixes + mix, minlength=len(areas) * mixes).reshape(-1, mixes)
    test = log_rank(ages_us, ended, area, mix, (len(areas), mixes))
    shown = np.array([curve.n >= LEAST for curve in own], dtype=np.bool_)
    p_value = np.where(shown, test.p_value, np.nan)
    adjusted = benjamini_hochberg(p_value)
    return tuple(
        replace(
            _times(name, own[k], city.median(table[k])),
            ended=int(test.seen[k]),
            expected_ended=float(test.expected[k]),
            p_value=None if np.isnan(p_value[k]) else float(p_value[k]),
            adjusted_p=None if np.isnan(adjusted[k]) else float(adjusted[k]),
        )
        if shown[k]
        else AreaTime(name)
        for k, name in enumerate(areas)
    )


def _times(name: str, curve: Curve, expected: float | None) -> AreaTime:
    median = quantile(curve, 50)
    ratio = None if median.value_us is None or not expected else median.value_us / expected
    return AreaTime(name, curve.n, curve.open, median, expected, ratio)


class Mixed:
    """Curves of services that can be mixed again and again, in any proportion."""

    def __init__(self, city: Sequence[Curve]) -> None:
        self.at = [curve.ages_us for curve in city]
        self.steps = [np.concatenate(([1.0], curve.survival)) for curve in city]
        self.ages = np.unique(np.concatenate([*self.at, np.zeros(0, dtype=np.int64)]))

    def median(self, counts: Ints) -> float | None:
        """Return the first age at which the curves, weighted by ``counts``, have fallen to one half."""
        level = (0.5 + ROUNDING) * int(counts.sum())
        low, high = 0, len(self.ages) if counts.any() else 0
        while low < high:
            middle = (low + high) // 2
            if self._going_on(counts, self.ages[middle]) <= level:
                high = middle
            else:
                low = middle + 1
        return float(self.ages[low]) if counts.any() and low < len(self.ages) else None

    def _going_on(self, counts: Ints, age: np.int64) -> float:
        parts = zip(counts.tolist(), self.at, self.steps, strict=True)
        return sum((n * float(steps[np.searchsorted(at, age, side="right")]) for n, at, steps in parts if n), 0.0)


def log_rank(ages_us: Ints, ended: Flags, group: Ints, stratum: Ints, shape: tuple[int, int]) -> LogRank:
    """Compare each group with all cases of its strata; ``shape`` is (groups, strata).

    O(n log n) for all groups at once, since sums over ages become sums over cases: a case adds to what was expected at
    every age up to its own.
    """
    order = np.lexsort((ages_us, stratum))
    ages, ends, who, layer = ages_us[order], ended[order], group[order], stratum[order]
    expected, spread, square = _up_to_each(ages, ends, layer)
    rank = _left_of_own(who * shape[1] + layer)
    return LogRank(
        np.bincount(who[ends], minlength=shape[0]).astype(np.float64),
        np.bincount(who, weights=expected, minlength=shape[0]).astype(np.float64),
        np.bincount(who, weights=spread - square * (2 * rank - 1), minlength=shape[0]).astype(np.float64),
    )


def _up_to_each(ages: Ints, ended: Flags, layer: Ints) -> tuple[Floats, Floats, Floats]:
    """Σ d/Y, Σ d(Y−d)/(Y(Y−1)) and Σ d(Y−d)/(Y²(Y−1)) over the ages up to each case's own, within its layer."""
    new = np.ones(len(ages), dtype=np.bool_)
    new[1:] = (ages[1:] != ages[:-1]) | (layer[1:] != layer[:-1])
    first = np.flatnonzero(new)
    tie = np.cumsum(new) - 1
    sizes = np.bincount(layer) if len(layer) else np.zeros(1, dtype=np.int64)
    at_risk = (np.cumsum(sizes)[layer[first]] - first).astype(np.float64)
    d = np.bincount(tie, weights=ended, minlength=len(first)).astype(np.float64)
    wide = d * (at_risk - d) / (at_risk * np.maximum(at_risk - 1, 1))
    rate, spread, square = (_summed(part, layer[first])[tie] for part in (d / at_risk, wide, wide / at_risk))
    return rate, spread, square


def _summed(values: Floats, layer: Ints) -> Floats:
    """Add up, beginning anew with each layer."""
    total = np.cumsum(values)
    new = np.flatnonzero(np.diff(layer, prepend=-1))
    before = np.concatenate(([0.0], total))[new]
    return np.asarray(total - np.repeat(before, np.diff(np.append(new, len(layer)))), dtype=np.float64)


def _left_of_own(cells: Ints) -> Ints:
    """How many of the same cell come at this place or after it; the rows are in order of age within each cell."""
    order = np.argsort(cells, kind="stable")
    sizes = np.bincount(cells) if len(cells) else np.zeros(1, dtype=np.int64)
    left = np.empty(len(cells), dtype=np.int64)
    left[order] = np.cumsum(sizes)[cells[order]] - np.arange(len(cells))
    return left
