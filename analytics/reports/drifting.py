"""Waits by what they are waits of (offices, hand-overs, steps), dated by their end: what may have changed by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from django.utils.translation import gettext as _

from analytics.core.drift import Drift, drifts
from analytics.core.frames import MISSING, Ints
from analytics.core.segments import build_segments
from analytics.core.stays import hold_clocks
from analytics.core.visits import visits_of
from analytics.reports.sections import Subject
from analytics.reports.steps import step_name, work_steps

OFFICES: Final = "offices"
HANDOVERS: Final = "handovers"
STEPS: Final = "steps"
BETWEEN: Final = "\n"
"""Between the two ends of a way, in the name of a group: no code holds it."""


@dataclass(frozen=True, slots=True, eq=False)
class Dated:
    """Waits (n,) that ended, when they did, and what each is of."""

    case: Ints
    wait_us: Ints
    at_us: Ints
    group: Ints
    groups: tuple[str, ...]

    def of(self, group: str) -> Dated:
        """Return the waits of one group, in the order of their ends."""
        rows = np.flatnonzero(self.group == self.groups.index(group))
        rows = rows[np.argsort(self.at_us[rows], kind="stable")]
        nothing = np.zeros(len(rows), dtype=np.int64)
        return Dated(self.case[rows], self.wait_us[rows], self.at_us[rows], nothing, (group,))

    def drifts(self) -> tuple[Drift, ...]:
        """Ask of each whether it changed, the surest first."""
        return drifts(self.wait_us, self.at_us, self.group, self.groups)


def dated(subject: Subject, by: str) -> Dated:
    """Return the waits of a cohort by offices (visits), hand-overs (sent to accepted) or pairs of steps."""
    if by == HANDOVERS:
        return _handovers(subject)
    return _steps(subject) if by == STEPS else _offices(subject)


def _offices(subject: Subject) -> Dated:
    visits = visits_of(subject.measured.stays)
    over = visits.end_us != MISSING
    end = visits.end_us[over]
    return Dated(visits.case[over], end - visits.start_us[over], end, visits.office[over], visits.offices)


def _handovers(subject: Subject) -> Dated:
    measured = subject.measured
    if not measured.transfer_known:
        between = build_segments(measured.frames.events)[0]
        moved = between.from_office != between.to_office
        columns = between.case[moved], between.wait_us[moved], between.end_us[moved]
        return _ways(columns, between.from_office[moved], between.to_office[moved], between.offices)
    stays = measured.stays
    follows = np.zeros(len(stays), dtype=np.bool_)
    follows[1:] = (stays.case[1:] == stays.case[:-1]) & (stays.branch[1:] == stays.branch[:-1])
    follows[1:] &= stays.office[1:] != stays.office[:-1]
    rows = np.flatnonzero(follows & (stays.accepted_us != MISSING))
    columns = stays.case[rows], hold_clocks(stays).transfer_us[rows], stays.accepted_us[rows]
    return _ways(columns, stays.office[rows - 1], stays.office[rows], stays.offices)


def _steps(subject: Subject) -> Dated:
    segments = build_segments(work_steps(subject).assign(branch=np.int16(0)))[0]
    columns = segments.case, segments.wait_us, segments.end_us
    return _ways(columns, segments.from_activity, segments.to_activity, segments.activities)


def _ways(columns: tuple[Ints, Ints, Ints], first: Ints, second: Ints, labels: Sequence[str]) -> Dated:
    pair, group = np.unique(first * max(len(labels), 1) + second, return_inverse=True)
    names = tuple(BETWEEN.join(labels[code] for code in divmod(int(one), len(labels))) for one in pair)
    return Dated(*columns, group.astype(np.int64), names)


def group_name(subject: Subject, by: str, group: str) -> str:
    """Name an office, a hand-over or a pair of steps."""
    if by == OFFICES:
        return subject.offices.get(group, group)
    named = (step_name(one) if by == STEPS else subject.offices.get(one, one) for one in group.split(BETWEEN))
    return " → ".join(named)


def figure_of(by: str, group: str) -> dict[str, str]:
    """Return the figure whose cases these waits are of."""
    if by == OFFICES:
        return {"figure": "visits", "of": group}
    of, to = group.split(BETWEEN)
    return {"figure": "step_way" if by == STEPS else "handovers", "of": of, "to": to}


def by_words(by: str) -> str:
    """Name what the waits are of."""
    return {OFFICES: _("offices"), HANDOVERS: _("hand-overs"), STEPS: _("pairs of steps")}[by]
