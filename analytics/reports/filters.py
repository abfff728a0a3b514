"""The filters of a report, as they stand in its address: read strictly, refused in sentences, written back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analytics.core.frames import UNKNOWN, instant
from analytics.core.selection import Selection
from analytics.loading import Catalogue, Names, Source
from analytics.reports.wording import day


@dataclass(frozen=True, slots=True)
class Filters:
    """A cohort by the day of filing (both days included, in local time), narrowed by codes."""

    filed_from: date | None = None
    filed_to: date | None = None
    service: str | None = None
    area: str | None = None
    office: str | None = None

    @property
    def any(self) -> bool:
        """Whether anything is narrowed."""
        return self != Filters()

    def parameters(self, **changed: str | None) -> dict[str, str]:
        """Return the query parameters of the address, in a fixed order, some of them changed."""
        values = {
            "from": self.filed_from.isoformat() if self.filed_from else None,
            "to": self.filed_to.isoformat() if self.filed_to else None,
            "service": self.service,
            "area": self.area,
            "office": self.office,
            **changed,
        }
        return {name: value for name, value in values.items() if value}

    def selection(self, zone: str) -> Selection:
        """Turn local days into moments."""
        after = self.filed_to + timedelta(days=1) if self.filed_to else None
        return Selection(
            since_us=_midnight(self.filed_from, zone),
            until_us=_midnight(after, zone),
            service=self.service,
            area=self.area,
            office=self.office,
        )


@dataclass(frozen=True, slots=True)
class FilterProblem:
    """One filter that cannot be used: its field in the form and a sentence that says what to do."""

    field: str
    sentence: str


class BadFilters(ValueError):
    """The address asks for something that is not there. The page answers 422 and lists ``problems``."""

    def __init__(self, problems: list[FilterProblem]) -> None:
        super().__init__("; ".join(problem.sentence for problem in problems))
        self.problems = problems


def read_filters(parameters: Mapping[str, str], catalogue: Catalogue) -> Filters:
    """Read the filters of an address. Raises ``BadFilters`` with every problem there is."""
    problems: list[FilterProblem] = []
    filters = Filters(
        filed_from=_day(parameters, "from", _("“Filed from”"), problems),
        filed_to=_day(parameters, "to", _("“Filed to”"), problems),
        service=_code(parameters, "service", catalogue.services, _no_service, problems),
        area=_code(parameters, "area", catalogue.areas, _no_area, problems),
        office=_code(parameters, "office", catalogue.offices, _no_office, problems),
    )
    if filters.filed_from and filters.filed_to and filters.filed_from > filters.filed_to:
        problems.append(
            FilterProblem(
                "from",
                _("The period ends (%(to)s) before it begins (%(from)s): exchange the two days.")
                % {"to": day(filters.filed_to), "from": day(filters.filed_from)},
            )
        )
    if problems:
        raise BadFilters(problems)
    return filters


def _day(parameters: Mapping[str, str], name: str, label: str, problems: list[FilterProblem]) -> date | None:
    text = parameters.get(name, "").strip()
    if not text:
        return None
    try:
        parsed = date.fromisoformat(text)
    except ValueError:
        parsed = date.min
    if not 1900 <= parsed.year <= 2200:
        if re.fullmatch(r"\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])", text):
            sentence = _("%(field)s: there is no day %(text)s in the calendar.")
        else:
            sentence = _not_a_day()
        problems.append(FilterProblem(name, sentence % {"field": label, "text": text[:40]}))
        return None
    return parsed


def _not_a_day() -> str:
    return _("%(field)s is not a day: “%(text)s”. Write year-month-day, for example 2026-03-31.")


def _code(
    parameters: Mapping[str, str], name: str, known: Names, refusal: Callable[[str], str], problems: list[FilterProblem]
) -> str | None:
    code = parameters.get(name, "").strip()
    if not code or code in known or (code == UNKNOWN and name == "area"):
        return code or None
    problems.append(FilterProblem(name, refusal(code[:40])))
    return None


def _no_service(code: str) -> str:
    return _("There is no service “%(code)s” here: choose one from the list.") % {"code": code}


def _no_area(code: str) -> str:
    return _("There is no area “%(code)s” here: choose one from the list.") % {"code": code}


def _no_office(code: str) -> str:
    return _("There is no office “%(code)s” here: choose one from the list.") % {"code": code}


def _midnight(on: date | None, zone: str) -> int | None:
    return None if on is None else instant(datetime.combine(on, time(), ZoneInfo(zone)))


@dataclass(frozen=True, slots=True)
class Period:
    """A period offered beside the form, ending on the day the newest case was filed."""

    title: str
    filters: Filters


def periods(filters: Filters, source: Source) -> tuple[Period, ...]:
    """Offer the last month, quarter and year of the data, and all of it; the other filters stay."""
    submitted = source.frames.cases["submitted_at"]
    if submitted.empty:
        return ()
    last = submitted.max().astimezone(ZoneInfo(source.jurisdiction.time_zone)).date()
    offered = (
        (_("Last 30 days"), timedelta(days=29)),
        (_("Last 90 days"), timedelta(days=89)),
        (_("Last 12 months"), timedelta(days=364)),
    )
    recent = [Period(title, replace(filters, filed_from=last - span, filed_to=last)) for title, span in offered]
    return (*recent, Period(_("All periods"), replace(filters, filed_from=None, filed_to=None)))


def choices(names: Names) -> list[tuple[str, str]]:
    """Return (code, name) for a list to choose from, in the order of the names."""
    language = get_language()
    return [(code, names.of(code, language)) for code in names.codes(language)]
