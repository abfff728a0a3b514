"""The archives behind effects: one figure an office and trial, and the lines that weigh them as the method does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import pandas as pd

from analytics.core.evaluation.effect import OfficeFigure
from analytics.reports.recompute import Recompute

SCRIPT: Final = """
import numpy as np

def mean(figures, weights):
    return (figures * weights).sum() / weights.sum()

def effect(trial):
    treated, moved, own = trial["treated"] == 1, trial["change_log"], trial["variance"] + 1e-12
    low, high = 0.0, 100.0  # how far offices differ beyond their own weeks: Paule and Mandel, by halving
    for _ in range(100):
        between = (low + high) / 2
        weights = 1 / (between + own[~treated])
        strays = (weights * (moved[~treated] - mean(moved[~treated], weights)) ** 2).sum()
        low, high = (between, high) if strays > (~treated).sum() - 1 else (low, between)
    weights = 1 / (high + own)
    return np.expm1(mean(moved[treated], weights[treated]) - mean(moved[~treated], weights[~treated]))

found = {number: effect(trial) for number, trial in rows.groupby("trial")}
result = pd.DataFrame({"estimate": [found.get(number) for number in range(%d)]}, dtype=float)
"""


def effects_again(trials: Sequence[Iterable[OfficeFigure]]) -> Recompute:
    """Make the estimates of a table again, a trial a row; one about which nothing can be claimed has no figures."""
    columns = ["trial", "office", "treated", "change_log", "variance"]

    def rows() -> pd.DataFrame:
        lines = [
            (number, one.office, int(one.is_treated), one.change, one.variance)
            for number, trial in enumerate(trials)
            for one in trial
        ]
        return pd.DataFrame(lines, columns=columns)

    return Recompute(rows, SCRIPT % len(trials))
