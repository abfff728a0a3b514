"""One case at the desk: everything the viewer may know of it, and the moves that are theirs now."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from requests_app.actions import ActionError, Command, Conflict, Done, Refused, possible
from requests_app.models import ServiceRequest
from requests_app.permissions import Viewer
from requests_app.privacy.people import read_person
from requests_app.reads.border import AcrossTheBorder, across_the_border, near_areas
from requests_app.reads.days import is_after_day
from requests_app.reads.desk import Choices, Desk, choices, desk_of_case
from requests_app.reads.desk_case import last_change
from requests_app.reads.disclosure import reaches
from requests_app.reads.duplicates import Likely, likely_duplicates
from requests_app.reads.explained import explained, why_here
from requests_app.reads.holds import running_reviews, with_offices_been_at
from requests_app.reads.one_request import A_MOVE, ITS_PAGE, CasePage, case_page, find_request
from requests_app.reads.parts import parts_of
from requests_app.reads.promise import promise_facts
from requests_app.reads.queue import neighbours
from requests_app.reads.reply_templates import templates_beside
from requests_app.reads.route_picture import route_picture
from requests_app.reads.usual import is_long
from requests_app.reads.way import way_of
from requests_app.reads.workflow_told import case_picture
from requests_app.states import Activity, Capability, Status
from requests_app.web.acts import act_of
from requests_app.web.desk.conflict import Kept, kept_words, sentence_of
from requests_app.web.desk.filters import FILTERS, Asked, read_address
from requests_app.web.desk.frame import frame
from requests_app.web.desk.gate import staff_only
from requests_app.web.desk.move_groups import grouped
from requests_app.web.desk.move_parts import Given, Move, Scene
from requests_app.web.desk.moves import BY_SLUG, FIRST, moves_of
from requests_app.web.desk.reply_start import filled, language_written, starts_of
from requests_app.web.desk.said import near_sentences
from requests_app.web.desk.step_forms import workflow_context
from requests_app.web.numbers import number_sent

AFTER = "desk_after_a_move"
"""Session key: whether the next case of the list comes after a move ("next"), or the same one ("stay")."""

Problems = dict[str, str]


@never_cache
@require_safe
@staff_only
def case(request: HttpRequest, viewer: Viewer, reference: str) -> HttpResponse:
    """The page, or for htmx only what changes while it is open."""
    if request.GET.get("after") in ("next", "stay"):
        request.session[AFTER] = request.GET["after"]
    found, desk = open_case(viewer, reference)
    return show_case(request, found, desk)


@never_cache
@act_of("desk:case", "reference")
@staff_only
def move(request: HttpRequest, viewer: Viewer, reference: str, slug: str) -> HttpResponse:
    """Make one move; refused with 422 beside the field, stale or illegal with 409 and the moves of now."""
    found, desk = open_case(viewer, reference, to_show=False)
    wanted = BY_SLUG.get(slug)
    if wanted is None:
        raise Http404
    known: Any = SimpleLazyObject(lambda: choices(desk.place, people_of=found.office_id))  # most moves need no names
    values = {name: str(value).replace("\x00", "") for name, value in request.POST.items()}
    started = filled(request, found, wanted.starts)
    if started is not None:
        return show_case(request, *open_case(viewer, reference), kept=Kept(slug, started))
    further = _next_in_list(request, wanted, found, desk, known)
    given = Given(values, Scene(found, desk, known))
    try:
        done = wanted.do(command_of(request, viewer, found), given)
    except Refused as refused:
        return show_case(request, *open_case(viewer, reference), wanted, refused.fields, 422)
    except ActionError as error:
        fresh, desk = open_case(viewer, reference)
        return show_case(request, fresh, desk, wanted, {"": too_late(error, fresh, desk)}, error.http_status)
    _tell(request, wanted, given, done)
    return redirect(further or f"{reverse('desk:case', args=[found.reference])}{query_of(request)}")


@never_cache
@act_of("desk:case", "reference")
@staff_only
def person(request: HttpRequest, viewer: Viewer, reference: str) -> HttpResponse:
    """Who filed the case: read for a purpose, and the reading is logged."""
    found, desk = open_case(viewer, reference)
    if not reaches(found, viewer, Capability.SEE_PERSON):
        raise PermissionDenied
    read = read_person(found, viewer=viewer, purpose="contact_citizen")
    if request.headers.get("HX-Request") == "true":
        return render(request, "desk/_person.html", {"person": read, "case": found})
    return show_case(request, found, desk, person=read)


# --- Finding the case ------------------------------------------------------------------------------------------------


def open_case(viewer: Viewer, reference: str, *, to_show: bool = True) -> tuple[ServiceRequest, Desk]:
    """The case and its desk; 404 where it is not of the viewer's desk, whether or not it exists.

    What only its page shows is left out where it will not be shown.
    """
    plain = reference.replace("\x00", "")
    found = (
        find_request(plain, viewer, ITS_PAGE, **near_areas(), **templates_beside())
        if to_show
        else find_request(plain, viewer, A_MOVE, **with_offices_been_at())
    )
    if found is None or not reaches(found, viewer, Capability.SEE_DESK):
        raise Http404
    desk = desk_of_case(viewer, found.jurisdiction)
    if desk is None:
        raise Http404
    return found, desk


def command_of(request: HttpRequest, viewer: Viewer, found: ServiceRequest) -> Command:
    """The command of a form, with the version its page showed; 0, which no case has, where it says none."""
    version = request.POST.get("version", "")
    seen = number_sent(version, 9) or 0
    return Command(found.pk, viewer, seen, language=language_written(request))


# --- Going through a list --------------------------------------------------------------------------------------------


def query_of(request: HttpRequest) -> str:
    """The list's part of the address, without what is only for this page."""
    kept = QueryDict(mutable=True)
    for name in FILTERS:
        if name in request.GET:
            kept[name] = request.GET[name]
    return f"?{kept.urlencode()}" if kept else ""


def _list_of(request: HttpRequest, desk: Desk, known: Choices) -> Asked | None:
    """The list the case was opened from, if it was."""
    if not query_of(request):
        return None
    return read_address(request.GET, desk, known)


def _next_in_list(request: HttpRequest, made: Move, found: ServiceRequest, desk: Desk, known: Choices) -> str | None:
    """Where to go after a move that advances: worked out before it, since it may take the case off the list."""
    if not made.advances or request.session.get(AFTER) == "stay":
        return None
    asked = _list_of(request, desk, known)
    if asked is None:
        return None
    _before, behind = neighbours(asked.queue, desk.viewer, found)
    page = reverse("desk:case", args=[behind]) if behind else reverse("desk:queue")
    return f"{page}{query_of(request)}"


# --- Showing it ------------------------------------------------------------------------------------------------------


def _tell(request: HttpRequest, made: Move, given: Given, done: Done) -> None:
    """Say what was done, with names, and what should be looked at again."""
    said = made.tell(given, done.request) if made.tell else made.said
    undo = f"{made.undo} {done.request.reference} {done.request.version}" if made.undo else ""
    messages.success(request, f"{done.request.reference}: {said}", extra_tags=undo)
    warning = made.warn(given, done.request) if made.warn else ""
    if warning:
        messages.warning(request, str(warning))


def too_late(error: ActionError, found: ServiceRequest, desk: Desk) -> str:
    """Who was first and what they did, or why it is not possible."""
    first = sentence_of(last_change(found), desk) if isinstance(error, Conflict) else ""
    return first or str(error.sentence)


def _beside(made: Move, fields: Mapping[str, object], drawn: Container[str]) -> Problems:
    """Sentences by the form's own field names; what belongs to no field that is drawn stands at the top of the form."""
    words_field = next((f.name for f in made.fields if f.look == "long"), "")
    named = {words_field if name == "text" else name: str(sentence) for name, sentence in fields.items()}
    spare = next((name for name in reversed([f.name for f in made.fields]) if name in drawn), "")
    return {(name if name in drawn else spare if name else ""): sentence for name, sentence in named.items()}


def show_case(
    request: HttpRequest,
    found: ServiceRequest,
    desk: Desk,
    tried: Move | None = None,
    refused: Mapping[str, object] | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """The page of a case, or for htmx what changes; after a refusal with the form that was tried and its sentences."""
    may = possible(found, desk.viewer)
    known = choices(desk.place, people_of=found.office_id if Activity.ASSIGNED in may else None)
    likely = likely_duplicates(found, desk.viewer) if Activity.MERGED in may else []
    across = across_the_border(found)
    offered = _offered(found, desk, known, may, likely, across)
    context = _facts(found, desk) | {"near_others": near_sentences(across, known.offices)}
    context |= {"moves": offered, "likely": likely, "may_release": Activity.WORDS_RELEASED in may}
    context |= {"may_split": Activity.SPLIT in may and not found.parent_id}
    context["reply_starts"] = starts_of(found) if may else None
    context |= _sent(request, offered, tried, refused or {})
    context |= _way(request, desk, found, known)
    context |= workflow_context(found, desk.viewer, known, context["page"].papers, may) | more
    context["move_groups"] = grouped(offered, has_steps=bool(context["step_forms"]), tried=context["kept"].slug)
    context |= case_picture(found, context["way"])
    fragment = request.headers.get("HX-Request") == "true"
    response = render(request, "desk/_case.html" if fragment else "desk/case.html", context, status=status)
    response["Vary"] = "HX-Request, Cookie"
    return response


def _facts(found: ServiceRequest, desk: Desk) -> dict[str, Any]:
    page = case_page(found, desk.viewer)
    present = found.jurisdiction.present
    planned_at = planned_day(found, page)
    reasons = explained(found, page.moments)
    description = next((m for m in page.moments if m.activity is Activity.SUBMITTED), None)
    return {
        **frame(desk),
        "present": present,
        "parts": parts_of(page, desk.viewer),
        "page": page,
        "case": found,
        "promise": promise_facts(page),
        "kind": found.kind,
        "description": description,
        "picture": route_picture(
            page.stays,
            found.submitted_at,
            found.closed_at or present,
            acceptance_known=found.jurisdiction.records("accepted"),
        ),
        "way": way_of(found, page.moments),
        "merged_here": page.merged_here,
        "planned_at": planned_at,
        "planned_late": is_after_day(planned_at, found.due_at, desk.place),
        "reasons": reasons,
        "why_here": why_here(found, reasons),
        "away": page.away,
        "is_long": is_long(found.long_at, present),
        "may_see_reports": desk.viewer.has(Capability.SEE_REPORTS, desk.place.pk),
        "rating": getattr(found, "rating", None),
    }


def planned_day(found: ServiceRequest, page: CasePage) -> datetime | None:
    """The day set for the work, while the case is scheduled."""
    if found.status != Status.SCHEDULED:
        return None
    return next((m.promised_at for m in reversed(page.moments) if m.activity is Activity.SCHEDULED), None)


def _offered(
    found: ServiceRequest,
    desk: Desk,
    known: Choices,
    may: Sequence[Activity],
    likely: Sequence[Likely],
    across: Sequence[AcrossTheBorder],
) -> list[dict[str, Any]]:
    """The moves that are the viewer's now, each with its fields and what they choose from."""
    scene = Scene(
        found,
        desk,
        known,
        # A review that is a step of the workflow ends by a move of that step.
        reviews=[h for h in running_reviews(found) if not h.step] if Activity.REVIEW_RETURNED in may else (),
        likely=likely,
        across=across,
    )
    usual = FIRST[Status(found.status)]
    return [
        {
            "move": m,
            "fields": [(f, f.options(scene) if f.options else []) for f in m.fields if f.when(scene)],
            "about": m.about(scene) if m.about else "",
            "is_usual": m.slug == usual,
        }
        for m in moves_of(scene, may)
    ]


def _sent(
    request: HttpRequest, offered: Sequence[dict[str, Any]], tried: Move | None, refused: Mapping[str, object]
) -> dict[str, Any]:
    """What a form that was not taken shows again: its sentences beside its fields, and every word that was typed."""
    if tried is None:
        return {"problems": {}, "conflict": "", "kept": Kept()}
    drawn = {
        entry["move"].slug: [f.name for f, options in entry["fields"] if f.look != "radio" or options]
        for entry in offered
    }
    problems = _beside(tried, refused, drawn.get(tried.slug, ()))
    kept = kept_words(tried, {name: str(value) for name, value in request.POST.items()}, drawn)
    return {"problems": problems, "conflict": problems.get("", ""), "kept": kept}


def _way(request: HttpRequest, desk: Desk, found: ServiceRequest, known: Choices) -> dict[str, Any]:
    asked = _list_of(request, desk, known)
    before, behind = neighbours(asked.queue, desk.viewer, found) if asked else (None, None)
    return {
        "query": query_of(request),
        "in_list": asked is not None,
        "before": before,
        "behind": behind,
        "stays": request.session.get(AFTER) == "stay",
        "say_stay": _("stay here"),
        "say_next": _("next request"),
    }
