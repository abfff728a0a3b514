"""The links from page to page of one report."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from analytics.reports.filters import Filters
from analytics.reports.views.registry import VIEWS

CHANGES: Final = "changes"
GUIDE: Final = "guide"
WAITS: Final = "waits"


def with_query(address: str, query: str) -> str:
    """Return an address with its query, where there is one."""
    return f"{address}?{query}" if query else address


def links(code: str, filters: Filters, here: str) -> list[tuple[str, str, bool]]:
    """Return the pages of a report: name, address under the same filters, and whether it is the one at ``here``."""
    query = urlencode(filters.parameters())
    overview = (_("Overview"), with_query(reverse("evaluate:report", args=[code]), query), not here)
    further = [
        (str(view.title), with_query(reverse("evaluate:view", args=[code, view.slug]), query), view.slug == here)
        for view in VIEWS
    ]
    waits = (_("Every wait"), with_query(reverse("evaluate:waits", args=[code]), query), here == WAITS)
    changes = (_("Changes"), reverse("evaluate:changes", args=[code]), here == CHANGES)
    guide = (_("Five steps"), with_query(reverse("evaluate:guide", args=[code]), query), here == GUIDE)
    return [overview, *further, waits, changes, guide]


def what_if(code: str) -> str:
    """Return the address of the page that tries a change."""
    return reverse("evaluate:view", args=[code, "what-if"])
