"""What a wait is measured against: one named baseline for a whole view."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

import numpy as np

from analytics.core.frames import MISSING, SMALL_N, Flags, Floats, Ints
from analytics.core.survival.curve import ages_in_order, medians

LEAST_OTHERS: Final = 2
"""Offices a comparison needs besides the one compared: a median of one office is that office."""


@dataclass(frozen=True, slots=True, eq=False)
class Waits:
    """One row per wait (a stay, or a segment). All columns (n,); durations in microseconds of the clock of the view."""

    group: Ints
    """What is ranked: an office, a step, an edge."""
    mix: Ints
    """What makes waits comparable: the service, or the service and the step."""
    block: Ints
    """What happened together and is drawn together: the week of arrival, or the case."""
    wait_us: Ints
    """Up to the observation end where it goes on."""
    ended: Flags
    groups: tuple[str, ...]
    mixes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.group)


class Level(IntEnum):
    """How closely the baseline of a wait was chosen."""

    NONE = -1
    """There is none: the wait is counted and has no excess."""
    SAME_MIX = 0
    ANY_MIX = 1
    """Too few others do this: all they do was compared, whatever it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """Named, one value a wait. Columns (n,)."""

    name: str
    us: Ints
    """``MISSING`` where there is none."""
    level: Ints

    def excess_us(self, waits: Waits) -> Ints:
        """Time above the baseline: never below 0, and 0 where there is none. A wait that goes on counts so far."""
        return np.where(self.us == MISSING, 0, (waits.wait_us - self.us).clip(0))


def by_target(target_us: Ints) -> Baseline:
    """Take the step's own target (n,), ``MISSING`` where none is set."""
    return Baseline("target", target_us, np.where(target_us == MISSING, Level.NONE, Level.SAME_MIX))


class ComparableOffices:
    """The median of the other groups' medians for the same mix, leaving out the group itself.

    Medians are Kaplan-Meier, so waits that go on are counted; one that was never reached counts as longer than all.
    Each other group counts once, however large it is, if it has ``least`` waits of that mix. Where fewer than two
    have, the medians of all they do are compared. Called with the waits; the order of the rows is worked out once.
    """

    name = "comparable offices"

    def __init__(self, waits: Waits, least: int = SMALL_N) -> None:
        self.least = least
        self.by_age = ages_in_order(waits.wait_us, waits.ended)

    def __call__(self, waits: Waits) -> Baseline:
        rows, columns = len(waits.groups), len(waits.mixes)
        cell = waits.group * columns + waits.mix
        same = _without_each(self._medians(waits, cell, rows * columns).reshape(rows, columns)).ravel()[cell]
        level = np.where(np.isfinite(same), Level.SAME_MIX, Level.NONE)
        us = same
        if not np.isfinite(same).all():
            any_mix = _without_each(self._medians(waits, waits.group, rows).reshape(rows, 1)).ravel()[waits.group]
            us = np.where(np.isfinite(same), same, any_mix)
            level = np.where((level == Level.NONE) & np.isfinite(any_mix), Level.ANY_MIX, level)
        known = np.isfinite(us)
        return Baseline(self.name, np.where(known, np.where(known, us, 0), MISSING).astype(np.int64), level)

    def _medians(self, waits: Waits, groups: Ints, count: int) -> Floats:
        """Return the medians (count,): NaN for too few waits, infinite where half never ended."""
        enough = np.bincount(groups, minlength=count) >= self.least
        found = medians(waits.wait_us, waits.ended, groups, count, self.by_age)
        return np.where(enough, np.where(np.isnan(found), np.inf, found), np.nan)


def _without_each(table: Floats) -> Floats:
    """Replace each entry of a column by the median of the column's other entries; NaN where these are too few.

    An entry that is NaN itself is given the median of all that are not.
    """
    answer = np.full(table.shape, np.nan)
    for place in range(table.shape[1]):
        column = table[:, place]
        known = np.flatnonzero(~np.isnan(column))
        order = known[np.argsort(column[known], kind="stable")]
        rank = np.full(len(column), len(order))
        rank[order] = np.arange(len(order))
        answer[:, place] = _median_without(column[order], rank)
    return answer


def _median_without(ordered: Floats, rank: Ints) -> Floats:
    """Return the median of ``ordered`` without the entry at each ``rank`` (its length: without none)."""
    left = len(ordered) - (rank < len(ordered))
    answer = np.full(len(rank), np.nan)
    enough = left >= LEAST_OTHERS
    low, high = ((left - 1) // 2)[enough], (left // 2)[enough]
    at = rank[enough]
    answer[enough] = (ordered[low + (low >= at)] + ordered[high + (high >= at)]) / 2
    return answer


def shuffled(waits: Waits, by_mix: Ints, generator: np.random.Generator) -> Waits:
    """Deal the groups anew among the waits of each mix. ``by_mix`` is a stable order of the rows by mix."""
    dealt = waits.group[by_mix].copy()
    begin = 0
    for size in np.bincount(waits.mix, minlength=len(waits.mixes)):
        generator.shuffle(dealt[begin : begin + size])
        begin += size
    group = np.empty_like(dealt)
    group[by_mix] = dealt
    return replace(waits, group=group)
