"""Every wait a place has recorded, between steps, between offices and at each office: read warm from the segment store.

The definitions are those of the command ``bottlenecks``, so the same events give the same numbers. Cases are not cut
out of the whole here: a wait belongs to the period in which it ended, whenever its case was filed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import pandas as pd
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from analytics.core import waits
from analytics.core.frames import UNKNOWN
from analytics.loading import Catalogue, Jurisdiction
from analytics.reports.definitions import definition_of
from analytics.reports.filters import Filters
from analytics.reports.sections import EMPTY, Basis, Section, calendar_clock, is_small, labelled
from analytics.reports.steps import step_name
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.wording import case_days, day, duration, moment, number, percent, unit_for
from analytics.store.reading import Wanted
from analytics.store.serving import Served

Names = Mapping[str, str]
FEW: Final = 30
"""With fewer waits nothing is named in a sentence."""


@dataclass(frozen=True, slots=True, eq=False)
class WaitsReport:
    """The page, computed; everything in words and values."""

    headline: str
    sections: tuple[Section, ...]
    remarks: tuple[str, ...]
    cohort: str
    as_of: str
    at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    """One table of the store with what its codes stand for."""

    frame: pd.DataFrame
    codes: tuple[str, ...]
    names: Names

    def of(self, code: int) -> str:
        return self.names.get(self.codes[code], step_name(self.codes[code]))


def waits_report(place: Jurisdiction, catalogue: Catalogue, served: Served, filters: Filters) -> WaitsReport:
    """Measure what the filters keep; three tables, each exact."""
    wanted = _wanted(served.wanted, filters, place.time_zone)
    offices = labelled(catalogue.offices, _("Office not recorded"))
    words = served.rows.words

    def read(table: Callable[..., pd.DataFrame], family: str, columns: tuple[str, ...], kind: str) -> _Told:
        frame = table(served.rows.chunks(family, columns, wanted))
        frame = frame.sort_values("total_us", ascending=False, kind="stable", ignore_index=True)
        return _Told(frame, words[kind], offices if kind == "office" else {})

    held = read(waits.offices, "dwells", waits.OFFICE_COLUMNS, "office")
    edges = read(waits.edges, "segments", waits.EDGE_COLUMNS, "activity")
    moved = read(waits.handovers, "segments", waits.HANDOVER_COLUMNS, "office")
    told = _Words(_cohort(filters, catalogue), moment(served.as_of, place.time_zone))
    headline = _headline(held)
    sections = (_offices(held, told, headline), _edges(edges, told), _handovers(moved, told))
    stamp = served.as_of.astimezone(UTC).isoformat(timespec="seconds")
    return WaitsReport(headline, _stamped(sections, stamp), _remarks(served), told.cohort, told.as_of, served.as_of)


def _wanted(reach: Wanted, filters: Filters, zone: str) -> Wanted:
    period = filters.selection(zone)
    return Wanted(
        since_us=period.since_us,
        until_us=period.until_us,
        service=(filters.service,) if filters.service else None,
        area=(filters.area,) if filters.area else None,
        office=(filters.office,) if filters.office else None,
        cases=reach.cases,
    )


@dataclass(frozen=True, slots=True)
class _Words:
    cohort: str
    as_of: str

    def basis(self, n: int, *, of_cases: bool) -> Basis:
        waited = ngettext("%(n)s wait", "%(n)s waits", n) % {"n": number(n)}
        held = ngettext("%(n)s case at an office", "%(n)s cases at offices", n) % {"n": number(n)}
        said = held if of_cases else waited
        clock = f"{_('from one event to the next')}; {calendar_clock()}"
        left_out = (_("waits that have not ended"), _("parts of a request that was split"))
        return Basis(said, clock, self.cohort, self.as_of, left_out, definition_of("every-wait"))


def _cohort(filters: Filters, catalogue: Catalogue) -> str:
    said = [_period(filters)]
    if filters.service:
        said.append(_("service: %(name)s") % {"name": catalogue.services.of(filters.service, get_language())})
    if filters.area:
        names = labelled(catalogue.areas, _("area not recorded"))
        said.append(_("area: %(name)s") % {"name": names.get(filters.area, filters.area)})
    if filters.office:
        said.append(_("waited at: %(name)s") % {"name": catalogue.offices.of(filters.office, get_language())})
    return ", ".join(said)


def _period(filters: Filters) -> str:
    if filters.filed_from and filters.filed_to:
        said = {"from": day(filters.filed_from), "to": day(filters.filed_to)}
        return _("waits that ended from %(from)s to %(to)s") % said
    if filters.filed_from:
        return _("waits that ended since %(from)s") % {"from": day(filters.filed_from)}
    if filters.filed_to:
        return _("waits that ended up to %(to)s") % {"to": day(filters.filed_to)}
    return _("all waits that have ended")


def _remarks(served: Served) -> tuple[str, ...]:
    if not served.from_store:
        return (_("The store of waits is not built yet, so these figures were made from the ledger itself."),)
    if not served.behind:
        return ()
    text = ngettext(
        "%(n)s event was recorded since and is not counted yet: the store of waits follows the ledger each minute.",
        "%(n)s events were recorded since and are not counted yet: the store of waits follows the ledger each minute.",
        served.behind,
    )
    return (text % {"n": number(served.behind)},)


def _headline(held: _Told) -> str:
    total = int(held.frame["total_us"].sum())
    for row in held.frame.itertuples():
        if held.codes[row.office] != UNKNOWN and row.n >= FEW and total:
            said = {
                "name": held.of(row.office),
                "days": case_days(row.total_us),
                "share": percent(row.total_us / total),
            }
            return _("%(name)s held cases longest: %(days)s, %(share)s of all waits.") % said
    return _("No office held 30 cases or more, so none can be said to hold most of the time.")


# --- The tables ---------------------------------------------------------------------------------------------------


def _offices(held: _Told, told: _Words, sentence: str) -> Section:
    columns = (
        Column("office", pgettext("column", "Office"), Kind.TEXT),
        Column("cases", pgettext("column", "Cases")),
        Column("visits", pgettext("column", "Visits")),
        *_measures(),
    )
    rows = [
        Row((Cell(held.of(row.office)), Cell(row.n), Cell(row.visits), *_figures(row, held.frame)), is_small(row.n))
        for row in held.frame.itertuples()
    ]
    return _section("offices", _("At each office"), sentence, told, held, columns, rows)


def _edges(edges: _Told, told: _Words) -> Section:
    pairs = ("from_activity", "to_activity")
    sentence = _longest(
        edges, pairs, _("The longest of all: from “%(sender)s” to “%(receiver)s”, half within %(half)s.")
    )
    return _pairs("steps", _("From step to step"), sentence, told, edges, pairs)


def _handovers(moved: _Told, told: _Words) -> Section:
    pairs = ("from_office", "to_office")
    sentence = _longest(moved, pairs, _("The longest of all: from %(sender)s to %(receiver)s, half within %(half)s."))
    return _pairs("handovers", _("From office to office"), sentence, told, moved, pairs)


def _longest(table: _Told, pairs: tuple[str, str], words: str) -> str:
    """Say which pair takes most time together; with too few waits, that none is named."""
    for row in table.frame.itertuples():
        if row.n >= FEW:
            names = dict(zip(("sender", "receiver"), (table.of(getattr(row, pair)) for pair in pairs), strict=True))
            return words % {**names, "half": duration(row.median_us)}
    return _("No pair has 30 waits or more, so none is named.")


def _pairs(name: str, title: str, sentence: str, told: _Words, table: _Told, pairs: tuple[str, str]) -> Section:
    columns = (
        Column("sender", pgettext("column", "From"), Kind.TEXT),
        Column("receiver", pgettext("column", "To"), Kind.TEXT),
        Column("times", _("Times")),
        *_measures(),
    )
    rows = [
        Row(
            (*(Cell(table.of(getattr(row, pair))) for pair in pairs), Cell(row.n), *_figures(row, table.frame)),
            is_small(row.n),
        )
        for row in table.frame.itertuples()
    ]
    return _section(name, title, sentence, told, table, columns, rows)


def _measures() -> tuple[Column, ...]:
    return (
        Column("mean", _("Mean"), Kind.DURATION),
        Column("median", _("Median"), Kind.DURATION),
        Column("p90", _("90th percentile"), Kind.DURATION),
        Column("case_days", _("Total case-days"), Kind.CASE_DAYS),
        Column("share", _("Share of the time"), Kind.SHARE),
    )


def _figures(row: Any, frame: pd.DataFrame) -> tuple[Cell, ...]:
    total = int(frame["total_us"].sum())
    share = row.total_us / total if total else None
    return (Cell(row.mean_us), Cell(row.median_us), Cell(row.p90_us), Cell(int(row.total_us)), Cell(share))


def _section(
    name: str, title: str, sentence: str, told: _Words, table: _Told, columns: tuple[Column, ...], rows: list[Row]
) -> Section:
    basis = told.basis(int(table.frame["n"].sum()), of_cases=name == "offices")
    if not rows:
        nothing = _("Nothing fits these filters. Widen the period or clear a filter.")
        return Section(name, title, nothing, basis, state=EMPTY)
    unit = unit_for(float(table.frame["median_us"].max()))
    return Section(name, title, sentence, basis, Table(name, title, columns, tuple(rows), unit))


def _stamped(sections: tuple[Section, ...], as_of: str) -> tuple[Section, ...]:
    return tuple(
        replace(one, table=replace(one.table, as_of=as_of, clock=one.basis.clock)) if one.table else one
        for one in sections
    )
