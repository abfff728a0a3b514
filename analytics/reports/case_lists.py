"""The cases behind a figure: which they are, longest first, with the way each took through the offices.

A case is shown by its reference, service, area, offices and times. Words, names and addresses are never shown here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.core.frames import MISSING, Flags, Ints
from analytics.core.frames import moment as moment_at
from analytics.core.handovers import back_and_forth, sent_back
from analytics.loading import Source, references
from analytics.reports.barriers.cases import cases_above
from analytics.reports.barriers.causes import CAUSE_FINDERS
from analytics.reports.ends import END_FINDERS
from analytics.reports.figures import Figure, Found, code_of, names_of
from analytics.reports.filters import BadFilters, FilterProblem, Filters
from analytics.reports.flow_lists import FLOW_FINDERS, OF_NO_OFFICE, OF_ONE_OFFICE
from analytics.reports.in_progress import PROGRESS_FINDERS
from analytics.reports.measure import Measured, measure
from analytics.reports.promise_lists import PROMISE_FINDERS
from analytics.reports.sections import Basis, Subject, calendar_clock, labelled, subject_of
from analytics.reports.tables import REFERENCE, SILENT, Cell, Column, Kind, Row, Table
from analytics.reports.wording import unit_for
from requests_app.labels import outcome_label

PAGE: Final = 50


@dataclass(frozen=True, slots=True, eq=False)
class CaseList:
    """One page of the cases behind a figure."""

    title: str
    counted: str
    beyond: bool
    """True when the address asks for a page after the last one."""
    total: int
    first: int
    last: int
    page: int
    pages: int
    table: Table
    basis: Basis


def case_list(source: Source, filters: Filters, figure: Figure, page: int | None) -> CaseList:
    """Return one page of the list, or all of it for ``page`` ``None``. Raises ``BadFilters`` for an unknown figure."""
    subject = subject_of(measure(source, filters))
    return list_of(subject, _find(subject, figure), page)


def list_of(subject: Subject, found: Found, page: int | None) -> CaseList:
    """Return one page of the cases that were found, longest first, or all of them for ``page`` ``None``."""
    order = np.lexsort((found.case, -np.where(found.time_us == MISSING, -1, found.time_us)))
    pages = max(1, -(-len(order) // PAGE))
    page_number = min(max(page or 1, 1), pages)
    start = (page_number - 1) * PAGE if page else 0
    shown = order[start : start + PAGE] if page else order
    basis = subject.basis(found.counted(), f"{found.time_title}; {found.clock or calendar_clock()}", "")
    table = subject.stamped(_table(subject, found, shown), basis.clock)
    beyond = (page or 1) > pages
    return CaseList(
        found.title,
        found.counted(),
        beyond,
        len(order),
        start + 1,
        start + len(shown),
        page_number,
        pages,
        table,
        basis,
    )


def _find(subject: Subject, figure: Figure) -> Found:
    finder = _FINDERS.get(figure.kind)
    if finder is None:
        raise BadFilters([FilterProblem("figure", _("There is no such figure: follow a link of the report."))])
    for code, field, sentence in zip((figure.of, figure.to), ("of", "to_office"), _no_office(), strict=True):
        if not code and field in _NEEDS.get(figure.kind, ()):
            raise BadFilters([FilterProblem(field, sentence)])
    for code in () if figure.kind in OF_NO_OFFICE else (figure.of, figure.to):
        if code and code not in subject.offices:
            raise BadFilters([FilterProblem("of", _("There is no office “%(code)s” here.") % {"code": code[:40]})])
    return finder(subject, figure)


def _no_office() -> tuple[str, str]:
    return (
        _("The address names no office: add of=, or follow a link of the report."),
        _("The address names no receiving office: add to_office=, or follow a link of the report."),
    )


# --- One finder a figure ------------------------------------------------------------------------------------------


def _held(subject: Subject, figure: Figure) -> Found:
    title = _("Cases that left %(office)s") % {"office": subject.offices.get(figure.of, "")}
    return _dwelling(subject, figure, there_now=False, title=title)


def _here(subject: Subject, figure: Figure) -> Found:
    title = _("Cases at %(office)s now") % {"office": subject.offices.get(figure.of, "")}
    return _dwelling(subject, figure, there_now=True, title=title)


def _dwelling(subject: Subject, figure: Figure, *, there_now: bool, title: str) -> Found:
    rows = subject.measured.dwell
    chosen = (rows.office == code_of(rows.offices, figure.of)) & (rows.there_now == there_now)
    return Found(rows.case[chosen], rows.held_us[chosen], title, _("Time held there"))


def _handover(subject: Subject, figure: Figure) -> Found:
    rows = subject.measured.handovers
    chosen = _on_way(subject.measured, figure)
    case, place = np.unique(rows.case[chosen], return_inverse=True)
    wait = rows.wait_us[chosen]
    known = wait != MISSING
    longest = np.full(len(case), MISSING, dtype=np.int64)
    np.maximum.at(longest, place[known], wait[known])
    title = _("Cases handed from %(sender)s to %(receiver)s") % names_of(subject, figure)
    return Found(case, longest, title, _("Time of its longest hand-over"))


def _handovers(subject: Subject, figure: Figure) -> Found:
    """One line a hand-over, so the median of the pair can be worked out again from the list."""
    rows = subject.measured.handovers
    chosen = _on_way(subject.measured, figure)
    title = _("Hand-overs from %(sender)s to %(receiver)s") % names_of(subject, figure)
    return Found(rows.case[chosen], rows.wait_us[chosen], title, _("Time of the hand-over"), each="handover")


def _returned(subject: Subject, figure: Figure) -> Found:
    rows = subject.measured.handovers
    chosen = _on_way(subject.measured, figure) & sent_back(rows)
    title = _("Hand-overs from %(sender)s to %(receiver)s that were sent straight back") % names_of(subject, figure)
    return Found(rows.case[chosen], rows.wait_us[chosen], title, _("Time of the hand-over"), each="handover")


def _back_and_forth(subject: Subject, figure: Figure) -> Found:
    rows = subject.measured.cycles("service")
    chosen = np.isin(rows.case, back_and_forth(subject.measured.handovers))
    title = _("Cases that went back and forth between the same two offices more than once")
    return _of_cycle(subject, np.asarray(chosen, dtype=np.bool_), title, _("From filed to closed, or age so far"))


def _waiting(subject: Subject, figure: Figure) -> Found:
    rows, stays = subject.measured.handovers, subject.measured.stays
    case = np.unique(rows.case[_on_way(subject.measured, figure) & rows.waiting])
    sent = stays.open & (stays.accepted_us == MISSING) & (stays.office == code_of(stays.offices, figure.to))
    sent &= np.isin(stays.case, case)
    since = dict(zip(stays.case[sent].tolist(), stays.start_us[sent].tolist(), strict=True))
    waited = np.array([subject.measured.as_of_us - since[number] for number in case.tolist()], dtype=np.int64)
    title = _("Cases sent from %(sender)s to %(receiver)s and not yet accepted") % names_of(subject, figure)
    return Found(case, waited, title, _("Waiting so far"))


def _answered(subject: Subject, figure: Figure) -> Found:
    rows = subject.measured.cycles("service")
    return _of_cycle(subject, rows.closed & rows.timed, _("Answered cases"), _("From filed to answered"))


def _open(subject: Subject, figure: Figure) -> Found:
    return _of_cycle(subject, ~subject.measured.cycles("service").closed, _("Open cases"), _("Age so far"))


def _stopped(subject: Subject, figure: Figure) -> Found:
    title = _("Cases stopped without an answer: duplicate, withdrawn or not valid")
    return _of_cycle(subject, ~subject.measured.cycles("service").timed, title, _("From filed to closed"))


def _every(subject: Subject, figure: Figure) -> Found:
    everything = np.ones(subject.measured.n, dtype=np.bool_)
    return _of_cycle(subject, everything, _("All cases of this report"), _("From filed to closed, or age so far"))


def _of_cycle(subject: Subject, chosen: Flags, title: str, time_title: str) -> Found:
    rows = subject.measured.cycles("service")
    return Found(rows.case[chosen], rows.age_us[chosen], title, time_title)


def _above(subject: Subject, figure: Figure) -> Found:
    case, time_us, title, clock = cases_above(subject, figure.of, figure.to, figure.options)
    return Found(case, time_us, title, _("Days above baseline"), clock=clock)


_FINDERS: Mapping[str, Callable[[Subject, Figure], Found]] = {
    "above": _above,
    "held": _held,
    "here": _here,
    "handover": _handover,
    "handovers": _handovers,
    "returned": _returned,
    "back_and_forth": _back_and_forth,
    "waiting": _waiting,
    "answered": _answered,
    "open": _open,
    "stopped": _stopped,
    "all": _every,
    **FLOW_FINDERS,
    **PROMISE_FINDERS,
    **PROGRESS_FINDERS,
    **CAUSE_FINDERS,
    **END_FINDERS,
}


_WAY: Final = ("of", "to_office")
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("held", "here", *OF_ONE_OFFICE), ("of",)),
    **dict.fromkeys(("handover", "handovers", "returned", "waiting", "trip"), _WAY),
}
"""What the address of a figure must name."""


def _on_way(measured: Measured, figure: Figure) -> Flags:
    rows = measured.handovers
    sender, receiver = code_of(rows.offices, figure.of), code_of(rows.offices, figure.to)
    return np.asarray((rows.sender == sender) & (rows.receiver == receiver), dtype=np.bool_)


# --- The table ----------------------------------------------------------------------------------------------------


def _table(subject: Subject, found: Found, shown: Ints) -> Table:
    ids = found.case[shown]
    cases = subject.measured.frames.cases.set_index("case").loc[ids]
    catalogue = subject.measured.source.catalogue
    services = labelled(catalogue.services, _("Service not recorded"))
    areas = labelled(catalogue.areas, _("Area not recorded"))
    numbers = references([int(pk) for pk in ids])
    ways = _ways(subject, ids)
    zone = subject.measured.source.jurisdiction.time_zone
    rows = [
        Row(
            (
                Cell(numbers.get(pk, "")),
                Cell(services[service]),
                Cell(areas.get(area, areas["unknown"])),
                Cell(ways.get(pk, "")),
                Cell(filed),
                _state(subject, closed, outcome),
                Cell(None if time_us == MISSING else time_us),
            )
        )
        for pk, service, area, filed, closed, outcome, time_us in zip(
            ids.tolist(),
            cases["service"],
            cases["area"],
            cases["submitted_at"].dt.tz_convert(zone).dt.date,
            cases["closed_at"],
            cases["outcome"],
            found.time_us[shown].tolist(),
            strict=True,
        )
    ]
    longest = int(found.time_us.max()) if len(found.time_us) else 0
    return Table("cases", found.title, _columns(found), tuple(rows), unit_for(max(longest, 0)))


def _columns(found: Found) -> tuple[Column, ...]:
    return (
        Column(REFERENCE, pgettext("column", "Reference"), Kind.TEXT),
        Column("service", pgettext("column", "Service"), Kind.TEXT),
        Column("area", pgettext("column", "Area"), Kind.TEXT),
        Column("offices", _("Way through the offices"), Kind.TEXT),
        Column("filed", pgettext("column", "Filed"), Kind.DAY),
        Column("state", pgettext("column", "State"), Kind.TEXT),
        Column("time", found.time_title, Kind.CASE_DAYS if found.clock else Kind.DURATION),
    )


def _state(subject: Subject, closed: pd.Timestamp, outcome: str) -> Cell:
    if not subject.records_open:
        return SILENT
    if closed is pd.NaT or closed > moment_at(subject.measured.as_of_us):
        return Cell(pgettext("state of a case", "Open"))
    named = outcome != "unknown" and subject.records("outcomes")
    return Cell(str(outcome_label(outcome)) if named else pgettext("state of a case", "Closed"))


def _ways(subject: Subject, ids: Ints) -> dict[int, str]:
    """Case → its offices in order of arrival, each visit once."""
    stays = subject.measured.stays
    chosen = np.isin(stays.case, ids) & stays.visit_starts
    ways: dict[int, list[str]] = {}
    rows = zip(stays.start_us[chosen].tolist(), stays.case[chosen].tolist(), stays.office[chosen].tolist(), strict=True)
    for _start, case, office in sorted(rows, key=lambda row: row[0]):
        ways.setdefault(case, []).append(subject.offices.get(stays.offices[office], stays.offices[office]))
    return {case: " → ".join(offices) for case, offices in ways.items()}
