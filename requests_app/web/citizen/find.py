"""Find my request."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from requests_app.models import Jurisdiction, ServiceRequest
from requests_app.permissions import Viewer
from requests_app.reads.one_request import find_request
from requests_app.reads.places import home_jurisdiction
from requests_app.web.viewer import viewer_of

LONGEST = 40
_NOT_IN_REFERENCES = re.compile(r"[^0-9A-Z]")


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """The search by reference; spaces, small letters and a missing prefix are forgiven."""
    place = home_jurisdiction()
    if "reference" not in request.GET:
        return render(request, "citizen/find.html", {"jurisdiction": place})
    typed = request.GET["reference"].replace("\x00", "").strip()[:LONGEST]
    found = look_up(typed, place, viewer_of(request)) if typed else None
    if found is not None:
        return redirect("citizen:request", reference=found.reference)
    context = {"jurisdiction": place, "typed": typed, "problem": problem_of(typed, place)}
    return render(request, "citizen/find.html", context, status=404 if typed else 422)


def problem_of(typed: str, place: Jurisdiction | None) -> str:
    """Why nothing was found, and what to do: the same sentence for a private request and for none."""
    if not typed:
        return _("Type the reference of your request. It is on the page and in the message you got.")
    prefix = place.reference_prefix if place else "CW"
    return _(
        "No public request has that reference (it looks like %(example)s); a private one opens with its tracking link "
        "only."
    ) % {"example": f"{prefix}-7K3M9QF"}


def look_up(typed: str, place: Jurisdiction | None, viewer: Viewer) -> ServiceRequest | None:
    """The visible request of a reference as it was typed, or as it should have been."""
    return next((found for name in spellings(typed, place) if (found := find_request(name, viewer))), None)


def spellings(typed: str, place: Jurisdiction | None) -> list[str]:
    """The reference as typed, and with the prefix and dash of the place."""
    if place is None:
        return [typed]
    prefix = place.reference_prefix.upper()
    body = _NOT_IN_REFERENCES.sub("", typed.upper()).removeprefix(prefix)
    return list(dict.fromkeys([typed, f"{prefix}-{body}"]))
