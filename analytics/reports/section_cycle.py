"""Cycle time: how long cases take from filing to their answer, by service and by area."""

from __future__ import annotations

import math

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.core.cycle import CycleTime, cycle_time, cycle_times, quantile
from analytics.core.frames import UNKNOWN
from analytics.loading import alphabetical
from analytics.reports.sections import (
    EMPTY,
    Basis,
    Section,
    Subject,
    calendar_clock,
    counted_fact,
    is_small,
    labelled,
    nothing_here,
)
from analytics.reports.tables import SILENT, Cell, Column, Kind, Row, Table
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
    said = {
        "cases": count_of_cases(subject.measured.n),
        "closed": number(whole.closed.n),
        "median": duration(whole.closed.median_us),
        "open": number(whole.open.n),
    }
    if not subject.records_open:
        return (
            _(
                "%(cases)s: half took %(median)s or less from the first step to the last. Whether a case is still open "
                "is not recorded."
            )
            % said
        )
    return (
        _("%(cases)s: half of the %(closed)s that were answered took %(median)s or less; %(open)s still open.") % said
    )


def warnings(subject: Subject) -> tuple[str, ...]:
    """Say what a reader must know before using the headline."""
    if not subject.measured.n:
        return ()
    return tuple(text for text in (_endings_unknown(subject), _too_young(subject)) if text)


def _endings_unknown(subject: Subject) -> str:
    source = subject.measured.source
    unknown, closed = counted_fact(source, "outcome_unknown"), int(source.frames.cases["closed_at"].notna().sum())
    if 2 * unknown <= closed:
        return ""
    return _("%(unknown)s of the %(closed)s closed cases of this source name no outcome: they count as answered.") % {
        "unknown": number(unknown),
        "closed": number(closed),
    }


def _too_young(subject: Subject) -> str:
    """Warn when half of the cohort is younger than the time in which 95 of 100 answered cases got their answer."""
    measured = subject.measured
    rows, usual = measured.cycles("service"), measured.usual_cycles()
    answered = usual.age_us[usual.closed & usual.timed]
    waiting = int((~rows.closed).sum())
    if not waiting or not len(answered):
        return ""
    p95 = quantile(answered, 95)
    ages = measured.as_of_us - rows.submitted_us
    if quantile(ages, 50) >= p95:
        return ""
    return _(
        "Recent cases: the quick ones are over-represented. Half of these were filed less than %(age)s ago, and it "
        "takes %(p95)s until 95 of 100 are answered; %(open)s of %(n)s are still open."
    ) % {
        "age": duration(quantile(ages, 50)),
        "p95": duration(p95),
        "open": number(waiting),
        "n": number(measured.n),
    }


def cycle_section(subject: Subject) -> Section:
    """How long each service takes."""
    title = _("From filed to answered, by service")
    whole = overall(subject)
    table = cycle_times(subject.measured.cycles("service"))
    names = labelled(subject.measured.source.catalogue.services, _("Service not recorded"))
    if not table:
        return Section("services", title, nothing_here(), _basis(subject, whole), state=EMPTY)
    sentence = _slowest_service(subject, table, names)
    notes = (answered_means(subject),)
    shown = _table(subject, "services", table, names, "service")
    return Section("services", title, sentence, _basis(subject, whole), shown, notes)


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
    sentence = _slowest_area(placed, names)
    notes = () if subject.measured.filters.service or len(placed) < 2 else (_unlike(),)
    shown = _table(subject, "areas", table, names, "area")
    return Section("areas", title, sentence, _basis(subject, whole), shown, (*notes, answered_means(subject)))


def _unlike() -> str:
    return _(
        "Areas differ in what they ask for. A difference between areas may be a difference between services: "
        "choose one service to compare like with like."
    )


def answered_means(subject: Subject) -> str:
    """Say which endings count as an answer."""
    if not subject.records("outcomes"):
        return _("How a case ended is not recorded: every closed case counts as answered.")
    return _(
        "Answered: resolved, no action needed, or not the city’s responsibility. Stopped without an answer: duplicate, "
        "withdrawn or not valid."
    )


def _basis(subject: Subject, whole: CycleTime) -> Basis:
    stopped = _("closed as duplicate, withdrawn or not valid, not timed: %(n)s") % {"n": number(whole.stopped)}
    said = {"closed": number(whole.closed.n), "open": number(whole.open.n)}
    counted = (
        _("%(closed)s answered, %(open)s open") if subject.records_open else _("%(closed)s closed; open: not recorded")
    )
    clock = (
        _(
            "from filed to the last close of cases resolved, needing no action or not the city’s responsibility; "
            "%(clock)s"
        )
        if subject.records("outcomes")
        else _("from filed to the last close; %(clock)s")
    )
    return subject.basis(
        counted % said, clock % {"clock": calendar_clock()}, "cycle-time", stopped if whole.stopped else ""
    )


def _comparable(table: tuple[CycleTime, ...]) -> tuple[CycleTime, ...]:
    """Groups with enough answered cases, the slowest first: the order of the table."""
    known = [row for row in table if not is_small(row.closed.n)]
    return tuple(sorted(known, key=lambda row: -(row.closed.median_us or 0)))


def _slowest_service(subject: Subject, table: tuple[CycleTime, ...], names: dict[str, str]) -> str:
    known = _comparable(table)
    if not known:
        return _("No service has 30 answered cases or more yet, so none can be called slow with confidence.")
    said = _said(known[0], names)
    if len(known) == 1:
        return _alone(known[0], table, names)
    if len(known) < len(table):
        text = _(
            "Of the services with at least 30 answered cases, %(name)s takes longest: half of its %(closed)s took "
            "longer than %(median)s, one in ten longer than %(p90)s."
        )
    else:
        text = _(
            "%(name)s takes longest: half of its %(closed)s answered cases took longer than %(median)s, one in ten "
            "longer than %(p90)s."
        )
    return " ".join(part for part in (text % said, _counting_open(subject, known, names)) if part)


def _counting_open(subject: Subject, known: tuple[CycleTime, ...], names: dict[str, str]) -> str:
    """Rank by the column that counts open cases as well, where that gives another first."""
    if not subject.records_open or not any(row.open.n for row in known):
        return ""
    top = max(known, key=lambda row: math.inf if row.median_with_open_us is None else row.median_with_open_us)
    if top is known[0] and not top.open.n:
        return _("Counting open cases too, it stays first.")
    if top is known[0]:
        return _("Counting its %(open)s open cases too, the median is %(whole)s.") % _said(top, names)
    return _("Counting open cases too, it is %(name)s: %(open)s open, median %(whole)s.") % _said(top, names)


def _slowest_area(placed: tuple[CycleTime, ...], names: dict[str, str]) -> str:
    known = _comparable(placed)
    if not known:
        return _("No area has 30 answered cases or more yet, so none can be called slow with confidence.")
    if len(known) == 1:
        return _alone(known[0], placed, names)
    if len(known) < len(placed):
        text = _(
            "Of the areas with at least 30 answered cases, %(name)s waits longest: half of its %(closed)s took longer "
            "than %(median)s."
        )
    else:
        text = _("%(name)s waits longest: half of its %(closed)s answered cases took longer than %(median)s.")
    return text % _said(known[0], names)


def _alone(row: CycleTime, table: tuple[CycleTime, ...], names: dict[str, str]) -> str:
    """Say how the only group with enough cases fares; there is nothing to rank it against."""
    if len(table) == 1:
        text = _("%(name)s: half of its %(closed)s answered cases took longer than %(median)s.")
    else:
        text = _(
            "Only %(name)s has 30 answered cases or more, so there is nothing to compare it with: half of its "
            "%(closed)s took longer than %(median)s."
        )
    return text % _said(row, names)


def _said(row: CycleTime, names: dict[str, str]) -> dict[str, str]:
    return {
        "name": names[row.group],
        "closed": number(row.closed.n),
        "median": duration(row.closed.median_us),
        "p90": duration(row.closed.p90_us),
        "open": number(row.open.n),
        "whole": duration(row.median_with_open_us) if row.median_with_open_us is not None else _("not reached yet"),
    }


def _table(subject: Subject, name: str, table: tuple[CycleTime, ...], names: dict[str, str], by: str) -> Table:
    ordered = sorted(
        table, key=lambda row: (is_small(row.closed.n), -(row.closed.median_us or 0), alphabetical(names[row.group]))
    )
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
        tuple(_row(subject, row, names, by) for row in ordered),
        unit_for(max((row.closed.p90_us or row.open.median_us or 0 for row in table), default=0)),
    )


def _with_open(row: CycleTime) -> float | str | None:
    if row.median_with_open_us is None and row.open.n:
        return _("not reached yet")
    return row.median_with_open_us


def _row(subject: Subject, row: CycleTime, names: dict[str, str], by: str) -> Row:
    stopped = Cell(row.stopped, {"figure": "stopped", by: row.group} if row.stopped else None)
    still = (Cell(row.open.n, {"figure": "open", by: row.group}), Cell(row.open.median_us), Cell(_with_open(row)))
    return Row(
        (
            Cell(names[row.group]),
            Cell(row.closed.n, {"figure": "answered", by: row.group}),
            Cell(row.closed.median_us),
            Cell(row.closed.p90_us),
            *(still if subject.records_open else (SILENT,) * len(still)),
            stopped if subject.records("outcomes") else SILENT,
        ),
        is_small(row.closed.n),
    )
