"""Hand-offs of an office: sent by us, sent to us, what became of each, and between whom cases go to and fro."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from requests_app.reads.desk import Choices, Desk, choices
from requests_app.reads.handoffs import (
    PAGE_SIZE,
    PING_PONG,
    HandoffFilter,
    Side,
    State,
    counts,
    crossings,
    handoffs,
    pairs,
)
from requests_app.web.desk.frame import Chip, frame
from requests_app.web.desk.gate import at_desk

SIDES: dict[Side, str | Promise] = {
    Side.SENT: _("Sent by us"),
    Side.RECEIVED: _("Sent to us"),
    Side.ALL: _("Between all offices"),
}
STATES: dict[State, str | Promise] = {
    State.WAITING: _("Waiting to be accepted"),
    State.EXPIRED: _("Not accepted in time"),
    State.BOUNCED: pgettext_lazy("hand-offs", "Sent back"),
    State.RETURNED: _("Accepted, then returned"),
    State.ACCEPTED: pgettext_lazy("hand-offs", "Accepted"),
    State.RECALLED: pgettext_lazy("hand-offs", "Taken back"),
    State.FORWARDED: _("Sent on: the wrong office"),
    State.ENDED: _("Ended otherwise"),
}
TAGS: dict[State, str] = {
    State.WAITING: "handoff",
    State.EXPIRED: "late",
    State.BOUNCED: "bad",
    State.RETURNED: "paused",
    State.ACCEPTED: "work",
    State.RECALLED: "plain",
    State.FORWARDED: "bad",
    State.ENDED: "plain",
}
MOST_PAGES = 1000


@dataclass(frozen=True, slots=True)
class PairRow:
    """Two offices by name, with how many cases came back between them, how many were ping-pong, and their addresses."""

    offices: tuple[str, str]
    came_back: int
    ping_pong: int
    all_address: str
    ping_pong_address: str


@require_safe
@at_desk
def handoff_page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The page; 422 with a sentence where the address asks for something there is not."""
    known = choices(desk.place)
    wanted, pair, problem = _asked(request, desk, known)
    counted = counts(desk.place, wanted.office_id, desk.viewer)
    context = _frame(desk, known, wanted) | {"problem": problem}
    context |= {"sides": _sides(counted, wanted, desk, chosen=pair is None)}
    context |= {"pairs": _pairs(desk, known, wanted)}
    if pair is not None:
        least = PING_PONG if request.GET.get("times") == str(PING_PONG) else 2
        context |= {"crossings": crossings(desk.place, pair, least, desk.viewer), "pair": _names(known, pair)}
    else:
        context |= _list(wanted, desk, counted)
    return render(request, "desk/handoffs.html", context, status=422 if problem else 200)


def _asked(
    request: HttpRequest, desk: Desk, known: Choices
) -> tuple[HandoffFilter, tuple[int, int] | None, str | Promise]:
    """What the address asks for; what it cannot mean is said and left out."""
    given = request.GET
    ids = {str(office.pk): office.pk for office in known.offices}
    own = desk.own_office_ids[0] if desk.own_office_ids else None
    wrong = _("There is no such list of hand-offs. Choose one below.")
    problem: str | Promise = ""
    if given.get("office", "") not in ("", *ids):
        problem = wrong
    office_id = ids.get(given.get("office", ""), own)
    usual = Side.SENT if office_id is not None else Side.ALL
    side = given.get("side", usual)
    state = given.get("state", State.WAITING)
    if side not in list(Side) or state not in ("", *State) or (side == Side.ALL) != (office_id is None):
        problem, side, state = wrong, usual, State.WAITING
    pair = _pair(given.get("pair", ""), ids)
    if given.get("pair") and pair is None:
        problem = wrong
    page = given.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and 0 < int(page) <= MOST_PAGES else 1
    wanted = HandoffFilter(desk.place, office_id, Side(side), State(state) if state else None, number)
    return wanted, pair, problem


def _pair(written: str, ids: dict[str, int]) -> tuple[int, int] | None:
    first, _dash, second = written.partition("-")
    return (ids[first], ids[second]) if first in ids and second in ids and first != second else None


def _address(wanted: HandoffFilter, **more: Any) -> str:
    place = {"place": wanted.place.code} | ({"office": wanted.office_id} if wanted.office_id is not None else {})
    return f"?{urlencode({**place, **more})}"


def _frame(desk: Desk, known: Choices, wanted: HandoffFilter) -> dict[str, Any]:
    may_choose = len(desk.own_office_ids) != 1
    return {
        **frame(desk),
        "wanted": wanted,
        "offices": known.offices if may_choose else [],
        "office_name": next((o.name for o in known.offices if o.pk == wanted.office_id), ""),
        "on_handoffs": True,
    }


def _sides(
    counted: dict[Side, dict[State, int]], wanted: HandoffFilter, desk: Desk, *, chosen: bool
) -> list[tuple[str | Promise, list[Chip]]]:
    """For each side the states there are, each with its number and the address of its list."""
    return [
        (
            SIDES[side],
            [
                Chip(
                    words,
                    _address(wanted, side=side, state=state),
                    of_side.get(state, 0),
                    chosen and (side, state) == (wanted.side, wanted.state),
                )
                for state, words in STATES.items()
                if of_side.get(state) or state in (State.WAITING, State.EXPIRED, State.BOUNCED, State.RETURNED)
            ],
        )
        for side, of_side in counted.items()
    ]


def _pairs(desk: Desk, known: Choices, wanted: HandoffFilter) -> list[PairRow]:
    return [
        PairRow(
            _names(known, (pair.first_id, pair.second_id)),
            pair.came_back,
            pair.ping_pong,
            _address(wanted, pair=f"{pair.first_id}-{pair.second_id}"),
            _address(wanted, pair=f"{pair.first_id}-{pair.second_id}", times=PING_PONG),
        )
        for pair in pairs(desk.place, wanted.office_id, desk.viewer)
    ]


def _names(known: Choices, pair: tuple[int, int]) -> tuple[str, str]:
    names = {office.pk: office.name for office in known.offices}
    return names.get(pair[0], "–"), names.get(pair[1], "–")


def _list(wanted: HandoffFilter, desk: Desk, counted: dict[Side, dict[State, int]]) -> dict[str, Any]:
    of_side = counted[wanted.side]
    total = of_side.get(wanted.state, 0) if wanted.state else sum(of_side.values())
    further = replace(wanted, page=wanted.page + 1)
    more = total > wanted.page * PAGE_SIZE
    rows = handoffs(wanted, desk.viewer)
    return {
        "title": (SIDES[wanted.side], STATES[wanted.state] if wanted.state else _("All of them")),
        "rows": [(row, STATES[row.state], TAGS[row.state]) for row in rows],
        "total": total,
        "further": _address(wanted, side=wanted.side, state=wanted.state or "", page=further.page) if more else "",
    }
