"""Kaplan-Meier: the share still going on at each age, with open ones counted as what they are, right-censored.

Kaplan and Meier (1958); variance by Greenwood (1926); intervals on the log-log scale (Kalbfleisch and Prentice 1980),
so that they stay between 0 and 1; intervals of quantiles after Brookmeyer and Crowley (1982). At equal ages endings
come before censorings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtri

from analytics.core.frames import Flags, Floats, Ints

CONFIDENCE: Final = 0.95
ROUNDING: Final = 1e-12
"""Products of shares miss 0.5 by a few units of the sixteenth digit; a level counts as reached within this."""
LOG_ROUNDING: Final = 1e-9
NOTHING_LEFT: Final = -50.0
"""Stands for the logarithm of 0 where shares are added up as logarithms."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One entry per age at which something ended, ascending. Ages in microseconds (of whichever clock they came in)."""

    ages_us: Ints
    at_risk: Ints
    """How many were that old and had not ended before."""
    ended: Ints
    survival: Floats
    """Share estimated to go on beyond that age."""
    greenwood: Floats
    """Σ d / (n (n − d)) up to that age; times the square of ``survival`` it is the variance of that. Infinite at 0."""
    n: int
    """Everything that was observed, ended or open."""
    open: int
    """Of these, how many had not ended."""
    oldest_us: int
    """The greatest age observed, ended or open; 0 when nothing was observed. Nothing is known beyond it."""

    def __len__(self) -> int:
        return len(self.ages_us)


@dataclass(frozen=True, slots=True)
class Quantile:
    """The first age by which ``percent`` % are estimated to have ended. ``None`` where it was never reached."""

    percent: int
    value_us: int | None
    low_us: int | None
    high_us: int | None


@dataclass(frozen=True, slots=True)
class RestrictedMean:
    """Mean age at ending when whatever goes on beyond ``until_us`` is counted as ``until_us``. Microseconds."""

    until_us: int
    mean_us: float
    error_us: float
    """Standard error."""


def kaplan_meier(ages_us: Ints, ended: Flags) -> Curve:
    """Ages (n,) and whether each ended at that age (n,) → the curve of all of them."""
    return curves(ages_us, ended, np.zeros(len(ages_us), dtype=np.int64), 1)[0]


def curves(ages_us: Ints, ended: Flags, groups: Ints, count: int) -> tuple[Curve, ...]:
    """One curve per group code 0 … count − 1, by a single sort. O(n log n)."""
    order = _by_group_and_age(ages_us, groups)
    ages, flags = ages_us[order], ended[order]
    ends = np.cumsum(np.bincount(groups, minlength=count))
    starts = np.concatenate(([0], ends[:-1])) if count else ends
    return tuple(_curve(ages[a:b], flags[a:b]) for a, b in zip(starts, ends, strict=True))


def _by_group_and_age(ages: Ints, groups: Ints) -> Ints:
    if not len(ages):
        return np.zeros(0, dtype=np.int64)
    by_age = np.argsort(ages)
    return np.asarray(by_age[np.argsort(_narrow(groups)[by_age], kind="stable")], dtype=np.int64)


def _curve(ages: Ints, ended: Flags) -> Curve:
    """One group, ages ascending."""
    n = len(ages)
    if not n:
        nothing = np.zeros(0, dtype=np.int64)
        return Curve(nothing, nothing, nothing, nothing.astype(np.float64), nothing.astype(np.float64), 0, 0, 0)
    first = np.flatnonzero(np.concatenate(([True], ages[1:] != ages[:-1])))
    endings = np.add.reduceat(ended.astype(np.int64), first)
    some = endings > 0
    at_risk, endings = (n - first)[some], endings[some]
    with np.errstate(divide="ignore"):
        terms: Floats = endings / (at_risk.astype(np.float64) * (at_risk - endings))
    survival = np.asarray(np.cumprod(1.0 - endings / at_risk), dtype=np.float64)
    return Curve(
        ages[first][some], at_risk, endings, survival, np.cumsum(terms), n, n - int(endings.sum()), int(ages[-1])
    )


def band(curve: Curve, confidence: float = CONFIDENCE) -> tuple[Floats, Floats]:
    """Pointwise limits (low, high) of ``survival``, on the log-log scale.

    Where the share is 0 its variance is not known: low is 0 and high stays what it was before.
    """
    inside = curve.survival > ROUNDING
    low, high = np.zeros(len(curve)), np.ones(len(curve))
    share = curve.survival[inside]
    reach = ndtri(0.5 + confidence / 2) * np.sqrt(curve.greenwood[inside]) / np.abs(np.log(share))
    low[inside], high[inside] = share ** np.exp(reach), share ** np.exp(-reach)
    if not inside.all():
        high[~inside] = high[inside][-1] if inside.any() else 1.0
    return low, high


def quantile(curve: Curve, percent: int, confidence: float = CONFIDENCE) -> Quantile:
    """Return the quantile with the ages at which the limits of the curve reach the same level."""
    low, high = band(curve, confidence)
    level = 1.0 - percent / 100
    return Quantile(percent, *(_first_at_most(curve.ages_us, share, level) for share in (curve.survival, low, high)))


def _first_at_most(ages: Ints, shares: Floats, level: float) -> int | None:
    reached = np.flatnonzero(shares <= level + ROUNDING)
    return int(ages[reached[0]]) if len(reached) else None


def share_over(curve: Curve, ages_us: Ints) -> Floats:
    """Share estimated to go on beyond each of ``ages_us``; NaN throughout when nothing was observed.

    Beyond the oldest age observed the last share is repeated: it is then an upper limit.
    """
    if not curve.n:
        return np.full(len(ages_us), np.nan)
    steps = np.concatenate(([1.0], curve.survival))
    return steps[np.searchsorted(curve.ages_us, ages_us, side="right")]


def restricted_mean(curve: Curve, until_us: int) -> RestrictedMean | None:
    """Area under the curve up to ``until_us``; ``None`` when the curve is not known that far.

    Error: Σ A² d / (n (n − d)) with A the area from each ending on.
    """
    known_to_its_end = len(curve) > 0 and curve.survival[-1] <= ROUNDING
    if not curve.n or (until_us > curve.oldest_us and not known_to_its_end):
        return None
    inside = curve.ages_us < until_us
    edges = np.concatenate(([0], curve.ages_us[inside], [until_us]))
    areas = np.concatenate(([1.0], curve.survival[inside])) * np.diff(edges)
    from_here = np.cumsum(areas[::-1])[::-1][1:]
    at_risk, endings = curve.at_risk[inside].astype(np.float64), curve.ended[inside]
    left = at_risk - endings
    terms = np.where(left > 0, from_here**2 * endings / (at_risk * np.maximum(left, 1)), 0.0)
    return RestrictedMean(until_us, float(areas.sum()), float(np.sqrt(terms.sum())))


def medians(ages_us: Ints, ended: Flags, groups: Ints, count: int, by_age: Ints | None = None) -> Floats:
    """Return the Kaplan-Meier median of every group, shape (count,); NaN where it was never reached.

    The same as ``quantile(curve, 50)`` of each, without the curves: for thousands of groups, or the same rows grouped
    again and again. ``by_age`` is the order of the rows by age with endings first at equal ages, if it is known.
    """
    order = ages_in_order(ages_us, ended) if by_age is None else by_age
    order = order[np.argsort(_narrow(groups)[order], kind="stable")]
    sizes = np.bincount(groups, minlength=count)
    ends = np.cumsum(sizes)
    left = np.repeat(ends, sizes) - np.arange(len(order))
    with np.errstate(divide="ignore"):
        logs = np.log1p(np.where(ended[order], -1.0 / left, 0.0))
    total = np.cumsum(np.maximum(logs, NOTHING_LEFT))
    before = np.concatenate(([0.0], total))[ends - sizes]
    above = total - np.repeat(before, sizes) > np.log(0.5) + LOG_ROUNDING
    place = ends - sizes + np.bincount(groups[order], weights=above, minlength=count).astype(np.int64)
    reached = place < ends
    answer = np.full(count, np.nan)
    answer[reached] = ages_us[order[place[reached]]]
    return answer


def ages_in_order(ages_us: Ints, ended: Flags) -> Ints:
    """Return the order of the rows by age, endings first at equal ages."""
    return np.asarray(np.argsort(2 * ages_us + ~ended), dtype=np.int64)


def _narrow(groups: Ints) -> Ints:
    """Return the codes in two bytes if they fit: sorting those takes a tenth of the time."""
    return groups.astype(np.int16) if len(groups) and int(groups.max()) < 2**15 else groups
