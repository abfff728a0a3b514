"""Cycle time: how long cases take from filing to their answer, by service and by area."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.core.cycle import CycleTime, cycle_time, cycle_times
from analytics.core.frames import UNKNOWN
from analytics.reports.sections import EMPTY, Basis, Section, Subject, calendar_clock, is_small, labelled, nothing_here
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.wording import count_of_cases, duration, number, unit_for


def overall(subject: Subject) -> CycleTime:
    """Return the cycle time of the whole cohort."""
    return cycle_time(subject.measured.cycles("service"))


def headline(subject: Subject) -> str:
    """Say in one sentence how the whole cohort fares."""
    if not subject.measured.n:
        return nothing_here()
    whole = overall(subject)
    if not whole.closed.n:
        return _("%(cases)s; none has been answered yet.") % {"cases": count_of_cases(subject.measured.n)}
    return _("%(cases)s: half of the %(closed)s that were answered took %(median)s or less; %(open)s still open.") % {
        "cases": count_of_cases(subject.measured.n),
        "closed": number(whole.closed.n),
        "median": duration(whole.closed.median_us),
        "open": number(whole.open.n),
    }


def cycle_section(subject: Subject) -> Section:
    """How long each service takes."""
    title = _("From filed to answered, by service")
    whole = overall(subject)
    table = cycle_times(subject.measured.cycles("service"))
    names = labelled(subject.measured.source.catalogue.services, _("Service not recorded"))
    if not table:
        return Section("services", title, nothing_here(), _basis(subject, whole), state=EMPTY)
    slow = _slowest(table)
    if slow is None:
        sentence = _("No service has 30 answered cases or more yet, so none can be called slow with confidence.")
    else:
        sentence = _(
            "%(name)s takes longest: half of its %(closed)s answered cases took longer than %(median)s, one in ten "
            "longer than %(p90)s. Counting its %(open)s open cases too, the median is %(whole)s."
        ) % _said(slow, names)
    return Section("services", title, sentence, _basis(subject, whole), _table("services", table, names, "service"))


def places_section(subject: Subject) -> Section:
    """How long each area waits."""
    title = _("From filed to answered, by area")
    whole = overall(subject)
    table = cycle_times(subject.measured.cycles("area"))
    names = labelled(subject.measured.source.catalogue.areas, _("Area not recorded"))
    placed = tuple(row for row in table if row.group != UNKNOWN)
    if not placed:
        sentence = nothing_here() if not table else _("None of these cases has an area.")
        return Section("areas", title, sentence, _basis(subject, whole), state=EMPTY)
    slow = _slowest(placed)
    if slow is None:
        sentence = _("No area has 30 answered cases or more yet, so none can be called slow with confidence.")
    else:
        sentence = _("%(name)s waits longest: half of its %(closed)s answered cases took longer than %(median)s.") % (
            _said(slow, names)
        )
    notes = (
        _(
            "Areas differ in what they ask for. A difference between areas may be a difference between services: "
            "choose one service to compare like with like."
        ),
    )
    return Section("areas", title, sentence, _basis(subject, whole), _table("areas", table, names, "area"), notes)


def _basis(subject: Subject, whole: CycleTime) -> Basis:
    stopped = _("closed as duplicate, withdrawn or not valid, not timed: %(n)s") % {"n": number(whole.stopped)}
    return subject.basis(
        _("%(closed)s answered, %(open)s open") % {"closed": number(whole.closed.n), "open": number(whole.open.n)},
        _("from filed to the last close; %(clock)s") % {"clock": calendar_clock()},
        "cycle-time",
        stopped if whole.stopped else "",
    )


def _slowest(table: tuple[CycleTime, ...]) -> CycleTime | None:
    known = [row for row in table if not is_small(row.closed.n)]
    return max(known, key=lambda row: row.closed.median_us or 0, default=None)


def _said(row: CycleTime, names: dict[str, str]) -> dict[str, str]:
    return {
        "name": names[row.group],
        "closed": number(row.closed.n),
        "median": duration(row.closed.median_us),
        "p90": duration(row.closed.p90_us),
        "open": number(row.open.n),
        "whole": duration(row.median_with_open_us) if row.median_with_open_us is not None else _("not reached yet"),
    }


def _table(name: str, table: tuple[CycleTime, ...], names: dict[str, str], by: str) -> Table:
    ordered = sorted(table, key=lambda row: (is_small(row.closed.n), -(row.closed.median_us or -1), names[row.group]))
    return Table(
        name,
        _("From filed to answered, by service") if by == "service" else _("From filed to answered, by area"),
        (
            Column(by, pgettext("column", "Service") if by == "service" else pgettext("column", "Area"), Kind.TEXT),
            Column("answered", pgettext("column", "Answered")),
            Column("median", _("Median"), Kind.DURATION),
            Column("p90", _("90th percentile"), Kind.DURATION),
            Column("open", pgettext("column", "Open")),
            Column("median_age", _("Median age of open ones"), Kind.DURATION),
            Column("median_with_open", _("Median, open ones counted"), Kind.DURATION),
            Column("stopped", _("Stopped without an answer")),
        ),
        tuple(_row(row, names, by) for row in ordered),
        unit_for(max((row.closed.p90_us or row.open.median_us or 0 for row in table), default=0)),
    )


def _with_open(row: CycleTime) -> float | str | None:
    if row.median_with_open_us is None and row.open.n:
        return _("not reached yet")
    return row.median_with_open_us


def _row(row: CycleTime, names: dict[str, str], by: str) -> Row:
    return Row(
        (
            Cell(names[row.group]),
            Cell(row.closed.n, {"figure": "answered", by: row.group}),
            Cell(row.closed.median_us),
            Cell(row.closed.p90_us),
            Cell(row.open.n, {"figure": "open", by: row.group}),
            Cell(row.open.median_us),
            Cell(_with_open(row)),
            Cell(row.stopped, {"figure": "stopped", by: row.group} if row.stopped else None),
        ),
        is_small(row.closed.n),
    )
