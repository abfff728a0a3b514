"""Stays cut at steps, the step’s own target shared by its passes, and the day of an office, against plain loops."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from analytics.core.barriers.clock import Days
from analytics.core.barriers.parts import parts_of
from analytics.core.barriers.passes import NONE, passes_of
from analytics.core.barriers.target import Targets, target_us
from analytics.core.frames import MISSING, instant, moment
from analytics.core.stays import stays_from_holds
from analytics.core.worktime import work_clock
from requests_app.calendars import ALWAYS_OPEN, WEEKDAYS_9_TO_5, Calendar, add_working_time, working_time
from tests.unit.analytics.frames_for_tests import ORIGIN, holds_frame

HOUR, DAY = 3_600_000_000, 86_400_000_000
AS_OF = ORIGIN + 60 * DAY
WEEK = Calendar("America/Toronto", WEEKDAYS_9_TO_5, holiday_subdivision="ON")
CALENDARS = (WEEK, ALWAYS_OPEN)
CLOCKS = [work_clock([(ORIGIN, calendar)], ORIGIN, AS_OF) for calendar in CALENDARS]


def days(working):
    return Days(CLOCKS, np.array([0, 1]), np.array([3.0, 1.0]), working)


def hold(case, office, sent, ended, accepted=None, started=None):
    times = {"sent": sent, "accepted": accepted, "started": started, "ended": ended}
    whole = {name: None if at is None else int(at * DAY) for name, at in times.items()}
    return {"case": case, "branch": 0, "office": office} | whole


def changes(*rows):
    columns = ("case", "branch", "at_us", "step")
    found = [(case, 0, ORIGIN + int(at * DAY), step) for case, at, step in rows]
    return pd.DataFrame(found, columns=columns, dtype=np.int64)


def test_a_stay_is_cut_where_its_step_changes_and_only_there():
    holds = [hold(1, "a", 0, 4), hold(1, "b", 4, None), hold(2, "a", 1, 1)]
    stays = stays_from_holds(holds_frame(holds), AS_OF)
    told = changes((1, 0, 5), (1, 1, 5), (1, 2, 7), (1, 2, 8), (1, 4, 5))
    passes = passes_of(stays, told)
    begins = [(at - ORIGIN) // DAY for at in passes.start_us.tolist()]
    ends = [None if at == MISSING else (at - ORIGIN) // DAY for at in passes.end_us.tolist()]
    rows = list(zip(passes.case.tolist(), begins, ends, passes.step.tolist(), passes.sender.tolist(), strict=True))
    assert rows == [(1, 0, 2, 5, NONE), (1, 2, 4, 8, NONE), (1, 4, None, 5, 0), (2, 1, 1, NONE, NONE)]


@pytest.mark.parametrize("calendar", [0, 1])
def test_the_moment_when_working_time_has_passed_is_the_one_of_the_calendar(calendar):
    chance = random.Random(calendar)
    for _ in range(300):
        start, amount = ORIGIN + chance.randrange(40 * DAY), chance.randrange(1, 30 * HOUR)
        expected = add_working_time(CALENDARS[calendar], moment(start), timedelta(microseconds=amount))
        found = CLOCKS[calendar].after_us(np.array([start]), np.array([amount]))
        assert found.tolist() == [instant(expected)]


def test_what_has_not_passed_by_the_end_ends_there():
    late = np.array([AS_OF - HOUR])
    assert CLOCKS[0].after_us(late, np.array([1000 * HOUR])).tolist() == [AS_OF]
    assert CLOCKS[0].after_us(late, np.array([0])).tolist() == late.tolist()


def slow_excess(rows, target, pauses):
    """Excess of each pass of one step in hours of its offices: whoever has the case when the target is used up."""
    used, answer = 0.0, []
    for office, begin, end in rows:
        spent = working_time(CALENDARS[office], moment(begin), moment(end)) / timedelta(hours=1)
        for a, b in pauses:
            if max(a, begin) < min(b, end):
                waited = working_time(CALENDARS[office], moment(max(a, begin)), moment(min(b, end)))
                spent -= waited / timedelta(hours=1)
        answer.append(max(0.0, used + spent - target) - max(0.0, used - target))
        used += spent
    return answer


def test_where_no_case_was_at_an_office_nothing_is_cut():
    nobody = stays_from_holds(holds_frame([]), AS_OF)
    assert len(passes_of(nobody, changes((1, 0, 0)))) == 0


@pytest.mark.parametrize("seed", range(25))
def test_the_excess_of_all_passes_of_a_step_is_what_the_step_took_beyond_its_target(seed):
    chance = random.Random(seed)
    moments = sorted(chance.sample(range(1, 50 * 24), 6))
    spans = [(chance.randrange(2), ORIGIN + a * HOUR, ORIGIN + b * HOUR) for a, b in pairwise(moments)]
    holds = [hold(1, "ab"[office], (a - ORIGIN) / DAY, (b - ORIGIN) / DAY) for office, a, b in spans]
    pause = sorted(chance.sample(range(1, 50 * 24), 2))
    pauses = [(ORIGIN + pause[0] * HOUR, ORIGIN + pause[1] * HOUR)]
    target = chance.randrange(8, 200)

    stays = stays_from_holds(holds_frame([*holds, hold(2, "a", 0, 1), hold(2, "b", 1, 2)]), AS_OF)
    passes = passes_of(stays, changes((1, 0, 0)))
    wanted = Targets(np.where(passes.case == 1, target * HOUR, MISSING), np.ones(len(passes), dtype=np.bool_))
    frame = pd.DataFrame([(1, *pauses[0])], columns=("case", "from_us", "to_us"), dtype=np.int64)
    clock = days(working=True)
    allowed = target_us(passes, wanted, frame, clock, AS_OF)
    wait = clock.between_us(passes.office, passes.start_us, passes.ends_us(AS_OF))
    found = (wait - allowed).clip(0)[passes.case == 1] / HOUR / np.array([3.0, 1.0])[passes.office[passes.case == 1]]
    assert found.tolist() == pytest.approx(slow_excess(spans, target, pauses), abs=1e-6)
    assert allowed[passes.case == 2].tolist() == [MISSING, MISSING]


def test_a_target_in_working_time_is_held_against_calendar_time_from_the_moment_it_ran_out():
    friday = instant(datetime(2024, 1, 12, 19, 30, tzinfo=UTC))  # two hours before the office closes
    monday = instant(datetime(2024, 1, 15, 15, 30, tzinfo=UTC))  # two hours after it opens
    holds = [hold(1, "a", (friday - ORIGIN) / DAY, (monday + DAY - ORIGIN) / DAY), hold(2, "b", 0, 1)]
    passes = passes_of(stays_from_holds(holds_frame(holds), AS_OF), changes((1, 0, 0)))
    wanted = Targets(np.array([4 * HOUR, MISSING]), np.ones(2, dtype=np.bool_))
    none = pd.DataFrame({"case": [], "from_us": [], "to_us": []}, dtype=np.int64)
    allowed = target_us(passes, wanted, none, days(working=False), AS_OF)
    assert allowed.tolist() == [monday - friday, MISSING]


def test_the_parts_of_the_time_add_up_to_it_and_what_nobody_recorded_is_apart():
    holds = [
        hold(1, "a", 0, 10, 1, 4), hold(2, "a", 0, 10, 3), hold(3, "a", 0, 2), hold(4, "a", 50, None, 55),
        hold(5, "b", 0, None),
    ]  # fmt: skip
    passes = passes_of(stays_from_holds(holds_frame(holds), AS_OF), changes())
    found = parts_of(passes, passes.office, 2, days(working=False), AS_OF).us // DAY
    assert found.tolist() == [[1 + 3 + 2 + 5, 3 + 5, 6, 7], [60, 0, 0, 0]]
