"""Links from mails: each is signed, and says what its holder may do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from requests_app.actions.mailing import resume_mails, stop_mails
from requests_app.notify.addressees import FOLLOWER
from requests_app.notify.links import BadLink, Purpose, open_link
from requests_app.notify.writing import STOPPABLE
from requests_app.reads.one_request import find_by_person
from requests_app.web.problem import problem_page
from requests_app.web.viewer import remember_tracked


def bad_link(request: HttpRequest, error: BadLink) -> HttpResponse:
    """The page for a link that is too old or was not made by us."""
    if error.is_expired:
        return problem_page(
            request,
            404,
            _("This link is too old. For your safety, links in mails stop working after a time."),
            remedy=_("Ask for a new one under “My requests”, or use the newest mail you have."),
            back="/mine/",
        )
    return problem_page(
        request,
        404,
        _("This link is not complete, or a letter of it was changed."),
        remedy=_("Open it again from the mail, or copy the whole of it."),
    )


@never_cache
@require_safe
def open_case(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a mail to somebody's own case: this browser holds it from now on, as with the tracking link."""
    try:
        request_id, person_id = open_link(Purpose.OPEN, token, 2)
    except BadLink as error:
        return bad_link(request, error)
    found = find_by_person(request_id, person_id)
    if found is None:
        return bad_link(request, BadLink(is_expired=False))
    remember_tracked(request, found.pk)
    return redirect("citizen:request", reference=found.reference)


@csrf_exempt  # a mail program sends the form by itself (RFC 8058): the signature in the address is the right
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST stops the mails of this kind, or has them come again; done twice, it stays done."""
    try:
        number, pk = open_link(Purpose.STOP, token, 2)
    except BadLink as error:
        return bad_link(request, error)
    kind = STOPPABLE[number]
    context = {"kind": kind, "may_resume": kind != FOLLOWER, "done": ""}
    if request.method == "POST":
        resumes = request.POST.get("act") == "resume"
        act = resume_mails if resumes else stop_mails
        if not act(kind, pk):
            return bad_link(request, BadLink(is_expired=True))
        context["done"] = "resumed" if resumes else "stopped"
    return render(request, "citizen/stop_mails.html", context)
