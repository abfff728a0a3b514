"""How long each area waits, for a map: the same figures as the table of areas."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from analytics.core.cycle import cycle_times
from analytics.core.frames import UNKNOWN
from analytics.loading import Source
from analytics.reports.filters import Filters
from analytics.reports.measure import measure
from analytics.reports.sections import cohort_of, is_small
from analytics.reports.wording import DAY_US, count_of_cases, duration, number


@dataclass(frozen=True, slots=True)
class AreaFigure:
    """One area: the figure of its colour, ``None`` when there is none, and what is said of it."""

    code: str
    name: str
    value: float | None
    few: bool
    said: str


@dataclass(frozen=True, slots=True)
class PlaceFigures:
    """Every area that has a case, and what the map says of them all."""

    areas: tuple[AreaFigure, ...]
    title: str
    legend: str
    """What the colours are of."""
    few: str
    """When an area is grey."""
    beside: tuple[str, ...]
    """What is on no area of the map, in sentences."""
    figure: str
    """The figure whose cases an area leads to."""
    decimals: int
    cohort: str


def place_times(source: Source, filters: Filters) -> PlaceFigures:
    """Compute the median of every area under the filters. No query is made."""
    measured = measure(source, filters)
    rows = cycle_times(measured.cycles("area"))
    names = source.catalogue.areas
    areas = [
        AreaFigure(
            code=row.group,
            name=names.of(row.group, get_language()),
            value=None if row.closed.median_us is None else row.closed.median_us / DAY_US,
            few=is_small(row.closed.n),
            said=_("median %(median)s; %(answered)s answered, %(open)s open")
            % {
                "median": duration(row.closed.median_us),
                "answered": count_of_cases(row.closed.n),
                "open": count_of_cases(row.open.n),
            },
        )
        for row in rows
        if row.group != UNKNOWN
    ]
    return PlaceFigures(
        areas=tuple(areas),
        title=_("Median time from filed to answered, by area"),
        legend=_("Median days from filed to answered"),
        few=_("fewer than 30 answered"),
        beside=_unplaced(sum(row.closed.n for row in rows if row.group == UNKNOWN)),
        figure="answered",
        decimals=1,
        cohort=cohort_of(filters, source),
    )


def _unplaced(cases: int) -> tuple[str, ...]:
    """Answered cases without an area are in no area’s colour."""
    if not cases:
        return ()
    said = ngettext(
        "%(n)s answered case has no area and is not on the map.",
        "%(n)s answered cases have no area and are not on the map.",
        cases,
    )
    return (said % {"n": number(cases)},)
