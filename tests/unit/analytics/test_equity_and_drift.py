"""Areas beside the rest of the city, and steps that changed: against loops, and on towns where the answer is known."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.core.drift import drifts
from analytics.core.equity.late import late_by_area
from analytics.core.equity.times import Mixed, log_rank, time_by_area
from analytics.core.survival.curve import curves
from tests.unit.analytics import slow_survival as slow

DAY = 86_400_000_000
CASES = st.lists(
    st.tuples(st.integers(0, 9), st.booleans(), st.integers(0, 2), st.integers(0, 1)), min_size=1, max_size=40
)
AREAS = ("north", "east", "south")


def columns(rows):
    return (
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([row[1] for row in rows], dtype=np.bool_),
        np.array([row[2] for row in rows], dtype=np.int64),
        np.array([row[3] for row in rows], dtype=np.int64),
    )


@given(CASES)
@settings(max_examples=200, deadline=None)
def test_the_log_rank_test_of_every_area_is_the_one_of_the_book(rows):
    test = log_rank(*columns(rows), (3, 2))
    for area in range(3):
        seen = expected = variance = 0.0
        for service in range(2):
            layer = [row for row in rows if row[3] == service]
            for age in {row[0] for row in layer if row[1]}:
                risk = [row for row in layer if row[0] >= age]
                d, y, own = sum(r[0] == age and r[1] for r in risk), len(risk), sum(r[2] == area for r in risk)
                seen += sum(r[0] == age and r[1] and r[2] == area for r in risk)
                expected += d * own / y
                variance += d * own / y * (1 - own / y) * (y - d) / (y - 1) if y > 1 else 0
        assert test.seen[area] == seen
        assert math.isclose(test.expected[area], expected, abs_tol=1e-9)
        assert math.isclose(test.variance[area], variance, abs_tol=1e-9)


@given(CASES, st.lists(st.integers(0, 5), min_size=2, max_size=2))
@settings(deadline=None)
def test_the_expected_median_is_where_the_mixed_curves_cross_a_half(rows, weights):
    ages, ended, _area, mix = columns(rows)
    weights = [n * bool((mix == code).any()) for code, n in enumerate(weights)]
    found = Mixed(curves(ages, ended, mix, 2)).median(np.array(weights))
    tables = [slow.product_limit(ages[mix == code].tolist(), ended[mix == code].tolist()) for code in range(2)]
    crossing = [
        age
        for age in range(10)
        if sum(weights)
        and sum(n * slow.going_on(t, age) for n, t in zip(weights, tables, strict=True)) * 2 <= sum(weights)
    ]
    assert found == (crossing[0] if crossing else None)


@given(CASES)
@settings(deadline=None)
def test_expected_late_cases_come_from_elsewhere_and_small_areas_are_not_shown(rows):
    _ages, late, area, mix = columns(rows)
    for code, row in enumerate(late_by_area(late, area, mix, AREAS, 2)):
        own = [r for r in rows if r[2] == code and any(o[2] != code and o[3] == r[3] for o in rows)]
        if len(own) < 10:
            assert (row.n, row.late, row.p_value, row.adjusted_p) == (None, None, None, None)
            continue
        others = {s: [r[1] for r in rows if r[2] != code and r[3] == s] for s in (0, 1)}
        expected = sum(sum(others[r[3]]) / len(others[r[3]]) for r in own)
        assert (row.n, row.late) == (len(own), sum(r[1] for r in own))
        assert math.isclose(row.expected, expected, abs_tol=1e-9)
        assert math.isclose(row.difference, (row.late - expected) / row.n, abs_tol=1e-9)
        assert row.low < row.difference < row.high
        assert row.adjusted_p >= row.p_value


def city(seed, worse=1.0, areas=20, size=150):
    """Areas with mixes of their own; a service late twice as often; the first area ``worse`` times as often."""
    generator = np.random.default_rng(seed)
    area = np.repeat(np.arange(areas), size)
    mix = (generator.random(len(area)) < (area / areas)).astype(np.int64)
    late = generator.random(len(area)) < 0.15 * (1 + mix) * np.where(area == 0, worse, 1)
    ages = generator.exponential(10, len(area)) * (1 + mix) * np.where(area == 0, worse, 1) * DAY
    ended = generator.random(len(area)) < 0.8
    return ages.astype(np.int64), ended, late, area, mix, tuple(f"area {n}" for n in range(areas))


def alarms(seed, worse=1.0):
    ages, ended, late, area, mix, names = city(seed, worse)
    shares = [row.area for row in late_by_area(late, area, mix, names, 2) if row.adjusted_p <= 0.05]
    times = [row.area for row in time_by_area(ages, ended, area, mix, names, 2) if row.adjusted_p <= 0.05]
    return shares, times


def test_another_mix_of_services_is_no_inequity():
    found = [alarms(seed) for seed in range(40)]
    assert sum(bool(shares) for shares, _ in found) <= 5
    assert sum(bool(times) for _, times in found) <= 5


def test_an_area_that_is_served_worse_is_found():
    shares, times = alarms(1, worse=2.2)
    assert shares == ["area 0"]
    assert times == ["area 0"]


def test_the_interval_of_a_difference_covers_it():
    covered = 0
    for seed in range(60):
        _ages, _ended, late, area, mix, names = city(seed, worse=1.5)
        first = late_by_area(late, area, mix, names, 2)[0]
        covered += first.low <= 0.075 <= first.high
    assert covered >= 54


def test_one_late_where_none_is_late_elsewhere_is_not_more_than_chance():
    """Three cases elsewhere say little: a rate of 0 there is no certainty."""
    late = np.array([True] + [False] * 32)
    first, _other = late_by_area(late, np.repeat([0, 1], [30, 3]), np.zeros(33, dtype=np.int64), ("a", "b"), 1)
    assert first.low < 0 < first.high
    assert first.p_value > 0.05


def test_what_is_more_than_chance_has_no_zero_in_its_interval():
    for seed in range(60):
        _ages, _ended, late, area, mix, names = city(seed, worse=1.3, areas=8, size=60)
        for row in late_by_area(late, area, mix, names, 2):
            assert (row.p_value <= 0.05) == (row.low > 0 or row.high < 0) or math.isclose(row.p_value, 0.05)


def test_an_area_with_nine_cases_is_not_shown():
    ages, ended, _late, area, mix, names = city(1)
    keep = (area > 0) | (np.arange(len(area)) < 9)
    first, second, *_ = time_by_area(ages[keep], ended[keep], area[keep], mix[keep], names, 2)
    assert (first.n, first.median, first.ended, first.p_value) == (None, None, None, None)
    assert second.n == 150


def waits(seed, steps=10, weeks=60, changed=1.0):
    """Steps with weeks that resemble their neighbours; the first changes at mid-time."""
    generator = np.random.default_rng(seed)
    at, wait, group = [], [], []
    for step in range(steps):
        mood = 0.0
        for week in range(weeks):
            mood = 0.4 * mood + generator.normal(0, 0.15)
            level = mood + (np.log(changed) if step == 0 and week >= weeks // 2 else 0)
            size = int(generator.integers(5, 60))
            at.append(week * 7 * DAY + generator.integers(0, 7 * DAY, size))
            wait.append((np.exp(generator.normal(level, 1, size)) * DAY).astype(np.int64))
            group.append(np.full(size, step))
    names = tuple(f"step {n}" for n in range(steps))
    return np.concatenate(wait), np.concatenate(at), np.concatenate(group), names


def test_a_step_that_changed_is_first_with_the_week_of_its_change():
    wait, at, group, names = waits(2, changed=0.5)
    first, *rest = drifts(wait, at, group, names)
    assert first.group == "step 0"
    assert first.adjusted_p < 0.05
    assert abs(first.changed_at_us - 30 * 7 * DAY) <= 3 * 7 * DAY
    assert first.after.median_us / first.before.median_us == pytest.approx(0.5, abs=0.15)
    assert first.before.n + first.after.n == first.n == int((group == 0).sum())
    assert sum(row.adjusted_p <= 0.05 for row in rest) == 0


def test_steps_that_did_not_change_seldom_raise_an_alarm():
    found = [drifts(*waits(seed)) for seed in range(30)]
    assert sum(row.p_value <= 0.05 for rows in found for row in rows) <= 0.09 * 300
    assert sum(any(row.adjusted_p <= 0.05 for row in rows) for rows in found) <= 4


def test_too_few_weeks_are_not_judged():
    wait, at, group, names = waits(1, steps=1, weeks=11)
    (row,) = drifts(wait, at, group, names)
    assert (row.p_value, row.adjusted_p, row.changed_at_us) == (None, None, None)
    assert row.n == len(wait)


def test_equal_waits_are_no_drift():
    at = np.arange(2000) * DAY
    (row,) = drifts(np.full(2000, 5), at, np.zeros(2000, dtype=np.int64), ("step",))
    assert (row.distance, row.p_value) == (0.0, 1.0)
