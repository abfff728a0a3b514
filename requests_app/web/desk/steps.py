"""Making a move of the workflow at the desk, and what is done with papers."""

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from requests_app import actions
from requests_app.actions import ActionError, Command, Done, Refused
from requests_app.labels import activity_label
from requests_app.permissions import Viewer
from requests_app.projection import LEAD
from requests_app.reads.workflow_names import WorkflowNames
from requests_app.states import Activity
from requests_app.web.acts import act_of
from requests_app.web.desk.case import command_of, open_case, query_of, show_case, too_late
from requests_app.web.desk.conflict import Kept
from requests_app.web.desk.gate import staff_only
from requests_app.web.desk.reply_start import FILL, filled
from requests_app.web.desk.step_forms import Tried, slug_of
from requests_app.web.uploads import sent_document
from requests_app.workflows.parse import kept

MOST_TYPED = 20_000


@never_cache
@act_of("desk:case", "reference")
@staff_only
def step(request: HttpRequest, viewer: Viewer, reference: str, code: str) -> HttpResponse:
    """Make a move of the workflow."""
    branch = _number(request.POST.get("branch", ""), most=4)
    if FILL in request.POST:
        return _start_reply(request, viewer, reference, slug_of(branch, code))
    sent = request.POST.items()
    chosen = actions.Chosen(
        move=code,
        reason=request.POST.get("reason", ""),
        words=_words(request, "text"),
        note=_words(request, "note"),
        offices={name[7:]: _number(str(value)) for name, value in sent if name.startswith("office-") and value},
    )
    return _do(request, viewer, reference, slug_of(branch, code), lambda c: actions.make_move(c, chosen, branch=branch))


def _start_reply(request: HttpRequest, viewer: Viewer, reference: str, slug: str) -> HttpResponse:
    """The case again with the form of a move open, and the chosen template put into it."""
    found, desk = open_case(viewer, reference)
    values = filled(request, found, {"text"}) or {}
    return show_case(request, found, desk, step_tried=Tried(slug, {}, values))


@never_cache
@act_of("desk:case", "reference")
@staff_only
def begin_review(request: HttpRequest, viewer: Viewer, reference: str) -> HttpResponse:
    """Take a review and begin with it."""
    branch = _number(request.POST.get("branch", ""), most=4)
    return _do(request, viewer, reference, "begin-review", lambda c: actions.start_review(c, branch=branch))


@never_cache
@act_of("desk:case", "reference")
@staff_only
def ask_papers(request: HttpRequest, viewer: Viewer, reference: str) -> HttpResponse:
    """Ask the citizen for documents."""
    kinds = [str(kind) for kind in request.POST.getlist("kinds")]
    words = _words(request, "text")
    return _do(request, viewer, reference, "ask-papers", lambda c: actions.ask_documents(c, kinds=kinds, words=words))


@never_cache
@act_of("desk:case", "reference")
@staff_only
def add_paper(request: HttpRequest, viewer: Viewer, reference: str) -> HttpResponse:
    """Keep a document that came by mail or over the counter."""
    kind = request.POST.get("kind", "")

    def add(command: Command) -> Done:
        return actions.add_document(command, kind=kind, ready=sent_document(request), by_citizen=False)

    return _do(request, viewer, reference, "add-paper", add)


@never_cache
@act_of("desk:case", "reference")
@staff_only
def check_paper(request: HttpRequest, viewer: Viewer, reference: str, document_id: int) -> HttpResponse:
    """Say that a document is good, or why it is not."""
    is_good, reason = request.POST.get("verdict") == "good", request.POST.get("reason", "")
    words = _words(request, "text")

    def check(command: Command) -> Done:
        return actions.check_document(command, document_id=document_id, is_good=is_good, reason=reason, words=words)

    return _do(request, viewer, reference, f"check-{document_id}", check)


def _do(
    request: HttpRequest, viewer: Viewer, reference: str, slug: str, act: Callable[[Command], Done]
) -> HttpResponse:
    """Act, then show the case again: as it is now, or with what was typed and what is wrong with it."""
    found, desk = open_case(viewer, reference)
    try:
        done = act(command_of(request, viewer, found))
    except Refused as refused:
        problems = {name: str(sentence) for name, sentence in refused.fields.items()}
        return show_case(request, found, desk, status=422, step_tried=_tried(request, slug, problems))
    except ActionError as error:
        fresh, desk = open_case(viewer, reference)
        tried = _tried(request, slug, {})
        said = too_late(error, fresh, desk)
        words = next((text for name in ("text", "note") if (text := _words(request, name).strip())), "")
        kept_words = Kept(words=words)
        return show_case(
            request, fresh, desk, status=error.http_status, step_tried=tried, conflict=said, kept=kept_words
        )
    messages.success(request, _said(done))
    return redirect(f"{reverse('desk:case', args=[done.request.reference])}{query_of(request)}")


def _tried(request: HttpRequest, slug: str, problems: Mapping[str, str]) -> Tried:
    return Tried(slug, problems, {name: str(value) for name, value in request.POST.items()})


def _said(done: Done) -> str:
    """What was done, in a sentence, with the step the case is at now."""
    names = WorkflowNames(kept(done.request.workflow.source) if done.request.workflow else None)
    values = {
        "reference": done.request.reference,
        "move": names.move(done.event.move),
        "step": names.step(done.request.step),
    }
    if Activity(done.event.activity) in (Activity.ADVANCED, Activity.HANDED_OFF):
        return _("%(reference)s: “%(move)s” is done. The step is now “%(step)s”.") % values
    if values["move"]:
        return _("%(reference)s: “%(move)s” is done.") % values
    return _("%(reference)s: %(what)s.") % {**values, "what": activity_label(done.event.activity)}


def _number(text: str, most: int = 18) -> int:
    """A number as a form sent it; 0, which nothing has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most else LEAD


def _words(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\x00", "")[:MOST_TYPED]
