"""Do areas wait equally long for the same things, and do services in the same areas? Standardised by mix."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analytics.core.equity.late import LEAST
from analytics.core.equity.times import AreaTime, time_by_area
from analytics.core.frames import UNKNOWN
from analytics.reports.recompute import Recompute
from analytics.reports.sections import EMPTY, Section, Subject, calendar_clock, is_small, labelled, nothing_here
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.views.equity_late import late_sections
from analytics.reports.views.parts import Choice, Made, Options, one_of
from analytics.reports.wording import count_of_cases, duration, number, unit_for

FALSE_ALARMS = 0.05
MAPS = ("late", "time")
"""What a map can show; the first unless the address says."""


@dataclass(frozen=True, slots=True)
class Side:
    """One way of asking: who is compared, and whose mix is taken out."""

    group: str
    mix: str
    title: str
    heading: str
    table: str
    names: Mapping[str, str]
    says: Callable[[Mapping[str, str]], str]
    none: str


def equity_view(subject: Subject, options: Options) -> Made:
    """Compare areas with the mix of services taken out, and services with the mix of areas taken out."""
    if not subject.measured.n:
        basis = subject.basis(count_of_cases(0), calendar_clock(), "equity")
        return Made(nothing_here(), (Section("areas", _("Areas"), nothing_here(), basis, state=EMPTY),))
    shows = one_of(options, "shows", MAPS)
    areas, services = (_section(subject, side) for side in (_areas(subject), _services(subject)))
    late_areas, late_services = late_sections(subject)
    return Made(
        areas.sentence,
        (areas, late_areas, services, late_services),
        picture=lambda _links: _map(shows),
        template="analytics/_equity_map.html",
        options={} if shows == MAPS[0] else {"shows": shows},
        choices=(Choice("shows", _("On the map"), tuple((one, _map(one).title) for one in MAPS), shows),),
    )


@dataclass(frozen=True, slots=True)
class EquityMap:
    """Which map is shown in the frame, and what it says."""

    shows: str
    title: str
    says: str
    frame: str


def _map(shows: str) -> EquityMap:
    if shows == "time":
        return EquityMap(
            "time",
            _("Time, for the same services"),
            _("Each area by its median over the one all services together would give with its mix; above 1 is slower."),
            _("Map: median time over the expected one, by area"),
        )
    return EquityMap(
        "late",
        _("Late promises, for the same services"),
        _("Each area by its late promises over those the rest of the city would have with its mix; above 1 is worse."),
        _("Map: late promises over the expected ones, by area"),
    )


def areas_found(subject: Subject) -> tuple[AreaTime, ...]:
    """Return the times of the areas, for their map."""
    return _found(subject, _areas(subject))[1]


def _areas(subject: Subject) -> Side:
    return Side(
        group="area",
        mix="service",
        title=_("Areas, for the same services"),
        heading=pgettext("column", "Area"),
        table="areas",
        names=labelled(subject.measured.source.catalogue.areas, _("Area not recorded")),
        says=lambda said: (
            _(
                "%(name)s waits longest for the same services: half of its %(cases)s took %(median)s or less, where "
                "the city takes %(expected)s with the same mix of services. The difference is more than chance."
            )
            % said
        ),
        none=_("No area waits longer or shorter than the others for the same services, beyond what chance would do."),
    )


def _services(subject: Subject) -> Side:
    return Side(
        group="service",
        mix="area",
        title=_("Services, for the same areas"),
        heading=pgettext("column", "Service"),
        table="services",
        names=labelled(subject.measured.source.catalogue.services, _("Service not recorded")),
        says=lambda said: (
            _(
                "%(name)s takes longest in the same areas: half of its %(cases)s took %(median)s or less, where all "
                "services together take %(expected)s with the same mix of areas."
            )
            % said
        ),
        none=_("No service takes longer or shorter than the others in the same areas, beyond what chance would do."),
    )


def _section(subject: Subject, side: Side) -> Section:
    frame, found = _found(subject, side)
    shown = [row for row in found if row.n is not None]
    hidden = len(found) - len(shown)
    basis = subject.basis(count_of_cases(len(frame)), calendar_clock(), "equity", _hidden(hidden), _stopped(subject))
    if not len(frame):
        return Section(side.group, side.title, _("None of these cases has an area."), basis, state=EMPTY)
    if len(shown) < 2:
        sentence = _("There are not two groups of %(n)s cases or more to compare here.") % {"n": number(LEAST)}
        return Section(side.group, side.title, sentence, basis, state=EMPTY)
    shown.sort(key=lambda row: (-(row.ratio or 0), row.area))
    sentence = _sentence(side, shown)
    table = table_of(side, shown)
    recompute = Recompute(lambda: _shown_rows(frame, side, shown), script_of(side, table))
    return Section(side.group, side.title, sentence, basis, table, _notes(subject, side), recompute=recompute)


def _shown_rows(frame: pd.DataFrame, side: Side, shown: list[AreaTime]) -> pd.DataFrame:
    """Groups too small to be shown are in the curves of the city, without their name."""
    named = frame[side.group].isin([row.area for row in shown])
    return frame.assign(**{side.group: frame[side.group].where(named, "")})


def script_of(side: Side, table: Table) -> str:
    """Return what makes the table again from its rows."""
    words = {"GROUP": side.group, "MIX": side.mix, "UNIT_US": str(table.unit.us), "UNIT": table.unit.code}
    script = _SCRIPT
    for word, meant in words.items():
        script = script.replace(word, meant)
    return script


def _hidden(hidden: int) -> str:
    if not hidden:
        return ""
    text = ngettext("%(n)s group of fewer than %(least)s cases", "%(n)s groups of fewer than %(least)s cases", hidden)
    return text % {"n": number(hidden), "least": number(LEAST)}


def _stopped(subject: Subject) -> str:
    stopped = int((~subject.measured.cycles("service").timed).sum())
    return (
        _("closed as duplicate, withdrawn or not valid, not timed: %(n)s") % {"n": number(stopped)} if stopped else ""
    )


def _notes(subject: Subject, side: Side) -> tuple[str, ...]:
    if side.group == "service":
        return (_("Services differ in their work: that one takes longer than another is not unfair by itself."),)
    return (
        _(
            "Time counts from filing: that people of some areas file later is not in these figures. A difference says "
            "nothing of its cause."
        ),
    )


def _found(subject: Subject, side: Side) -> tuple[pd.DataFrame, tuple[AreaTime, ...]]:
    rows = subject.measured.cycles(side.group)
    mix, mixes = subject.measured.of_cases(side.mix, rows.case)
    known = np.array([name != UNKNOWN for name in rows.groups], dtype=np.bool_)
    keep = rows.timed & known[rows.group]
    found = time_by_area(rows.age_us[keep], rows.closed[keep], rows.group[keep], mix[keep], rows.groups, len(mixes))
    present = np.bincount(rows.group[keep], minlength=len(rows.groups)) > 0
    frame = pd.DataFrame(
        {
            "case": rows.case[keep],
            side.group: np.array(rows.groups, dtype=object)[rows.group[keep]],
            side.mix: np.array(mixes, dtype=object)[mix[keep]],
            "age_us": rows.age_us[keep],
            "ended": rows.closed[keep].astype(int),
        }
    )
    return frame, tuple(row for row, here in zip(found, present, strict=True) if here)


def is_surprise(row: AreaTime) -> bool:
    """Whether a row of enough cases differs by more than chance."""
    return row.adjusted_p is not None and row.adjusted_p <= FALSE_ALARMS and not is_small(row.n or 0)


def _sentence(side: Side, shown: list[AreaTime]) -> str:
    slow = [row for row in shown if is_surprise(row) and (row.ended or 0) < (row.expected_ended or 0)]
    if not slow:
        return side.none if not any(is_surprise(row) for row in shown) else _no_slower(side, shown)
    worst = max(slow, key=lambda row: (row.ratio or 0, row.area))
    median = worst.median.value_us if worst.median else None
    return side.says(
        {
            "name": side.names.get(worst.area, worst.area),
            "cases": count_of_cases(worst.n or 0),
            "median": duration(median),
            "expected": duration(worst.expected_us),
        }
    )


def _no_slower(side: Side, shown: list[AreaTime]) -> str:
    quick = min((row for row in shown if is_surprise(row)), key=lambda row: (row.ratio or np.inf, row.area))
    said = {"name": side.names.get(quick.area, quick.area)}
    return _("%(name)s is quicker than the others; none is slower than chance would make it.") % said


def table_of(side: Side, shown: list[AreaTime]) -> Table:
    """Return one row a group, the slowest for its mix first."""
    columns = (
        Column(side.group, side.heading, Kind.TEXT),
        Column("cases", pgettext("column", "Cases")),
        Column("open", pgettext("column", "Open")),
        Column("median", _("Median"), Kind.DURATION),
        Column("low", _("Median, from"), Kind.DURATION),
        Column("high", _("Median, to"), Kind.DURATION),
        Column("expected", _("Expected with this mix"), Kind.DURATION),
        Column("ratio", _("Median of expected"), Kind.SHARE),
        Column("more_than_chance", _("More than chance?"), Kind.TEXT),
    )
    rows = tuple(_row(side, row) for row in shown)
    longest = max((row.median.value_us or 0 for row in shown if row.median), default=0)
    return Table(side.table, side.title, columns, rows, unit_for(longest))


def _row(side: Side, row: AreaTime) -> Row:
    median = row.median
    limits = (None, None, None) if median is None else (median.value_us, median.low_us, median.high_us)
    verdict = _("yes") if is_surprise(row) else _("no")
    cells = (
        Cell(side.names.get(row.area, row.area)),
        Cell(row.n),
        Cell(row.open),
        *(Cell(limit) for limit in limits),
        Cell(row.expected_us),
        Cell(row.ratio),
        Cell(verdict),
    )
    return Row(cells, is_small(row.n or 0))


_SCRIPT = """
def going_on(cases):
    cases = cases.sort_values(["age_us", "ended"], ascending=[True, False])
    left = pd.Series(range(len(cases), 0, -1), index=cases.index)
    share = (1 - cases["ended"] / left).cumprod()
    return share.set_axis(cases["age_us"]).groupby(level=0).last()
def half(share):
    return share.index[share <= 0.5 + 1e-12].min()
ages = sorted(rows["age_us"].unique())
city = {mix: going_on(part).reindex(ages, method="ffill").fillna(1) for mix, part in rows.groupby("MIX")}
found = []
for key, cases in rows.groupby("GROUP"):
    mixed = sum(share * city[mix] for mix, share in cases["MIX"].value_counts(normalize=True).items())
    found.append((key, len(cases), (cases["ended"] == 0).sum(), half(going_on(cases)), half(mixed)))
result = pd.DataFrame(found, columns=["key", "cases", "open", "median_UNIT", "expected_UNIT"])
result[["median_UNIT", "expected_UNIT"]] /= UNIT_US
result["ratio"] = result["median_UNIT"] / result["expected_UNIT"]
order = result.assign(by=-result["ratio"].fillna(0)).sort_values(["by", "key"]).index
result = result.loc[order].drop(columns="key").reset_index(drop=True)
"""
