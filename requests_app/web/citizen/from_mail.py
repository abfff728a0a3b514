"""Links from mails: each is signed, and says what its holder may do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from requests_app.actions.mailing import resume_mails, stop_mails
from requests_app.models import ServiceRequest
from requests_app.notify.addressees import FOLLOWER
from requests_app.notify.links import BadLink, Purpose, open_link, sign
from requests_app.notify.writing import STOPPABLE
from requests_app.reads.one_request import find_by_person
from requests_app.web.citizen.acts import Unsaid, act
from requests_app.web.citizen.fixed import fixed_asked
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


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def is_it_fixed(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a closing mail: GET asks and changes nothing, POST says it, as on the page of the request."""
    try:
        request_id, person_id = open_link(Purpose.FIXED, token, 2)
    except BadLink as error:
        return too_late_to_say(request) if error.is_expired else bad_link(request, error)
    found = find_by_person(request_id, person_id)
    if found is None:
        return bad_link(request, BadLink(is_expired=False))
    if request.method != "POST":
        return ask_whether_fixed(request, found, person_id)
    if request.POST.get("act") not in ("fixed", "not_fixed"):
        return ask_whether_fixed(request, found, person_id, {"fixed": str(_("Choose yes or no."))}, 422)
    remember_tracked(request, found.pk)
    answer = act(request, found)
    if isinstance(answer, Unsaid):
        found.refresh_from_db()
        return ask_whether_fixed(request, found, person_id, answer.problems, answer.status)
    return answer


def ask_whether_fixed(
    request: HttpRequest,
    found: ServiceRequest,
    person_id: int,
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page that asks about one closing."""
    context = {
        "case": found,
        "jurisdiction": found.jurisdiction,
        **fixed_asked(found),
        "problems": problems or {},
        "typed": request.POST,
        "open_url": reverse("citizen:from_mail", args=[sign(Purpose.OPEN, found.pk, person_id)]),
    }
    return render(request, "citizen/is_it_fixed.html", context, status=status)


def too_late_to_say(request: HttpRequest) -> HttpResponse:
    """The page for a closing that is too long ago."""
    return problem_page(
        request,
        410,
        _("This request was closed too long ago to be opened again by this link."),
        remedy=_("If it is not fixed, report it again and name the reference of this one."),
        back=reverse("citizen:report"),
        heading=_("This link has ended"),
    )


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
