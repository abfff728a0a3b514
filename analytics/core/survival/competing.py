"""Aalen-Johansen: what became of cases by each age, when they can end in several ways.

A request that is withdrawn or joined with another one will never be answered. It is not censored (that would pretend it
still might) but ended in another way: a competing risk. Aalen and Johansen (1978); variance by the delta method
(Marubini and Valsecchi 1995, ch. 10); intervals on the log-log scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from analytics.core.frames import Floats, Ints
from analytics.core.survival.curve import CONFIDENCE, ROUNDING, Quantile

STILL_OPEN = 0
"""The cause of what has not ended."""


@dataclass(frozen=True, slots=True, eq=False)
class Incidence:
    """One way to end. One entry per age at which anything ended, in any way, ascending; the same ages for all ways."""

    cause: str
    ages_us: Ints
    share: Floats
    """Share of all cases estimated to have ended in this way by that age."""
    variance: Floats
    n: int
    ended: int
    """Cases that ended in this way."""


def aalen_johansen(ages_us: Ints, cause: Ints, causes: Sequence[str]) -> tuple[Incidence, ...]:
    """Ages (n,) and how each ended (n,): 0 for still open, k for ``causes[k − 1]``. One ``Incidence`` per cause.

    The shares of all causes and of what goes on add up to 1 at every age. O(n log n).
    """
    order = np.argsort(ages_us, kind="stable")
    ages, codes = ages_us[order], cause[order]
    first = np.flatnonzero(np.diff(ages, prepend=ages[:1] - 1))
    counts = (
        np.column_stack([np.add.reduceat(codes == k + 1, first, dtype=np.int64) for k in range(len(causes))])
        if (len(ages))
        else np.zeros((0, len(causes)), dtype=np.int64)
    )
    any_way = counts.sum(axis=1)
    some = any_way > 0
    at_risk, any_way, counts = (len(ages) - first)[some].astype(np.float64), any_way[some], counts[some]
    before = np.concatenate(([1.0], np.cumprod(1.0 - any_way / at_risk)[:-1])) if len(at_risk) else at_risk
    return tuple(
        _incidence(name, ages[first][some], (at_risk, any_way, counts[:, k], before), len(ages))
        for k, name in enumerate(causes)
    )


def _incidence(name: str, ages: Ints, table: tuple[Floats, Ints, Ints, Floats], n: int) -> Incidence:
    at_risk, any_way, here, before = table
    share = np.cumsum(before * here / at_risk)
    return Incidence(name, ages, share, _variance(share, at_risk, any_way, here, before), n, int(here.sum()))


def _variance(share: Floats, at_risk: Floats, any_way: Ints, here: Ints, before: Floats) -> Floats:
    """Σ (F − Fj)² d/(n(n−d)) + Σ S² (n−k)k/n³ − 2 Σ (F − Fj) S k/n², each square written out so that sums run once."""
    left = at_risk - any_way
    hazard = np.where(left > 0, any_way / (at_risk * np.maximum(left, 1)), 0.0)
    jump = before * here / at_risk**2
    first = share**2 * np.cumsum(hazard) - 2 * share * np.cumsum(share * hazard) + np.cumsum(share**2 * hazard)
    second = np.cumsum(before**2 * (at_risk - here) * here / at_risk**3)
    third = share * np.cumsum(jump) - np.cumsum(share * jump)
    variance: Floats = np.maximum(first + second - 2 * third, 0.0)
    return variance


def band(incidence: Incidence, confidence: float = CONFIDENCE) -> tuple[Floats, Floats]:
    """Pointwise limits (low, high) of ``share``; both equal it where it is 0 or 1."""
    share = incidence.share
    inside = (share > ROUNDING) & (share < 1 - ROUNDING)
    low, high = share.copy(), share.copy()
    at = share[inside]
    reach = ndtri(0.5 + confidence / 2) * np.sqrt(incidence.variance[inside]) / np.abs(at * np.log(at))
    low[inside], high[inside] = at ** np.exp(reach), at ** np.exp(-reach)
    return low, high


def share_by(incidence: Incidence, ages_us: Ints) -> Floats:
    """Share ended in this way by each of ``ages_us``; NaN when nothing was observed."""
    if not incidence.n:
        return np.full(len(ages_us), np.nan)
    steps = np.concatenate(([0.0], incidence.share))
    return steps[np.searchsorted(incidence.ages_us, ages_us, side="right")]


def quantile(incidence: Incidence, percent: int, confidence: float = CONFIDENCE) -> Quantile:
    """First age by which ``percent`` % of *all* cases ended in this way; ``None`` when so many never did."""
    low, high = band(incidence, confidence)
    reached = (np.flatnonzero(share >= percent / 100 - ROUNDING) for share in (incidence.share, high, low))
    return Quantile(percent, *(int(incidence.ages_us[at[0]]) if len(at) else None for at in reached))
