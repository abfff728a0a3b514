"""The filters of a report, as they stand in its address: read strictly, refused in sentences, written back."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Final
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


FILTERS: Final = ("from", "to", "service", "area", "office")
"""What every page can be narrowed by, as it stands in addresses."""


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


@dataclass(slots=True)
class Reading:
    """What an address sends beside what is wrong with it, so that every problem is told at once."""

    sent: Mapping[str, str]
    problems: list[FilterProblem] = field(default_factory=list)

    def word(self, name: str, usual: str = "") -> str:
        """Return a value without the blanks around it; ``usual`` when there is none."""
        return self.sent.get(name, "").strip() or usual

    def refuse(self, name: str, sentence: str) -> None:
        """Note a problem."""
        self.problems.append(FilterProblem(name, sentence))

    def one_of(self, name: str, allowed: Sequence[str], usual: str = "") -> str:
        """Read one of a few words; ``usual``, or else the first of them, when the address does not say."""
        text = self.word(name, usual or allowed[0])
        if text in allowed:
            return text
        said = {"name": name, "text": text[:40], "allowed": ", ".join(allowed)}
        self.refuse(name, _("“%(name)s” is “%(text)s”: write one of %(allowed)s.") % said)
        return usual or allowed[0]

    def code(self, name: str, known: Container[str], sentence: str) -> str:
        """Read a code that must be known; ``sentence``, with a place for ``code``, refuses another one."""
        code = self.word(name)
        if not code or code in known:
            return code
        self.refuse(name, sentence % {"code": code[:40]})
        return ""

    def day(self, name: str, label: str) -> date | None:
        """Read a day; ``label`` is what its field is called."""
        text = self.word(name)
        if not text:
            return None
        sentence = _("%(field)s is not a day: “%(text)s”. Write year-month-day, for example 2026-03-31.")
        try:
            parsed = date.fromisoformat(text)
            if 1900 <= parsed.year <= 2200:
                return parsed
        except ValueError:
            if re.fullmatch(r"\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])", text):
                sentence = _("%(field)s: there is no day %(text)s in the calendar.")
        self.refuse(name, sentence % {"field": label, "text": text[:40]})
        return None

    def done(self) -> None:
        """Raise ``BadFilters`` with every problem there is."""
        if self.problems:
            raise BadFilters(self.problems)


def read_filters(parameters: Mapping[str, str], catalogue: Catalogue) -> Filters:
    """Read the filters of an address. Raises ``BadFilters`` with every problem there is."""
    reading = Reading(parameters)
    service = _("There is no service “%(code)s” here: choose one from the list.")
    area = _("There is no area “%(code)s” here: choose one from the list.")
    filters = Filters(
        filed_from=reading.day("from", _("“Filed from”")),
        filed_to=reading.day("to", _("“Filed to”")),
        service=reading.code("service", catalogue.services, service) or None,
        area=reading.code("area", {*catalogue.areas.texts, UNKNOWN}, area) or None,
        office=reading.code("office", catalogue.offices, no_office()) or None,
    )
    if filters.filed_from and filters.filed_to and filters.filed_from > filters.filed_to:
        said = {"to": day(filters.filed_to), "from": day(filters.filed_from)}
        reading.refuse("from", _("The period ends (%(to)s) before it begins (%(from)s): exchange the two days.") % said)
    reading.done()
    return filters


def no_office() -> str:
    """Say that there is no such office; with a place for its ``code``."""
    return _("There is no office “%(code)s” here: choose one from the list.")


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
