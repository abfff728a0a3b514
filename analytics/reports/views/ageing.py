"""Open cases against their own history: how many are older than is usual at the office that holds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.core.ageing import Ageing, Kinds, ageing
from analytics.reports.recompute import Recompute
from analytics.reports.sections import EMPTY, Section, Subject, calendar_clock, is_small, labelled, nothing_here
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.usual import kinds_of_stays
from analytics.reports.views.ageing_unusual import unusual_section
from analytics.reports.views.longer_than_most import at_the_desk, longer_section
from analytics.reports.views.parts import Made, Options
from analytics.reports.views.usual_times import usual_section
from analytics.reports.wording import count_of_cases, number, percent, unit_for

OLD: Final = 3
"""The band of those that are older than 95 % of their kind."""


def ageing_view(subject: Subject, options: Options) -> Made:
    """Compare each open stay with the stays of its office and service, or of its office."""
    live = not subject.measured.source.jurisdiction.is_read_only
    rows = np.flatnonzero(subject.measured.stays.open)
    if not len(rows):
        basis = subject.basis(count_of_cases(0), calendar_clock(), "ageing")
        said = nothing_here() if not subject.measured.n else _("No case is open at an office.")
        return Made(said, (Section("ageing", _("Open cases"), said, basis, state=EMPTY),), live=live)
    levels = levels_of(subject)
    found = ageing(rows, subject.measured.stays.held_us(subject.measured.as_of_us), levels)
    by_office = _said(subject, found)
    sections = (unusual_section(subject, found, levels), by_office, _by_service(subject, found))
    more = (longer_section(subject, levels), usual_section(subject))
    desk = at_the_desk(subject, levels) if live else None
    return Made(
        by_office.sentence,
        (*sections, *more),
        live=live,
        picture=desk,
        template="analytics/_ageing.html" if desk else "",
    )


def levels_of(subject: Subject) -> tuple[Kinds, Kinds]:
    """Return what a stay is compared with: its office and service, else its office."""
    return kinds_of_stays(subject.measured)


def _said(subject: Subject, found: Ageing) -> Section:
    stays = subject.measured.stays
    frame = _bands(found, "office", np.array(stays.offices, dtype=object)[stays.office[found.row]])
    table = _table(
        frame,
        "ageing",
        _("Open cases by office"),
        Column("office", pgettext("column", "Office"), Kind.TEXT),
        lambda code: (Cell(subject.offices.get(code, code)), {"figure": "here", "of": code}),
    )
    old, known = int((found.band == OLD).sum()), int((found.band >= 0).sum())
    said = {"old": number(old), "known": number(known), "share": percent(old / known if known else 0.0)}
    sentence = _("%(old)s of %(known)s open stays (%(share)s) have lasted longer than 19 in 20 of their kind.") % said
    basis = subject.basis(count_of_cases(len(found.row)), calendar_clock(), "ageing")
    recompute = Recompute(lambda: frame, _bands_script("office"))
    return Section("ageing", _("Open cases by office"), sentence, basis, table, recompute=recompute)


def _by_service(subject: Subject, found: Ageing) -> Section:
    codes, services = subject.measured.of_cases("service", subject.measured.stays.case)
    names = labelled(subject.measured.source.catalogue.services, _("Service not recorded"))
    frame = _bands(found, "service", np.array(services, dtype=object)[codes[found.row]])
    title = _("Open cases by service")
    table = _table(
        frame,
        "by-service",
        title,
        Column("service", pgettext("column", "Service"), Kind.TEXT),
        lambda code: (Cell(names.get(code, code)), {"figure": "open_of", "of": code}),
    )
    top = next((row for row in table.rows if not row.small), table.rows[0])
    said = {"service": str(top.cells[0].value), "old": number(_count(top, 5)), "n": number(_count(top, 1))}
    sentence = _("Most that are older than 19 in 20 of their kind: %(service)s, %(old)s of %(n)s open stays.") % said
    if top.small:
        sentence = _("No service has 30 open stays or more, so none is named.")
    elif not _count(top, 5):
        sentence = _("In no service with 30 open stays or more is one older than 19 in 20 of its kind.")
    basis = subject.basis(count_of_cases(len(found.row)), calendar_clock(), "ageing")
    recompute = Recompute(lambda: frame, _bands_script("service"))
    return Section("by-service", title, sentence, basis, table, recompute=recompute)


def _count(row: Row, place: int) -> int:
    value = row.cells[place].value
    return value if isinstance(value, int) else 0


def _bands(found: Ageing, name: str, group: npt.NDArray[np.object_]) -> pd.DataFrame:
    return pd.DataFrame({name: group, "band": found.band, "age_us": found.age_us})


def _bands_script(name: str) -> str:
    return f"""
rows["days"] = rows["age_us"] / 86_400_000_000
by = rows.groupby("{name}")
result = pd.DataFrame({{
    "open": by.size(),
    **{{f"band_{{n}}": by["band"].agg(lambda band, n=n: (band == n).sum()) for n in range(4)}},
    "no_history": by["band"].agg(lambda band: (band == -1).sum()),
}}).sort_values(["band_3", "open"], ascending=False, kind="stable").reset_index(drop=True)
"""


def _table(
    frame: pd.DataFrame,
    name: str,
    caption: str,
    first: Column,
    told: Callable[[str], tuple[Cell, Mapping[str, str]]],
) -> Table:
    columns = (
        first,
        Column("open", pgettext("column", "Open")),
        Column("band_0", _("Shorter than half")),
        Column("band_1", _("Longer than half")),
        Column("band_2", _("Longer than 85 in 100")),
        Column("band_3", _("Longer than 95 in 100")),
        Column("no_history", _("Too little history")),
        Column("oldest", pgettext("column", "Oldest"), Kind.DURATION),
    )
    found = []
    for code, some in frame.groupby(first.key, sort=True):
        bands = [int((some["band"] == band).sum()) for band in (0, 1, 2, 3, -1)]
        found.append((bands[3], len(some), str(code), bands, int(some["age_us"].max())))
    found.sort(key=lambda one: (-one[0], -one[1]))
    rows = []
    for _old, n, code, bands, oldest in found:
        named, cases = told(code)
        rows.append(Row((named, Cell(n, cases), *(Cell(count) for count in bands), Cell(oldest)), small=is_small(n)))
    return Table(name, caption, columns, tuple(rows), unit_for(float(frame["age_us"].max())))
