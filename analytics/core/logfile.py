"""A log file of any kind → the events frame of a report, with what was dropped and why.

Unlike an import, a report keeps no list of rejected rows, takes every value as it stands and has something to say
about a log without one usable event: nothing, in the same shape.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.core.eventlog import SUFFIXES, LogColumns, collect_events, parse_times, time_zone
from analytics.core.frames import Codes, Flags, Ints, microseconds
from analytics.core.logrows import EventLogError
from analytics.core.tablelog import Columns, missing, read_columns

TABLES: Final = (".csv", ".csv.gz", ".parquet")


@dataclass(frozen=True, slots=True, eq=False)
class LogFile:
    """``events``: case, branch, ts, seq, activity, office, ordered by (case, ts, seq)."""

    events: pd.DataFrame
    dropped: dict[str, int]
    """Reason → rows that were not kept."""
    office_from: str | None
    """The column or attribute the offices came from; ``None`` when the log names none."""
    naive_times: int
    """Kept events whose time carried no offset."""


def read_log(path: Path, columns: LogColumns | None = None) -> LogFile:
    """Read .csv, .csv.gz, .parquet, .xes or .xes.gz. Raises ``EventLogError`` for what is no log."""
    columns = columns or LogColumns()
    name = path.name.lower()
    if name.endswith(TABLES):
        names = (columns.case, columns.activity, columns.timestamp)
        found = _from_columns(read_columns(path, names, columns.offices, columns.encoding), columns)
        pa.default_memory_pool().release_unused()
        return found
    if not name.endswith(SUFFIXES):
        raise _unknown_kind(path)
    log = collect_events(path, columns)
    return LogFile(log.events, log.dropped, log.office_from, log.naive_times)


def _from_columns(read: Columns, columns: LogColumns) -> LogFile:
    dropped = Counter(read.dropped)
    keep = np.ones(len(read.case), dtype=np.bool_)
    times, naive = _times(read.times, columns)
    absent = times.isna().to_numpy() if read.times.dtype != "str" else (read.times == "").to_numpy(dtype=np.bool_)
    keep = _drop(dropped, "no_case", keep, missing(read.case))
    keep = _drop(dropped, "no_activity", keep, missing(read.activity))
    keep = _drop(dropped, "no_time", keep, absent)
    keep = _drop(dropped, "unreadable_time", keep, times.isna().to_numpy())
    place, case, at_us = _ordered(keep, read.case, microseconds(times))
    frame = pd.DataFrame(
        {
            "case": case,
            "branch": np.zeros(len(case), dtype=np.int8),
            "ts": pd.DatetimeIndex(at_us.view("datetime64[us]"), tz="UTC"),
            "seq": place,
            "activity": pd.Categorical.from_codes(read.activity[place], list(read.activities), validate=False),
            "office": pd.Categorical.from_codes(read.office[place], list(read.offices), validate=False),
        },
        copy=False,
    )
    return LogFile(frame, dict(dropped), read.office_from, int((naive & keep).sum()))


def _ordered(keep: Flags, case: Codes, at_us: Ints) -> tuple[Codes, Codes, Ints]:
    """Return place, case and time of the kept rows by case, time and place in the file."""
    if keep.all() and not (at_us[1:] < at_us[:-1]).any():
        order = _stable_order(case)
        return order.astype(np.int32), case[order], at_us[order]
    place = np.flatnonzero(keep)
    if (at_us[place[1:]] < at_us[place[:-1]]).any():
        place = place[np.argsort(at_us[place], kind="stable")]
    place = place[_stable_order(case[place])]
    return place.astype(np.int32), case[place], at_us[place]


def _stable_order(codes: Codes) -> Ints:
    """Return the stable order of codes ≥ 0: code and place sort as one number, far quicker than places by code."""
    bits = max(len(codes).bit_length(), 1)
    keys = codes.astype(np.int64)
    keys <<= bits
    keys |= np.arange(len(codes))
    keys.sort()
    keys &= (1 << bits) - 1
    return keys


def _times(texts: pd.Series, columns: LogColumns) -> tuple[pd.Series, Flags]:
    if texts.dtype == "str":
        return parse_times(texts, time_zone(columns.zone))
    return texts, np.zeros(len(texts), dtype=np.bool_)


def _drop(dropped: Counter[str], reason: str, keep: Flags, bad: Flags) -> Flags:
    """Count what is dropped for ``reason`` and was not dropped before; return what is still kept."""
    now = keep & bad
    if now.any():
        dropped[reason] += int(now.sum())
    still: Flags = keep & ~bad
    return still


def _unknown_kind(path: Path) -> EventLogError:
    kinds = ", ".join((*TABLES, ".xes", ".xes.gz"))
    return EventLogError(
        f"{path.name} is not a kind of event log read here. Give a file ending in {kinds}.",
        f"{path.name} n’est pas un type de journal lu ici. Donnez un fichier se terminant par {kinds}.",
    )
