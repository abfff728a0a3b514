"""Cycle time: from filing to the (last) close, in wall time, with open cases kept apart and then put to use.

Closed-only quantiles are easy to read and biased: a young cohort has only had time for its quick cases to close. The
Kaplan-Meier median beside them uses the open cases as what they are, right-censored at the observation end.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from analytics.core.frames import CASE_COLUMNS, MISSING, Flags, Ints, coded, microseconds, require
from analytics.core.quantiles import NOTHING, Spread, grouped_quantiles, spread, spreads
from analytics.core.survival.curve import kaplan_meier
from analytics.core.survival.curve import quantile as survival_quantile

ANSWERED: Final = frozenset({"resolved", "no_action_needed", "not_responsible", "unknown"})
"""Outcomes that end a case with an answer. The others (duplicate, withdrawn, invalid) stop it: they are counted,
not timed."""


@dataclass(frozen=True, slots=True, eq=False)
class Cycles:
    """One row per case of the cohort, as it stood at the observation end."""

    case: Ints
    group: Ints
    age_us: Ints
    """Cycle time of a closed case; age so far of an open one."""
    submitted_us: Ints
    closed: Flags
    timed: Flags
    """False for cases that stopped without an answer: they count in ``stopped`` only."""
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CycleTime:
    """One group of cases. Durations in microseconds of calendar time."""

    group: str
    closed: Spread
    open: Spread
    """Ages so far; the open cases are in no closed figure."""
    stopped: int
    median_with_open_us: float | None
    """The plain median while nothing is open; Kaplan-Meier otherwise. ``None`` when fewer than half are estimated to
    have closed by the end of what was observed."""


def cycles(cases: pd.DataFrame, by: str, as_of_us: int, answered: Collection[str] = ANSWERED) -> Cycles:
    """Cases frame → one row per case submitted by ``as_of_us``, grouped by the column ``by`` (service or area)."""
    require(cases, CASE_COLUMNS, "cases")
    submitted, ended = microseconds(cases["submitted_at"]), microseconds(cases["closed_at"])
    known = (submitted != MISSING) & (submitted <= as_of_us)
    group, groups = coded(cases[by])
    outcome, outcomes = coded(cases["outcome"])
    gives_answer = np.array([label in answered for label in outcomes], dtype=np.bool_)
    closed = (ended != MISSING) & (ended <= as_of_us)
    until = np.where(closed, ended, as_of_us)
    return Cycles(
        case=cases["case"].to_numpy(dtype=np.int64)[known],
        group=group[known],
        age_us=(until - submitted)[known],
        submitted_us=submitted[known],
        closed=closed[known],
        timed=(~closed | gives_answer[outcome])[known],
        groups=groups,
    )


def cycle_times(rows: Cycles) -> tuple[CycleTime, ...]:
    """One ``CycleTime`` per group that has a case, the most closed cases first, ties by name."""
    count = len(rows.groups)
    done, waiting = rows.closed & rows.timed, ~rows.closed
    closed = spreads(rows.age_us[done], rows.group[done], count)
    still = spreads(rows.age_us[waiting], rows.group[waiting], count)
    stopped = np.bincount(rows.group[~rows.timed], minlength=count)
    table = [
        CycleTime(name, closed[code], still[code], int(stopped[code]), _group_median(rows, code))
        for code, name in enumerate(rows.groups)
        if closed[code].n or still[code].n or stopped[code]
    ]
    return tuple(sorted(table, key=lambda row: (-row.closed.n, row.group)))


def cycle_time(rows: Cycles) -> CycleTime:
    """Return the same over all groups together; the group is named ``all``."""
    done, waiting = rows.closed & rows.timed, ~rows.closed
    median = _median_with_open(rows.age_us[rows.timed], rows.closed[rows.timed])
    if not len(rows.case):
        return CycleTime("all", NOTHING, NOTHING, 0, None)
    return CycleTime("all", spread(rows.age_us[done]), spread(rows.age_us[waiting]), int((~rows.timed).sum()), median)


def quantile(values_us: Ints, percent: int) -> float:
    """Return the exact quantile of one set of durations, which must not be empty."""
    return float(grouped_quantiles(values_us, np.zeros(len(values_us), dtype=np.int64), 1, (percent,))[0, 0])


def kaplan_meier_quantile(ages_us: Ints, ended: Flags, percent: int) -> float | None:
    """Return the first age by which at least ``percent`` % are estimated to have ended, ``None`` if never observed.

    Ties: at one age, endings come before censorings, as is conventional.
    """
    value = survival_quantile(kaplan_meier(ages_us, ended), percent).value_us
    return None if value is None else float(value)


def _group_median(rows: Cycles, code: int) -> float | None:
    chosen = (rows.group == code) & rows.timed
    return _median_with_open(rows.age_us[chosen], rows.closed[chosen])


def _median_with_open(ages_us: Ints, ended: Flags) -> float | None:
    """Without an open case it is the same number as the median of the answered ones, interpolated for an even n."""
    if len(ages_us) and ended.all():
        return quantile(ages_us, 50)
    return kaplan_meier_quantile(ages_us, ended, 50)
