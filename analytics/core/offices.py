"""Time held per office: how long each office keeps a case, all its visits together.

The figures are over cases that have left the office. Cases there now are right-censored: they are counted apart
with the days they have waited so far, so finished and unfinished time are never mixed and both add up to all the
time there was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analytics.core.frames import MISSING, Flags, Ints
from analytics.core.quantiles import Spread, spreads
from analytics.core.stays import Stays, hold_clocks


@dataclass(frozen=True, slots=True)
class OfficeTime:
    """One office. Durations in microseconds of calendar time."""

    office: str
    left: Spread
    """Dwell per case, over cases that are no longer there: n, total, median, p90."""
    visits: int
    """Maximal runs at the office, of the cases in ``left``."""
    share: float
    """``left.total_us`` over the same total of all offices, 0 … 1; 0 when nothing was held."""
    now: Spread
    """The same dwell up to the as-of time, over cases that are there now."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One of the three clocks of a hold at one office, over finished holds."""

    office: str
    clock: str
    measured: Spread
    holds: int
    missing: int
    """Finished holds for which the source does not give this clock; never counted as zero."""

    @property
    def missing_share(self) -> float:
        return self.missing / self.holds if self.holds else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Dwell:
    """Dwell per (case, office): the rows behind the table, and behind its case lists."""

    case: Ints
    office: Ints
    held_us: Ints
    visits: Ints
    there_now: Flags
    offices: tuple[str, ...]


CLOCKS = ("transfer", "queue", "service")


def dwell(stays: Stays, as_of_us: int) -> Dwell:
    """Stays → one row per (case, office), summed over branches and visits."""
    order = np.lexsort((stays.office, stays.case))
    case, office = stays.case[order], stays.office[order]
    first = np.flatnonzero(_pair_starts(case, office))
    if not len(first):
        nothing = np.zeros(0, dtype=np.int64)
        return Dwell(nothing, nothing, nothing, nothing, nothing.astype(np.bool_), stays.offices)
    return Dwell(
        case=case[first],
        office=office[first],
        held_us=np.add.reduceat(stays.held_us(as_of_us)[order], first),
        visits=np.add.reduceat(stays.visit_starts[order].astype(np.int64), first),
        there_now=np.logical_or.reduceat(stays.open[order], first),
        offices=stays.offices,
    )


def time_held(rows: Dwell) -> tuple[OfficeTime, ...]:
    """One ``OfficeTime`` per office that held a case, the largest total first, ties by name."""
    count = len(rows.offices)
    gone, here = ~rows.there_now, rows.there_now
    left = spreads(rows.held_us[gone], rows.office[gone], count)
    now = spreads(rows.held_us[here], rows.office[here], count)
    visits = np.zeros(count, dtype=np.int64)
    np.add.at(visits, rows.office[gone], rows.visits[gone])
    everything = sum(spread.total_us for spread in left)
    table = [
        OfficeTime(
            name, left[code], int(visits[code]), left[code].total_us / everything if everything else 0.0, now[code]
        )
        for code, name in enumerate(rows.offices)
        if left[code].n or now[code].n
    ]
    return tuple(sorted(table, key=lambda row: (-row.left.total_us, row.office)))


def clocks(stays: Stays) -> tuple[Clock, ...]:
    """Measure the three clocks per office, over finished holds.

    Transfer is sent → accepted, queue accepted → started, service started → finished.
    """
    done = ~stays.open
    office = stays.office[done]
    lengths = hold_clocks(stays)
    holds = np.bincount(office, minlength=len(stays.offices))
    answer = []
    for name, clock in zip(CLOCKS, (lengths.transfer_us, lengths.queue_us, lengths.service_us), strict=True):
        length = clock[done]
        known = length != MISSING
        measured = spreads(length[known], office[known], len(stays.offices))
        answer += [
            Clock(stays.offices[code], name, measured[code], int(holds[code]), int(holds[code]) - measured[code].n)
            for code in np.flatnonzero(holds)
        ]
    return tuple(answer)


def clocks_together(stays: Stays) -> tuple[Clock, ...]:
    """Measure the same three clocks over the finished holds of all offices; the office is named ``all``."""
    return clocks(replace(stays, office=np.zeros(len(stays), dtype=np.int64), offices=("all",)))


def _pair_starts(case: Ints, office: Ints) -> Flags:
    starts = np.ones(len(case), dtype=np.bool_)
    starts[1:] = (case[1:] != case[:-1]) | (office[1:] != office[:-1])
    return starts
