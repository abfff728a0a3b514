"""Round trips, work in progress, efficiency, rework and the order of work, against loops over small histories."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.core.causes.waiting import Work
from analytics.core.discipline import discipline, overtaken
from analytics.core.efficiency import flow_efficiency
from analytics.core.frames import MISSING, FrameError
from analytics.core.handovers import handovers_from_stays, returns
from analytics.core.progress import little, progress
from analytics.core.rework import rework
from analytics.core.stays import hold_clocks, stays_from_holds
from analytics.core.visits import misrouted, round_trips, visits_of
from tests.unit.analytics.frames_for_tests import ORIGIN, events_frame, holds_frame

OFFICES = st.sampled_from(["desk", "council", "treasury"])
LATER = 10_000


@st.composite
def histories(draw):
    holds = []
    for case in range(draw(st.integers(0, 4))):
        clock = draw(st.integers(0, 20))
        for _ in range(draw(st.integers(0, 7))):
            steps = [draw(st.integers(0, 4)) for _ in range(3)]
            accepted = clock + steps[0] if draw(st.booleans()) else None
            started = clock + steps[0] + steps[1] if draw(st.booleans()) else None
            times = {"sent": clock, "accepted": accepted, "started": started, "ended": clock + sum(steps)}
            holds.append({"case": case, "branch": 0, "office": draw(OFFICES), **times})
            clock += sum(steps) + draw(st.integers(1, 2))
        if holds and holds[-1]["case"] == case and draw(st.booleans()):
            holds[-1]["ended"] = None
    return holds


def runs(holds):
    """(case, office, start, end or None, whether work was begun) of each unbroken run at one office."""
    rows = []
    for hold in holds:
        begun = hold["started"] is not None
        if rows and rows[-1][:2] == [hold["case"], hold["office"]]:
            rows[-1][3], rows[-1][4] = hold["ended"], rows[-1][4] or begun
        else:
            rows.append([hold["case"], hold["office"], hold["sent"], hold["ended"], begun])
    return rows


def stays_of(holds):
    return stays_from_holds(holds_frame(holds), ORIGIN + LATER)


@given(histories())
@settings(deadline=None)
def test_visits_are_unbroken_runs_at_one_office(holds):
    visits = visits_of(stays_of(holds))
    ours = [
        [case, visits.offices[office], start - ORIGIN, None if end == MISSING else end - ORIGIN, worked]
        for case, office, start, end, worked in zip(
            visits.case.tolist(), visits.office, visits.start_us, visits.end_us, visits.worked.tolist(), strict=True
        )
    ]
    assert ours == runs(holds)


@given(histories())
@settings(max_examples=200, deadline=None)
def test_a_round_trip_costs_the_time_it_was_away(holds):
    rows, expected = runs(holds), {}
    for before, away, after in zip(rows, rows[1:], rows[2:], strict=False):
        if before[:2] == after[:2] and before[0] == away[0]:
            expected.setdefault((before[1], away[1]), []).append((away[0], away[3] - away[2]))
    stays = stays_of(holds)
    table = round_trips(visits_of(stays))
    assert {(row.home, row.away): (row.away_us.n, row.away_us.total_us, row.cases) for row in table} == {
        pair: (len(out), sum(t for _, t in out), len({c for c, _ in out})) for pair, out in expected.items()
    }
    for row in table:
        both = [c for pair in ((row.home, row.away), (row.away, row.home)) for c, _ in expected.get(pair, [])]
        assert row.ping_pong == sum(both.count(case) >= 2 for case in set(both))
    assert sum(row.away_us.n for row in table) == returns(handovers_from_stays(stays), 4).returned


@given(histories(), st.integers(0, 6))
@settings(deadline=None)
def test_a_visit_was_a_mistake_when_it_was_short_and_nobody_began_work(holds, limit):
    rows = runs(holds)
    wrong = [
        row
        for row, following in pairwise([*rows, [None] * 5])
        if row[3] is not None and following[0] == row[0] and not row[4] and row[3] - row[2] < limit
    ]
    table = misrouted(visits_of(stays_of(holds)), limit)
    assert {row.office: row.misrouted for row in table if row.misrouted} == {
        office: sum(row[1] == office for row in wrong) for office in {row[1] for row in wrong}
    }
    assert sum(row.lost_us for row in table) == sum(row[3] - row[2] for row in wrong)


@given(histories(), st.integers(0, 6))
@settings(deadline=None)
def test_a_visit_that_was_never_accepted_was_a_mistake_however_long(holds, limit):
    rows, accepted = runs(holds), {}
    for hold in holds:
        accepted.setdefault(hold["case"], []).append((hold["sent"], hold["accepted"] is not None))
    wrong = [
        row
        for row, following in pairwise([*rows, [None] * 5])
        if row[3] is not None
        and following[0] == row[0]
        and not row[4]
        and (row[3] - row[2] < limit or not any(a for at, a in accepted[row[0]] if row[2] <= at <= row[3]))
    ]
    table = misrouted(visits_of(stays_of(holds)), limit, accepted_known=True)
    assert sum(row.misrouted for row in table) == len(wrong)
    assert sum(row.lost_us for row in table) == sum(row[3] - row[2] for row in wrong)


STAYS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 30), st.one_of(st.none(), st.integers(0, 12))), max_size=25
)
EDGES = st.lists(st.integers(0, 40), min_size=2, max_size=6, unique=True).map(sorted)


def columns(rows):
    group = np.array([g for g, _, _ in rows], dtype=np.int64)
    start = np.array([s for _, s, _ in rows], dtype=np.int64)
    end = np.array([MISSING if d is None else s + d for _, s, d in rows], dtype=np.int64)
    return group, start, end


@given(STAYS, EDGES)
@settings(max_examples=200, deadline=None)
def test_work_in_progress_is_what_a_count_at_every_moment_gives(rows, edges):
    flows = progress(*columns(rows), np.array(edges), ("a", "b"))
    for code in range(2):
        mine = [(s, math.inf if d is None else s + d) for g, s, d in rows if g == code]
        for period, (begin, end) in enumerate(pairwise(edges)):
            assert flows.came[code, period] == sum(begin <= s < end for s, _ in mine)
            assert flows.left[code, period] == sum(begin <= e < end for _, e in mine)
            assert flows.there[code, period] == sum(s < end <= e for s, e in mine)
            assert flows.time_us[code, period] == sum(s <= t < e for s, e in mine for t in range(begin, end))


def test_edges_must_ascend():
    with pytest.raises(FrameError, match="ascending"):
        progress(*columns([]), np.array([3, 3]), ())


def test_littles_law_holds_where_work_is_steady_and_not_where_a_backlog_is_cleared():
    steady = [(0, n, 10) for n in range(1000)]
    cleared = [(1, n - 5000, 5000) for n in range(0, 1000, 2)] + [(1, n, 10) for n in range(0, 1000, 2)]
    group, start, end = columns(steady + cleared)
    flows = progress(group, start, end, np.array([0, 500, 1000]), ("steady", "cleared"))
    calm, backlog = little(flows, group, start, end)
    assert (calm.mean_there, calm.mean_stay_us, calm.steady) == (pytest.approx(9.955), 10, True)
    assert calm.gap == pytest.approx(abs(9.955 - 10) / 9.955)
    assert (backlog.came, backlog.left, backlog.steady) == (500, 995, False)


@given(histories())
@settings(deadline=None)
def test_efficiency_is_of_the_cases_whose_every_hold_tells(holds):
    cases = sorted({hold["case"] for hold in holds})
    cycle = np.array([50 + case for case in cases], dtype=np.int64)
    (row,) = flow_efficiency(
        stays_of(holds), np.array(cases, dtype=np.int64), cycle, np.zeros(len(cases), dtype=np.int64), ("all",)
    ) or (None,)
    known, service = [], 0
    for case in cases:
        mine = [hold for hold in holds if hold["case"] == case]
        if all(hold["started"] is not None and hold["ended"] is not None for hold in mine):
            known.append(case)
            service += sum(hold["ended"] - hold["started"] for hold in mine)
    if row is None:
        assert cases == []
        return
    assert (row.cases, row.known, row.service_us) == (len(cases), len(known), service)
    assert row.cycle_us == sum(50 + case for case in known)
    assert (row.value is None) == (not known)


def test_a_case_without_a_hold_tells_nothing_of_its_efficiency():
    (row,) = flow_efficiency(stays_of([]), np.array([7]), np.array([5]), np.array([0]), ("all",))
    assert (row.cases, row.known, row.value, row.median) == (1, 0, None, None)


@given(histories())
@settings(deadline=None)
def test_a_clock_of_a_hold_is_known_or_missing(holds):
    clocks = hold_clocks(stays_of(holds))
    for ours, begin, end in (
        (clocks.transfer_us, "sent", "accepted"),
        (clocks.queue_us, "accepted", "started"),
        (clocks.service_us, "started", "ended"),
    ):
        assert ours.tolist() == [
            MISSING if hold[begin] is None or hold[end] is None else hold[end] - hold[begin] for hold in holds
        ]


EVENTS = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 30), st.sampled_from("abc"), OFFICES), max_size=25)


@given(EVENTS)
@settings(deadline=None)
def test_rework_is_every_time_after_the_first(rows):
    table = {
        row.activity: row for row in rework(events_frame([(c, 0, t, n, a, o) for n, (c, t, a, o) in enumerate(rows)]))
    }
    ordered = sorted(enumerate(rows), key=lambda item: (item[1][0], item[1][1], item[0]))
    for activity in "abc":
        pairs, cases, time = [], set(), 0
        for case in {row[0] for row in rows}:
            mine = [row for _, row in ordered if row[0] == case]
            places = [n for n, row in enumerate(mine) if row[2] == activity]
            pairs += [(b - a == 1, mine[a][3] != mine[b][3]) for a, b in pairwise(places)]
            if len(places) > 1:
                cases.add(case)
                time += mine[places[-1]][1] - mine[places[0]][1]
        if not pairs:
            assert activity not in table
            continue
        row = table[activity]
        assert (row.cases, row.repeats, row.time_us) == (len(cases), len(pairs), time)
        assert (row.at_once, row.other_office) == (sum(p[0] for p in pairs), sum(p[1] for p in pairs))


WORK = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 9), st.integers(0, 9)), max_size=25)


@given(WORK)
@settings(max_examples=200, deadline=None)
def test_work_is_overtaken_when_a_later_arrival_leaves_before_it(rows):
    table = np.array([(who, came, came, came + took) for who, came, took in rows], dtype=np.int64).reshape(-1, 4)
    work = Work(*table.T)
    expected = [any(w == who and c > came and c + t < came + took for w, c, t in rows) for who, came, took in rows]
    assert overtaken(work).tolist() == expected
    for row in discipline(work, ("0", "1")):
        assert (row.n, row.overtaken) == tuple(
            sum(values)
            for values in zip(
                *[(1, e) for e, r in zip(expected, rows, strict=True) if r[0] == int(row.office)], strict=True
            )
        )


def test_an_office_that_does_all_at_night_works_in_batches():
    rows = [(0, came, 100, 101) for came in range(5)] + [(1, n * 10, n * 10, n * 10 + 9) for n in range(5)]
    work = Work(*(np.array(rows, dtype=np.int64) * np.array([1, 60_000_000, 60_000_000, 60_000_000])).T)
    night, counter = discipline(work, ("night", "counter"))
    assert (night.batches, night.batched, night.overtaken_share) == (1, 5, 0)
    assert (counter.batches, counter.batched) == (0, 0)
