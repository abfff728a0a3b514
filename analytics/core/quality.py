"""What was left out of the figures, and why. Nothing is repaired silently and nothing is dropped uncounted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.core.frames import EVENT_COLUMNS, HOLD_COLUMNS, MISSING, Flags, microseconds, require


@dataclass(frozen=True, slots=True)
class Dropped:
    """Rows of one frame left out for one reason. ``reason`` is a code; the page gives it words."""

    frame: str
    reason: str
    rows: int
    cases: int


def screen_events(events: pd.DataFrame, as_of_us: int) -> tuple[pd.DataFrame, tuple[Dropped, ...]]:
    """Leave out events without a time and events after the observation end."""
    require(events, EVENT_COLUMNS, "events")
    at_us = microseconds(events["ts"])
    return _screen(events, "events", {"no_time": at_us == MISSING, "after_as_of": at_us > as_of_us})


def screen_holds(holds: pd.DataFrame, as_of_us: int) -> tuple[pd.DataFrame, tuple[Dropped, ...]]:
    """Leave out holds without a beginning, begun after the observation end, or whose times run backwards."""
    require(holds, HOLD_COLUMNS, "holds")
    sent, ended = microseconds(holds["sent_at"]), microseconds(holds["ended_at"])
    accepted, started = microseconds(holds["accepted_at"]), microseconds(holds["started_at"])
    backwards = _before(ended, sent) | _before(accepted, sent) | _before(started, sent) | _before(started, accepted)
    backwards |= _before(ended, accepted) | _before(ended, started)
    return _screen(holds, "holds", {"no_time": sent == MISSING, "after_as_of": sent > as_of_us, "backwards": backwards})


def screen_cases(cases: pd.DataFrame, as_of_us: int) -> tuple[pd.DataFrame, tuple[Dropped, ...]]:
    """Leave out cases filed after the observation end or closed before they were filed."""
    submitted, closed = microseconds(cases["submitted_at"]), microseconds(cases["closed_at"])
    reasons = {
        "no_time": submitted == MISSING,
        "after_as_of": submitted > as_of_us,
        "backwards": _before(closed, submitted),
    }
    return _screen(cases, "cases", reasons)


def _before(later: np.typing.NDArray[np.int64], earlier: np.typing.NDArray[np.int64]) -> Flags:
    return np.asarray((later != MISSING) & (earlier != MISSING) & (later < earlier), dtype=np.bool_)


def _screen(frame: pd.DataFrame, name: str, reasons: dict[str, Flags]) -> tuple[pd.DataFrame, tuple[Dropped, ...]]:
    """Count a row under the first reason that fits, so the counts add up to the rows left out."""
    bad = np.zeros(len(frame), dtype=np.bool_)
    dropped = []
    for reason, fits in reasons.items():
        fresh = fits & ~bad
        if fresh.any():
            cases = len(np.unique(frame["case"].to_numpy()[fresh]))
            dropped.append(Dropped(name, reason, int(fresh.sum()), cases))
        bad |= fits
    return (frame[~bad] if bad.any() else frame), tuple(dropped)
