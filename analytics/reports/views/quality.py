"""What the figures rest on: what is left out, what is missing, what is odd, and what the source never records."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analytics.core.frames import MISSING, UNKNOWN, Flags, Ints, coded, microseconds, starts_of_runs
from analytics.core.quality import Dropped, Noted, Unexpected, notes, quarantine_events, unexpected
from analytics.core.segments import Segments, build_segments, ordered_events
from analytics.core.stays import hold_clocks
from analytics.reports.recompute import Recompute
from analytics.reports.sections import (
    EMPTY,
    NOT_RECORDED,
    Section,
    Subject,
    assumptions_of,
    calendar_clock,
    not_recorded,
    nothing_here,
)
from analytics.reports.steps import OWN, step_name
from analytics.reports.tables import SILENT, Cell, Column, Kind, Row, Table
from analytics.reports.views.parts import Made, Options
from analytics.reports.wording import count_of_cases, day, number, percent
from requests_app.states import MOVES, Activity

BESIDE: Final = OWN - {activity.value for activity in MOVES} - {Activity.SUBMITTED.value}
"""Notes, comments and the like: they move no case, so they are no steps."""
COMMON: Final = 0.01
"""A pair of steps that at least this share of the cases has is usual; the others are listed."""
LEAST_CASES: Final = 100
"""Below this many cases one case is already a usual share."""


def quality_view(subject: Subject, options: Options) -> Made:
    """Say how far the records can be trusted, before anybody reads a figure made of them."""
    if not subject.measured.n:
        basis = subject.basis(count_of_cases(0), calendar_clock(), "left-out")
        return Made(nothing_here(), (Section("period", _("What there is"), nothing_here(), basis, state=EMPTY),))
    events, dropped = _screened(subject)
    parts = [_period(subject), _left_out(subject, dropped), _clocks(subject)]
    if len(subject.measured.frames.events):
        parts += [_kept(subject, events), _pairs(subject, events)]
    return Made(_headline(subject, len(events), dropped), (*parts, _silent(subject)))


def _headline(subject: Subject, events: int, dropped: tuple[Dropped, ...]) -> str:
    """Count each record once: ``events`` are those that can be used."""
    measured, silent = subject.measured, len(_silences(subject))
    left = sum(one.rows for one in dropped)
    rows = measured.n + len(measured.stays) + events + left
    said = {"rows": number(rows), "left": number(left)}
    whole = (_("%(left)s of %(rows)s records are left out.") if left else _("All %(rows)s records can be used.")) % said
    if not silent:
        return whole
    never = ngettext(
        "%(n)s kind of fact is never recorded by this source.",
        "%(n)s kinds of facts are never recorded by this source.",
        silent,
    )
    return f"{whole} {never % {'n': number(silent)}}"


def _screened(subject: Subject) -> tuple[pd.DataFrame, tuple[Dropped, ...]]:
    """Return the events that can be used, and everything that is left out."""
    measured = subject.measured
    events, more = quarantine_events(_told(subject), measured.frames.cases, measured.as_of_us, OWN)
    return events, (*measured.dropped, *more)


def _told(subject: Subject) -> pd.DataFrame:
    """Return the events that the source told: the end that an import gave each case of an event log is not one."""
    events = subject.measured.frames.events
    activities = events["activity"]
    return events[activities != Activity.RESOLVED] if not activities.isin(OWN).all() else events


# --- What there is ------------------------------------------------------------------------------------------------


def _period(subject: Subject) -> Section:
    measured = subject.measured
    zone = measured.source.jurisdiction.time_zone
    filed = measured.frames.cases["submitted_at"].dt.tz_convert(zone).dt.date
    said = {"from": day(filed.min()), "to": day(filed.max()), "cases": count_of_cases(measured.n)}
    sentence = _("%(cases)s filed from %(from)s to %(to)s.") % said
    events = len(_told(subject))
    facts = (
        (_("Cases"), measured.n),
        (_("Open cases"), int(measured.frames.cases["closed_at"].isna().sum()) if subject.records_open else None),
        (_("Holds: stays of a case at an office"), len(measured.stays)),
        (_("Events"), events or None),
        (_("Cases that no office has held"), measured.never_held()),
        (_("Cases without an area"), int((measured.frames.cases["area"] == UNKNOWN).sum())),
        (_("Holds at an office that is not recorded"), _nameless_holds(subject)),
    )
    columns = (Column("what", pgettext("column", "What"), Kind.TEXT), Column("records", _("Number")))
    rows = tuple(Row((Cell(what), SILENT if n is None else Cell(n))) for what, n in facts)
    basis = subject.basis(count_of_cases(measured.n), calendar_clock(), "left-out")
    table = Table("period", _("What there is"), columns, rows)
    recompute = Recompute(lambda: _record_rows(subject), _PERIOD)
    return Section("period", _("What there is"), sentence, basis, table, recompute=recompute)


def _record_rows(subject: Subject) -> pd.DataFrame:
    """One row a case, hold or event; what a record of that kind cannot say is empty."""
    measured, stays = subject.measured, subject.measured.stays
    cases = measured.frames.cases
    of_cases = pd.DataFrame(
        {
            "kind": "case",
            "case": cases["case"].to_numpy(),
            "open": cases["closed_at"].isna().astype(int) if subject.records_open else np.nan,
            "never_held": (~cases["case"].isin(stays.case)).astype(int),
            "no_area": (cases["area"] == UNKNOWN).astype(int),
        }
    )
    nameless = stays.office == (stays.offices.index(UNKNOWN) if UNKNOWN in stays.offices else -1)
    of_holds = pd.DataFrame({"kind": "hold", "case": stays.case, "no_office": nameless.astype(int)})
    of_events = pd.DataFrame({"kind": "event", "case": measured.frames.events["case"].to_numpy()})
    return pd.concat([of_cases, of_holds, of_events], ignore_index=True)


_PERIOD = """
n, told = rows["kind"].value_counts(), rows[["open", "never_held", "no_area", "no_office"]].sum(min_count=1)
records = [n.get("case", 0), told["open"], n.get("hold", 0), n.get("event"), told["never_held"], told["no_area"]]
result = pd.DataFrame({"records": [*records, told.fillna(0)["no_office"]]}, dtype=float)
"""


def _nameless_holds(subject: Subject) -> int:
    stays = subject.measured.stays
    return int((stays.office == stays.offices.index(UNKNOWN)).sum()) if UNKNOWN in stays.offices else 0


# --- What is left out ---------------------------------------------------------------------------------------------


def _left_out(subject: Subject, dropped: tuple[Dropped, ...]) -> Section:
    title = _("What is left out, and why")
    basis = subject.basis(count_of_cases(subject.measured.n), calendar_clock(), "left-out")
    if not dropped:
        return Section("left-out", title, _("Nothing is left out: every record has the times it needs."), basis)
    worst = max(dropped, key=lambda one: one.rows)
    said = {"n": number(sum(one.rows for one in dropped)), "reason": _reasons()[worst.reason]}
    sentence = _("%(n)s records are left out, most of them because: %(reason)s. Nothing is repaired.") % said
    columns = (
        Column("kind", _("Kind of record"), Kind.TEXT),
        Column("reason", pgettext("column", "Reason"), Kind.TEXT),
        Column("left_out_of", _("Left out of"), Kind.TEXT),
        Column("records", _("Records")),
        Column("cases", pgettext("column", "Cases")),
    )
    kinds = {"cases": _("Case"), "holds": _("Hold"), "events": _("Event")}
    where = {"events": _("counts of steps on this page")}
    rows = tuple(
        Row(
            (
                Cell(kinds[one.frame]),
                Cell(_reasons()[one.reason]),
                Cell(where.get(one.frame, _("every figure"))),
                Cell(one.rows),
                Cell(one.cases),
            )
        )
        for one in dropped
    )
    return Section("left-out", title, sentence, basis, Table("left-out", title, columns, rows))


def _reasons() -> dict[str, str]:
    return {
        "no_time": _("it has no time"),
        "after_as_of": _("it is dated after the as-of time"),
        "backwards": _("its times run backwards"),
        "told_twice": _("it is told twice"),
        "after_close": _("it comes after its case was closed"),
    }


# --- Missing clocks -----------------------------------------------------------------------------------------------


def _clocks(subject: Subject) -> Section:
    title = _("Clocks that are missing")
    frame = _clock_rows(subject)
    basis = subject.basis(_("%(n)s finished holds") % {"n": number(len(frame))}, calendar_clock(), "three-clocks")
    if not (subject.records("accepted") or subject.records("started")):
        return Section("clocks", title, not_recorded(), basis, state=NOT_RECORDED)
    if frame.empty:
        return Section("clocks", title, _("No hold has ended yet."), basis, state=EMPTY)
    whole = frame[["transfer_missing", "queue_missing", "work_missing"]].mean()
    said = {"transfer": percent(whole.iloc[0]), "queue": percent(whole.iloc[1]), "work": percent(whole.iloc[2])}
    sentence = (
        _(
            "Of finished holds, %(transfer)s do not say when the office accepted the case, %(queue)s how long it was "
            "queued there, and %(work)s how long the work took. A missing clock is never a zero."
        )
        % said
    )
    script = """
by = rows.groupby("office")
result = pd.DataFrame({
    "holds": by.size(),
    **{name: by[name].mean() for name in ("transfer_missing", "queue_missing", "work_missing")},
}).sort_values(["holds", "work_missing"], ascending=False, kind="stable").reset_index(drop=True)
"""
    table = _clock_table(subject, frame, title)
    return Section("clocks", title, sentence, basis, table, recompute=Recompute(lambda: frame, script))


def _clock_rows(subject: Subject) -> pd.DataFrame:
    stays = subject.measured.stays
    clocks, ended = hold_clocks(stays), ~stays.open
    return pd.DataFrame(
        {
            "case": stays.case[ended],
            "office": np.array(stays.offices, dtype=object)[stays.office[ended]],
            "transfer_missing": (clocks.transfer_us[ended] == MISSING).astype(int),
            "queue_missing": (clocks.queue_us[ended] == MISSING).astype(int),
            "work_missing": (clocks.service_us[ended] == MISSING).astype(int),
        }
    )


def _clock_table(subject: Subject, frame: pd.DataFrame, title: str) -> Table:
    columns = (
        Column("office", pgettext("column", "Office"), Kind.TEXT),
        Column("holds", _("Finished holds")),
        Column("transfer_missing", _("Acceptance not recorded"), Kind.SHARE),
        Column("queue_missing", _("Queue not recorded"), Kind.SHARE),
        Column("work_missing", _("Work not recorded"), Kind.SHARE),
    )
    names = ["transfer_missing", "queue_missing", "work_missing"]
    by = frame.groupby("office")
    shares = by[names].mean()
    shares.insert(0, "holds", by.size())
    shares = shares.sort_values(["holds", "work_missing"], ascending=False, kind="stable")
    rows = tuple(
        Row(
            (
                Cell(subject.offices.get(str(office), str(office))),
                Cell(int(line[0])),
                *(Cell(float(x)) for x in line[1:]),
            )
        )
        for office, line in zip(shares.index, shares.to_numpy().tolist(), strict=True)
    )
    return Table("missing-clocks", title, columns, rows)


# --- Events: what was kept, and is odd ----------------------------------------------------------------------------


def _kept(subject: Subject, events: pd.DataFrame) -> Section:
    title = _("Kept, and good to know")
    found = notes(events)
    words = {
        "same_time": _("Events at the very time of the one before: their order is that of the file"),
        "no_office": _("Events that name no office"),
        "one_event": _("Cases of a single event: no time can be measured"),
    }
    tied = found[0]
    sentence = _("%(share)s of the events carry the same time as the one before them.") % {"share": percent(tied.share)}
    columns = (
        Column("what", pgettext("column", "What"), Kind.TEXT),
        Column("records", _("Number")),
        Column("of", _("Of")),
        Column("share", pgettext("column", "Share"), Kind.SHARE),
    )
    rows = tuple(Row((Cell(words[one.what]), Cell(one.rows), Cell(one.of), Cell(_share(one)))) for one in found)
    basis = subject.basis(_("%(n)s events") % {"n": number(len(events))}, calendar_clock(), "left-out")
    script = """
single = rows.groupby("case").size() == 1
result = pd.DataFrame({
    "records": [rows["same_time"].sum(), rows["no_office"].sum(), single.sum()],
    "of": [len(rows), len(rows), len(single)],
})
result["share"] = result["records"] / result["of"]
"""
    table = Table("kept", title, columns, rows)
    return Section("kept", title, sentence, basis, table, recompute=Recompute(lambda: _event_rows(events), script))


def _share(one: Noted) -> float | None:
    return one.share if one.of else None


def _event_rows(events: pd.DataFrame) -> pd.DataFrame:
    ordered = ordered_events(events)
    case, branch = ordered["case"].to_numpy(np.int64), ordered["branch"].to_numpy(np.int64)
    at_us = microseconds(ordered["ts"])
    office, offices = coded(ordered["office"])
    unnamed = office == (offices.index(UNKNOWN) if UNKNOWN in offices else -1)
    return pd.DataFrame(
        {"case": case, "same_time": _tied(case, branch, at_us).astype(int), "no_office": unnamed.astype(int)}
    )


def _tied(case: Ints, branch: Ints, at_us: Ints) -> Flags:
    tied = ~starts_of_runs(case, branch)
    tied[1:] &= at_us[1:] == at_us[:-1]
    return tied


def _pairs(subject: Subject, events: pd.DataFrame) -> Section:
    title = _("Steps that seldom follow each other")
    segments, _tails = build_segments(events[~events["activity"].isin(BESIDE)])
    cases = subject.measured.n
    basis = subject.basis(count_of_cases(cases), calendar_clock(), "unexpected-pair")
    if cases < LEAST_CASES:
        sentence = _("With fewer than %(n)s cases nobody can say which steps seldom follow each other.")
        return Section("pairs", title, sentence % {"n": number(LEAST_CASES)}, basis, state=EMPTY)
    odd = unexpected(segments, _usual(segments, cases))
    if not odd:
        return Section("pairs", title, _("Every pair of steps is usual: each stands in 1 case of 100 or more."), basis)
    touched = len(np.unique(_cases_with(segments, odd)))
    said = {"pairs": number(len(odd)), "cases": count_of_cases(touched), "share": percent(touched / cases)}
    sentence = (
        _(
            "%(pairs)s pairs of steps each stand in fewer than 1 case of 100; %(cases)s (%(share)s) have at least one. "
            "They may be exceptions, or steps that were skipped or entered late."
        )
        % said
    )
    recompute = Recompute(lambda: _pair_rows(segments), _PAIRS.replace("LEAST", str(COMMON * cases)))
    return Section("pairs", title, sentence, basis, _pair_table(odd, title), recompute=recompute)


def _pair_rows(segments: Segments) -> pd.DataFrame:
    names = np.array(segments.activities, dtype=object)
    columns = {"before": names[segments.from_activity], "after": names[segments.to_activity]}
    return pd.DataFrame({"case": segments.case, **columns})


_PAIRS = """
by = rows.groupby(["before", "after"])["case"]
found = by.agg(times="size", cases="nunique").reset_index()
found = found[found["cases"] < LEAST].sort_values(["times", "before", "after"], ascending=[False, True, True])
result = found.head(200)[["times", "cases"]]
"""


def _usual(segments: Segments, cases: int) -> frozenset[tuple[str, str]]:
    return frozenset((one.before, one.after) for one in unexpected(segments, ()) if one.cases >= COMMON * cases)


def _cases_with(segments: Segments, odd: tuple[Unexpected, ...]) -> Ints:
    place = {name: code for code, name in enumerate(segments.activities)}
    width = len(segments.activities)
    keys = np.array([place[one.before] * width + place[one.after] for one in odd], dtype=np.int64)
    return segments.case[np.isin(segments.from_activity * width + segments.to_activity, keys)]


def _pair_table(odd: tuple[Unexpected, ...], title: str, most: int = 200) -> Table:
    columns = (
        Column("before", _("Step"), Kind.TEXT),
        Column("after", _("Followed by"), Kind.TEXT),
        Column("times", _("Times")),
        Column("cases", pgettext("column", "Cases")),
    )
    rows = tuple(
        Row((Cell(step_name(one.before)), Cell(step_name(one.after)), Cell(one.times), Cell(one.cases)))
        for one in odd[:most]
    )
    return Table("pairs", title, columns, rows)


# --- What the source never says -----------------------------------------------------------------------------------


def _silences(subject: Subject) -> tuple[str, ...]:
    words = {
        "handovers": _("which offices had a case one after the other"),
        "offices": _("which office had a case"),
        "accepted": _("when an office accepted a case"),
        "started": _("when work on a case began"),
        "rework": _("what was done again"),
        "outcomes": _("how a case ended"),
        "open": _("which cases are still open"),
        "promises": _("by when an answer was promised"),
        "persons": _("who worked on a case"),
        "channels": _("how a case came in"),
    }
    silent = subject.measured.source.jurisdiction.not_recorded
    return tuple(words.get(code, str(code).replace("_", " ")) for code in silent)


def _silent(subject: Subject) -> Section:
    title = _("What this source does not say")
    silent, assumed = _silences(subject), assumptions_of(subject.measured.source)
    basis = subject.basis(count_of_cases(subject.measured.n), calendar_clock(), "left-out")
    sentence = (
        _("Never recorded: %(list)s. Figures that need it say so; they are not zero.") % {"list": "; ".join(silent)}
        if silent
        else _("This source records every kind of fact these reports ask for.")
    )
    assumed_head = (_("Taken for granted when the data was imported:"),) if assumed else ()
    return Section("silent", title, sentence, basis, notes=(*assumed_head, *assumed))
