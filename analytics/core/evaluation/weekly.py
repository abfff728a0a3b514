"""Holds by office and week: which weeks are compared, and what each office held in them.

Weeks are counted from the change: week 0 begins with it. Left out are the weeks just before it (their holds ran into
the change) and the last ones of the log (their long holds are not finished, so only the short ones would be seen).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from analytics.core.evaluation.held import Held
from analytics.core.frames import Flags, Floats, Ints

WEEK_US: Final = 7 * 86_400 * 1_000_000
YEAR: Final = 52
SETTLING: Final = 30
"""Rounds in which the weeks' common movement settles."""


@dataclass(frozen=True, slots=True)
class Window:
    """Weeks [first, stop) before the change and [0, end) after it; what was left out for lack of follow-up."""

    first: int
    stop: int
    end: int
    is_cut_short: bool
    """The holds are so long that leaving out all unfinished weeks would leave too little."""

    @property
    def before(self) -> int:
        return self.stop - self.first

    @property
    def after(self) -> int:
        return self.end

    def within(self, before: int | None, after: int | None) -> Window:
        """Return the window cut to so many weeks on each side; ``None`` leaves a side as it is."""
        first = self.first if before is None else max(self.first, self.stop - before)
        return replace(self, first=first, end=self.end if after is None else min(self.end, after))


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """``n`` holds and ``total`` microseconds held by office (rows) and week (columns); ``after`` marks the columns."""

    n: Floats
    total: Floats
    after: Flags
    weeks: Ints
    common: Floats
    """What all comparison offices did in a week, as a factor; its mean is 1 before and 1 after the change."""


def window(held: Held, change_us: int, rows: Flags) -> Window:
    """Choose the weeks, by how long the holds of ``rows`` that began before the change took."""
    begun, done = held.begin_us[rows], held.length_us[rows & ~held.open & (held.begin_us < change_us)]
    before = max(int((change_us - begun.min()) // WEEK_US), 0) if len(begun) else 0
    after = int((held.as_of_us - change_us) // WEEK_US)
    long_, longest = np.quantile(done, [0.90, 0.95]) if len(done) else (0.0, 0.0)
    wash, follow = int(np.ceil(long_ / WEEK_US)), int(np.ceil(longest / WEEK_US))
    stop = -min(wash, before // 5)
    end = after - min(follow, after // 4)
    first = max(-before, stop - max(YEAR, end))
    return Window(first, stop, end, is_cut_short=follow > after // 4)


def panel(held: Held, change_us: int, chosen: Window, offices: Ints, comparison: Flags) -> Panel:
    """Sum the holds of ``offices`` (places in ``held.offices``) by week; ``comparison`` says which set the weeks."""
    weeks = np.concatenate((np.arange(chosen.first, chosen.stop), np.arange(chosen.end)))
    row_of = np.full(len(held.offices), -1, dtype=np.int64)
    row_of[offices] = np.arange(len(offices))
    week = (held.begin_us - change_us) // WEEK_US
    use = (row_of[held.office] >= 0) & inside(week, chosen)
    column = np.searchsorted(weeks, week[use])
    cell = row_of[held.office[use]] * len(weeks) + column
    shape = (len(offices), len(weeks))
    size = len(offices) * len(weeks)
    n = np.bincount(cell, minlength=size).reshape(shape).astype(np.float64)
    lengths = finished_lengths(held, change_us)[use]
    total = np.bincount(cell, weights=lengths, minlength=size).reshape(shape).astype(np.float64)
    after = weeks >= 0
    return Panel(n, total, after, weeks, common_weeks(n, total, after, comparison))


def inside(week: Ints, chosen: Window) -> Flags:
    """Which weeks are compared."""
    found: Flags = ((week >= chosen.first) & (week < chosen.stop)) | ((week >= 0) & (week < chosen.end))
    return found


def finished_lengths(held: Held, change_us: int) -> Floats:
    """Lengths with each open hold as long as holds of its office that had lasted as long went on to be, on average.

    Learnt from the time before the change, so that a change cannot set its own yardstick.
    """
    lengths = held.length_us.astype(np.float64)
    for office in np.unique(held.office[held.open]):
        here = held.office == office
        known = np.sort(held.length_us[here & ~held.open & (held.begin_us < change_us)]).astype(np.float64)
        rows = np.flatnonzero(here & held.open)
        longer = np.searchsorted(known, lengths[rows], side="right")
        left = len(known) - longer
        sums = np.append(np.cumsum(known[::-1])[::-1], 0.0)
        lengths[rows] = np.where(left > 0, sums[longer] / np.maximum(left, 1), lengths[rows])
    return lengths


def common_weeks(n: Floats, total: Floats, after: Flags, comparison: Flags) -> Floats:
    """Estimate the week's factor shared by the comparison offices, none of which may drown the others."""
    usual = np.median(n[comparison][n[comparison] > 0])
    counts = n / (1 + n / usual)
    share = np.where(n > 0, counts / np.maximum(n, 1), 0.0)
    factor = np.ones(n.shape[1])
    for _ in range(SETTLING):
        level = total.sum(axis=1) / np.maximum((n * factor).sum(axis=1), 1e-9)
        level = np.where(level > 0, level, 1.0)
        seen = (share * total / level[:, None])[comparison].sum(axis=0)
        weight = counts[comparison].sum(axis=0)
        factor = np.where((weight > 0) & (seen > 0), seen / np.maximum(weight, 1e-9), 1.0)
    weight = counts[comparison].sum(axis=0)
    for part in (after, ~after):
        factor[part] /= np.exp(np.average(np.log(factor[part]), weights=weight[part] + 1e-9))
    return factor
