"""The change an address asks about: where, what, how much; read strictly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from django.utils.translation import gettext as _

from analytics.core.frames import UNKNOWN
from analytics.reports.barriers.asked import has_steps
from analytics.reports.barriers.words import step_name as workflow_step_name
from analytics.reports.filters import Reading, no_office
from analytics.reports.sections import Subject
from analytics.reports.steps import step_name, steps_there_are
from analytics.reports.wording import number

SHORTEN, CAP, DROP, PASS, PEOPLE = "shorten", "cap", "drop", "pass", "people"
WAYS: Final = (SHORTEN, CAP, DROP, PASS, PEOPLE)
USUAL: Final = "25"
MOST: Final[Mapping[str, float]] = {SHORTEN: 99, CAP: 3650, PEOPLE: 300}
_NUMBER: Final = re.compile(r"[0-9]{1,4}([.,][0-9]{1,2})?")


@dataclass(frozen=True, slots=True)
class Wish:
    """``at`` is an office or ``step`` a step; ``much`` is per cent for shorten and people, days for cap."""

    at: str
    step: str
    what: str
    much: float

    def parameters(self) -> dict[str, str]:
        """Return what stands in the address."""
        where = {"step": self.step} if self.step else {"at": self.at}
        return {**where, "what": self.what, "much": f"{self.much:g}"}


def read_wish(subject: Subject, options: Mapping[str, str]) -> Wish:
    """Read the change. Raises ``BadFilters`` with every problem there is."""
    reading = Reading(options)
    at, step = _where(subject, reading)
    what = reading.one_of("what", WAYS)
    if step and what in (PASS, PEOPLE):
        reading.refuse("what", _("That change is one of an office: choose an office, not a step."))
    much = _much(reading, what)
    reading.done()
    return Wish(at, step, what, much)


def _where(subject: Subject, reading: Reading) -> tuple[str, str]:
    if reading.word("at") and reading.word("step"):
        reading.refuse("at", _("Choose an office or a step, not both: clear one of them."))
    no_step = _("There is no step “%(code)s” here: choose one from the list.")
    at = reading.code("at", subject.offices, no_office())
    step = reading.code("step", dict(step_choices(subject)), no_step) if reading.word("step") else ""
    return (at or ("" if step else next(iter(busiest(subject)), UNKNOWN))), step


def _much(reading: Reading, what: str) -> float:
    text = reading.word("much", USUAL)
    value = float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else -1.0
    most = MOST.get(what, 9999)
    if what in (DROP, PASS) or 0 < value <= most:
        return max(value, 0.0)
    said = {"text": text[:20], "most": number(most)}
    sentence = _("How much: “%(text)s” cannot be used. Write a number above 0, at most %(most)s.")
    reading.refuse("much", sentence % said)
    return 0.0


def busiest(subject: Subject) -> list[str]:
    """Return the offices that have a name, the one that holds the most time first."""
    rows = subject.measured.dwell
    total = np.bincount(rows.office, weights=rows.held_us, minlength=len(rows.offices))
    by_time = [rows.offices[code] for code in np.argsort(-total, kind="stable").tolist()]
    return [code for code in by_time if code != UNKNOWN]


def step_choices(subject: Subject) -> list[tuple[str, str]]:
    """Return the steps there are (code, name): of workflows, else those an event log names."""
    if has_steps(subject):
        labels = {step.label for step in subject.measured.source.steps.terms.steps}
        return sorted(((label, workflow_step_name(subject, label)) for label in labels), key=lambda one: one[1])
    if not len(subject.measured.frames.events):
        return []
    return [(code, step_name(code)) for code in steps_there_are(subject)]


def office_choices(subject: Subject) -> list[tuple[str, str]]:
    """Return the offices that held a case (code, name)."""
    held = set(subject.measured.dwell.offices)
    return sorted(((code, name) for code, name in subject.offices.items() if code in held), key=lambda one: one[1])
