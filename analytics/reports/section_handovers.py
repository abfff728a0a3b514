"""Hand-overs between offices: the slowest, what comes back, and the picture of the flow."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analytics.core.flow import Flow, flow
from analytics.core.frames import UNKNOWN
from analytics.core.handovers import OfficePair, Returns, office_pairs, returns
from analytics.core.offices import OfficeTime
from analytics.reports.sections import (
    EMPTY,
    NOT_RECORDED,
    Lead,
    Section,
    Subject,
    calendar_clock,
    is_small,
    not_recorded,
    nothing_here,
    unranked,
)
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.wording import count_of_cases, duration, number, percent, unit_for


def pairs_of(subject: Subject) -> tuple[OfficePair, ...]:
    """Return the pairs of offices, slowest first; pairs with few measured hand-overs come last."""
    pairs = office_pairs(subject.measured.handovers) if subject.records("handovers") else ()
    return tuple(sorted(pairs, key=lambda pair: (is_small(pair.measured.n), -_slow(pair))))


def _slow(pair: OfficePair) -> float:
    return -1.0 if pair.measured.median_us is None else pair.measured.median_us


def handovers_section(subject: Subject, pairs: tuple[OfficePair, ...]) -> Section:
    """Which hand-overs are slow."""
    title = _("Slowest hand-overs")
    total = sum(pair.handovers for pair in pairs)
    missing = sum(pair.missing for pair in pairs)
    waiting = sum(pair.waiting_now for pair in pairs)
    basis = subject.basis(
        _counted(total),
        f"{_clock(subject)}; {calendar_clock()}",
        "hand-over",
        _("sent on, sent back or closed before anybody accepted, so without a wait: %(n)s") % {"n": number(missing)}
        if missing
        else "",
        _("sent and not yet accepted, counted apart: %(n)s") % {"n": number(waiting)} if waiting else "",
    )
    if not subject.records("handovers"):
        return Section("handovers", title, not_recorded(), basis, state=NOT_RECORDED)
    if not pairs:
        return Section("handovers", title, _none(subject), basis, state=EMPTY)
    found = returns(subject.measured.handovers, subject.measured.n)
    return Section(
        "handovers",
        title,
        _slowest(subject, pairs),
        basis,
        _table(subject, pairs),
        notes=(
            (unranked(), _returns_sentence(found)) if UNKNOWN in _offices(pairs[0]) else (_returns_sentence(found),)
        ),
        leads=_leads(found),
        after=() if subject.measured.transfer_known else (_same_days(),),
    )


def _offices(pair: OfficePair) -> tuple[str, str]:
    return pair.sender, pair.receiver


def _leads(found: Returns) -> tuple[Lead, ...]:
    if not found.cases_ping_pong:
        return ()
    return (Lead(_("The cases that went back and forth more than once"), {"figure": "back_and_forth"}),)


def _counted(n: int) -> str:
    return ngettext("%(n)s hand-over", "%(n)s hand-overs", n) % {"n": number(n)}


def _same_days() -> str:
    return _(
        "A hand-over runs here from the last step at one office to the first step at the next. The same days are part "
        "of the time held by the first office: do not add the two tables."
    )


def flow_section(
    subject: Subject, held: tuple[OfficeTime, ...], pairs: tuple[OfficePair, ...]
) -> tuple[Section, Flow | None]:
    """Give the picture of the flow between offices, and the sentence before it."""
    title = _("The flow between offices")
    basis = subject.basis(_counted(sum(pair.handovers for pair in pairs)), calendar_clock(), "flow")
    if not subject.records("handovers"):
        return Section("flow", title, not_recorded(), basis, state=NOT_RECORDED), None
    if not pairs:
        return Section("flow", title, _none(subject), basis, state=EMPTY), None
    graph = flow(subject.measured.stays, held, pairs)
    if not graph.edges:
        return Section("flow", title, not_recorded(), basis, state=NOT_RECORDED), None
    busiest = next((edge for edge in graph.edges if UNKNOWN not in (edge.sender, edge.receiver)), graph.edges[0])
    sentence = _(
        "The busiest way is from %(sender)s to %(receiver)s: %(n)s of %(all)s hand-overs. "
        "A wide line is used often; a dark line is slow."
    ) % {
        "sender": subject.offices[busiest.sender],
        "receiver": subject.offices[busiest.receiver],
        "n": number(busiest.handovers),
        "all": number(graph.handovers),
    }
    notes = () if busiest is graph.edges[0] else (unranked(),)
    if graph.pairs_left_out:
        said = {"pairs": number(graph.pairs_left_out), "share": percent(graph.handovers_left_out / graph.handovers)}
        notes = (
            *notes,
            _("Not drawn: %(pairs)s rarer ways, %(share)s of hand-overs. The table above has them all.") % said,
        )
    return Section("flow", title, sentence, basis, notes=notes), graph


def _none(subject: Subject) -> str:
    if not subject.measured.n:
        return nothing_here()
    several = subject.measured.held_by_several()
    if not several:
        return _("None of these cases went from one office to another.")
    return ngettext(
        "No case was handed from one office to another. %(n)s case was looked at by further offices in parallel, which "
        "is not a hand-over.",
        "No case was handed from one office to another. %(n)s cases were looked at by further offices in parallel, "
        "which is not a hand-over.",
        several,
    ) % {"n": number(several)}


def _clock(subject: Subject) -> str:
    if subject.measured.transfer_known:
        return _("from sent to accepted")
    return _("from the last step at one office to the first step at the next")


def _slowest(subject: Subject, pairs: tuple[OfficePair, ...]) -> str:
    known = [pair for pair in pairs if UNKNOWN not in _offices(pair)]
    top = (known or list(pairs))[0]
    compared = sum(not is_small(pair.measured.n) for pair in known)
    said = {
        "sender": subject.offices[top.sender],
        "receiver": subject.offices[top.receiver],
        "n": number(top.measured.n),
        "median": duration(top.measured.median_us),
        "p90": duration(top.measured.p90_us),
    }
    if not top.measured.n:
        return _("Cases went from one office to another, but how long that took is not recorded for these.")
    if not compared:
        return _(
            "No pair of offices has 30 measured hand-overs or more, so none can be called the slowest with confidence."
        )
    return _ranked(compared, len(pairs)) % said


def _ranked(compared: int, pairs: int) -> str:
    """Say only what the table bears out: how many pairs were compared, and whether there was anything to compare."""
    if compared == 1 and pairs == 1:
        return _(
            "From %(sender)s to %(receiver)s: half of %(n)s timed hand-overs took longer than %(median)s, one in ten "
            "longer than %(p90)s."
        )
    if compared == 1:
        return _(
            "Only from %(sender)s to %(receiver)s are there 30 timed hand-overs or more: half of %(n)s took longer "
            "than %(median)s, one in ten longer than %(p90)s."
        )
    if compared < pairs:
        return _(
            "Of the ways with at least 30 timed hand-overs, from %(sender)s to %(receiver)s is slowest: half of %(n)s "
            "timed took longer than %(median)s, one in ten longer than %(p90)s."
        )
    return _(
        "From %(sender)s to %(receiver)s is slowest: half of %(n)s timed hand-overs took longer than %(median)s, "
        "one in ten longer than %(p90)s."
    )


def _returns_sentence(found: Returns) -> str:
    if not found.returned:
        return _("No hand-over went straight back to the office it came from.")
    return _(
        "%(returned)s of %(all)s hand-overs (%(share)s) went straight back to the office they came from; "
        "%(again)s went back and forth between the same two offices more than once."
    ) % {
        "returned": number(found.returned),
        "all": number(found.handovers),
        "share": percent(found.returned / found.handovers),
        "again": count_of_cases(found.cases_ping_pong),
    }


def _table(subject: Subject, pairs: tuple[OfficePair, ...]) -> Table:
    return Table(
        "handovers",
        _("Hand-overs between offices, slowest first"),
        tuple(column for column in _columns() if subject.measured.transfer_known or column.key != "waiting_now"),
        tuple(_row(subject, pair) for pair in pairs),
        unit_for(max((pair.measured.median_us or 0 for pair in pairs), default=0)),
    )


def _columns() -> tuple[Column, ...]:
    return (
        Column("sender", pgettext("column", "From"), Kind.TEXT),
        Column("receiver", pgettext("column", "To"), Kind.TEXT),
        Column("handovers", _("Hand-overs")),
        Column("timed", pgettext("column", "Timed")),
        Column("cases", pgettext("column", "Cases")),
        Column("median", _("Median"), Kind.DURATION),
        Column("p90", _("90th percentile"), Kind.DURATION),
        Column("case_days", _("Total case-days"), Kind.CASE_DAYS),
        Column("waiting_now", _("Not yet accepted")),
        Column("returned", _("Sent straight back")),
    )


def _way(pair: OfficePair) -> dict[str, str]:
    return {"of": pair.sender, "to": pair.receiver}


def _row(subject: Subject, pair: OfficePair) -> Row:
    cells = [
        Cell(subject.offices[pair.sender]),
        Cell(subject.offices[pair.receiver]),
        Cell(pair.handovers, {"figure": "handovers", **_way(pair)}),
        Cell(pair.measured.n),
        Cell(pair.cases, {"figure": "handover", **_way(pair)}),
        Cell(pair.measured.median_us),
        Cell(pair.measured.p90_us),
        Cell(pair.measured.total_us if pair.measured.n else None),
    ]
    if subject.measured.transfer_known:
        cells.append(Cell(pair.waiting_now, {"figure": "waiting", **_way(pair)}))
    returned = Cell(pair.returned, {"figure": "returned", **_way(pair)})
    return Row((*cells, returned), is_small(pair.measured.n))
