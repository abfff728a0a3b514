"""A change as a form or an address sends it: read strictly, refused in sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from django.utils.translation import gettext as _

from analytics.core.frames import instant
from analytics.loading import Names, Source
from analytics.models import Intervention
from analytics.register import Draft
from analytics.reports.changes.holds import holds_of_place
from analytics.reports.measure import Measured
from analytics.reports.wording import day, number

MANY: Final = ("offices", "services", "comparison")
LONGEST: Final = {"what": 200, "note": 2000}
MOST_WEEKS: Final = 104
LEAST_WEEKS: Final = {"weeks_before": 8, "weeks_after": 4}
FAR: Final = timedelta(days=730)
USUAL: Final = {"kind": "process", "measure": "held", "weeks_before": "52", "weeks_after": "26"}

Sent = Mapping[str, Sequence[str]]
"""What was sent, by field: a form’s values in their order."""


@dataclass(slots=True)
class Reading:
    """What was sent beside what is wrong with it; ``problems`` has one sentence a field."""

    sent: Sent
    problems: dict[str, str] = field(default_factory=dict)

    def word(self, name: str) -> str:
        """Return the last value of a field, without the blanks around it."""
        return (self.sent.get(name) or [""])[-1].strip()

    def refuse(self, name: str, sentence: str) -> None:
        """Note a problem; the first one of a field is shown."""
        self.problems.setdefault(name, sentence)


class Refused(ValueError):
    """The form cannot be used; ``problems`` says why, by field."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Asked:
    """The part of a change that “Could we see it?” needs."""

    offices: tuple[str, ...]
    services: tuple[str, ...]
    comparison: tuple[str, ...]
    measure: str
    weeks_before: int
    weeks_after: int
    until: date | None = None
    """The day of the change, where one is named: what happened from then on is not looked at."""


def read_asked(sent: Sent, source: Source) -> Asked:
    """Read what could be seen where; without comparison offices the page suggests some. Raises ``Refused``."""
    reading = Reading(sent)
    until = _day_of_change(reading, source) if reading.word("happens_on") else None
    asked = replace(_asked(reading, source), until=until)
    if reading.problems:
        raise Refused(reading.problems)
    return asked


def read_draft(sent: Sent, measured: Measured) -> Draft:
    """Read a change that is to be registered. Raises ``Refused`` with every problem there is."""
    reading = Reading(sent)
    source = measured.source
    asked = _asked(reading, source)
    if len(asked.comparison) < 2:
        reading.refuse("comparison", _few_to_compare())
    on = _day_of_change(reading, source)
    draft = Draft(
        what=_text(reading, "what", needed=True),
        kind=_one_of(reading, "kind", tuple(Intervention.Kind.values)),
        happens_on=on or date.min,
        expected_percent=_expected(reading),
        note=_text(reading, "note"),
        offices=asked.offices,
        services=asked.services,
        comparison=asked.comparison,
        measure=asked.measure,
        weeks_before=asked.weeks_before,
        weeks_after=asked.weeks_after,
    )
    if on and asked.offices:
        _require_an_end(reading, measured, draft)
    if reading.problems:
        raise Refused(reading.problems)
    return draft


def _asked(reading: Reading, source: Source) -> Asked:
    known = source.catalogue
    offices = _codes(
        reading, "offices", known.offices, _("There is no office “%(code)s” here: choose one of the list.")
    )
    services = _codes(
        reading, "services", known.services, _("There is no service “%(code)s” here: choose one of the list.")
    )
    comparison = _codes(
        reading, "comparison", known.offices, _("There is no office “%(code)s” here: choose one of the list.")
    )
    if not offices:
        reading.refuse("offices", _("Choose the office that changes, or several."))
    if set(offices) & set(comparison):
        reading.refuse("comparison", _("An office that changes cannot be compared with: leave it out of one list."))
    if len(comparison) == 1:
        reading.refuse("comparison", _few_to_compare())
    return Asked(
        offices=offices,
        services=services,
        comparison=comparison,
        measure=_one_of(reading, "measure", tuple(Intervention.Measure.values)),
        weeks_before=_weeks(reading, "weeks_before"),
        weeks_after=_weeks(reading, "weeks_after"),
    )


def _few_to_compare() -> str:
    return _(
        "Choose two or more offices to compare with: with one nobody can tell an effect from the offices’ own ups and "
        "downs. “Could we see it?” suggests some."
    )


def _codes(reading: Reading, name: str, known: Names, refusal: str) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(code.strip() for code in reading.sent.get(name) or () if code.strip()))
    for code in codes:
        if code not in known:
            reading.refuse(name, refusal % {"code": code[:40]})
    return tuple(code for code in codes if code in known)


def _one_of(reading: Reading, name: str, known: tuple[str, ...]) -> str:
    word = reading.word(name) or USUAL[name]
    if word not in known:
        reading.refuse(name, _("There is no choice “%(word)s” here: take one of those shown.") % {"word": word[:40]})
        return USUAL[name]
    return word


def _text(reading: Reading, name: str, *, needed: bool = False) -> str:
    text = reading.word(name).replace("\x00", "")
    if needed and not text:
        reading.refuse(name, _("Say in a few words what is changed, for example “two more inspectors”."))
    if len(text) > LONGEST[name]:
        said = {"n": number(len(text)), "most": number(LONGEST[name])}
        reading.refuse(name, _("This text has %(n)s characters: shorten it to %(most)s.") % said)
    return text


def _weeks(reading: Reading, name: str) -> int:
    word = reading.word(name) or USUAL[name]
    least = LEAST_WEEKS[name]
    if re.fullmatch(r"[0-9]{1,4}", word) and least <= int(word) <= MOST_WEEKS:
        return int(word)
    said = {"word": word[:20], "least": least, "most": MOST_WEEKS}
    reading.refuse(name, _("“%(word)s” weeks cannot be used: write a number from %(least)d to %(most)d.") % said)
    return int(USUAL[name])


def _expected(reading: Reading) -> int | None:
    word = reading.word("expected_percent").replace("−", "-").replace("\u00a0", " ").removesuffix("%").strip()
    if not word:
        return None
    if re.fullmatch(r"[+-]?[0-9]{1,3}", word) and -95 <= int(word) <= 300:
        return int(word)
    reading.refuse(
        "expected_percent",
        _("“%(word)s” is no change in percent: write a whole number from -95 to 300; -20 means a fifth less time.")
        % {"word": word[:20]},
    )
    return None


def _day_of_change(reading: Reading, source: Source) -> date | None:
    word = reading.word("happens_on")
    if not word:
        reading.refuse("happens_on", _("Say from which day the change is in force."))
        return None
    try:
        on = date.fromisoformat(word) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", word) else None
    except ValueError:
        on = None
    if on is None:
        said = {"text": word[:40]}
        reading.refuse("happens_on", _("“%(text)s” is not a day. Write year-month-day, for example 2026-03-31.") % said)
        return None
    sentence = outside_the_data(on, source)
    if sentence:
        reading.refuse("happens_on", sentence)
        return None
    return on


def outside_the_data(on: date, source: Source) -> str:
    """Say why nothing of a change at that day can ever be seen here; empty when it can."""
    filed = source.frames.cases["submitted_at"]
    if filed.empty:
        return _("There is no case here yet, so no change can be judged. Come back when there are some.")
    zone = ZoneInfo(source.jurisdiction.time_zone)
    first, today = filed.min().astimezone(zone).date(), source.as_of.astimezone(zone).date()
    if on <= first:
        return _("The data begin on %(day)s: nothing shows how it was before the change. Take a later day.") % {
            "day": day(first)
        }
    if source.jurisdiction.is_read_only and on >= today:
        return _("The data end on %(day)s: nothing of a later change can be seen. Take an earlier day.") % {
            "day": day(today)
        }
    if on > today + FAR:
        return _("That day is more than two years away: register the change when its date is nearer.")
    return ""


def midnight_us(on: date, source: Source) -> int:
    """Return when the day of a change begins at the place."""
    return instant(datetime.combine(on, time(), ZoneInfo(source.jurisdiction.time_zone)))


def _require_an_end(reading: Reading, measured: Measured, draft: Draft) -> None:
    """Refuse a day after which every hold still runs: it could not be judged now, and one chosen later could."""
    holds = holds_of_place(measured, draft.services, draft.measure)
    held = holds.held
    own = [held.offices.index(code) for code in draft.offices if code in held.offices]
    begun = np.isin(held.office, own) & (held.begin_us >= midnight_us(draft.happens_on, measured.source))
    if begun.any() and held.open[begun].all():
        reading.refuse(
            "happens_on",
            _(
                "All %(holds)s stays that began there since %(day)s still run, so nothing can be compared. Take an "
                "earlier day, or come back when some have ended."
            )
            % {"holds": number(int(begun.sum())), "day": day(draft.happens_on)},
        )
