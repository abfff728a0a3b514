"""Two periods, two offices, or several places with the same process, side by side and standardised by mix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.core.equity.places import SameSteps, alike, same_steps
from analytics.core.equity.times import AreaTime, time_by_area
from analytics.core.frames import SMALL_N, Flags, Ints, instant
from analytics.core.segments import Segments, build_segments
from analytics.core.whatif.replay import median
from analytics.reports.filters import Filters, Reading, no_office
from analytics.reports.measure import measure
from analytics.reports.recompute import Recompute
from analytics.reports.sections import (
    EMPTY,
    NOT_RECORDED,
    Section,
    Subject,
    calendar_clock,
    is_small,
    nothing_here,
    subject_of,
)
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.views.equity import Side, is_surprise, script_of, table_of
from analytics.reports.views.parts import Choice, Made, Options, one_of
from analytics.reports.whatif.asked import busiest, office_choices
from analytics.reports.wording import count_of_cases, day, duration, number, percent, unit_for

PERIOD, OFFICE, PLACE = "period", "office", "place"


@dataclass(frozen=True, slots=True)
class Form:
    """The form that chooses the day or the two offices."""

    by: str
    hidden: tuple[tuple[str, str], ...]
    cut: str = ""
    one: str = ""
    two: str = ""
    offices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Columns (n,): each case, how long, whether ended, which side (0 or 1)."""

    case: Ints
    age_us: Ints
    ended: Flags
    side: Ints


def needs_places(options: Options) -> bool:
    """Places are compared by their steps."""
    return options.get("by", "").strip() == PLACE


def compare_view(subject: Subject, options: Options) -> Made:
    """Compare what the address names."""
    by = one_of(options, "by", (PERIOD, OFFICE, PLACE))
    if not subject.measured.n:
        basis = subject.basis(count_of_cases(0), calendar_clock(), "compare")
        return Made(nothing_here(), (Section("compare", _("Side by side"), nothing_here(), basis, state=EMPTY),))
    ways = ((PERIOD, _("two periods")), (OFFICE, _("two offices")), (PLACE, _("places with the same process")))
    choice = (Choice("by", _("Compare:"), ways, by),)
    if by == PLACE:
        section = _places(subject)
        return Made(section.sentence, (section,), options={"by": by}, choices=choice, of_one_place=False)
    rows, names, form, title = _periods(subject, options) if by == PERIOD else _offices(subject, options)
    section = _two(subject, rows, names, title)
    kept = {"by": by, "cut": form.cut} if by == PERIOD else {"by": by, "one": form.one, "two": form.two}
    return Made(
        section.sentence,
        (section,),
        picture=lambda _links: form,
        template="analytics/_compare.html",
        options=kept,
        choices=choice,
    )


# --- Two sides --------------------------------------------------------------------------------------------------------

_Sides = tuple[Rows, tuple[str, str], Form, str]


def _periods(subject: Subject, options: Options) -> _Sides:
    rows = subject.measured.cycles("service")
    zone = subject.measured.source.jurisdiction.time_zone
    cut = _cut(options, rows.submitted_us, zone)
    later = rows.submitted_us >= instant(datetime.combine(cut, time(), ZoneInfo(zone)))
    names = (_("filed before %(day)s") % {"day": day(cut)}, _("filed from %(day)s on") % {"day": day(cut)})
    form = Form(PERIOD, _hidden(subject, PERIOD), cut.isoformat())
    timed = rows.timed
    found = Rows(rows.case[timed], rows.age_us[timed], rows.closed[timed], later[timed].astype(np.int64))
    return found, names, form, _("From filed to answered, in two periods")


def _cut(options: Options, filed_us: Ints, zone: str) -> date:
    reading = Reading(options)
    cut = reading.day("cut", _("“The second begins”"))
    reading.done()
    if cut is not None:
        return cut
    middle = int(np.quantile(filed_us, 0.5, method="nearest"))
    return pd.Timestamp(middle, unit="us", tz="UTC").tz_convert(zone).date()


def _offices(subject: Subject, options: Options) -> _Sides:
    choices = office_choices(subject)
    rows, busy = subject.measured.dwell, busiest(subject)
    reading = Reading(options)
    one = reading.code("one", subject.offices, no_office()) or next(iter(busy), "")
    two = reading.code("two", subject.offices, no_office()) or _comparable(subject, one, busy)
    if one == two and len(busy) > 1:
        reading.refuse("two", _("Both sides are the same office: choose another one."))
    reading.done()
    place = {code: at for at, code in enumerate(rows.offices)}
    first, second = rows.office == place.get(one, -1), rows.office == place.get(two, -2)
    keep = first | second
    found = Rows(rows.case[keep], rows.held_us[keep], ~rows.there_now[keep], second[keep].astype(np.int64))
    form = Form(OFFICE, _hidden(subject, OFFICE), one=one, two=two, offices=tuple(choices))
    names = (subject.offices.get(one, one), subject.offices.get(two, two))
    return found, names, form, _("Time held, at two offices")


def _comparable(subject: Subject, one: str, busy: list[str]) -> str:
    """Return the busiest other office that does some of the same services, else the busiest other one."""
    rows = subject.measured.dwell
    mix, mixes = subject.measured.of_cases("service", rows.case)
    table = np.bincount(rows.office * len(mixes) + mix, minlength=len(rows.offices) * len(mixes)).reshape(
        -1, len(mixes)
    )
    place = {code: at for at, code in enumerate(rows.offices)}
    others = [code for code in busy if code != one]
    mine = table[place[one]] if one in place else np.zeros(len(mixes), dtype=np.int64)
    likely = [code for code in others if np.minimum(table[place[code]], mine).sum() >= SMALL_N]
    return next(iter((*likely, *others)), one)


def _hidden(subject: Subject, by: str) -> tuple[tuple[str, str], ...]:
    return (*subject.measured.filters.parameters().items(), ("by", by))


def _two(subject: Subject, rows: Rows, names: tuple[str, str], title: str) -> Section:
    mix, mixes = subject.measured.of_cases("service", rows.case)
    found = time_by_area(rows.age_us, rows.ended, rows.side, mix, ("a", "b"), len(mixes))
    basis = subject.basis(count_of_cases(len(np.unique(rows.case))), calendar_clock(), "compare")
    if any(row.n is None for row in found):
        sentence = _("One of the two sides has fewer than 10 cases: nothing is compared.")
        return Section("compare", title, sentence, basis, state=EMPTY)
    label = dict(zip(("a", "b"), names, strict=True))
    side = Side("who", "mix", title, pgettext("column", "Side"), "compare", label, lambda _said: "", "")
    shown = sorted(found, key=lambda row: (-(row.ratio or 0), row.area))
    table = table_of(side, shown)
    frame = pd.DataFrame(
        {
            "case": rows.case,
            "who": np.array(["a", "b"], dtype=object)[rows.side],
            "mix": np.array(mixes, dtype=object)[mix],
            "age_us": rows.age_us,
            "ended": rows.ended.astype(int),
        }
    )
    recompute = Recompute(lambda: frame, script_of(side, table))
    return Section("compare", title, _two_said(found, label), basis, table, (_same_mix(),), recompute=recompute)


def _same_mix() -> str:
    return _(
        "Expected with this mix: what both sides together would take with the services of that side. What else differs "
        "(season, rules, difficulty) is not taken out."
    )


def _two_said(found: tuple[AreaTime, ...], label: Mapping[str, str]) -> str:
    medians = [row.median.value_us if row.median else None for row in found]
    said = {
        "one": label["a"],
        "two": label["b"],
        "first": duration(medians[0]),
        "second": duration(medians[1]),
    }
    halves = _("Half of the cases took %(first)s or less (%(one)s) and %(second)s or less (%(two)s).") % said
    return f"{halves} {_verdict(found)}"


def _verdict(found: tuple[AreaTime, ...]) -> str:
    if all(row.p_value is None for row in found):
        return _("They have no service in common, so nobody can say what differs for the same services.")
    if any(is_surprise(row) for row in found):
        return _("For the same services the difference is more than chance.")
    return _("For the same services the difference is no more than chance would make it.")


# --- Places -----------------------------------------------------------------------------------------------------------


def _by_period_alone(subject: Subject) -> Subject:
    """Each place has services, areas and offices of its own: a choice of them would narrow this place only."""
    filters = subject.measured.filters
    period = Filters(filters.filed_from, filters.filed_to)
    return (
        subject
        if filters == period
        else replace(subject_of(measure(subject.measured.source, period)), beside=subject.beside)
    )


def _places(chosen: Subject) -> Section:
    subject = _by_period_alone(chosen)
    title = _("The same process at several places")
    basis = subject.basis(count_of_cases(subject.measured.n), calendar_clock(), "same-steps")
    if not len(subject.measured.frames.events):
        return Section("places", title, _("Not recorded by this source."), basis, state=NOT_RECORDED)
    own = build_segments(subject.measured.frames.events)[0]
    both = [(other, build_segments(other.measured.frames.events)[0]) for other in subject.beside() if other.measured.n]
    alike_ones = [(subject, own), *((other, segments) for other, segments in both if alike(own, segments))]
    if len(alike_ones) < 2:
        sentence = _("You may see no other place of the same kind whose cases take at least half of these steps.")
        return Section("places", title, sentence, basis, state=EMPTY)
    table, sentence, least = _place_table(alike_ones, title)
    note = _(
        "Not comparable: up to %(share)s of the time of a place is in steps that not all have often enough. How each "
        "cuts its work into steps, when it writes them down and which cases it gets is not known to be alike; offices "
        "are named by each place, and data end on different days."
    ) % {"share": percent(1 - least)}
    alone = _("Places are compared by the period alone: the other filters are left out.")
    notes = (note,) if subject is chosen else (alone, note)
    return Section("places", title, sentence, basis, table, notes)


def _place_table(places: list[tuple[Subject, Segments]], title: str) -> tuple[Table, str, float]:
    same = same_steps([segments for _place, segments in places])
    columns = (
        Column("place", pgettext("column", "Place"), Kind.TEXT),
        Column("cases", pgettext("column", "Cases")),
        Column("median", _("Median"), Kind.DURATION),
        Column("steps", _("Steps per 100 cases")),
        Column("handovers", _("Hand-overs per 100 cases")),
        Column("same_steps", _("Same steps, of the average"), Kind.SHARE),
        Column("compared", _("Share of its time compared"), Kind.SHARE),
    )
    lines = []
    for (place, segments), found in zip(places, same, strict=True):
        rows = place.measured.cycles("service")
        n = place.measured.n
        middle = median(rows.age_us[rows.timed], rows.closed[rows.timed])
        moved = int((segments.from_office != segments.to_office).sum())
        per = (round(100 * (len(segments) + n) / n), round(100 * moved / n))
        lines.append((found.ratio or 0.0, _name(place), n, middle, per, found))
    lines.sort(key=lambda line: (-line[0], line[1]))
    made = tuple(
        Row(
            (Cell(name), Cell(n), Cell(middle), *(Cell(x) for x in per), Cell(found.ratio), Cell(found.compared)),
            is_small(n),
        )
        for _ratio, name, n, middle, per, found in lines
    )
    table = Table("places", title, columns, made, unit_for(max(line[3] or 0 for line in lines)))
    return table, _places_said(lines), min(found.compared for found in same)


_Line = tuple[float, str, int, float | None, tuple[int, int], SameSteps]


def _places_said(lines: list[_Line]) -> str:
    slow, quick, shares = lines[0], lines[-1], [line[5].compared for line in lines]
    if not slow[0]:
        return _("These places share a process, and no pair of steps that each has 30 times or more.")
    said = {
        "places": number(len(lines)),
        "low": percent(min(shares)),
        "high": percent(max(shares)),
        "slow": slow[1],
        "quick": quick[1],
        "most": percent(slow[0]),
        "least": percent(quick[0]),
    }
    return (
        _(
            "For the same mix of steps, %(slow)s takes %(most)s of the average of the %(places)s places, and %(quick)s "
            "takes %(least)s. That compares %(low)s to %(high)s of their time."
        )
        % said
    )


def _name(place: Subject) -> str:
    return str(place.measured.source.jurisdiction.name)
