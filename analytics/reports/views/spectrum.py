"""The performance spectrum of one office, one hand-over, or one pair of steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analytics.core.frames import SMALL_N, UNKNOWN, instant
from analytics.core.quantiles import spread
from analytics.core.segments import Segments, build_segments
from analytics.core.spectrum import Times, of_handover, of_office, of_segments, order_of_work
from analytics.core.visits import visits_of
from analytics.reports.figures import code_of
from analytics.reports.filters import Reading
from analytics.reports.recompute import Recompute
from analytics.reports.sections import EMPTY, Lead, Section, Subject, calendar_clock, is_small, nothing_here
from analytics.reports.steps import step_name, steps_there_are, work_steps
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.views.parts import Choice, Links, Made, Options, one_of
from analytics.reports.views.spectrum_picture import MOST, Spectrum, spectrum
from analytics.reports.wording import Unit, count_of_cases, day, duration, number, percent, unit_for

BY: Final = ("offices", "steps")
FEW: Final = 10
"""Of fewer times there is no one in ten."""
FIRST_COME: Final = 0.05
BATCHED: Final = 0.25
"""Shares from which a sentence says that work is not done in order, or in batches."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the spectrum is of; ``to`` is empty for the time at one office."""

    by: str
    of: str
    to: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the template gets: the drawing and the form to choose another."""

    drawing: Spectrum | None
    asked: Asked
    choices: tuple[tuple[str, str], ...]
    hidden: tuple[tuple[str, str], ...]
    sampled: str


def spectrum_view(subject: Subject, options: Options) -> Made:
    """Draw every time one edge took."""
    by = one_of(options, "by", BY)
    choice = Choice("by", _("Between"), (("offices", _("offices")), ("steps", _("steps"))), by, ("of", "to_office"))
    if not subject.measured.n:
        return _nothing(subject, nothing_here())
    segments = step_segments(subject) if by == "steps" else None
    asked = _asked(subject, options, by, segments)
    if asked is None:
        return _nothing(
            subject, _("None of these cases was at an office, or went from one step to another."), (choice,)
        )
    times, unknown = times_of(subject, asked, segments)
    section = _section(subject, asked, times, unknown)
    kept = {
        name: value
        for name, value in (("by", by if by != BY[0] else ""), ("of", asked.of), ("to_office", asked.to))
        if value
    }

    def picture(links: Links) -> Drawn:
        drawing = _drawing(subject, asked, times) if len(times) else None
        return Drawn(drawing, asked, _choices(subject, by), tuple(_hidden(subject, by).items()), _sampled(times))

    template = "analytics/_spectrum.html"
    return Made(section.sentence, (section,), picture=picture, template=template, options=kept, choices=(choice,))


def _nothing(subject: Subject, said: str, choices: tuple[Choice, ...] = ()) -> Made:
    basis = subject.basis(count_of_cases(0), calendar_clock(), "spectrum")
    return Made(said, (Section("weeks", _("Week by week"), said, basis, state=EMPTY),), choices=choices)


# --- What is asked ------------------------------------------------------------------------------------------------


def step_segments(subject: Subject) -> Segments:
    """Return the times between successive steps of a case, whatever branch they are on."""
    return build_segments(work_steps(subject).assign(branch=np.int16(0)))[0]


def _asked(subject: Subject, options: Options, by: str, segments: Segments | None) -> Asked | None:
    reading, known = Reading(options), dict(_choices(subject, by))
    sentence = _("There is no office “%(code)s” here.") if by == "offices" else _("There is no step “%(code)s” here.")
    of, to = (reading.code(name, known, sentence) for name in ("of", "to_office"))
    reading.done()
    if of and (to or by == "offices"):
        return Asked(by, of, to)
    if of or to:
        both = _("A time between steps has two ends: choose both steps.")
        reading.refuse("of", both if by == "steps" else _("Choose the office it begins at."))
    reading.done()
    return _most_time_steps(segments) if segments is not None else _most_time_office(subject)


def _most_time_office(subject: Subject) -> Asked | None:
    """Take the office that held cases longest in all, unless the address says."""
    visits = visits_of(subject.measured.stays)
    known = np.array([code != UNKNOWN for code in visits.offices], dtype=np.bool_)
    ended = visits.end_us > visits.start_us
    total = np.bincount(
        visits.office[ended], weights=(visits.end_us - visits.start_us)[ended], minlength=len(visits.offices)
    )
    if not len(visits) or not known.any():
        return None
    return Asked("offices", visits.offices[int(np.argmax(np.where(known, total, -1)))], "")


def _most_time_steps(segments: Segments) -> Asked | None:
    if not len(segments):
        return None
    count = len(segments.activities)
    keys, place = np.unique(segments.from_activity * count + segments.to_activity, return_inverse=True)
    best = int(keys[np.argmax(np.bincount(place, weights=segments.wait_us))])
    return Asked("steps", segments.activities[best // count], segments.activities[best % count])


def _choices(subject: Subject, by: str) -> tuple[tuple[str, str], ...]:
    if by == "steps":
        return tuple((code, step_name(code)) for code in steps_there_are(subject))
    there = set(subject.measured.stays.offices)
    return tuple(
        (code, name) for code, name in sorted(subject.offices.items(), key=lambda one: one[1]) if code in there
    )


def _hidden(subject: Subject, by: str) -> dict[str, str]:
    return {**subject.measured.filters.parameters(), **({"by": by} if by != BY[0] else {})}


def times_of(subject: Subject, asked: Asked, segments: Segments | None) -> tuple[Times, int]:
    """Return every time of what is asked, and how many more are not known."""
    measured = subject.measured
    if segments is not None:
        begins, ends = (code_of(segments.activities, code) for code in (asked.of, asked.to))
        return of_segments(segments, _both(segments.from_activity == begins, segments.to_activity == ends)), 0
    if not asked.to:
        visits = visits_of(measured.stays)
        return of_office(visits, code_of(visits.offices, asked.of)), 0
    if measured.transfer_known:
        offices = measured.stays.offices
        return of_handover(measured.stays, code_of(offices, asked.of), code_of(offices, asked.to))
    between = build_segments(measured.frames.events)[0]
    begins, ends = (code_of(between.offices, code) for code in (asked.of, asked.to))
    return of_segments(between, _both(between.from_office == begins, between.to_office == ends)), 0


def _both(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.asarray(one & other, dtype=np.bool_)


def title_of(subject: Subject, asked: Asked) -> str:
    """Name what the spectrum is of."""
    if asked.by == "steps":
        return f"{step_name(asked.of)} → {step_name(asked.to)}"
    of, to = subject.offices.get(asked.of, asked.of), subject.offices.get(asked.to, asked.to)
    return f"{of} → {to}" if asked.to else _("At %(office)s") % {"office": of}


# --- The section --------------------------------------------------------------------------------------------------


def _section(subject: Subject, asked: Asked, times: Times, unknown: int) -> Section:
    still = int((~times.ended).sum())
    basis = subject.basis(
        ngettext("%(n)s time", "%(n)s times", len(times)) % {"n": number(len(times))},
        f"{_clock(subject, asked)}; {calendar_clock()}",
        "spectrum",
        _("not ended, drawn dashed up to now: %(n)s") % {"n": number(still)} if still else "",
        _("ended without having been accepted: %(n)s") % {"n": number(unknown)} if unknown else "",
    )
    title = title_of(subject, asked)
    if not times.ended.any():
        said = _("%(title)s: nothing has ended, so there is no time to show.") % {"title": title}
        return Section("weeks", _("Week by week"), said, basis, state=EMPTY)
    weeks = _weeks(subject, times)
    table = _table(weeks)
    recompute = Recompute(lambda: weeks, _script(table.unit))
    return Section(
        "weeks",
        _("Week by week"),
        _sentence(title, times),
        basis,
        table,
        notes=(_order(times),),
        leads=(Lead(_("See these cases"), _figure(asked)),),
        recompute=recompute,
    )


def _figure(asked: Asked) -> dict[str, str]:
    if asked.by == "steps":
        return {"figure": "step_way", "of": asked.of, "to": asked.to}
    if asked.to:
        return {"figure": "handovers", "of": asked.of, "to": asked.to}
    return {"figure": "visits", "of": asked.of}


def _clock(subject: Subject, asked: Asked) -> str:
    if asked.by == "steps":
        return _("from one step to the next")
    if not asked.to:
        return _("from sent there to sent on or closed")
    return (
        _("from sent to accepted")
        if subject.measured.transfer_known
        else _("from the last step at one office to the first step at the next")
    )


def _sentence(title: str, times: Times) -> str:
    figures = spread(times.took_us)
    said = {
        "title": title,
        "n": number(figures.n),
        "median": duration(figures.median_us),
        "p90": duration(figures.p90_us),
    }
    if figures.n == 1:
        return _("%(title)s, once: it took %(median)s.") % said
    if figures.n < FEW:
        return _("%(title)s, %(n)s times: half took longer than %(median)s.") % said
    return _("%(title)s, %(n)s times: half took longer than %(median)s, one in ten longer than %(p90)s.") % said


def _order(times: Times) -> str:
    """Say in what order work is done, as far as the lines show it."""
    found = order_of_work(times)
    if found is None or found.n < SMALL_N:
        return _("Too few have ended to say in what order they are done.")
    said = {
        "share": percent(found.overtaken_share),
        "batched": percent(found.batched / found.n),
        "n": number(found.batches),
    }
    if found.overtaken_share <= FIRST_COME:
        sentence = _("First come, first served: only %(share)s were overtaken by something that came later.") % said
    else:
        sentence = _("%(share)s were overtaken by something that came later: not first come, first served.") % said
    if found.batched < BATCHED * found.n:
        return sentence
    return (
        sentence
        + " "
        + _("%(batched)s ended in batches of three or more within five minutes (%(n)s batches): work is let pile up.")
        % said
    )


def _weeks(subject: Subject, times: Times) -> pd.DataFrame:
    """Give every time that ended, with the Monday of the week it ended in, local days."""
    zone = subject.measured.source.jurisdiction.time_zone
    ended = times.ended
    local = pd.Series(times.end_us[ended].view("datetime64[us]")).dt.tz_localize("UTC").dt.tz_convert(zone)
    monday = (local.dt.tz_localize(None).dt.normalize() - pd.to_timedelta(local.dt.day_of_week, unit="D")).dt.date
    return pd.DataFrame({"case": times.case[ended], "week": monday.astype(str), "took_us": times.took_us})


def _table(weeks: pd.DataFrame) -> Table:
    by = weeks.groupby("week")["took_us"]
    figures = [(str(week), spread(some.to_numpy(dtype=np.int64))) for week, some in by]
    columns = (
        Column("week", _("Week that begins on"), Kind.DAY),
        Column("ended", pgettext("column", "Ended")),
        Column("median", _("Median"), Kind.DURATION),
        Column("p90", _("90th percentile"), Kind.DURATION),
    )
    rows = tuple(
        Row((Cell(date.fromisoformat(week)), Cell(one.n), Cell(one.median_us), Cell(one.p90_us)), is_small(one.n))
        for week, one in reversed(figures)
    )
    unit = unit_for(max(one.median_us or 0 for _week, one in figures))
    return Table("weeks", _("Times by the week in which they ended, the latest first"), columns, rows, unit)


def _script(unit: Unit) -> str:
    return f"""
by = rows.groupby("week")["took_us"]
result = by.agg(ended="size", median_{unit.code}="median", p90_{unit.code}=lambda us: us.quantile(0.9))
result = result.reset_index().sort_values("week", ascending=False)
result[["median_{unit.code}", "p90_{unit.code}"]] /= {unit.us}
"""


# --- The drawing --------------------------------------------------------------------------------------------------


def _drawing(subject: Subject, asked: Asked, times: Times) -> Spectrum:
    zone = subject.measured.source.jurisdiction.time_zone
    weeks = []
    for week, some in _weeks(subject, times).groupby("week")["took_us"] if times.ended.any() else ():
        monday = date.fromisoformat(str(week))
        begin, end = (
            instant(datetime.combine(at, time.min, ZoneInfo(zone))) for at in (monday, monday + timedelta(days=7))
        )
        median = float(np.median(some))
        said = _("Week of %(day)s: %(n)s ended, median %(median)s")
        words = said % {"day": day(monday), "n": number(len(some)), "median": duration(median)}
        weeks.append((begin, end, median, words, is_small(len(some))))
    return spectrum(times, weeks, subject.measured.as_of_us, zone, _ends(subject, asked))


def _ends(subject: Subject, asked: Asked) -> tuple[str, str]:
    if asked.by == "steps":
        return step_name(asked.of), step_name(asked.to)
    of, to = subject.offices.get(asked.of, asked.of), subject.offices.get(asked.to, asked.to)
    if asked.to:
        return _("leaves %(office)s") % {"office": of}, _("begun at %(office)s") % {"office": to}
    return _("comes to %(office)s") % {"office": of}, _("leaves %(office)s") % {"office": of}


def _sampled(times: Times) -> str:
    if len(times) <= MOST:
        return ""
    said = {"n": number(MOST), "all": number(len(times))}
    return _("%(n)s of %(all)s lines are drawn, chosen by chance and always the same; all are counted.") % said
