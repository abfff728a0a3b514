"""What a page beside the overview is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from analytics.reports.filters import Reading
from analytics.reports.sections import Section, Subject

Options = Mapping[str, str]
"""What else stands in the address; a page reads it strictly and raises ``BadFilters``."""
Address = Callable[[Mapping[str, str]], str]


@dataclass(frozen=True, slots=True)
class Links:
    """How a picture finds the addresses it leads to, under the filters of the page."""

    cases: Address
    """A figure → the list of its cases."""
    page: Address
    """This page with some of its options changed."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An option as links: its name in the address, what it is called, its values in words (the usual one first)."""

    name: str
    label: str
    values: tuple[tuple[str, str], ...]
    chosen: str
    clears: tuple[str, ...] = ()
    """Other options that mean nothing any more once this one changes."""

    def links(self, page: Address) -> list[tuple[str, str, bool]]:
        """Return the words, address and whether it is chosen, of each value."""
        usual = self.values[0][0]
        gone = dict.fromkeys(self.clears, "")
        return [
            (words, page({**gone, self.name: "" if value == usual else value}), value == self.chosen)
            for value, words in self.values
        ]


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A page that was computed. ``template`` draws what ``picture`` gives above the sections, where there is one.

    ``options`` are the parameters the page keeps in its own links, beside the filters.
    """

    headline: str
    sections: tuple[Section, ...]
    warnings: tuple[str, ...] = ()
    picture: Callable[[Links], Any] | None = None
    template: str = ""
    answers: bool = False
    """The picture is the answer: it stands above the filters."""
    options: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    live: bool = False
    """Whether the page renews itself while the ledger grows."""
    of_one_place: bool = True
    """A page of several places cannot be frozen: who reads reports of this one may not see the others."""


def never(options: Options) -> bool:
    """Most pages are made of cases and holds alone."""
    return False


def always(options: Options) -> bool:
    """Steps are events."""
    return True


@dataclass(frozen=True, slots=True)
class View:
    """One page: its address, its name, the question it answers, and how it is made."""

    slug: str
    title: Promise | str
    question: Promise | str
    make: Callable[[Subject, Options], Made]
    needs_events: Callable[[Options], bool] = never
    """Whether the page, so asked, is made of events: loading them as well costs more."""
    needs_dues: bool = False
    """Whether it is made of what was promised."""


def one_of(options: Options, name: str, allowed: Sequence[str]) -> str:
    """Read an option that is one of a few words; the first of them when the address does not say."""
    reading = Reading(options)
    found = reading.one_of(name, allowed)
    reading.done()
    return found
