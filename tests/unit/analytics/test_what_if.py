"""Replay and the simulated queue: what must hold of any history, theory, and a cut that was planted."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analytics.core.frames import MISSING
from analytics.core.segments import build_segments
from analytics.core.survival.curve import ages_in_order
from analytics.core.whatif.backtest import back_test
from analytics.core.whatif.queue import (
    Office,
    drawn_weeks,
    fitted_places,
    simulate,
    waits_us,
    with_more,
)
from analytics.core.whatif.queue import back_test as back_test_queue
from analytics.core.whatif.replay import (
    WEEK_US,
    Ages,
    Change,
    Waits,
    median,
    median_change,
    replay,
    shorter,
    weighted_median,
)
from tests.logs_with_a_change import CHANGE_US, Town, log_of

SECOND = 1_000_000


def history(seed: int, cases: int = 200, share_open: float = 0.2) -> tuple[Ages, Waits]:
    chance = np.random.default_rng(seed)
    at = np.sort(chance.integers(0, cases, 3 * cases))
    wait = chance.integers(0, 30 * 86_400 * SECOND, len(at))
    transfer = np.where(chance.random(len(at)) < 0.3, MISSING, (wait * chance.random(len(at))).astype(np.int64))
    age = np.bincount(at, weights=wait, minlength=cases).astype(np.int64) + chance.integers(0, WEEK_US, cases)
    filed = np.sort(chance.integers(0, 40 * WEEK_US, cases))
    ages = Ages(np.arange(cases), age, chance.random(cases) >= share_open, filed)
    return ages, Waits(at, wait, transfer)


@pytest.mark.parametrize("seed", range(20))
def test_a_change_of_nothing_changes_nothing(seed: int) -> None:
    ages, waits = history(seed)
    assert (replay(ages, waits, Change("scale", 1.0)) == ages.age_us).all()
    assert (replay(ages, waits, Change("cap", float(waits.wait_us.max()))) == ages.age_us).all()


@pytest.mark.parametrize("seed", range(20))
def test_no_change_makes_a_case_longer_and_a_stronger_one_never_longer_than_a_weaker(seed: int) -> None:
    ages, waits = history(seed)
    days = 86_400.0 * SECOND
    capped = [replay(ages, waits, Change("cap", limit * days)) for limit in (20, 10, 2, 0)]
    scaled = [replay(ages, waits, Change("scale", factor)) for factor in (1.5, 0.9, 0.5, 0)]
    for results in (capped, scaled):
        for weaker, stronger in zip([ages.age_us, *results], results, strict=False):
            assert (stronger <= weaker).all()
    assert (capped[-1] == replay(ages, waits, Change("drop"))).all()
    assert (replay(ages, waits, Change("drop")) <= replay(ages, waits, Change("transfer"))).all()


def test_a_cap_takes_off_what_is_above_it_and_a_hand_over_what_was_known() -> None:
    waits = Waits(np.array([1, 1, 2]), np.array([10, 3, 7]), np.array([4, MISSING, 7]))
    assert shorter(waits, Change("cap", 5)).tolist() == [5, 0, 2]
    assert shorter(waits, Change("scale", 0.5)).tolist() == [5, 1, 3]
    assert shorter(waits, Change("transfer")).tolist() == [4, 0, 7]
    ages = Ages(np.array([2, 1]), np.array([20, 30]), np.array([True, True]), np.array([0, 0]))
    assert replay(ages, waits, Change("cap", 5)).tolist() == [18, 25]


@pytest.mark.parametrize("seed", range(10))
def test_a_case_drawn_so_often_counts_as_so_many_cases(seed: int) -> None:
    ages, _waits = history(seed)
    times = np.random.default_rng(seed).integers(0, 4, len(ages.case))
    again = np.repeat(np.arange(len(times)), times)
    drawn = weighted_median(ages.age_us, ages.ended, times.astype(float), ages_in_order(ages.age_us, ages.ended))
    ends, at = ages.ended[again], ages.age_us[again]
    plain = weighted_median(at, ends, np.ones(len(again)), ages_in_order(at, ends))
    assert drawn == plain


def test_the_interval_lies_around_the_median_and_is_the_same_every_time() -> None:
    ages, waits = history(3, cases=800)
    after = replay(ages, waits, Change("scale", 0.5))
    shift = median_change(ages, after)
    assert None not in (shift.low_us, shift.high_us, shift.after_us)
    assert shift.low_us <= shift.after_us <= shift.high_us
    assert shift == median_change(ages, after)
    assert median_change(replace(ages, filed_us=ages.filed_us * 0), after).low_us is None


# --- A planted cut --------------------------------------------------------------------------------------------------


def closed_cases(log: pd.DataFrame) -> tuple[Ages, Waits]:
    """Whole cases filed before the change, and what office 0 held of them."""
    segments, tails = build_segments(log)
    start = pd.Series(segments.start_us).groupby(segments.case).min()
    end = pd.Series(segments.end_us).groupby(segments.case).max()
    closed = {int(case) for case, code in zip(tails.case, tails.activity, strict=True)
              if segments.activities[code] == "closed"}  # fmt: skip
    keep = np.array([case in closed for case in start.index])
    case = start.index.to_numpy(dtype=np.int64)[keep]
    ages = Ages(case, (end - start).to_numpy()[keep], np.ones(len(case), dtype=bool), start.to_numpy()[keep])
    held = segments.from_office == segments.offices.index("office 0")
    waits = Waits(segments.case[held], segments.wait_us[held], np.full(int(held.sum()), MISSING))
    return ages, waits


def gain(ages: Ages, then_us: np.ndarray, some: np.ndarray) -> float:
    return 1 - float(then_us[some].mean()) / float(ages.age_us[some].mean())


def planted(seed: int) -> tuple[float, float, float]:
    """The same town drawn twice on the same chance, with and without a cut of 25 % at one office.

    What happened to the mean case that passes there, what replay says of the same cases without the cut, and what it
    says from the cases before the change alone. Cases filed so late that some are still open are left out.
    """
    town = Town(offices=4, effect=-0.25, cases_a_week=120)
    (cut, _), (ages, waits) = (closed_cases(log_of(replace(town, effect=effect), seed)) for effect in (-0.25, 0.0))
    passing = np.isin(ages.case, waits.case) & np.isin(ages.case, cut.case)
    after = passing & (ages.filed_us >= CHANGE_US) & (ages.filed_us < CHANGE_US + 14 * WEEK_US)
    told = replay(ages, waits, Change("scale", 0.75))
    with_cut = pd.Series(cut.age_us, index=cut.case).reindex(ages.case).fillna(0).to_numpy()
    return gain(ages, with_cut, after), gain(ages, told, after), gain(ages, told, passing & (ages.filed_us < CHANGE_US))


@pytest.mark.parametrize("seed", range(20))
def test_replay_says_what_a_planted_cut_did_within_fifteen_per_cent(seed: int) -> None:
    happened, told, _ahead = planted(seed)
    assert happened > 0.03  # the cut is felt
    assert abs(told / happened - 1) <= 0.15


def test_told_ahead_from_the_time_before_the_change_it_is_right_on_average() -> None:
    """Offices drift by themselves after the change too, so one town can be further off than the model is."""
    ratios = [ahead / happened for happened, _told, ahead in (planted(seed) for seed in range(20))]
    assert abs(np.mean(ratios) - 1) <= 0.15
    assert np.median(np.abs(np.array(ratios) - 1)) <= 0.15


def test_the_test_on_a_later_period_is_right_where_only_that_office_changed() -> None:
    chance = np.random.default_rng(5)
    n = 4_000
    filed = np.sort(chance.integers(0, 60 * WEEK_US, n))
    later = filed >= np.quantile(filed, 0.7)
    there = (chance.gamma(4, 2, n) * 86_400 * SECOND * np.where(later, 0.5, 1.0)).astype(np.int64)
    elsewhere = (chance.gamma(2, 1, n) * 86_400 * SECOND).astype(np.int64)
    ages = Ages(np.arange(n), there + elsewhere, np.ones(n, dtype=bool), filed)
    found = back_test(ages, Waits(np.arange(n), there, np.full(n, MISSING)), np.ones(n, dtype=bool))
    assert found is not None
    assert abs(found.ratio - 0.5) < 0.03
    assert abs(found.error) < 0.05 < found.as_before_us / found.came_us - 1


def test_too_few_cases_are_not_tested() -> None:
    ages, waits = history(1, cases=50)
    assert back_test(ages, waits, np.ones(len(waits.case), dtype=bool)) is None


# --- The queue ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("load", [0.5, 0.7, 0.8])
def test_one_place_waits_as_theory_says(load: float) -> None:
    """M/M/1: load² / (1 − load) times the mean time between arrivals; M/D/1: half of it."""
    chance = np.random.default_rng(7)
    n = 300_000
    arrived = np.cumsum(chance.exponential(SECOND, n)).astype(np.int64)
    theory = load**2 / (1 - load) * SECOND
    random_work = chance.exponential(load * SECOND, n).astype(np.int64)
    equal_work = np.full(n, int(load * SECOND))
    assert waits_us(arrived, random_work, 1).mean() == pytest.approx(theory, rel=0.06)
    assert waits_us(arrived, equal_work, 1).mean() == pytest.approx(theory / 2, rel=0.06)


def test_two_places_wait_as_erlang_says() -> None:
    """M/M/2 with load 0.75 a place: 1.286 times the mean work."""
    chance = np.random.default_rng(8)
    n = 300_000
    arrived = np.cumsum(chance.exponential(SECOND, n)).astype(np.int64)
    worked = chance.exponential(1.5 * SECOND, n).astype(np.int64)
    assert waits_us(arrived, worked, 2).mean() == pytest.approx(1.2857 * 1.5 * SECOND, rel=0.05)


@pytest.mark.parametrize("seed", range(5))
def test_more_capacity_never_means_longer_waits(seed: int) -> None:
    chance = np.random.default_rng(seed)
    arrived = np.sort(chance.integers(0, 1_000 * SECOND, 500))
    worked = chance.integers(0, 12 * SECOND, 500)
    means = [with_more(arrived, worked, 3, more).mean() for more in (0, 0.1, 0.33, 0.34, 0.7, 1, 3)]
    assert means == sorted(means, reverse=True)
    assert (with_more(arrived, worked, 3, 0) == waits_us(arrived, worked, 3)).all()


def an_office(places: int, seed: int = 1, n: int = 2_000, load: float = 0.85) -> Office:
    chance = np.random.default_rng(seed)
    arrived = np.cumsum(chance.exponential(3_600 * SECOND, n)).astype(np.int64)
    worked = chance.exponential(load * places * 3_600 * SECOND, n).astype(np.int64)
    return Office(arrived, waits_us(arrived, worked, places), worked)


@pytest.mark.parametrize("places", [1, 3, 8])
def test_the_places_of_a_real_queue_are_found_again(places: int) -> None:
    assert fitted_places(an_office(places)) == places


def test_a_simulation_is_seeded_and_says_less_wait_with_more_people() -> None:
    office = an_office(4)
    made = simulate(office, 0.25)
    assert made == simulate(office, 0.25)
    assert made.places == 4
    assert made.low_us <= made.then_us <= made.high_us < made.today_us
    assert simulate(office, 0.0).ratio == 1.0


def test_weeks_drawn_anew_keep_their_arrivals() -> None:
    arrived = an_office(2).arrived_us
    drawn = drawn_weeks(arrived, np.random.default_rng(1))
    assert (np.diff(drawn) >= 0).all()
    assert abs(len(drawn) - len(arrived)) < 0.1 * len(arrived)


def test_the_queue_is_tested_on_its_later_part() -> None:
    test = back_test_queue(an_office(3, n=4_000, load=0.7))
    assert test is not None
    assert test.error is not None
    assert abs(test.error) < 0.5
    assert back_test_queue(an_office(3, n=60)) is None


def test_the_median_of_nothing_is_not_known() -> None:
    nothing = np.zeros(0, dtype=np.int64)
    assert median(nothing, nothing.astype(bool)) is None
