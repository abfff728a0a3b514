"""Segments: one row per pair of successive events of a case on one branch, in integer microseconds.

The order within a case is total: (ts, seq). Segment i is the wait from event i to event i + 1; it belongs to the
office that holds the case after event i. The last event of a branch still open is a *tail*: right-censored at the
observation end, never mixed into the closed segments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.core.frames import EVENT_COLUMNS, Codes, Flags, Ints, coded, microseconds, require, starts_of_runs


@dataclass(frozen=True, slots=True, eq=False)
class Segments:
    """Parallel columns, one entry per segment, ordered by (case, branch, start, seq)."""

    case: Ints
    branch: Ints
    from_activity: Ints
    to_activity: Ints
    from_office: Ints
    to_office: Ints
    start_us: Ints
    end_us: Ints
    seq: Ints
    """The place within its case of the event the segment begins with."""
    tied: Flags
    """True where both events carry the same time and only ``seq`` orders them."""
    activities: tuple[str, ...]
    offices: tuple[str, ...]

    @property
    def wait_us(self) -> Ints:
        return self.end_us - self.start_us

    def __len__(self) -> int:
        return len(self.case)


@dataclass(frozen=True, slots=True, eq=False)
class Tails:
    """The last event of each (case, branch): where the case stood since when, by the event log alone."""

    case: Ints
    branch: Ints
    office: Ints
    activity: Ints
    since_us: Ints
    seq: Ints


@dataclass(frozen=True, slots=True, eq=False)
class OfficeDwells:
    """What each office held of each case: all its waits together; one entry per (case, office), in that order."""

    case: Ints
    office: Ints
    held_us: Ints
    visits: Ints
    """Maximal runs of segments at the office, on any branch."""
    end_us: Ints
    """When the last of the waits ended."""


def ordered_events(events: pd.DataFrame) -> pd.DataFrame:
    """Events in total order (case, branch, ts, seq); cheap when they already are."""
    require(events, EVENT_COLUMNS, "events")
    keys = (
        events["case"].to_numpy(),
        events["branch"].to_numpy(),
        microseconds(events["ts"]),
        events["seq"].to_numpy(),
    )
    return events if _in_order(*keys) else events.iloc[np.lexsort(keys[::-1])]


def _in_order(*keys: Codes) -> bool:
    """Whether rows already are in the order of the keys, the first one first."""
    tied = np.ones(max(len(keys[0]) - 1, 0), dtype=np.bool_)
    for key in keys:
        if (tied & (key[1:] < key[:-1])).any():
            return False
        tied &= key[1:] == key[:-1]
    return True


def build_segments(events: pd.DataFrame) -> tuple[Segments, Tails]:
    """Events frame → (segments, tails). Every event is in exactly one tail or starts exactly one segment."""
    events = ordered_events(events)
    activity, activities = coded(events["activity"])
    office, offices = coded(events["office"])
    return cut(
        case=events["case"].to_numpy(dtype=np.int64),
        branch=events["branch"].to_numpy(dtype=np.int64),
        at_us=microseconds(events["ts"]),
        seq=events["seq"].to_numpy(dtype=np.int64),
        activity=activity,
        office=office,
        activities=activities,
        offices=offices,
    )


def cut(
    *,
    case: Ints,
    branch: Ints,
    at_us: Ints,
    seq: Ints,
    activity: Ints,
    office: Ints,
    activities: tuple[str, ...],
    offices: tuple[str, ...],
) -> tuple[Segments, Tails]:
    """Columns of events in total order (case, branch, ts, seq) → (segments, tails)."""
    last = np.roll(starts_of_runs(case, branch), -1)  # the first row starts a run, so the final row is a last one
    here = np.flatnonzero(~last)
    after = here + 1
    segments = Segments(
        case=case[here],
        branch=branch[here],
        from_activity=activity[here],
        to_activity=activity[after],
        from_office=office[here],
        to_office=office[after],
        start_us=at_us[here],
        end_us=at_us[after],
        seq=seq[here],
        tied=at_us[here] == at_us[after],
        activities=activities,
        offices=offices,
    )
    return segments, Tails(case[last], branch[last], office[last], activity[last], at_us[last], seq[last])


def office_dwells(segments: Segments) -> OfficeDwells:
    """Add up the waits of each case at each office, over branches and visits."""
    case, office = segments.case, segments.from_office
    order = np.argsort(case * (1 + int(office.max(initial=0))) + office, kind="stable")
    first = np.flatnonzero(starts_of_runs(case[order], office[order]))
    if not len(first):
        return OfficeDwells(*(np.zeros(0, dtype=np.int64) for _ in range(5)))
    begins = starts_of_runs(case, segments.branch, office).astype(np.int64)
    return OfficeDwells(
        case=case[order][first],
        office=office[order][first],
        held_us=np.add.reduceat(segments.wait_us[order], first),
        visits=np.add.reduceat(begins[order], first),
        end_us=np.maximum.reduceat(segments.end_us[order], first),
    )
