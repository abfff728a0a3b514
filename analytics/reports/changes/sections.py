"""The tables of an evaluated change: offices, weeks, other dates and offices, left out in turn, whole cases."""

from __future__ import annotations

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analytics.core.evaluation.effect import Effect
from analytics.core.evaluation.study import Elsewhere
from analytics.core.frames import moment
from analytics.models import Intervention
from analytics.reports.changes.evaluated import Compared, Evaluated
from analytics.reports.changes.made_again import effects_again
from analytics.reports.changes.said import brief, in_words, less_or_more
from analytics.reports.recompute import Recompute
from analytics.reports.sections import Basis, Section, Subject, calendar_clock
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.wording import day, number, unit_for


def basis_of(subject: Subject, found: Evaluated, definition: str = "did-it-help") -> Basis:
    """Say what every table of a change rests on."""
    n = len(found.compared.rows) if found.compared else 0
    counted = ngettext("%(n)s stay at an office", "%(n)s stays at an office", n) % {"n": number(n)}
    waiting = found.change.measure == Intervention.Measure.WAITING
    clock = _("from sent to started") if waiting else _("from sent to the office until it left")
    left = []
    if found.holds.unstarted:
        text = _("%(n)s stays that ended with no start recorded")
        left.append(text % {"n": number(found.holds.unstarted)})
    if found.evaluation:
        left.append(_("the weeks just before the change, and the last ones, whose stays run into the end"))
    return subject.basis(counted, f"{clock}; {calendar_clock()}", definition, *left)


def frame_of(found: Evaluated, compared: Compared) -> pd.DataFrame:
    """Return the stays that are compared: ids and codes and times only."""
    held = found.holds.held
    return pd.DataFrame(
        {
            "case": found.holds.case[compared.rows],
            "office": np.array(held.offices)[compared.office],
            "service": np.array(found.holds.services)[found.holds.service[compared.rows]],
            "treated": compared.treated.astype(int),
            "week": compared.week,
            "after": compared.after.astype(int),
            "length_us": compared.length_us,
            "open": held.open[compared.rows].astype(int),
        }
    )


def by_office(subject: Subject, found: Evaluated) -> Section:
    """Mean time before and after at each office, the treated ones first."""
    assert found.compared is not None
    frame = frame_of(found, found.compared)
    grouped = frame.groupby(["treated", "office", "after"], sort=True)["length_us"].agg(["size", "mean"]).unstack()
    order = sorted(grouped.index, key=lambda key: (-key[0], key[1]))
    rows = []
    longest = float(grouped["mean"].max().max())
    for treated, office in order:
        line = grouped.loc[(treated, office)]
        before, after = float(line[("mean", 0)]), float(line[("mean", 1)])
        n = [int(line[("size", part)]) for part in (0, 1)]
        counts = (Cell(n[0], {"side": "before", "office": office}), Cell(n[1], {"side": "after", "office": office}))
        named = (Cell(subject.offices.get(office, office)), Cell(_("changed") if treated else _("compared with")))
        times = (Cell(round(before)), Cell(round(after)), Cell(after / before - 1))
        rows.append(Row((*named, *counts, *times), small=min(n) < 30))
    columns = (
        Column("office", pgettext("column", "Office"), Kind.TEXT),
        Column("role", pgettext("column", "Role"), Kind.TEXT),
        Column("before", _("Stays before")),
        Column("after", _("Stays after")),
        Column("mean_before", _("Mean before"), Kind.DURATION),
        Column("mean_after", _("Mean after"), Kind.DURATION),
        Column("change", _("Change by itself"), Kind.SHARE),
    )
    unit = unit_for(longest)
    table = Table("offices", _("Mean time by office, before and after"), columns, tuple(rows), unit)
    script = f"""
mean = rows.groupby(["treated", "office", "after"])["length_us"].agg(["size", "mean"]).unstack()
mean = mean.sort_index(level=["treated", "office"], ascending=[False, True])
result = pd.DataFrame({{
    "before": mean[("size", 0)],
    "after": mean[("size", 1)],
    "mean_before_{unit.code}": mean[("mean", 0)] / {unit.us},
    "mean_after_{unit.code}": mean[("mean", 1)] / {unit.us},
    "change": mean[("mean", 1)] / mean[("mean", 0)] - 1,
}})
"""
    sentence = _(
        "What each office did by itself. The effect is the first change beside the others’, weeks and offices weighed "
        "by how much they tell."
    )
    return Section(
        "offices", _("The offices before and after"), sentence, basis_of(subject, found), table,
        recompute=Recompute(lambda: frame, script),
    )  # fmt: skip


def by_week(subject: Subject, found: Evaluated) -> Section:
    """The event study: each period beside all weeks before the change."""
    assert found.compared is not None
    frame = frame_of(found, found.compared)
    columns = (
        Column("weeks", _("Weeks from the change"), Kind.TEXT),
        Column("holds", _("Stays there")),
        Column("estimate", _("Beside the others"), Kind.SHARE),
        Column("low", _("From"), Kind.SHARE),
        Column("high", _("To"), Kind.SHARE),
    )
    rows = tuple(
        Row(
            (
                Cell(_weeks(one.first, one.last)),
                Cell(one.holds),
                Cell(one.estimate),
                Cell(one.low),
                Cell(one.high),
            ),
            small=one.holds < 30,
        )
        for one in found.periods
    )
    starts = [one.first for one in found.periods]
    script = f"""
starts = {starts}
treated = rows[rows["treated"] == 1]
period = pd.cut(treated["week"], [*starts, 10**6], right=False, labels=starts)
result = pd.DataFrame({{"holds": treated.groupby(period, observed=False).size()}})
"""
    table = Table("weeks", _("The weeks around the change"), columns, rows)
    return Section(
        "weeks", _("Week by week"), _weeks_sentence(found), basis_of(subject, found), table,
        recompute=Recompute(lambda: frame, script),
    )  # fmt: skip


def _weeks(first: int, last: int) -> str:
    signed = [number(week) if week >= 0 else f"−{number(-week)}" for week in (first, last)]
    return signed[0] if first == last else _("%(first)s to %(last)s") % {"first": signed[0], "last": signed[1]}


def _weeks_sentence(found: Evaluated) -> str:
    before = [one for one in found.periods if not one.is_after and one.low is not None and one.high is not None]
    off = sum(not (one.low or 0) <= 0 <= (one.high or 0) for one in before)
    text = _(
        "Before the change the points should lie around zero: %(off)s of %(n)s have an interval that leaves it out. "
        "After it, they show when the effect began and whether it lasted."
    )
    return text % {"off": number(off), "n": number(len(before))}


def elsewhere(subject: Subject, found: Evaluated) -> Section:
    """The same method at dates, and for offices, where nothing is known to have changed."""
    tried = (*found.dates, *found.offices)
    claims = sum(one.cries for one in tried)
    could = sum(one.effect.estimate is not None for one in tried)
    rows = tuple(_tried(subject, one) for one in tried)
    columns = (
        Column("where", _("Date or office"), Kind.TEXT),
        Column("estimate", pgettext("column", "Effect"), Kind.SHARE),
        Column("low", _("From"), Kind.SHARE),
        Column("high", _("To"), Kind.SHARE),
        Column("said", _("What it would say"), Kind.TEXT),
    )
    table = Table("elsewhere", _("Dates and offices where nothing is known to have changed"), columns, rows)
    text = _(
        "The same method, tried at %(dates)s earlier dates and on each office compared with, claims %(claims)s effects "
        "in %(could)s trials. By chance alone one in twenty is usual; more would cast doubt on the method here."
    )
    said = {"dates": number(len(found.dates)), "claims": number(claims), "could": number(could)}
    return Section(
        "elsewhere", _("Where nothing changed"), text % said, basis_of(subject, found), table,
        recompute=effects_again([one.effect.figures for one in tried]),
    )  # fmt: skip


def _tried(subject: Subject, one: Elsewhere) -> Row:
    zone = subject.measured.source.jurisdiction.time_zone
    at = pd.Timestamp(moment(one.at_us)).tz_convert(zone).date()
    name = subject.offices.get(one.office, one.office) if one.office else day(at)
    effect = one.effect
    if effect.estimate is None:
        said = in_words(effect.remarks[-1], subject.offices) if effect.remarks else ""
    else:
        said = _("an effect") if one.cries else _("no effect")
    return Row((Cell(name), Cell(effect.estimate), Cell(effect.low), Cell(effect.high), Cell(said)))


def without(subject: Subject, found: Evaluated) -> Section | None:
    """The effect when one comparison office is left out."""
    each = sorted(found.effect.without_each, key=lambda one: one.estimate)
    if not each:
        return None
    columns = (
        Column("office", _("Without"), Kind.TEXT),
        Column("estimate", pgettext("column", "Effect"), Kind.SHARE),
        Column("low", _("From"), Kind.SHARE),
        Column("high", _("To"), Kind.SHARE),
        Column("said", _("What it would say"), Kind.TEXT),
    )
    rows = tuple(
        Row(
            (
                Cell(subject.offices.get(one.office, one.office)),
                Cell(one.estimate),
                Cell(one.low),
                Cell(one.high),
                Cell(_("an effect") if one.p_value < 0.05 else _("no effect")),
            )
        )
        for one in each
    )
    low, high = found.effect.without_one or (0.0, 0.0)
    text = _("Whichever office is left out, the estimate stays between %(low)s and %(high)s.")
    sentence = text % {"low": less_or_more(low), "high": less_or_more(high)}
    table = Table("without", _("The effect without one office"), columns, rows)
    figures = found.effect.figures
    return Section(
        "without", _("Leaving out one office"), sentence, basis_of(subject, found), table,
        recompute=effects_again([[one for one in figures if one.office != left.office] for left in each]),
    )  # fmt: skip


def whole_cases_beside(subject: Subject, found: Evaluated) -> Section:
    """Time at the office beside the whole way of its cases, and the same at an unchanged mix of services."""
    columns = (
        Column("what", pgettext("column", "What"), Kind.TEXT),
        Column("estimate", pgettext("column", "Effect"), Kind.SHARE),
        Column("low", _("From"), Kind.SHARE),
        Column("high", _("To"), Kind.SHARE),
        Column("median", _("Of medians"), Kind.SHARE),
        Column("said", _("In words"), Kind.TEXT),
    )
    compared = (
        (_("Time at the office"), found.effect),
        (_("The same, each service beside its own usual time"), found.same_mix),
        (_("From filed to closed, of the cases that were there"), found.whole),
    )
    rows = tuple(Row(_effect_cells(subject, name, effect)) for name, effect in compared)
    table = Table("end-to-end", _("Office time beside the whole way"), columns, rows)
    return Section(
        "end-to-end", _("Did the whole case get shorter?"), _whole_sentence(found), basis_of(subject, found), table,
        recompute=effects_again([effect.figures for _name, effect in compared]),
    )  # fmt: skip


def _effect_cells(subject: Subject, name: str, effect: Effect) -> tuple[Cell, ...]:
    said = brief(effect)
    if effect.estimate is None and effect.remarks:
        said = in_words(effect.remarks[-1], subject.offices)
    return (Cell(name), Cell(effect.estimate), Cell(effect.low), Cell(effect.high), Cell(effect.median), Cell(said))


def _whole_sentence(found: Evaluated) -> str:
    if found.whole.estimate is None or found.whole.p_value is None:
        return _("Of the whole way of these cases nothing can be claimed.")
    said = {"change": brief(found.whole)}
    if found.whole.p_value < 0.05:
        return _("From filed to closed, the cases that were there took %(change)s.") % said
    text = _("From filed to closed, the cases that were there took %(change)s: no change that chance could not make.")
    return text % said
