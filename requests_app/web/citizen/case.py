"""The page of one request: public for everybody, in full for who holds its tracking link."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from requests_app.actions import ActionError, Command, Refused, citizen_replies, comment, rate, reopen
from requests_app.actions.submit import token_hash
from requests_app.models import ServiceRequest
from requests_app.privacy.photos import store
from requests_app.reads.disclosure import disclosure
from requests_app.reads.one_request import CasePage, case_page, find_by_secret, find_request, visible_photos
from requests_app.reads.route_picture import route_picture
from requests_app.states import Activity, Kind, Status
from requests_app.web.citizen.plain import next_steps, promise_said, standing
from requests_app.web.viewer import remember_tracked, viewer_of

Act = Callable[[Command, Any], object]


def visible_or_404(request: HttpRequest, reference: str) -> ServiceRequest:
    """The request if the viewer may know of it; one answer for a private one and for none."""
    found = find_request(reference.replace("\x00", ""), viewer_of(request))
    if found is None:
        raise Http404
    return found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, reference: str) -> HttpResponse:
    """GET shows the request; POST says something as the citizen who filed it."""
    found = visible_or_404(request, reference)
    if request.method == "POST":
        return act(request, found)
    return show(request, found)


def show(
    request: HttpRequest, found: ServiceRequest, problems: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    """The page, or for htmx only what changes while it is open."""
    shown = case_page(found, viewer_of(request))
    fragment = request.headers.get("HX-Request") == "true"
    context = {
        "jurisdiction": found.jurisdiction,
        "page": shown,
        "case": found,
        "standing": standing(shown),
        "promise": promise_said(shown),
        "picture": route_picture(
            shown.stays,
            found.submitted_at,
            found.closed_at or found.jurisdiction.present,
            acceptance_known=found.jurisdiction.records("accepted"),
        ),
        "next_steps": next_steps(found),
        "kind": found.kind,
        "merged_into": find_request(found.merged_into.reference, viewer_of(request)) if found.merged_into else None,
        "asked": last_question(shown),
        "may_reply": shown.is_own and found.status == Status.WAITING_CITIZEN,
        "may_rate": shown.is_own and found.kind is Kind.CLOSED and not shown.is_rated,
        "may_say": shown.is_own and not found.jurisdiction.is_read_only,
        "problems": problems or {},
        "typed": request.POST,
    }
    template = "citizen/_case_live.html" if fragment else "citizen/case.html"
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ("HX-Request",))
    return response


def last_question(shown: CasePage) -> str:
    """What the office asked the citizen last, if the viewer may read it."""
    asked = [moment.body for moment in shown.moments if moment.activity is Activity.CITIZEN_ASKED]
    return asked[-1] if asked else ""


@never_cache
@require_safe
def track(request: HttpRequest, reference: str, token: str) -> HttpResponse:
    """The secret link: remember that this browser holds it, and go on to the page, whose address tells nothing."""
    found = find_by_secret(reference, token_hash(token))
    if found is None:
        raise Http404
    remember_tracked(request, found.pk)
    return redirect("citizen:request", reference=found.reference)


@require_safe
def photo(request: HttpRequest, reference: str, photo_id: int) -> FileResponse:
    """One photo, only to those who may see it."""
    found = visible_or_404(request, reference)
    photos = visible_photos(found, disclosure(found, viewer_of(request)))
    wanted = next((one for one in photos if one.pk == photo_id), None)
    path = store() / wanted.file_name if wanted else None
    if path is None or not path.is_file():
        raise Http404
    response = FileResponse(path.open("rb"), content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=300"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = "inline"
    return response


# --- What the citizen can say --------------------------------------------------------------------------------------


def _reply(command: Command, post: Any) -> object:
    return citizen_replies(command, answer=post.get("reply", ""))


def _comment(command: Command, post: Any) -> object:
    return comment(command, body=post.get("comment", ""))


def _rate(command: Command, post: Any) -> object:
    score = post.get("score", "")
    fixed = {"yes": True, "no": False}.get(post.get("fixed", ""))
    return rate(command, score=int(score) if score.isdecimal() else 0, is_fixed=fixed, remark=post.get("remark", ""))


def _reopen(command: Command, post: Any) -> object:
    if not post.get("reason", "").strip():
        raise Refused({"reason": _("Say in a few words what is still wrong.")})
    return reopen(command, reason=post["reason"])


ACTS: dict[str, tuple[Act, str, str | Promise]] = {
    "reply": (_reply, "reply", _("Your answer was sent. The office can go on.")),
    "comment": (_comment, "comment", _("Your message was sent to the office.")),
    "rate": (_rate, "score", _("Thank you for telling us how it went.")),
    "reopen": (_reopen, "reason", _("The request is open again.")),
}
"""What a form may ask for: the act, the field its words are in, and what is said when it is done."""


def act(request: HttpRequest, found: ServiceRequest) -> HttpResponse:
    """Do what the citizen asks with the version they saw; refused or too late, show the request as it is now."""
    if request.POST.get("act") not in ACTS:
        return show(request, found, {"act": str(_("Choose what you want to do."))}, 422)
    do, field, said = ACTS[request.POST["act"]]
    version = request.POST.get("version", "")
    command = Command(
        found.pk,
        viewer_of(request),
        int(version) if version.isdecimal() else 0,
        language=get_language() or "en",
    )
    try:
        do(command, without_nul(request))
    except Refused as refused:
        return show(request, found, {_on_page(name, field): str(s) for name, s in refused.fields.items()}, 422)
    except ActionError as error:
        fresh = visible_or_404(request, found.reference)
        return show(request, fresh, {field: str(error.sentence)}, error.http_status)
    messages.success(request, str(said))
    return redirect("citizen:request", reference=found.reference)


def _on_page(name: str, field: str) -> str:
    """The field on the page that a field of the domain is."""
    return field if name == "text" else name


def without_nul(request: HttpRequest) -> dict[str, str]:
    """The form's values without NUL, which nobody types and no database takes."""
    return {name: str(value).replace("\x00", "") for name, value in request.POST.items()}
