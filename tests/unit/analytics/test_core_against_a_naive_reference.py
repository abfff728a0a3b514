import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.core.cycle import kaplan_meier_quantile
from analytics.core.frames import MISSING
from analytics.core.handovers import handovers_from_segments, handovers_from_stays, office_pairs, returns
from analytics.core.offices import clocks, dwell, time_held
from analytics.core.quantiles import grouped_quantiles, grouped_totals
from analytics.core.segments import build_segments
from analytics.core.stays import stays_from_holds, stays_from_segments
from tests.unit.analytics import naive
from tests.unit.analytics.frames_for_tests import ORIGIN, events_frame, holds_frame

OFFICES = st.sampled_from(["intake", "review", "finance", "unknown"])
MOMENTS = st.integers(0, 60)
EVENTS = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 1), MOMENTS, st.just(0), st.sampled_from("abc"), OFFICES), max_size=40
).map(lambda rows: [(*row[:3], number, *row[4:]) for number, row in enumerate(rows)])


@st.composite
def histories(draw):
    """Holds of a few cases on one or two branches, one after the other, some clocks missing, some still open."""
    holds = []
    for case in range(draw(st.integers(0, 4))):
        for branch in range(draw(st.integers(1, 2))):
            clock = draw(MOMENTS)
            for _ in range(draw(st.integers(0, 5))):
                steps = [draw(st.integers(0, 9)) for _ in range(3)]
                accepted = clock + steps[0] if draw(st.booleans()) else None
                started = clock + steps[0] + steps[1] if draw(st.booleans()) else None
                ended = clock + sum(steps)
                times = {"sent": clock, "accepted": accepted, "started": started, "ended": ended}
                holds.append({"case": case, "branch": branch, "office": draw(OFFICES), **times})
                clock = ended + draw(st.integers(1, 2))
            if holds and holds[-1]["case"] == case and draw(st.booleans()):
                holds[-1]["ended"] = None
    return holds


def close(ours, theirs):
    return (ours is None and theirs is None) or math.isclose(ours, theirs, rel_tol=1e-12, abs_tol=1e-9)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 10**13)), max_size=60), st.integers(0, 100))
def test_quantiles_of_every_group_are_exact(rows, percent):
    groups = np.array([group for group, _ in rows], dtype=np.int64)
    values = np.array([value for _, value in rows], dtype=np.int64)
    ours = grouped_quantiles(values, groups, 6, (percent,))[:, 0]
    for group in range(6):
        theirs = naive.quantile([value for g, value in rows if g == group], percent)
        assert (theirs is None and np.isnan(ours[group])) or close(ours[group], theirs)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2**55)), max_size=60))
def test_totals_are_whole_numbers_and_exact(rows):
    groups = np.array([group for group, _ in rows], dtype=np.int64)
    values = np.array([value for _, value in rows], dtype=np.int64)
    assert list(grouped_totals(values, groups, 4)) == [sum(v for g, v in rows if g == group) for group in range(4)]


@given(EVENTS, st.randoms())
def test_segments_equal_the_reference_whatever_the_order_of_rows(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    ours, tails = build_segments(events_frame(shuffled))
    closed, last = naive.segments(rows)
    named = zip(
        ours.case,
        ours.branch,
        ours.from_activity,
        ours.to_activity,
        ours.from_office,
        ours.to_office,
        ours.start_us,
        ours.end_us,
        strict=True,
    )
    assert [
        (c, b, ours.activities[x], ours.activities[y], ours.offices[p], ours.offices[q], s - ORIGIN, e - ORIGIN)
        for c, b, x, y, p, q, s, e in named
    ] == closed
    assert [
        (c, b, ours.offices[o], t - ORIGIN)
        for c, b, o, t in zip(tails.case, tails.branch, tails.office, tails.since_us, strict=True)
    ] == last
    assert len(ours) + len(tails.case) == len(rows)


@given(histories(), st.integers(0, 80))
@settings(max_examples=200)
def test_time_held_equals_the_reference_at_any_observation_end(holds, as_of):
    stays = stays_from_holds(holds_frame(holds), ORIGIN + as_of)
    table = time_held(dwell(stays, ORIGIN + as_of))
    expected = naive.time_held(holds, as_of)
    assert {row.office for row in table} == set(expected)
    for row in table:
        n, total, median, p90, visits, n_now, total_now = expected[row.office]
        assert (row.left.n, row.left.total_us, row.visits, row.now.n, row.now.total_us) == (
            n,
            total,
            visits,
            n_now,
            total_now,
        )
        assert close(row.left.median_us, median)
        assert close(row.left.p90_us, p90)
    assert math.isclose(sum(row.share for row in table), 1.0) or not any(row.left.total_us for row in table)


@given(histories(), st.integers(0, 80))
@settings(max_examples=200)
def test_handovers_and_returns_equal_the_reference(holds, as_of):
    stays = stays_from_holds(holds_frame(holds), ORIGIN + as_of)
    ours = handovers_from_stays(stays)
    expected = naive.handovers(holds, as_of)
    assert [
        (c, b, ours.offices[s], ours.offices[r], None if w == MISSING else w, bool(i), bool(k))
        for c, b, s, r, w, i, k in zip(
            ours.case, ours.branch, ours.sender, ours.receiver, ours.wait_us, ours.waiting, ours.returns, strict=True
        )
    ] == expected
    for pair in office_pairs(ours):
        rows = [row for row in expected if row[2:4] == (pair.sender, pair.receiver)]
        waits = [row[4] for row in rows if row[4] is not None]
        assert (pair.handovers, pair.cases) == (len(rows), len({row[0] for row in rows}))
        assert (pair.measured.n, pair.measured.total_us) == (len(waits), sum(waits))
        assert pair.handovers == pair.measured.n + pair.waiting_now + pair.missing
        assert close(pair.measured.median_us, naive.quantile(waits, 50))
    back = returns(ours, 4)
    assert back.returned == sum(1 for row in expected if row[6])
    assert sum(pair.returned for pair in office_pairs(ours)) == back.returned


@given(histories())
def test_a_clock_is_measured_or_missing_never_zero_for_unknown(holds):
    as_of = 10_000
    stays = stays_from_holds(holds_frame(holds), ORIGIN + as_of)
    for clock in clocks(stays):
        begin, end = {
            "transfer": ("sent", "accepted"),
            "queue": ("accepted", "started"),
            "service": ("started", "ended"),
        }[clock.clock]
        done = [hold for hold in holds if hold["office"] == clock.office and hold["ended"] is not None]
        known = [hold[end] - hold[begin] for hold in done if hold[begin] is not None and hold[end] is not None]
        assert (clock.holds, clock.measured.n, clock.measured.total_us) == (len(done), len(known), sum(known))
        assert clock.missing == len(done) - len(known)


@given(st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=30), st.sampled_from([10, 50, 90]))
def test_kaplan_meier_equals_the_product_limit_estimate(rows, percent):
    ages = np.array([age for age, _ in rows], dtype=np.int64)
    ended = np.array([end for _, end in rows], dtype=np.bool_)
    assert kaplan_meier_quantile(ages, ended, percent) == naive.kaplan_meier(
        [a for a, _ in rows], [e for _, e in rows], percent
    )


@given(EVENTS)
def test_stays_from_an_event_log_hold_all_the_time_there_is(rows):
    segments, tails = build_segments(events_frame(rows))
    open_cases = np.array([1, 2], dtype=np.int64)
    stays = stays_from_segments(segments, tails, open_cases)
    as_of = ORIGIN + 100
    still = int(sum(as_of - since for case, since in zip(tails.case, tails.since_us, strict=True) if case in {1, 2}))
    assert int(stays.held_us(as_of).sum()) == int(segments.wait_us.sum()) + still
    changes = handovers_from_segments(segments)
    assert len(stays) == len(tails.case) + len(changes.case)
    assert {int(case) for case in stays.case[stays.open]} <= {1, 2}
