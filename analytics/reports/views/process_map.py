"""The process map: offices or steps as boxes, the ways between them, coloured by where the time goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analytics.core.flow import Flow
from analytics.core.frames import MISSING, UNKNOWN, Ints
from analytics.core.process_map import (
    BoxFigures,
    BoxRows,
    WayFigures,
    WayRows,
    boxes,
    boxes_of_offices,
    boxes_of_steps,
    drawn_map,
    ways_between,
    ways_of_offices,
    ways_of_steps,
)
from analytics.core.segments import build_segments
from analytics.core.visits import visits_of
from analytics.reports.filters import BadFilters, Reading
from analytics.reports.picture import OFFICES_BY_SHARE, STEPS_BY_SHARE, Drawing, drawings
from analytics.reports.recompute import Recompute
from analytics.reports.sections import (
    EMPTY,
    NOT_RECORDED,
    Section,
    Subject,
    calendar_clock,
    is_small,
    not_recorded,
    nothing_here,
)
from analytics.reports.steps import step_name, work_steps
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.views.parts import Choice, Links, Made, Options, one_of
from analytics.reports.wording import Unit, case_days, count_of_cases, number, percent, unit_for

BY: Final = ("offices", "steps")
LEAST, MOST, USUAL = 2, 40, 14
"""Ways that can be drawn."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the template gets."""

    drawings: tuple[Drawing, ...]
    detail: int
    least: int
    most: int
    hidden: tuple[tuple[str, str], ...]
    left_out: str


@dataclass(frozen=True, slots=True, eq=False)
class Process:
    """The process of a cohort, by offices or by steps."""

    by: str
    box_rows: BoxRows
    way_rows: WayRows
    boxes: tuple[BoxFigures, ...]
    ways: tuple[WayFigures, ...]
    names: Mapping[str, str]


def map_view(subject: Subject, options: Options) -> Made:
    """Draw the process, then say it in two tables."""
    by, detail = one_of(options, "by", BY), _detail(options)
    kept = {} if by == BY[0] else {"by": by}
    choice = Choice("by", _("Boxes are"), (("offices", _("offices")), ("steps", _("steps"))), by)
    basis = subject.basis(count_of_cases(subject.measured.n), calendar_clock(), "map")
    if not subject.measured.n:
        return Made(nothing_here(), (Section("ways", _("Ways"), nothing_here(), basis, state=EMPTY),))
    if by == "offices" and not subject.records("handovers"):
        said = not_recorded()
        return Made(said, (Section("ways", _("Ways"), said, basis, state=NOT_RECORDED),), choices=(choice,))
    process = process_of(subject, by)
    graph = drawn_map(process.boxes, process.ways, detail)

    def picture(links: Links) -> Drawn:
        style = OFFICES_BY_SHARE if by == "offices" else STEPS_BY_SHARE
        hidden = {**subject.measured.filters.parameters(), **kept}
        made = drawings(graph, process.names, links.cases, style) if graph.edges else ()
        return Drawn(made, detail, LEAST, MOST, tuple(hidden.items()), _left_out(graph))

    return Made(
        _headline(process),
        (_ways_section(subject, process), _boxes_section(subject, process)),
        picture=picture,
        template="analytics/_map.html",
        options=kept | ({} if detail == USUAL else {"detail": str(detail)}),
        choices=(choice,),
    )


def _detail(options: Options) -> int:
    reading = Reading(options)
    text = reading.word("detail", str(USUAL))
    if text.isascii() and text.isdecimal() and len(text) < 4 and LEAST <= int(text) <= MOST:
        return int(text)
    said = {"text": text[:40], "least": LEAST, "most": MOST}
    reading.refuse("detail", _("“detail” is “%(text)s”: write a whole number from %(least)s to %(most)s.") % said)
    raise BadFilters(reading.problems)


def process_of(subject: Subject, by: str) -> Process:
    """Measure boxes and ways."""
    measured = subject.measured
    if by == "steps":
        segments, tails = build_segments(work_steps(subject).assign(branch=np.int16(0)))
        box_rows, way_rows = boxes_of_steps(segments, tails), ways_of_steps(segments)
        names: Mapping[str, str] = {code: step_name(code) for code in segments.activities}
    else:
        box_rows = boxes_of_offices(measured.dwell, visits_of(measured.stays))
        way_rows = ways_of_offices(measured.handovers)
        names = subject.offices
    return Process(by, box_rows, way_rows, boxes(box_rows), ways_between(way_rows), names)


def _headline(process: Process) -> str:
    top = next((box for box in process.boxes if box.label != UNKNOWN and not is_small(box.measured.n)), None)
    if top is None:
        return _("No box has 30 finished times or more, so none can be said to take most of it.")
    said = {
        "name": process.names.get(top.label, top.label),
        "share": percent(top.share),
        "days": case_days(top.measured.total_us),
    }
    if process.by == "steps":
        return _("Most of the time passes after “%(name)s”: %(days)s, %(share)s of all time between steps.") % said
    return _("%(name)s holds cases longest: %(days)s, %(share)s of all time held.") % said


def _left_out(graph: Flow) -> str:
    if not graph.pairs_left_out:
        return ""
    said = {"n": number(graph.pairs_left_out), "share": percent(graph.handovers_left_out / max(graph.handovers, 1))}
    return (
        ngettext(
            "Not drawn: %(n)s rarer way and what follows itself, %(share)s of all moves. The table has them.",
            "Not drawn: %(n)s rarer ways and what follows itself, %(share)s of all moves. The table has them.",
            graph.pairs_left_out,
        )
        % said
    )


# --- The tables ---------------------------------------------------------------------------------------------------


def _ways_section(subject: Subject, process: Process) -> Section:
    title = _("Every way")
    basis = subject.basis(count_of_cases(subject.measured.n), f"{_clock(subject, process)}; {calendar_clock()}", "map")
    if not process.ways:
        return Section("ways", title, _("No case went from one of them to another."), basis, state=EMPTY)
    top = process.ways[0]
    said = {
        "sender": process.names.get(top.sender, top.sender),
        "receiver": process.names.get(top.receiver, top.receiver),
        "n": count_of_cases(top.cases),
        "share": percent(top.share),
    }
    sentence = _("Most cases go from %(sender)s to %(receiver)s: %(n)s, %(share)s of the time on all ways.") % said
    table = _ways_table(process)
    recompute = Recompute(lambda: _way_rows(process), _ways_script(table.unit))
    return Section("ways", title, sentence, basis, table, recompute=recompute)


def _clock(subject: Subject, process: Process) -> str:
    if process.by == "steps":
        return _("from one step to the next")
    if subject.measured.transfer_known:
        return _("from sent to accepted")
    return _("from the last step at one office to the first step at the next")


def _ways_table(process: Process) -> Table:
    columns = (
        Column("sender", pgettext("column", "From"), Kind.TEXT),
        Column("receiver", pgettext("column", "To"), Kind.TEXT),
        Column("cases", pgettext("column", "Cases")),
        Column("times", _("Times")),
        Column("median", _("Median"), Kind.DURATION),
        Column("case_days", _("Total case-days"), Kind.CASE_DAYS),
        Column("share", _("Share of the time"), Kind.SHARE),
    )
    each = "step_way" if process.by == "steps" else "handovers"
    rows = tuple(
        Row(
            (
                Cell(process.names.get(way.sender, way.sender)),
                Cell(process.names.get(way.receiver, way.receiver)),
                Cell(way.cases, _one_line_a_case(process, way)),
                Cell(way.moves, {"figure": each, "of": way.sender, "to": way.receiver}),
                Cell(way.measured.median_us),
                Cell(way.measured.total_us if way.measured.n else None),
                Cell(way.share if way.measured.n else None),
            ),
            is_small(way.measured.n),
        )
        for way in process.ways
    )
    unit = unit_for(max(way.measured.median_us or 0 for way in process.ways))
    return Table("ways", _("Every way, that of most cases first"), columns, rows, unit)


def _one_line_a_case(process: Process, way: WayFigures) -> dict[str, str] | None:
    """Which list has as many lines as there are cases: a list of steps has one line a time, so it may have none."""
    if process.by == "steps" and way.cases != way.moves:
        return None
    figure = "step_way" if process.by == "steps" else "handover"
    return {"figure": figure, "of": way.sender, "to": way.receiver}


def _boxes_section(subject: Subject, process: Process) -> Section:
    title = _("Every step") if process.by == "steps" else _("Every office")
    clock = _("from a step to the next one") if process.by == "steps" else _("time held, of cases that left")
    basis = subject.basis(count_of_cases(subject.measured.n), f"{clock}; {calendar_clock()}", "map")
    if not process.boxes:
        return Section("boxes", title, nothing_here(), basis, state=EMPTY)
    table = _boxes_table(process, title)
    recompute = Recompute(lambda: _box_rows(process), _boxes_script(table.unit))
    return Section("boxes", title, _headline(process), basis, table, recompute=recompute)


def _boxes_table(process: Process, title: str) -> Table:
    is_step = process.by == "steps"
    columns = (
        Column("name", pgettext("column", "Step") if is_step else pgettext("column", "Office"), Kind.TEXT),
        Column("cases", pgettext("column", "Cases")),
        Column("timed", pgettext("column", "Timed")),
        Column("median", _("Median"), Kind.DURATION),
        Column("case_days", _("Total case-days"), Kind.CASE_DAYS),
        Column("share", _("Share of the time"), Kind.SHARE),
    )
    figure = "step" if is_step else "ever_held"
    rows = tuple(
        Row(
            (
                Cell(process.names.get(box.label, box.label)),
                Cell(box.cases, {"figure": figure, "of": box.label}),
                Cell(box.measured.n),
                Cell(box.measured.median_us),
                Cell(box.measured.total_us if box.measured.n else None),
                Cell(box.share if box.measured.n else None),
            ),
            is_small(box.measured.n),
        )
        for box in process.boxes
    )
    return Table("boxes", title, columns, rows, unit_for(max(box.measured.median_us or 0 for box in process.boxes)))


def _known(us: Ints) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(np.where(us == MISSING, 0, us), us == MISSING)


def _way_rows(process: Process) -> pd.DataFrame:
    rows = process.way_rows
    names = np.array(rows.labels, dtype=object)
    return pd.DataFrame(
        {"case": rows.case, "sender": names[rows.sender], "receiver": names[rows.receiver], "us": _known(rows.us)}
    )


def _box_rows(process: Process) -> pd.DataFrame:
    rows = process.box_rows
    return pd.DataFrame(
        {"case": rows.case, "name": np.array(rows.labels, dtype=object)[rows.box], "us": _known(rows.us)}
    )


def _ways_script(unit: Unit) -> str:
    return f"""
ways = rows.groupby(["sender", "receiver"]).agg(
    cases=("case", "nunique"), times=("case", "size"), timed=("us", "count"), median_{unit.code}=("us", "median"),
    case_days=("us", "sum")).reset_index()
ways["share"] = ways["case_days"] / (ways["case_days"].sum() or 1)
ways = ways.sort_values(["cases", "sender", "receiver"], ascending=[False, True, True])
ways["median_{unit.code}"] /= {unit.us}
ways["case_days"] /= 86_400_000_000
ways.loc[ways["timed"] == 0, ["case_days", "share"]] = None
result = ways.drop(columns=["sender", "receiver", "timed"])
"""


def _boxes_script(unit: Unit) -> str:
    return f"""
boxes = rows.groupby("name").agg(
    cases=("case", "nunique"), timed=("us", "count"), median_{unit.code}=("us", "median"), case_days=("us", "sum"))
boxes["share"] = boxes["case_days"] / (boxes["case_days"].sum() or 1)
boxes = boxes.reset_index().sort_values(["case_days", "name"], ascending=[False, True])
boxes["median_{unit.code}"] /= {unit.us}
boxes["case_days"] /= 86_400_000_000
boxes.loc[boxes["timed"] == 0, ["case_days", "share"]] = None
result = boxes.drop(columns="name")
"""
