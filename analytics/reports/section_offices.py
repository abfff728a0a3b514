"""Time held per office, and what of it is transfer, queue and work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.core.frames import UNKNOWN
from analytics.core.offices import CLOCKS, Clock, OfficeTime, clocks, clocks_together, time_held
from analytics.reports.sections import (
    EMPTY,
    NOT_RECORDED,
    Section,
    Subject,
    calendar_clock,
    is_small,
    not_recorded,
    nothing_here,
    unranked,
)
from analytics.reports.tables import SILENT, Cell, Column, Kind, Row, Table
from analytics.reports.wording import case_days, count_of_cases, duration, number, percent, unit_for


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the chart: how much of all case-days an office held. ``length`` is 0 … 100 of the longest bar."""

    label: str
    length: float
    amount: str
    share: str
    median: str
    small: bool
    cases: Mapping[str, str]


def offices_held(subject: Subject) -> tuple[OfficeTime, ...]:
    """Return the table of the core for this cohort."""
    return time_held(subject.measured.dwell)


def held_section(subject: Subject, held: tuple[OfficeTime, ...]) -> Section:
    """Where cases spend their time, office by office."""
    handovers = subject.records("handovers")
    title = _("Time held by each office") if handovers else _("Open to close, by office")
    visits = sum(row.visits for row in held)
    never = subject.measured.never_held()
    basis = subject.basis(
        _("%(visits)s visits to offices, %(cases)s")
        % {"visits": number(visits), "cases": count_of_cases(subject.measured.n)},
        calendar_clock(),
        "office-time",
        _("cases no office has held yet: %(n)s") % {"n": number(never)} if never else "",
        _("cases at an office now are counted apart: %(n)s") % {"n": number(sum(row.now.n for row in held))}
        if subject.records_open
        else _("which cases are at an office now is not recorded"),
    )
    if not held:
        if not subject.records("offices"):
            return Section("offices", title, not_recorded(), basis, state=NOT_RECORDED)
        return Section("offices", title, nothing_here(), basis, state=EMPTY)
    notes: tuple[str, ...] = (_visits_note(),) if handovers else (_one_office(),)
    if held[0].office == UNKNOWN and len(held) > 1:
        notes = (unranked(), *notes)
    return Section("offices", title, _held_sentence(subject, held), basis, _held_table(subject, held), notes)


def _one_office() -> str:
    return _("This source records one office a case, so the time shown is from open to close.")


def _visits_note() -> str:
    return _(
        "A case counts once at each office it left, however often it came back; each time it came is a visit. "
        "A visit can hold several finished holds, as when the office sent the case to itself."
    )


def bars(subject: Subject, held: tuple[OfficeTime, ...], most: int = 10) -> tuple[Bar, ...]:
    """The offices with the largest totals, as lengths."""
    longest = max((row.left.total_us for row in held), default=0)
    if not longest:
        return ()
    return tuple(
        Bar(
            label=subject.offices[row.office],
            length=round(100 * row.left.total_us / longest, 2),
            amount=case_days(row.left.total_us),
            share=percent(row.share),
            median=duration(row.left.median_us),
            small=is_small(row.left.n),
            cases={"figure": "held", "of": row.office},
        )
        for row in held[:most]
        if row.left.n
    )


def clocks_section(subject: Subject) -> Section:
    """How each office’s time divides into transfer, queue and work."""
    title = _("Underway, in the queue, in hand")
    basis = subject.basis(_("finished holds"), calendar_clock(), "three-clocks")
    if not (subject.records("accepted") and subject.records("started") and subject.records("handovers")):
        return Section("clocks", title, not_recorded(), basis, state=NOT_RECORDED)
    measured = clocks(subject.measured.stays)
    if not measured:
        return Section("clocks", title, nothing_here(), basis, state=EMPTY)
    together = {clock.clock: clock for clock in clocks_together(subject.measured.stays)}
    holds, silent = together[CLOCKS[0]].holds, together["service"].missing_share
    sentence = _(
        "Of the time whose parts are known, %(transfer)s went by before an office accepted the case, "
        "%(queue)s in its queue, and %(service)s between the start of work and the end."
    ) % {name: percent(share or 0.0) for name, share in _shares(together).items()}
    notes = (
        _("%(share)s of finished holds do not say when work started; they count as missing, not as zero.")
        % {"share": percent(silent)},
    )
    basis = subject.basis(_("%(n)s finished holds") % {"n": number(holds)}, calendar_clock(), "three-clocks")
    return Section("clocks", title, sentence, basis, _clocks_table(subject, measured, together), notes)


def _held_sentence(subject: Subject, held: tuple[OfficeTime, ...]) -> str:
    top = next((row for row in held if row.office != UNKNOWN and row.left.n), held[0])
    if not top.left.n:
        return _("No office has finished with a case yet.")
    said = {
        "office": subject.offices[top.office],
        "total": case_days(top.left.total_us),
        "share": percent(top.share),
        "median": duration(top.left.median_us),
        "p90": duration(top.left.p90_us),
        "cases": count_of_cases(top.left.n),
    }
    if subject.records("handovers"):
        return (
            _(
                "%(office)s holds the most time: %(total)s, %(share)s of all. "
                "Half of its %(cases)s left within %(median)s; one in ten stayed longer than %(p90)s."
            )
            % said
        )
    return (
        _(
            "%(office)s has the most time from open to close: %(total)s, %(share)s of all. "
            "Half of its %(cases)s took %(median)s or less; one in ten took longer than %(p90)s."
        )
        % said
    )


def _held_table(subject: Subject, held: tuple[OfficeTime, ...]) -> Table:
    return Table(
        "offices",
        _("Time held by each office"),
        (
            Column("office", pgettext("column", "Office"), Kind.TEXT),
            Column("cases", _("Cases that left")),
            Column("visits", pgettext("column", "Visits")),
            Column("median", _("Median"), Kind.DURATION),
            Column("p90", _("90th percentile"), Kind.DURATION),
            Column("case_days", _("Total case-days"), Kind.CASE_DAYS),
            Column("share", _("Share of all"), Kind.SHARE),
            Column("cases_now", _("There now")),
            Column("median_now", _("Median so far"), Kind.DURATION),
        ),
        tuple(_held_row(subject, row) for row in held),
        unit_for(max((row.left.p90_us or 0 for row in held), default=0)),
    )


def _held_row(subject: Subject, row: OfficeTime) -> Row:
    now = (Cell(row.now.n, {"figure": "here", "of": row.office}), Cell(row.now.median_us))
    return Row(
        (
            Cell(subject.offices[row.office]),
            Cell(row.left.n, {"figure": "held", "of": row.office}),
            Cell(row.visits),
            Cell(row.left.median_us),
            Cell(row.left.p90_us),
            Cell(row.left.total_us),
            Cell(row.share),
            *(now if subject.records_open else (SILENT,) * len(now)),
        ),
        is_small(row.left.n),
    )


def _clocks_table(subject: Subject, measured: tuple[Clock, ...], together: dict[str, Clock]) -> Table:
    by_office: dict[str, dict[str, Clock]] = {}
    for clock in measured:
        by_office.setdefault(clock.office, {})[clock.clock] = clock
    rows = sorted(by_office.values(), key=lambda clocks: -sum(clock.measured.total_us for clock in clocks.values()))
    return Table(
        "clocks",
        _("The three clocks of each office"),
        (
            Column("office", pgettext("column", "Office"), Kind.TEXT),
            Column("holds", _("Finished holds")),
            Column("transfer_median", _("Before acceptance, median"), Kind.DURATION),
            Column("transfer_share", _("Share of known time"), Kind.SHARE),
            Column("transfer_missing", _("Not recorded"), Kind.SHARE),
            Column("queue_median", _("In the queue, median"), Kind.DURATION),
            Column("queue_share", _("Share of known time"), Kind.SHARE),
            Column("queue_missing", _("Not recorded"), Kind.SHARE),
            Column("service_median", _("In hand, median"), Kind.DURATION),
            Column("service_share", _("Share of known time"), Kind.SHARE),
            Column("service_missing", _("Not recorded"), Kind.SHARE),
        ),
        (
            _clocks_row(_("All offices together"), together),
            *(_clocks_row(subject.offices[clocks[CLOCKS[0]].office], clocks) for clocks in rows),
        ),
        unit_for(max((clock.measured.median_us or 0 for clock in measured), default=0)),
    )


def _clocks_row(name: str, by_name: dict[str, Clock]) -> Row:
    cells = [Cell(name), Cell(by_name[CLOCKS[0]].holds)]
    shares = _shares(by_name)
    for clock in CLOCKS:
        known = by_name[clock].measured
        cells += [Cell(known.median_us), Cell(shares[clock])] if known.n else [SILENT, SILENT]
        cells.append(Cell(by_name[clock].missing_share))
    timed = [by_name[clock].measured.n for clock in CLOCKS if by_name[clock].measured.n]
    return Row(tuple(cells), bool(timed) and is_small(min(timed)))


def _shares(by_name: dict[str, Clock]) -> dict[str, float | None]:
    """How the time whose parts are known divides among the clocks; ``None`` when no time is."""
    whole = sum(clock.measured.total_us for clock in by_name.values())
    return {name: by_name[name].measured.total_us / whole if whole else None for name in CLOCKS}
