"""Open cases against their own history: how many are older than is usual at the office that holds them."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.core.ageing import Ageing, ageing, kinds
from analytics.core.frames import Ints, coded
from analytics.reports.recompute import Recompute
from analytics.reports.sections import EMPTY, Section, Subject, calendar_clock, is_small, nothing_here
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.views.parts import Made, Options
from analytics.reports.wording import count_of_cases, number, percent, unit_for

OLD: Final = 3
"""The band of those that are older than 95 % of their kind."""


def ageing_view(subject: Subject, options: Options) -> Made:
    """Compare each open stay with the stays of its office and service, or of its office."""
    measured = subject.measured
    stays = measured.stays
    rows = np.flatnonzero(stays.open)
    if not len(rows):
        basis = subject.basis(count_of_cases(0), calendar_clock(), "ageing")
        return Made(nothing_here(), (Section("ageing", _("Open cases"), nothing_here(), basis, state=EMPTY),))
    held = stays.held_us(measured.as_of_us)
    ended = np.asarray(~stays.open, dtype=np.bool_)
    pair, count = _office_and_service(subject)
    levels = (
        kinds("office and service", pair, held, ended, count),
        kinds("office", stays.office, held, ended, len(stays.offices)),
    )
    found = ageing(rows, held, levels)
    return _said(subject, found, stays.office[rows])


def _office_and_service(subject: Subject) -> tuple[Ints, int]:
    stays = subject.measured.stays
    cases = subject.measured.frames.cases
    service, services = coded(cases["service"])
    of_case = dict(zip(cases["case"].tolist(), service.tolist(), strict=True))
    code = np.fromiter((of_case[case] for case in stays.case.tolist()), dtype=np.int64, count=len(stays))
    return stays.office * len(services) + code, len(stays.offices) * len(services)


def _said(subject: Subject, found: Ageing, office: Ints) -> Made:
    frame = pd.DataFrame(
        {"office": np.array(subject.measured.stays.offices)[office], "band": found.band, "age_us": found.age_us}
    )
    table = _table(subject, frame)
    old, known = int((found.band == OLD).sum()), int((found.band >= 0).sum())
    said = {"old": number(old), "known": number(known), "share": percent(old / known if known else 0.0)}
    sentence = _("%(old)s of %(known)s open stays (%(share)s) have lasted longer than 19 in 20 of their kind.") % said
    basis = subject.basis(count_of_cases(len(found.row)), calendar_clock(), "ageing")
    script = """
rows["days"] = rows["age_us"] / 86_400_000_000
by = rows.groupby("office")
result = pd.DataFrame({
    "open": by.size(),
    **{f"band_{n}": by["band"].agg(lambda band, n=n: (band == n).sum()) for n in range(4)},
    "no_history": by["band"].agg(lambda band: (band == -1).sum()),
}).sort_values(["band_3", "open"], ascending=False, kind="stable").reset_index(drop=True)
"""
    recompute = Recompute(lambda: frame, script)
    section = Section("ageing", _("Open cases by office"), sentence, basis, table, recompute=recompute)
    return Made(sentence, (section,))


def _table(subject: Subject, frame: pd.DataFrame) -> Table:
    columns = (
        Column("office", pgettext("column", "Office"), Kind.TEXT),
        Column("open", pgettext("column", "Open")),
        Column("band_0", _("Shorter than half")),
        Column("band_1", _("Longer than half")),
        Column("band_2", _("Longer than 85 in 100")),
        Column("band_3", _("Longer than 95 in 100")),
        Column("no_history", _("Too little history")),
        Column("oldest", pgettext("column", "Oldest"), Kind.DURATION),
    )
    found = []
    for code, some in frame.groupby("office", sort=True):
        bands = [int((some["band"] == band).sum()) for band in (0, 1, 2, 3, -1)]
        found.append((bands[3], len(some), str(code), bands, int(some["age_us"].max())))
    found.sort(key=lambda one: (-one[0], -one[1]))
    rows = tuple(
        Row(
            (
                Cell(subject.offices.get(code, code)),
                Cell(n, {"figure": "here", "of": code}),
                *(Cell(count) for count in bands),
                Cell(oldest),
            ),
            small=is_small(n),
        )
        for _old, n, code, bands, oldest in found
    )
    return Table("ageing", _("Open cases by office"), columns, rows, unit_for(float(frame["age_us"].max())))
