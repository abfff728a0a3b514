"""Where the time of passes goes: before anybody accepted, in the queue, in hand, or begun nobody knows when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.core.barriers.clock import Days
from analytics.core.barriers.passes import Passes
from analytics.core.frames import MISSING, Ints
from analytics.core.quantiles import grouped_totals

PARTS = ("transfer", "queue", "service", "unknown")


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Microseconds of each group, shape (groups, 4) in the order of ``PARTS``."""

    us: Ints

    def shares(self, group: int) -> tuple[float, ...]:
        """Return the shares of one group, 0 … 1; all 0 when there is no time."""
        whole = int(self.us[group].sum())
        return tuple(float(part) / whole if whole else 0.0 for part in self.us[group].tolist())


def parts_of(passes: Passes, group: Ints, count: int, days: Days, as_of_us: int) -> Parts:
    """Add up the time before acceptance, to the start of work and to the end, so far for passes that go on.

    A hold that ended without a start was worked on at a time nobody recorded: from its acceptance on it is unknown.
    """
    start, end = passes.start_us, passes.ends_us(as_of_us)
    accepted = np.where(passes.accepted_us == MISSING, end, passes.accepted_us.clip(start, end))
    begun = np.where(passes.started_us == MISSING, end, np.maximum(passes.started_us, accepted).clip(start, end))
    silent = (passes.started_us == MISSING) & passes.ended
    lengths = [days.between_us(passes.office, a, b) for a, b in ((start, accepted), (accepted, begun), (begun, end))]
    columns = (lengths[0], np.where(silent, 0, lengths[1]), lengths[2], np.where(silent, lengths[1], 0))
    return Parts(np.column_stack([grouped_totals(column, group, count) for column in columns]))
