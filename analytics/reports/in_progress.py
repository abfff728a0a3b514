"""What came, what left and what was there, week by week: of all cases, or of one office.

A period narrows the weeks and not the cases: what was filed before it is in progress all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.translation import gettext as _

from analytics.core.frames import MISSING, Flags, Ints, instant, microseconds, moment
from analytics.core.progress import Little, Progress, little, progress
from analytics.core.visits import visits_of
from analytics.reports.figures import Figure, Found, code_of
from analytics.reports.filters import BadFilters, FilterProblem
from analytics.reports.measure import measure
from analytics.reports.sections import Subject, subject_of
from analytics.reports.wording import day

WHOLE: Final = "(all)"
"""All offices together: from filed to closed. No code of an office has brackets."""
MOST_WEEKS: Final = 520


@dataclass(frozen=True, slots=True, eq=False)
class Spells:
    """Times in progress: all cases from filed to closed, then every visit to an office. Columns (n,)."""

    case: Ints
    group: Ints
    start_us: Ints
    end_us: Ints
    groups: tuple[str, ...]

    def of(self, group: str) -> Spells:
        """Return those of one group, as the only one."""
        chosen = self.group == code_of(self.groups, group)
        nothing = np.zeros(int(chosen.sum()), dtype=np.int64)
        return Spells(self.case[chosen], nothing, self.start_us[chosen], self.end_us[chosen], (group,))


@dataclass(frozen=True, slots=True, eq=False)
class Weeks:
    """Whole local weeks, Monday to Sunday: ``edges_us`` (weeks + 1,) and the day each begins on."""

    edges_us: Ints
    mondays: tuple[date, ...]

    def __len__(self) -> int:
        return len(self.mondays)


def of_every_period(subject: Subject) -> Subject:
    """Return the cases under the same filters, whenever they were filed."""
    measured = subject.measured
    filters = replace(measured.filters, filed_from=None, filed_to=None)
    return subject if filters == measured.filters else subject_of(measure(measured.source, filters))


def spells_of(wide: Subject) -> Spells:
    """Return the times in progress of a cohort as it stood at its as-of time."""
    measured = wide.measured
    cases = measured.frames.cases
    closed = microseconds(cases["closed_at"])
    closed = np.where(closed > measured.as_of_us, MISSING, closed)
    visits = visits_of(measured.stays)
    return Spells(
        case=np.concatenate((cases["case"].to_numpy(dtype=np.int64), visits.case)),
        group=np.concatenate((np.zeros(len(cases), dtype=np.int64), visits.office + 1)),
        start_us=np.concatenate((microseconds(cases["submitted_at"]), visits.start_us)),
        end_us=np.concatenate((closed, visits.end_us)),
        groups=(WHOLE, *visits.offices),
    )


def weeks_of(subject: Subject, spells: Spells) -> Weeks:
    """Return the whole weeks of the period asked for that are over: from the first case on, at most the last 520."""
    measured = subject.measured
    zone = ZoneInfo(measured.source.jurisdiction.time_zone)
    first = measured.filters.filed_from or date.min
    if len(spells.start_us):
        first = max(first, moment(int(spells.start_us.min())).astimezone(zone).date())
    over = moment(measured.as_of_us).astimezone(zone).date()
    last = min(measured.filters.filed_to + timedelta(days=1), over) if measured.filters.filed_to else over
    monday = first + timedelta(days=-first.weekday() % 7) if len(spells.start_us) else last
    mondays = []
    while monday + timedelta(days=7) <= last:
        mondays.append(monday)
        monday += timedelta(days=7)
    mondays = mondays[-MOST_WEEKS:]
    edges = [*mondays, mondays[-1] + timedelta(days=7)] if mondays else []
    at_us = [instant(datetime(day.year, day.month, day.day, tzinfo=zone)) for day in edges]
    return Weeks(np.array(at_us, dtype=np.int64), tuple(mondays))


def flows(spells: Spells, weeks: Weeks) -> tuple[Progress, tuple[Little, ...]]:
    """Count the weeks of every group, and check Little’s law over all of them."""
    made = progress(spells.group, spells.start_us, spells.end_us, weeks.edges_us, spells.groups)
    return made, little(made, spells.group, spells.start_us, spells.end_us)


# --- Lists ------------------------------------------------------------------------------------------------------------


def _chosen(what: str, spells: Spells, begin: int, end: int) -> Flags:
    if what == "came":
        return np.asarray((spells.start_us >= begin) & (spells.start_us < end), dtype=np.bool_)
    if what == "left":
        return np.asarray((spells.end_us >= begin) & (spells.end_us < end), dtype=np.bool_)
    still = (spells.end_us == MISSING) | (spells.end_us >= end)
    return np.asarray((spells.start_us < end) & still, dtype=np.bool_)


def _listed(what: str, subject: Subject, figure: Figure) -> Found:
    """One line a visit, or a case; ``week`` in the address is the Monday."""
    spells = spells_of(subject)
    weeks = weeks_of(subject, spells)
    monday = _monday(figure.options.get("week", ""), weeks)
    if figure.of and figure.of not in spells.groups:
        raise BadFilters([FilterProblem("of", _("No case of this report was at that office."))])
    rows = spells.of(figure.of or WHOLE)
    place = weeks.mondays.index(monday)
    begin, end = int(weeks.edges_us[place]), int(weeks.edges_us[place + 1])
    chosen = _chosen(what, rows, begin, end)
    until = np.where(rows.end_us == MISSING, subject.measured.as_of_us, rows.end_us)
    said = {"office": subject.offices.get(figure.of, ""), "day": day(monday)}
    title = _TITLES[what](bool(figure.of)) % said
    each = "visit" if figure.of else "case"
    return Found(
        rows.case[chosen], (until - rows.start_us)[chosen], title, _("From coming to leaving, or so far"), each
    )


def _monday(text: str, weeks: Weeks) -> date:
    try:
        monday = date.fromisoformat(text)
    except ValueError:
        monday = date.min
    if monday not in weeks.mondays:
        sentence = _("“Week” is “%(text)s”: write the Monday of a week of this report, as 2026-03-30.")
        raise BadFilters([FilterProblem("week", sentence % {"text": text[:40]})])
    return monday


_TITLES: Final[Mapping[str, Callable[[bool], str]]] = {
    "came": lambda office: (
        _("Came to %(office)s in the week of %(day)s") if office else _("Filed in the week of %(day)s")
    ),
    "left": lambda office: (
        _("Left %(office)s in the week of %(day)s") if office else _("Closed in the week of %(day)s")
    ),
    "there": lambda office: (
        _("At %(office)s at the end of the week of %(day)s") if office else _("Open at the end of the week of %(day)s")
    ),
}
PROGRESS_FINDERS: Final[Mapping[str, Callable[[Subject, Figure], Found]]] = {
    f"week_{what}": partial(_listed, what) for what in ("came", "left", "there")
}
