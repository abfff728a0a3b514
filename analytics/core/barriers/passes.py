"""Passes: what an office held of one step. A stay is cut where the step changes, and only there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.core.frames import MISSING, Flags, Ints, starts_of_runs
from analytics.core.stays import Stays

NONE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Passes:
    """Columns (n,) in the order of (case, branch, start); times as in ``Stays``."""

    stay: Ints
    """The row of ``Stays`` it is a part of."""
    case: Ints
    branch: Ints
    office: Ints
    step: Ints
    """A place in the steps of the view; −1 where none was recorded."""
    sender: Ints
    """The office the stay came from by a hand-over; −1 for none."""
    start_us: Ints
    end_us: Ints
    accepted_us: Ints
    started_us: Ints

    def __len__(self) -> int:
        return len(self.case)

    @property
    def ended(self) -> Flags:
        return np.asarray(self.end_us != MISSING, dtype=np.bool_)

    def ends_us(self, as_of_us: int) -> Ints:
        """When each ended, or the observation end."""
        return np.where(self.end_us == MISSING, as_of_us, self.end_us)

    @property
    def runs(self) -> Ints:
        """Number the uninterrupted times a case spent in one step, at whatever offices."""
        return np.cumsum(starts_of_runs(self.case, self.branch, self.step)) - 1


def passes_of(stays: Stays, changes: pd.DataFrame) -> Passes:
    """Cut ``stays`` at ``changes`` (case, branch, at_us, step), which are in the order in which they happened."""
    stay, at_us, step = _cuts(stays, changes if len(stays) else changes[:0])
    last = np.append(stay[1:] != stay[:-1], True) if len(stay) else np.zeros(0, dtype=np.bool_)
    return Passes(
        stay=stay,
        case=stays.case[stay],
        branch=stays.branch[stay],
        office=stays.office[stay],
        step=step,
        sender=_senders(stays)[stay],
        start_us=at_us,
        end_us=np.where(last, stays.end_us[stay], np.append(at_us[1:], MISSING)[: len(stay)]),
        accepted_us=stays.accepted_us[stay],
        started_us=stays.started_us[stay],
    )


def _senders(stays: Stays) -> Ints:
    follows = ~starts_of_runs(stays.case, stays.branch)
    before = np.append(NONE, stays.office[:-1])[: len(stays)]
    return np.where(follows & (before != stays.office), before, NONE)


def _cuts(stays: Stays, changes: pd.DataFrame) -> tuple[Ints, Ints, Ints]:
    """Return where a pass begins: its stay, the moment and its step, in the order of the stays."""
    columns = (changes[name].to_numpy(dtype=np.int64) for name in ("case", "branch", "at_us", "step"))
    case, branch, at_us, step = columns
    of_stay = np.concatenate((np.arange(len(stays)), np.full(len(case), NONE)))
    case, branch = np.concatenate((stays.case, case)), np.concatenate((stays.branch, branch))
    at_us, step = np.concatenate((stays.start_us, at_us)), np.concatenate((np.full(len(stays), NONE), step))
    order = np.lexsort((of_stay == NONE, at_us, branch, case))
    of_stay, at_us, step = of_stay[order], at_us[order], step[order]
    first = starts_of_runs(case[order], branch[order])
    is_stay = of_stay != NONE
    stay, now = _carried(of_stay, first), _carried(step, first)
    before = np.where(first, NONE, np.append(NONE, now[:-1])[: len(now)])
    within = (stay != NONE) & ((stays.end_us[stay] == MISSING) | (at_us < stays.end_us[stay]))
    begins = np.flatnonzero(is_stay | (within & (now != before)))
    stay, at_us, now = stay[begins], at_us[begins], now[begins]
    replaced = np.append((stay[1:] == stay[:-1]) & (at_us[1:] == at_us[:-1]), False)[: len(stay)]
    return stay[~replaced], at_us[~replaced], now[~replaced]


def _carried(values: Ints, first: Flags) -> Ints:
    """Fill each −1 with the last value before it in its run; −1 where there is none."""
    if not len(values):
        return values
    place = np.arange(len(values))
    begin = np.maximum.accumulate(np.where(first, place, 0))
    seen = np.maximum.accumulate(np.where(values != NONE, place, 0))
    return np.where((seen >= begin) & (values[seen] != NONE), values[seen], NONE)
