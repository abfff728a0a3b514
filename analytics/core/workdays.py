"""Whole working days between two days: what people count on their fingers.

A request that comes on Monday and is finished on Friday took 4 working days; one finished on the day it came, 0. Days
on which the calendar never opens (weekends, holidays, closures) are not counted.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from analytics.core.frames import Ints
from analytics.core.worktime import Opening


def working_days(calendar: Opening, first: Ints, last: Ints) -> Ints:
    """Days (n,) as ordinals (1 = 1 January of the year 1) → how many open days come after ``first``, up to ``last``.

    0 when ``last`` is not after ``first``. The calendar is asked once a day of the whole span.
    """
    if not len(first):
        return np.zeros(0, dtype=np.int64)
    begin, end = int(first.min()), int(max(first.max(), last.max()))
    start = date.fromordinal(begin)
    opens = [bool(calendar.open_slots(start + timedelta(days=n))) for n in range(end - begin + 1)]
    upto = np.cumsum(np.array(opens, dtype=np.int64))
    later = np.maximum(last, first)
    return np.asarray(upto[later - begin] - upto[first - begin], dtype=np.int64)
