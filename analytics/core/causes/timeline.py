"""What each resource was doing at every moment: its line cut at each moment at which anything begins or ends.

Between two cuts (a *slot*) nothing changes, so a slot is idle or busy, and what matters of the busy ones is who among
the work in progress had arrived first. Windows then ask for sums over slots.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.core.frames import Flags, Ints
from analytics.core.worktime import WorkClock

NOBODY: Final = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """Slots of all resources one after the other, (k,), and one window of slots per row, (n,)."""

    resource: Ints
    start_us: Ints
    length_us: Ints
    """0 from the last cut of a resource to the first of the next."""
    first: Ints
    """Arrival rank of the earliest arrival among what was in progress, of a resource that does one thing at a time; the
    c-th earliest of one that does c. ``NOBODY`` while it had room for more."""
    begin: Ints
    end: Ints
    """The window of a row: slots begin … end − 1."""
    rank: Ints
    """The row's own arrival rank."""

    @property
    def idle(self) -> Flags:
        return np.asarray(self.first == NOBODY, dtype=np.bool_)

    def within(self, values: Ints) -> Ints:
        """Sum of ``values`` (k,) over each row's window."""
        total = np.concatenate(([0], np.cumsum(values)))
        return np.asarray(total[self.end] - total[self.begin], dtype=np.int64)

    def window_us(self) -> Ints:
        """How long each window is."""
        return self.within(self.length_us)

    def busy_within(self) -> tuple[Ints, Ints]:
        """Time of each window in which the resource was busy, and of it: busy with an earlier arrival."""
        busy = ~self.idle
        place = np.concatenate(([0], np.cumsum(busy)))
        windows = place[self.begin], place[self.end]
        earlier = sums_below(self.first[busy], self.length_us[busy], windows, self.rank)
        return self.within(np.where(busy, self.length_us, 0)), earlier

    def slot_open_us(self, clocks: Sequence[WorkClock], of: Ints | None) -> Ints:
        """How much of each slot the resource was working, by its calendar; all of it without one."""
        if of is None or not clocks:
            return self.length_us
        open_us, which = np.zeros(len(self.resource), dtype=np.int64), of[self.resource]
        for place, clock in enumerate(clocks):
            mine = np.flatnonzero((which == place) & (self.length_us > 0))
            start = self.start_us[mine]
            open_us[mine] = clock.between_us(start, start + self.length_us[mine])
        return open_us


def timeline(
    resource: Ints, window: tuple[Ints, Ints], busy: tuple[Ints, Ints, Ints], rank: Ints, at_once: Ints | None = None
) -> Timeline:
    """Cut the line of each resource.

    ``window`` are begin and end of each row (n,); ``busy`` the rows whose work was begun, with its start and its end;
    ``at_once`` how many things each resource can do together (one, if not given).
    """
    rows, starts, ends = busy
    who = np.concatenate((resource, resource, resource[rows], resource[rows]))
    at_us = np.concatenate((*window, starts, ends))
    _, first, cut = np.unique(_keys(who, at_us), return_index=True, return_inverse=True)
    n, m = len(resource), len(rows)
    begin, end, left, right = np.split(cut.astype(np.int64), (n, 2 * n, 2 * n + m))
    owner, start_us = who[first], at_us[first]
    same = np.append(owner[1:] == owner[:-1], False)
    length = np.where(same, np.append(start_us[1:], start_us[-1]) - start_us, 0)
    if at_once is None or int(at_once[owner].max()) <= 1:
        full = covering_minimum(left, right, rank[rows], len(owner))
    else:
        full = covering_nth(left, right, rank[rows], at_once[owner])
    return Timeline(owner, start_us, length, full, begin, end, rank)


def _keys(resource: Ints, at_us: Ints) -> Ints:
    """One integer that orders by resource, then by time."""
    least = int(at_us.min())
    span = int(at_us.max()) - least + 1
    if (int(resource.max()) + 1) * span < 2**63:
        return resource * span + (at_us - least)
    times, place = np.unique(at_us, return_inverse=True)
    return np.asarray(resource * len(times) + place, dtype=np.int64)


def covering_minimum(left: Ints, right: Ints, values: Ints, size: int) -> Ints:
    """Return the least value among the intervals [left, right) that cover each place 0 … size − 1, else ``NOBODY``.

    Each interval is two overlapping ones whose length is a power of two; these are noted by length and handed down
    from each length to the next half as long. O(n + size log size).
    """
    least = np.full(size, NOBODY, dtype=np.int64)
    power = np.frexp((right - left).astype(np.float64))[1] - 1
    for level in range(int(power.max(initial=0)), -1, -1):
        here = np.flatnonzero(power == level)
        np.minimum.at(least, left[here], values[here])
        np.minimum.at(least, right[here] - 2**level, values[here])
        if level:
            half = 2 ** (level - 1)
            handed = least.copy()
            np.minimum(handed[half:], least[:-half], out=handed[half:])
            least = handed
    return least


def covering_nth(left: Ints, right: Ints, values: Ints, nth: Ints) -> Ints:
    """Do the same for the ``nth`` (size,) least value at each place, ``NOBODY`` where fewer cover it.

    One walk over the edges with what is open kept in order: a few hundred things at most are in progress together.
    """
    some = np.flatnonzero(left < right)
    if not len(some):
        return np.full(len(nth), NOBODY, dtype=np.int64)
    place = np.concatenate((right[some], left[some]))
    value = np.concatenate((values[some], values[some]))
    order = np.argsort(place, kind="stable")  # ends stand before beginnings
    begins = order >= len(some)
    last = np.append(place[order][1:] != place[order][:-1], True)
    wanted = nth[np.minimum(place[order], len(nth) - 1)]
    open_now: list[int] = []
    found, at = [], []
    steps = zip(*(part.tolist() for part in (place[order], value[order], begins, last, wanted)), strict=True)
    for here, worth, begin, is_last, rank in steps:
        if begin:
            insort(open_now, worth)
        else:
            del open_now[bisect_left(open_now, worth)]
        if is_last:
            at.append(here)
            found.append(open_now[rank - 1] if len(open_now) >= rank else NOBODY)
    bounds = np.array([0, *at, len(nth)], dtype=np.int64)
    return np.repeat(np.array([NOBODY, *found], dtype=np.int64), np.diff(bounds))


def sums_below(values: Ints, weights: Ints, window: tuple[Ints, Ints], limits: Ints) -> Ints:
    """For each window [begin, end) of places: the sum of ``weights`` where ``values`` is below the row's own limit.

    One pass per binary digit, all windows at once (a wavelet matrix: Claude, Navarro and Ordóñez 2015). A window is
    narrowed to the places that agree with its limit so far; where the limit has a 1, those with a 0 are below it.
    """
    begin, end = (edge.copy() for edge in window)
    total = np.zeros(len(begin), dtype=np.int64)
    digits = max(int(values.max(initial=0)), int(limits.max(initial=0))).bit_length()
    for digit in range(digits - 1, -1, -1):
        one = ((values >> digit) & 1).astype(np.bool_)
        zeros = np.concatenate(([0], np.cumsum(~one)))
        order = np.concatenate((np.flatnonzero(~one), np.flatnonzero(one)))
        values, weights = values[order], weights[order]
        sums = np.concatenate(([0], np.cumsum(weights)))
        low, high = zeros[begin], zeros[end]
        up = ((limits >> digit) & 1).astype(np.bool_)
        total += np.where(up, sums[high] - sums[low], 0)
        begin, end = np.where(up, zeros[-1] + begin - low, low), np.where(up, zeros[-1] + end - high, high)
    return total
