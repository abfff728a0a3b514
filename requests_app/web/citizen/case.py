"""The page of one request: public for everybody, in full for who holds its tracking link."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from requests_app.actions.follow import takes_followers
from requests_app.actions.submit import token_hash
from requests_app.models import ServiceRequest
from requests_app.places.streets import localized_label
from requests_app.privacy.photos import store
from requests_app.reads.closing import Asked
from requests_app.reads.disclosure import disclosure
from requests_app.reads.feeds import has_feed
from requests_app.reads.one_request import CasePage, case_page, find_by_secret, find_request, visible_photos
from requests_app.reads.parts import parts_of
from requests_app.reads.route_picture import route_picture
from requests_app.reads.usual import usual_time
from requests_app.reads.way import way_of
from requests_app.states import Activity, Kind, Status
from requests_app.web.citizen.acts import Unsaid, act
from requests_app.web.citizen.fixed import fixed_said
from requests_app.web.citizen.me_too import has_supported, may_support
from requests_app.web.citizen.plain import (
    ending_said,
    papers_said,
    pauses,
    standing,
    timeline_told,
    times_sent_back,
)
from requests_app.web.citizen.promised import promise_said
from requests_app.web.citizen.tracking import link_of, remember_link
from requests_app.web.citizen.usual import usual_said
from requests_app.web.viewer import remember_tracked, viewer_of


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
        answer = act(request, found)
        if isinstance(answer, Unsaid):
            return show(request, visible_or_404(request, found.reference), answer.problems, answer.status)
        return answer
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
        "address": address_of(found, shown),
        "standing": standing(shown),
        "promise": promise_said(shown),
        "usual": usual_said(usual_time(found), found.jurisdiction) if found.is_open else None,
        "picture": route_picture(
            shown.stays,
            found.submitted_at,
            found.closed_at or found.jurisdiction.present,
            acceptance_known=found.jurisdiction.records("accepted"),
            pauses=pauses(shown),
        ),
        "told": timeline_told(shown),
        "sent_back": times_sent_back(shown),
        "parts": parts_of(shown, viewer_of(request)),
        "way": way_of(found, shown.moments),
        "ending": ending_said(shown),
        **papers_said(shown),
        "kind": found.kind,
        "merged_into": find_request(found.merged_into.reference, viewer_of(request)) if found.merged_into else None,
        "asked": last_question(shown),
        "may_reply": shown.is_own and found.status == Status.WAITING_CITIZEN,
        "may_rate": shown.is_own and found.kind is Kind.CLOSED and not shown.is_rated,
        **fixed_said(shown),
        "may_say": shown.is_own and not found.jurisdiction.is_read_only,
        "tracking_link": link_of(request, found) if shown.is_own else "",
        "may_support": may_support(request, found),
        "has_feed": has_feed(found),
        "may_follow": takes_followers(found) and not shown.is_own,
        "has_supported": has_supported(request, found),
        "problems": problems or {},
        "typed": request.POST,
    }
    context["stranded"] = stranded(context)
    template = "citizen/_case_live.html" if fragment else "citizen/case.html"
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ("HX-Request",))
    return response


def address_of(found: ServiceRequest, shown: CasePage) -> str:
    """The address in the reader's language, "" when it is not for them."""
    if not shown.shown.place or not found.address_label:
        return ""
    return localized_label(found.jurisdiction_id, found.address_label, get_language() or "en")


STRANDED = {"reply": "may_reply", "remark": "may_rate", "reason": "may_reopen"}
"""The words of a form, and what shows that form: without it they would be lost."""


def stranded(context: dict[str, Any]) -> str:
    """What was typed into a form that the case no longer has: it is kept in the message to the office."""
    typed = context["typed"]
    forms = {**context, "may_reopen": context["fixed_asked"] == Asked.YES}
    return next((typed[name] for name, form in STRANDED.items() if typed.get(name) and not forms[form]), "")


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
    response = redirect("citizen:request", reference=found.reference)
    remember_link(response, found.reference, token)
    return response


@require_safe
def photo(request: HttpRequest, reference: str, photo_id: int) -> FileResponse:
    """One photo, only to those who may see it."""
    found = visible_or_404(request, reference)
    photos = visible_photos({found.pk: disclosure(found, viewer_of(request))})
    wanted = next((one for one in photos if one.pk == photo_id), None)
    path = store() / wanted.file_name if wanted else None
    if path is None or not path.is_file():
        raise Http404
    response = FileResponse(path.open("rb"), content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=300"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = "inline"
    return response
