"""Did a change help: planted effects are found, nothing is made of nothing, and no claim where none can be made."""

import inspect
import re
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from django.utils.translation import override

from analytics.core.evaluation import effect
from analytics.core.evaluation.contrast import compare, spread_between
from analytics.core.evaluation.effect import evaluate
from analytics.core.evaluation.figures import long_run_variance
from analytics.core.evaluation.held import Held, holds_of
from analytics.core.evaluation.weekly import WEEK_US, finished_lengths, window
from analytics.reports.remarks import WORDS, sentence
from tests.logs_with_a_change import CHANGE, CHANGE_US, Town, log_of

QUIET = Town(unrest=0.02, trends=0.02, own_season=0.0, season=0.1)
HOUR = 3_600_000_000


def events(*rows):
    """Make the events frame of (case, activity, office, hours)."""
    start = pd.Timestamp("2024-01-01", tz="UTC")
    frame = pd.DataFrame(rows, columns=["case", "activity", "office", "hours"])
    frame["ts"] = start + pd.to_timedelta(frame["hours"], unit="h")
    frame["ts"] = frame["ts"].dt.as_unit("us")
    return frame.assign(
        branch=np.int16(0),
        seq=np.arange(len(frame)),
        activity=frame["activity"].astype("category"),
        office=frame["office"].astype("category"),
    )


def codes(found):
    return {remark.code for remark in found.remarks}


def estimate_of(town, seed=1, treated=("office 0",)):
    return evaluate(log_of(town, seed), CHANGE_US, treated)


# --- holds ---------------------------------------------------------------------------------------------------------


def test_a_hold_runs_from_arrival_to_the_event_of_another_office():
    held = holds_of(
        events(
            (1, "receive", "Desk", 0), (1, "check", "Desk", 2), (1, "decide", "Council", 10), (1, "send", "Desk", 13),
            (1, "end", "Desk", 14),
        )
    )  # fmt: skip
    found = [(held.offices[o], length // HOUR) for o, length in zip(held.office, held.length_us, strict=True)]
    assert found == [("Desk", 10), ("Council", 3), ("Desk", 1)]
    assert not held.open.any()


def test_the_last_event_opens_no_hold_at_another_office():
    held = holds_of(events((1, "receive", "Desk", 0), (1, "end", "Archive", 4)))
    assert [held.offices[o] for o in held.office] == ["Desk"]


def test_a_case_that_stands_where_others_go_on_is_open():
    gone = [row for case in range(1, 20) for row in ((case, "receive", "Desk", case), (case, "end", "Desk", case + 30))]
    held = holds_of(events(*gone, (99, "receive", "Desk", 40)))
    assert held.open.sum() == 1
    assert held.length_us[held.open][0] == (19 + 30 - 40) * HOUR


def test_a_case_left_long_ago_is_not_open():
    gone = [row for case in range(1, 20) for row in ((case, "receive", "Desk", case), (case, "end", "Desk", case + 3))]
    held = holds_of(events((99, "receive", "Desk", 0), *gone))
    assert not held.open.any()


def test_an_open_case_still_at_the_office_of_its_run_is_one_hold():
    gone = [
        row
        for case in range(1, 20)
        for row in (
            (case, "receive", "Desk", case),
            (case, "check", "Desk", case + 5),
            (case, "end", "Desk", case + 30),
        )
    ]
    held = holds_of(events(*gone, (99, "receive", "Desk", 38), (99, "check", "Desk", 44)))
    assert held.length_us[held.open].tolist() == [11 * HOUR]


# --- comparing offices ----------------------------------------------------------------------------------------------


def test_without_variances_of_their_own_it_is_the_t_test_of_one_against_the_others():
    """By hand: comparison 1, 2, 3, 4 (mean 2.5, sd 1.290994), treated 6; error sd·√(1 + 1/4) = 1.443376, t(3) 3.182."""
    found = compare(np.array([6.0, 1, 2, 3, 4]), np.zeros(5), np.array([True, False, False, False, False]), weeks=0)
    assert found.estimate == pytest.approx(3.5)
    assert found.error == pytest.approx(1.4433757, rel=1e-5)
    assert found.degrees == pytest.approx(3, rel=1e-3)
    assert found.high - found.estimate == pytest.approx(3.1824463 * 1.4433757, rel=1e-3)
    assert found.p_value == pytest.approx(0.09360, abs=2e-4)


def test_the_spread_between_offices_makes_the_weighted_squares_what_chance_expects():
    figures, variances = np.array([0.1, -0.4, 0.6, 0.0]), np.array([0.01, 0.02, 0.04, 0.01])
    between = spread_between(figures, variances)
    weights = 1 / (between + variances)
    mean = (weights * figures).sum() / weights.sum()
    assert (weights * (figures - mean) ** 2).sum() == pytest.approx(3, abs=1e-6)
    assert spread_between(figures / 100, variances) == 0


def test_a_single_comparison_office_cannot_be_compared_with():
    with pytest.raises(ValueError, match="two comparison offices"):
        compare(np.array([0.0, 1.0]), np.zeros(2), np.array([True, False]), weeks=10)


def test_neighbouring_weeks_that_resemble_each_other_say_less():
    alternating, blocks = np.tile([1.0, -1.0], 20), np.repeat([1.0, -1.0] * 2, 10)
    assert long_run_variance(blocks) > 4 * long_run_variance(alternating) > 0


# --- the effect ------------------------------------------------------------------------------------------------------


def test_a_planted_quarter_less_is_found():
    found = estimate_of(replace(QUIET, cases_a_week=200))
    assert found.low <= -0.25 <= found.high
    assert found.p_value < 0.01
    assert abs(found.estimate + 0.25) < 0.08
    assert abs(found.placebo) < 0.1
    assert found.without_one[0] <= found.estimate <= found.without_one[1]
    assert len(found.comparison) == 7
    assert found.median == pytest.approx(-0.25, abs=0.1)


def test_two_treated_offices_are_one_effect():
    found = estimate_of(replace(QUIET, treated=(0, 3)), treated=("office 0", "office 3"))
    assert found.low <= -0.25 <= found.high
    assert found.high - found.low < 0.35


def test_a_season_all_offices_share_is_no_effect():
    found = estimate_of(replace(QUIET, effect=0.0, season=0.5))
    assert found.low <= 0 <= found.high


def test_intervals_cover_and_alarms_are_few_among_restless_offices():
    """A small version of `./clearway bench truth`; with independent cases 1 in 3 would miss and 1 in 2 would alarm."""
    covered = alarms = 0
    for seed in range(12):
        planted, untouched = estimate_of(Town(), seed), estimate_of(Town(effect=0.0), 1_000 + seed)
        assert planted.estimate is not None, "a refusal covers nothing"
        assert untouched.estimate is not None, "a refusal is no quiet"
        covered += planted.low <= -0.25 <= planted.high
        alarms += untouched.p_value < 0.05
    assert covered >= 10
    assert alarms <= 2


def test_names_and_order_do_not_matter():
    log = log_of(QUIET, 3)
    found = evaluate(log, CHANGE_US, ("office 0",))
    renamed = log.assign(office=log["office"].cat.rename_categories(lambda name: f"z{9 - int(name[-1])}"))
    other = evaluate(renamed.sample(frac=1, random_state=1), CHANGE_US, ("z9",))
    assert other.estimate == pytest.approx(found.estimate, abs=1e-9)
    assert other.p_value == pytest.approx(found.p_value, abs=1e-9)


def test_slow_holds_cut_off_by_the_end_do_not_pass_for_an_improvement():
    """Holds of a month, half a year after: those seen to end are the short ones. Nothing changed."""
    town = replace(QUIET, effect=0.0, days=25.0)
    found = [estimate_of(town, seed) for seed in range(6)]
    assert np.mean([one.estimate for one in found]) == pytest.approx(0, abs=0.06)
    assert any("long_holds" in codes(one) for one in found)


# --- no claim --------------------------------------------------------------------------------------------------------


def refusal(found):
    assert found.estimate is found.low is found.high is found.p_value is None
    return found.remarks[-1].code


@pytest.mark.parametrize(
    ("town", "reason"),
    [
        (replace(QUIET, weeks_before=6), "few_weeks_before"),
        (replace(QUIET, weeks_after=3), "few_weeks_after"),
        (replace(QUIET, offices=2), "one_comparison"),
        (replace(QUIET, offices=1), "no_comparison"),
        (replace(QUIET, cases_a_week=2), "few_holds"),
        (replace(QUIET, treated_trend=-1.5), "own_way_before"),
        (replace(QUIET, effect=-1.0), "holds_nothing"),
    ],
)
def test_no_claim_where_none_can_be_made(town, reason):
    assert refusal(estimate_of(town)) == reason


def test_no_claim_when_the_change_is_outside_the_log_or_the_office_is_not_in_it():
    log = log_of(QUIET, 1)
    assert refusal(evaluate(log, CHANGE_US - 60 * WEEK_US, ("office 0",))) == "nothing_before"
    assert refusal(evaluate(log, CHANGE_US + 60 * WEEK_US, ("office 0",))) == "nothing_after"
    assert refusal(evaluate(log, CHANGE_US, ("Office 0",))) == "treated_absent"
    assert refusal(evaluate(log.iloc[:0], CHANGE_US, ("office 0",))) == "nothing_held"
    assert "some_treated_absent" in codes(evaluate(log, CHANGE_US, ("office 0", "nobody")))


def test_no_claim_while_every_hold_since_the_change_still_runs():
    log = log_of(QUIET, 1)
    at = (log["ts"] - CHANGE) // timedelta(microseconds=1)
    of_treated = log["office"] == "office 0"
    stuck = set(log.loc[of_treated & (at >= 0), "case"])
    waits = log["case"].isin(stuck) & (at >= 0)
    arrivals = waits & of_treated
    first = log[arrivals].drop_duplicates("case")
    kept = log[~waits]
    recent = first[(first["ts"] - CHANGE).dt.days > 150]
    found = evaluate(pd.concat([kept, recent]).sort_values(["case", "ts", "seq"]), CHANGE_US, ("office 0",))
    assert refusal(found) == "all_open"
    assert found.remarks[-1].facts == {"holds": 64}


def test_every_reason_has_a_sentence_in_both_languages():
    facts = {
        "offices": ["A", "B"], "holds": 3, "percent": -12, "weeks": 5, "least": 8, "before": 3, "after": 4,
        "office": "A", "left_out": 2, "compared": 4,
    }  # fmt: skip
    counted = {**facts, "offices": 2}
    said = set(re.findall(r"(?:CannotSay|Remark)\(\s*\"(\w+)\"", inspect.getsource(effect)))
    assert said == set(WORDS), "a reason without words, or words without a reason"
    for code, words in WORDS.items():
        own = counted if code in {"left_out", "few_comparison"} else facts
        with override("en"):
            english = words(own)
        with override("fr"):
            french = words(own)
        assert english != french, code
        assert "%(" not in english + french, code
        assert english[-1] == french[-1] == ".", code


def test_a_reason_is_said_with_its_facts():
    with override("en"):
        said = [sentence(remark) for remark in estimate_of(replace(QUIET, offices=2)).remarks]
    assert said[-1].startswith("No claim: only “office 1” can be compared with.")


# --- weeks and lengths, by hand ---------------------------------------------------------------------------------------


def held_of(*holds):
    """Holds at one office: (begins in weeks from the change, length in weeks, still open)."""
    begin, length, still = zip(*holds, strict=True)
    begins, lengths = (np.array([round(value * WEEK_US) for value in values]) for values in (begin, length))
    as_of = int((begins + lengths).max())
    return Held(np.zeros(len(holds), dtype=np.int64), begins, lengths, np.array(still), ("Desk",), as_of)


def test_an_open_hold_is_given_the_mean_of_those_that_lasted_longer():
    """Lengths before 1, 2 and 10: open at 3 goes on to 10, open at 1.5 to (2 + 10) / 2, open at 11 stays 11."""
    held = held_of((-30, 1, False), (-29, 2, False), (-28, 10, False), (1, 3, True), (2, 1.5, True), (3, 11, True))
    assert (finished_lengths(held, 0)[3:] / WEEK_US).tolist() == pytest.approx([10, 6, 11])


def test_weeks_that_holds_run_over_are_left_out_up_to_a_fifth_and_a_quarter():
    """Nine in ten within 2.1 weeks, nineteen in twenty within 3.3: 3 weeks before and the last 4 are left out."""
    lengths = [1.0] * 17 + [2.0, 3.0, 9.0]
    before = [(-50 + place, length, False) for place, length in enumerate(lengths)]
    chosen = window(held_of(*before, (10, 10, False)), 0, np.ones(21, dtype=np.bool_))
    assert (chosen.first, chosen.stop, chosen.end, chosen.is_cut_short) == (-50, -3, 16, False)
    slow = [(-50 + place, 30.0, False) for place in range(20)]
    cut = window(held_of(*slow, (10, 10, False)), 0, np.ones(21, dtype=np.bool_))
    assert (cut.stop, cut.end, cut.is_cut_short) == (-10, 15, True)


# --- several treated offices, and what to know beside an effect -------------------------------------------------------


def without(log, office, *, after):
    """Return the log without what an office got before, or since, the change."""
    side = (log["ts"] >= CHANGE) == after
    return log[~((log["office"] == office) & side)]


@pytest.mark.parametrize("after", [True, False])
def test_a_treated_office_that_was_not_there_on_both_sides_is_left_out_by_name(after):
    log = without(log_of(replace(QUIET, treated=(0, 3)), 1), "office 3", after=after)
    found = evaluate(log, CHANGE_US, ("office 0", "office 3"))
    assert found.estimate == pytest.approx(-0.25, abs=0.15)
    assert found.treated == ("office 0",)
    assert "office 3" not in found.comparison
    assert [one.facts for one in found.remarks if one.code == "treated_left_out"] == [{"offices": ["office 3"]}]


def test_a_treated_office_that_passes_everything_on_at_once_is_left_out_by_name():
    log = log_of(replace(QUIET, effect=-1.0, treated=(3,)), 1)
    found = evaluate(log, CHANGE_US, ("office 0", "office 3"))
    assert found.treated == ("office 0",)
    assert "treated_left_out" in codes(found)


def test_a_few_busy_weeks_support_no_claim():
    log = log_of(replace(QUIET, cases_a_week=600), 1)
    week = np.floor((log["ts"] - CHANGE) / timedelta(weeks=1))
    log = log[(log["office"] != "office 0") | (week >= 0) | week.isin([-39, -20])]
    assert refusal(evaluate(log, CHANGE_US, ("office 0",))) == "held_in_few_weeks"


def test_an_office_that_began_after_the_change_has_no_weeks_before_it():
    log = log_of(QUIET, 1)
    begins = CHANGE + timedelta(weeks=10)
    found = evaluate(log[(log["office"] != "office 0") | (log["ts"] >= begins)], CHANGE_US, ("office 0",))
    assert refusal(found) == "few_weeks_before"
    assert found.remarks[-1].facts["weeks"] == 0


@pytest.mark.parametrize(
    ("town", "code"),
    [
        (QUIET, "under_a_year"),
        (replace(QUIET, offices=4), "few_comparison"),
        (replace(QUIET, days=60.0, weeks_after=20), "much_open"),
    ],
)
def test_what_to_know_beside_an_effect_is_said(town, code):
    found = estimate_of(town)
    assert found.estimate is not None
    assert code in codes(found)


def test_a_shift_in_volume_and_offices_left_out_are_said():
    log = log_of(QUIET, 1)
    began = log.groupby("case")["ts"].transform("min")
    met = log.assign(here=log["office"] == "office 0").groupby("case")["here"].transform("any")
    fewer = met & (began >= CHANGE) & (log["case"] % 5 < 3)
    rare = (log["office"] == "office 7") & (log["case"] % 20 != 0)
    assert {"volume_shifted", "left_out"} <= codes(evaluate(log[~fewer & ~rare], CHANGE_US, ("office 0",)))
