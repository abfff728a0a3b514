"""Why accepted work waits to be begun, stay by stay: causes are found among all the work of a place.

Filters narrow the stays that are shown, never those that are looked at: an office is busy with what a filter hides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from django.utils.translation import gettext as _

from analytics.core.barriers.of_stays import work_of
from analytics.core.causes.capacity import seen_at_once
from analytics.core.causes.waiting import CAUSES, Causes, Staffing, Work, waiting_causes
from analytics.core.frames import Flags, Ints
from analytics.reports.barriers.rows import days_of
from analytics.reports.figures import Figure, Found, code_of
from analytics.reports.filters import Filters
from analytics.reports.measure import measure
from analytics.reports.sections import Subject, subject_of


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """The stays of a cohort (n,) with the causes of their waits, and how many each office does at once."""

    case: Ints
    office: Ints
    service: Ints
    work: Work
    us: Ints
    """(n, causes) microseconds, in the order of ``CAUSES``."""
    measured: Flags
    at_once: Ints
    offices: tuple[str, ...]
    services: tuple[str, ...]

    def at(self, rows: Flags) -> Explained:
        """Return some of the stays."""
        return Explained(
            self.case[rows],
            self.office[rows],
            self.service[rows],
            self.work.at(rows),
            self.us[rows],
            self.measured[rows],
            self.at_once,
            self.offices,
            self.services,
        )

    @property
    def causes(self) -> Causes:
        """What the engine found of these stays."""
        return Causes(self.us, self.measured)


def causes_of(subject: Subject) -> Explained:
    """Explain the waits of all stays there are, and keep those of the cohort."""
    measured = subject.measured
    whole = subject if not measured.filters.any else subject_of(measure(measured.source, Filters()))
    stays, as_of_us = whole.measured.stays, measured.as_of_us
    work = work_of(stays)
    at_once = seen_at_once(work, len(stays.offices), as_of_us) if len(stays) else np.ones(len(stays.offices), np.int64)
    days = days_of(whole, working=False)
    found = (
        waiting_causes(work, as_of_us, Staffing(days.clocks, days.of, at_once))
        if len(stays)
        else Causes(np.zeros((0, len(CAUSES)), dtype=np.int64), np.zeros(0, dtype=np.bool_))
    )
    service, services = whole.measured.of_cases("service", stays.case)
    every = Explained(
        stays.case, stays.office, service, work, found.us, found.measured, at_once, stays.offices, services
    )
    return every.at(np.isin(stays.case, measured.frames.cases["case"].to_numpy()))


def _listed(cause: int | None, subject: Subject, figure: Figure) -> Found:
    """Cases with the time they waited under a cause, or under any, at an office."""
    rows = causes_of(subject)
    time_us = rows.us.sum(axis=1) if cause is None else rows.us[:, cause]
    chosen = (time_us > 0) & ((rows.office == code_of(rows.offices, figure.of)) if figure.of else True)
    case, place = np.unique(rows.case[chosen], return_inverse=True)
    total = np.zeros(len(case), dtype=np.int64)
    np.add.at(total, place, time_us[chosen])
    words = cause_words()
    title = (
        _("Accepted cases that waited to be begun")
        if cause is None
        else _("Cases that waited so: %(cause)s") % {"cause": words[CAUSES[cause]]}
    )
    return Found(case, total, title, _("Waited so"))


def cause_words() -> Mapping[str, str]:
    """Name each cause in a few words."""
    return {
        "batching": _("waiting for the rest of a batch"),
        "contention": _("others that came before"),
        "prioritisation": _("others that came later"),
        "unavailability": _("closed"),
        "extraneous": _("open, with room, and not begun"),
        "not_identifiable": _("not identifiable"),
    }


CAUSE_FINDERS: Final[Mapping[str, Callable[[Subject, Figure], Found]]] = {
    "waited": partial(_listed, None),
    **{f"waited_{cause}": partial(_listed, place) for place, cause in enumerate(CAUSES)},
}
