"""What the two log readers hand on: one row per event, or the reason there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


class EventLogError(ValueError):
    """The file cannot be read as an event log. ``str()`` is the English sentence, ``french`` the other one."""

    def __init__(self, english: str, french: str) -> None:
        super().__init__(english)
        self.english = english
        self.french = french


@dataclass(frozen=True, slots=True)
class LogRow:
    """One event as text. ``place`` counts events (XES) or lines (CSV, the header is line 1)."""

    place: int
    case: str
    activity: str
    timestamp: str
    office: str
    office_from: str
    case_attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reject:
    """One event that was not kept: where it stands, the column at fault, a reason code and what stood there."""

    place: int
    column: str
    reason: str
    found: str = ""


def keep_or_reject(row: LogRow, names: tuple[str, str, str]) -> LogRow | Reject:
    """``names`` are the columns of case, activity and time: a row must have all three."""
    case, activity, timestamp = names
    if any("\x00" in text for text in (row.case, row.activity, row.office)):
        return Reject(row.place, "", "nul_character")
    if not row.case:
        return Reject(row.place, case, "no_case")
    if not row.activity:
        return Reject(row.place, activity, "no_activity")
    if not row.timestamp:
        return Reject(row.place, timestamp, "no_time")
    return row
