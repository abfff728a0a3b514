"""Why accepted cases wait to be begun: each microsecond under one cause, or not identifiable; by office, by service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analytics.core.causes.table import Explained as Row_
from analytics.core.causes.table import explained
from analytics.core.causes.waiting import CAUSES
from analytics.reports.barriers.causes import Explained, cause_words, causes_of
from analytics.reports.figures import code_of
from analytics.reports.filters import BadFilters, FilterProblem
from analytics.reports.recompute import Recompute
from analytics.reports.sections import (
    EMPTY,
    NOT_RECORDED,
    Section,
    Subject,
    calendar_clock,
    is_small,
    labelled,
    not_recorded,
    nothing_here,
)
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.views.parts import Links, Made, Options
from analytics.reports.views.stacks import Group, Part, Stacks, stacks
from analytics.reports.wording import DAY_US, amount, case_days, number, percent

MOST_UNKNOWN: Final = 0.5
"""Where more of the wait than this is not identifiable, no cause is called the largest."""


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Stays by office, or those of one office by service."""

    id: str
    title: str
    heading: str
    figure: str
    names: Mapping[str, str]
    rows: tuple[Row_, ...]
    groups: np.ndarray
    at_once: Mapping[str, int]
    of: str


def causes_view(subject: Subject, options: Options) -> Made:
    """Share out the waits of all offices, or of the one the address names."""
    of = _office(subject, options)
    kept = {"of": of} if of else {}
    title = _("Why accepted cases wait")
    basis = subject.basis(_stays(0), _clock(), "waiting-cause")
    if not subject.measured.n:
        return Made(nothing_here(), (Section("causes", title, nothing_here(), basis, state=EMPTY),), options=kept)
    if not (subject.records("accepted") and subject.records("started")):
        said = f"{not_recorded()} {_('Causes need when work was accepted and when it was begun.')}"
        return Made(said, (Section("causes", title, said, basis, state=NOT_RECORDED),), options=kept)
    found = causes_of(subject)
    if of:
        found = found.at(found.office == code_of(found.offices, of))
    if not int(found.us.sum()):
        said = _("No accepted case waited to be begun.")
        return Made(said, (Section("causes", title, said, basis, state=EMPTY),), options=kept)
    side = _by_service(subject, found, of) if of else _by_office(subject, found)
    section = _section(subject, found, side)
    return Made(
        section.sentence,
        (section, _meaning(subject, found)),
        picture=lambda links: _picture(side, links),
        template="analytics/_stacks.html",
        options=kept,
    )


def _office(subject: Subject, options: Options) -> str:
    of = options.get("of", "").strip()
    if of and of not in subject.offices:
        raise BadFilters([FilterProblem("of", _("There is no office “%(code)s” here.") % {"code": of[:40]})])
    return of


def _clock() -> str:
    return f"{_('from accepted to begun')}; {calendar_clock()}"


def _stays(n: int) -> str:
    return ngettext("%(n)s stay", "%(n)s stays", n) % {"n": number(n)}


def _by_office(subject: Subject, found: Explained) -> Side:
    at_once = {office: int(n) for office, n in zip(found.offices, found.at_once, strict=True)}
    rows = explained(found.work, found.causes, found.office, found.offices)
    labels = np.array(found.offices, dtype=object)
    title = _("Why accepted cases wait, by office")
    heading = pgettext("column", "Office")
    return Side("causes", title, heading, "of", subject.offices, rows, labels[found.office], at_once, "")


def _by_service(subject: Subject, found: Explained, of: str) -> Side:
    names = labelled(subject.measured.source.catalogue.services, _("Service not recorded"))
    rows = explained(found.work, found.causes, found.service, found.services)
    labels = np.array(found.services, dtype=object)
    title = _("Why accepted cases wait at %(office)s, by service") % {"office": subject.offices[of]}
    heading = pgettext("column", "Service")
    return Side("causes", title, heading, "service", names, rows, labels[found.service], {}, of)


# --- The table --------------------------------------------------------------------------------------------------------


def _section(subject: Subject, found: Explained, side: Side) -> Section:
    silent = int((~found.measured).sum())
    basis = subject.basis(
        _stays(int(found.measured.sum())),
        _clock(),
        "waiting-cause",
        _("stays never accepted, or not known when: %(n)s") % {"n": number(silent)} if silent else "",
    )
    columns = (
        Column("group", side.heading, Kind.TEXT),
        Column("stays", _("Accepted stays")),
        Column("case_days", _("Waited, case-days"), Kind.CASE_DAYS),
        *(Column(cause, _head(cause), Kind.SHARE) for cause in CAUSES),
        *((Column("at_once", _("Does at once, estimated"), Kind.NUMBER),) if side.at_once else ()),
    )
    rows = [row for row in side.rows if row.n > row.no_arrival]
    table = Table("causes", side.title, columns, tuple(_row(side, row) for row in rows))
    notes = (_("Filters narrow what is shown; what kept an office busy is looked for among all of its work."),)
    sentence = _sentence(found, side, rows)
    return Section(
        side.id, side.title, sentence, basis, table, notes, recompute=Recompute(lambda: _rows(found, side), _SCRIPT)
    )


def _head(cause: str) -> str:
    return {
        "batching": pgettext("waiting cause", "Rest of a batch"),
        "contention": pgettext("waiting cause", "Came before"),
        "prioritisation": pgettext("waiting cause", "Came later"),
        "unavailability": pgettext("waiting cause", "Closed"),
        "extraneous": pgettext("waiting cause", "Open, with room"),
        "not_identifiable": pgettext("waiting cause", "Not identifiable"),
    }[cause]


def _sentence(found: Explained, side: Side, rows: list[Row_]) -> str:
    total = found.us.sum(axis=0)
    whole = int(total.sum())
    order = np.argsort(-total[:-1], kind="stable").tolist()
    words = cause_words()
    unknown = int(total[-1]) / whole
    said = {
        "days": case_days(whole),
        "first": words[CAUSES[order[0]]],
        "first_share": percent(int(total[order[0]]) / whole),
        "second": words[CAUSES[order[1]]],
        "second_share": percent(int(total[order[1]]) / whole),
        "unknown": percent(unknown),
    }
    if unknown > MOST_UNKNOWN:
        return _("Accepted cases waited %(days)s to be begun; for %(unknown)s of it no start tells why.") % said
    parts = [
        _(
            "Accepted cases waited %(days)s to be begun: most of it %(first)s (%(first_share)s), then %(second)s "
            "(%(second_share)s); %(unknown)s is not identifiable."
        )
        % said
    ]
    n = int(found.measured.sum())
    if is_small(n):
        parts.append(_("Only %(stays)s: the next one may change this.") % {"stays": _stays(n)})
    top = rows[0]
    if not side.of and not is_small(top.n - top.no_arrival):
        share = percent(top.wait_us / whole)
        parts.append(
            _("Most at: %(name)s, %(share)s of it.") % {"name": side.names.get(top.group, top.group), "share": share}
        )
    return " ".join(parts)


def _row(side: Side, row: Row_) -> Row:
    def figure(cause: str) -> dict[str, str]:
        at = {"of": side.of} if side.of else {}
        return {"figure": f"waited_{cause}" if cause else "waited", side.figure: row.group, **at}

    shares = [Cell(row.share(cause), figure(cause)) for cause in CAUSES]
    cells = (
        Cell(side.names.get(row.group, row.group)),
        Cell(row.n - row.no_arrival),
        Cell(row.wait_us, figure("")),
        *shares,
        *((Cell(side.at_once[row.group]),) if side.at_once else ()),
    )
    return Row(cells, is_small(row.n - row.no_arrival))


def _rows(found: Explained, side: Side) -> pd.DataFrame:
    columns = {cause: found.us[:, place] for place, cause in enumerate(CAUSES)}
    frame = pd.DataFrame({"case": found.case, "group": side.groups, **columns})
    return frame[found.measured]


_SCRIPT: Final = """
CAUSES = ["batching", "contention", "prioritisation", "unavailability", "extraneous", "not_identifiable"]
by = rows.groupby("group")
parts = by[CAUSES].sum()  # microseconds of each stay under each cause; they add up to its wait
wait = parts.sum(axis=1)
result = parts.div(wait.where(wait > 0, 1), axis=0).assign(stays=by.size(), case_days=wait / 86_400_000_000, wait=wait)
result = result.reset_index().sort_values(["wait", "group"], ascending=[False, True]).drop(columns=["wait", "group"])
"""


# --- In words, and as bars --------------------------------------------------------------------------------------------


def _meaning(subject: Subject, found: Explained) -> Section:
    """What each cause means, and what could be done about it."""
    total = found.us.sum(axis=0)
    whole = int(total.sum())
    stays = int(found.measured.sum())
    basis = subject.basis(_stays(stays), _clock(), "waiting-cause")
    title = _("What each cause means")
    rows = [
        Row(
            (Cell(_head(cause)), Cell(int(total[place])), Cell(int(total[place]) / whole), Cell(_means(cause))),
            is_small(stays),
        )
        for place, cause in enumerate(CAUSES)
    ]
    columns = (
        Column("cause", _("Cause"), Kind.TEXT),
        Column("case_days", _("Waited, case-days"), Kind.CASE_DAYS),
        Column("share", pgettext("column", "Share"), Kind.SHARE),
        Column("meaning", _("It means"), Kind.TEXT),
    )
    sentence = _("The six add up to the whole wait of %(days)s days, exactly.") % {"days": amount(whole / DAY_US, 0)}
    recompute = Recompute(lambda: _cause_rows(found), _MEANING)
    table = Table("meaning", title, columns, tuple(rows))
    return Section("meaning", title, sentence, basis, table, recompute=recompute)


def _means(cause: str) -> str:
    return {
        "batching": _("Work is let pile up and done together: the first of a batch wait for the last."),
        "contention": _("The office was busy with cases that had come before: more cases than hands."),
        "prioritisation": _("The office was busy, but with cases that came later: others were put first."),
        "unavailability": _("The office was closed: nights, weekends, holidays."),
        "extraneous": _("It was opening time and there was room, and it was not begun: ask why."),
        "not_identifiable": _("Who did it or when it was begun is not recorded, so nobody can say."),
    }[cause]


def _cause_rows(found: Explained) -> pd.DataFrame:
    columns = {cause: found.us[:, place] for place, cause in enumerate(CAUSES)}
    return pd.DataFrame({"case": found.case, **columns})[found.measured]


_MEANING: Final = """
total = rows.drop(columns="case").sum()
result = pd.DataFrame({"case_days": total / 86_400_000_000, "share": total / total.sum()})
"""


def _picture(side: Side, links: Links) -> Stacks:
    words = cause_words()
    key = tuple(Part(cause, words[cause]) for cause in CAUSES)
    groups = []
    for row in side.rows:
        if not row.wait_us:
            continue
        cases = {"figure": "waited", side.figure: row.group, **({"of": side.of} if side.of else {})}
        said = _("%(days)s waited, %(stays)s") % {
            "days": case_days(row.wait_us),
            "stays": _stays(row.n - row.no_arrival),
        }
        name = side.names.get(row.group, row.group)
        shares = [row.share(cause) for cause in CAUSES]
        groups.append(Group(name, shares, said, cases, is_small(row.n - row.no_arrival)))
    says = _("Each bar is the whole wait from accepted to begun, the longest first. Choose one to see its cases.")
    return stacks(_("What the wait is made of"), says, key, groups, links.cases)
