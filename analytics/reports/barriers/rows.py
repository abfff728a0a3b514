"""The waits that are ranked: one row a pass of a case through an office and step, with its baseline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np

from analytics.core.barriers.baseline import Baseline, ComparableOffices, Waits, by_target
from analytics.core.barriers.clock import Days
from analytics.core.barriers.of_stays import WEEK_US
from analytics.core.barriers.passes import Passes, passes_of
from analytics.core.barriers.target import Targets, target_us
from analytics.core.frames import MISSING, Flags, Ints
from analytics.core.worktime import WorkClock, work_clock
from analytics.reports.barriers.asked import HANDOVER, OFFICE, TARGET, Choice
from analytics.reports.sections import Subject
from requests_app.calendars import Calendar
from requests_app.reads.work_terms import TimedStep

BETWEEN: Final = "\n"
"""Between the two offices of a hand-over, in the code of a group: no code holds it."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Columns of ``passes`` and ``waits`` are of the same rows."""

    passes: Passes
    waits: Waits
    baseline_of: Callable[[Waits], Baseline]
    baseline: Baseline
    days: Days
    targets: Targets | None = None
    """The whole target of each row's step, where that is the baseline."""

    @property
    def above_us(self) -> Ints:
        """Time above the baseline of each row."""
        return self.baseline.excess_us(self.waits)


def rows_of(subject: Subject, choice: Choice) -> Rows:
    """Prepare what is ranked under the reader’s choice."""
    stays, steps = subject.measured.stays, subject.measured.source.steps
    passes = passes_of(stays, steps.changes)
    days = days_of(subject, choice.working)
    step, labels = _labelled_steps(subject, passes)
    mix, mixes = _mix(subject, choice, passes)
    ends = passes.ends_us(subject.measured.as_of_us)
    waits = Waits(
        group=passes.office,
        mix=mix,
        block=passes.start_us // WEEK_US,
        wait_us=days.between_us(passes.office, passes.start_us, ends),
        ended=passes.ended,
        groups=stays.offices,
        mixes=mixes,
    )
    targets = _targets(subject, passes) if choice.baseline == TARGET else None
    baseline_of = _baseline_of(subject, targets, passes, waits, days)
    every = Rows(passes, waits, baseline_of, baseline_of(waits), days, targets)
    if choice.by == OFFICE:
        return every
    group, groups, kept = _ways(passes, stays.offices) if choice.by == HANDOVER else (step, labels, step >= 0)
    return _only(every, group, groups, kept)


def _mix(subject: Subject, choice: Choice, passes: Passes) -> tuple[Ints, tuple[str, ...]]:
    """What makes waits comparable: the workflow where each is held against its target, the service elsewhere."""
    stays = subject.measured.stays
    if choice.baseline != TARGET:
        mix, mixes = subject.measured.of_cases("service", stays.case)
        return mix[passes.stay], mixes
    steps = subject.measured.source.steps
    found, place = np.unique(_keys(subject, passes) // (len(steps.codes) + 1), return_inverse=True)
    return place.astype(np.int64), tuple(str(code) for code in found)


def _only(rows: Rows, group: Ints, groups: tuple[str, ...], kept: Flags) -> Rows:
    """Keep some rows, grouped otherwise; their baseline is the one of the office that held the case."""
    at = np.flatnonzero(kept)
    waits, found = rows.waits, rows.baseline
    chosen = Waits(group[at], waits.mix[at], waits.block[at], waits.wait_us[at], waits.ended[at], groups, waits.mixes)
    baseline = Baseline(found.name, found.us[at], found.level[at])
    columns = (getattr(rows.passes, name)[at] for name in Passes.__dataclass_fields__)
    targets = Targets(rows.targets.us[at], rows.targets.working[at]) if rows.targets else None
    return Rows(Passes(*columns), chosen, lambda _: baseline, baseline, rows.days, targets)


def _ways(passes: Passes, offices: tuple[str, ...]) -> tuple[Ints, tuple[str, ...], Flags]:
    """Group by hand-over: from which office to which."""
    came = passes.sender >= 0
    pair = np.where(came, passes.sender * len(offices) + passes.office, 0)
    found, group = np.unique(pair[came], return_inverse=True)
    labels = tuple(f"{offices[code // len(offices)]}{BETWEEN}{offices[code % len(offices)]}" for code in found)
    answer = np.zeros(len(passes), dtype=np.int64)
    answer[came] = group
    return answer, labels, came


# --- Steps and targets ------------------------------------------------------------------------------------------------


def _keys(subject: Subject, passes: Passes) -> Ints:
    """One number for the workflow and the step of each pass: a multiple of the number of steps, and one, where none."""
    steps = subject.measured.source.steps
    known = steps.cases["case"].to_numpy(dtype=np.int64)
    if not len(known):
        return np.zeros(len(passes), dtype=np.int64)
    at = np.minimum(np.searchsorted(known, passes.case), len(known) - 1)
    workflow = np.where(known[at] == passes.case, steps.cases["workflow"].to_numpy(dtype=np.int64)[at], 0)
    return workflow * (len(steps.codes) + 1) + passes.step + 1


def _step_of(subject: Subject, key: int) -> TimedStep | None:
    steps = subject.measured.source.steps
    workflow, step = divmod(key, len(steps.codes) + 1)
    wanted = (workflow, steps.codes[step - 1]) if step else None
    return next((one for one in steps.terms.steps if (one.workflow_id, one.code) == wanted), None)


def _labelled_steps(subject: Subject, passes: Passes) -> tuple[Ints, tuple[str, ...]]:
    """Steps of all versions of a workflow under one label; −1 for a pass without a step."""
    labels = tuple(sorted({step.label for step in subject.measured.source.steps.terms.steps}))
    found, place = np.unique(_keys(subject, passes), return_inverse=True)
    steps = [_step_of(subject, int(key)) for key in found]
    code = np.array([labels.index(step.label) if step else -1 for step in steps], dtype=np.int64)
    return code[place], labels


def _targets(subject: Subject, passes: Passes) -> Targets:
    found, place = np.unique(_keys(subject, passes), return_inverse=True)
    steps = [_step_of(subject, int(key)) for key in found]
    targets = [step.target if step else None for step in steps]
    us = [target.span // timedelta(microseconds=1) if target else MISSING for target in targets]
    working = [not target.is_calendar if target else True for target in targets]
    return Targets(np.array(us, dtype=np.int64)[place], np.array(working, dtype=np.bool_)[place])


def _baseline_of(
    subject: Subject, targets: Targets | None, passes: Passes, waits: Waits, days: Days
) -> Callable[[Waits], Baseline]:
    if targets is None:
        return ComparableOffices(waits)
    pauses = subject.measured.source.steps.pauses
    baseline = by_target(target_us(passes, targets, pauses, days, subject.measured.as_of_us))
    return lambda _: baseline


# --- Clocks -----------------------------------------------------------------------------------------------------------


def days_of(subject: Subject, working: bool) -> Days:
    """The opening hours of each office of the stays, worked out from their first moment to the observation end."""
    stays = subject.measured.stays
    place = subject.measured.source.jurisdiction.calendar()
    calendars = subject.measured.source.steps.terms.calendars
    mine = [calendars.get(code, place) for code in stays.offices]
    distinct: list[Calendar] = []
    for calendar in mine:
        if calendar not in distinct:
            distinct.append(calendar)
    of = np.array([distinct.index(calendar) for calendar in mine], dtype=np.int64)
    longer = np.array([24 / (calendar.usual_hours_a_day or 24) for calendar in mine], dtype=np.float64)
    return Days([_clock(subject, calendar) for calendar in distinct], of, longer, working)


def _clock(subject: Subject, calendar: Calendar) -> WorkClock:
    stays, until = subject.measured.stays, subject.measured.as_of_us
    first = min(int(stays.start_us.min()) if len(stays) else until, until)
    return work_clock([(first, calendar)], first, until)
