"""Stays: one uninterrupted period of a case at one office, whatever the source recorded it as.

A ledger records holds; an event log only who had the case after each event. Both become the same columns here, so
the tables above do not ask where a stay came from. Successive holds at the same office stay separate rows but are
one *visit*.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from analytics.core.frames import HOLD_COLUMNS, MISSING, Flags, Ints, coded, microseconds, require, starts_of_runs
from analytics.core.segments import Segments, Tails


@dataclass(frozen=True, slots=True, eq=False)
class Stays:
    """Parallel columns ordered by (case, branch, start).

    ``MISSING`` stands for a time nobody recorded or that has not come.
    """

    case: Ints
    branch: Ints
    office: Ints
    start_us: Ints
    end_us: Ints
    accepted_us: Ints
    started_us: Ints
    visit_starts: Flags
    offices: tuple[str, ...]

    @property
    def open(self) -> Flags:
        return np.asarray(self.end_us == MISSING, dtype=np.bool_)

    def held_us(self, as_of_us: int) -> Ints:
        """How long each stay has lasted; one still open counts up to ``as_of_us``."""
        return np.where(self.open, as_of_us, self.end_us) - self.start_us

    def __len__(self) -> int:
        return len(self.case)


@dataclass(frozen=True, slots=True, eq=False)
class HoldClocks:
    """The three clocks of each stay, columns (n,) in microseconds; ``MISSING`` where an end of one was not recorded."""

    transfer_us: Ints
    queue_us: Ints
    service_us: Ints


def hold_clocks(stays: Stays) -> HoldClocks:
    """Return sent → accepted → started → ended."""
    times = (stays.start_us, stays.accepted_us, stays.started_us, stays.end_us)
    return HoldClocks(*(_between(begin, end) for begin, end in pairwise(times)))


def _between(begin: Ints, end: Ints) -> Ints:
    return np.where((begin == MISSING) | (end == MISSING), MISSING, end - begin)


def stays_from_holds(holds: pd.DataFrame, as_of_us: int) -> Stays:
    """Take the holds as they stood at ``as_of_us``: later holds are left out, later ends are still open."""
    require(holds, HOLD_COLUMNS, "holds")
    sent = microseconds(holds["sent_at"])
    case = holds["case"].to_numpy(dtype=np.int64)
    branch = holds["branch"].to_numpy(dtype=np.int64)
    order = np.lexsort((sent, branch, case))
    order = order[(sent[order] != MISSING) & (sent[order] <= as_of_us)]
    office, offices = coded(holds["office"])
    return Stays(
        case=case[order],
        branch=branch[order],
        office=office[order],
        start_us=sent[order],
        end_us=_known_by(holds["ended_at"], as_of_us)[order],
        accepted_us=_known_by(holds["accepted_at"], as_of_us)[order],
        started_us=_known_by(holds["started_at"], as_of_us)[order],
        visit_starts=starts_of_runs(case[order], branch[order], office[order]),
        offices=offices,
    )


def stays_from_segments(segments: Segments, tails: Tails, open_cases: Ints) -> Stays:
    """Maximal runs of segments at one office; a tail of a case in ``open_cases`` is a stay that has not ended.

    The last event of a closed case ends its last stay, so a case of one event has a stay of length zero.
    """
    still_open = np.isin(tails.case, open_cases)
    case = np.concatenate((segments.case, tails.case))
    branch = np.concatenate((segments.branch, tails.branch))
    office = np.concatenate((segments.from_office, tails.office))
    start = np.concatenate((segments.start_us, tails.since_us))
    end = np.concatenate((segments.end_us, np.where(still_open, MISSING, tails.since_us)))
    is_tail = np.arange(len(case)) >= len(segments)
    order = np.lexsort((is_tail, start, branch, case))
    case, branch, office, start, end = (column[order] for column in (case, branch, office, start, end))
    first = starts_of_runs(case, branch, office)
    last = np.roll(first, -1)
    nothing = np.full(int(first.sum()), MISSING, dtype=np.int64)
    return Stays(
        case=case[first],
        branch=branch[first],
        office=office[first],
        start_us=start[first],
        end_us=end[last],
        accepted_us=nothing,
        started_us=nothing,
        visit_starts=np.ones(len(nothing), dtype=np.bool_),
        offices=segments.offices,
    )


def _known_by(times: pd.Series, as_of_us: int) -> Ints:
    at_us = microseconds(times)
    return np.where(at_us > as_of_us, MISSING, at_us)
