"""The performance spectrum: every time something took, as a line from when it began to when it ended.

After Denisov, Fahland and van der Aalst (2018). What a median hides is seen in it: lines that cross (later work is done
first), lines that end together (batches), a fan that opens (a backlog grows).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.core.causes.batches import BatchRule
from analytics.core.causes.waiting import Work
from analytics.core.discipline import Discipline, discipline
from analytics.core.frames import MISSING, Flags, Ints
from analytics.core.segments import Segments
from analytics.core.stays import Stays
from analytics.core.visits import Visits

QUARTERS: Final = 4
SEED: Final = 20_260_101


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """One row per time, by its beginning. Columns (n,), microseconds UTC."""

    case: Ints
    start_us: Ints
    end_us: Ints
    """``MISSING``: it has not ended."""

    @property
    def ended(self) -> Flags:
        return np.asarray(self.end_us != MISSING, dtype=np.bool_)

    @property
    def took_us(self) -> Ints:
        """How long the ended ones took, in their order."""
        return (self.end_us - self.start_us)[self.ended]

    def __len__(self) -> int:
        return len(self.case)


def of_office(visits: Visits, office: int) -> Times:
    """Every visit to an office, from arrival to leaving."""
    rows = np.flatnonzero(visits.office == office)
    return _by_start(visits.case[rows], visits.start_us[rows], visits.end_us[rows])


def of_handover(stays: Stays, sender: int, receiver: int) -> tuple[Times, int]:
    """Every hand-over from sent to accepted, and how many more ended without anybody having accepted."""
    joined = (stays.case[1:] == stays.case[:-1]) & (stays.branch[1:] == stays.branch[:-1])
    rows = np.flatnonzero(joined & (stays.office[:-1] == sender) & (stays.office[1:] == receiver)) + 1
    accepted, open_ = stays.accepted_us[rows], stays.open[rows] & (stays.started_us[rows] == MISSING)
    known = (accepted != MISSING) | open_
    return _by_start(stays.case[rows[known]], stays.start_us[rows[known]], accepted[known]), int((~known).sum())


def of_segments(segments: Segments, chosen: Flags) -> Times:
    """Every chosen segment: from an event to the next one of its case."""
    return _by_start(segments.case[chosen], segments.start_us[chosen], segments.end_us[chosen])


def quarters(times: Times) -> tuple[Ints, tuple[float, float, float]]:
    """Return which quarter each ended time lies in by length, 0 the quickest, and the three borders."""
    took = times.took_us
    if not len(took):
        return np.zeros(0, dtype=np.int64), (0.0, 0.0, 0.0)
    first, second, third = (float(value) for value in np.quantile(took, (0.25, 0.5, 0.75)))
    return np.searchsorted((first, second, third), took, side="left").astype(np.int64), (first, second, third)


def drawn(count: int, most: int) -> Ints:
    """Return which of ``count`` lines are drawn: all, or ``most`` of them by chance, the same ones each time."""
    if count <= most:
        return np.arange(count, dtype=np.int64)
    chosen = np.random.default_rng(SEED).choice(count, size=most, replace=False)
    return np.sort(chosen).astype(np.int64)


def order_of_work(times: Times) -> Discipline | None:
    """Return how many were overtaken by later ones, and how many ended in batches; nothing when none has ended."""
    ended = times.ended
    start, end = times.start_us[ended], times.end_us[ended]
    rows = discipline(Work(np.zeros(len(start), dtype=np.int64), start, end, end), ("",), BatchRule())
    return rows[0] if rows else None


def _by_start(case: Ints, start_us: Ints, end_us: Ints) -> Times:
    order = np.lexsort((case, start_us))
    return Times(case[order], start_us[order], end_us[order])
