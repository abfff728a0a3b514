"""Areas on a map by what is left when the mix of services is taken out: late over expected, or time over expected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from analytics.core.equity.late import LEAST, AreaLate
from analytics.core.equity.times import AreaTime
from analytics.loading import Source
from analytics.reports.filters import Filters
from analytics.reports.measure import measure
from analytics.reports.places import AreaFigure, PlaceFigures, place_times
from analytics.reports.promised import Promise, owed
from analytics.reports.sections import Subject, is_small, labelled, subject_of
from analytics.reports.views.equity import areas_found
from analytics.reports.views.equity_late import is_late_surprise, late_of
from analytics.reports.wording import duration, number, percent

MEDIAN: Final = "median"
LATE: Final = "late"
TIME: Final = "time"
SHOWS: Final = (MEDIAN, LATE, TIME)


def figures_of(source: Source, filters: Filters, shows: str) -> PlaceFigures:
    """Compute what a map shows under the filters. No query is made."""
    if shows == MEDIAN:
        return place_times(source, filters)
    subject = subject_of(measure(source, filters))
    names = labelled(source.catalogue.areas, _("Area not recorded"))
    late = shows == LATE
    areas = _late(subject, names) if late else tuple(_time(row, names) for row in areas_found(subject))
    title = (
        _("Late promises over what the services would give") if late else _("Median time over what the services give")
    )
    return PlaceFigures(
        areas=areas,
        title=title,
        legend=_("%(title)s; 1 is as expected, above 1 is worse") % {"title": title},
        few=_("fewer than 30"),
        beside=(_("White: fewer than %(n)s cases, so nothing is shown.") % {"n": number(LEAST)},),
        figure="promise_decided" if late else "all",
        decimals=2,
        cohort=subject.cohort,
    )


def _late(subject: Subject, names: Mapping[str, str]) -> tuple[AreaFigure, ...]:
    found = late_of(subject, owed(subject, Promise()), "area", "service")
    return tuple(_late_area(row, names) for row in found.rows)


def _late_area(row: AreaLate, names: Mapping[str, str]) -> AreaFigure:
    n = row.n or 1
    said = _("%(share)s of %(n)s promises late, %(expected)s expected; more than chance: %(verdict)s") % {
        "share": percent((row.late or 0) / n),
        "n": number(n),
        "expected": percent((row.expected or 0) / n),
        "verdict": _("yes") if is_late_surprise(row) else _("no"),
    }
    return AreaFigure(row.area, names.get(row.area, row.area), row.ratio, is_small(n), said)


def _time(row: AreaTime, names: Mapping[str, str]) -> AreaFigure:
    name, n = names.get(row.area, row.area), row.n or 0
    if row.n is None:
        return AreaFigure(row.area, name, None, True, _("fewer than %(n)s cases") % {"n": number(LEAST)})
    said = _("median %(median)s, %(expected)s expected; %(n)s cases") % {
        "median": duration(row.median.value_us if row.median else None),
        "expected": duration(row.expected_us),
        "n": number(n),
    }
    return AreaFigure(row.area, name, row.ratio, is_small(n), said)
