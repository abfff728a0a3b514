"""The holds of a place as an evaluation reads them: from the ledger, where it is known which still run."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analytics.core.evaluation.held import Held
from analytics.core.frames import MISSING, Flags, Ints, microseconds, starts_of_runs
from analytics.core.selection import places_of
from analytics.core.stays import Stays
from analytics.reports.measure import Measured

WAITING = "waiting"


@dataclass(frozen=True, slots=True, eq=False)
class Holds:
    """``held``, and for each hold its case, the place of that case in the cases frame, its service and what came next.

    ``unstarted`` counts the holds that ended before anybody recorded a start: with the measure “waiting” they have no
    length and are left out.
    """

    held: Held
    case: Ints
    row: Ints
    service: Ints
    services: tuple[str, ...]
    sent_on: Flags
    unstarted: int = 0

    def of(self, chosen: Flags) -> Holds:
        """Return some of the holds."""
        held = replace(
            self.held,
            office=self.held.office[chosen],
            begin_us=self.held.begin_us[chosen],
            length_us=self.held.length_us[chosen],
            open=self.held.open[chosen],
        )
        return replace(
            self,
            held=held,
            case=self.case[chosen],
            row=self.row[chosen],
            service=self.service[chosen],
            sent_on=self.sent_on[chosen],
        )

    def with_lengths(self, length_us: Ints, is_open: Flags) -> Held:
        """Return the holds with other lengths: the whole case's, or those at another mix of services."""
        return replace(self.held, length_us=length_us, open=is_open)


def holds_of_place(measured: Measured, services: tuple[str, ...] = (), measure: str = "held") -> Holds:
    """Return the holds of a place, of some services where such are named, by the measure of a plan."""
    stays = measured.stays
    first, last = _runs(stays)
    case = stays.case[first]
    row = places_of(case, measured.frames.cases)
    service, names = measured.of_cases("service", case)
    length, is_open, known = _lengths(stays, first, last, measured.as_of_us, measure)
    follows = np.append(starts_of_runs(case, stays.branch[first])[1:], np.True_) if len(case) else np.array([], bool)
    held = Held(stays.office[first], stays.start_us[first], length, is_open, stays.offices, measured.as_of_us)
    every = Holds(held, case, row, service, names, np.asarray(~follows, dtype=np.bool_), int((~known).sum()))
    chosen = known & np.isin(service, [names.index(code) for code in services if code in names]) if services else known
    return every if chosen.all() else every.of(chosen)


def _runs(stays: Stays) -> tuple[Ints, Ints]:
    """First and last row of each unbroken run of a case at one office; a case that was reopened begins a new one."""
    starts = starts_of_runs(stays.case, stays.branch, stays.office)
    if len(stays):
        starts[1:] |= stays.start_us[1:] != stays.end_us[:-1]
    first = np.flatnonzero(starts)
    return first, np.append(first[1:], len(stays)) - 1 if len(first) else first


def _lengths(stays: Stays, first: Ints, last: Ints, as_of_us: int, measure: str) -> tuple[Ints, Flags, Flags]:
    begin = stays.start_us[first]
    end = stays.end_us[last]
    known = np.ones(len(begin), dtype=np.bool_)
    if measure == WAITING:
        started = stays.started_us[first]
        known = (started != MISSING) | (end == MISSING)
        end = started
    is_open = np.asarray(end == MISSING, dtype=np.bool_)
    return np.where(is_open, as_of_us, end) - begin, is_open, known


def whole_cases(measured: Measured, holds: Holds) -> Held:
    """Give each hold the length of its whole case: from filed to closed, or still open."""
    cases = measured.frames.cases
    filed = microseconds(cases["submitted_at"])[holds.row]
    closed = microseconds(cases["closed_at"])[holds.row]
    is_open = np.asarray((closed == MISSING) | (closed > measured.as_of_us), dtype=np.bool_)
    return holds.with_lengths(np.where(is_open, measured.as_of_us, closed) - filed, is_open)
