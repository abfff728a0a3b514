"""Rework: steps a case went through again, how far it had gone meanwhile, and the time between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.core.frames import Flags, Ints, coded, microseconds
from analytics.core.quantiles import grouped_totals
from analytics.core.segments import ordered_events


@dataclass(frozen=True, slots=True)
class Rework:
    """One activity that some case has twice or more. Repeats: every time after the first."""

    activity: str
    cases: int
    repeats: int
    at_once: int
    """Of these, straight after itself (a loop); the others came back after something else."""
    other_office: int
    """Of these, by another office than the time before."""
    time_us: int
    """From the first to the last time of it, of all these cases: what the case went through twice."""


def rework(events: pd.DataFrame) -> tuple[Rework, ...]:
    """Events frame → one row per repeated activity, the most time first, then by name."""
    events = ordered_events(events)
    case, (activity, labels) = events["case"].to_numpy(dtype=np.int64), coded(events["activity"])
    office, _ = coded(events["office"])
    order = np.lexsort((np.arange(len(case)), activity, case))
    again = _again(case[order], activity[order])
    before, now = order[again - 1], order[again]
    code, at_us, count = activity[now], microseconds(events["ts"]), len(labels)
    repeats, at_once, moved, cases = (
        np.bincount(code[some], minlength=count)
        for some in (
            slice(None),
            now == before + 1,
            office[now] != office[before],
            _first_of_case(case[now], code),
        )
    )
    time_us = grouped_totals(at_us[now] - at_us[before], code, count)
    rows = [
        Rework(label, *(int(part[k]) for part in (cases, repeats, at_once, moved, time_us)))
        for k, label in enumerate(labels)
        if repeats[k]
    ]
    return tuple(sorted(rows, key=lambda row: (-row.time_us, row.activity)))


def _again(case: Ints, activity: Ints) -> Ints:
    """Return the places, in the order of (case, activity, time), that repeat the one before."""
    return np.flatnonzero((case[1:] == case[:-1]) & (activity[1:] == activity[:-1])).astype(np.int64) + 1


def _first_of_case(case: Ints, code: Ints) -> Flags:
    first = np.ones(len(case), dtype=np.bool_)
    first[1:] = (case[1:] != case[:-1]) | (code[1:] != code[:-1])
    return first
