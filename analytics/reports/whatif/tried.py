"""The rows a change is tried on, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.core.frames import MISSING, Flags, Ints
from analytics.core.segments import build_segments
from analytics.core.whatif.replay import Ages, Change, Waits, by_case, shorter
from analytics.reports.barriers.asked import STEP, Choice, has_steps
from analytics.reports.barriers.rows import rows_of
from analytics.reports.sections import Subject
from analytics.reports.whatif.asked import CAP, PASS, SHORTEN, Wish
from analytics.reports.wording import DAY_US

LEAD = 0


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """Waits at one place on the lead branch, with the office of each, and the cases that pass there (``ages``)."""

    ages: Ages
    service: Ints
    services: tuple[str, ...]
    waits: Waits
    office: Ints
    offices: tuple[str, ...]
    ended: Flags
    off_us: Ints
    beside: int
    """Waits on branches beside the lead one: left as they are."""

    @property
    def less_us(self) -> Ints:
        """What is taken off each case."""
        return by_case(self.ages, self.waits.case, self.off_us)

    @property
    def after_us(self) -> Ints:
        """The age of each case then."""
        return np.asarray(np.maximum(self.ages.age_us - self.less_us, 0), dtype=np.int64)


def change_of(wish: Wish) -> Change:
    """Return the wish as the core takes it."""
    if wish.what == SHORTEN:
        return Change("scale", 1 - wish.much / 100)
    if wish.what == CAP:
        return Change("cap", wish.much * DAY_US)
    return Change("transfer") if wish.what == PASS else Change("drop")


def tried(subject: Subject, wish: Wish, change: Change) -> Tried:
    """Try a change of an office, or of a step."""
    waits, office, offices, branch, ended = (
        _of_a_step(subject, wish.step) if wish.step else _of_an_office(subject, wish)
    )
    lead = branch == LEAD
    kept = Waits(waits.case[lead], waits.wait_us[lead], waits.transfer_us[lead])
    rows = subject.measured.cycles("service")
    timed = rows.timed & np.isin(rows.case, kept.case)
    ages = Ages(rows.case[timed], rows.age_us[timed], rows.closed[timed], rows.submitted_us[timed])
    return Tried(
        ages,
        rows.group[timed],
        rows.groups,
        kept,
        office[lead],
        offices,
        ended[lead],
        shorter(kept, change),
        int((~lead).sum()),
    )


_Found = tuple[Waits, Ints, tuple[str, ...], Ints, Flags]


def _of_an_office(subject: Subject, wish: Wish) -> _Found:
    stays = subject.measured.stays
    code = stays.offices.index(wish.at) if wish.at in stays.offices else -1
    rows = np.flatnonzero(stays.office == code)
    accepted, held = stays.accepted_us[rows], stays.held_us(subject.measured.as_of_us)[rows]
    not_yet = np.where(stays.open[rows], held, MISSING)  # nobody has accepted it so far
    transfer = np.where(accepted == MISSING, not_yet, accepted - stays.start_us[rows])
    waits = Waits(stays.case[rows], held, transfer)
    return waits, stays.office[rows], stays.offices, stays.branch[rows], ~stays.open[rows]


def _of_a_step(subject: Subject, step: str) -> _Found:
    if not has_steps(subject):
        return _before_a_step(subject, step)
    found = rows_of(subject, Choice(by=STEP))
    code = found.waits.groups.index(step)
    rows = np.flatnonzero(found.waits.group == code)
    passes = found.passes
    wait = found.waits.wait_us[rows]
    waits = Waits(passes.case[rows], wait, np.full(len(rows), MISSING, dtype=np.int64))
    return waits, passes.office[rows], subject.measured.stays.offices, passes.branch[rows], passes.ended[rows]


def _before_a_step(subject: Subject, step: str) -> _Found:
    """In an event log a step is a moment: what it took is the time since the event before it."""
    segments, _tails = build_segments(subject.measured.frames.events)
    code = segments.activities.index(step) if step in segments.activities else -1
    rows = np.flatnonzero(segments.to_activity == code)
    waits = Waits(segments.case[rows], segments.wait_us[rows], np.full(len(rows), MISSING, dtype=np.int64))
    ended = np.ones(len(rows), dtype=np.bool_)
    return waits, segments.from_office[rows], segments.offices, segments.branch[rows], ended
