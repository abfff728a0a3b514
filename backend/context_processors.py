"""What every template may know about the site."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from requests_app.reads.places import home_jurisdiction
from requests_app.states import Capability
from requests_app.web.viewer import viewer_of


@dataclass(frozen=True, slots=True)
class StaffPage:
    """A workplace in the header's navigation."""

    title: str | Promise
    address: str
    is_here: bool


WORKPLACES = (
    (Capability.SEE_DESK, _("Desk"), "/desk/"),
    (Capability.HANDLE, _("My round"), "/crew/"),
    (Capability.SEE_REPORTS, _("Evaluate"), "/evaluate/"),
    (Capability.ADMINISTER, _("Manage"), "/manage/"),
)


def site(request: HttpRequest) -> dict[str, object]:
    """Say whether this is a demo, where we are, where staff may go, and where the page is in each language."""
    return {
        "demo": settings.DEMO,
        "page_languages": [(code, address_in(request, code)) for code, _ in settings.LANGUAGES],
        "home_jurisdiction": SimpleLazyObject(home_jurisdiction),
        "staff_pages": SimpleLazyObject(lambda: staff_pages(request)),
    }


def staff_pages(request: HttpRequest) -> list[StaffPage]:
    """Return the workplaces that the person who is signed in may enter."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return []
    viewer = viewer_of(request)
    return [
        StaffPage(title, address, request.path.startswith(address))
        for capability, title, address in WORKPLACES
        if viewer.has(capability)
    ]


def address_in(request: HttpRequest, language: str) -> str:
    """Return the present address, asking for another language."""
    query = request.GET.copy()
    query["lang"] = language
    return f"{request.path}?{query.urlencode()}"
