"""Flow efficiency: of the time a case takes, or an office has it, the part in which somebody works on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.core.efficiency import FlowEfficiency, flow_efficiency, service_of
from analytics.core.frames import Ints
from analytics.core.stays import Stays
from analytics.reports.recompute import Recompute
from analytics.reports.sections import (
    EMPTY,
    NOT_RECORDED,
    Section,
    Subject,
    calendar_clock,
    is_small,
    labelled,
    not_recorded,
)
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.wording import count_of_cases, number, percent


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Wholes (n,) of which service is a part: ``unit`` is the case of the stays, made one with its office or not."""

    id: str
    title: str
    heading: str
    figure: str
    names: Mapping[str, str]
    stays: Stays
    case: Ints
    unit: Ints
    whole_us: Ints
    groups: Ints
    labels: tuple[str, ...]


def efficiency_sections(subject: Subject) -> tuple[Section, Section]:
    """By office (of the time it had a case) and by service (from filed to closed)."""
    offices, services = _offices(subject), _services(subject)
    return _section(subject, offices), _section(subject, services)


def _offices(subject: Subject) -> Side:
    stays, rows = subject.measured.stays, subject.measured.dwell
    left, count = ~rows.there_now, max(len(stays.offices), 1)
    return Side(
        id="efficiency",
        title=_("Flow efficiency by office"),
        heading=pgettext("column", "Office"),
        figure="of",
        names=subject.offices,
        stays=replace(stays, case=stays.case * count + stays.office),
        case=rows.case[left],
        unit=(rows.case * count + rows.office)[left],
        whole_us=rows.held_us[left],
        groups=rows.office[left],
        labels=rows.offices,
    )


def _services(subject: Subject) -> Side:
    rows = subject.measured.cycles("service")
    done = rows.closed & rows.timed
    return Side(
        id="efficiency-services",
        title=_("Flow efficiency by service"),
        heading=pgettext("column", "Service"),
        figure="service",
        names=labelled(subject.measured.source.catalogue.services, _("Service not recorded")),
        stays=subject.measured.stays,
        case=rows.case[done],
        unit=rows.case[done],
        whole_us=rows.age_us[done],
        groups=rows.group[done],
        labels=rows.groups,
    )


def _section(subject: Subject, side: Side) -> Section:
    found = flow_efficiency(side.stays, side.unit, side.whole_us, side.groups, side.labels)
    known, cases = sum(row.known for row in found), sum(row.cases for row in found)
    clock = (
        _("from sent there to sent on or closed")
        if side.figure == "of"
        else _("from filed to closed, of answered cases")
    )
    silent = _("without a recorded start and end: %(n)s") % {"n": number(cases - known)} if cases > known else ""
    basis = subject.basis(count_of_cases(known), f"{clock}; {calendar_clock()}", "efficiency", silent)
    if not subject.records("started"):
        return Section(side.id, side.title, not_recorded(), basis, state=NOT_RECORDED)
    if not known:
        said = _("No case here tells when work on it began and ended.")
        return Section(side.id, side.title, said, basis, state=EMPTY)
    rows = sorted(found, key=_order)
    columns = (
        Column("group", side.heading, Kind.TEXT),
        Column("cases", _("Cases that left") if side.figure == "of" else pgettext("column", "Answered")),
        Column("known", _("Of these, known")),
        Column("efficiency", _("Somebody works on it"), Kind.SHARE),
        Column("median", _("Half of cases are below"), Kind.SHARE),
    )
    table = Table(side.id, side.title, columns, tuple(_row(side, row) for row in rows))
    return Section(
        side.id, side.title, _sentence(side, rows), basis, table, recompute=Recompute(lambda: _rows(side), _SCRIPT)
    )


def _order(row: FlowEfficiency) -> tuple[bool, bool, float, str]:
    value = row.value
    return is_small(row.known), value is None, value or 0.0, row.group


def _sentence(side: Side, rows: list[FlowEfficiency]) -> str:
    known, cases = sum(row.known for row in rows), sum(row.cases for row in rows)
    service, whole = sum(row.service_us for row in rows), sum(row.cycle_us for row in rows)
    said = {
        "share": percent(service / whole if whole else 0.0),
        "known": percent(known / cases),
        "name": side.names.get(rows[0].group, rows[0].group),
        "least": percent(rows[0].value or 0.0),
    }
    if side.figure == "of":
        first = _("Somebody works on a case in %(share)s of the time an office has it (%(known)s of cases tell).")
    else:
        first = _("Somebody works on a case in %(share)s of the time from filed to closed (%(known)s of cases tell).")
    if is_small(rows[0].known):
        return first % said
    return f"{first % said} {_('Least at: %(name)s, %(least)s.') % said}"


def _row(side: Side, row: FlowEfficiency) -> Row:
    figure = "held" if side.figure == "of" else "answered"
    return Row(
        (
            Cell(side.names.get(row.group, row.group)),
            Cell(row.cases, {"figure": figure, side.figure: row.group}),
            Cell(row.known),
            Cell(row.value),
            Cell(row.median),
        ),
        is_small(row.known),
    )


def _rows(side: Side) -> pd.DataFrame:
    service, known = service_of(side.stays, side.unit)
    return pd.DataFrame(
        {
            "case": side.case,
            "group": np.array(side.labels, dtype=object)[side.groups],
            "whole_us": side.whole_us,
            "service_us": pd.Series(service, dtype="Int64").where(known & (side.whole_us > 0)),
        }
    )


_SCRIPT: Final = """
told = rows[rows["service_us"].notna()].assign(share=lambda rows: rows["service_us"] / rows["whole_us"])
sums = told.groupby("group")[["service_us", "whole_us"]].sum()
result = pd.DataFrame({
    "cases": rows.groupby("group").size(),
    "known": rows.groupby("group")["service_us"].count(),
    "efficiency": sums["service_us"] / sums["whole_us"],
    "median": told.groupby("group")["share"].median(),
})
result["few"] = result["known"] < 30
result = result.reset_index().sort_values(["few", "efficiency", "group"]).drop(columns=["few", "group"])
"""
