"""Curves, competing ends, ages and promises against slow references, on any small set of cases."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.core.ageing import NO_KIND, ageing, kinds
from analytics.core.frames import MISSING
from analytics.core.promises import Standing, promises_kept, standings
from analytics.core.shares import benjamini_hochberg, share
from analytics.core.survival import competing
from analytics.core.survival.competing import aalen_johansen
from analytics.core.survival.curve import band, curves, kaplan_meier, quantile, restricted_mean, share_over
from tests.unit.analytics import slow_survival as slow

ROWS = st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=30)
ENDS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 2)), max_size=30)


def columns(rows, *kinds_of):
    return [np.array([row[k] for row in rows], dtype=kind) for k, kind in enumerate(kinds_of)]


@given(ROWS)
def test_the_curve_is_the_product_limit_estimate(rows):
    curve = kaplan_meier(*columns(rows, np.int64, np.bool_))
    expected = slow.product_limit([a for a, _ in rows], [e for _, e in rows])
    assert list(zip(curve.ages_us, curve.at_risk, curve.ended, strict=True)) == [row[:3] for row in expected]
    assert np.allclose(curve.survival, [float(row[3]) for row in expected], rtol=0, atol=1e-12)
    sums = [math.inf if total is None else float(total) for total in slow.greenwood(expected)]
    assert np.allclose(curve.greenwood, sums, rtol=1e-12)
    assert (curve.n, curve.open) == (len(rows), sum(not ended for _, ended in rows))


@given(ROWS, st.integers(0, 14))
def test_shares_between_the_ages_are_those_of_the_step_before(rows, age):
    curve = kaplan_meier(*columns(rows, np.int64, np.bool_))
    expected = slow.product_limit([a for a, _ in rows], [e for _, e in rows])
    ours = share_over(curve, np.array([age]))[0]
    assert (not rows and math.isnan(ours)) or math.isclose(ours, float(slow.going_on(expected, age)), abs_tol=1e-12)


@given(ROWS, st.sampled_from([10, 25, 50, 90]))
def test_the_interval_of_a_quantile_holds_it(rows, percent):
    curve = kaplan_meier(*columns(rows, np.int64, np.bool_))
    low, high = band(curve)
    assert (low <= curve.survival + 1e-12).all()
    assert (curve.survival <= high + 1e-12).all()
    found = quantile(curve, percent)
    known = [value for value in (found.low_us, found.value_us, found.high_us) if value is not None]
    assert known == sorted(known)
    assert found.value_us is None or found.low_us is not None


@given(ROWS, st.integers(1, 14))
def test_a_restricted_mean_is_the_area_and_unknown_beyond_what_was_seen(rows, until):
    curve = kaplan_meier(*columns(rows, np.int64, np.bool_))
    expected = slow.product_limit([a for a, _ in rows], [e for _, e in rows])
    ours = restricted_mean(curve, until)
    known = rows and (until <= max(a for a, _ in rows) or (expected and expected[-1][3] == 0))
    assert (ours is not None) == bool(known)
    if ours is not None:
        mean, variance = slow.area(expected, until)
        assert math.isclose(ours.mean_us, float(mean), rel_tol=1e-12, abs_tol=1e-12)
        assert math.isclose(ours.error_us, math.sqrt(variance), rel_tol=1e-9, abs_tol=1e-9)


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.integers(0, 3)), max_size=40))
def test_curves_of_groups_are_the_curves_of_each_alone(rows):
    ages, ended, groups = columns(rows, np.int64, np.bool_, np.int64)
    for code, curve in enumerate(curves(ages, ended, groups, 4)):
        alone = kaplan_meier(ages[groups == code], ended[groups == code])
        assert np.array_equal(curve.survival, alone.survival)
        assert (curve.n, curve.open, curve.oldest_us) == (alone.n, alone.open, alone.oldest_us)


@given(ENDS)
def test_competing_ends_are_those_of_aalen_and_johansen(rows):
    ages, cause = columns(rows, np.int64, np.int64)
    ours = aalen_johansen(ages, cause, ("answered", "withdrawn"))
    expected = slow.incidences([a for a, _ in rows], [c for _, c in rows], (1, 2))
    for code, incidence in enumerate(ours, start=1):
        assert list(incidence.ages_us) == [row[0] for row in expected]
        assert np.allclose(incidence.share, [float(row[1][code]) for row in expected], atol=1e-12)
        variance = slow.incidence_variance([a for a, _ in rows], [c for _, c in rows], code)
        assert np.allclose(incidence.variance, [float(v) for v in variance], atol=1e-12)
    going_on = [float(row[2]) for row in expected]
    assert np.allclose(sum(one.share for one in ours) + np.array(going_on), 1.0)


@given(ENDS)
def test_when_nothing_competes_the_share_ended_is_one_less_the_curve(rows):
    ages, cause = columns([(age, int(end > 0)) for age, end in rows], np.int64, np.int64)
    (only,) = aalen_johansen(ages, cause, ("answered",))
    curve = kaplan_meier(ages, cause > 0)
    assert np.allclose(only.share, 1 - curve.survival, atol=1e-12)
    assert competing.quantile(only, 50).value_us == quantile(curve, 50).value_us


def test_withdrawn_cases_taken_as_censored_would_promise_too_much():
    ages = np.arange(1, 101)
    cause = np.where(np.arange(100) % 2, 1, 2)
    answered, _withdrawn = aalen_johansen(ages, cause, ("answered", "withdrawn"))
    assert math.isclose(answered.share[-1], 0.5)
    assert competing.quantile(answered, 60).value_us is None
    assert quantile(kaplan_meier(ages, cause == 1), 60).value_us is not None


KINDS = st.lists(
    st.tuples(st.integers(0, 9), st.booleans(), st.integers(0, 2), st.integers(0, 1)), min_size=1, max_size=40
)


@given(KINDS, st.integers(1, 6))
def test_an_open_case_is_compared_with_the_narrowest_kind_that_has_enough(rows, least):
    held, ended, narrow, wide = columns(rows, np.int64, np.bool_, np.int64, np.int64)
    levels = (kinds("service", narrow, held, ended, 3), kinds("office", wide, held, ended, 2))
    asked = np.flatnonzero(~ended)
    ours = ageing(asked, held, levels, least)
    for place, row in enumerate(asked):
        usable = [
            (level, [(h, e) for h, e, *kind in rows if kind[level] == rows[row][2 + level]])
            for level in (0, 1)
            if sum(e for _, e, *kind in rows if kind[level] == rows[row][2 + level]) >= least
        ]
        if not usable:
            assert (ours.level[place], math.isnan(ours.older_than[place])) == (NO_KIND, True)
            continue
        level, kind = usable[0]
        curve = slow.product_limit([h for h, _ in kind], [e for _, e in kind])
        assert ours.level[place] == level
        assert ours.of[place] == sum(e for _, e in kind)
        assert math.isclose(ours.older_than[place], 1 - float(slow.going_on(curve, held[row])), abs_tol=1e-12)


def test_bands_begin_at_a_half_and_at_85_and_95_in_a_hundred():
    held = np.concatenate((np.arange(1, 101), [49, 50, 84, 85, 94, 95, 200]))
    ended = np.arange(107) < 100
    nobody = np.zeros(107, dtype=np.int64)
    history = kinds("all", nobody, held[:100], ended[:100], 1)
    ours = ageing(np.arange(100, 107), held, (kinds("all", nobody, held, ended, 1),))
    assert history.history[0].n == 100
    assert list(ours.band[[0, 2, 4, 6]]) == [0, 1, 2, 3]


@given(
    st.lists(
        st.tuples(st.one_of(st.none(), st.integers(0, 9)), st.one_of(st.none(), st.integers(0, 9)), st.integers(0, 1)),
        max_size=30,
    ),
    st.integers(0, 9),
)
def test_a_promise_is_kept_broken_or_undecided(rows, as_of):
    closed = np.array([MISSING if c is None else c for c, _, _ in rows], dtype=np.int64)
    due = np.array([MISSING if d is None else d for _, d, _ in rows], dtype=np.int64)
    groups = np.array([g for _, _, g in rows], dtype=np.int64)

    def standing(shut, until):
        shut = None if shut is not None and shut > as_of else shut
        if until is None:
            return Standing.NO_PROMISE
        if shut is None:
            return Standing.OVERDUE if as_of > until else Standing.UNDECIDED
        return Standing.LATE if shut > until else Standing.KEPT

    expected = [standing(c, d) for c, d, _ in rows]
    assert list(standings(closed, due, as_of)) == expected
    for row in promises_kept(closed, due, as_of, groups, ("a", "b")):
        here = [s for s, g in zip(expected, groups, strict=True) if g == "ab".index(row.group)]
        late, overdue = here.count(Standing.LATE), here.count(Standing.OVERDUE)
        assert (row.kept.part, row.kept.n) == (here.count(Standing.KEPT), here.count(Standing.KEPT) + late + overdue)
        assert (row.late, row.overdue, row.lateness.n) == (late, overdue, late + overdue)
        assert (row.undecided, row.no_promise) == (here.count(Standing.UNDECIDED), here.count(Standing.NO_PROMISE))


@given(st.integers(0, 60), st.integers(0, 60))
def test_wilsons_interval_is_where_the_share_would_be_two_errors_off(part, more):
    found = share(part, part + more)
    if not part + more:
        assert found.value is None
        return
    n, p = part + more, part / (part + more)
    for limit in (found.low, found.high):
        error = math.sqrt(limit * (1 - limit) / n)
        assert limit in (0.0, 1.0) or math.isclose(abs(p - limit), 1.959963984540054 * error, rel_tol=1e-9)


@given(st.lists(st.integers(0, 100), max_size=12), st.sampled_from([1, 5, 10, 20]))
def test_the_list_of_benjamini_and_hochberg_is_the_longest_that_fits(percents, q):
    """Their own words: the largest k with p(k) ≤ k q / m, and everything up to it."""
    p = np.array([percent / 1000 for percent in percents])
    fits = [k for k, value in enumerate(sorted(percents), start=1) if value * len(percents) * 10 <= k * q * 100]
    found = benjamini_hochberg(p) <= q / 100 + 1e-12
    assert int(found.sum()) == (max(fits) if fits else 0)


def test_what_was_not_compared_counts_in_no_correction():
    adjusted = benjamini_hochberg(np.array([0.01, np.nan, 0.04]))
    assert adjusted[0] == 0.02
    assert np.isnan(adjusted[1])
    assert adjusted[2] == 0.04
