"""Exact spreads of many durations at once, without sorting them all.

Every duration falls into one of 512 buckets that grow with it, so a bucket's place says where a rank lies. Counting
(group, bucket) finds the few buckets that hold the wanted ranks, and only what lies in these is sorted: the answer is
exact, and equal to the last bit to the one of ``quantiles``. Durations come in chunks, so memory-mapped parts are read
once and never put together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np

from analytics.core.frames import Codes, Floats, Ints
from analytics.core.quantiles import NOTHING, Spread, sorted_within_groups, spreads

Chunk: TypeAlias = tuple[Codes, Ints]
"""(group codes 0 … count − 1, durations ≥ 0 in microseconds), of one length."""

BUCKETS: Final = 512
PERCENTS: Final = (50, 90)
MOST_GROUPS: Final = 1 << 14
ROWS_A_GROUP: Final = 64
"""With fewer rows a group than this, sorting them is cheaper than counting buckets."""
AT_ONCE: Final = 1 << 18
"""Rows worked on at a time: what fits the processor's own memory."""


def spreads_of(chunks: Sequence[Chunk], count: int) -> tuple[Spread, ...]:
    """One ``Spread`` per group over all chunks together."""
    rows = sum(len(values) for _groups, values in chunks)
    if count > MOST_GROUPS or rows < ROWS_A_GROUP * count:
        return _sorted(chunks, count)
    pieces = [piece for chunk in chunks for piece in _pieces(chunk)]
    cells = [_cells(groups, values) for groups, values in pieces]
    counted = sum((np.bincount(cell, minlength=count * BUCKETS) for cell in cells), np.zeros(count * BUCKETS, int))
    totals = np.zeros(count, dtype=np.int64)
    for groups, values in pieces:
        np.add.at(totals, groups, values)
    ranks = _Ranks.among(counted.reshape(count, BUCKETS))
    quantiles = ranks.read(cells, [values for _groups, values in pieces])
    return tuple(
        Spread(int(n), int(total), float(median), float(p90)) if n else NOTHING
        for n, total, (median, p90) in zip(ranks.sizes, totals, quantiles, strict=True)
    )


def _sorted(chunks: Sequence[Chunk], count: int) -> tuple[Spread, ...]:
    nothing = np.zeros(0, dtype=np.int64)
    groups = np.concatenate([nothing, *(groups for groups, _values in chunks)])
    return spreads(np.concatenate([nothing, *(values for _groups, values in chunks)]), groups, count)


def _pieces(chunk: Chunk) -> list[Chunk]:
    groups, values = chunk
    edges = [*range(0, len(values), AT_ONCE), len(values)]
    return [(groups[a:b], values[a:b]) for a, b in pairwise(edges)]


def _cells(groups: Codes, values: Ints) -> Codes:
    """(group, bucket) as one number.

    A float of 32 bits keeps the order of whole numbers it cannot tell apart; its exponent and the next three bits
    are eight buckets to each doubling. 0 is the first bucket and one microsecond the second.
    """
    if len(values) and int(values.min()) < 0:
        raise ValueError("A duration is never negative.")
    bits = values.astype(np.float32).view(np.int32)
    cells: Codes = np.maximum((bits >> 20) - 1015, 0) + groups.astype(np.int32) * BUCKETS
    return cells


@dataclass(frozen=True, slots=True, eq=False)
class _Ranks:
    """Where the wanted ranks lie: ``low`` and ``high`` neighbours, shape (groups, percents), counted from 0."""

    sizes: Ints
    before: Ints
    """Values in smaller buckets of the same group, shape (groups, BUCKETS + 1)."""
    low: Ints
    high: Ints
    part: Floats

    @classmethod
    def among(cls, counted: Ints) -> _Ranks:
        before = np.zeros((len(counted), BUCKETS + 1), dtype=np.int64)
        np.cumsum(counted, axis=1, out=before[:, 1:])
        sizes = before[:, -1]
        rank = np.maximum(sizes - 1, 0)[:, None] * np.array(PERCENTS)
        low = rank // 100
        high = np.minimum(low + 1, np.maximum(sizes - 1, 0)[:, None])
        return cls(sizes, before, low, high, (rank % 100) / 100)

    def read(self, cells: Sequence[Codes], values: Sequence[Ints]) -> Floats:
        """Sort what lies in the wanted cells, and interpolate between the neighbours; NaN for an empty group."""
        low_cell, high_cell = self._cell(self.low), self._cell(self.high)
        wanted = np.zeros(len(self.sizes) * BUCKETS, dtype=np.bool_)
        filled = self.sizes > 0
        wanted[low_cell[filled]] = True
        wanted[high_cell[filled]] = True
        place_of = np.cumsum(wanted) - 1
        found = [np.flatnonzero(wanted[cell]) for cell in cells]
        nothing = np.zeros(0, dtype=np.int64)
        held = np.concatenate([nothing, *(cell[at] for cell, at in zip(cells, found, strict=True))])
        there = np.concatenate([nothing, *(value[at] for value, at in zip(values, found, strict=True))])
        ordered = sorted_within_groups(there, place_of[held], int(wanted.sum()))
        first = np.concatenate(([0], np.cumsum(np.bincount(place_of[held], minlength=int(wanted.sum())))))
        answer = np.full(self.low.shape, np.nan)
        low = ordered[self._place(self.low, low_cell, first[place_of[low_cell]])[filled]]
        high = ordered[self._place(self.high, high_cell, first[place_of[high_cell]])[filled]]
        answer[filled] = low + (high - low) * self.part[filled]
        return answer

    def _cell(self, rank: Ints) -> Ints:
        """The cell that holds each rank."""
        bucket = (self.before[:, None, 1:] <= rank[:, :, None]).sum(axis=2)
        cell: Ints = np.arange(len(rank))[:, None] * BUCKETS + np.minimum(bucket, BUCKETS - 1)
        return cell

    def _place(self, rank: Ints, cell: Ints, first: Ints) -> Ints:
        group, bucket = cell // BUCKETS, cell % BUCKETS
        place: Ints = rank - self.before[group, bucket] + first
        return place
