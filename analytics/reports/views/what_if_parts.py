"""The tables of a change tried by replay: whole cases by service, the place itself, and the test on a later period."""

from __future__ import annotations

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.core.frames import Flags
from analytics.core.whatif.backtest import back_test
from analytics.core.whatif.replay import Ages, Shift, median, median_change
from analytics.reports.recompute import Recompute
from analytics.reports.sections import EMPTY, Lead, Section, Subject, calendar_clock, is_small, labelled
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.whatif.tried import Tried
from analytics.reports.wording import case_days, count_of_cases, count_of_stays, duration, number, percent, unit_for

USELESS = 0.5
"""Off by more than half, the model says nothing about this place."""
MANY = 10

_MEDIAN = """
def median(ages, ended):
    if ended.all():
        return ages.median()
    at = pd.DataFrame({"age": ages, "ended": ended}).sort_values(["age", "ended"], ascending=[True, False])
    left = pd.Series(range(len(at), 0, -1), index=at.index)
    return at["age"][(1 - at["ended"] / left).cumprod() <= 0.5 + 1e-12].min()
def line(cases):
    then = (cases["age_us"] - cases["less_us"]).clip(lower=0)
    medians = [median(ages, cases["ended"]) / UNIT_US for ages in (cases["age_us"], then)]
    return [len(cases), (cases["less_us"] > 0).sum(), *medians, cases["less_us"].sum() / 86_400_000_000]
"""
_SCRIPT = """
names = ["cases", "changed", "before_UNIT", "after_UNIT", "less"]
services = [[*line(some), code] for code, some in rows.groupby("service") if (some["less_us"] > 0).any()]
services.sort(key=lambda one: (-one[4], one[5]))
result = pd.DataFrame([line(rows), *(one[:5] for one in services)], columns=names)
"""
_HELD = """
names = ["stays", "changed", "before_UNIT", "after_UNIT", "less"]
offices = [[*line(some), code] for code, some in rows.groupby("code")]
offices.sort(key=lambda one: (-one[4], one[5]))
result = pd.DataFrame([one[:5] for one in offices], columns=names)
"""


def _in_units(script: str, table: Table) -> str:
    return script.replace("UNIT_US", str(table.unit.us)).replace("UNIT", table.unit.code)


def cases_section(subject: Subject, found: Tried, sentence: str, shift: Shift) -> Section:
    """Whole cases, all together and by service."""
    title = _("Whole cases that pass there, from filed to answered")
    beside = _("waits on branches beside the lead one: %(n)s") % {"n": number(found.beside)} if found.beside else ""
    basis = subject.basis(count_of_cases(len(found.ages.case)), calendar_clock(), "what-if", beside)
    table = _cases_table(subject, found, shift, title)
    script = _in_units(_MEDIAN + _SCRIPT, table)
    note = _("From and to: where the median then lies when weeks of filing are drawn anew 200 times (95 in 100).")
    return Section("cases", title, sentence, basis, table, (note,), recompute=Recompute(lambda: _rows(found), script))


def _rows(found: Tried) -> pd.DataFrame:
    ages = found.ages
    return pd.DataFrame(
        {
            "case": ages.case,
            "service": np.array(found.services, dtype=object)[found.service],
            "age_us": ages.age_us,
            "ended": ages.ended.astype(int),
            "less_us": found.less_us,
        }
    )


def _cases_table(subject: Subject, found: Tried, shift: Shift, title: str) -> Table:
    less, names = found.less_us, labelled(subject.measured.source.catalogue.services, _("Service not recorded"))
    columns = (
        Column("service", pgettext("column", "Service"), Kind.TEXT),
        Column("cases", pgettext("column", "Cases")),
        Column("changed", _("Of these, shorter")),
        Column("before", _("Median today"), Kind.DURATION),
        Column("after", _("Median then"), Kind.DURATION),
        Column("low", _("Then, from"), Kind.DURATION),
        Column("high", _("Then, to"), Kind.DURATION),
        Column("less", _("Case-days less"), Kind.CASE_DAYS),
    )
    touched = []
    for code, name in enumerate(found.services):
        some = found.service == code
        if less[some].any():
            touched.append((-int(less[some].sum()), name, some))
    everything = np.ones(len(less), dtype=np.bool_)
    rows = [_row(_("All services"), found, everything, shift)]
    for _less, name, some in sorted(touched, key=lambda one: one[:2]):
        rows.append(_row(names.get(name, name), found, some, None))
    return Table("cases", title, columns, tuple(rows), unit_for(shift.before_us))


def _row(name: str, found: Tried, some: Flags, shift: Shift | None) -> Row:
    ages, less = found.ages, found.less_us[some]
    if shift is None:
        own = Ages(ages.case[some], ages.age_us[some], ages.ended[some], ages.filed_us[some])
        shift = median_change(own, found.after_us[some])
    cells = (
        Cell(name),
        Cell(int(some.sum())),
        Cell(int((less > 0).sum())),
        *(Cell(value) for value in (shift.before_us, shift.after_us, shift.low_us, shift.high_us)),
        Cell(int(less.sum())),
    )
    return Row(cells, is_small(int(some.sum())))


def held_section(subject: Subject, found: Tried, place: str) -> Section:
    """What becomes of the stays themselves, office by office."""
    title = _("At the place of the change")
    n = len(found.waits.case)
    basis = subject.basis(count_of_stays(n), calendar_clock(), "what-if")
    if not n:
        return Section("held", title, _("No case was ever there."), basis, state=EMPTY)
    off, wait = found.off_us, found.waits.wait_us
    said = {"place": place, "less": case_days(int(off.sum())), "share": percent(off.sum() / max(int(wait.sum()), 1))}
    sentence = _("“%(place)s” would hold cases for %(less)s less, %(share)s of what it holds.") % said
    columns = (
        Column("office", pgettext("column", "Office"), Kind.TEXT),
        Column("stays", _("Stays")),
        Column("changed", _("Of these, shorter")),
        Column("before", _("Median today"), Kind.DURATION),
        Column("after", _("Median then"), Kind.DURATION),
        Column("less", _("Case-days less"), Kind.CASE_DAYS),
    )
    codes = np.unique(found.office).tolist()
    codes.sort(key=lambda code: -int(off[found.office == code].sum()))
    rows = tuple(_held_row(subject, found, int(code)) for code in codes)
    longest = median(wait, found.ended)
    table = Table("held", title, columns, rows, unit_for(longest))
    names = [found.offices[int(code)] for code in codes[:3]]
    leads = tuple(
        Lead(
            _("See the cases that left %(office)s") % {"office": subject.offices.get(name, name)},
            {"figure": "held", "of": name},
        )
        for name in names
    )
    recompute = Recompute(lambda: _held_rows(found), _in_units(_MEDIAN + _HELD, table))
    return Section("held", title, sentence, basis, table, leads=leads, recompute=recompute)


def _held_rows(found: Tried) -> pd.DataFrame:
    """One row a stay; ``code`` numbers the offices in the order in which equal ones stand."""
    return pd.DataFrame(
        {
            "case": found.waits.case,
            "office": np.array(found.offices, dtype=object)[found.office],
            "code": found.office,
            "age_us": found.waits.wait_us,
            "ended": found.ended.astype(int),
            "less_us": found.off_us,
        }
    )


def _held_row(subject: Subject, found: Tried, code: int) -> Row:
    some, name = found.office == code, found.offices[code]
    wait, off, ended = found.waits.wait_us[some], found.off_us[some], found.ended[some]
    cells = (
        Cell(subject.offices.get(name, name)),
        Cell(len(wait)),
        Cell(int((off > 0).sum())),
        Cell(median(wait, ended)),
        Cell(median(wait - off, ended)),
        Cell(int(off.sum())),
    )
    return Row(cells, is_small(len(wait)))


def tested_section(subject: Subject, found: Tried, place: str) -> Section:
    """How far replay was off in the last part of this history."""
    title = _("How good is this model here?")
    basis = subject.basis(count_of_cases(len(found.ages.case)), calendar_clock(), "what-if")
    test = back_test(found.ages, found.waits, found.ended)
    if test is None:
        sentence = _("Too few cases to try the model on a later period: take the figures with more doubt.")
        return Section("tested", title, sentence, basis, state=EMPTY)
    said = {
        "place": place,
        "known": count_of_cases(test.known),
        "later": count_of_cases(test.held_out),
        "stay": percent(test.ratio),
        "predicted": duration(test.predicted_us),
        "came": duration(test.came_us),
        "error": _off_by(test.error),
        "naive": _off_by(test.as_before_us / test.came_us - 1),
    }
    sentence = (
        _(
            "Tried on the last 30%% of the cases (%(later)s): from the %(known)s before them, and told only that the "
            "median stay at “%(place)s” became %(stay)s of what it was, the model says %(predicted)s; %(came)s came. "
            "It was off by %(error)s; saying that nothing changes would have been off by %(naive)s."
        )
        % said
    )
    return Section("tested", title, sentence, basis, notes=(_doubt(),) if abs(test.error) > USELESS else ())


def _doubt() -> str:
    return _("Tried on later cases of this history, the model was far off: do not decide by these figures.")


def _off_by(error: float) -> str:
    """Say how far off, as a share; as a multiple where a share would be a number nobody can picture."""
    if abs(error) < MANY:
        return percent(abs(error))
    return pgettext("how far off", "more than %(n)s times") % {"n": number(int(abs(error)))}
