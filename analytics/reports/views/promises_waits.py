"""Waits for the citizen: time that no promise counts, and that somebody waited all the same."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.core.frames import MISSING, Flags
from analytics.core.quantiles import spreads
from analytics.reports.promised import Owed, by_column
from analytics.reports.recompute import Recompute
from analytics.reports.sections import EMPTY, Section, Subject, calendar_clock, is_small, labelled
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.wording import case_days, count_of_cases, duration, unit_for


def waits_section(subject: Subject, found: Owed) -> Section:
    """How long cases waited for an answer of the citizen, by service."""
    title = _("Waits for the citizen")
    waited = found.waited_us > 0
    n = int(waited.sum())
    basis = subject.basis(count_of_cases(n), calendar_clock(), "promise")
    if not n:
        return Section("waits", title, _("No case waited for the citizen."), basis, state=EMPTY)
    codes, services = by_column(subject, found, "service")
    measured = spreads(found.waited_us[waited], codes[waited], len(services))
    now = np.bincount(codes[waited & _now(found)], minlength=len(services))
    names = labelled(subject.measured.source.catalogue.services, _("Service not recorded"))
    rows = [
        Row(
            (
                Cell(names.get(service, service)),
                Cell(one.n, {"figure": "promise_waited", "service": service}),
                Cell(int(now[code])),
                Cell(one.median_us),
                Cell(one.p90_us),
                Cell(one.total_us),
            ),
            is_small(one.n),
        )
        for one, code, service in sorted(
            zip(measured, range(len(services)), services, strict=True), key=lambda row: (-row[0].total_us, row[2])
        )
        if one.n
    ]
    said = {
        "cases": count_of_cases(n),
        "days": case_days(int(found.waited_us.sum())),
        "median": duration(float(np.median(found.waited_us[waited]))),
    }
    sentence = _("%(cases)s waited for an answer of the citizen: %(days)s, half of them over %(median)s.") % said
    note = _("No promise counts this time: the date moves on by as much. It is part of how long things take anyway.")
    columns = (
        Column("service", pgettext("column", "Service"), Kind.TEXT),
        Column("cases", _("Cases that waited")),
        Column("now", _("Waiting now")),
        Column("median", _("Median"), Kind.DURATION),
        Column("p90", _("90th percentile"), Kind.DURATION),
        Column("case_days", _("Total case-days"), Kind.CASE_DAYS),
    )
    table = Table("waits", title, columns, tuple(rows), unit_for(max(one.p90_us or 0 for one in measured)))
    script = _SCRIPT.replace("UNIT_US", str(table.unit.us)).replace("UNIT", table.unit.code)
    recompute = Recompute(lambda: _rows(found, np.array(services, dtype=object)[codes]), script)
    return Section("waits", title, sentence, basis, table, (note,), recompute=recompute)


def _now(found: Owed) -> Flags:
    return np.asarray(found.waiting_us != MISSING, dtype=np.bool_)


def _rows(found: Owed, service: npt.NDArray[np.object_]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"case": found.case, "service": service, "waited_us": found.waited_us, "now": _now(found).astype(int)}
    )
    return frame[found.waited_us > 0]


_SCRIPT: Final = """
by = rows.groupby("service")
result = by.agg(cases=("case", "size"), now=("now", "sum"), median_UNIT=("waited_us", "median"),
                case_days=("waited_us", "sum"))
result["p90_UNIT"] = by["waited_us"].quantile(0.9) / UNIT_US
result["median_UNIT"] /= UNIT_US
result = result.reset_index().sort_values(["case_days", "service"], ascending=[False, True]).drop(columns="service")
result["case_days"] /= 86_400_000_000
"""
