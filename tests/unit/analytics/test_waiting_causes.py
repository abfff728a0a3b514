"""Causes of waiting against a question asked of every moment."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.core.causes import waiting
from analytics.core.causes.batches import BatchRule, batch_of
from analytics.core.causes.capacity import seen_at_once
from analytics.core.causes.table import explained
from analytics.core.causes.timeline import NOBODY, covering_minimum, sums_below
from analytics.core.causes.waiting import CAUSES, Staffing, Work, waiting_causes
from analytics.core.frames import MISSING, FrameError
from analytics.core.worktime import work_clock
from tests.unit.analytics import slow_causes as slow

STEP = st.integers(0, 6)
MINUTE = 60_000_000


@st.composite
def pieces(draw):
    """Work of two resources and of nobody known, some of it open, some times not recorded."""
    rows = []
    for _ in range(draw(st.integers(0, 12))):
        arrived = draw(st.integers(0, 20))
        started = arrived + draw(STEP)
        finished = started + draw(STEP)
        row = [draw(st.sampled_from([0, 1, None, 0])), arrived, started, finished]
        for place in draw(st.sets(st.integers(1, 3), max_size=1)):
            row[place] = None
        rows.append(tuple(row))
    return rows


def work_of(rows):
    table = [[-1 if who is None else who, *(MISSING if at is None else at for at in times)] for who, *times in rows]
    return Work(*np.array(table, dtype=np.int64).reshape(-1, 4).T)


class EveryOther:
    """Open in each even moment of the first forty; as a calendar it has one day."""

    def __init__(self, offset):
        self.offset = offset

    def open_slots(self, day):
        if day != date(1970, 1, 1):
            return []
        start = datetime(1970, 1, 1, tzinfo=UTC)
        one = timedelta(microseconds=1)
        return [(start + n * one, start + (n + 1) * one) for n in range(self.offset, 40, 2)]

    def local_day(self, moment):
        return moment.date()


CLOCKS = [work_clock([(0, EveryOther(offset))], 0, 100) for offset in (0, 1)]


PLACES = st.lists(st.integers(1, 3), min_size=2, max_size=2)


@given(pieces(), st.integers(0, 40), st.integers(2, 3), st.integers(0, 2), st.one_of(st.just([1, 1]), PLACES))
@settings(max_examples=500, deadline=None)
def test_every_moment_of_a_wait_has_the_cause_the_reference_gives_it(rows, as_of, least, gap, at_once):
    staffing = Staffing(CLOCKS, np.array([0, 1]), np.array(at_once))
    ours = waiting_causes(work_of(rows), as_of, staffing, BatchRule(least, gap))
    expected = slow.causes(rows, as_of, lambda who, moment: moment % 2 == who, least, gap, at_once)
    assert [dict(zip(CAUSES, row, strict=True)) for row in ours.us.tolist()] == expected


@given(pieces(), st.integers(20, 40))
@settings(max_examples=200, deadline=None)
def test_the_causes_add_up_to_the_wait(rows, as_of):
    ours = waiting_causes(work_of(rows), as_of)
    for parts, (_who, arrived, started, finished) in zip(ours.us, rows, strict=True):
        ends = [at for at in (started, finished, as_of) if at is not None]
        assert parts.sum() == (0 if arrived is None or arrived > as_of else min(ends[0], as_of) - arrived)
        assert (parts >= 0).all()


@given(pieces())
@settings(max_examples=100, deadline=None)
def test_the_order_of_rows_changes_nothing_but_ties(rows):
    rows = [(who, *(None if at is None else at * 100 + n for at in times)) for n, (who, *times) in enumerate(rows)]
    there = waiting_causes(work_of(rows), 5000).us
    back = waiting_causes(work_of(rows[::-1]), 5000).us[::-1]
    assert np.array_equal(there, back)


def test_an_afternoon_worked_by_hand():
    """One clerk, minutes after noon, open 0 to 60. A is begun at once; B waits for A, then for C, which came later."""
    rows = [(0, 0, 0, 20), (0, 10, 50, 55), (0, 15, 20, 45), (0, 58, 70, 75)]
    work = work_of([(who, *(at * MINUTE for at in times)) for who, *times in rows])

    class Afternoon(EveryOther):
        def open_slots(self, day):
            start = datetime(1970, 1, 1, tzinfo=UTC)
            return [(start, start + timedelta(hours=1))]

    clock = work_clock([(0, Afternoon(0))], 0, 100 * MINUTE)
    found = waiting_causes(work, 90 * MINUTE, Staffing([clock], np.array([0]))).us // MINUTE
    assert found.tolist() == [
        [0, 0, 0, 0, 0, 0],
        [0, 10, 25, 0, 5, 0],  # to 20 busy with A, to 45 with C, to 50 with nothing
        [0, 5, 0, 0, 0, 0],
        [0, 0, 0, 10, 2, 0],  # 2 minutes before closing, 10 after it
    ]


def test_a_nightly_batch_waits_for_its_last_member():
    rows = [(0, 0, 100, 101), (0, 40, 101, 102), (0, 90, 102, 103)]
    work = work_of([(who, *(at * MINUTE for at in times)) for who, *times in rows])
    assert batch_of(*[work.resource, work.arrived_us, work.started_us, work.finished_us], BatchRule()).tolist() == [
        0,
        0,
        0,
    ]
    found = waiting_causes(work, 200 * MINUTE).us // MINUTE
    assert found[:, 0].tolist() == [90, 50, 0]


def test_a_busy_clerk_with_short_jobs_is_no_batch():
    rows = [(0, n, n, n + 1) for n in range(20)]
    work = work_of([(who, *(at * MINUTE for at in times)) for who, *times in rows])
    assert set(batch_of(work.resource, work.arrived_us, work.started_us, work.finished_us, BatchRule())) == {-1}


def test_times_that_run_backwards_are_refused():
    with pytest.raises(FrameError, match="before it arrived"):
        waiting_causes(work_of([(0, 5, 3, 8)]), 10)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 5)), max_size=12))
def test_the_least_that_covers_a_place(rows):
    spans = [(min(a, b), max(a, b), value) for a, b, value in rows]
    left, right, values = (np.array([span[k] for span in spans], dtype=np.int64) for k in range(3))
    expected = [min((v for a, b, v in spans if a <= place < b), default=NOBODY) for place in range(10)]
    assert covering_minimum(left, right, values, 10).tolist() == expected


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 9)), max_size=20),
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 22)), max_size=8),
)
def test_sums_below_a_limit(items, asked):
    values, weights = (np.array([item[k] for item in items], dtype=np.int64) for k in range(2))
    edges = [(min(a, b, len(items)), min(max(a, b), len(items)), limit) for a, b, limit in asked]
    begin, end, limits = (np.array([edge[k] for edge in edges], dtype=np.int64) for k in range(3))
    expected = [sum(w for v, w in items[a:b] if v < limit) for a, b, limit in edges]
    assert sums_below(values, weights, (begin, end), limits).tolist() == expected


def drawn_work(n=400, resources=12):
    generator = np.random.default_rng(3)
    arrived = generator.integers(0, 5000, n)
    started = arrived + generator.integers(0, 60, n)
    return Work(generator.integers(-1, resources, n), arrived, started, started + generator.integers(0, 30, n))


def test_resources_explained_apart_or_together_are_the_same(monkeypatch):
    work = drawn_work()
    together = waiting_causes(work, 9000).us
    monkeypatch.setattr(waiting, "AT_ONCE", 40)
    assert np.array_equal(waiting_causes(work, 9000).us, together)


def test_a_table_of_causes_holds_every_microsecond_and_says_what_would_be_gained():
    work = drawn_work()
    causes = waiting_causes(work, 9000)
    table = explained(work, causes, np.arange(400) % 3, ("x", "y", "z"))
    assert sum(row.wait_us for row in table) == int((work.started_us - work.arrived_us).sum())
    first = table[0]
    assert sum(first.share(cause) for cause in CAUSES) == pytest.approx(1)
    assert 0 < first.share("not_identifiable") < 0.2
    gained = first.efficiency_without("contention") - first.efficiency_without()
    assert 0 < gained < 1


@given(pieces(), st.integers(1, 40))
@settings(max_examples=200, deadline=None)
def test_how_many_were_seen_together_is_what_a_count_at_every_moment_gives(rows, as_of):
    ours = seen_at_once(work_of(rows), 2, as_of)
    for resource in (0, 1):
        counts = [
            sum(
                who == resource and started is not None and started <= moment < (as_of if ended is None else ended)
                for who, _arrived, started, ended in rows
            )
            for moment in range(as_of)
        ]
        busy = sorted(count for count in counts if count)
        expected = next((c for n, c in enumerate(busy, start=1) if n * 100 >= 95 * len(busy)), 1)
        assert ours[resource] == expected


def test_an_office_of_two_is_not_full_with_one():
    rows = [(0, 0, 0, 30), (0, 5, 20, 40), (0, 6, 25, 35)]
    work = work_of([(who, *(at * MINUTE for at in times)) for who, *times in rows])
    alone = waiting_causes(work, 90 * MINUTE).us // MINUTE
    two = waiting_causes(work, 90 * MINUTE, Staffing(at_once=np.array([2]))).us // MINUTE
    assert alone[1].tolist() == [0, 15, 0, 0, 0, 0]
    assert two[1].tolist() == [0, 0, 0, 0, 15, 0]
    assert two[2].tolist() == [0, 5, 0, 0, 14, 0]
