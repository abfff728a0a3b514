"""What was left out of the figures, and why. Nothing is repaired silently and nothing is dropped uncounted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.core.frames import (
    EVENT_COLUMNS,
    HOLD_COLUMNS,
    MISSING,
    UNKNOWN,
    Flags,
    coded,
    microseconds,
    require,
    starts_of_runs,
)
from analytics.core.segments import Segments, ordered_events


@dataclass(frozen=True, slots=True)
class Dropped:
    """Rows of one frame left out for one reason. ``reason`` is a code; the page gives it words."""

    frame: str
    reason: str
    rows: int
    cases: int


@dataclass(frozen=True, slots=True)
class Noted:
    """Rows that were kept and that a reader should know of. ``what`` is a code."""

    what: str
    rows: int
    of: int

    @property
    def share(self) -> float:
        return self.rows / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Unexpected:
    """A step followed by another one that the workflow does not have after it."""

    before: str
    after: str
    times: int
    cases: int


def screen_events(events: pd.DataFrame, as_of_us: int) -> tuple[pd.DataFrame, tuple[Dropped, ...]]:
    """Leave out events without a time and events after the observation end."""
    require(events, EVENT_COLUMNS, "events")
    at_us = microseconds(events["ts"])
    return _screen(events, "events", {"no_time": at_us == MISSING, "after_as_of": at_us > as_of_us})


def quarantine_events(
    events: pd.DataFrame, cases: pd.DataFrame, as_of_us: int, after_close: Collection[str] = ()
) -> tuple[pd.DataFrame, tuple[Dropped, ...]]:
    """Leave out events without a time, after the observation end, told twice, or after their case was closed.

    ``after_close`` are activities that rightly come later (a rating, a comment). Nothing is repaired.
    """
    require(events, EVENT_COLUMNS, "events")
    at_us = microseconds(events["ts"])
    reasons = {
        "no_time": at_us == MISSING,
        "after_as_of": at_us > as_of_us,
        "told_twice": _told_twice(events),
        "after_close": _later_than_closed(events, cases) & ~events["activity"].isin(list(after_close)).to_numpy(),
    }
    return _screen(events, "events", reasons)


def _told_twice(events: pd.DataFrame) -> Flags:
    same = ["case", "branch", "ts", "activity", "office"]
    again = np.zeros(len(events), dtype=np.bool_)
    order = np.argsort(events["seq"].to_numpy(), kind="stable")
    again[order] = events.iloc[order].duplicated(same).to_numpy()
    return again


def _later_than_closed(events: pd.DataFrame, cases: pd.DataFrame) -> Flags:
    closed = pd.Series(microseconds(cases["closed_at"]), index=cases["case"].to_numpy())
    ends = events["case"].map(closed).fillna(MISSING).to_numpy(dtype=np.int64)
    return np.asarray((ends != MISSING) & (microseconds(events["ts"]) > ends), dtype=np.bool_)


def notes(events: pd.DataFrame) -> tuple[Noted, ...]:
    """Events that were kept → how many share the time of the one before, name no office, are their case's only one."""
    events = ordered_events(events)
    case, branch, at_us = (
        events["case"].to_numpy(np.int64),
        events["branch"].to_numpy(np.int64),
        microseconds(events["ts"]),
    )
    new = starts_of_runs(case, branch)
    tied = ~new
    tied[1:] &= at_us[1:] == at_us[:-1]
    office, offices = coded(events["office"])
    nameless = int((office == offices.index(UNKNOWN)).sum()) if UNKNOWN in offices else 0
    times = np.unique(case, return_counts=True)[1]
    return (
        Noted("same_time", int(tied.sum()), len(events)),
        Noted("no_office", nameless, len(events)),
        Noted("one_event", int((times == 1).sum()), len(times)),
    )


def unexpected(segments: Segments, expected: Collection[tuple[str, str]]) -> tuple[Unexpected, ...]:
    """Count the pairs of steps that are not ``expected``, the most frequent first: skipped steps and odd ways."""
    labels = segments.activities
    keys, pair = np.unique(segments.from_activity * len(labels) + segments.to_activity, return_inverse=True)
    times = np.bincount(pair, minlength=len(keys))
    cases = np.bincount(np.unique(np.column_stack((pair, segments.case)), axis=0)[:, 0], minlength=len(keys))
    rows = [
        Unexpected(*named, int(times[place]), int(cases[place]))
        for place, key in enumerate(keys.tolist())
        if (named := (labels[key // len(labels)], labels[key % len(labels)])) not in expected
    ]
    return tuple(sorted(rows, key=lambda row: (-row.times, row.before, row.after)))


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
