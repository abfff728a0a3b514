"""The cases behind the figures of the pages on the way of work: round trips, steps done again, ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.utils.translation import gettext as _

from analytics.core.visits import trips, visits_of
from analytics.reports.figures import Figure, Found, code_of, names_of
from analytics.reports.sections import Subject


def _trip(subject: Subject, figure: Figure) -> Found:
    """One line a round trip, so its total can be worked out again from the list."""
    visits = visits_of(subject.measured.stays)
    out = trips(visits)
    home, away = (code_of(visits.offices, code) for code in (figure.of, figure.to))
    out = out[(visits.office[out - 1] == home) & (visits.office[out] == away)]
    title = _("Round trips from %(sender)s to %(receiver)s and back") % names_of(subject, figure)
    time = (visits.end_us - visits.start_us)[out]
    return Found(visits.case[out], time, title, _("Time away"), each="trip")


FLOW_FINDERS: Final[Mapping[str, Callable[[Subject, Figure], Found]]] = {"trip": _trip}
OF_STEPS: Final[frozenset[str]] = frozenset()
"""Figures that are made of events, which are loaded for them alone."""
OF_NO_OFFICE: Final[frozenset[str]] = OF_STEPS
"""Figures whose ``of`` names something else than an office; their finders check it."""
