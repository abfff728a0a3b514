"""In what order an office takes its work: first come first served or not, one by one or in batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.core.causes.batches import BatchRule, batch_of
from analytics.core.causes.waiting import NO_RULE, Work
from analytics.core.frames import MISSING, Flags


@dataclass(frozen=True, slots=True)
class Discipline:
    """One office, over work that arrived and finished."""

    office: str
    n: int
    overtaken: int
    """Work that something which came later had left before it. 0 of n is first come, first served."""
    batches: int
    batched: int
    """Work that was done in a batch."""

    @property
    def overtaken_share(self) -> float:
        return self.overtaken / self.n if self.n else 0.0


def discipline(work: Work, offices: Sequence[str], rule: BatchRule = NO_RULE) -> tuple[Discipline, ...]:
    """One row per office (``work.resource``) that finished anything, in the order of ``offices``."""
    done = work.at((work.resource >= 0) & (work.arrived_us != MISSING) & (work.finished_us != MISSING))
    count = len(offices)
    batch = batch_of(done.resource, done.arrived_us, done.started_us, done.finished_us, rule)
    n, late, batched = (
        np.bincount(done.resource[some], minlength=count) for some in (slice(None), overtaken(done), batch >= 0)
    )
    first = np.unique(batch[batch >= 0], return_index=True)[1]
    batches = np.bincount(done.resource[batch >= 0][first], minlength=count)
    return tuple(
        Discipline(office, int(n[k]), int(late[k]), int(batches[k]), int(batched[k]))
        for k, office in enumerate(offices)
        if n[k]
    )


def overtaken(work: Work) -> Flags:
    """Mark the work (n,) that something of the same resource which arrived later left before. O(n log n).

    Walked from the last arrival back, keeping the earliest end seen so far. What arrived at the same moment did not
    arrive later.
    """
    answer = np.zeros(len(work), dtype=np.bool_)
    order = np.lexsort((work.arrived_us, work.resource))
    if not len(order):
        return answer
    resource, arrived = work.resource[order], work.arrived_us[order]
    _, finished = np.unique(work.finished_us[order], return_inverse=True)
    keys = resource * (len(order) + 1) + finished  # a lower resource has lower keys, so each begins anew
    earliest = np.minimum.accumulate(keys[::-1])[::-1]
    tied = np.flatnonzero(np.append((resource[1:] != resource[:-1]) | (arrived[1:] != arrived[:-1]), True))
    following = tied[np.searchsorted(tied, np.arange(len(order)))] + 1
    there = following < len(order)
    there[there] = resource[following[there]] == resource[there]
    answer[order[there]] = earliest[following[there]] < keys[there]
    return answer
