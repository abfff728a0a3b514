"""Cases that are longer at their office than nine in ten of their kind: the ones the desk’s queue marks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.core.ageing import Kinds
from analytics.reports.recompute import Recompute
from analytics.reports.sections import Section, Subject, calendar_clock
from analytics.reports.tables import Cell, Column, Kind, Row, Table
from analytics.reports.usual import longer_than_most
from analytics.reports.views.parts import Links
from analytics.reports.wording import count_of_cases, number

LONG: Final = {"stay": "long", "sort": "long"}
"""The filter and the order of the desk’s queue that show the same cases."""
_SCRIPT: Final = """
by = rows.groupby("office")["longer"].agg(["size", "sum"])
result = by.rename(columns={"size": "open", "sum": "longer"}).reset_index()
result = result.sort_values(["longer", "open"], ascending=False, kind="stable")[["open", "longer"]]
"""


def longer_section(subject: Subject, levels: tuple[Kinds, Kinds]) -> Section:
    """How many open cases of each office are longer there than nine in ten of their kind."""
    frame = _frame(subject, levels)
    longer, n = int(frame["longer"].sum()), len(frame)
    title = _("Longer at their office than 9 in 10 of their kind")
    said = {"longer": number(longer), "n": number(n)}
    sentence = _("%(longer)s of %(n)s open cases are. The desk marks the same ones in its queue.") % said
    basis = subject.basis(count_of_cases(n), calendar_clock(), "ageing")
    return Section(
        "longer", title, sentence, basis, _table(subject, title, frame), recompute=Recompute(lambda: frame, _SCRIPT)
    )


def at_the_desk(subject: Subject, levels: tuple[Kinds, Kinds]) -> Callable[[Links], list[dict[str, Any]]]:
    """The offices that hold such cases, the most first, each with its list at the desk."""
    frame = _frame(subject, levels)
    counted = frame[frame["longer"]].groupby("office").size().sort_values(ascending=False, kind="stable")
    filters = subject.measured.filters
    kept = {"service": filters.service or "", "area": filters.area or ""}
    place = {"place": subject.measured.source.jurisdiction.code, "tab": "city"}

    def rows(_links: Links) -> list[dict[str, Any]]:
        return [
            {
                "office": subject.offices.get(str(code), str(code)),
                "count": number(int(n)),
                "query": urlencode({k: v for k, v in {**place, "office": code, **kept, **LONG}.items() if v}),
            }
            for code, n in counted.items()
        ]

    return rows


def _frame(subject: Subject, levels: tuple[Kinds, Kinds]) -> pd.DataFrame:
    """One row per case that an office holds on its lead branch."""
    stays = subject.measured.stays
    here = np.flatnonzero(stays.open & (stays.branch == 0))
    longer = longer_than_most(subject.measured, levels)[here]
    return pd.DataFrame({"office": np.array(stays.offices, dtype=object)[stays.office[here]], "longer": longer})


def _table(subject: Subject, title: str, frame: pd.DataFrame) -> Table:
    columns = (
        Column("office", pgettext("column", "Office"), Kind.TEXT),
        Column("open", pgettext("column", "Open")),
        Column("longer", _("Longer than 90 in 100")),
    )
    found = [(int(some["longer"].sum()), len(some), str(code)) for code, some in frame.groupby("office", sort=True)]
    found.sort(key=lambda one: (-one[0], -one[1]))
    rows = (
        Row((Cell(subject.offices.get(code, code)), Cell(n, {"figure": "here", "of": code}), Cell(longer)))
        for longer, n, code in found
    )
    return Table("longer", title, columns, tuple(rows))
