"""From stays to the rows that barriers, ageing and causes of waiting are made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analytics.core.barriers.baseline import Waits
from analytics.core.causes.waiting import Work
from analytics.core.frames import Ints
from analytics.core.stays import Stays
from analytics.core.worktime import WorkClock, between_us

WEEK_US = 7 * 86_400_000_000


def held_us(stays: Stays, as_of_us: int, clocks: Sequence[WorkClock] = (), of: Ints | None = None) -> Ints:
    """How long each stay lasted, so far if it goes on: calendar time, or working time by the office’s own clock.

    ``of`` (offices,) is the place in ``clocks`` of each office’s.
    """
    if of is None or not clocks:
        return stays.held_us(as_of_us)
    return between_us(clocks, of[stays.office], stays.start_us, np.where(stays.open, as_of_us, stays.end_us))


def waits_of(stays: Stays, lengths_us: Ints, mix: Ints, mixes: tuple[str, ...]) -> Waits:
    """One wait a stay, ranked by office; weeks of arrival are drawn together."""
    return Waits(
        group=stays.office,
        mix=mix,
        block=stays.start_us // WEEK_US,
        wait_us=lengths_us,
        ended=~stays.open,
        groups=stays.offices,
        mixes=mixes,
    )


def work_of(stays: Stays) -> Work:
    """One piece of work a stay: the office is the resource, and work arrives when it is accepted.

    An office of several people is busy while any of them is; who it was is not told by a stay.
    """
    return Work(stays.office, stays.accepted_us, stays.started_us, stays.end_us)
