"""Share late by area and by service, beside what the rest of the city would have with the same mix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analytics.core.equity.late import LEAST, AreaLate, late_by_area
from analytics.core.frames import UNKNOWN, Ints
from analytics.reports.promised import Owed, Promise, by_column, owed
from analytics.reports.recompute import Recompute
from analytics.reports.sections import (
    EMPTY,
    NOT_RECORDED,
    Section,
    Subject,
    is_small,
    labelled,
    not_recorded,
)
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.wording import number, percent

FALSE_ALARMS: Final = 0.05


@dataclass(frozen=True, slots=True)
class LateSide:
    """Who is compared, and whose mix is taken out."""

    group: str
    mix: str
    title: str
    heading: str
    table: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Late:
    """What was found for the groups that are shown, the highest ratio first, and the rows behind it (n,)."""

    rows: tuple[AreaLate, ...]
    hidden: int
    late_of: Mapping[str, int]
    """All late promises of a group, also those of services given nowhere else."""
    case: Ints
    late: Ints
    group: Ints
    groups: tuple[str, ...]
    mix: Ints
    mixes: tuple[str, ...]


def late_sections(subject: Subject) -> tuple[Section, Section]:
    """Compare areas with the mix of services taken out, and services with the mix of areas taken out."""
    found = owed(subject, Promise())
    catalogue = subject.measured.source.catalogue
    areas = LateSide(
        "area",
        "service",
        _("Late promises by area, for the same services"),
        pgettext("column", "Area"),
        "late-areas",
        labelled(catalogue.areas, _("Area not recorded")),
    )
    services = LateSide(
        "service",
        "area",
        _("Late promises by service, for the same areas"),
        pgettext("column", "Service"),
        "late-services",
        labelled(catalogue.services, _("Service not recorded")),
    )
    return _section(subject, found, areas), _section(subject, found, services)


def late_of(subject: Subject, found: Owed, group: str, mix: str) -> Late:
    """Compare the groups of one column of cases with the mix of another taken out."""
    (codes, labels), (mixed, mixes) = by_column(subject, found, group), by_column(subject, found, mix)
    known = np.array([label != UNKNOWN for label in labels], dtype=np.bool_)
    keep = found.decided & known[codes] if len(labels) else found.decided
    late, codes, mixed = found.late[keep], codes[keep], mixed[keep]
    n, bad = (np.bincount(codes[some], minlength=len(labels)) for some in (slice(None), late))
    compared = [one for one, size in zip(late_by_area(late, codes, mixed, labels, len(mixes)), n, strict=True) if size]
    shown = sorted((one for one in compared if one.n), key=lambda one: (-(one.ratio or 0), one.area))
    return Late(
        tuple(shown),
        len(compared) - len(shown),
        dict(zip(labels, bad.tolist(), strict=True)),
        found.case[keep],
        late.astype(np.int64),
        codes,
        labels,
        mixed,
        mixes,
    )


def _section(subject: Subject, owed_: Owed, side: LateSide) -> Section:
    found = late_of(subject, owed_, side.group, side.mix)
    hidden = ngettext(
        "%(n)s group of fewer than %(least)s cases", "%(n)s groups of fewer than %(least)s cases", found.hidden
    ) % {"n": number(found.hidden), "least": number(LEAST)}
    undecided = len(owed_.case) - int(owed_.decided.sum())
    basis = subject.basis(
        _("%(n)s decided promises") % {"n": number(len(found.case))},
        _("the promised date as it was given, in working or calendar time"),
        "share-late",
        hidden if found.hidden else "",
        _("not due yet, or without a promised date: %(n)s") % {"n": number(undecided)} if undecided else "",
    )
    if not len(found.case):
        said = f"{not_recorded()} {_('No case here has a promised date that is decided.')}"
        return Section(side.table, side.title, said, basis, state=NOT_RECORDED)
    if len(found.rows) < 2:
        sentence = _("There are not two groups of %(n)s cases or more to compare here.") % {"n": number(LEAST)}
        return Section(side.table, side.title, sentence, basis, state=EMPTY)
    script = _SCRIPT.replace("GROUP", side.group).replace("MIX", side.mix)
    recompute = Recompute(lambda: _rows(found, side), script)
    table = _table(found, side)
    return Section(side.table, side.title, _sentence(side, found.rows), basis, table, recompute=recompute)


def is_late_surprise(one: AreaLate) -> bool:
    """Whether a group of enough cases is late more or less often by more than chance."""
    return one.adjusted_p is not None and one.adjusted_p <= FALSE_ALARMS and not is_small(one.n or 0)


def _sentence(side: LateSide, rows: tuple[AreaLate, ...]) -> str:
    worse = [one for one in rows if is_late_surprise(one) and (one.difference or 0) > 0]
    if not worse:
        if side.group == "area":
            return _("No area is late more often than the others for the same services, beyond what chance would do.")
        return _("No service is late more often than the others in the same areas, beyond what chance would do.")
    worst = worse[0]
    n = worst.n or 1
    said = {
        "name": side.names.get(worst.area, worst.area),
        "share": percent((worst.late or 0) / n),
        "n": number(n),
        "expected": percent((worst.expected or 0) / n),
    }
    if side.group == "area":
        text = _(
            "%(name)s is late most often for the same services: %(share)s of %(n)s promises, where the rest of the "
            "city would have %(expected)s. The difference is more than chance."
        )
    else:
        text = _(
            "%(name)s is late most often in the same areas: %(share)s of %(n)s promises, where all other services "
            "would have %(expected)s. The difference is more than chance."
        )
    return text % said


def _table(found: Late, side: LateSide) -> Table:
    columns = (
        Column(side.group, side.heading, Kind.TEXT),
        Column("cases", _("Promises compared")),
        Column("late", _("Of these, late")),
        Column("share", _("Share late"), Kind.SHARE),
        Column("expected", _("Expected with this mix"), Kind.SHARE),
        Column("ratio", _("Late of expected"), Kind.SHARE),
        Column("difference", _("Apart by"), Kind.SHARE),
        Column("low", _("Apart, from"), Kind.SHARE),
        Column("high", _("Apart, to"), Kind.SHARE),
        Column("more_than_chance", _("More than chance?"), Kind.TEXT),
    )
    return Table(side.table, side.title, columns, tuple(_row(found, side, one) for one in found.rows))


def _row(found: Late, side: LateSide, one: AreaLate) -> Row:
    n = one.n or 1
    verdict = _("yes") if is_late_surprise(one) else _("no")
    cases = {"figure": "promise_broken", side.group: one.area} if found.late_of[one.area] == one.late else None
    return Row(
        (
            Cell(side.names.get(one.area, one.area)),
            Cell(one.n),
            Cell(one.late, cases),
            Cell((one.late or 0) / n),
            Cell((one.expected or 0) / n),
            Cell(one.ratio),
            Cell(one.difference),
            Cell(one.low),
            Cell(one.high),
            Cell(verdict),
        ),
        is_small(one.n or 0),
    )


def _rows(found: Late, side: LateSide) -> pd.DataFrame:
    """Groups too small to be shown are among the others, without their name."""
    shown = {one.area for one in found.rows}
    names = np.array([label if label in shown else "" for label in found.groups], dtype=object)
    return pd.DataFrame(
        {
            "case": found.case,
            side.group: names[found.group],
            side.mix: np.array(found.mixes, dtype=object)[found.mix],
            "late": found.late,
        }
    )


_SCRIPT: Final = """
own = rows.groupby(["GROUP", "MIX"])["late"].agg(["size", "sum"]).reset_index()
city = rows.groupby("MIX")["late"].agg(["size", "sum"])
rest = city.loc[own["MIX"]].reset_index(drop=True) - own[["size", "sum"]]  # the same service, elsewhere
own["expected"] = own["size"] * rest["sum"] / rest["size"].where(rest["size"] > 0)
by = own[rest["size"] > 0].groupby("GROUP")[["size", "sum", "expected"]].sum().query("size >= 10")
result = pd.DataFrame({"cases": by["size"], "late": by["sum"], "share": by["sum"] / by["size"]})
result["expected"] = by["expected"] / by["size"]
result["ratio"] = (by["sum"] / by["expected"]).where(by["expected"] > 0)
result["difference"] = result["share"] - result["expected"]
order = result.assign(by=-result["ratio"].fillna(0)).reset_index().sort_values(["by", "GROUP"])["GROUP"]
result = result.loc[order].reset_index(drop=True)
"""
