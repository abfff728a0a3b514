"""Which cases a report is about: a cohort by filing time, narrowed by service, area and office."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.core.frames import Flags, Ints, coded, microseconds


@dataclass(frozen=True, slots=True)
class Selection:
    """Filed from ``since_us`` up to, not including, ``until_us``; ``None`` leaves a side open.

    ``office`` keeps the cases that office ever held. Codes are the labels of the frames' categories.
    """

    since_us: int | None = None
    until_us: int | None = None
    service: str | None = None
    area: str | None = None
    office: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CaseFrames:
    """The three frames of one set of cases; their columns are told in ``frames``."""

    cases: pd.DataFrame
    holds: pd.DataFrame
    events: pd.DataFrame


def select(frames: CaseFrames, wanted: Selection) -> CaseFrames:
    """Keep the wanted cases, with every hold and event of theirs."""
    cases = frames.cases
    keep = np.ones(len(cases), dtype=np.bool_)
    submitted = microseconds(cases["submitted_at"])
    if wanted.since_us is not None:
        keep &= submitted >= wanted.since_us
    if wanted.until_us is not None:
        keep &= submitted < wanted.until_us
    for column, code in (("service", wanted.service), ("area", wanted.area)):
        if code is not None:
            keep &= (cases[column] == code).to_numpy(dtype=np.bool_)
    if wanted.office is not None:
        held = frames.holds.loc[frames.holds["office"] == wanted.office, "case"].to_numpy()
        keep &= np.isin(cases["case"].to_numpy(), held)
    return frames if keep.all() else _restrict(frames, keep)


def only_cases_of(frame: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows of ``frame`` whose case is in ``cases``."""
    among = np.isin(frame["case"].to_numpy(), cases["case"].to_numpy())
    return frame if among.all() else frame[among]


def places_of(case: Ints, cases: pd.DataFrame) -> Ints:
    """Return the row of each case (n,) in the cases frame. Every one must be there."""
    known = cases["case"].to_numpy(dtype=np.int64)
    order = np.argsort(known, kind="stable")
    return order[np.searchsorted(known, case, sorter=order)]


def of_cases(case: Ints, cases: pd.DataFrame, column: str) -> tuple[Ints, tuple[str, ...]]:
    """Return the ``column`` (service, area) of each case: codes (n,) and labels. Every one must be there."""
    codes, labels = coded(cases[column])
    return codes[places_of(case, cases)], labels


def _restrict(frames: CaseFrames, keep: Flags) -> CaseFrames:
    cases = frames.cases[keep]
    return CaseFrames(cases, only_cases_of(frames.holds, cases), only_cases_of(frames.events, cases))
