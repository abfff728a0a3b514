"""Flow efficiency: how much of a case's time somebody worked on it.

Only cases whose holds all have a recorded start and end can tell; the others are counted, never taken as zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.core.frames import MISSING, Flags, Floats, Ints
from analytics.core.quantiles import grouped_totals
from analytics.core.stays import Stays, hold_clocks


@dataclass(frozen=True, slots=True)
class FlowEfficiency:
    """One group of closed cases."""

    group: str
    cases: int
    known: int
    """Cases whose every hold has a start and an end."""
    service_us: int
    cycle_us: int
    """Filed to closed, of the known ones."""
    median: float | None
    """Half of the known cases are below."""

    @property
    def value(self) -> float | None:
        """Service over cycle time, all known cases together. Parallel work counts in each branch, so it can pass 1."""
        return self.service_us / self.cycle_us if self.cycle_us else None


def flow_efficiency(
    stays: Stays, case: Ints, cycle_us: Ints, groups: Ints, labels: Sequence[str]
) -> tuple[FlowEfficiency, ...]:
    """Closed cases (n,) with cycle time and group, and the stays of these (others do not matter) → a row per group."""
    service, known = service_of(stays, case)
    known &= cycle_us > 0
    count = len(labels)
    sums = [grouped_totals(values[known], groups[known], count) for values in (service, cycle_us)]
    share = service / np.where(known, cycle_us, 1)
    cases, told = (np.bincount(groups[some], minlength=count) for some in (slice(None), known))
    return tuple(
        FlowEfficiency(
            label,
            int(cases[code]),
            int(told[code]),
            int(sums[0][code]),
            int(sums[1][code]),
            _median(share[known & (groups == code)]),
        )
        for code, label in enumerate(labels)
        if cases[code]
    )


def service_of(stays: Stays, case: Ints) -> tuple[Ints, Flags]:
    """Service time of each case, and whether all of its holds tell theirs; a case without a hold tells nothing."""
    service = hold_clocks(stays).service_us
    found, place = np.unique(stays.case, return_inverse=True)
    total = grouped_totals(np.where(service == MISSING, 0, service), place, len(found))
    told = np.bincount(place[service == MISSING], minlength=len(found)) == 0
    if not len(found):
        return np.zeros(len(case), dtype=np.int64), np.zeros(len(case), dtype=np.bool_)
    at = np.minimum(np.searchsorted(found, case), len(found) - 1)
    there = found[at] == case
    return np.where(there, total[at], 0), np.asarray(there & told[at], dtype=np.bool_)


def _median(shares: Floats) -> float | None:
    return float(np.median(shares)) if len(shares) else None
