"""Rank by time above the baseline, and say how much of it chance alone would give.

Two questions are kept apart. *Would the order be another in another such period?* Waits are drawn anew, block by block
(a bootstrap), and ranked again. *Would any order come out?* The labels of the groups are dealt anew among waits of the
same mix and the same sum is taken: what is left is noise. Both are seeded: the same input gives the same answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.core.barriers.baseline import Baseline, Level, Waits, shuffled
from analytics.core.frames import SMALL_N, Flags, Floats, Ints
from analytics.core.quantiles import grouped_totals

DRAWS: Final = 500
SHUFFLES: Final = 19
"""The largest of 19 is exceeded by chance once in twenty times."""
MOST_BLOCKS: Final = 400
LEAST_BLOCKS: Final = 10
"""With fewer blocks nothing can be said about another period."""


@dataclass(frozen=True, slots=True)
class Interval:
    """95 % of what was drawn lies between these, both included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Barrier:
    """One group. Microseconds of the clock of the view."""

    group: str
    n: int
    open: int
    """Of these, waits that go on: their excess is what it is so far."""
    compared: int
    """Waits that have a baseline."""
    any_mix: int
    """Of these, waits whose baseline is of whatever the others do."""
    total_us: int
    excess_us: int
    excess: Interval | None
    """``None`` with too few blocks."""
    noise_high_us: int | None
    """The most that 19 deals gave. ``None`` when nobody else has most of its mix, so there is nothing to deal."""
    rank: int | None
    """1 is the longest time above the baseline; ``None`` below 30 compared waits."""
    ranks: Interval | None

    @property
    def stands_out(self) -> bool | None:
        """True when even the low end is more than chance gave; ``None`` when that cannot be told."""
        if self.rank is None or self.excess is None or self.noise_high_us is None:
            return None
        return self.excess.low > self.noise_high_us


@dataclass(frozen=True, slots=True)
class Ranking:
    """All groups that have a wait: the ranked ones in order, then the others by name."""

    baseline: str
    barriers: tuple[Barrier, ...]
    seed: int


def rank_barriers(waits: Waits, baseline_of: Callable[[Waits], Baseline], seed: int = 0) -> Ranking:
    """Rank the groups of ``waits`` by their time above the baseline that ``baseline_of`` gives."""
    baseline = baseline_of(waits)
    excess = baseline.excess_us(waits)
    sums = _Sums(waits, baseline, excess)
    drawn = _drawn(excess, waits, seed)
    noise, dealt = _noise(waits, baseline_of, seed), _shared(waits)
    rows = [
        Barrier(
            group=waits.groups[code],
            n=int(sums.n[code]),
            open=int(sums.open[code]),
            compared=int(sums.compared[code]),
            any_mix=int(sums.any_mix[code]),
            total_us=int(sums.total_us[code]),
            excess_us=int(sums.excess_us[code]),
            excess=None if drawn is None else _middle(drawn[:, code]),
            noise_high_us=int(noise[code]) if dealt[code] else None,
            rank=sums.rank(code),
            ranks=_ranks(drawn, sums.ranked, code),
        )
        for code in np.flatnonzero(sums.n).tolist()
    ]
    rows.sort(key=lambda row: (row.rank is None, row.rank, row.group))
    return Ranking(baseline.name, tuple(rows), seed)


class _Sums:
    """What is counted and added up per group."""

    def __init__(self, waits: Waits, baseline: Baseline, excess: Ints) -> None:
        self.count = len(waits.groups)
        self.n = self._times(waits.group)
        self.open = self._times(waits.group[~waits.ended])
        self.compared = self._times(waits.group[baseline.level != Level.NONE])
        self.any_mix = self._times(waits.group[baseline.level == Level.ANY_MIX])
        self.total_us = grouped_totals(waits.wait_us, waits.group, self.count)
        self.excess_us = grouped_totals(excess, waits.group, self.count)
        self.ranked: Flags = self.compared >= SMALL_N

    def _times(self, codes: Ints) -> Ints:
        return np.bincount(codes, minlength=self.count)

    def rank(self, code: int) -> int | None:
        """Return how many ranked groups have more excess, and one."""
        if not self.ranked[code]:
            return None
        return int((self.excess_us[self.ranked] > self.excess_us[code]).sum()) + 1


# --- Another such period ------------------------------------------------------------------------------------------


def _drawn(excess: Ints, waits: Waits, seed: int) -> Floats | None:
    """Sums of each group when blocks are drawn with replacement, shape (draws, groups)."""
    generator = np.random.default_rng((seed, 1))
    block, blocks = _blocks(waits.block, generator)
    if blocks < LEAST_BLOCKS:
        return None
    count = len(waits.groups)
    table = np.bincount(block * count + waits.group, weights=excess, minlength=blocks * count).reshape(blocks, count)
    times = generator.multinomial(blocks, np.full(blocks, 1 / blocks), size=DRAWS)
    return np.asarray(times @ table, dtype=np.float64)


def _blocks(block: Ints, generator: np.random.Generator) -> tuple[Ints, int]:
    """Number the blocks from 0; too many (cases) are put together at random, which leaves the variance as it is."""
    found, place = np.unique(block, return_inverse=True)
    if len(found) <= MOST_BLOCKS:
        return place.astype(np.int64), len(found)
    return generator.integers(0, MOST_BLOCKS, len(found))[place], MOST_BLOCKS


def _ranks(drawn: Floats | None, ranked: Flags, code: int) -> Interval | None:
    if drawn is None or not ranked[code]:
        return None
    return _middle((drawn[:, ranked] > drawn[:, [code]]).sum(axis=1) + 1)


def _middle(values: Floats | Ints) -> Interval:
    low = np.quantile(values, 0.025, method="lower")
    high = np.quantile(values, 0.975, method="higher")
    return Interval(int(low), int(high))


# --- Chance alone -------------------------------------------------------------------------------------------------


def _noise(waits: Waits, baseline_of: Callable[[Waits], Baseline], seed: int) -> Ints:
    """Return the largest sum of each group over the deals."""
    generator = np.random.default_rng((seed, 2))
    count = len(waits.groups)
    by_mix = np.argsort(waits.mix, kind="stable").astype(np.int64)
    most = np.zeros(count, dtype=np.int64)
    for _ in range(SHUFFLES):
        dealt = shuffled(waits, by_mix, generator)
        most = np.maximum(most, grouped_totals(baseline_of(dealt).excess_us(dealt), dealt.group, count))
    return most


def _shared(waits: Waits) -> Flags:
    """Mark the groups of which at least half of the waits are of a mix that others have as often as they do or more."""
    count, mixes = len(waits.groups), len(waits.mixes)
    table = np.bincount(waits.group * mixes + waits.mix, minlength=count * mixes).reshape(count, mixes)
    others = table.sum(axis=0) - table
    shared: Flags = (table * (others >= table)).sum(axis=1) * 2 >= table.sum(axis=1)
    return shared
