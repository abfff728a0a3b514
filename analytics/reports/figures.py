"""What an address asks to see the cases of, and what is found: the words every list of cases starts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import ngettext

from analytics.core.frames import Ints
from analytics.reports.sections import Subject
from analytics.reports.wording import count_of_cases, count_of_stays, number


@dataclass(frozen=True, slots=True)
class Figure:
    """Which figure the list stands behind: its kind, the office it is about, and the receiving one of a hand-over."""

    kind: str
    of: str = ""
    to: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    """Everything that stands in the address."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Cases of a figure with the time that put them there; ``MISSING`` when it is not recorded."""

    case: Ints
    time_us: Ints
    title: str
    time_title: str
    each: str = "case"
    """What a line of the list is: a case, one of its hand-overs, round trips, stays, visits or times."""
    clock: str = ""
    """The clock of the times, where it is not the calendar; they are then in its days."""

    def counted(self) -> str:
        """Say how many lines the list has, in what they are."""
        n = len(self.case)
        said = {"n": number(n)}
        if self.each == "handover":
            return ngettext("%(n)s hand-over", "%(n)s hand-overs", n) % said
        if self.each == "trip":
            return ngettext("%(n)s round trip", "%(n)s round trips", n) % said
        if self.each == "time":
            return ngettext("%(n)s time", "%(n)s times", n) % said
        if self.each == "stay":
            return count_of_stays(n)
        if self.each == "visit":
            return ngettext("%(n)s visit", "%(n)s visits", n) % said
        return count_of_cases(n)


def names_of(subject: Subject, figure: Figure) -> dict[str, str]:
    """Return the names of both offices of a hand-over."""
    return {"sender": subject.offices.get(figure.of, ""), "receiver": subject.offices.get(figure.to, "")}


def code_of(labels: Sequence[str], label: str) -> int:
    """Return the position of a label; −1, which no row has, when the cohort has none of it."""
    return labels.index(label) if label in labels else -1
