"""The links from page to page of one report, in groups: a row of nineteen links is read by nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from analytics.reports.filters import Filters
from analytics.reports.views.registry import BY_SLUG

CHANGES: Final = "changes"
GUIDE: Final = "guide"
WAITS: Final = "waits"
OVERVIEW: Final = ""
GROUPS: Final[Mapping[Promise | str, tuple[str, ...]]] = {
    pgettext_lazy("pages", "Where"): (OVERVIEW, "barriers", "causes", "ageing"),
    pgettext_lazy("pages", "How"): ("map", "variants", "handovers", "spectrum", "rework", "progress", "drift", WAITS),
    pgettext_lazy("pages", "For whom"): ("promises", "ends", "equity"),
    pgettext_lazy("pages", "Change"): ("what-if", CHANGES, GUIDE),
    pgettext_lazy("pages", "Check"): ("quality", "compare"),
}
"""Every page of the registry stands in one group."""


LONGEST_QUERY: Final = 2000


def asked_in(query: str) -> dict[str, str]:
    """Read the query of an address that is to be kept; a NUL, which nobody types, cannot be kept and is dropped."""
    asked = QueryDict(query[:LONGEST_QUERY]).dict()
    return {name.replace("\x00", ""): str(text).replace("\x00", "") for name, text in asked.items()}


def with_query(address: str, query: str) -> str:
    """Return an address with its query, where there is one."""
    return f"{address}?{query}" if query else address


@dataclass(frozen=True, slots=True)
class Group:
    """Some pages under one word: name, address under the same filters, and whether it is the one that is read."""

    title: str
    pages: tuple[tuple[str, str, bool], ...]

    @property
    def is_here(self) -> bool:
        """Whether the page that is read is one of them."""
        return any(is_here for _name, _address, is_here in self.pages)


def links(code: str, filters: Filters, here: str) -> list[Group]:
    """Return the pages of a report in groups, the one at ``here`` marked."""
    query = urlencode(filters.parameters())
    return [
        Group(str(title), tuple((*_page(code, slug, query), slug == here) for slug in slugs))
        for title, slugs in GROUPS.items()
    ]


def _page(code: str, slug: str, query: str) -> tuple[str, str]:
    if slug == OVERVIEW:
        return _("Overview"), with_query(reverse("evaluate:report", args=[code]), query)
    if slug == WAITS:
        return _("Every wait"), with_query(reverse("evaluate:waits", args=[code]), query)
    if slug == CHANGES:
        return _("Changes"), reverse("evaluate:changes", args=[code])
    if slug == GUIDE:
        return _("Five steps"), with_query(reverse("evaluate:guide", args=[code]), query)
    return str(BY_SLUG[slug].title), with_query(page_at(code, slug), query)


def page_at(code: str, slug: str) -> str:
    """Return the address of a page of the registry."""
    return reverse("evaluate:view", args=[code, slug])


def what_if(code: str) -> str:
    """Return the address of the page that tries a change."""
    return page_at(code, "what-if")
