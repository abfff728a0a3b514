"""Drift: which waits changed by themselves, since when, and whether that is more than chance among so many."""

from __future__ import annotations

from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analytics.core.drift import LEAST_A_WEEK, LEAST_WEEKS, WEEK_US, Drift, week_starts
from analytics.core.frames import Ints, moment
from analytics.core.quantiles import grouped_quantiles
from analytics.reports.drifting import BETWEEN, HANDOVERS, OFFICES, STEPS, Dated, by_words, dated, figure_of, group_name
from analytics.reports.filters import BadFilters, FilterProblem
from analytics.reports.recompute import Recompute
from analytics.reports.sections import EMPTY, Section, Subject, calendar_clock, is_small, nothing_here
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.views.panels import Mark, Panel, Panels, bars, levels, line, mark, months
from analytics.reports.views.parts import Choice, Links, Made, Options, one_of
from analytics.reports.wording import DAY_US, day, duration, number, unit_for

FALSE_ALARMS: Final = 0.05
BY: Final = (OFFICES, HANDOVERS, STEPS)
MOST_NAMED: Final = 3


def needs_steps(options: Options) -> bool:
    """Pairs of steps are made of events."""
    return options.get("by") == STEPS


def drift_view(subject: Subject, options: Options) -> Made:
    """Name what changed, and draw the one the address names, or the surest."""
    by = one_of(options, "by", BY)
    rows = dated(subject, by)
    found = rows.drifts()
    of = _asked(subject, options, by, found)
    kept = {name: value for name, value in (("by", by if by != OFFICES else ""), ("of", of)) if value}
    choice = Choice("by", _("Waits of"), tuple((one, by_words(one)) for one in BY), by, clears=("of",))
    if not found:
        said = nothing_here() if not subject.measured.n else _("Nothing has ended yet, so no wait can have changed.")
        basis = subject.basis(_waits(0), calendar_clock(), "drift")
        return Made(said, (Section("drift", _title(), said, basis, state=EMPTY),), options=kept, choices=(choice,))
    section = _section(subject, by, rows, found)
    shown = next((one for one in found if one.group == of), found[0])
    return Made(
        section.sentence,
        (section,),
        picture=lambda links: _picture(subject, by, rows, shown, links),
        template="analytics/_panels.html",
        options=kept,
        choices=(choice, *_shown_choice(subject, by, found, shown)),
    )


def _asked(subject: Subject, options: Options, by: str, found: tuple[Drift, ...]) -> str:
    of = options.get("of", "").replace("\r\n", "\n")
    if of in {one.group for one in found}:
        return of
    # An office without such waits in this period is no mistake: the surest is drawn. A mail of moving days goes on.
    known = by != STEPS and all(code in subject.offices for code in of.split(BETWEEN))
    if of and not known:
        sentence = _("This page has no waits of “%(code)s”: follow one of its links.") % {"code": of[:40]}
        raise BadFilters([FilterProblem("of", sentence)])
    return ""


def _shown_choice(subject: Subject, by: str, found: tuple[Drift, ...], shown: Drift) -> tuple[Choice, ...]:
    """Offer the surest changes to be drawn."""
    some = [one for one in found if one.changed_at_us is not None][:6]
    some += [shown] if shown not in some else []
    values = [(one.group, group_name(subject, by, one.group)) for one in some]
    return (Choice("of", _("Drawn below"), tuple(values), shown.group),)


def _title() -> str:
    return _("What changed, and since when")


def _waits(n: int) -> str:
    return ngettext("%(n)s wait that ended", "%(n)s waits that ended", n) % {"n": number(n)}


def _clock(subject: Subject, by: str) -> str:
    if by == STEPS:
        what = _("from one step to the next")
    elif by == OFFICES:
        what = _("from sent there to sent on or closed")
    else:
        what = (
            _("from sent to accepted")
            if subject.measured.transfer_known
            else _("from the last step at one office to the first step at the next")
        )
    return f"{what}; {calendar_clock()}"


# --- In words ---------------------------------------------------------------------------------------------------------


def has_changed(one: Drift) -> bool:
    """Whether a change is more than chance among all that were asked."""
    return one.adjusted_p is not None and one.adjusted_p <= FALSE_ALARMS


def _sentence(subject: Subject, by: str, found: tuple[Drift, ...]) -> str:
    judged = sum(one.p_value is not None for one in found)
    if not judged:
        said = {"weeks": number(LEAST_WEEKS), "waits": number(LEAST_A_WEEK)}
        return _("Nothing here has %(weeks)s weeks of %(waits)s waits, so no change can be told from chance.") % said
    changed = [one for one in found if has_changed(one)]
    if not changed:
        return _no_more_than_chance(subject, by, found[0], judged)
    parts = [_one(subject, by, one, judged) for one in changed[:MOST_NAMED]]
    if len(changed) > MOST_NAMED:
        more = len(changed) - MOST_NAMED
        parts.append(ngettext("%(n)s other changed too.", "%(n)s others changed too.", more) % {"n": number(more)})
    return " ".join(parts)


def _one(subject: Subject, by: str, one: Drift, judged: int) -> str:
    assert one.before is not None
    assert one.after is not None
    assert one.changed_at_us is not None
    before, after = one.before.median_us or 0.0, one.after.median_us or 0.0
    said = {
        "day": day(_local(subject, one.changed_at_us)),
        "name": group_name(subject, by, one.group),
        "before": duration(before),
        "after": duration(after),
        "p": _p(one.adjusted_p or 0.0),
        "n": number(judged),
    }
    if after > before:
        text = _(
            "Since the week of %(day)s the wait at %(name)s is longer: half took over %(before)s before and over "
            "%(after)s since (%(p)s, adjusted for %(n)s)."
        )
    elif after < before:
        text = _(
            "Since the week of %(day)s the wait at %(name)s is shorter: half took over %(before)s before and over "
            "%(after)s since (%(p)s, adjusted for %(n)s)."
        )
    else:
        text = _(
            "Since the week of %(day)s the waits at %(name)s are spread otherwise, with the same median of %(after)s "
            "(%(p)s, adjusted for %(n)s)."
        )
    return text % said


def _no_more_than_chance(subject: Subject, by: str, one: Drift, judged: int) -> str:
    assert one.before is not None
    assert one.after is not None
    said = {
        "n": number(judged),
        "what": by_words(by),
        "name": group_name(subject, by, one.group),
        "before": duration(one.before.median_us),
        "after": duration(one.after.median_us),
        "p": _p(one.adjusted_p or 0.0),
    }
    first = _("Of %(n)s %(what)s, none changed by more than chance.") % said
    second = _(
        "The largest bend is at %(name)s, from a median of %(before)s to %(after)s; but its weeks wander by "
        "themselves, so this may be chance (%(p)s)."
    )
    return f"{first} {second % said}"


def _p(value: float) -> str:
    least = 0.001
    return f"p < {number(least, 3)}" if value < least else f"p = {number(value, 3)}"


def _local(subject: Subject, at_us: int) -> date:
    return moment(at_us).astimezone(ZoneInfo(subject.measured.source.jurisdiction.time_zone)).date()


# --- The table --------------------------------------------------------------------------------------------------------


def _section(subject: Subject, by: str, rows: Dated, found: tuple[Drift, ...]) -> Section:
    few = sum(one.p_value is None for one in found)
    said = {"n": number(few), "weeks": number(LEAST_WEEKS), "least": number(LEAST_A_WEEK)}
    basis = subject.basis(
        _waits(len(rows.case)),
        _clock(subject, by),
        "drift",
        _("not asked, having fewer than %(weeks)s weeks of %(least)s waits: %(n)s") % said if few else "",
        _("what has not ended"),
    )
    columns = (
        Column("group", pgettext("column", "Waits of"), Kind.TEXT),
        Column("n", pgettext("column", "Ended")),
        Column("weeks", pgettext("column", "Weeks"), Kind.NUMBER),
        Column("changed", _("Week of the change"), Kind.DAY),
        Column("before", _("Median before"), Kind.DURATION),
        Column("n_before", _("Ended before")),
        Column("after", _("Median since"), Kind.DURATION),
        Column("n_after", _("Ended since")),
        Column("p", _("p, adjusted"), Kind.TEXT),
        Column("more_than_chance", _("More than chance?"), Kind.TEXT),
    )
    sides = [side.median_us or 0 for one in found for side in (one.before, one.after) if side]
    longest = max(sides, default=0)
    table = Table("drift", _title(), columns, tuple(_row(subject, by, one) for one in found), unit_for(longest))
    script = _SCRIPT.replace("UNIT_US", str(table.unit.us)).replace("UNIT", table.unit.code)
    note = _("It says when, not why: look at what was done in that week. “Changes” tells whether a planned one helped.")
    recompute = Recompute(lambda: _rows(rows, found), script)
    return Section("drift", _title(), _sentence(subject, by, found), basis, table, (note,), recompute=recompute)


def _row(subject: Subject, by: str, one: Drift) -> Row:
    verdict = "–" if one.adjusted_p is None else _("yes") if has_changed(one) else _("no")
    changed = None if one.changed_at_us is None else _local(subject, one.changed_at_us)
    before, after = one.before, one.after
    return Row(
        (
            Cell(group_name(subject, by, one.group)),
            Cell(one.n, figure_of(by, one.group)),
            Cell(one.weeks),
            Cell(changed),
            Cell(before.median_us if before else None),
            Cell(before.n if before else None),
            Cell(after.median_us if after else None),
            Cell(after.n if after else None),
            Cell("–" if one.adjusted_p is None else _p(one.adjusted_p).removeprefix("p = ").removeprefix("p ")),
            Cell(verdict),
        ),
        one.p_value is None or is_small(one.n),
    )


def _rows(rows: Dated, found: tuple[Drift, ...]) -> pd.DataFrame:
    """Every wait with its place in the table and its week, numbered as they were put together."""
    parts = []
    for place, one in enumerate(found):
        some = rows.of(one.group)
        week = np.zeros(len(some.case), dtype=np.int64)
        week[week_starts(some.at_us)[1:]] = 1
        parts.append(
            pd.DataFrame(
                {
                    "case": some.case,
                    "group": one.group.replace("\n", " > "),
                    "place": place,
                    "at_us": some.at_us,
                    "week": np.cumsum(week),
                    "wait_us": some.wait_us,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


_SCRIPT: Final = """
found = []
for place, part in rows.groupby("place"):
    line = {"n": len(part), "weeks": part["week"].nunique()}
    if line["weeks"] >= 12:  # where the running sum of centred ranks is furthest from zero
        ranks = part["wait_us"].rank()
        sums = (ranks - ranks.mean()).groupby(part["week"]).sum()
        cut = sums.cumsum().iloc[:-1].abs().idxmax()
        before, after = (part.loc[some, "wait_us"] for some in (part["week"] <= cut, part["week"] > cut))
        line |= {"before_UNIT": before.median() / UNIT_US, "n_before": len(before)}
        line |= {"after_UNIT": after.median() / UNIT_US, "n_after": len(after)}
    found.append(line)
result = pd.DataFrame(found)
"""


# --- The chart --------------------------------------------------------------------------------------------------------


def _picture(subject: Subject, by: str, rows: Dated, one: Drift, links: Links) -> Panels:
    some = rows.of(one.group)
    first, last = int(some.at_us[0]), int(some.at_us[-1])
    count = int((last - first) // WEEK_US) + 1
    span = count * WEEK_US
    week: Ints = (some.at_us - first) // WEEK_US
    medians = grouped_quantiles(some.wait_us, week, count, (50,))[:, 0] / DAY_US
    top = max(float(np.nanmax(medians)), 0.01)
    shapes = [
        bars("week", [(k / count, (k + 1) / count, m) for k, m in enumerate(medians.tolist()) if not np.isnan(m)], top)
    ]
    marks: tuple[Mark, ...] = ()
    says = _("Each bar is the median of what ended in a week, in days.")
    if one.changed_at_us is not None and one.before and one.after:
        at = (one.changed_at_us - first) / span
        for begin, end, side in ((0.0, at, one.before), (at, 1.0, one.after)):
            height = min((side.median_us or 0) / DAY_US, top)
            shapes.append(line("level", [(begin, height), (end, height)], top))
        marks = (mark(at, day(_local(subject, one.changed_at_us))),)
        says = _("Each bar is the median of what ended in a week, in days; the lines are the medians before and since.")
    name = group_name(subject, by, one.group)
    said = {"name": name, "most": duration(top * DAY_US), "weeks": number(count)}
    alt = _("%(name)s over %(weeks)s weeks: the longest weekly median is %(most)s") % said
    zone = subject.measured.source.jurisdiction.time_zone
    return Panels(
        title=name,
        says=says,
        panels=(Panel(_("Median by week, days"), alt, (), tuple(shapes), levels(top), marks),),
        across=months(first, first + span, zone),
    )
