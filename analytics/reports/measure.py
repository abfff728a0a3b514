"""One cohort, measured: what every page, list, map and file about the same filters starts from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analytics.core.cycle import Cycles, cycles
from analytics.core.frames import Flags, Ints, instant
from analytics.core.handovers import Handovers, handovers_from_segments, handovers_from_stays
from analytics.core.offices import Dwell, dwell
from analytics.core.quality import Dropped, screen_cases, screen_holds
from analytics.core.segments import build_segments
from analytics.core.selection import CaseFrames, of_cases, only_cases_of, select
from analytics.core.stays import Stays, stays_from_holds
from analytics.loading import Jurisdiction, Source
from analytics.reports.filters import Filters


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """The cohort of ``filters`` as it stood at ``as_of_us``."""

    source: Source
    filters: Filters
    frames: CaseFrames
    as_of_us: int
    stays: Stays
    dwell: Dwell
    handovers: Handovers
    transfer_known: bool
    """True when a hand-over is timed from sent to accepted; else from the last step there to the first step here."""
    dropped: tuple[Dropped, ...]

    @property
    def n(self) -> int:
        """How many cases there are."""
        return len(self.frames.cases)

    def of_cases(self, column: str, case: Ints) -> tuple[Ints, tuple[str, ...]]:
        """Return the ``service`` or ``area`` of each case (n,): codes and labels."""
        return of_cases(case, self.frames.cases, column)

    def cycles(self, by: str) -> Cycles:
        """Cycle times grouped by ``service`` or ``area``."""
        return cycles(self.frames.cases, by, self.as_of_us)

    def usual_cycles(self) -> Cycles:
        """Cycle times under the same filters but of every period: what a cohort too young to judge is held against."""
        wanted = replace(self.filters, filed_from=None, filed_to=None).selection(self.source.jurisdiction.time_zone)
        cases, _bad = screen_cases(select(self.source.frames, wanted).cases, self.as_of_us)
        return cycles(cases, "service", self.as_of_us)

    def held_by_several(self) -> int:
        """Cases that more than one office held, one after the other or side by side."""
        return int((np.bincount(np.unique(self.dwell.case, return_inverse=True)[1]) > 1).sum())

    def never_held(self) -> int:
        """Cases no office has held: filed and not yet sent anywhere, or closed before they were."""
        return self.n - len(np.unique(self.stays.case))


def needs_events(source: Jurisdiction) -> bool:
    """Tell whether hand-overs must be timed from event to event, because nobody recorded when a case was accepted."""
    return source.records("handovers") and not source.records("accepted")


def measure(source: Source, filters: Filters) -> Measured:
    """Screen, select and compute everything the sections share."""
    as_of_us = instant(source.as_of)
    wanted = select(source.frames, filters.selection(source.jurisdiction.time_zone))
    cases, bad_cases = screen_cases(wanted.cases, as_of_us)
    holds, bad_holds = screen_holds(only_cases_of(wanted.holds, cases), as_of_us)
    frames = CaseFrames(cases, holds, only_cases_of(wanted.events, cases))
    stays = stays_from_holds(holds, as_of_us)
    transfer_known = source.jurisdiction.records("accepted")
    return Measured(
        source=source,
        filters=filters,
        frames=frames,
        as_of_us=as_of_us,
        stays=stays,
        dwell=dwell(stays, as_of_us),
        handovers=handovers_from_stays(stays) if transfer_known else _between(frames),
        transfer_known=transfer_known,
        dropped=(*bad_cases, *bad_holds),
    )


def _between(frames: CaseFrames) -> Handovers:
    segments, _ = build_segments(frames.events)
    return handovers_from_segments(segments)


def among(values: Ints, codes: Ints) -> Flags:
    """Mark the values that are in ``codes``."""
    return np.asarray(np.isin(values, codes), dtype=np.bool_)
