"""Barriers: what holds cases longest beyond a named baseline, how sure that order is, and whether it is chance."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.core.barriers.ranking import Barrier
from analytics.core.frames import MISSING, UNKNOWN
from analytics.reports.barriers.answer import Answer, Ranked, answer_of, figure_of, nothing_to_rank, ranked_barriers
from analytics.reports.barriers.asked import HANDOVER, STEP, TARGET, read_choice
from analytics.reports.barriers.words import baseline_name, clock_of, name_of
from analytics.reports.recompute import Recompute
from analytics.reports.sections import EMPTY, Section, Subject, unranked
from analytics.reports.tables import SILENT, Cell, Column, Kind, Row, Table
from analytics.reports.views.parts import Made, Options
from analytics.reports.wording import DAY_US, number

TEMPLATE: Final = "analytics/_barriers.html"
SCRIPT: Final = """
DAY = 86_400_000_000
rows["above"] = (rows["wait_us"] - rows["baseline_us"]).clip(lower=0).fillna(0)
by = rows.groupby("group")
result = pd.DataFrame({
    "waits": by.size(), "compared": by["baseline_us"].count(),
    "cases_above": rows[rows["above"] > 0].groupby("group")["case"].nunique(),
    "case_days": by["wait_us"].sum() / DAY, "above_days": by["above"].sum() / DAY,
}).fillna(0).reset_index()
result["ranked"] = result["compared"] >= 30
result["first"] = result["above_days"].where(result["ranked"], 0)
result = result.sort_values(["ranked", "first", "group"], ascending=[False, False, True], kind="stable")
result = result[["waits", "compared", "cases_above", "case_days", "above_days"]]
"""


def barriers_view(subject: Subject, options: Options) -> Made:
    """Rank what the reader chose, and say what stands out."""
    choice = read_choice(subject, options)
    given = {name: value for name, value in choice.parameters().items() if options.get(name)}
    found = ranked_barriers(subject, choice)
    answer = answer_of(subject, found)
    return Made(
        answer.headline,
        (_section(subject, found, answer),),
        picture=lambda _links: answer,
        template=TEMPLATE,
        answers=True,
        options=given,
    )


def _section(subject: Subject, found: Ranked, answer: Answer) -> Section:
    choice, rows = found.choice, found.ranking.barriers
    title = _("All of them, by time above baseline")
    clock = clock_of(choice)
    none = sum(row.n - row.compared for row in rows)
    any_mix = sum(row.any_mix for row in rows)
    basis = subject.basis(
        _("%(n)s waits") % {"n": number(len(found.rows.waits))},
        clock,
        "barrier",
        _("waits without a baseline: %(n)s") % {"n": number(none)} if none else "",
        _("compared with everything the other offices do, since too few do the same: %(n)s") % {"n": number(any_mix)}
        if any_mix
        else "",
    )
    if not rows:
        return Section("barriers", title, nothing_to_rank(subject, found), basis, state=EMPTY)
    said = _("Ranked by the time each wait lasted beyond %(baseline)s, added up.") % {"baseline": baseline_name(choice)}
    notes = [unranked()] if UNKNOWN in found.rows.waits.groups else []
    notes += [_("It is not what would be saved: nobody knows that the baseline can be reached by all.")]
    if choice.baseline == TARGET:
        notes.append(_("A target is one for the whole step: offices that share it use it up one after the other."))
    recompute = Recompute(lambda: _frame(found), SCRIPT)
    return Section("barriers", title, said, basis, _table(subject, found), after=tuple(notes), recompute=recompute)


def _frame(found: Ranked) -> pd.DataFrame:
    waits, baseline = found.rows.waits, found.rows.baseline
    return pd.DataFrame(
        {
            "group": np.array(waits.groups, dtype=object)[waits.group],
            "case": found.rows.passes.case,
            "wait_us": waits.wait_us,
            "baseline_us": pd.Series(baseline.us, dtype="Int64").mask(pd.Series(baseline.us == MISSING)),
        }
    )


def _table(subject: Subject, found: Ranked) -> Table:
    choice = found.choice
    title = {STEP: pgettext("column", "Step"), HANDOVER: pgettext("column", "Hand-over")}.get(
        choice.by, pgettext("column", "Office")
    )
    days = _("working days") if choice.working else pgettext("unit", "days")
    columns = (
        Column("group", title, Kind.TEXT),
        Column("waits", pgettext("column", "Waits")),
        Column("above_days", _("Case-days above baseline"), Kind.CASE_DAYS),
        Column("above_low_days", _("Interval from"), Kind.CASE_DAYS),
        Column("above_high_days", _("Interval to"), Kind.CASE_DAYS),
        Column("chance_days", _("Chance alone, up to"), Kind.CASE_DAYS),
        Column("stands_out", _("Stands out"), Kind.TEXT),
        Column("rank", pgettext("column", "Rank"), Kind.NUMBER),
        Column("rank_low", _("Rank from"), Kind.NUMBER),
        Column("rank_high", _("Rank to"), Kind.NUMBER),
        Column("cases_above", _("Cases above baseline")),
        Column("median_days", _("Median (%(unit)s)") % {"unit": days}, Kind.CASE_DAYS),
        Column("case_days", _("Total case-days"), Kind.CASE_DAYS),
        Column("open", _("There now")),
        Column("compared", _("With a baseline")),
        *((Column("dollars", _("Dollars at your rate")),) if choice.dollars else ()),
    )
    rows = tuple(_row(subject, found, row) for row in found.ranking.barriers)
    return Table("barriers", _("Time above baseline"), columns, rows)


def _row(subject: Subject, found: Ranked, row: Barrier) -> Row:
    choice, code = found.choice, found.code(row)
    median = found.medians[code]
    verdict = {True: _("yes"), False: _("no"), None: _("cannot be told")}[row.stands_out]
    excess, ranks = row.excess, row.ranks
    cells = [
        Cell(name_of(subject, choice, row.group)),
        Cell(row.n),
        Cell(row.excess_us),
        Cell(excess.low if excess else None),
        Cell(excess.high if excess else None),
        Cell(row.noise_high_us),
        Cell(verdict if row.rank else _("not ranked")),
        Cell(row.rank),
        Cell(ranks.low if ranks else None),
        Cell(ranks.high if ranks else None),
        Cell(int(found.cases_above[code]), figure_of(choice, row.group)),
        Cell(None if np.isnan(median) else int(median)),
        Cell(row.total_us),
        Cell(row.open) if subject.records_open else SILENT,
        Cell(row.compared),
    ]
    if choice.dollars:
        cells.append(Cell(round(row.excess_us / DAY_US * choice.dollars)))
    return Row(tuple(cells), small=row.rank is None)
