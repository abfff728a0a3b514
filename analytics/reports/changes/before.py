"""“Could we see it?”: the smallest change that would show, and the offices to compare with."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analytics.core.evaluation.company import Companion, companions, suggested
from analytics.core.evaluation.effect import CannotSay, Plan
from analytics.core.evaluation.foresight import CUTS, Foresight, foresee
from analytics.core.evaluation.held import Held
from analytics.core.evaluation.study import known_by
from analytics.core.evaluation.weekly import WEEK_US, YEAR
from analytics.reports.changes.draft import Asked, midnight_us
from analytics.reports.changes.holds import Holds, holds_of_place
from analytics.reports.changes.said import in_words, listed, whole
from analytics.reports.measure import Measured
from analytics.reports.recompute import Recompute
from analytics.reports.sections import Basis, Section, Subject, calendar_clock
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.wording import number, percent

KEPT: Final = 32
EVERY: Final = 5
"""The table shows cuts of 0, 5, 10 … percent."""


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """``found`` is ``None`` where ``refusal`` says why nothing can be foreseen."""

    asked: Asked
    compared: tuple[str, ...]
    companions: tuple[Companion, ...]
    found: Foresight | None
    refusal: str
    holds: Holds
    until_us: int
    """What came later was not looked at."""


_found: OrderedDict[tuple[object, ...], Foresight] = OrderedDict()
_lock = threading.Lock()


def before_of(subject: Subject, asked: Asked) -> Before:
    """Try the plan on the past; up to the change, or to now. Comparison offices are suggested where none are named."""
    measured = subject.measured
    holds = holds_of_place(measured, asked.services, asked.measure)
    change_us = midnight_us(asked.until, measured.source) if asked.until else measured.as_of_us
    until = min(change_us, measured.as_of_us)
    known = tuple(companions(holds.held, holds.case, holds.service, until, asked.offices))
    compared = asked.comparison or suggested(list(known))
    plan = Plan(compared, asked.weeks_before, None)
    try:
        found = _foreseen(measured, known_by(holds.held, until), asked, plan)
    except CannotSay as why:
        return Before(asked, compared, known, None, in_words(why.remark, subject.offices), holds, until)
    return Before(asked, compared, known, found, "", holds, until)


def _foreseen(measured: Measured, held: Held, asked: Asked, plan: Plan) -> Foresight:
    """Keep what was found until the ledger grows: the same question is asked by the page, its file and the sheet."""
    key = (measured.source.jurisdiction.pk, measured.source.cut, asked, plan.comparison)
    with _lock:
        if key in _found:
            return _found[key]
    found = foresee(held, asked.offices, plan, asked.weeks_after)
    with _lock:
        _found[key] = found
        while len(_found) > KEPT:
            _found.popitem(last=False)
    return found


def sentence_of(subject: Subject, seen: Before) -> str:
    """Answer the question."""
    if seen.found is None:
        return seen.refusal
    said = {
        "office": listed(seen.asked.offices, subject.offices),
        "weeks": number(seen.asked.weeks_after),
        "n": number(seen.found.holds_after),
    }
    if seen.found.smallest is None:
        text = _(
            "No: within %(weeks)s weeks (some %(n)s stays) not even a cut of %(most)s at %(office)s would be told from "
            "chance four times in five. Wait longer, or choose steadier offices to compare with."
        )
        return text % {**said, "most": whole(float(CUTS[-1]))}
    text = _(
        "Within %(weeks)s weeks (some %(n)s stays), a cut of %(cut)s or more at %(office)s would be told from chance "
        "at least four times in five; a smaller one would more often be missed."
    )
    return text % {**said, "cut": whole(seen.found.smallest)}


def basis_before(subject: Subject, seen: Before) -> Basis:
    """Say what the trial rests on."""
    n = seen.found.drawings if seen.found else 0
    counted = ngettext("%(n)s trial", "%(n)s trials", n) % {"n": number(n)}
    left = []
    if seen.holds.unstarted:
        left.append(_("%(n)s stays that ended with no start recorded") % {"n": number(seen.holds.unstarted)})
    return subject.basis(counted, calendar_clock(), "could-we-see-it", *left)


def curve(subject: Subject, seen: Before) -> Section | None:
    """How often a cut of each size would be seen."""
    found = seen.found
    if found is None:
        return None
    places = list(range(0, 61, EVERY))
    columns = (
        Column("cut", _("Cut planted"), Kind.SHARE),
        Column("claims", _("Times it was seen")),
        Column("trials", _("Trials")),
        Column("share", _("Share seen"), Kind.SHARE),
    )
    rows = tuple(
        Row(
            (
                Cell(float(found.cuts[place])),
                Cell(int(found.claims[place])),
                Cell(found.drawings),
                Cell(float(found.detected[place])),
            )
        )
        for place in places
    )
    frame = pd.DataFrame({"cut": found.cuts, "claims": found.claims, "trials": found.drawings})
    script = f"""
result = rows.iloc[{places}].copy()
result["share"] = result["claims"] / result["trials"]
"""
    table = Table("curve", _("How often a cut would be seen"), columns, rows)
    text = _(
        "Tried %(n)s times on %(dates)s past dates at which nothing is known to have changed. With nothing planted, a "
        "fall was claimed in %(false)s of the trials."
    )
    said = {"n": number(found.drawings), "dates": number(found.dates), "false": percent(found.false_alarms)}
    return Section(
        "curve", _("How small a cut would show"), text % said, basis_before(subject, seen), table,
        recompute=Recompute(lambda: frame, script),
    )  # fmt: skip


def company(subject: Subject, seen: Before) -> Section:
    """The offices that could be compared with, and why."""
    columns = (
        Column("office", pgettext("column", "Office"), Kind.TEXT),
        Column("suggested", _("Suggested"), Kind.TEXT),
        Column("holds", _("Stays in the year before")),
        Column("alike", _("Services in common"), Kind.SHARE),
        Column("drift", _("Drift beside it, a week"), Kind.SHARE),
        Column("swing", _("Swing from month to month"), Kind.SHARE),
        Column("shared", _("Cases in common"), Kind.SHARE),
        Column("reason", _("Why"), Kind.TEXT),
    )
    rows = tuple(
        Row(
            (
                Cell(subject.offices.get(one.office, one.office)),
                Cell(_("no") if one.reason_against else _("yes")),
                Cell(one.holds),
                Cell(one.alike),
                Cell(one.drift),
                Cell(one.swing),
                Cell(one.shared),
                Cell(reason(one)),
            ),
            small=one.reason_against == "few",
        )
        for one in seen.companions
    )
    table = Table("companions", _("Offices to compare with"), columns, rows)
    n = sum(not one.reason_against for one in seen.companions)
    text = ngettext(
        "%(n)s office is suggested: it went the same way in the year before and keeps steady.",
        "%(n)s offices are suggested: they went the same way in the year before and keep steady.",
        n,
    )
    names = [one.office for one in seen.companions]
    return Section(
        "companions", _("Whom to compare with"), text % {"n": number(n)}, basis_before(subject, seen), table,
        recompute=Recompute(lambda: _the_year_before(seen), _COMPANY % {"names": names}),
    )  # fmt: skip


_COMPANY: Final = """
treated, offices = rows[rows["treated"] == 1], %(names)s
mix = rows.groupby(["office", "service"]).size().unstack(fill_value=0)
mix = mix.div(mix.sum(axis=1), axis=0)
usual = treated["service"].value_counts(normalize=True).reindex(mix.columns, fill_value=0)
cases = treated["case"].unique()
both = rows[rows["case"].isin(cases)].groupby("office")["case"].nunique()
result = pd.DataFrame({
    "holds": rows.groupby("office").size().reindex(offices),
    "alike": mix.clip(upper=usual, axis=1).sum(axis=1).reindex(offices),
    "shared": both.reindex(offices, fill_value=0) / len(cases),
})
"""


def _the_year_before(seen: Before) -> pd.DataFrame:
    """Return the stays of the year before, of which companions are judged."""
    held = seen.holds.held
    rows = np.flatnonzero((held.begin_us < seen.until_us) & (held.begin_us >= seen.until_us - YEAR * WEEK_US))
    office = np.array(held.offices)[held.office[rows]]
    return pd.DataFrame(
        {
            "case": seen.holds.case[rows],
            "office": office,
            "service": np.array(seen.holds.services)[seen.holds.service[rows]],
            "treated": np.isin(office, seen.asked.offices).astype(int),
        }
    )


def reason(one: Companion) -> str:
    """Say why an office is suggested or not."""
    swing, limit = percent(one.swing or 0), percent(one.most_swing)
    words = {
        "few": _("too few stays to tell how it usually goes"),
        "drift": _("it already went another way before: %(drift)s a week beside the office that changes")
        % {"drift": _signed(one.drift or 0)},
        "swing": _("it swings too much by itself: %(swing)s from month to month, more than %(limit)s")
        % {"swing": swing, "limit": limit},
        "shared": _("it shares %(shared)s of the cases, so the change may reach it too")
        % {"shared": percent(one.shared)},
    }
    if one.reason_against:
        return words[one.reason_against]
    text = _("the same trend before, steady (%(swing)s from month to month)") % {"swing": swing}
    if one.alike >= 0.05:
        return _("%(text)s, and %(alike)s of the services in common") % {"text": text, "alike": percent(one.alike)}
    return text


def _signed(share: float) -> str:
    return ("+" if share > 0 else "−") + percent(abs(share))
