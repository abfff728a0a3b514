"""The store of one event log: built from the events frame of a file, without a database.

Every case of a log is taken as closed, as in the report on it, unless the frame says more.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from analytics.core.frames import EVENT_COLUMNS, Codes, Ints, coded, microseconds, require
from analytics.core.segment_rows import History, measured_rows
from analytics.store.manifest import KINDS, Manifest, only_writer
from analytics.store.writing import MOST_CASES, Edition

LOG: Final = "log"
"""The place of the cases of a log."""
EVENTS_AT_ONCE: Final = 1 << 18


def build_from_log(folder: Path, events: pd.DataFrame) -> Manifest:
    """Write the store of a log in place of whatever the folder holds."""
    with only_writer(folder):
        edition = Edition(folder, Manifest())
        for history in log_histories(edition, events):
            edition.add(LOG, measured_rows(history))
        edition.join_all()
        return edition.publish(None, len(events))


def log_histories(edition: Edition, events: pd.DataFrame) -> Iterator[History]:
    """The events of whole cases, about ``EVENTS_AT_ONCE`` at a time.

    A log may carry the columns ``service``, ``area`` and ``channel``, the same on every event of a case, and
    ``closed``: whether the case was closed after the event.
    """
    require(events, EVENT_COLUMNS, "events")
    case, branch, seq = (events[name].to_numpy() for name in ("case", "branch", "seq"))
    at_us = microseconds(events["ts"])
    codes = {kind: _codes(edition, events, kind) for kind in KINDS}
    closed = events["closed"].to_numpy() if "closed" in events.columns else np.ones(len(events), dtype=np.bool_)
    order = _case_order(case, seq)
    case = case[order]
    for begin, end in _whole_cases(case):
        rows = order[begin:end]
        nothing = np.zeros(end - begin, dtype=np.int64)
        yield History(
            case=case[begin:end].astype(np.int64),
            branch=branch[rows].astype(np.int64),
            at_us=at_us[rows],
            seq=seq[rows].astype(np.int64),
            **{kind: nothing if of is None else of[0][of[1][rows]] for kind, of in codes.items()},
            closed=closed[rows],
            returned=nothing > 0,
            corrects=nothing,
        )


def _codes(edition: Edition, events: pd.DataFrame, kind: str) -> tuple[Ints, Codes] | None:
    """(code of each label, label of each event): codes are looked up a batch at a time, which keeps them narrow."""
    if kind not in events.columns:
        return None
    values = events[kind]
    if isinstance(values.dtype, pd.CategoricalDtype) and not values.isna().any():
        return edition.codes(LOG, kind, [str(label) for label in values.cat.categories]), values.cat.codes.to_numpy()
    labels, names = coded(values)
    return edition.codes(LOG, kind, names), labels


def _case_order(case: Codes, seq: Codes) -> Ints:
    """The events by (case, seq): as one number where both fit, which sorts three times as fast."""
    if len(case) and min(case.min(), seq.min()) >= 0 and case.max() < MOST_CASES and seq.max() < 1 << 32:
        return np.argsort((case.astype(np.int64) << 32) | seq)
    return np.lexsort((seq, case))


def _whole_cases(case: Codes) -> Iterator[tuple[int, int]]:
    begin = 0
    while begin < len(case):
        end = min(begin + EVENTS_AT_ONCE, len(case))
        if end < len(case):
            end = int(np.searchsorted(case, case[end - 1], side="right"))
        yield begin, end
        begin = end
