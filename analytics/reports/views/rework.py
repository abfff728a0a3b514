"""Rework and returns: steps done again, offices gone to and straight back, visits for nothing; what each costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext, pgettext

from analytics.core.frames import MISSING, Flags, Ints, coded, microseconds
from analytics.core.rework import Rework, rework
from analytics.core.segments import ordered_events
from analytics.core.visits import Misrouted, Visits, misrouted, misrouted_visits, visits_of
from analytics.reports.recompute import Recompute
from analytics.reports.sections import (
    EMPTY,
    NOT_RECORDED,
    Section,
    Subject,
    calendar_clock,
    is_small,
    not_recorded,
    nothing_here,
)
from analytics.reports.steps import step_at_name, steps_of_work
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.views.handovers import trips_section
from analytics.reports.views.parts import Choice, Made, Options, one_of
from analytics.reports.wording import HOUR_US, case_days, count_of_cases, duration, number, percent

LIMITS: Final = {"24h": 24 * HOUR_US, "4h": 4 * HOUR_US, "72h": 72 * HOUR_US}
"""Visits shorter than this, without any work, count as misrouted; the first unless the address says."""


def rework_view(subject: Subject, options: Options) -> Made:
    """Give the three kinds of work done twice, each with its cost."""
    limit = one_of(options, "limit", tuple(LIMITS))
    kept = {} if limit == next(iter(LIMITS)) else {"limit": limit}
    if not subject.measured.n:
        basis = subject.basis(count_of_cases(0), calendar_clock(), "rework")
        return Made(nothing_here(), (Section("again", _("Steps done again"), nothing_here(), basis, state=EMPTY),))
    found = rework(steps_of_work(subject))
    again = _again_section(subject, found)
    trips = trips_section(subject) if subject.records("handovers") else None
    sections = (again, *((trips,) if trips else ()), _misrouted_section(subject, limit))
    times = tuple((name, duration(limit_us)) for name, limit_us in LIMITS.items())
    choice = Choice("limit", _("A visit for nothing is shorter than"), times, limit)
    return Made(again.sentence, sections, options=kept, choices=(choice,))


# --- Steps done again ---------------------------------------------------------------------------------------------


def _again_section(subject: Subject, found: tuple[Rework, ...]) -> Section:
    title = _("Steps done again")
    n = len(_cases_again(subject))
    basis = subject.basis(
        count_of_cases(n), f"{_('from the first to the last time of the step')}; {calendar_clock()}", "rework"
    )
    if not found:
        return Section("again", title, _("No case went through a step of work twice."), basis, state=EMPTY)
    top = found[0]
    said = {
        "n": number(n),
        "share": percent(n / subject.measured.n),
        "step": step_at_name(subject, top.activity),
        "cases": count_of_cases(top.cases),
        "days": case_days(top.time_us),
    }
    sentence = (
        _(
            "%(n)s cases (%(share)s) went through some step again. Most time lies in “%(step)s”: %(cases)s, %(days)s "
            "from the first to the last time."
        )
        % said
    )
    note = _("Times of different steps may be the same days: do not add the lines.")
    recompute = Recompute(lambda: _again_rows(subject), _AGAIN)
    return Section("again", title, sentence, basis, _again_table(subject, found), after=(note,), recompute=recompute)


def _again_table(subject: Subject, found: tuple[Rework, ...]) -> Table:
    columns = (
        Column("step", pgettext("column", "Step"), Kind.TEXT),
        Column("cases", pgettext("column", "Cases")),
        Column("repeats", _("Times again")),
        Column("at_once", _("Straight after itself")),
        Column("other_office", _("By another office")),
        Column("case_days", _("Total case-days"), Kind.CASE_DAYS),
    )
    rows = tuple(
        Row(
            (
                Cell(step_at_name(subject, one.activity)),
                Cell(one.cases, {"figure": "again", "of": one.activity}),
                Cell(one.repeats),
                Cell(one.at_once),
                Cell(one.other_office),
                Cell(one.time_us),
            ),
            is_small(one.cases),
        )
        for one in found
    )
    return Table("again", _("Steps done again, the most time first"), columns, rows)


@dataclass(frozen=True, slots=True, eq=False)
class Again:
    """The events of cases that have a step twice or more, by (case, step, time)."""

    case: Ints
    step: Ints
    at_us: Ints
    office: Ints
    place: Ints
    """Where the event stands among those of all cases in order."""
    steps: tuple[str, ...]
    offices: tuple[str, ...]


def done_again(subject: Subject) -> Again:
    """Return the events behind the figures of rework."""
    events = ordered_events(steps_of_work(subject))
    case, at_us = events["case"].to_numpy(dtype=np.int64), microseconds(events["ts"])
    (step, steps), (office, offices) = coded(events["activity"]), coded(events["office"])
    order = np.lexsort((np.arange(len(case)), step, case))
    order = order[_in_a_group(case[order], step[order])]
    return Again(case[order], step[order], at_us[order], office[order], order.astype(np.int64), steps, offices)


def _in_a_group(case: Ints, step: Ints) -> Flags:
    same = (case[1:] == case[:-1]) & (step[1:] == step[:-1])
    kept = np.zeros(len(case), dtype=np.bool_)
    kept[1:] |= same
    kept[:-1] |= same
    return kept


def _cases_again(subject: Subject) -> Ints:
    return np.unique(done_again(subject).case)


def _again_rows(subject: Subject) -> pd.DataFrame:
    rows = done_again(subject)
    return pd.DataFrame(
        {
            "case": rows.case,
            "step": np.array(rows.steps, dtype=object)[rows.step],
            "at_us": rows.at_us,
            "office": np.array(rows.offices, dtype=object)[rows.office],
            "place": rows.place,
        }
    )


_AGAIN: Final = """
same = rows.groupby(["case", "step"])
rows["time"] = rows["at_us"] - same["at_us"].shift()
rows["at_once"] = rows["place"] - same["place"].shift() == 1
rows["moved"] = rows["office"] != same["office"].shift()
by = rows[same.cumcount() > 0].groupby("step")
result = by.agg(cases=("case", "nunique"), repeats=("case", "size"), at_once=("at_once", "sum"),
                other_office=("moved", "sum"), case_days=("time", "sum"))
result = result.reset_index().sort_values(["case_days", "step"], ascending=[False, True]).drop(columns="step")
result["case_days"] /= 86_400_000_000
"""


# --- Visits that were a mistake -----------------------------------------------------------------------------------


_FOR_NOTHING: Final = {
    False: _lazy(
        "%(n)s times a case left an office for another within %(limit)s, and nobody there had begun any work."
    ),
    True: _lazy(
        "%(n)s times a case left an office for another within %(limit)s, or later without having been accepted, and "
        "nobody there had begun any work."
    ),
}
_NOTHING_FOR_NOTHING: Final = {
    False: _lazy("No case left an office within %(limit)s without any work having begun."),
    True: _lazy("No case left an office unaccepted, or within %(limit)s without any work having begun."),
}
"""By whether the source records when a case was accepted."""


def _misrouted_section(subject: Subject, limit: str) -> Section:
    title = _("Sent to an office for nothing")
    recorded = subject.records("started") and subject.records("handovers")
    counted = _counted(subject, LIMITS[limit]) if recorded else ()
    found = tuple(one for one in counted if one.misrouted)
    found = tuple(sorted(found, key=lambda one: (-one.misrouted, one.office)))
    many = sum(one.misrouted for one in found)
    basis = subject.basis(
        ngettext("%(n)s visit", "%(n)s visits", many) % {"n": number(many)},
        f"{_('from sent there to sent on')}; {calendar_clock()}",
        "misrouted",
    )
    if not recorded:
        return Section("misrouted", title, not_recorded(), basis, state=NOT_RECORDED)
    said = {"limit": duration(LIMITS[limit]), "n": number(many)}
    if not found:
        sentence = str(_NOTHING_FOR_NOTHING[subject.records("accepted")]) % said
        return Section("misrouted", title, sentence, basis, state=EMPTY)
    sentence = str(_FOR_NOTHING[subject.records("accepted")]) % said
    recompute = Recompute(lambda: _misrouted_rows(subject, LIMITS[limit]), _MISROUTED)
    table = _misrouted_table(subject, found, limit)
    return Section("misrouted", title, sentence, basis, table, recompute=recompute)


def _counted(subject: Subject, limit_us: int) -> tuple[Misrouted, ...]:
    visits = visits_of(subject.measured.stays)
    return misrouted(visits, limit_us, accepted_known=subject.records("accepted"))


def visits_for_nothing(subject: Subject, visits: Visits, limit_us: int) -> Flags:
    """Mark the visits that the table counts as for nothing."""
    return misrouted_visits(visits, limit_us, accepted_known=subject.records("accepted"))


def _misrouted_table(subject: Subject, found: tuple[Misrouted, ...], limit: str) -> Table:
    columns = (
        Column("office", pgettext("column", "Office"), Kind.TEXT),
        Column("visits", _("Visits that ended")),
        Column("misrouted", _("For nothing")),
        Column("share", pgettext("column", "Share"), Kind.SHARE),
        Column("case_days", _("Total case-days"), Kind.CASE_DAYS),
    )
    rows = tuple(
        Row(
            (
                Cell(subject.offices[one.office]),
                Cell(one.visits),
                Cell(one.misrouted, {"figure": f"misrouted_{limit}", "of": one.office}),
                Cell(one.misrouted / one.visits),
                Cell(one.lost_us),
            ),
            is_small(one.visits),
        )
        for one in found
    )
    return Table("misrouted", _("Visits for nothing, by office"), columns, rows)


def _misrouted_rows(subject: Subject, limit_us: int) -> pd.DataFrame:
    visits = visits_of(subject.measured.stays)
    wrong = visits_for_nothing(subject, visits, limit_us)
    over = visits.end_us != MISSING
    return pd.DataFrame(
        {
            "case": visits.case[over],
            "office": np.array(visits.offices, dtype=object)[visits.office[over]],
            "held_us": (visits.end_us - visits.start_us)[over],
            "for_nothing": wrong[over].astype(int),
        }
    )


_MISROUTED: Final = """
rows["lost"] = rows["held_us"] * rows["for_nothing"]
by = rows.groupby("office")
result = by.agg(visits=("case", "size"), misrouted=("for_nothing", "sum"), case_days=("lost", "sum")).reset_index()
result = result[result["misrouted"] > 0]
result = result.sort_values(["misrouted", "office"], ascending=[False, True]).drop(columns="office")
result["share"], result["case_days"] = result["misrouted"] / result["visits"], result["case_days"] / 86_400_000_000
"""
