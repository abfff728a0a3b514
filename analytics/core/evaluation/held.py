"""Holds: maximal runs of a case at one office, those that still run included.

A log does not say which cases are open. The last event of a case holds nothing when its activity usually ends cases,
or when the case has stood still for longer than cases that went on ever did; otherwise the hold still runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from analytics.core.frames import Flags, Ints, microseconds, starts_of_runs
from analytics.core.quantiles import grouped_quantiles
from analytics.core.segments import Segments, Tails, build_segments

ENDS: Final = 0.5
"""An activity that is the last of its case at least this often ends cases."""
STANDS_STILL: Final = 99
"""Percentile of the waits after an activity beyond which a case that stopped there was left, and is not open."""


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Parallel columns, one entry per hold. ``office`` is a place in ``offices``; times in microseconds UTC.

    ``length_us`` of a hold in ``open`` counts up to ``as_of_us``, the last event of the log.
    """

    office: Ints
    begin_us: Ints
    length_us: Ints
    open: Flags
    offices: tuple[str, ...]
    as_of_us: int

    def __len__(self) -> int:
        return len(self.office)


def holds_of(events: pd.DataFrame) -> Held:
    """Events frame → holds; a case's last event opens one only while the case is still under way."""
    segments, tails = build_segments(events)
    as_of_us = int(microseconds(events["ts"]).max()) if len(events) else 0
    running = still_open(segments, tails, as_of_us)
    case = np.concatenate((segments.case, tails.case[running]))
    branch = np.concatenate((segments.branch, tails.branch[running]))
    office = np.concatenate((segments.from_office, tails.office[running]))
    begin = np.concatenate((segments.start_us, tails.since_us[running]))
    end = np.concatenate((segments.end_us, np.full(int(running.sum()), as_of_us, dtype=np.int64)))
    is_tail = np.arange(len(case)) >= len(segments)
    # Segments are in order already, ties included; a tail comes after everything of its case.
    order = np.lexsort((np.arange(len(case)), is_tail, branch, case))
    case, branch, office, begin, end = (part[order] for part in (case, branch, office, begin, end))
    is_tail = is_tail[order]
    first = np.flatnonzero(starts_of_runs(case, branch, office))
    last = np.append(first[1:], len(case)) - 1 if len(first) else first
    return Held(office[first], begin[first], end[last] - begin[first], is_tail[last], segments.offices, as_of_us)


def still_open(segments: Segments, tails: Tails, as_of_us: int) -> Flags:
    """Which of the last events of their cases leave the case at their office at ``as_of_us``."""
    count = len(segments.activities)
    ended = _last_share(segments, tails, as_of_us, count) >= ENDS
    patience = grouped_quantiles(segments.wait_us, segments.from_activity, count, [STANDS_STILL])[:, 0]
    waited = as_of_us - tails.since_us
    with np.errstate(invalid="ignore"):
        open_now: Flags = ~ended[tails.activity] & (waited <= patience[tails.activity])
    return open_now


def _last_share(segments: Segments, tails: Tails, as_of_us: int, count: int) -> np.ndarray:
    """How often each activity ends its case, among those old enough to tell where any are, else among all."""
    waits = segments.wait_us
    grown = int(np.quantile(waits, STANDS_STILL / 100)) if len(waits) else 0
    followed, last = (np.bincount(codes, minlength=count) for codes in (segments.from_activity, tails.activity))
    old_followed = np.bincount(segments.from_activity[segments.start_us <= as_of_us - grown], minlength=count)
    old_last = np.bincount(tails.activity[tails.since_us <= as_of_us - grown], minlength=count)
    is_old = old_followed + old_last > 0
    ends = np.where(is_old, old_last, last)
    return np.asarray(ends / np.maximum(ends + np.where(is_old, old_followed, followed), 1))
