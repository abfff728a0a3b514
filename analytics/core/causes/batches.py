"""Batches: work that was let pile up and then done together.

Three pieces or more of one resource that were finished within five minutes of one another (each of the one before), and
all of which had arrived before any was begun. Without the second half a busy clerk with short jobs would look like one
endless batch (Martin, Pufahl and Mannhardt 2021 call it the accumulation of a batch).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analytics.core.frames import MISSING, Flags, Ints


@dataclass(frozen=True, slots=True)
class BatchRule:
    """What counts as a batch."""

    least: int = 3
    gap_us: int = 300_000_000


def batch_of(resource: Ints, arrived: Ints, started: Ints, finished: Ints, rule: BatchRule) -> Ints:
    """Columns (n,) → the number of each row's batch, −1 for none; none where a time or the resource is missing."""
    batch = np.full(len(resource), -1, dtype=np.int64)
    known = np.flatnonzero((resource >= 0) & (arrived != MISSING) & (started != MISSING) & (finished != MISSING))
    rows = known[np.lexsort((finished[known], resource[known]))]
    new = _new_runs(resource[rows], finished[rows], rule)
    sizes = np.diff(np.append(np.flatnonzero(new), len(rows)))
    long = np.repeat(sizes >= rule.least, sizes)
    rows, new = rows[long], new[long]
    piled = np.cumsum(np.fromiter(_piles(arrived[rows], started[rows], new), dtype=np.bool_, count=len(rows))) - 1
    enough = np.bincount(piled)[piled] >= rule.least if len(rows) else new
    batch[rows[enough]] = piled[enough]
    return batch


def batch_arrivals(resource: Ints, arrived: Ints, started: Ints, finished: Ints, rule: BatchRule) -> Ints:
    """Return when the last member of each row's batch arrived, its own arrival where it is in none. Shape (n,)."""
    batch = batch_of(resource, arrived, started, finished, rule)
    member = batch >= 0
    if not member.any():
        return arrived
    last = np.full(int(batch.max()) + 1, MISSING, dtype=np.int64)
    np.maximum.at(last, batch[member], arrived[member])
    answer = arrived.copy()
    answer[member] = last[batch[member]]
    return answer


def _new_runs(resource: Ints, finished: Ints, rule: BatchRule) -> Flags:
    new = np.ones(len(resource), dtype=np.bool_)
    new[1:] = (resource[1:] != resource[:-1]) | (finished[1:] - finished[:-1] > rule.gap_us)
    return new


def _piles(arrived: Ints, started: Ints, new: Flags) -> Iterator[bool]:
    """Tell for each row whether a new pile begins: a new run, or something the pile so far cannot have waited for."""
    latest = earliest = 0
    for came, began, fresh in zip(arrived.tolist(), started.tolist(), new.tolist(), strict=True):
        joined = not fresh and max(latest, came) <= min(earliest, began)
        latest, earliest = (max(latest, came), min(earliest, began)) if joined else (came, began)
        yield not joined
