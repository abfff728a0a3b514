"""How cases end: answered, withdrawn, joined with another, not valid; or not yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.core.cycle import ANSWERED
from analytics.core.frames import Ints, coded
from analytics.core.survival.competing import STILL_OPEN
from analytics.reports.figures import Figure, Found
from analytics.reports.sections import Subject

WAYS: Final = ("answered", "withdrawn", "joined", "not_valid")
OUTCOME_OF: Final[Mapping[str, str]] = {
    **dict.fromkeys(ANSWERED, "answered"),
    "withdrawn": "withdrawn",
    "duplicate": "joined",
    "invalid": "not_valid",
}


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """One row per case: its age when it ended or so far, its service, and how it ended."""

    case: Ints
    age_us: Ints
    how: Ints
    """0: it has not ended; k: ``WAYS[k − 1]``."""
    service: Ints
    services: tuple[str, ...]

    def of(self, service: int) -> tuple[Ints, Ints]:
        """Ages and ends of one service."""
        chosen = self.service == service
        return self.age_us[chosen], self.how[chosen]


def ends_of(subject: Subject) -> Ends:
    """Return how each case of the cohort ended."""
    rows = subject.measured.cycles("service")
    cases = subject.measured.frames.cases
    outcome, outcomes = coded(cases["outcome"])
    way = np.array([WAYS.index(OUTCOME_OF[label]) + 1 for label in outcomes], dtype=np.int64)
    place = pd.Index(cases["case"]).get_indexer(rows.case)
    how = np.where(rows.closed, way[outcome[place]], STILL_OPEN) if len(rows.case) else rows.case
    return Ends(rows.case, rows.age_us, how, rows.group, rows.groups)


def way_words() -> tuple[str, ...]:
    """Name the ways to end, in their order."""
    return (
        pgettext("end of a case", "answered"),
        pgettext("end of a case", "withdrawn"),
        pgettext("end of a case", "joined with another"),
        pgettext("end of a case", "not valid"),
    )


def _ended(way: int, subject: Subject, figure: Figure) -> Found:
    rows = ends_of(subject)
    chosen = rows.how == way
    title = _("Cases that ended so: %(way)s") % {"way": way_words()[way - 1]}
    return Found(rows.case[chosen], rows.age_us[chosen], title, _("From filed to closed"))


END_FINDERS: Final[Mapping[str, Callable[[Subject, Figure], Found]]] = {
    f"ended_{name}": partial(_ended, code) for code, name in enumerate(WAYS, 1)
}
