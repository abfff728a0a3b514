"""Ranking by time above a baseline: against loops, and on towns where the answer is known."""

import math
from dataclasses import replace
from statistics import median

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.core.barriers.baseline import ComparableOffices, Level, Waits, by_target, shuffled
from analytics.core.barriers.ranking import rank_barriers
from analytics.core.frames import MISSING
from analytics.core.survival.curve import kaplan_meier, medians, quantile

DAY = 86_400_000_000
OFFICES, SERVICES = tuple("abcd"), ("s", "t")


def waits_of(rows, offices=OFFICES):
    """rows: (office, service, wait, ended)."""
    group, mix, wait = (np.array([row[k] for row in rows], dtype=np.int64) for k in range(3))
    ended = np.array([row[3] for row in rows], dtype=np.bool_)
    return Waits(group, mix, np.arange(len(rows)), wait, ended, offices, SERVICES)


ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(0, 9), st.booleans()), max_size=40)


@given(ROWS)
def test_medians_of_groups_are_those_of_their_curves(rows):
    waits = waits_of(rows)
    found = medians(waits.wait_us, waits.ended, waits.group, 4)
    for code in range(4):
        mine = waits.group == code
        expected = quantile(kaplan_meier(waits.wait_us[mine], waits.ended[mine]), 50).value_us
        assert (expected is None and math.isnan(found[code])) or found[code] == expected


def others_median(rows, office, service, least):
    """The median of the other offices' medians; None with fewer than two, or when it was never reached."""
    found = []
    for other in set(range(4)) - {office}:
        mine = [(w, e) for o, s, w, e in rows if o == other and service in (s, None)]
        if len(mine) >= least:
            reached = quantile(kaplan_meier(*map(np.array, zip(*mine, strict=True))), 50).value_us
            found.append(math.inf if reached is None else reached)
    if len(found) < 2 or math.isinf(median(found)):
        return None
    return int(median(found))


@given(ROWS, st.integers(1, 4))
@settings(max_examples=200, deadline=None)
def test_a_wait_is_compared_with_the_others_and_never_with_its_own_office(rows, least):
    waits = waits_of(rows)
    baseline = ComparableOffices(waits, least)(waits)
    for place, (office, service, _wait, _ended) in enumerate(rows):
        same, whatever = others_median(rows, office, service, least), others_median(rows, office, None, least)
        expected = (same, Level.SAME_MIX) if same is not None else (whatever, Level.ANY_MIX)
        if expected[0] is None:
            expected = (MISSING, Level.NONE)
        assert (baseline.us[place], baseline.level[place]) == expected


@given(ROWS, st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=40, max_size=40))
@settings(deadline=None)
def test_time_above_a_target_is_never_negative_and_without_target_there_is_none(rows, targets):
    waits = waits_of(rows)
    target = np.array([MISSING if t is None else t for t in targets[: len(rows)]], dtype=np.int64)
    found = {row.group: row for row in rank_barriers(waits, lambda _waits: by_target(target)).barriers}
    for code, office in enumerate(OFFICES):
        mine = [(w, t) for (o, _s, w, _e), t in zip(rows, targets, strict=False) if o == code]
        if mine:
            row = found[office]
            assert (row.n, row.total_us) == (len(mine), sum(w for w, _ in mine))
            assert row.compared == sum(t is not None for _, t in mine)
            assert row.excess_us == sum(max(0, w - t) for w, t in mine if t is not None)
    assert set(found) == {OFFICES[o] for o, *_ in rows}


def town(slow_by, seed=1, size=200, offices=6):
    """Offices that all do both services, the second twice as long; office 0 takes ``slow_by`` times as long."""
    generator = np.random.default_rng(seed)
    group = np.repeat(np.arange(offices), size)
    mix = generator.integers(0, 2, len(group))
    wait = generator.lognormal(0, 0.8, len(group)) * DAY * (1 + mix) * np.where(group == 0, slow_by, 1)
    block = generator.integers(0, 52, len(group))
    ended = generator.random(len(group)) < 0.9
    names = tuple(f"office {n}" for n in range(offices))
    return Waits(group, mix, block, wait.astype(np.int64), ended, names, SERVICES)


def ranking_of(waits):
    return rank_barriers(waits, ComparableOffices(waits))


def test_the_slow_office_is_first_for_certain_and_stands_out():
    first, *rest = ranking_of(town(slow_by=2)).barriers
    assert (first.group, first.rank, first.ranks.low, first.ranks.high) == ("office 0", 1, 1, 1)
    assert first.excess.low <= first.excess_us <= first.excess.high
    assert first.stands_out
    assert not any(row.stands_out for row in rest)


def test_where_all_are_alike_nothing_stands_out_though_something_is_first():
    alarms = [sum(bool(row.stands_out) for row in ranking_of(town(1, seed)).barriers) for seed in range(12)]
    assert sum(alarms) <= 2
    first = ranking_of(town(1)).barriers[0]
    assert first.rank == 1
    assert first.ranks.high > 2


def test_an_office_with_the_longer_services_is_no_barrier_for_that():
    waits = town(1)
    mix = np.where(waits.group == 0, np.arange(len(waits)) % 10 != 0, waits.mix).astype(np.int64)
    longer = replace(waits, mix=mix, wait_us=waits.wait_us // (1 + waits.mix) * (1 + mix))
    (own,) = [row for row in ranking_of(longer).barriers if row.group == "office 0"]
    assert not own.stands_out
    assert own.any_mix == 0


def test_the_same_seed_gives_the_same_answer_and_small_offices_no_rank():
    waits = town(2)
    assert ranking_of(waits) == ranking_of(waits)
    few = np.concatenate((np.arange(29), np.arange(200, len(waits))))
    columns = {name: getattr(waits, name)[few] for name in ("group", "mix", "block", "wait_us", "ended")}
    last = ranking_of(replace(waits, **columns)).barriers[-1]
    assert (last.group, last.n, last.rank, last.ranks, last.stands_out) == ("office 0", 29, None, None, None)


def test_an_office_that_alone_does_a_thing_has_no_noise_to_be_held_against():
    waits = town(1)
    alone = replace(waits, mix=np.where(waits.group == 0, 1, 0).astype(np.int64))
    (own,) = [row for row in ranking_of(alone).barriers if row.group == "office 0"]
    assert (own.noise_high_us, own.stands_out) == (None, None)
    assert own.any_mix == own.n


def test_in_too_few_weeks_no_other_period_is_known():
    waits = replace(town(2), block=np.zeros(1200, dtype=np.int64))
    first = ranking_of(waits).barriers[0]
    assert (first.excess, first.ranks, first.stands_out) == (None, None, None)


@given(ROWS, st.integers(0, 99))
def test_dealing_keeps_how_many_waits_each_office_has_of_each_service(rows, seed):
    waits = waits_of(rows)
    dealt = shuffled(waits, np.argsort(waits.mix, kind="stable"), np.random.default_rng(seed))
    assert sorted(zip(dealt.group, dealt.mix, strict=True)) == sorted(zip(waits.group, waits.mix, strict=True))


def test_nothing_to_rank():
    assert ranking_of(waits_of([])).barriers == ()
