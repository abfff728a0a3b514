"""The clock of a view: calendar days, or working days of the office that holds the case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.core.frames import Floats, Ints
from analytics.core.worktime import WorkClock, between_us


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Lengths of time in microseconds of *days*: a working day of an office counts as one day, however long it is."""

    clocks: Sequence[WorkClock]
    of: Ints
    """(offices,) the place in ``clocks`` of each office’s."""
    longer: Floats
    """(offices,) how often a usual working day goes into 24 hours."""
    working: bool

    def between_us(self, office: Ints, start_us: Ints, end_us: Ints) -> Ints:
        """Time between two moments by the clock of the view, 0 when the end is not after the start."""
        if not self.working:
            return np.asarray((end_us - start_us).clip(0), dtype=np.int64)
        return self.in_days(office, self.worked_us(office, start_us, end_us))

    def worked_us(self, office: Ints, start_us: Ints, end_us: Ints) -> Ints:
        """Working time as it is, in hours of the clock on the wall."""
        return between_us(self.clocks, self.of[office], start_us, end_us)

    def in_days(self, office: Ints, worked_us: Ints) -> Ints:
        """Turn working time into days."""
        return np.rint(worked_us * self.longer[office]).astype(np.int64)

    def after_us(self, office: Ints, at_us: Ints, amount_us: Ints) -> Ints:
        """Return the moment when so much working time has passed."""
        answer = at_us.copy()
        for place, clock in enumerate(self.clocks):
            rows = np.flatnonzero(self.of[office] == place)
            answer[rows] = clock.after_us(at_us[rows], amount_us[rows])
        return answer
