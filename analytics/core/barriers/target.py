"""A step’s own target as the baseline of its passes.

The target is one for the whole time in the step, whichever offices shared it: the first pass uses it up, the next has
what is left, so what lies above it adds up to the time the step took beyond its target and stands with whoever had the
case then. Time in which the case waited for the citizen does not count, as it does not in the promise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.core.barriers.clock import Days
from analytics.core.barriers.passes import Passes
from analytics.core.frames import MISSING, Flags, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """Of each pass (n,): the target of its step, ``MISSING`` for none, and whether it is in working time."""

    us: Ints
    working: Flags


def target_us(passes: Passes, targets: Targets, pauses: pd.DataFrame, days: Days, as_of_us: int) -> Ints:
    """Return how long each pass may last by the clock of the view (n,), ``MISSING`` where its step has no target."""
    ends = passes.ends_us(as_of_us)
    paused = _paused(passes, ends, pauses, days, as_of_us)
    used = np.where(targets.working, days.worked_us(passes.office, passes.start_us, ends), ends - passes.start_us)
    used = (used - np.where(targets.working, paused.worked_us, paused.calendar_us)).clip(0)
    left = (np.where(targets.us == MISSING, 0, targets.us) - _before(used, passes.runs)).clip(0)
    allowed = _by_the_clock(passes, left, targets.working, days, as_of_us) + paused.of(days, passes.office)
    return np.where(targets.us == MISSING, MISSING, allowed)


def _before(used: Ints, runs: Ints) -> Ints:
    """Sum of ``used`` over the earlier rows of the same run."""
    total = np.cumsum(used) - used
    first = np.flatnonzero(np.diff(runs, prepend=-1))
    return total - total[first][runs] if len(runs) else total


def _by_the_clock(passes: Passes, left: Ints, working: Flags, days: Days, as_of_us: int) -> Ints:
    """Turn what is left of a target, in its own time, into the time of the view."""
    office, start = passes.office, passes.start_us
    if days.working:
        until = np.minimum(start + left, as_of_us)
        return np.where(working, days.in_days(office, left), days.between_us(office, start, until))
    return np.where(working, days.after_us(office, start, np.where(working, left, 0)) - start, left)


@dataclass(frozen=True, slots=True, eq=False)
class _Paused:
    """Time of each pass (n,) in which the case waited for the citizen."""

    calendar_us: Ints
    worked_us: Ints

    def of(self, days: Days, office: Ints) -> Ints:
        """Return it by the clock of the view."""
        return days.in_days(office, self.worked_us) if days.working else self.calendar_us


def _paused(passes: Passes, ends: Ints, pauses: pd.DataFrame, days: Days, as_of_us: int) -> _Paused:
    rows = pd.DataFrame({"case": passes.case, "row": np.arange(len(passes))})
    met = rows.merge(pauses, on="case")
    row = met["row"].to_numpy(dtype=np.int64)
    begin, end = (met[name].to_numpy(dtype=np.int64) for name in ("from_us", "to_us"))
    begin = np.maximum(begin, passes.start_us[row])
    end = np.maximum(np.minimum(np.where(end == MISSING, as_of_us, end), ends[row]), begin)
    found = np.zeros((2, len(passes)), dtype=np.int64)
    np.add.at(found[0], row, end - begin)
    np.add.at(found[1], row, days.worked_us(passes.office[row], begin, end))
    return _Paused(found[0], found[1])
