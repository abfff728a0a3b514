"""Figures that others printed or other tools made, beside ours: those to see; tests/golden has all of them."""

from collections.abc import Iterator

import numpy as np

from analytics.core.equity.times import log_rank
from analytics.core.survival.competing import aalen_johansen
from analytics.core.survival.competing import quantile as share_quantile
from analytics.core.survival.curve import band, kaplan_meier, quantile, restricted_mean
from tests.bench.rows import Row
from tests.golden.analytics.test_survival_published import COMPETING_AGES, COMPETING_CAUSE, DRUG, ENDED, PLACEBO


def golden() -> Iterator[Row]:
    """The leukaemia trial of Freireich (1963): the textbook, R's survfit and survdiff, lifelines 0.30.3."""
    ended = np.array(ENDED, dtype=np.bool_)
    drug = kaplan_meier(np.array(DRUG), ended)
    placebo = kaplan_meier(np.array(PLACEBO), np.ones(len(PLACEBO), dtype=np.bool_))
    low, high = band(drug)
    at_10 = list(drug.ages_us).index(10)
    groups = np.repeat([0, 1], len(DRUG))
    test = log_rank(
        np.array(DRUG + PLACEBO),
        np.concatenate((ended, np.ones(len(PLACEBO), dtype=np.bool_))),
        groups,
        np.zeros(len(groups), dtype=np.int64),
        (2, 1),
    )
    chi = float(((test.seen - test.expected) ** 2 / test.variance)[0])
    mean = restricted_mean(drug, 35)
    answered = aalen_johansen(np.array(COMPETING_AGES), np.array(COMPETING_CAUSE), ("answered", "withdrawn"))[0]
    told = (
        ("textbook: median with the drug", quantile(drug, 50).value_us, 23, 0.0, "weeks"),
        ("textbook: median without", quantile(placebo, 50).value_us, 8, 0.0, "weeks"),
        ("R survfit: restricted mean to 35 weeks", mean.mean_us if mean else None, 23.287, 6e-4, "weeks"),
        ("R survdiff: log-rank χ²", chi, 16.79, 6e-3, ""),
        ("lifelines 0.30.3: low limit at 10 weeks", float(low[at_10]), 0.503199510800, 1e-10, "share"),
        ("lifelines 0.30.3: high limit at 10 weeks", float(high[at_10]), 0.889361835169, 1e-10, "share"),
        ("lifelines 0.30.3: half answered, competing", share_quantile(answered, 50).value_us, 12, 0.0, "days"),
    )
    missed = 0
    for what, ours, theirs, within, unit in told:
        missed += ours is None or abs(ours - theirs) > within
        yield Row("truth", what, float("nan") if ours is None else float(ours), unit, limit=theirs)
    yield Row("truth", "golden figures that differ by more than their last digit", missed, "", goal=0)
