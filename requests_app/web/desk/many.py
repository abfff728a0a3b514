"""One move for many cases: chosen in the queue, tried out on a page of its own, made, and undone once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from requests_app.actions import ActionError, Refused
from requests_app.actions.many import MANY, MOST, UNDO, begin_run, begin_undo, carry_on, preview
from requests_app.clock import now
from requests_app.models import BulkRun
from requests_app.permissions import Viewer
from requests_app.reads.chosen import outcomes_of, people_holding, run_of, runs_of, whole_list
from requests_app.reads.desk import Desk, choices, desk_of_case
from requests_app.web.acts import act_of
from requests_app.web.desk.filters import SEARCH, read_address
from requests_app.web.desk.frame import frame
from requests_app.web.desk.gate import at_desk, staff_only
from requests_app.web.desk.many_moves import WORDS, ManyMove, ManyScene, Sent, Words, in_words, offered, read_wish
from requests_app.web.desk.move_parts import Field
from requests_app.web.desk.queue import show_queue
from requests_app.web.numbers import number_sent

AT_ONCE_SECONDS = 1.5
"""So long a page waits for the run it began; the rest is done in the background."""

NOTHING = "-"
"""The value of no choice."""


@dataclass(frozen=True, slots=True)
class Picked:
    """What was chosen in the queue: the move, and the version of each case by its id."""

    move: ManyMove
    seen: dict[int, int]

    @property
    def written(self) -> str:
        """The cases as one field of a form."""
        return ",".join(f"{pk}-{version}" for pk, version in self.seen.items())


@never_cache
@act_of("desk:queue")
@at_desk
def many(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The fields of the move that was chosen, then what it would do to each case; 422 where nothing can be tried."""
    try:
        picked = _picked(request, desk)
    except Refused as refused:
        return show_queue(request, desk, str(refused.sentence))
    sent = _sent(request, desk, picked)
    if picked.move.fields and "tried" not in request.POST:
        return _form(request, picked, sent)
    try:
        wish = read_wish(picked.move, sent)
    except Refused as refused:
        return _form(request, picked, sent, refused.fields)
    judged = preview(desk.viewer, picked.seen, wish)
    refused_ones = [one for one in judged if one.sentence]
    context = _context(request, desk) | {
        "picked": picked,
        "may_undo": picked.move.many.undo is not None,
        "chosen": in_words(picked.move, sent),
        "values": sent.values,
        "going": [one for one in judged if not one.sentence],
        "refused": refused_ones,
        "gone": len(picked.seen) - len(judged),
        "total": len(judged),
    }
    return render(request, "desk/many_preview.html", context)


@never_cache
@act_of("desk:queue")
@at_desk
def run(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Make the move: a while at once, the rest in the background; refused as the preview is."""
    sent = None
    try:
        picked = _picked(request, desk)
        sent = _sent(request, desk, picked)
        wish = read_wish(picked.move, sent)
        begun = begin_run(desk.viewer, desk.place, wish, picked.seen, _kept_query(request))
    except Refused as refused:
        if sent is not None and set(refused.fields) <= {one.name for one in picked.move.fields}:
            return _form(request, picked, sent, refused.fields)
        return show_queue(request, desk, str(refused.sentence))
    carry_on(begun, AT_ONCE_SECONDS)
    return redirect("desk:many_run", run_id=begun.pk)


@never_cache
@require_safe
@at_desk
def runs(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What the reader did to many lately: the way back to a result, and to its undo."""
    rows = [(made, WORDS[made.move]) for made in runs_of(desk.viewer, desk.place)]
    return render(request, "desk/many_runs.html", _context(request, desk) | {"rows": rows, "now": now()})


@never_cache
@require_safe
@staff_only
def run_page(request: HttpRequest, viewer: Viewer, run_id: int) -> HttpResponse:
    """How far a run is, and what became of each case."""
    return _run_page(request, viewer, _own(viewer, run_id))


@never_cache
@act_of("desk:many_run", "run_id")
@staff_only
def undo(request: HttpRequest, viewer: Viewer, run_id: int) -> HttpResponse:
    """Take a run back, case by case; refused with 422 where nothing leads back or it was taken back already."""
    made = _own(viewer, run_id)
    try:
        begun = begin_undo(viewer, made)
    except ActionError as error:
        return _run_page(request, viewer, _own(viewer, run_id), str(error.sentence))
    carry_on(begun, AT_ONCE_SECONDS)
    return redirect("desk:many_run", run_id=begun.pk)


# --- What was sent ---------------------------------------------------------------------------------------------------


def _picked(request: HttpRequest, desk: Desk) -> Picked:
    """The move and the cases; Refused where nothing was chosen, too much, or what cannot be read."""
    offers = offered(desk)
    if not offers:
        raise PermissionDenied
    seen = _whole(request, desk) if request.POST.get("whole") else _seen(request.POST)
    if not seen:
        raise Refused({"case": _("Choose at least one request.")})
    if len(seen) > MOST:
        raise Refused({"case": _("At most %(most)s requests at once. Narrow the list.") % {"most": MOST}})
    move = next((one for one in offers if one.slug == request.POST.get("move")), None)
    if move is None:
        raise Refused({"move": _("Choose what to do from the list.")})
    return Picked(move, seen)


def _whole(request: HttpRequest, desk: Desk) -> dict[int, int]:
    asked = read_address(request.GET, desk, choices(desk.place))
    if asked.problems:
        raise Refused(asked.problems)
    return whole_list(asked.queue, desk.viewer, MOST + 1)


def _seen(form: QueryDict) -> dict[int, int]:
    """The version of each case by its id, from boxes or from one field with all of them."""
    written = [pair for value in form.getlist("case") for pair in value.split(",") if pair]
    seen = {}
    for pair in written:
        pk, _dash, version = pair.partition("-")
        case, of = number_sent(pk), number_sent(version, 9)
        if case is None or of is None:
            raise Refused({"case": _("The list of chosen requests could not be read. Choose them again.")})
        seen[case] = of
    return seen


def _sent(request: HttpRequest, desk: Desk, picked: Picked) -> Sent:
    """The form with what its fields choose from: read only where the move has such a field."""
    values = {name: str(value).replace("\x00", "") for name, value in request.POST.items()}
    asked_for = picked.move.options
    return Sent(
        values,
        ManyScene(
            desk,
            offices=choices(desk.place).offices if "office" in asked_for else (),
            people=people_holding(desk.viewer, desk.place, picked.seen) if "handler" in asked_for else (),
        ),
    )


# --- Pages -----------------------------------------------------------------------------------------------------------


def _query(request: HttpRequest) -> str:
    return request.GET.urlencode()


def _kept_query(request: HttpRequest) -> str:
    """The list a run came from, as it is kept: without the words searched for, which may be somebody's address."""
    kept = request.GET.copy()
    kept.pop(SEARCH, None)
    return kept.urlencode()


def _context(request: HttpRequest, desk: Desk) -> dict[str, Any]:
    return {**frame(desk), "query": _query(request), "most": MOST}


def _form(
    request: HttpRequest, picked: Picked, sent: Sent, problems: Mapping[str, Words] | None = None
) -> HttpResponse:
    """The fields of the move; after a refusal with what was typed and a sentence beside each field."""
    said = {name: str(sentence) for name, sentence in (problems or {}).items()}
    move = picked.move
    context = _context(request, sent.scene.desk) | {
        "picked": picked,
        "values": sent.values,
        "problems": said,
        "fields": [
            (one, move.options[one.name](sent.scene) if one.name in move.options else [], _shown(one, sent))
            for one in move.fields
        ],
    }
    return render(request, "desk/many_form.html", context, status=422 if said else 200)


def _shown(one: Field, sent: Sent) -> str:
    """What a field shows: nothing is chosen beforehand that would then be done to many."""
    return sent.values.get(one.name, "") or (NOTHING if one.look == "radio" else "")


def _own(viewer: Viewer, run_id: int) -> BulkRun:
    """A run that the viewer began; 404 for those of others, which may show cases one knows nothing of."""
    found = run_of(viewer, run_id)
    if found is None:
        raise Http404
    return found


def _run_page(request: HttpRequest, viewer: Viewer, made: BulkRun, problem: str = "") -> HttpResponse:
    desk = desk_of_case(viewer, made.jurisdiction)
    if desk is None:
        raise Http404
    is_undo = made.move == UNDO
    move = MANY[made.given["of"] if is_undo else made.move]
    context = _context(request, desk) | {
        "run": made,
        "query": made.query,
        "words": WORDS[made.given["of"] if is_undo else made.move],
        "is_undo": is_undo,
        "outcomes": outcomes_of(made, viewer),
        "no_way_back": move.no_way_back,
        "may_undo": move.undo is not None and not is_undo,
        "undone_by": getattr(made, "undone_by", None),
        "problem": problem,
    }
    return render(request, "desk/many_run.html", context, status=422 if problem else 200)
