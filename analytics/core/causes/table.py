"""Causes of waiting added up: what each cause cost, and what would be gained if it went away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.core.causes.waiting import CAUSES, Causes, Work
from analytics.core.frames import MISSING, Ints
from analytics.core.quantiles import grouped_totals


@dataclass(frozen=True, slots=True)
class Explained:
    """One group of work. Whole microseconds, so the parts are exactly the wait."""

    group: str
    n: int
    no_arrival: int
    """Of these, work whose arrival was not recorded: nothing is known of its wait."""
    us: tuple[int, ...]
    """In the order of ``CAUSES``."""
    service_us: int
    """From start to finish, of the work whose start and finish are both recorded."""

    @property
    def wait_us(self) -> int:
        return sum(self.us)

    def share(self, cause: str) -> float:
        """Return the part of the wait under ``cause``, 0 … 1; of no wait at all, 0."""
        return self.us[CAUSES.index(cause)] / self.wait_us if self.wait_us else 0.0

    def efficiency_without(self, cause: str | None = None) -> float | None:
        """Return service / (service + wait), as it would be if the waits under ``cause`` had not been."""
        wait = self.wait_us - (self.us[CAUSES.index(cause)] if cause else 0)
        return self.service_us / (self.service_us + wait) if self.service_us + wait else None


def explained(work: Work, causes: Causes, groups: Ints, labels: Sequence[str]) -> tuple[Explained, ...]:
    """One row per group that has work, the longest wait first; ``groups`` (n,) are places in ``labels``."""
    count = len(labels)
    known = (work.started_us != MISSING) & (work.finished_us != MISSING)
    service = grouped_totals((work.finished_us - work.started_us)[known], groups[known], count)
    parts = np.column_stack([grouped_totals(causes.us[:, k], groups, count) for k in range(len(CAUSES))])
    n = np.bincount(groups, minlength=count)
    unknown = np.bincount(groups[~causes.measured], minlength=count)
    rows = [
        Explained(label, int(n[code]), int(unknown[code]), tuple(parts[code].tolist()), int(service[code]))
        for code, label in enumerate(labels)
        if n[code]
    ]
    return tuple(sorted(rows, key=lambda row: (-row.wait_us, row.group)))
