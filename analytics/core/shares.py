"""Shares with intervals, and many comparisons at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtri

from analytics.core.frames import Floats

CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Share:
    """``part`` of ``n`` with its interval; all three ``None`` when n is 0."""

    part: int
    n: int
    value: float | None
    low: float | None
    high: float | None


def share(part: int, n: int, confidence: float = CONFIDENCE) -> Share:
    """Return a share with Wilson's interval (1927), which holds for few cases and for shares near 0 and 1."""
    if not n:
        return Share(part, n, None, None, None)
    z = float(ndtri(0.5 + confidence / 2))
    value = part / n
    middle = (value + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * float(np.sqrt(value * (1 - value) / n + z * z / (4 * n * n)))
    low = 0.0 if part == 0 else middle - reach
    high = 1.0 if part == n else middle + reach
    return Share(part, n, value, low, high)


def benjamini_hochberg(p_values: Floats) -> Floats:
    """Adjust p-values (m,) for many comparisons.

    Of those that are at most q afterwards, a share of q at most is expected to be false alarms. Benjamini and
    Hochberg (1995), step-up, monotone. NaN (not compared) stays NaN and does not count among the m.
    """
    adjusted = np.full(len(p_values), np.nan)
    known = np.flatnonzero(~np.isnan(p_values))
    if len(known):
        order = known[np.argsort(p_values[known])[::-1]]
        ranks = np.arange(len(order), 0, -1)
        adjusted[order] = np.minimum(np.minimum.accumulate(p_values[order] * (len(order) / ranks)), 1.0)
    return adjusted
