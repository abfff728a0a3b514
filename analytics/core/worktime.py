"""Working time between many pairs of moments at once.

A calendar is worked out once into opening intervals; the working time before a moment is then one search, and the time
between two moments a difference. Whole microseconds, so the answer is exactly the one of the calendar's own slow count.
The calendar itself (slots, holidays, closures, daylight saving) is not repeated here: whatever knows its opening slots
of a local day will do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final, Protocol

import numpy as np

from analytics.core.frames import MISSING, FrameError, Ints, instant, moment

ONE_DAY: Final = timedelta(days=1)


class Opening(Protocol):
    """What opens and closes: ``requests_app.calendars.Calendar`` is one."""

    def open_slots(self, day: date) -> list[tuple[datetime, datetime]]:
        """Return the opening slots of a local day as aware intervals, in order, none touching the one before it."""

    def local_day(self, moment: datetime) -> date:
        """Return the local date of an aware moment."""


@dataclass(frozen=True, slots=True, eq=False)
class WorkClock:
    """Opening intervals between ``from_us`` and ``until_us``, ascending and apart. Microseconds since 1970 UTC."""

    opens_us: Ints
    closes_us: Ints
    before_us: Ints
    """Working time from ``from_us`` to each opening."""
    from_us: int
    until_us: int

    def elapsed_us(self, at_us: Ints) -> Ints:
        """Working time from ``from_us`` to each moment. FrameError for a moment outside what was worked out."""
        if len(at_us) and (int(at_us.min()) < self.from_us or int(at_us.max()) > self.until_us):
            raise FrameError(
                f"A moment lies outside the working time that was worked out ({moment(self.from_us)} to "
                f"{moment(self.until_us)}); make the clock from the first to the last moment."
            )
        if not len(self.opens_us):
            return np.zeros(len(at_us), dtype=np.int64)
        slot = np.maximum(np.searchsorted(self.opens_us, at_us, side="right") - 1, 0)
        opens = self.opens_us[slot]
        into = np.clip(at_us - opens, 0, self.closes_us[slot] - opens)
        return np.asarray(self.before_us[slot] + into, dtype=np.int64)

    def between_us(self, start_us: Ints, end_us: Ints) -> Ints:
        """Working time between two moments, row by row; 0 when the end is not after the start.

        ``MISSING`` where either moment is missing.
        """
        missing = (start_us == MISSING) | (end_us == MISSING)
        if not missing.any():
            return (self.elapsed_us(end_us) - self.elapsed_us(start_us)).clip(0)
        answer = np.full(len(start_us), MISSING, dtype=np.int64)
        answer[~missing] = self.between_us(start_us[~missing], end_us[~missing])
        return answer

    def after_us(self, at_us: Ints, amount_us: Ints) -> Ints:
        """Return the moment when so much working time has passed since each; ``until_us`` where it is not by then."""
        wanted = self.elapsed_us(at_us) + amount_us
        whole = int((self.closes_us - self.opens_us).sum())
        if not whole:
            return np.full(len(at_us), self.until_us, dtype=np.int64)
        slot = np.maximum(np.searchsorted(self.before_us, wanted, side="left") - 1, 0)
        found = np.maximum(self.opens_us[slot] + wanted - self.before_us[slot], at_us)
        return np.where(wanted > whole, self.until_us, np.where(amount_us <= 0, at_us, found))


def work_clock(editions: Sequence[tuple[int, Opening]], from_us: int, until_us: int) -> WorkClock:
    """Work out a calendar from ``from_us`` to ``until_us``, both included.

    ``editions`` are (valid from, calendar), ascending: opening hours may have changed. The first must hold at
    ``from_us`` already.
    """
    if not editions or editions[0][0] > from_us:
        raise FrameError("No calendar is valid at the first moment; give the one that held then.")
    bounds = [max(valid, from_us) for valid, _ in editions] + [max(until_us, from_us)]
    spans = [
        _spans(calendar, begins, min(ends, until_us))
        for (_, calendar), (begins, ends) in zip(editions, pairwise(bounds), strict=True)
        if begins < min(ends, until_us)
    ]
    slots = np.concatenate([*spans, np.zeros((0, 2), dtype=np.int64)])
    lengths = slots[:, 1] - slots[:, 0]
    return WorkClock(slots[:, 0].copy(), slots[:, 1].copy(), np.cumsum(lengths) - lengths, from_us, until_us)


def between_us(clocks: Sequence[WorkClock], which: Ints, start_us: Ints, end_us: Ints) -> Ints:
    """Do the same where each row counts by its own clock: ``which`` (n,) is its place in ``clocks``."""
    answer = np.full(len(which), MISSING, dtype=np.int64)
    for place, clock in enumerate(clocks):
        rows = np.flatnonzero(which == place)
        answer[rows] = clock.between_us(start_us[rows], end_us[rows])
    return answer


def _spans(calendar: Opening, from_us: int, until_us: int) -> Ints:
    """Opening intervals within two moments, shape (slots, 2)."""
    day, last = calendar.local_day(moment(from_us)), calendar.local_day(moment(until_us))
    spans = []
    while day <= last:
        spans += [(instant(opens), instant(closes)) for opens, closes in calendar.open_slots(day)]
        day += ONE_DAY
    slots = np.array(spans, dtype=np.int64).reshape(-1, 2).clip(from_us, until_us)
    return np.asarray(slots[slots[:, 1] > slots[:, 0]], dtype=np.int64)
