"""What the installation holds, for administrators: read-only until the workflow issue gives it forms."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode

from requests_app.labels import PUBLICITY, ROLE, SERVICE_KIND
from requests_app.models import Service
from requests_app.permissions import Publicity, Role
from requests_app.reads.installation import administered_place, installation
from requests_app.states import Capability
from requests_app.web.viewer import viewer_of


def overview(request: HttpRequest) -> HttpResponse:
    """Jurisdictions, and the offices, services, people and imports of one of them (`?place=CODE`)."""
    viewer = viewer_of(request)
    if viewer.user_id is None:
        return redirect(f"/sign-in/?{urlencode({'next': request.get_full_path()})}")
    if not viewer.has(Capability.ADMINISTER):
        raise PermissionDenied
    place = administered_place(viewer, request.GET.get("place"))
    if place is None:
        return render(request, "administration/no_place.html", status=404)
    page = installation(viewer, place)
    roles = [(m, ROLE[Role(m.role)]) for m in page.memberships]
    services = [(s, SERVICE_KIND[s.kind], PUBLICITY[Publicity(s.publicity)], first_offices(s)) for s in page.services]
    return render(
        request,
        "administration/overview.html",
        {"jurisdiction": place, "page": page, "roles": roles, "services": services},
    )


def first_offices(service: Service) -> list[str]:
    """The offices new cases of a service are sent to, each once."""
    return sorted({route.office.name for route in service.routes.all()})
