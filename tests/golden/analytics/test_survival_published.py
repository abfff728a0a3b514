"""Kaplan-Meier and Aalen-Johansen against printed and other tools' figures.

The leukaemia trial of Freireich et al. (1963), as every textbook has it (Cox and Oakes 1984, table 1.1; Kalbfleisch
and Prentice 1980): weeks of remission, + still in remission. Shares and Greenwood errors as printed there; limits by
lifelines 0.30.3 (log-log), which also made the competing figures; the restricted mean to 35 weeks is that of R's
``survfit``. None of these is a dependency.
"""

import numpy as np
import pytest

from analytics.core.equity.times import log_rank
from analytics.core.survival import competing
from analytics.core.survival.competing import aalen_johansen
from analytics.core.survival.curve import band, kaplan_meier, quantile, restricted_mean

DRUG = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
ENDED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]

drug = kaplan_meier(np.array(DRUG), np.array(ENDED, dtype=np.bool_))
placebo = kaplan_meier(np.array(PLACEBO), np.ones(21, dtype=np.bool_))


def test_shares_and_errors_of_the_drug_as_printed():
    assert list(drug.ages_us) == [6, 7, 10, 13, 16, 22, 23]
    assert list(drug.at_risk) == [21, 17, 15, 12, 11, 7, 6]
    assert np.round(drug.survival, 3).tolist() == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    errors = drug.survival * np.sqrt(drug.greenwood)
    assert np.round(errors, 4).tolist() == [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]


def test_limits_of_the_drug():
    low, high = band(drug)
    by_lifelines = {
        6: (0.619717955266, 0.951551747647),
        10: (0.503199510800, 0.889361835169),
        16: (0.367510855988, 0.804912189472),
        23: (0.188052005959, 0.680142628495),
    }
    for age, limits in by_lifelines.items():
        at = list(drug.ages_us).index(age)
        assert (low[at], high[at]) == pytest.approx(limits, abs=1e-12)


def test_medians_with_their_limits():
    of_drug, of_placebo = quantile(drug, 50), quantile(placebo, 50)
    assert (of_drug.value_us, of_drug.low_us, of_drug.high_us) == (23, 13, None)
    assert (of_placebo.value_us, of_placebo.low_us, of_placebo.high_us) == (8, 4, 11)


def test_restricted_means():
    to_35 = restricted_mean(drug, 35)
    assert (round(to_35.mean_us, 3), round(to_35.error_us, 3)) == (23.287, 2.827)
    assert restricted_mean(drug, 20).mean_us == pytest.approx(16.116526610644254, abs=1e-9)
    assert restricted_mean(placebo, 20).mean_us == pytest.approx(8.428571428571429, abs=1e-12)
    assert restricted_mean(drug, 36) is None
    # nobody is censored: the plain mean of 182 weeks over 21 people, and its plain standard error
    whole = restricted_mean(placebo, 30)
    assert whole.mean_us == pytest.approx(182 / 21)
    assert whole.error_us == pytest.approx(np.std(PLACEBO) / np.sqrt(21))


COMPETING_AGES = [1, 2, 3, 4, 4, 5, 6, 7, 7, 8, 9, 10, 11, 12, 12, 13]
COMPETING_CAUSE = [1, 2, 0, 1, 2, 1, 0, 1, 1, 2, 0, 1, 2, 0, 1, 0]
"""0 goes on, 1 is answered, 2 is withdrawn."""
BY_LIFELINES = {
    1: {
        5: (0.197115384615, 0.048040564595, 0.419476539215),
        7: (0.346688034188, 0.125129068668, 0.582793457576),
        12: (0.526175213675, 0.236105022360, 0.751530941708),
    },
    2: {4: (0.129807692308, 0.021272069236, 0.338701082347), 11: (0.294337606838, 0.088485452141, 0.539644529658)},
}


@pytest.mark.parametrize("cause", [1, 2])
def test_shares_of_competing_ends_and_their_limits(cause):
    """Exactly those of lifelines, which cannot take equal ages: there the second of a pair came a moment later."""
    ages = np.array(COMPETING_AGES, dtype=np.int64) * 1_000_000
    ages[[4, 8]] += 1
    found = aalen_johansen(ages, np.array(COMPETING_CAUSE), ("answered", "withdrawn"))[cause - 1]
    low, high = competing.band(found)
    for age, expected in BY_LIFELINES[cause].items():
        at = np.searchsorted(found.ages_us, age * 1_000_000 + 1, side="right") - 1
        assert (found.share[at], low[at], high[at]) == pytest.approx(expected, abs=1e-10)


def test_half_of_all_were_answered_by_the_twelfth_day():
    ages = np.array(COMPETING_AGES)
    answered, withdrawn = aalen_johansen(ages, np.array(COMPETING_CAUSE), ("answered", "withdrawn"))
    half = competing.quantile(answered, 50)
    assert (half.value_us, half.low_us, half.high_us) == (12, 7, None)
    assert competing.quantile(withdrawn, 50).value_us is None


def test_the_log_rank_test_of_the_two_groups_as_printed():
    """χ² = 16.79 (survdiff in R, and every textbook); 19.25 relapses were expected with the drug."""
    test = log_rank(
        np.array(DRUG + PLACEBO),
        np.array(ENDED + [1] * 21, dtype=np.bool_),
        np.repeat([0, 1], 21),
        np.zeros(42, dtype=np.int64),
        (2, 1),
    )
    assert test.seen.tolist() == [9, 21]
    assert np.round(test.expected, 2).tolist() == [19.25, 10.75]
    assert ((test.seen - test.expected) ** 2 / test.variance).round(2).tolist() == [16.79, 16.79]
