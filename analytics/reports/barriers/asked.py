"""What a reader may choose: what is ranked, by which clock, above which baseline, and a rate they state."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from analytics.reports.filters import Reading
from analytics.reports.sections import Subject

OFFICE, STEP, HANDOVER = "office", "step", "handover"
CALENDAR, WORKING = "calendar", "working"
TARGET, OFFICES = "target", "offices"
MOST_DOLLARS: Final = 100_000
_RATE: Final = re.compile(r"[0-9]{1,6}(\.[0-9]{1,2})?")


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to rank. ``rate`` is dollars per case-day, as it was written; empty for none."""

    by: str = OFFICE
    clock: str = CALENDAR
    baseline: str = OFFICES
    rate: str = ""

    @property
    def dollars(self) -> float | None:
        """The rate as a number."""
        return float(self.rate) if self.rate else None

    @property
    def working(self) -> bool:
        """Whether working time is counted."""
        return self.clock == WORKING

    def parameters(self, **changed: str) -> dict[str, str]:
        """Return the parameters of the address, some of them changed."""
        values = {"by": self.by, "clock": self.clock, "baseline": self.baseline, "rate": self.rate, **changed}
        return {name: value for name, value in values.items() if value}


def has_steps(subject: Subject) -> bool:
    """Whether the cases go by workflows whose steps are known."""
    return bool(len(subject.measured.source.steps.changes))


def has_targets(subject: Subject) -> bool:
    """Whether any step has a target."""
    return has_steps(subject) and any(step.target for step in subject.measured.source.steps.terms.steps)


def read_choice(subject: Subject, options: Mapping[str, str]) -> Choice:
    """Read the options of an address. Raises ``BadFilters`` with every problem there is."""
    reading, targets = Reading(options), has_targets(subject)
    choice = Choice(
        by=reading.one_of("by", (OFFICE, STEP, HANDOVER)),
        clock=reading.one_of("clock", (CALENDAR, WORKING), WORKING if targets else CALENDAR),
        baseline=reading.one_of("baseline", (TARGET, OFFICES), TARGET if targets else OFFICES),
        rate=_rate(reading),
    )
    if choice.baseline == TARGET and not targets:
        reading.refuse("baseline", _("baseline=target: no step of this source has a target. Take baseline=offices."))
    if choice.by == STEP and not has_steps(subject):
        reading.refuse("by", _("by=step: this source records no steps. Take by=office."))
    if choice.by == HANDOVER and not subject.records("handovers"):
        reading.refuse("by", _("by=handover: this source records no hand-overs. Take by=office."))
    reading.done()
    return choice


def _rate(reading: Reading) -> str:
    given = reading.word("rate")
    if not given or (_RATE.fullmatch(given) and 0 < float(given) <= MOST_DOLLARS):
        return given
    sentence = _(
        "The cost of a case-day is not an amount: “%(given)s”. Write dollars such as 45 or 45.50, up to 100000."
    )
    reading.refuse("rate", sentence % {"given": given[:40]})
    return ""
