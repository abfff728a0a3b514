"""Exact quantiles of integer durations, for one column or for every group at once.

Linear interpolation at position (n − 1)·q, as NumPy's default and PostgreSQL's ``percentile_cont``. Ranks are
computed in whole numbers from whole percents, so no rounding of 0.9 can pick the wrong neighbour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.core.frames import Floats, Ints


@dataclass(frozen=True, slots=True)
class Spread:
    """How a set of durations is spread. Microseconds; the quantiles are ``None`` when ``n`` is 0."""

    n: int
    total_us: int
    median_us: float | None
    p90_us: float | None


NOTHING = Spread(0, 0, None, None)


def grouped_quantiles(values: Ints, groups: Ints, count: int, percents: Sequence[int]) -> Floats:
    """Quantiles of ``values`` within each group.

    ``groups`` holds codes 0 … count − 1, one per value. Returns shape (count, len(percents)), NaN for an empty group.
    """
    if any(not 0 <= percent <= 100 for percent in percents):
        raise ValueError("A percent lies between 0 and 100.")
    ordered = sorted_within_groups(values, groups, count)
    sizes = np.bincount(groups, minlength=count).astype(np.int64)
    first = np.concatenate(([0], np.cumsum(sizes)[:-1])) if count else sizes
    answer = np.full((count, len(percents)), np.nan)
    filled = sizes > 0
    for column, percent in enumerate(percents):
        rank = (sizes[filled] - 1) * percent
        low = first[filled] + rank // 100
        high = np.minimum(low + 1, first[filled] + sizes[filled] - 1)
        answer[filled, column] = ordered[low] + (ordered[high] - ordered[low]) * ((rank % 100) / 100)
    return answer


def sorted_within_groups(values: Ints, groups: Ints, count: int) -> Ints:
    """Return the values ordered by (group, value).

    One sort of one key where group and value fit in 63 bits together, which is five times as fast as sorting by two.
    """
    if not len(values):
        return values
    least = int(values.min())
    span = int(values.max()) - least + 1
    if count * span >= 2**63:
        return values[np.lexsort((values, groups))]
    keys: Ints = np.multiply(groups, span, dtype=np.int64)
    keys += values
    keys -= least
    keys.sort()
    keys %= span
    keys += least
    return keys


def grouped_totals(values: Ints, groups: Ints, count: int) -> Ints:
    """Exact integer sums per group, shape (count,)."""
    totals = np.zeros(count, dtype=np.int64)
    np.add.at(totals, groups, values)
    return totals


def spreads(values: Ints, groups: Ints, count: int) -> tuple[Spread, ...]:
    """One ``Spread`` per group code."""
    quantiles = grouped_quantiles(values, groups, count, (50, 90))
    totals = grouped_totals(values, groups, count)
    sizes = np.bincount(groups, minlength=count)
    return tuple(
        Spread(int(size), int(total), float(row[0]), float(row[1])) if size else NOTHING
        for size, total, row in zip(sizes, totals, quantiles, strict=True)
    )


def spread(values: Ints) -> Spread:
    """Return the ``Spread`` of one set of durations."""
    return spreads(values, np.zeros(len(values), dtype=np.int64), 1)[0]
