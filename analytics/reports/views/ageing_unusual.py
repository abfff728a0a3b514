"""The open cases that are most out of the ordinary for their kind: which, where, how long, and beside what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analytics.core.ageing import NO_KIND, Ageing, Kinds
from analytics.core.frames import Floats, Ints, moment
from analytics.core.survival.curve import quantile
from analytics.loading import references
from analytics.reports.recompute import Recompute
from analytics.reports.sections import EMPTY, Section, Subject, calendar_clock, labelled
from analytics.reports.tables import REFERENCE, Cell, Column, Kind, Row, Table
from analytics.reports.wording import count_of_cases, duration, number, unit_for

MOST: Final = 50


@dataclass(frozen=True, slots=True, eq=False)
class Unusual:
    """Places within an ``Ageing``, the most unusual first, and what half of each one's kind had taken."""

    place: Ints
    usual_us: Floats
    """NaN where half of the kind has not ended yet."""


def unusual(found: Ageing, levels: tuple[Kinds, ...]) -> Unusual:
    """Order by the share of its kind that had ended, then by how many times the kind's median it has lasted."""
    usual = np.full(len(found.row), np.nan)
    for at, level in enumerate(levels):
        here = np.flatnonzero(found.level == at)
        code = level.codes[found.row[here]]
        known = {int(one): quantile(level.history[int(one)], 50).value_us for one in np.unique(code)}
        usual[here] = [np.nan if known[one] is None else known[one] for one in code.tolist()]
    known_kind = np.flatnonzero(found.level != NO_KIND)
    times = np.nan_to_num(found.age_us / np.maximum(usual, 1.0))
    order = np.lexsort((found.row[known_kind], -times[known_kind], -found.older_than[known_kind].round(9)))
    chosen = known_kind[order][:MOST].astype(np.int64)
    return Unusual(chosen, usual[chosen])


def unusual_section(subject: Subject, found: Ageing, levels: tuple[Kinds, ...]) -> Section:
    """List the open stays that are most out of the ordinary."""
    title = _("Most out of the ordinary")
    few = int((found.level == NO_KIND).sum())
    basis = subject.basis(
        count_of_cases(len(found.row)),
        calendar_clock(),
        "ageing",
        _("without enough history to say: %(n)s") % {"n": number(few)} if few else "",
    )
    chosen = unusual(found, levels)
    if not len(chosen.place):
        said = _("No open stay has 30 finished ones of its office to be compared with.")
        return Section("unusual", title, said, basis, state=EMPTY)
    table = _table(subject, found, levels, chosen)
    recompute = Recompute(lambda: _rows(subject, found, levels, chosen), _script(table))
    return Section("unusual", title, _sentence(subject, found, chosen), basis, table, recompute=recompute)


def _sentence(subject: Subject, found: Ageing, chosen: Unusual) -> str:
    first = int(chosen.place[0])
    stays = subject.measured.stays
    office = stays.offices[stays.office[found.row[first]]]
    said = {
        "office": subject.offices.get(office, office),
        "age": duration(int(found.age_us[first])),
        "usual": duration(None if np.isnan(chosen.usual_us[0]) else float(chosen.usual_us[0])),
        "n": number(len(chosen.place)),
    }
    sentence = ngettext(
        "The open stay most out of the ordinary is at %(office)s for %(age)s; half of its kind took up to %(usual)s.",
        "The %(n)s open stays most out of the ordinary. The first is at %(office)s for %(age)s; half of its kind took "
        "up to %(usual)s.",
        len(chosen.place),
    )
    return sentence % said


def _table(subject: Subject, found: Ageing, levels: tuple[Kinds, ...], chosen: Unusual) -> Table:
    stays, row = subject.measured.stays, found.row[chosen.place]
    ids = stays.case[row].tolist()
    cases = subject.measured.frames.cases.set_index("case").loc[ids]
    services = labelled(subject.measured.source.catalogue.services, _("Service not recorded"))
    numbers = references(ids)
    rows = tuple(
        Row(
            (
                Cell(numbers.get(case, "")),
                Cell(services.get(service, service)),
                Cell(subject.offices.get(stays.offices[office], stays.offices[office])),
                Cell(moment(start).astimezone(_zone(subject)).date()),
                Cell(age),
                Cell(None if np.isnan(usual) else usual),
                Cell(older),
                Cell(of),
            )
        )
        for case, service, office, start, age, usual, older, of in zip(
            ids,
            cases["service"],
            stays.office[row].tolist(),
            stays.start_us[row].tolist(),
            found.age_us[chosen.place].tolist(),
            chosen.usual_us.tolist(),
            found.older_than[chosen.place].tolist(),
            found.of[chosen.place].tolist(),
            strict=True,
        )
    )
    caption = _("Open stays most out of the ordinary for their kind")
    unit = unit_for(float(found.age_us[chosen.place].max()))
    return Table("unusual", caption, _columns(), rows, unit)


def _zone(subject: Subject) -> ZoneInfo:
    return ZoneInfo(subject.measured.source.jurisdiction.time_zone)


def _columns() -> tuple[Column, ...]:
    return (
        Column(REFERENCE, pgettext("column", "Reference"), Kind.TEXT),
        Column("service", pgettext("column", "Service"), Kind.TEXT),
        Column("office", pgettext("column", "Office"), Kind.TEXT),
        Column("since", pgettext("column", "There since"), Kind.DAY),
        Column("age", pgettext("column", "So far"), Kind.DURATION),
        Column("usual", _("Half of its kind"), Kind.DURATION),
        Column("older_than", _("Longer than"), Kind.SHARE),
        Column("compared_with", _("Finished ones of its kind")),
    )


def _rows(subject: Subject, found: Ageing, levels: tuple[Kinds, ...], chosen: Unusual) -> pd.DataFrame:
    """Return every stay of the kinds of those listed; ``listed`` numbers these in their order."""
    stays = subject.measured.stays
    held = stays.held_us(subject.measured.as_of_us)
    frames = []
    for at, level in enumerate(levels):
        mine = chosen.place[found.level[chosen.place] == at]
        some = np.flatnonzero(np.isin(level.codes, level.codes[found.row[mine]]))
        kind = [f"{level.name} {code}" for code in level.codes[some].tolist()]
        frames.append(
            pd.DataFrame(
                {"kind": kind, "case": stays.case[some], "held_us": held[some], "stay": some}
                | {"ended": (~stays.open[some]).astype(int), "level": at}
            )
        )
    rows = pd.concat(frames, ignore_index=True)
    order = {(int(found.row[place]), int(found.level[place])): at for at, place in enumerate(chosen.place.tolist(), 1)}
    pairs = zip(rows["stay"].tolist(), rows["level"].tolist(), strict=True)
    rows["listed"] = [order.get(pair, 0) for pair in pairs]
    return rows.drop(columns=["stay", "level"])


def _script(table: Table) -> str:
    code, unit = table.unit.code, table.unit.us
    return f"""
def left_of(some):  # Kaplan-Meier: the share that goes on after each length of stay
    by = some.groupby("held_us")["ended"].agg(["size", "sum"])
    at_risk = len(some) - by["size"].cumsum().shift(fill_value=0)
    return (1 - by["sum"] / at_risk).cumprod()

kinds = {{kind: (left_of(some), some["ended"].sum()) for kind, some in rows.groupby("kind")}}
result = []
for one in rows[rows["listed"] > 0].sort_values("listed").itertuples():
    left, ended = kinds[one.kind]
    half = left.index[left <= 0.5 + 1e-12]
    result.append({{"age_{code}": one.held_us / {unit}, "usual_{code}": half[0] / {unit} if len(half) else None,
                   "older_than": 1 - left[left.index <= one.held_us].iloc[-1], "compared_with": ended}})
result = pd.DataFrame(result)
"""
