"""After sending: the reference, the secret link, who has it, and what happens next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from requests_app.models import ServiceRequest
from requests_app.permissions import SYSTEM
from requests_app.privacy.people import read_person
from requests_app.reads.one_request import find_request
from requests_app.reads.usual import usual_time
from requests_app.reads.way import way_of
from requests_app.reads.what_it_takes import papers_needed
from requests_app.web.citizen.draft import SENT_KEY
from requests_app.web.citizen.usual import usual_said
from requests_app.web.viewer import viewer_of


def mail_of(filed: ServiceRequest) -> str:
    """The address that news goes to, "" for none: who filed the request sees it, to catch a typing error."""
    person = read_person(filed, viewer=SYSTEM, purpose="send_news")
    return person.email if person else ""


@never_cache
@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """The answer to the report this browser sent last."""
    sent = request.session.get(SENT_KEY)
    filed = find_request(sent["reference"], viewer_of(request)) if sent else None
    if sent is None or filed is None:
        return redirect("citizen:report")
    link = reverse("citizen:track", kwargs={"reference": filed.reference, "token": sent["token"]})
    context = {
        "jurisdiction": filed.jurisdiction,
        "filed": filed,
        "tracking_link": request.build_absolute_uri(link),
        "mail": mail_of(filed),
        "papers_needed": papers_needed(filed.service),
        "usual": usual_said(usual_time(filed), filed.jurisdiction),
        "steps": [step.name for step in way_of(filed, [])],
    }
    return render(request, "citizen/report_thanks.html", context)
