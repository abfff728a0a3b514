"""The cases behind the figures of the pages on the way of work: round trips, steps done again, ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import numpy as np
from django.utils.translation import gettext as _

from analytics.core.frames import MISSING
from analytics.core.visits import trips, visits_of
from analytics.reports.figures import Figure, Found, code_of, names_of
from analytics.reports.filters import BadFilters, FilterProblem
from analytics.reports.sections import Subject, labelled
from analytics.reports.steps import step_at_name, step_name
from analytics.reports.views.process_map import process_of
from analytics.reports.views.rework import LIMITS, done_again, visits_for_nothing
from analytics.reports.views.spectrum import Asked as Edge
from analytics.reports.views.spectrum import step_segments, times_of
from analytics.reports.views.variants import BY, LOOPS, way_words, ways_taken


def _trip(subject: Subject, figure: Figure) -> Found:
    """One line a round trip, so its total can be worked out again from the list."""
    visits = visits_of(subject.measured.stays)
    out = trips(visits)
    home, away = (code_of(visits.offices, code) for code in (figure.of, figure.to))
    out = out[(visits.office[out - 1] == home) & (visits.office[out] == away)]
    title = _("Round trips from %(sender)s to %(receiver)s and back") % names_of(subject, figure)
    time = (visits.end_us - visits.start_us)[out]
    return Found(visits.case[out], time, title, _("Time away"), each="trip")


def _again(subject: Subject, figure: Figure) -> Found:
    """Cases that have the step twice or more."""
    rows = done_again(subject)
    chosen = rows.step == code_of(rows.steps, figure.of)
    case, first, n = np.unique(rows.case[chosen], return_index=True, return_counts=True)
    at_us = rows.at_us[chosen]
    title = _("Cases that went through “%(step)s” again") % {"step": step_at_name(subject, figure.of)}
    return Found(case, at_us[first + n - 1] - at_us[first], title, _("From the first to the last time"))


def _misrouted(limit_us: int, subject: Subject, figure: Figure) -> Found:
    visits = visits_of(subject.measured.stays)
    chosen = visits_for_nothing(subject, visits, limit_us) & (visits.office == code_of(visits.offices, figure.of))
    title = _("Cases sent to %(office)s for nothing") % {"office": subject.offices.get(figure.of, "")}
    return Found(
        visits.case[chosen], (visits.end_us - visits.start_us)[chosen], title, _("Time held there"), each="visit"
    )


def _open_of(subject: Subject, figure: Figure) -> Found:
    """One line an open stay of a service."""
    stays = subject.measured.stays
    codes, services = subject.measured.of_cases("service", stays.case)
    chosen = stays.open & (codes == code_of(services, figure.of))
    names = labelled(subject.measured.source.catalogue.services, _("Service not recorded"))
    title = _("Open cases: %(service)s") % {"service": names.get(figure.of, figure.of)}
    return Found(stays.case[chosen], stays.held_us(subject.measured.as_of_us)[chosen], title, _("Time held there"))


def _way(by: str, loops: str, subject: Subject, figure: Figure) -> Found:
    """Cases, closed or open as the kind of the figure says, that took one way."""
    taken = ways_taken(subject, by, loops)
    way = next((way for way in range(len(taken.rows.ways)) if taken.key(way) == figure.of), -1)
    if way < 0:
        raise BadFilters([FilterProblem("of", _("No case of this report took that way: follow a link of the page."))])
    is_open = figure.kind.startswith("open")
    chosen = (taken.rows.way == way) & (taken.closed != is_open)
    title = _("Cases that went: %(way)s") % {"way": way_words(subject, taken, way)}
    time_title = _("Age so far") if is_open else _("From filed to closed")
    return Found(taken.rows.case[chosen], taken.time_us[chosen], title, time_title)


def _step_way(subject: Subject, figure: Figure) -> Found:
    """One line each time a case went from one step to the next."""
    times, _unknown = times_of(subject, Edge("steps", figure.of, figure.to), step_segments(subject))
    title = _("From “%(of)s” to “%(to)s”") % {"of": step_name(figure.of), "to": step_name(figure.to)}
    return Found(times.case, times.end_us - times.start_us, title, _("Time between them"), each="time")


def _visits(subject: Subject, figure: Figure) -> Found:
    """One line a visit, those that go on up to now."""
    times, _unknown = times_of(subject, Edge("offices", figure.of, ""), None)
    end = np.where(times.ended, times.end_us, subject.measured.as_of_us)
    title = _("Visits to %(office)s") % {"office": subject.offices.get(figure.of, "")}
    return Found(times.case, end - times.start_us, title, _("Time held there"), each="visit")


def _step(subject: Subject, figure: Figure) -> Found:
    """Cases that have a step, with the time from it to the next one, all its times together."""
    rows = process_of(subject, "steps").box_rows
    chosen = rows.box == code_of(rows.labels, figure.of)
    case, place = np.unique(rows.case[chosen], return_inverse=True)
    us = rows.us[chosen]
    after = np.full(len(case), MISSING, dtype=np.int64)
    after[np.unique(place[us != MISSING])] = 0
    np.add.at(after, place[us != MISSING], us[us != MISSING])
    return Found(
        case, after, _("Cases with “%(step)s”") % {"step": step_name(figure.of)}, _("Time until the next step")
    )


def _ever_held(subject: Subject, figure: Figure) -> Found:
    """Cases an office has or had."""
    rows = subject.measured.dwell
    chosen = rows.office == code_of(rows.offices, figure.of)
    title = _("Cases that were at %(office)s") % {"office": subject.offices.get(figure.of, "")}
    return Found(rows.case[chosen], rows.held_us[chosen], title, _("Time held there"))


_WAYS: Final[Mapping[str, Callable[[Subject, Figure], Found]]] = {
    f"{kind}_{by}_{loops}": partial(_way, by, loops) for kind in ("way", "openway") for by in BY for loops in LOOPS
}
FLOW_FINDERS: Final[Mapping[str, Callable[[Subject, Figure], Found]]] = {
    "trip": _trip,
    **_WAYS,
    "step_way": _step_way,
    "step": _step,
    "ever_held": _ever_held,
    "visits": _visits,
    "again": _again,
    "open_of": _open_of,
    **{f"misrouted_{name}": partial(_misrouted, limit_us) for name, limit_us in LIMITS.items()},
}
OF_ONE_OFFICE: Final = frozenset({"ever_held", "visits", *(f"misrouted_{name}" for name in LIMITS)})
"""Figures of an office, which their address must name."""
OF_STEPS: Final[frozenset[str]] = frozenset(
    {"again", "step_way", "step", *(kind for kind in _WAYS if "_steps_" in kind)}
)
"""Figures that are made of events, which are loaded for them alone."""
OF_NO_OFFICE: Final = OF_STEPS | {"open_of", *_WAYS}
"""Figures whose ``of`` names something else than an office; their finders check it."""
