"""Promises: which were kept, by whom and how late the others are; waits for the citizen shown apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Final

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.core.frames import MISSING, UNKNOWN, Ints
from analytics.core.promises import Kept
from analytics.core.shares import Share
from analytics.reports.promised import (
    ACKNOWLEDGE,
    CLOCKS,
    DATES,
    FIRST,
    LAST,
    RESOLVE,
    Owed,
    Promise,
    by_column,
    by_office,
    owed,
)
from analytics.reports.recompute import Recompute
from analytics.reports.sections import (
    EMPTY,
    NOT_RECORDED,
    Section,
    Subject,
    is_small,
    labelled,
    not_recorded,
    nothing_here,
)
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.views.parts import Choice, Links, Made, Options, one_of
from analytics.reports.views.promises_waits import waits_section
from analytics.reports.views.stacks import Group, Part, Stacks, stacks
from analytics.reports.wording import count_of_cases, duration, number, percent, unit_for


@dataclass(frozen=True, slots=True)
class Side:
    """One way of adding promises up. ``figure`` is what leads from a group to its cases."""

    id: str
    title: str
    heading: str
    names: Mapping[str, str]
    groups: Ints
    labels: tuple[str, ...]
    figure: str


def promise_of(options: Mapping[str, str]) -> Promise:
    """Read which promise an address asks about."""
    return Promise(one_of(options, "promise", CLOCKS), one_of(options, "date", DATES))


def promises_view(subject: Subject, options: Options) -> Made:
    """Say which promises were kept, under the choice of the address."""
    promise = promise_of(options)
    found = owed(subject, promise)
    kept = found.kept(np.zeros(len(found.case), dtype=np.int64), ("all",))
    choices = _choices(promise)
    if not kept or kept[0].no_promise == len(found.case):
        return _nothing(subject, promise, found)
    whole = kept[0]
    sides = _sides(subject, found, promise)
    rows = [found.kept(side.groups, side.labels) for side in sides]
    sections = tuple(_section(subject, found, promise, side, some) for side, some in zip(sides, rows, strict=True))
    headline = _headline(promise, whole)
    return Made(
        headline,
        (*sections, waits_section(subject, found)),
        picture=lambda links: _picture(promise, sides[0], ordered(rows[0]), links),
        template="analytics/_stacks.html" if whole.kept.n else "",
        options=promise.parameters(),
        choices=choices,
    )


def _nothing(subject: Subject, promise: Promise, found: Owed) -> Made:
    title = _titles(promise)[0]
    basis = subject.basis(count_of_cases(len(found.case)), _clock(promise), "promise")
    empty = not subject.measured.n
    said = nothing_here() if empty else f"{not_recorded()} {_('No case here has a promised date.')}"
    sections = (Section("services", title, said, basis, state=EMPTY if empty else NOT_RECORDED),)
    return Made(said, sections, options=promise.parameters(), choices=_choices(promise))


def _choices(promise: Promise) -> tuple[Choice, ...]:
    clocks = ((RESOLVE, _("answered")), (ACKNOWLEDGE, _("accepted by an office")))
    dates = ((LAST, _("the last one given")), (FIRST, _("the first one given")))
    choices = (Choice("promise", _("Promised to be"), clocks, promise.clock, clears=("date",)),)
    if promise.clock == ACKNOWLEDGE:
        return choices
    return (*choices, Choice("date", _("Against the date"), dates, promise.date))


def _titles(promise: Promise) -> tuple[str, str]:
    if promise.clock == ACKNOWLEDGE:
        return _("Accepted in time, by service"), _("Accepted in time, by office")
    return _("Answered in time, by service"), _("Answered in time, by office")


def _clock(promise: Promise) -> str:
    return _(
        "the promised date as it was given, in working or calendar time; how late it is: calendar time, nights and "
        "weekends included"
    )


def _sides(subject: Subject, found: Owed, promise: Promise) -> tuple[Side, Side]:
    services = labelled(subject.measured.source.catalogue.services, _("Service not recorded"))
    offices = subject.offices | {UNKNOWN: _("At no office yet, or not recorded")}
    (first, second), of_service = _titles(promise), by_column(subject, found, "service")
    of_office = by_office(subject, found, promise)
    return (
        Side("services", first, pgettext("column", "Service"), services, *of_service, figure="service"),
        Side("offices", second, pgettext("column", "Office"), offices, *of_office, figure="of"),
    )


def ordered(rows: tuple[Kept, ...]) -> list[Kept]:
    """Return the groups, the least kept first; those of few promises after the others."""
    return sorted(rows, key=lambda row: (is_small(row.kept.n), _value(row.kept), row.group))


def _value(one: Share) -> float:
    return inf if one.value is None else one.value


def _headline(promise: Promise, whole: Kept) -> str:
    said = _said(whole)
    if not whole.kept.n:
        return _("No promise is due yet. Within its time: %(undecided)s.") % said
    if promise.clock == ACKNOWLEDGE:
        first = _("%(share)s of %(n)s cases were accepted by an office in time (95%% interval: %(low)s to %(high)s).")
    else:
        first = _("%(share)s of %(n)s promises were kept (95%% interval: %(low)s to %(high)s).")
    late = _(
        "%(late)s were done late and %(overdue)s are open and late already; half of these by more than %(median)s."
    )
    return " ".join(text % said for text in ([first, late] if whole.late + whole.overdue else [first]))


def _said(row: Kept) -> dict[str, str]:
    return {
        "share": percent(row.kept.value or 0.0),
        "low": percent(row.kept.low or 0.0),
        "high": percent(row.kept.high or 0.0),
        "n": number(row.kept.n),
        "late": number(row.late),
        "overdue": number(row.overdue),
        "undecided": count_of_cases(row.undecided),
        "median": duration(row.lateness.median_us),
    }


# --- One table --------------------------------------------------------------------------------------------------------


def _section(subject: Subject, found: Owed, promise: Promise, side: Side, rows: tuple[Kept, ...]) -> Section:
    undecided, without = sum(row.undecided for row in rows), sum(row.no_promise for row in rows)
    basis = subject.basis(
        _("%(n)s decided promises") % {"n": number(sum(row.kept.n for row in rows))},
        _clock(promise),
        "promise",
        _("not due yet: %(n)s") % {"n": number(undecided)} if undecided else "",
        _("without a promised date: %(n)s") % {"n": number(without)} if without else "",
        _("closed as duplicate, withdrawn or not valid: %(n)s") % {"n": number(found.stopped)} if found.stopped else "",
    )
    table = table_of(side, promise, ordered(rows))
    recompute = Recompute(lambda: _rows(found, side), _script(side, table))
    notes = _notes(side, promise)
    return Section(side.id, side.title, _sentence(side, rows), basis, table, notes, recompute=recompute)


def _sentence(side: Side, rows: tuple[Kept, ...]) -> str:
    known = [row for row in ordered(rows) if not is_small(row.kept.n)]
    if not known:
        return _("Nothing here has 30 decided promises or more, so nothing is named.")
    worst, best = known[0], known[-1]
    said = {"name": side.names.get(worst.group, worst.group), **_said(worst)}
    if len(known) == 1:
        return _("%(name)s kept %(share)s of %(n)s; nothing else has 30 decided promises.") % said
    said |= {"best": side.names.get(best.group, best.group), "most": percent(best.kept.value or 0.0)}
    return _("Least: %(name)s, %(share)s of %(n)s. Most: %(best)s, %(most)s.") % said


def _notes(side: Side, promise: Promise) -> tuple[str, ...]:
    if side.figure == "of" and promise.clock == ACKNOWLEDGE:
        return (_("A case counts at the first office it was sent to."),)
    if side.figure == "of":
        return (_("A case counts at the office that has it now, or had it last: the time may have gone elsewhere."),)
    if promise.clock == RESOLVE and promise.date == FIRST:
        return (_("The first date is held against the answer without taking out waits for the citizen."),)
    return ()


def table_of(side: Side, promise: Promise, rows: list[Kept]) -> Table:
    """Return one row a group."""
    columns = (
        Column("group", side.heading, Kind.TEXT),
        Column("decided", _("Promises decided")),
        Column("kept", pgettext("promises", "Kept")),
        Column("share", _("Share kept"), Kind.SHARE),
        Column("low", _("Share, from"), Kind.SHARE),
        Column("high", _("Share, to"), Kind.SHARE),
        Column("late", _("Done late")),
        Column("overdue", _("Open and late")),
        Column("late_by_median", _("Late by, median"), Kind.DURATION),
        Column("late_by_p90", _("Late by, 90th percentile"), Kind.DURATION),
        Column("undecided", _("Not due yet")),
        Column("no_promise", _("No promise")),
    )
    longest = max((row.lateness.p90_us or 0 for row in rows), default=0)
    return Table(side.id, side.title, columns, tuple(_row(side, promise, row) for row in rows), unit_for(longest))


def _row(side: Side, promise: Promise, row: Kept) -> Row:
    def cases(standing: str) -> dict[str, str]:
        return {"figure": f"promise_{standing}", side.figure: row.group, **promise.parameters()}

    return Row(
        (
            Cell(side.names.get(row.group, row.group)),
            Cell(row.kept.n, cases("decided")),
            Cell(row.kept.part, cases("kept")),
            Cell(row.kept.value),
            Cell(row.kept.low),
            Cell(row.kept.high),
            Cell(row.late, cases("late")),
            Cell(row.overdue, cases("overdue")),
            Cell(row.lateness.median_us),
            Cell(row.lateness.p90_us),
            Cell(row.undecided, cases("undecided")),
            Cell(row.no_promise, cases("no_promise")),
        ),
        is_small(row.kept.n),
    )


def _rows(found: Owed, side: Side) -> pd.DataFrame:
    due = pd.Series(found.due_us, dtype="Int64").mask(found.due_us == MISSING)
    return pd.DataFrame(
        {
            "case": found.case,
            "group": np.array(side.labels, dtype=object)[side.groups],
            "due_us": due,
            "until_us": found.until_us,
            "done": ((found.done_us != MISSING) & (found.done_us <= found.as_of_us)).astype(int),
        }
    )


def _script(side: Side, table: Table) -> str:
    return _SCRIPT.replace("UNIT_US", str(table.unit.us)).replace("UNIT", table.unit.code)


_SCRIPT: Final = """
over, done = rows["until_us"] - rows["due_us"], rows["done"] == 1
rows["kept"], rows["late"] = done & (over <= 0), done & (over > 0)
rows["overdue"], rows["undecided"], rows["no_promise"] = ~done & (over > 0), ~done & (over <= 0), over.isna()
by = rows.assign(by=over.where(over > 0) / UNIT_US).groupby("group")
result = by[["kept", "late", "overdue", "undecided", "no_promise"]].sum()
result["late_by_median_UNIT"], result["late_by_p90_UNIT"] = by["by"].median(), by["by"].quantile(0.9)
n = result["decided"] = result["kept"] + result["late"] + result["overdue"]
p, z2 = result["kept"] / n, 1.959963984540054**2  # Wilson's interval of 95 %
middle, reach = p + z2 / (2 * n), (z2 * (p * (1 - p) / n + z2 / (4 * n**2))) ** 0.5
result["share"], result["low"], result["high"] = p, (middle - reach) / (1 + z2 / n), (middle + reach) / (1 + z2 / n)
result = result.assign(few=n < 30).reset_index().sort_values(["few", "share", "group"]).drop(columns=["few", "group"])
"""


# --- The chart --------------------------------------------------------------------------------------------------------


def _picture(promise: Promise, side: Side, rows: list[Kept], links: Links) -> Stacks:
    key = (
        Part("good", pgettext("promises", "kept")),
        Part("late", _("done late")),
        Part("open", _("open and late already")),
    )
    groups = [
        Group(
            side.names.get(row.group, row.group),
            [n / row.kept.n for n in (row.kept.part, row.late, row.overdue)],
            _("%(share)s kept of %(n)s") % {"share": percent(row.kept.value or 0.0), "n": number(row.kept.n)},
            {"figure": "promise_decided", side.figure: row.group, **promise.parameters()},
            is_small(row.kept.n),
        )
        for row in rows
        if row.kept.n
    ]
    says = _("Each bar is all decided promises of a service, the least kept first. Choose one to see its cases.")
    return stacks(_("Kept and late, by service"), says, key, groups, links.cases)
