"""Workload and ageing: by office, and by person within one; every number leads to the list it counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from requests_app.reads.desk import Choice, Desk, choices
from requests_app.reads.queue import Tab
from requests_app.reads.workload import LATE, OPEN, Load, Share, Whose, read_workload, tab_of, together, whose
from requests_app.reads.workload_lists import Figure
from requests_app.text.spoken import spoken_number
from requests_app.web.desk.filters import NO_OFFICE_CHOICE, NO_PERSON, OWN_OFFICES_CHOICE
from requests_app.web.desk.frame import frame
from requests_app.web.desk.gate import at_desk

BAR = 1000
"""Units across the longest bar."""

BAND_WORDS: dict[Figure, str | Promise] = {
    Figure.DAYS_0_2: gettext_lazy("0–2 days"),
    Figure.DAYS_3_7: gettext_lazy("3–7 days"),
    Figure.DAYS_8_30: gettext_lazy("8–30 days"),
    Figure.DAYS_31_90: gettext_lazy("31–90 days"),
    Figure.DAYS_OVER_90: gettext_lazy("Over 90 days"),
}
TITLES: dict[Whose, str | Promise] = {
    Whose.PLACE: "%(place)s",
    Whose.PART: gettext_lazy("Your part of %(place)s"),
    Whose.OFFICES: gettext_lazy("Your offices"),
}
COLUMNS: dict[str, str | Promise] = {
    OPEN: pgettext_lazy("list of requests", "Open"),
    LATE: gettext_lazy("Late"),
    Figure.NOT_ACCEPTED: gettext_lazy("Not accepted"),
    Figure.WAITING: gettext_lazy("Waiting for the citizen"),
    Figure.NEW: gettext_lazy("New in 7 days"),
    Figure.CLOSED: gettext_lazy("Closed in 7 days"),
}


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a table and the list it counts."""

    count: int
    query: str


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of a bar, in units of `BAR`: where it begins and how long it is."""

    band: str
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """An office or a person: its numbers, its bar, how many days its oldest case has waited, where it leads."""

    name: str
    address: str
    sentence: str
    numbers: list[Number]
    bands: list[Number]
    segments: list[Segment]
    oldest_days: int | None
    oldest_query: str


@require_safe
@at_desk
def workload(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The page; 422 with a sentence where the address names an office that is not here."""
    known = _offices(desk)
    wanted = request.GET.get("office", "")
    office = next((one for one in known if one.code == wanted), None)
    problem = _("There is no such office here. Choose one below.") if wanted and office is None else ""
    if office is None and len(known) == 1:
        office = known[0]
    shares = read_workload(desk)
    context = _frame(desk) | {"problem": problem, "office": office, "offices": known if len(known) > 1 else []}
    context |= _people(desk, office, shares) if office is not None else _by_office(desk, known, shares)
    return render(request, "desk/workload.html", context, status=422 if problem else 200)


def _offices(desk: Desk) -> list[Choice]:
    """The offices whose work the viewer sees; where that is the city's, also the cases that none has."""
    known = choices(desk.place).offices
    if tab_of(desk) is Tab.OFFICE:
        return [one for one in known if one.pk in desk.own_office_ids]
    return [*known, Choice(NO_OFFICE_CHOICE.pk, NO_OFFICE_CHOICE.code, _("No office yet"))]


def _frame(desk: Desk) -> dict[str, Any]:
    return {
        **frame(desk),
        "on_workload": True,
        "columns": list(COLUMNS.values()),
        "bands": list(BAND_WORDS.items()),
    }


# --- What is shown ---------------------------------------------------------------------------------------------------


def _by_office(desk: Desk, known: Sequence[Choice], shares: Sequence[Share]) -> dict[str, Any]:
    """The offices that have anything to do, the one with most first, and all of them as one."""
    loads = {one: together(share for share in shares if share.office_id == one.pk) for one in known}
    busy = sorted((one for one in known if any(loads[one].numbers.values())), key=lambda one: -loads[one].number(OPEN))
    longest = max((loads[one].number(OPEN) for one in busy), default=0)
    lines = [
        _line(desk, one.name, loads[one], {"office": one.code}, longest, address=_page(desk, one.code)) for one in busy
    ]
    of = whose(desk)
    narrowed = {"office": OWN_OFFICES_CHOICE.code} if of is Whose.OFFICES else {}
    title = str(TITLES[of] % {"place": desk.place.name})
    return {"title": title, "lines": lines, "whole": _line(desk, title, together(shares), narrowed, longest, of=of)}


def _people(desk: Desk, office: Choice, shares: Sequence[Share]) -> dict[str, Any]:
    """The people who have cases of an office, the one with most first; what is given to nobody comes last."""
    own = [share for share in shares if share.office_id == office.pk]
    own.sort(key=lambda share: (share.person_id == 0, -share.load.number(OPEN), share.person))
    longest = max((share.load.number(OPEN) for share in own), default=0)
    lines = [
        _line(
            desk,
            share.person or _("Given to nobody"),
            share.load,
            {"office": office.code, "person": str(share.person_id or NO_PERSON)},
            longest,
        )
        for share in own
    ]
    whole = _line(desk, office.name, together(own), {"office": office.code}, longest)
    return {"title": office.name, "lines": lines, "whole": whole}


def _page(desk: Desk, code: str) -> str:
    return "?" + urlencode({"place": desk.place.code, "office": code})


def _line(
    desk: Desk,
    name: str,
    load: Load,
    narrowed: dict[str, str],
    longest: int,
    *,
    address: str = "",
    of: Whose = Whose.PLACE,
) -> Line:
    present = desk.place.present

    def query(**more: str) -> str:
        return urlencode({"place": desk.place.code, "tab": str(tab_of(desk)), **narrowed, **more})

    return Line(
        name=name,
        address=address,
        sentence=sentence_of(name, load, present, of),
        numbers=[Number(load.number(column), query(**_FILTER.get(column, {"work": column}))) for column in COLUMNS],
        bands=[Number(count, query(work=band)) for band, count in load.bands],
        segments=_segments(load, longest),
        oldest_days=days_waited(load.oldest_at, present),
        oldest_query=query(sort="oldest"),
    )


_FILTER: dict[str, dict[str, str]] = {OPEN: {}, LATE: {"due": "late"}}


def _segments(load: Load, longest: int) -> list[Segment]:
    """The pieces of a bar, one behind the other; the longest bar of the page fills its line."""
    pieces, before = [], 0
    for band, count in load.bands:
        if count:
            pieces.append(Segment(band, round(before * BAR / longest, 1), round(count * BAR / longest, 1)))
        before += count
    return pieces


# --- In words --------------------------------------------------------------------------------------------------------


def days_waited(since: datetime | None, present: datetime) -> int | None:
    """Whole calendar days since the oldest case was filed."""
    return max(0, (present - since).days) if since is not None else None


def sentence_of(name: str, load: Load, present: datetime, of: Whose = Whose.PLACE) -> str:
    """How much there is, how much of it is late, how long the oldest has waited."""
    parts = [_holds(name, load.number(OPEN), of)]
    days = days_waited(load.oldest_at, present)
    if days is not None:
        late = ngettext("%(number)s is past its date", "%(number)s are past their date", load.number(LATE))
        none_late = _("none is past its date")
        parts.append(late % {"number": _spoken(load.number(LATE))} if load.number(LATE) else none_late)
        waited = ngettext("the oldest has waited %(number)s day", "the oldest has waited %(number)s days", days)
        parts.append(waited % {"number": _spoken(days)} if days else _("the oldest came less than a day ago"))
    return "; ".join(parts) + "."


def _holds(name: str, held: int, of: Whose) -> str:
    if of is Whose.OFFICES:
        sentence = ngettext(
            "Your offices together hold %(number)s open request",
            "Your offices together hold %(number)s open requests",
            held,
        )
    else:
        sentence = ngettext("%(name)s holds %(number)s open request", "%(name)s holds %(number)s open requests", held)
    return sentence % {"name": name, "number": _spoken(held)}


def _spoken(number: int) -> str:
    return spoken_number(number, get_language())
