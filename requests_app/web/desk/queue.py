"""The queue: a list and a map of the same cases, narrowed by the address."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from requests_app.actions.many import MOST
from requests_app.labels import CHANNEL
from requests_app.live import Cursor, changes_since
from requests_app.reads.desk import Choice, Choices, Desk, choices
from requests_app.reads.queue import (
    ALL_ONES,
    NO_OFFICE,
    OPEN_ONES,
    OWN_OFFICES,
    Due,
    Key,
    QueueFilter,
    Sort,
    queue_page,
    rows_of,
)
from requests_app.reads.queue_counts import Counts, counts
from requests_app.reads.queue_map import MAP_MOST, dots
from requests_app.reads.today import usual_kind
from requests_app.states import Kind
from requests_app.templatetags.desk import PRIORITY
from requests_app.text.spoken import spoken_number
from requests_app.web.desk.filters import AFFECTED, Asked, read_address, special_offices, written_key
from requests_app.web.desk.frame import TABS, Chip, frame
from requests_app.web.desk.gate import at_desk
from requests_app.web.desk.lists import FIGURES, LISTS
from requests_app.web.desk.many_moves import offered

MOST_REFERENCES = 100

KINDS: dict[str, str | Promise] = {
    OPEN_ONES: pgettext_lazy("list of requests", "Open"),
    Kind.NEW: pgettext_lazy("list of requests", "New"),
    Kind.WORK: pgettext_lazy("list of requests", "Being worked on"),
    Kind.HANDOFF: pgettext_lazy("list of requests", "Between offices"),
    Kind.PAUSED: pgettext_lazy("list of requests", "Waiting"),
    Kind.CLOSED: pgettext_lazy("list of requests", "Closed"),
    ALL_ONES: pgettext_lazy("list of requests", "All"),
}
OFFICES: dict[int, str | Promise] = {NO_OFFICE: _("No office"), OWN_OFFICES: _("My offices")}
DUE: dict[Due, str | Promise] = {
    Due.LATE: _("Late"),
    Due.TODAY: _("Due today"),
    Due.WEEK: _("Due within 7 days"),
    Due.NONE: _("No promise"),
}
SORT: dict[Sort, str | Promise] = {
    Sort.NEWEST: _("Newest first"),
    Sort.OLDEST: _("Oldest first"),
    Sort.DUE: _("Due first"),
    Sort.PRIORITY: _("Most urgent first"),
    Sort.CHANGED: _("Last changed first"),
    Sort.AFFECTED: _("Most people affected first"),
    Sort.LONG: _("Longest past what is usual here first"),
}


@require_safe
@at_desk
def queue(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The page; 422 when a filter makes no sense."""
    return show_queue(request, desk)


def show_queue(request: HttpRequest, desk: Desk, problem: str = "") -> HttpResponse:
    """The list of the address; after a choice that cannot be taken with the sentence that says why, as 422."""
    known = choices(desk.place)
    asked = read_address(request.GET, desk, known)
    status = 422 if asked.problems or problem else 200
    context = _context(desk, known, asked) | {"many_problem": problem, "kept_move": request.POST.get("move", "")}
    return render(request, "desk/queue.html", context, status=status)


@require_safe
@at_desk
def rows(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The rows of some references that belong to the queue now, and its fresh counts: what a live page asks for."""
    known = choices(desk.place)
    asked = read_address(request.GET, desk, known)
    references = request.GET.get("only", "").replace("\x00", "").split(",")
    wanted = [reference for reference in references if reference][:MOST_REFERENCES]
    context = _shared(desk, asked) | {"rows": rows_of(asked.queue, desk.viewer, wanted) if wanted else []}
    counted = counts(asked.queue, desk.viewer)
    context |= _chips(asked, counted) | {"counts": counted}
    return render(request, "desk/_fresh_rows.html", context, status=422 if asked.problems else 200)


@require_safe
@at_desk
def map_dots(request: HttpRequest, desk: Desk) -> JsonResponse:
    """The places of the queue's cases as GeoJSON, and one sentence about those that are not drawn."""
    asked = read_address(request.GET, desk, choices(desk.place))
    if asked.problems:
        return JsonResponse({"errors": {n: str(s) for n, s in asked.problems.items()}}, status=422)
    found = dots(asked.queue, desk.viewer)
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [round(dot.lon, 6), round(dot.lat, 6)]},
            "properties": {"reference": dot.reference, "kind": dot.kind, "late": dot.is_late},
        }
        for dot in found
    ]
    total = counts(asked.queue, desk.viewer).total
    shown = {"type": "FeatureCollection", "features": features, "note": map_note(len(found), total)}
    return JsonResponse(shown, json_dumps_params={"separators": (",", ":")})


def map_note(drawn: int, total: int) -> str:
    """What the map shows of the list, in a sentence."""
    if drawn >= MAP_MOST and total > drawn:
        capped = _("The map shows the first %(drawn)s of %(total)s requests of this list. Narrow it to see all.")
        return str(capped) % {"drawn": _number(drawn), "total": _number(total)}
    sentence = ngettext(
        "The map shows %(drawn)s request of this list.", "The map shows %(drawn)s requests of this list.", drawn
    ) % {"drawn": _number(drawn)}
    without = total - drawn
    if without <= 0:
        return sentence
    more = ngettext("%(without)s has no place.", "%(without)s have no place.", without) % {"without": _number(without)}
    return f"{sentence} {more}"


def _number(value: int) -> str:
    return spoken_number(value, get_language())


@require_safe
@at_desk
def changes(request: HttpRequest, desk: Desk) -> JsonResponse:
    """What happened after a cursor, for a page that was away from its socket."""
    try:
        since = Cursor.parse(request.GET.get("since", ""))
    except ValueError:
        return JsonResponse({"error": str(_("Give the cursor of the page as ?since=number,number."))}, status=422)
    missed = changes_since(since, jurisdiction=desk.place, viewer=desk.viewer)
    events = [fact.message() for fact in missed.facts]
    return JsonResponse({"events": events, "cursor": str(missed.cursor), "resync": missed.resync})


# --- What the templates need -----------------------------------------------------------------------------------------


def _context(desk: Desk, known: Choices, asked: Asked) -> dict[str, Any]:
    page = queue_page(asked.queue, desk.viewer, asked.key, backwards=asked.backwards)
    counted = counts(asked.queue, desk.viewer)
    return (
        _shared(desk, asked)
        | _chips(asked, counted)
        | _selects(desk, known, asked, counted)
        | {
            "rows": page.rows,
            "counts": counted,
            "further": _page_at("after", page.next_key, asked),
            "back": _page_at("before", page.previous_key, asked),
            "is_further": page.previous_key is not None,
            "print_query": _page_at("before" if asked.backwards else "after", asked.key, asked)
            or f"?{_query(desk, asked)}",
            "whole": _whole_offered(counted.total, len(page.rows)),
        }
    )


def _whole_offered(total: int, shown: int) -> str:
    """Whether the whole of a list that goes on over several pages can be chosen: "", "yes" or "too many"."""
    if total <= shown:
        return ""
    return "yes" if total <= MOST else "too many"


def _page_at(way: str, key: Key | None, asked: Asked) -> str:
    """The address of the page behind or before a key, if there is one."""
    return f"?{asked.query()}&{way}={written_key(key, asked)}" if key is not None else ""


def _shared(desk: Desk, asked: Asked) -> dict[str, Any]:
    return {
        **frame(desk),
        "asked": asked,
        # Never empty: a case opened from a list knows that it was, and goes on through it.
        "query": _query(desk, asked),
        "on_queue": True,
        "many_moves": offered(desk),
        "on_list": name_of_list(asked),
        "tabs": [Chip(TABS[tab], f"?{asked.query(tab=tab)}", None, asked.queue.tab is tab) for tab in desk.tabs],
    }


def _query(desk: Desk, asked: Asked) -> str:
    return asked.query(place=desk.place.code, tab=asked.queue.tab)


_KEPT = ("place", "tab", "list", "work", "person", "kind", "due")
"""Filters that the form of filters does not show and keeps."""


def name_of_list(asked: Asked) -> str:
    """What a list that another page led to is called: a list of Today, a figure of a workload, whose cases."""
    queue = asked.queue
    names = [LISTS[queue.today]] if queue.today else []
    names += [FIGURES[queue.work]] if queue.work else []
    return " · ".join(str(name) for name in (*names, asked.person) if name)


def _chips(asked: Asked, counted: Counts) -> dict[str, list[Chip]]:
    queue: QueueFilter = asked.queue
    return {
        "kind_chips": [
            Chip(
                words,
                f"?{asked.query(kind='' if kind == usual_kind(queue.today, queue.work) else kind)}",
                counted.kinds.get(kind, 0),
                queue.kind == kind,
            )
            for kind, words in KINDS.items()
        ],
        "due_chips": [
            Chip(
                words,
                f"?{asked.query(due=None if queue.due is due else due)}",
                counted.due.get(due.value, 0),
                queue.due is due,
            )
            for due, words in DUE.items()
        ],
    }


def _meant(choice: Choice, desk: Desk) -> tuple[int, ...]:
    return desk.own_office_ids if choice.pk == OWN_OFFICES else (choice.pk,)


def _selects(desk: Desk, known: Choices, asked: Asked, counted: Counts) -> dict[str, Any]:
    return {
        "offices": [(choice, counted.offices.get(choice.pk, 0)) for choice in known.offices],
        "special_offices": [
            (choice, OFFICES[choice.pk], sum(counted.offices.get(pk, 0) for pk in _meant(choice, desk)))
            for choice in special_offices(desk)
        ],
        "services": known.services,
        "areas": known.areas,
        "channels": list(CHANNEL.items()),
        "priorities": [(str(code), words) for code, words in PRIORITY.items()],
        "affected": [(least, str(least)) for least in AFFECTED],
        "sorts": list(SORT.items()),
        "kept": [(name, asked.given[name]) for name in _KEPT if name in asked.given],
        "map_kinds": [kind.value for kind in Kind],
        "fetch_map": f"{reverse('desk:map')}?{asked.query()}",
        "is_narrowed": bool(set(asked.given) - {"place", "tab", "sort"}),
    }
