"""More people at one office: a simulated queue, made of what was measured there."""

from __future__ import annotations

import numpy as np

from analytics.core.frames import MISSING, Flags, Ints
from analytics.core.whatif.queue import Office
from analytics.core.worktime import work_clock
from analytics.reports.sections import Subject


def begun(subject: Subject, code: str) -> tuple[Flags, Ints]:
    """Mark the finished stays at an office whose work has a beginning; and when each stay could have begun."""
    stays = subject.measured.stays
    place = stays.offices.index(code) if code in stays.offices else -1
    ready = np.where(stays.accepted_us == MISSING, stays.start_us, stays.accepted_us)
    known = (stays.office == place) & ~stays.open & (stays.started_us != MISSING)
    return np.asarray(known, dtype=np.bool_), np.asarray(ready, dtype=np.int64)


def office_of(subject: Subject, code: str) -> Office:
    """Return what the simulation starts from: arrivals, waits and work in the office's working time."""
    stays = subject.measured.stays
    known, ready = begun(subject, code)
    rows = np.flatnonzero(known)
    rows = rows[np.argsort(ready[rows], kind="stable")]
    if not len(rows):
        nothing = np.zeros(0, dtype=np.int64)
        return Office(nothing, nothing, nothing)
    terms = subject.measured.source.steps.terms
    calendar = terms.calendars.get(code) or subject.measured.source.jurisdiction.calendar()
    first, until = int(ready[rows].min()), max(subject.measured.as_of_us, int(stays.end_us[rows].max()))
    clock = work_clock([(first, calendar)], first, until)
    started, ended = stays.started_us[rows], stays.end_us[rows]
    return Office(
        clock.elapsed_us(ready[rows]),
        clock.between_us(ready[rows], started),
        clock.between_us(started, ended),
    )


def queue_waits(subject: Subject, code: str) -> tuple[Ints, Ints]:
    """Return the case and the calendar time of each queue there on the lead branch; what goes on is left out."""
    stays = subject.measured.stays
    known, ready = begun(subject, code)
    rows = np.flatnonzero(known & (stays.branch == 0))
    return stays.case[rows], np.asarray((stays.started_us - ready)[rows].clip(0), dtype=np.int64)
