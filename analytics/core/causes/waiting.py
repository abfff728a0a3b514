"""Every microsecond of waiting, from arrival to start, under exactly one cause.

The definitions of Lashkevich, Milani, Chapela-Campa, Suvorau and Dumas ("Why am I waiting?", 2023: Kronos), for one
resource that serves many pieces of work. Each moment of a wait belongs to the first of these that fits:

``batching``        until the last member of its batch had arrived: it would have been begun no earlier than that
``contention``      the resource was busy with something that had arrived before (c such things, if it does c together)
``prioritisation``  the resource was busy (with c things), but not only with such
``unavailability``  the resource was not working (outside its calendar)
``extraneous``      none of these: nobody was working on anything, and it was opening time

Where the resource, the arrival or the start is not recorded the causes cannot be known; that time is
``not identifiable`` and never shared out among the others. All six add up to the wait, to the microsecond.
O(n log n), without a loop over rows except within batches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from analytics.core.causes.batches import BatchRule, batch_arrivals
from analytics.core.causes.timeline import Timeline, timeline
from analytics.core.frames import MISSING, Flags, FrameError, Ints
from analytics.core.worktime import WorkClock

CAUSES: Final = ("batching", "contention", "prioritisation", "unavailability", "extraneous", "not_identifiable")
AT_ONCE: Final = 1 << 16
"""Rows that are explained together, except where one resource has more."""


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """One row per piece of work at a resource (a hold at an office). Columns (n,), times in microseconds UTC."""

    resource: Ints
    """Code of who does it; −1 where it was not recorded."""
    arrived_us: Ints
    started_us: Ints
    """``MISSING``: not yet, or not recorded."""
    finished_us: Ints
    """``MISSING``: not yet."""

    def __len__(self) -> int:
        return len(self.resource)

    def at(self, rows: Ints | Flags) -> Work:
        """Return some of the rows."""
        return Work(self.resource[rows], self.arrived_us[rows], self.started_us[rows], self.finished_us[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Staffing:
    """When each resource works, ``clocks[of[r]]`` (no clocks: always), and how much it can do together."""

    clocks: Sequence[WorkClock] = ()
    of: Ints | None = None
    at_once: Ints | None = None
    """Pieces of work resource r can have in progress, 1 or more; one each if not given. A person has one; for an office
    of several see ``seen_at_once``."""


@dataclass(frozen=True, slots=True, eq=False)
class Causes:
    """One row per piece of work, microseconds under each cause, shape (n, 6) in the order of ``CAUSES``."""

    us: Ints
    measured: Flags
    """False where the arrival was not recorded: there is no wait to explain, and the row is all zero."""

    @property
    def wait_us(self) -> Ints:
        """Arrival to start, to the end where no start was recorded, to the observation end while it waits."""
        return np.asarray(self.us.sum(axis=1), dtype=np.int64)


ALONE: Final = Staffing()
NO_RULE: Final = BatchRule()


def waiting_causes(work: Work, as_of_us: int, staffing: Staffing = ALONE, rule: BatchRule = NO_RULE) -> Causes:
    """Explain the wait of each piece of work. FrameError for times that run backwards: quarantine those first."""
    work = _as_it_stood(work, as_of_us)
    until = _end_of_wait(work, as_of_us)
    measured = work.arrived_us != MISSING
    wait = np.where(measured, until - work.arrived_us, 0)
    if bool((wait < 0).any()) or bool(((work.finished_us != MISSING) & (work.finished_us < work.started_us)).any()):
        raise FrameError("Some work began or ended before it arrived; leave those rows out and count them.")
    told = measured & (work.resource >= 0) & ((work.started_us != MISSING) | (work.finished_us == MISSING))
    us = np.zeros((len(work), len(CAUSES)), dtype=np.int64)
    us[~told, -1] = wait[~told]
    for rows in _some_resources(work.resource, np.flatnonzero(told)):
        us[rows, :-1] = _explained(work.at(rows), until[rows], as_of_us, staffing, rule)
    return Causes(us, measured)


def _some_resources(resource: Ints, rows: Ints) -> Iterator[Ints]:
    """Split rows so that each resource is whole in one part, parts small enough to stay in the processor's cache."""
    ordered = rows[np.argsort(resource[rows], kind="stable")]
    ends = np.append(np.flatnonzero(np.diff(resource[ordered])) + 1, len(ordered))
    begin = 0
    for end, following in pairwise([*ends.tolist(), None]):
        if end > begin and (following is None or following - begin > AT_ONCE):
            yield ordered[begin:end]
            begin = end


def _as_it_stood(work: Work, as_of_us: int) -> Work:
    """What happened later was not known yet."""
    started, finished = (np.where(times > as_of_us, MISSING, times) for times in (work.started_us, work.finished_us))
    arrived = np.where(work.arrived_us > as_of_us, MISSING, work.arrived_us)
    return replace(work, arrived_us=arrived, started_us=started, finished_us=finished)


def _end_of_wait(work: Work, as_of_us: int) -> Ints:
    ended = np.where(work.finished_us == MISSING, as_of_us, work.finished_us)
    return np.where(work.started_us == MISSING, ended, work.started_us)


def _explained(work: Work, until: Ints, as_of_us: int, staffing: Staffing, rule: BatchRule) -> Ints:
    """Return the five causes of rows whose resource, arrival and end of wait are known, shape (n, 5)."""
    begins = np.clip(batch_arrivals(*_columns(work), rule), work.arrived_us, until)
    busy = np.flatnonzero(work.started_us != MISSING)
    ends = np.where(work.finished_us == MISSING, as_of_us, work.finished_us)[busy]
    line = timeline(
        work.resource, (begins, until), (busy, work.started_us[busy], ends), _arrival_ranks(work), staffing.at_once
    )
    return np.column_stack((begins - work.arrived_us, *_shared_out(line, work, staffing)))


def _columns(work: Work) -> tuple[Ints, Ints, Ints, Ints]:
    return work.resource, work.arrived_us, work.started_us, work.finished_us


def _arrival_ranks(work: Work) -> Ints:
    """Number the work of each resource in the order of arrival, from 0; at equal times in the order of the rows."""
    order = np.lexsort((work.arrived_us, work.resource))
    starts = np.flatnonzero(np.diff(work.resource[order], prepend=-1))
    ranks = np.empty(len(work), dtype=np.int64)
    ranks[order] = np.arange(len(work)) - np.repeat(starts, np.diff(np.append(starts, len(work))))
    return ranks


def _shared_out(line: Timeline, work: Work, staffing: Staffing) -> tuple[Ints, Ints, Ints, Ints]:
    busy, earlier = line.busy_within()
    idle = line.window_us() - busy
    open_us = line.within(np.where(line.idle, line.slot_open_us(staffing.clocks, staffing.of), 0))
    return earlier, busy - earlier, idle - open_us, open_us
