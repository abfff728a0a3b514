"""Progress: what comes, what leaves and what is there, week by week; whether averages can be trusted; work done."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analytics.core.frames import MISSING
from analytics.core.progress import Little, Progress
from analytics.reports.filters import BadFilters, FilterProblem, no_office
from analytics.reports.in_progress import WHOLE, Spells, Weeks, flows, of_every_period, spells_of, weeks_of
from analytics.reports.recompute import Recompute
from analytics.reports.sections import EMPTY, Section, Subject, calendar_clock, is_small, nothing_here
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.views.efficiency import efficiency_sections
from analytics.reports.views.little_said import little_sentence
from analytics.reports.views.panels import Key, Panel, Panels, levels, line, months
from analytics.reports.views.panels import area as filled
from analytics.reports.views.parts import Choice, Links, Made, Options
from analytics.reports.wording import count_of_cases, day, number, unit_for


def progress_view(subject: Subject, options: Options) -> Made:
    """Show the weeks of all cases, or of the office the address names."""
    wide = of_every_period(subject)
    spells = spells_of(wide)
    of = _office(subject, options)
    weeks = weeks_of(subject, spells)
    basis = wide.basis(count_of_cases(wide.measured.n), calendar_clock(), "progress")
    if not len(weeks) or not subject.measured.n or (of and of not in spells.groups):
        empty = _("No whole week lies in this period: a week runs from Monday to Sunday.")
        if len(weeks):
            empty = _("No case of this report was at that office.")
        said = empty if subject.measured.n else nothing_here()
        sections = (Section("weeks", _("Week by week"), said, basis, state=EMPTY),)
        return Made(said, sections, options={"of": of} if of else {})
    made, checks = flows(spells, weeks)
    by_week = _weeks_section(wide, spells.of(of or WHOLE), weeks, made, of)
    check = _little_section(wide, spells, weeks, checks, of)
    return Made(
        by_week.sentence,
        (by_week, check, *efficiency_sections(subject)),
        picture=lambda links: _picture(wide, made, weeks, of, links),
        template="analytics/_panels.html",
        options={"of": of} if of else {},
        choices=(_choice(wide, checks, of),),
    )


def _office(subject: Subject, options: Options) -> str:
    of = options.get("of", "").strip()
    if of and of not in subject.offices:
        raise BadFilters([FilterProblem("of", no_office() % {"code": of[:40]})])
    return of


def _choice(subject: Subject, checks: tuple[Little, ...], of: str) -> Choice:
    """Offer the offices with most work in progress; the chosen one is always among them."""
    offices = sorted(checks[1:], key=lambda one: (-one.mean_there, one.group))[:8]
    codes = [one.group for one in offices]
    codes += [of] if of and of not in codes else []
    values = [("", _("all of it")), *((code, subject.offices.get(code, code)) for code in codes)]
    return Choice("of", _("In progress at"), tuple(values), of)


def _name(subject: Subject, group: str) -> str:
    return _("All cases, from filed to closed") if group == WHOLE else subject.offices.get(group, group)


# --- Weeks ------------------------------------------------------------------------------------------------------------


def _weeks_section(subject: Subject, rows: Spells, weeks: Weeks, made: Progress, of: str) -> Section:
    code = made.groups.index(of or WHOLE)
    title = _("Week by week: %(what)s") % {"what": _name(subject, of or WHOLE)}
    said = ngettext("%(n)s week", "%(n)s weeks", len(weeks)) % {"n": number(len(weeks))}
    basis = subject.basis(said, calendar_clock(), "progress", _("weeks that are not whole"))
    table = _weeks_table(made, code, weeks, of, title)
    note = _("A period narrows the weeks, not the cases: what was filed before is in progress all the same.")
    recompute = Recompute(lambda: _spell_rows(rows), _weeks_script(weeks))
    sentence = _weeks_sentence(made, code, weeks)
    return Section("weeks", title, sentence, basis, table, (note,), recompute=recompute)


def _weeks_sentence(made: Progress, code: int, weeks: Weeks) -> str:
    came, left = int(made.came[code].sum()), int(made.left[code].sum())
    end = int(made.there[code, -1])
    said = {
        "came": number(came),
        "left": number(left),
        "begin": number(end - came + left),
        "end": number(end),
        "weeks": ngettext("%(n)s week", "%(n)s weeks", len(weeks)) % {"n": number(len(weeks))},
        "from": day(weeks.mondays[0]),
        "more": number(abs(came - left)),
    }
    if came > left:
        text = _(
            "In %(weeks)s from %(from)s, %(came)s came and %(left)s left: the work in progress grew by %(more)s, from "
            "%(begin)s to %(end)s."
        )
    elif came < left:
        text = _(
            "In %(weeks)s from %(from)s, %(came)s came and %(left)s left: the work in progress shrank by %(more)s, "
            "from %(begin)s to %(end)s."
        )
    else:
        text = _(
            "In %(weeks)s from %(from)s, as many came as left (%(came)s): the work in progress is %(end)s, as before."
        )
    return text % said


def _weeks_table(made: Progress, code: int, weeks: Weeks, of: str, title: str) -> Table:
    columns = (
        Column("week", _("Week that begins on"), Kind.DAY),
        Column("came", pgettext("work in progress", "Came")),
        Column("left", pgettext("work in progress", "Left")),
        Column("there", _("There at its end")),
        Column("mean_there", _("There on average"), Kind.NUMBER),
    )
    rows = []
    for place in range(len(weeks) - 1, -1, -1):
        monday = weeks.mondays[place]
        cases = {"from": "", "to": "", "of": of, "week": monday.isoformat()}
        counts = [int(part[code, place]) for part in (made.came, made.left, made.there)]
        cells = [
            Cell(n, {"figure": f"week_{what}", **cases})
            for n, what in zip(counts, ("came", "left", "there"), strict=True)
        ]
        rows.append(Row((Cell(monday), *cells, Cell(round(float(made.mean_there[code, place]), 4)))))
    return Table("weeks", title, columns, tuple(rows))


def _spell_rows(spells: Spells) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "case": spells.case,
            "group": np.array(spells.groups, dtype=object)[spells.group],
            "start_us": spells.start_us,
            "end_us": pd.Series(spells.end_us, dtype="Int64").mask(spells.end_us == MISSING),
        }
    )


def _weeks_script(weeks: Weeks) -> str:
    edges = ",\n         ".join(
        ", ".join(str(at) for at in weeks.edges_us[k : k + 5]) for k in range(0, len(weeks.edges_us), 5)
    )
    return _WEEKS.replace("MONDAY", f'"{weeks.mondays[0].isoformat()}"').replace("EDGES", edges)


_WEEKS: Final = """
edges = [EDGES]  # midnights between Sunday and Monday, local time, in microseconds since 1970 UTC
start, end = rows["start_us"], rows["end_us"].fillna(edges[-1] + 1)
found = []
for n, (begin, until) in enumerate(zip(edges, edges[1:])):
    there = (end.clip(begin, until) - start.clip(begin, until)).sum() / (until - begin)
    came, left = ((at >= begin) & (at < until) for at in (start, rows["end_us"]))
    still = (start < until) & (end >= until)
    week = pd.Timestamp(MONDAY) + pd.Timedelta(days=7 * n)
    found.append((str(week.date()), came.sum(), left.sum(), still.sum(), there))
result = pd.DataFrame(found[::-1], columns=["week", "came", "left", "there", "mean_there"])
"""


# --- Little's check ---------------------------------------------------------------------------------------------------


def _little_section(subject: Subject, spells: Spells, weeks: Weeks, checks: tuple[Little, ...], of: str) -> Section:
    title = _("Do averages describe this period? (Little’s check)")
    asked = next(one for one in checks if one.group == (of or WHOLE))
    basis = subject.basis(count_of_cases(asked.left), calendar_clock(), "progress")
    rows = [checks[0], *sorted(checks[1:], key=lambda one: (-one.mean_there, one.group))]
    rows = [one for one in rows if one.came or one.left or one.mean_there]
    period_us = int(weeks.edges_us[-1] - weeks.edges_us[0])
    table = _little_table(subject, rows, (len(weeks), period_us), title)
    sentence = little_sentence(asked, len(weeks), period_us)
    begin, end = (str(int(weeks.edges_us[place])) for place in (0, -1))
    script = _LITTLE.replace("FIRST", begin).replace("LAST", end).replace("WEEKS", str(len(weeks)))
    script = script.replace("UNIT_US", str(table.unit.us)).replace("UNIT", table.unit.code)
    return Section("little", title, sentence, basis, table, recompute=Recompute(lambda: _spell_rows(spells), script))


def _little_table(subject: Subject, rows: list[Little], period: tuple[int, int], title: str) -> Table:
    columns = (
        Column("group", pgettext("column", "Office"), Kind.TEXT),
        Column("came", pgettext("work in progress", "Came")),
        Column("left", pgettext("work in progress", "Left")),
        Column("a_week", _("Came a week"), Kind.NUMBER),
        Column("stay", _("Stay, on average"), Kind.DURATION),
        Column("there", _("There on average"), Kind.NUMBER),
        Column("expected", _("Arrivals × stay"), Kind.NUMBER),
        Column("gap", _("Apart by"), Kind.SHARE),
        Column("steady", _("Does it hold?"), Kind.TEXT),
    )
    unit = unit_for(max((one.mean_stay_us or 0 for one in rows), default=0))
    return Table("little", title, columns, tuple(_little_row(subject, one, *period) for one in rows), unit)


def _little_row(subject: Subject, one: Little, weeks: int, period_us: int) -> Row:
    expected = None if one.mean_stay_us is None else one.came * one.mean_stay_us / period_us
    verdict = {True: _("yes"), False: _("no"), None: _("nothing left")}[one.steady]
    cells = (
        Cell(_name(subject, one.group)),
        Cell(one.came),
        Cell(one.left),
        Cell(round(one.came / weeks, 4)),
        Cell(one.mean_stay_us),
        Cell(round(one.mean_there, 4)),
        Cell(None if expected is None else round(expected, 4)),
        Cell(one.gap),
        Cell(verdict),
    )
    return Row(cells, is_small(one.left))


_LITTLE: Final = """
first, last = FIRST, LAST  # the period in microseconds since 1970 UTC: WEEKS weeks
start, end = rows["start_us"], rows["end_us"].fillna(last)
rows["there"] = (end.clip(first, last) - start.clip(first, last)) / (last - first)
rows["came"], rows["left"] = ((at >= first) & (at < last) for at in (start, rows["end_us"]))
rows["stay"] = (rows["end_us"] - start).where(rows["left"])
by = rows.groupby("group")
result = by[["came", "left", "there"]].sum().assign(stay_UNIT=by["stay"].mean() / UNIT_US)
result["a_week"] = result["came"] / WEEKS
result["expected"] = result["came"] * by["stay"].mean() / (last - first)
result["gap"] = (result["there"] - result["expected"]).abs() / result["there"]
result = result[result[["came", "left", "there"]].any(axis=1)].reset_index()
result["office"] = result["group"] != "(all)"
result = result.sort_values(["office", "there", "group"], ascending=[True, False, True])
result = result.drop(columns=["group", "office"])
"""


# --- The chart --------------------------------------------------------------------------------------------------------


def _picture(subject: Subject, made: Progress, weeks: Weeks, of: str, links: Links) -> Panels:
    code = made.groups.index(of or WHOLE)
    first, last = int(weeks.edges_us[0]), int(weeks.edges_us[-1])
    ends = [(int(at) - first) / (last - first) for at in weeks.edges_us]
    middles = [(a + b) / 2 for a, b in pairwise(ends)]
    came, left, there = (part[code].tolist() for part in (made.came, made.left, made.there))
    begin = there[0] - came[0] + left[0]
    held, moved = max([*there, begin, 1]), max([*came, *left, 1])
    stock = list(zip(ends, [begin, *there], strict=True))
    said = {"what": _name(subject, of or WHOLE)}
    return Panels(
        title=_("What comes, what leaves, what is there"),
        says=_("%(what)s. Where more comes than leaves, what is there grows. The table below says the same.") % said,
        panels=(
            Panel(
                _("There at the end of each week"),
                _("There at the end of each week: from %(begin)s to %(end)s, at most %(most)s")
                % {"begin": number(begin), "end": number(there[-1]), "most": number(held)},
                (),
                (filled("there", stock, [(x, 0) for x, _y in stock], held),),
                levels(held),
            ),
            Panel(
                _("Each week"),
                _("Came and left each week: at most %(most)s") % {"most": number(moved)},
                (Key("came", pgettext("work in progress", "came")), Key("left", pgettext("work in progress", "left"))),
                (
                    line("came", list(zip(middles, came, strict=True)), moved),
                    line("left", list(zip(middles, left, strict=True)), moved),
                ),
                levels(moved),
            ),
        ),
        across=months(first, last, subject.measured.source.jurisdiction.time_zone),
    )
