"""What a page beside the overview is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from analytics.reports.sections import Section, Subject

Options = Mapping[str, str]
"""What else stands in the address; a page reads it strictly and raises ``BadFilters``."""


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A page that was computed. ``template`` draws ``picture`` above the sections, where there is one.

    ``options`` are the parameters the page keeps in its own links, beside the filters.
    """

    headline: str
    sections: tuple[Section, ...]
    warnings: tuple[str, ...] = ()
    picture: Any = None
    template: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class View:
    """One page: its address, its name, the question it answers, and how it is made."""

    slug: str
    title: Promise | str
    question: Promise | str
    make: Callable[[Subject, Options], Made]
    needs_events: bool = False
