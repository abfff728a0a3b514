"""Working days between two days, against a count on the fingers."""

import random
from datetime import date, timedelta

import numpy as np
import pytest

from analytics.core.workdays import working_days
from requests_app.calendars import WEEKDAYS_9_TO_5, Calendar

ONTARIO = Calendar("America/Toronto", WEEKDAYS_9_TO_5, frozenset({date(2026, 12, 28)}), "ON")


def days(*ones: date) -> np.ndarray:
    return np.array([one.toordinal() for one in ones], dtype=np.int64)


@pytest.mark.parametrize(
    ("came", "done", "took"),
    [
        (date(2026, 3, 2), date(2026, 3, 2), 0),
        (date(2026, 3, 2), date(2026, 3, 6), 4),
        (date(2026, 3, 6), date(2026, 3, 9), 1),  # Friday to Monday
        (date(2026, 3, 7), date(2026, 3, 8), 0),  # a weekend
        (date(2026, 4, 2), date(2026, 4, 6), 1),  # over Good Friday; Easter Monday is worked
        (date(2026, 12, 24), date(2026, 12, 29), 1),  # Christmas, a weekend and a closure
        (date(2026, 3, 6), date(2026, 3, 2), 0),
    ],
)
def test_a_day_off_is_no_working_day(came: date, done: date, took: int) -> None:
    assert working_days(ONTARIO, days(came), days(done)).tolist() == [took]


def test_many_days_at_once_are_each_what_a_count_gives() -> None:
    drawn = random.Random(7)
    first = [date(2026, 1, 1) + timedelta(days=drawn.randrange(365)) for _ in range(200)]
    last = [day + timedelta(days=drawn.randrange(60)) for day in first]
    counted = [
        sum(bool(ONTARIO.open_slots(a + timedelta(days=n))) for n in range(1, (b - a).days + 1))
        for a, b in zip(first, last, strict=True)
    ]
    assert working_days(ONTARIO, days(*first), days(*last)).tolist() == counted
    assert len(working_days(ONTARIO, days(), days())) == 0
