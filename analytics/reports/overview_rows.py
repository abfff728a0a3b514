"""The rows behind the tables of the overview, and the pandas that makes the tables of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _

from analytics.core.frames import MISSING, UNKNOWN, Ints
from analytics.core.offices import CLOCKS
from analytics.core.stays import hold_clocks
from analytics.reports.recompute import Recompute
from analytics.reports.sections import Subject, labelled
from analytics.reports.tables import Table

_OFFICES = """
left, now = rows[~rows["there_now"]], rows[rows["there_now"]]
by, code = left.groupby("code"), pd.Index(sorted(rows["code"].unique()), name="code")
result = pd.DataFrame({
    "office": rows.groupby("code")["office"].first(),
    "cases": by.size().reindex(code, fill_value=0),
    "visits": by["visits"].sum().reindex(code, fill_value=0),
    "median_UNIT": by["held_us"].median() / UNIT_US,
    "p90_UNIT": by["held_us"].quantile(0.9) / UNIT_US,
    "case_days": by["held_us"].sum().reindex(code, fill_value=0) / 86_400_000_000,
}, index=code).sort_values(["case_days", "code"], ascending=[False, True])
result["share"] = result["case_days"] / max(result["case_days"].sum(), 1e-9)
"""
_HANDOVERS = """
by = rows.groupby(["sender", "receiver"])
result = pd.DataFrame({
    "handovers": by.size(),
    "timed": by["wait_us"].count(),
    "cases": by["case"].nunique(),
    "median_UNIT": by["wait_us"].median() / UNIT_US,
    "p90_UNIT": by["wait_us"].quantile(0.9) / UNIT_US,
    "case_days": by["wait_us"].sum() / 86_400_000_000,
}).reset_index()
order = pd.read_csv("table.csv", encoding="utf-8-sig", keep_default_na=False)[["sender", "receiver"]]
result = order.merge(result, on=["sender", "receiver"], how="left")
"""
_CYCLES = """
answered = rows[rows["closed"] & rows["timed"]].groupby("code")["age_us"]
still = rows[~rows["closed"]].groupby("code")["age_us"]
code = pd.Index(sorted(rows["code"].unique()), name="code")
result = pd.DataFrame({
    "GROUP": rows.groupby("code")["name"].first(),
    "answered": answered.size().reindex(code, fill_value=0),
    "median_UNIT": answered.median() / UNIT_US,
    "p90_UNIT": answered.quantile(0.9) / UNIT_US,
    "open": still.size().reindex(code, fill_value=0),
    "median_age_UNIT": still.median() / UNIT_US,
    "stopped": rows[~rows["timed"]].groupby("code").size().reindex(code, fill_value=0),
}, index=code)
order = pd.read_csv("table.csv", encoding="utf-8-sig", keep_default_na=False)["GROUP"]
result = result.set_index("GROUP").loc[order].reset_index()
"""


_CLOCKS = """
clocks = ["transfer", "queue", "service"]
order = pd.read_csv("table.csv", encoding="utf-8-sig", keep_default_na=False)["office"]
by = pd.concat([rows.assign(office=order[0]), rows]).groupby("office")
known, sums = by[clocks].count(), by[clocks].sum()
whole = sums.sum(axis=1)
result = pd.DataFrame({"holds": by.size()})
for clock in clocks:
    there = known[clock] > 0
    result[f"{clock}_median_UNIT"] = by[clock].median() / UNIT_US
    result[f"{clock}_share"] = (sums[clock] / whole).where(there & (whole > 0))
    result[f"{clock}_missing"] = 1 - known[clock] / result["holds"]
result = result.loc[order].reset_index()
"""


def offices_again(subject: Subject, table: Table) -> Recompute:
    """One row for each case and office: how long, in how many visits, and whether it is there now."""
    dwell = subject.measured.dwell

    def rows() -> pd.DataFrame:
        return pd.DataFrame(
            {
                "case": dwell.case,
                **_named(dwell.office, dwell.offices, subject.offices, "office"),
                "held_us": dwell.held_us,
                "visits": dwell.visits,
                "there_now": dwell.there_now,
            }
        )

    return Recompute(rows, _in_units(_OFFICES, table))


def clocks_again(subject: Subject, table: Table) -> Recompute:
    """One row for each finished hold with its three clocks, empty where one was not recorded."""
    stays = subject.measured.stays
    ended, found = ~stays.open, hold_clocks(stays)

    def rows() -> pd.DataFrame:
        clocks = zip(CLOCKS, (found.transfer_us, found.queue_us, found.service_us), strict=True)
        columns = {name: pd.Series(us[ended], dtype="Int64").mask(us[ended] == MISSING) for name, us in clocks}
        named = _named(stays.office[ended], stays.offices, subject.offices, "office")
        return pd.DataFrame({"case": stays.case[ended], **named, **columns})

    return Recompute(rows, _in_units(_CLOCKS, table))


def handovers_again(subject: Subject, table: Table) -> Recompute:
    """One row for each hand-over; empty where its wait is not known."""
    found = subject.measured.handovers

    def rows() -> pd.DataFrame:
        names = np.array([subject.offices[code] for code in found.offices], dtype=object)
        return pd.DataFrame(
            {
                "case": found.case,
                "sender": names[found.sender],
                "receiver": names[found.receiver],
                "wait_us": pd.Series(found.wait_us, dtype="Int64").mask(found.wait_us == MISSING),
            }
        )

    return Recompute(rows, _in_units(_HANDOVERS, table))


def services_again(subject: Subject, table: Table) -> Recompute:
    """One row for each case, with its service."""
    names = labelled(subject.measured.source.catalogue.services, _("Service not recorded"))
    return _cycles_again(subject, table, "service", names)


def areas_again(subject: Subject, table: Table) -> Recompute:
    """One row for each case, with its area."""
    names = labelled(subject.measured.source.catalogue.areas, _("Area not recorded"))
    return _cycles_again(subject, table, "area", names)


def _cycles_again(subject: Subject, table: Table, by: str, names: Mapping[str, str]) -> Recompute:
    """One row for each case: its age or how long it took, and how it stands."""
    found = subject.measured.cycles(by)

    def rows() -> pd.DataFrame:
        return pd.DataFrame(
            {
                "case": found.case,
                **_named(found.group, found.groups, names, "name"),
                "age_us": found.age_us,
                "closed": found.closed,
                "timed": found.timed,
            }
        )

    script = _CYCLES.replace("GROUP", by)
    if not subject.records_open:
        script = _without(script, '"open"', '"median_age')
    if not subject.records("outcomes"):
        script = _without(script, '"stopped"')
    return Recompute(rows, _in_units(script, table))


def _without(script: str, *columns: str) -> str:
    """Leave out what the source does not record."""
    return "".join(
        line for line in script.splitlines(keepends=True) if not any(line.strip().startswith(name) for name in columns)
    )


def _named(codes: Ints, labels: Sequence[str], names: Mapping[str, str], title: str) -> dict[str, object]:
    words = np.array([names.get(label, names.get(UNKNOWN, label)) for label in labels], dtype=object)
    return {"code": np.array(labels, dtype=object)[codes], title: words[codes]}


def _in_units(script: str, table: Table) -> str:
    return script.replace("UNIT_US", f"{table.unit.us:_}").replace("UNIT", table.unit.code)
