"""The ways cases take: the most used first, what share of cases they cover, how long each takes; open ones apart."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analytics.core.frames import Flags, Ints, coded
from analytics.core.quantiles import grouped_quantiles
from analytics.core.segments import ordered_events
from analytics.core.visits import visits_of
from analytics.core.ways import Ways, ways
from analytics.reports.recompute import Recompute
from analytics.reports.sections import EMPTY, Section, Subject, calendar_clock, is_small, nothing_here
from analytics.reports.steps import step_name, work_steps
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.views.parts import Choice, Made, Options, one_of
from analytics.reports.wording import Unit, count_of_cases, duration, number, percent, unit_for

BY: Final = ("offices", "steps")
LOOPS: Final = ("kept", "once")
SAID: Final = 24
"""Places of a way that are written out; the middle of a longer one is counted."""
NOWHERE: Final = "-"
"""The way of a case that no office has held."""


def variants_view(subject: Subject, options: Options) -> Made:
    """Give the ways of closed cases, then those of open ones so far."""
    by, loops = one_of(options, "by", BY), one_of(options, "loops", LOOPS)
    kept = {name: value for name, value in (("by", by), ("loops", loops)) if value not in (BY[0], LOOPS[0])}
    choices = (
        Choice("by", _("A way is made of"), (("offices", _("offices")), ("steps", _("steps"))), by),
        Choice("loops", _("Loops"), (("kept", _("as they are")), ("once", _("each place named once"))), loops),
    )
    if not subject.measured.n:
        basis = subject.basis(count_of_cases(0), calendar_clock(), "variants")
        return Made(nothing_here(), (Section("variants", _("Ways"), nothing_here(), basis, state=EMPTY),))
    taken = ways_taken(subject, by, loops)
    closed, still_open = _closed_section(subject, taken), _open_section(subject, taken)
    return Made(closed.sentence, (closed, still_open), options=kept, choices=choices)


def needs_steps(options: Options) -> bool:
    """Whether the address asks for ways, or a picture, of steps."""
    return options.get("by") == "steps"


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """The way of every case, and how long it took or has taken so far."""

    by: str
    loops: str
    rows: Ways
    labels: tuple[str, ...]
    closed: Flags
    time_us: Ints
    case: Ints
    place: Ints
    """The places behind the ways, in order, before loops are left out."""

    def key(self, way: int) -> str:
        """Name a way in an address: short, and the same for the same places on every day."""
        words = "\x00".join(self.labels[code] for code in self.rows.ways[way])
        return hashlib.blake2b(words.encode(), digest_size=8).hexdigest()


def ways_taken(subject: Subject, by: str, loops: str) -> Taken:
    """Return the way of each case through offices or steps."""
    case, place, labels = _of_steps(subject) if by == "steps" else _of_offices(subject)
    cycles = subject.measured.cycles("service")
    nowhere = np.setdiff1d(cycles.case, case)
    case = np.concatenate((case, nowhere))
    place = np.concatenate((place, np.full(len(nowhere), len(labels), dtype=np.int64)))
    order = np.argsort(case, kind="stable")
    case, place = case[order], place[order]
    rows = ways(case, place, once=loops == "once")
    sorted_by = np.argsort(cycles.case, kind="stable")
    at = sorted_by[np.searchsorted(cycles.case[sorted_by], rows.case)]
    return Taken(by, loops, rows, (*labels, NOWHERE), cycles.closed[at], cycles.age_us[at], case, place)


def _of_offices(subject: Subject) -> tuple[Ints, Ints, tuple[str, ...]]:
    visits = visits_of(subject.measured.stays)
    order = np.lexsort((visits.branch, visits.start_us, visits.case))
    return visits.case[order], visits.office[order], visits.offices


def _of_steps(subject: Subject) -> tuple[Ints, Ints, tuple[str, ...]]:
    events = work_steps(subject)
    events = ordered_events(events.assign(branch=np.int16(0)))
    step, steps = coded(events["activity"])
    return events["case"].to_numpy(dtype=np.int64), step, steps


def way_words(subject: Subject, taken: Taken, way: int) -> str:
    """Write a way out, a long one without its middle."""
    codes = taken.rows.ways[way]
    names = [_name(subject, taken, taken.labels[code]) for code in codes]
    if len(names) > SAID:
        left_out = ngettext("… %(n)s more …", "… %(n)s more …", len(names) - SAID) % {"n": number(len(names) - SAID)}
        names = [*names[: SAID - 4], left_out, *names[-4:]]
    return " → ".join(names)


def _name(subject: Subject, taken: Taken, label: str) -> str:
    if label == NOWHERE:
        return _("no office yet")
    return step_name(label) if taken.by == "steps" else subject.offices.get(label, label)


# --- Sections -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """The ways some of the cases took, the most used first."""

    way: Ints
    cases: Ints
    median_us: list[float]


def _counted(taken: Taken, chosen: Flags) -> Counted:
    count = len(taken.rows.ways)
    way = taken.rows.way[chosen]
    cases = np.bincount(way, minlength=count)
    medians = grouped_quantiles(taken.time_us[chosen], way, count, (50,))[:, 0]
    there = np.flatnonzero(cases)
    ranked = sorted(there.tolist(), key=lambda one: (-int(cases[one]), [taken.labels[c] for c in taken.rows.ways[one]]))
    order = np.array(ranked, dtype=np.int64)
    return Counted(order, cases[order], medians[order].tolist())


def _closed_section(subject: Subject, taken: Taken) -> Section:
    title = _("Ways of closed cases")
    counted = _counted(taken, taken.closed)
    total = int(counted.cases.sum())
    basis = subject.basis(count_of_cases(total), f"{_('from filed to closed')}; {calendar_clock()}", "variants")
    if not total:
        return Section("variants", title, _("None of these cases is closed yet."), basis, state=EMPTY)
    table = _table(subject, taken, counted, is_open=False)
    recompute = Recompute(lambda: _rows(taken, taken.closed), _script(table.unit, taken.loops, is_open=False))
    return Section("variants", title, _sentence(subject, taken, counted), basis, table, recompute=recompute)


def _open_section(subject: Subject, taken: Taken) -> Section:
    title = _("Ways of open cases so far")
    still = np.asarray(~taken.closed, dtype=np.bool_)
    counted = _counted(taken, still)
    total = int(counted.cases.sum())
    basis = subject.basis(count_of_cases(total), f"{_('age so far')}; {calendar_clock()}", "variants")
    if not total:
        return Section("open-ways", title, _("None of these cases is open."), basis, state=EMPTY)
    said = {"n": count_of_cases(total), "way": way_words(subject, taken, int(counted.way[0]))}
    sentence = (
        _("%(n)s are still under way: their ways are beginnings and are not counted above. Most: %(way)s.") % said
    )
    table = _table(subject, taken, counted, is_open=True)
    recompute = Recompute(lambda: _rows(taken, still), _script(table.unit, taken.loops, is_open=True))
    return Section("open-ways", title, sentence, basis, table, recompute=recompute)


def _sentence(subject: Subject, taken: Taken, counted: Counted) -> str:
    total = int(counted.cases.sum())
    cover = int(np.searchsorted(np.cumsum(counted.cases), 0.8 * total - 1e-9)) + 1
    said = {
        "ways": number(len(counted.way)),
        "way": way_words(subject, taken, int(counted.way[0])),
        "n": number(int(counted.cases[0])),
        "total": count_of_cases(total),
        "share": percent(int(counted.cases[0]) / total),
        "median": duration(counted.median_us[0]),
        "cover": number(cover),
    }
    sentence = ngettext(
        "All %(total)s went one way: %(way)s; half took longer than %(median)s.",
        "%(total)s went %(ways)s ways; the %(cover)s most used make up four in five. Most used: %(way)s (%(n)s, "
        "%(share)s; half took longer than %(median)s).",
        len(counted.way),
    )
    if 1 < len(counted.way) == cover:
        sentence = _(
            "%(total)s went %(ways)s ways. Most used: %(way)s (%(n)s, %(share)s; half took longer than %(median)s)."
        )
    return sentence % said


def _table(subject: Subject, taken: Taken, counted: Counted, *, is_open: bool) -> Table:
    total, so_far = int(counted.cases.sum()), np.cumsum(counted.cases).tolist()
    kind = f"{'openway' if is_open else 'way'}_{taken.by}_{taken.loops}"
    rows = tuple(
        Row(
            (
                Cell(way_words(subject, taken, way)),
                Cell(cases, {"figure": kind, "of": taken.key(way)}),
                Cell(cases / total),
                Cell(covered / total),
                Cell(median),
                Cell(len(taken.rows.ways[way])),
            ),
            is_small(cases),
        )
        for way, cases, covered, median in zip(
            counted.way.tolist(), counted.cases.tolist(), so_far, counted.median_us, strict=True
        )
    )
    name, caption = (
        ("open-ways", _("Ways of open cases so far, the most used first"))
        if is_open
        else ("variants", _("Ways of closed cases, the most used first"))
    )
    return Table(name, caption, _columns(is_open=is_open), rows, unit_for(max(counted.median_us)))


def _columns(*, is_open: bool) -> tuple[Column, ...]:
    return (
        Column("way", pgettext("column", "Way"), Kind.TEXT),
        Column("cases", pgettext("column", "Cases")),
        Column("share", pgettext("column", "Share"), Kind.SHARE),
        Column("covered", _("With those above"), Kind.SHARE),
        Column("median", _("Median age") if is_open else _("Median"), Kind.DURATION),
        Column("places", _("Length")),
    )


def _rows(taken: Taken, chosen: Flags) -> pd.DataFrame:
    keep = np.isin(taken.case, taken.rows.case[chosen])
    place = np.searchsorted(taken.rows.case, taken.case[keep])
    return pd.DataFrame(
        {
            "case": taken.case[keep],
            "place": np.array(taken.labels, dtype=object)[taken.place[keep]],
            "time_us": taken.time_us[place],
        }
    )


def _script(unit: Unit, loops: str, *, is_open: bool) -> str:
    once = 'rows = rows.drop_duplicates(["case", "place"])\n' if loops == "once" else ""
    return f"""
{once}cases = rows.groupby("case").agg(way=("place", "\\0".join), time=("time_us", "first"), places=("place", "size"))
result = cases.groupby("way").agg(
    cases=("time", "size"), median_{unit.code}=("time", "median"), places=("places", "first"))
result = result.reset_index().sort_values(["cases", "way"], ascending=[False, True]).drop(columns="way")
result["median_{unit.code}"] /= {unit.us}
result["share"] = result["cases"] / result["cases"].sum()
result["covered"] = result["share"].cumsum()
"""
