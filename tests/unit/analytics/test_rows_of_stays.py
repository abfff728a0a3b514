"""From the holds of a small town to waits, ages and causes: the whole way a page will go, worked by hand."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from analytics.core.ageing import ageing, kinds
from analytics.core.barriers.baseline import by_target
from analytics.core.barriers.of_stays import WEEK_US, held_us, waits_of, work_of
from analytics.core.barriers.ranking import rank_barriers
from analytics.core.causes.waiting import CAUSES, waiting_causes
from analytics.core.selection import of_cases
from analytics.core.stays import stays_from_holds
from analytics.core.worktime import work_clock
from tests.unit.analytics.frames_for_tests import ORIGIN, cases_frame, holds_frame

HOUR, DAY = 3_600_000_000, 86_400_000_000
AS_OF = ORIGIN + 10 * DAY


def hold(case, office, sent, accepted, started, ended):
    days = {"sent": sent, "accepted": accepted, "started": started, "ended": ended}
    return {"case": case, "branch": 0, "office": office} | {
        name: None if at is None else int(at * DAY) for name, at in days.items()
    }


HOLDS = [
    hold(1, "desk", 0, 0, 0, 2),
    hold(2, "desk", 0, 1, 3, 5),
    hold(3, "desk", 4, 4, None, None),
    hold(1, "council", 2, None, None, 9),
]
CASES = cases_frame(
    [
        (3, "noise", "north", 4, None, "unknown"),
        (1, "trees", "north", 0, 9, "resolved"),
        (2, "noise", "east", 0, 5, "resolved"),
    ]
)


class Mornings:
    """Twelve hours from midnight on, every day."""

    def open_slots(self, day):
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return [(start, start + timedelta(hours=12))]

    def local_day(self, moment):
        return moment.date()


@pytest.fixture
def stays():
    return stays_from_holds(holds_frame(HOLDS), AS_OF)


def test_waits_last_calendar_time_or_the_working_time_of_their_office(stays):
    assert (held_us(stays, AS_OF) // DAY).tolist() == [2, 7, 5, 6]
    clock = work_clock([(ORIGIN, Mornings())], ORIGIN, AS_OF)
    working = held_us(stays, AS_OF, [clock], np.zeros(2, dtype=np.int64))
    assert (working // HOUR).tolist() == [24, 84, 60, 72]
    assert Mornings().local_day(datetime(2024, 1, 1, tzinfo=UTC)) == date(2024, 1, 1)


def test_each_wait_has_the_service_of_its_case_whatever_the_order_of_cases(stays):
    service, labels = of_cases(stays.case, CASES, "service")
    assert [labels[code] for code in service] == ["trees", "trees", "noise", "noise"]


def test_time_above_a_target_of_three_days(stays):
    waits = waits_of(stays, held_us(stays, AS_OF), *of_cases(stays.case, CASES, "service"))
    target = np.full(4, 3 * DAY, dtype=np.int64)
    rows = {row.group: row for row in rank_barriers(waits, lambda _waits: by_target(target)).barriers}
    assert {name: row.excess_us // DAY for name, row in rows.items()} == {"desk": 2 + 3, "council": 4}
    assert (rows["desk"].n, rows["desk"].open, rows["desk"].rank) == (3, 1, None)
    assert len(set((waits.block - ORIGIN // WEEK_US).tolist())) <= 2


def test_causes_of_the_waits_of_the_desk(stays):
    """Case 2 waited from day 1 to 3: a day for case 1, a day for nothing. Case 3 waits since day 4."""
    found = waiting_causes(work_of(stays), AS_OF)
    days = [{cause: int(us) // DAY for cause, us in zip(CAUSES, row, strict=True) if us} for row in found.us]
    assert days == [{}, {}, {"contention": 1, "extraneous": 1}, {"contention": 1, "extraneous": 5}]
    assert found.measured.tolist() == [True, False, True, True]


def test_the_open_case_is_among_its_kind_itself(stays):
    """It is older than both that have ended, and one of three: ⅔ are estimated to end by its age."""
    lengths = held_us(stays, AS_OF)
    office = kinds("office", stays.office, lengths, ~stays.open, 2)
    ours = ageing(np.flatnonzero(stays.open), lengths, (office,), least=2)
    assert ours.older_than.tolist() == pytest.approx([2 / 3])
    assert (ours.of.tolist(), ours.band.tolist()) == ([2], [1])
