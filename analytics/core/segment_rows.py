"""What the segment store keeps of each case: three families of rows, of codes and integer microseconds.

``segments``  one row per pair of successive events of a case on one branch; it waits ``wait_us`` until ``at_us``
``tails``     the last event of each (case, branch), at ``at_us``; where ``open``, the case has waited there since, and
              nobody knows yet until when: right-censored at whatever moment one looks
``dwells``    what an office held of a case: all its waits together, the last of which ended ``at_us``; ``here`` where
              the case is there now

Definitions are those of ``segments``; nothing here measures anew. Code 0 is *unknown* of every kind. A row carries the
service, area and channel its case has now, so that any filter is a mask on columns of one length.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np

from analytics.core.frames import Flags, Ints, starts_of_runs
from analytics.core.segments import OfficeDwells, Segments, Tails, cut, office_dwells

Columns: TypeAlias = Mapping[str, Ints]
"""Parallel columns by name."""
Rows: TypeAlias = Mapping[str, Columns]
"""Family → its columns."""

CASE_FACTS: Final = ("service", "area", "channel")
FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "segments": (
        "case", "seq", "branch", "from_activity", "to_activity", "from_office", "to_office", *CASE_FACTS, "wait_us",
        "at_us",
    ),
    "tails": ("case", "seq", "branch", "activity", "office", *CASE_FACTS, "open", "at_us"),
    "dwells": ("case", "office", "visits", *CASE_FACTS, "here", "held_us", "at_us"),
}  # fmt: skip
KEY_OF: Final[Mapping[str, str]] = {"segments": "seq", "tails": "seq", "dwells": "office"}
"""The column that, with the case, names a row of the family."""


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Every event of some cases in codes, ordered by (case, seq): what happened, as it was recorded.

    ``service``, ``area``, ``channel``: 0 where the event does not say; the last event that does is right for its case.
    ``closed``: whether the case was closed after the event. ``corrects``: the seq of the event whose time this one
    puts right, else 0. ``returned``: the event ends its branch beside the lead one.
    """

    case: Ints
    branch: Ints
    at_us: Ints
    seq: Ints
    activity: Ints
    office: Ints
    service: Ints
    area: Ints
    channel: Ints
    closed: Flags
    returned: Flags
    corrects: Ints

    def __len__(self) -> int:
        return len(self.case)

    def only(self, keep: Flags | Ints) -> History:
        """The chosen events."""
        return History(*(getattr(self, name)[keep] for name in self.__slots__))


def measured_rows(history: History) -> Rows:
    """Events of whole cases → their rows in each family."""
    if not len(history):
        return {family: {name: np.zeros(0, dtype=np.int64) for name in names} for family, names in FAMILIES.items()}
    first = np.flatnonzero(starts_of_runs(history.case))
    facts = {name: _last_said(getattr(history, name), first) for name in CASE_FACTS}
    is_open = ~history.closed[np.append(first[1:], len(history)) - 1]
    cases = history.case[first]
    events = _in_order(_put_right(history))
    segments, tails = cut(
        case=events.case,
        branch=events.branch,
        at_us=events.at_us,
        seq=events.seq,
        activity=events.activity,
        office=events.office,
        activities=(),
        offices=(),
    )
    returned = events.returned[np.roll(starts_of_runs(events.case, events.branch), -1)]
    waits = np.asarray(is_open[np.searchsorted(cases, tails.case)] & ~returned, dtype=np.bool_)
    dwells = office_dwells(segments)
    return {
        "segments": _segments(segments) | _facts(facts, cases, segments.case),
        "tails": _tails(tails, waits) | _facts(facts, cases, tails.case),
        "dwells": _dwells(dwells, tails, waits) | _facts(facts, cases, dwells.case),
    }


def _put_right(history: History) -> History:
    """A correction is no step of its own: the event it names happened at the time of the correction.

    Of several corrections of one event the last is right. A correction that names no event of its case stays a step.
    """
    mends = np.flatnonzero(history.corrects)
    if not len(mends):
        return history
    at_us = history.at_us.copy()
    place = {(int(history.case[row]), int(history.seq[row])): row for row in _of_cases(history, mends)}
    drop = np.zeros(len(history), dtype=np.bool_)
    for row in mends:
        named = place.get((int(history.case[row]), int(history.corrects[row])))
        if named is not None and named != row:
            at_us[named] = history.at_us[row]
            drop[row] = True
    return replace(history, at_us=at_us).only(~drop)


def _of_cases(history: History, rows: Ints) -> Ints:
    return np.flatnonzero(np.isin(history.case, history.case[rows]))


def _in_order(history: History) -> History:
    """Events by (case, branch, time, seq); most come so, and seeing that is cheaper than sorting."""
    keys = (history.case, history.branch, history.at_us, history.seq)
    if _is_sorted(*keys):
        return history
    return history.only(np.lexsort(keys[::-1]))


def _is_sorted(*keys: Ints) -> bool:
    """Whether rows stand in the order of their keys, the first key first."""
    undecided = np.ones(max(len(keys[0]) - 1, 0), dtype=np.bool_)
    for key in keys:
        if bool(np.any(undecided & (key[1:] < key[:-1]))):
            return False
        undecided &= key[1:] == key[:-1]
    return True


def _last_said(values: Ints, first: Ints) -> Ints:
    """Return the last value of each run that is not 0; 0 where none is."""
    said = np.maximum.reduceat(np.where(values > 0, np.arange(len(values)), -1), first)
    return np.where(said >= 0, values[said], 0)


def _facts(facts: Columns, cases: Ints, wanted: Ints) -> dict[str, Ints]:
    place = np.searchsorted(cases, wanted)
    return {name: values[place] for name, values in facts.items()}


def _segments(rows: Segments) -> dict[str, Ints]:
    return {
        "case": rows.case,
        "seq": rows.seq,
        "branch": rows.branch,
        "from_activity": rows.from_activity,
        "to_activity": rows.to_activity,
        "from_office": rows.from_office,
        "to_office": rows.to_office,
        "wait_us": rows.wait_us,
        "at_us": rows.end_us,
    }


def _tails(rows: Tails, waits: Flags) -> dict[str, Ints]:
    return {
        "case": rows.case,
        "seq": rows.seq,
        "branch": rows.branch,
        "activity": rows.activity,
        "office": rows.office,
        "open": waits.astype(np.int64),
        "at_us": rows.since_us,
    }


def _dwells(rows: OfficeDwells, tails: Tails, waits: Flags) -> dict[str, Ints]:
    """``here``: a branch of the case is open at the office now."""
    count = 1 + max((int(part.max()) for part in (rows.office, tails.office) if len(part)), default=0)
    now = np.unique(tails.case[waits] * count + tails.office[waits])
    return {
        "case": rows.case,
        "office": rows.office,
        "visits": rows.visits,
        "here": np.isin(rows.case * count + rows.office, now).astype(np.int64),
        "held_us": rows.held_us,
        "at_us": rows.end_us,
    }


def changed_rows(before: Columns, after: Columns, family: str) -> tuple[Columns, Columns]:
    """(rows that are there no more, rows that are new) of one family; a row that differs in anything is both."""
    names = FAMILIES[family]
    columns = {name: np.concatenate((before[name], after[name])) for name in names}
    is_new = np.arange(len(columns["case"])) >= len(before["case"])
    order = np.lexsort((is_new, *(columns[name] for name in reversed(names))))
    same = np.ones(max(len(order) - 1, 0), dtype=np.bool_)
    for name in names:
        values = columns[name][order]
        same &= values[1:] == values[:-1]
    alone = np.ones(len(order), dtype=np.bool_)
    alone[1:] &= ~same
    alone[:-1] &= ~same
    gone, come = order[alone & ~is_new[order]], order[alone & is_new[order]]
    return ({name: columns[name][gone] for name in names}, {name: columns[name][come] for name in names})
