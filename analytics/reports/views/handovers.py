"""Hand-overs between offices: the matrix, every pair, and the round trips with what they cost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from analytics.core.frames import MISSING, UNKNOWN
from analytics.core.handovers import OfficePair, sent_back
from analytics.core.visits import RoundTrip, round_trips, trips, visits_of
from analytics.reports.recompute import Recompute
from analytics.reports.section_handovers import handovers_section, pairs_of
from analytics.reports.sections import EMPTY, Section, Subject, calendar_clock, is_small, nothing_here, unranked
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.views.matrix import BY, matrix
from analytics.reports.views.parts import Choice, Made, Options, one_of
from analytics.reports.wording import Unit, case_days, duration, number, unit_for


def handovers_view(subject: Subject, options: Options) -> Made:
    """Draw the matrix; below it every pair, and what came back."""
    by = one_of(options, "shade", BY)
    pairs = pairs_of(subject)
    section = handovers_section(subject, pairs)
    kept = {} if by == BY[0] else {"shade": by}
    if section.table is None:
        said = section.sentence if subject.measured.n else nothing_here()
        return Made(said, (section,), options=kept)
    listed = replace(
        section,
        title=_("Every pair of offices"),
        recompute=Recompute(lambda: _rows(subject), _pairs_script(section.table.unit, subject.measured.transfer_known)),
    )
    return Made(
        _headline(subject, pairs),
        (listed, trips_section(subject)),
        picture=lambda links: matrix(subject, pairs, by, links),
        template="analytics/_matrix.html",
        options=kept,
        choices=(
            Choice(
                "shade",
                _("Shaded by"),
                (("days", _("time between them")), ("number", _("how many")), ("median", _("median"))),
                by,
            ),
        ),
    )


def _headline(subject: Subject, pairs: tuple[OfficePair, ...]) -> str:
    total = sum(pair.measured.total_us for pair in pairs)
    most = max(pairs, key=lambda pair: (pair.measured.total_us, pair.handovers))
    said = {
        "n": number(sum(pair.handovers for pair in pairs)),
        "days": case_days(total),
        "sender": subject.offices[most.sender],
        "receiver": subject.offices[most.receiver],
        "most": case_days(most.measured.total_us),
    }
    if not total:
        return _("%(n)s hand-overs; how long they took is not recorded.") % said
    return _("%(n)s hand-overs took %(days)s in all. Most of it, %(most)s, is from %(sender)s to %(receiver)s.") % said


def _rows(subject: Subject) -> pd.DataFrame:
    rows = subject.measured.handovers
    names = np.array(rows.offices, dtype=object)
    wait = pd.array(np.where(rows.wait_us == MISSING, 0, rows.wait_us), dtype="Int64")
    wait[rows.wait_us == MISSING] = pd.NA
    return pd.DataFrame(
        {
            "case": rows.case,
            "sender": names[rows.sender],
            "receiver": names[rows.receiver],
            "wait_us": wait,
            "not_yet_accepted": rows.waiting.astype(int),
            "sent_straight_back": sent_back(rows).astype(int),
        }
    )


def _pairs_script(unit: Unit, transfer_known: bool) -> str:
    waiting = ', waiting_now=("not_yet_accepted", "sum")' if transfer_known else ""
    return f"""
pairs = rows.groupby(["sender", "receiver"]).agg(
    handovers=("case", "size"), timed=("wait_us", "count"), cases=("case", "nunique"), middle=("wait_us", "median"),
    slow=("wait_us", lambda wait: wait.quantile(0.9)), total=("wait_us", "sum"),
    returned=("sent_straight_back", "sum"){waiting},
).reset_index()
pairs["few"], pairs["rank"] = pairs["timed"] < 30, pairs["middle"].fillna(-1)
pairs = pairs.sort_values(["few", "rank", "total", "handovers", "sender", "receiver"],
                          ascending=[True, False, False, False, True, True])
pairs["median_{unit.code}"], pairs["p90_{unit.code}"] = pairs["middle"] / {unit.us}, pairs["slow"] / {unit.us}
pairs["case_days"] = (pairs["total"] / 86_400_000_000).where(pairs["timed"] > 0)
result = pairs.drop(columns=["sender", "receiver", "middle", "slow", "total", "few", "rank"])
"""


# --- Round trips --------------------------------------------------------------------------------------------------


def trips_section(subject: Subject) -> Section:
    """Say what going to an office and straight back cost, by pair of offices."""
    found = round_trips(visits_of(subject.measured.stays))
    many = sum(trip.away_us.n for trip in found)
    basis = subject.basis(
        ngettext("%(n)s round trip", "%(n)s round trips", many) % {"n": number(many)},
        f"{_('from sent there to sent back')}; {calendar_clock()}",
        "round-trip",
    )
    title = _("There and back again")
    if not found:
        said = _("No case went to an office and straight back to the one before.")
        return Section("trips", title, said, basis, state=EMPTY)
    table = _trips_table(subject, found)
    recompute = Recompute(lambda: _trip_rows(subject), _trips_script(table.unit))
    notes = (unranked(),) if UNKNOWN in (found[0].home, found[0].away) else ()
    return Section("trips", title, _trips_sentence(subject, found), basis, table, notes=notes, recompute=recompute)


def _trips_sentence(subject: Subject, found: tuple[RoundTrip, ...]) -> str:
    top = next((trip for trip in found if UNKNOWN not in (trip.home, trip.away)), found[0])
    said = {
        "days": case_days(sum(trip.away_us.total_us for trip in found)),
        "n": number(sum(trip.away_us.n for trip in found)),
        "home": subject.offices[top.home],
        "away": subject.offices[top.away],
        "most": case_days(top.away_us.total_us),
        "median": duration(top.away_us.median_us),
    }
    return (
        _(
            "%(n)s times a case went to another office and straight back: %(days)s away. Most, %(most)s, went from "
            "%(home)s to %(away)s and back; half of those took longer than %(median)s."
        )
        % said
    )


def _trips_table(subject: Subject, found: tuple[RoundTrip, ...]) -> Table:
    columns = (
        Column("home", pgettext("column", "From"), Kind.TEXT),
        Column("away", _("To and back"), Kind.TEXT),
        Column("trips", _("Round trips")),
        Column("cases", pgettext("column", "Cases")),
        Column("median", _("Median away"), Kind.DURATION),
        Column("p90", _("90th percentile"), Kind.DURATION),
        Column("case_days", _("Total case-days"), Kind.CASE_DAYS),
        Column("ping_pong", _("Cases more than once")),
    )
    return Table(
        "trips",
        _("Round trips by pair of offices, the most time first"),
        columns,
        tuple(_trip_row(subject, trip) for trip in found),
        unit_for(max(trip.away_us.median_us or 0 for trip in found)),
    )


def _trip_row(subject: Subject, trip: RoundTrip) -> Row:
    cells = (
        Cell(subject.offices[trip.home]),
        Cell(subject.offices[trip.away]),
        Cell(trip.away_us.n, {"figure": "trip", "of": trip.home, "to": trip.away}),
        Cell(trip.cases),
        Cell(trip.away_us.median_us),
        Cell(trip.away_us.p90_us),
        Cell(trip.away_us.total_us),
        Cell(trip.ping_pong),
    )
    return Row(cells, is_small(trip.away_us.n))


def _trip_rows(subject: Subject) -> pd.DataFrame:
    visits = visits_of(subject.measured.stays)
    out = trips(visits)
    names = np.array(visits.offices, dtype=object)
    return pd.DataFrame(
        {
            "case": visits.case[out],
            "home": names[visits.office[out - 1]],
            "away": names[visits.office[out]],
            "away_us": (visits.end_us - visits.start_us)[out],
        }
    )


def _trips_script(unit: Unit) -> str:
    return f"""
rows["one"] = rows["home"].where(rows["home"] < rows["away"], rows["away"])
rows["other"] = rows["away"].where(rows["home"] < rows["away"], rows["home"])
times = rows.groupby(["case", "one", "other"])["away_us"].size()
often = times[times >= 2].groupby(["one", "other"]).size().rename("ping_pong")
pairs = rows.groupby(["home", "away", "one", "other"])["away_us"].agg(
    trips="size", median_{unit.code}="median", p90_{unit.code}=lambda us: us.quantile(0.9), case_days="sum")
pairs["cases"] = rows.groupby(["home", "away", "one", "other"])["case"].nunique()
pairs = pairs.reset_index().merge(often.reset_index(), how="left", on=["one", "other"])
pairs = pairs.sort_values(["case_days", "home", "away"], ascending=[False, True, True])
pairs["ping_pong"], pairs["case_days"] = pairs["ping_pong"].fillna(0), pairs["case_days"] / 86_400_000_000
pairs[["median_{unit.code}", "p90_{unit.code}"]] /= {unit.us}
result = pairs.drop(columns=["home", "away", "one", "other"])
"""
