"""How long each area waits, for a map: the same figures as the table of areas."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analytics.core.cycle import cycle_times
from analytics.core.frames import UNKNOWN
from analytics.loading import Source
from analytics.reports.filters import Filters
from analytics.reports.measure import measure
from analytics.reports.sections import cohort_of, is_small
from analytics.reports.wording import DAY_US, count_of_cases, duration


@dataclass(frozen=True, slots=True)
class AreaTime:
    """One area: its median from filed to answered in days, ``None`` when nothing was answered."""

    code: str
    name: str
    median_days: float | None
    few: bool
    said: str


@dataclass(frozen=True, slots=True)
class PlaceTimes:
    """Every area that has a case, and what the map says of them all."""

    areas: tuple[AreaTime, ...]
    unplaced: int
    """Answered cases without an area: they are in no area’s colour."""
    title: str
    cohort: str


def place_times(source: Source, filters: Filters) -> PlaceTimes:
    """Compute the median of every area under the filters. No query is made."""
    measured = measure(source, filters)
    rows = cycle_times(measured.cycles("area"))
    names = source.catalogue.areas
    areas = [
        AreaTime(
            code=row.group,
            name=names.of(row.group, get_language()),
            median_days=None if row.closed.median_us is None else row.closed.median_us / DAY_US,
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
    title = _("Median time from filed to answered, by area")
    unplaced = sum(row.closed.n for row in rows if row.group == UNKNOWN)
    return PlaceTimes(tuple(areas), unplaced, title, cohort_of(filters, source))
