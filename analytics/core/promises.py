"""Promises kept: what closed by its due time, and what did not.

The due time is given (it was counted in working or calendar time when it was promised). Where it changed later, the
caller asks twice: once with the first due time and once with the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from analytics.core.frames import MISSING, Ints
from analytics.core.quantiles import Spread, spreads
from analytics.core.shares import Share, share


class Standing(IntEnum):
    """How one case stands to its promise at the observation end."""

    KEPT = 0
    """Closed at the due time or before."""
    LATE = 1
    """Closed after it."""
    OVERDUE = 2
    """Open, and the due time has passed: late already, however it ends."""
    UNDECIDED = 3
    """Open and not due: neither kept nor broken."""
    NO_PROMISE = 4
    """Nothing was promised, or it was not recorded."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One group of cases."""

    group: str
    kept: Share
    """Kept over kept, late and overdue: cases that are undecided or without a promise are in neither number."""
    late: int
    overdue: int
    undecided: int
    no_promise: int
    lateness: Spread
    """How late the late and overdue ones are, up to the observation end. Microseconds of the clock of the times."""


def counted_until(closed_us: Ints, as_of_us: int, paused_us: Ints | None = None) -> Ints:
    """Up to when each promise (n,) is held against its due time: the closing, else the observation end.

    An open case that waits for the citizen since ``paused_us`` (``MISSING``: it does not) stands as it did then.
    """
    closed = (closed_us != MISSING) & (closed_us <= as_of_us)
    still = np.full(len(closed_us), as_of_us, dtype=np.int64)
    if paused_us is not None:
        still = np.where(paused_us != MISSING, np.minimum(paused_us, as_of_us), still)
    return np.where(closed, closed_us, still)


def standings(closed_us: Ints, due_us: Ints, as_of_us: int, paused_us: Ints | None = None) -> Ints:
    """Closing and due times (n,), ``MISSING`` where there is none → a ``Standing`` each.

    What closed after ``as_of_us`` was open then.
    """
    closed = (closed_us != MISSING) & (closed_us <= as_of_us)
    late = counted_until(closed_us, as_of_us, paused_us) > due_us
    standing = np.where(
        closed, np.where(late, Standing.LATE, Standing.KEPT), np.where(late, Standing.OVERDUE, Standing.UNDECIDED)
    )
    return np.where(due_us == MISSING, Standing.NO_PROMISE, standing).astype(np.int64)


def promises_kept(
    closed_us: Ints,
    due_us: Ints,
    as_of_us: int,
    groups: Ints,
    labels: Sequence[str],
    paused_us: Ints | None = None,
) -> tuple[Kept, ...]:
    """One ``Kept`` per group that has a case, in the order of ``labels``."""
    count = len(labels)
    standing = standings(closed_us, due_us, as_of_us, paused_us)
    table = np.bincount(groups * len(Standing) + standing, minlength=count * len(Standing)).reshape(count, -1)
    broken = (standing == Standing.LATE) | (standing == Standing.OVERDUE)
    until = counted_until(closed_us, as_of_us, paused_us)
    lateness = spreads((until[broken] - due_us[broken]), groups[broken], count)
    return tuple(
        _kept(label, [int(n) for n in row], late)
        for label, row, late in zip(labels, table, lateness, strict=True)
        if row.sum()
    )


def _kept(label: str, counts: Sequence[int], lateness: Spread) -> Kept:
    kept, late, overdue, undecided, without = counts
    return Kept(label, share(kept, kept + late + overdue), late, overdue, undecided, without, lateness)
