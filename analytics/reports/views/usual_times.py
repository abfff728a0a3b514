"""What citizens are told of similar requests, for every service: the same figures, from the same functions."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.reports.recompute import Recompute
from analytics.reports.sections import EMPTY, Section, Subject, is_small, labelled, nothing_here
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.usual import usual_times, year_of
from analytics.reports.wording import count_of_cases, day, number
from requests_app.usual import UsualTimes

_SCRIPT: Final = """
def first_day(some, share):
    going_on, n = 1.0, len(some)
    for day, here in some.groupby("days"):
        at_risk = (some["days"] >= day).sum()
        going_on *= 1 - here["ended"].sum() / at_risk
        if here["ended"].any() and going_on <= 1 - share + 1e-12:
            return day
    return None

result = pd.DataFrame(
    [{"service": name, "requests": len(some), "still_open": int((~some["ended"]).sum()),
      "half_days": first_day(some, 0.5), "most_days": first_day(some, 0.9)} for name, some in rows.groupby("service")]
).sort_values(["requests", "service"], ascending=[False, True]).drop(columns="service")
"""


def usual_section(subject: Subject) -> Section:
    """One line a service: requests of the last 12 months, how many working days half and nine in ten took."""
    title = _("What citizens are told of similar requests")
    measured = subject.measured
    found = sorted(usual_times(measured), key=lambda one: (-one.requests, one.service))
    n = sum(one.requests for one in found)
    clock = _("working days by the calendar of the place, counted from the day after filing")
    basis = subject.basis(count_of_cases(n), clock, "usual-time", _stopped(subject, n))
    if not found:
        return Section("usual", title, nothing_here(), basis, state=EMPTY)
    told = [one for one in found if not is_small(one.requests) and one.half_days is not None]
    said = {"told": number(len(told)), "all": number(len(found)), "since": day(found[0].filed_from)}
    sentence = (
        _(
            "For %(told)s of %(all)s services enough requests were filed since %(since)s to tell citizens how long "
            "similar ones took; for the others they see the promise only."
        )
        % said
    )
    return Section(
        "usual", title, sentence, basis, _table(subject, found), recompute=Recompute(lambda: _rows(subject), _SCRIPT)
    )


def _stopped(subject: Subject, n: int) -> str:
    year = year_of(subject.measured)
    before = subject.measured.n - n
    return (
        _("filed before %(since)s, or stopped without an answer: %(n)s")
        % {"since": day(year.since), "n": number(before)}
        if before
        else ""
    )


def _rows(subject: Subject) -> pd.DataFrame:
    year = year_of(subject.measured)
    return pd.DataFrame({"service": np.array(year.services)[year.service], "days": year.days, "ended": year.ended})


def _table(subject: Subject, found: list[UsualTimes]) -> Table:
    columns = (
        Column("service", pgettext("column", "Service"), Kind.TEXT),
        Column("requests", _("Requests")),
        Column("still_open", _("Of these open")),
        Column("half_days", _("Half finished in (working days)")),
        Column("most_days", _("Nine in ten in (working days)")),
    )
    names = labelled(subject.measured.source.catalogue.services, _("Service not recorded"))
    rows = tuple(
        Row(
            (
                Cell(names[one.service]),
                Cell(one.requests),
                Cell(one.still_open),
                Cell(one.half_days),
                Cell(one.most_days),
            ),
            small=is_small(one.requests),
        )
        for one in found
    )
    return Table("usual", _("How long similar requests took"), columns, rows)
