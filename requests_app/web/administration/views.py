"""What the installation holds, for administrators."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from requests_app.labels import PUBLICITY, ROLE, SERVICE_KIND
from requests_app.models import Service
from requests_app.permissions import Publicity, Role
from requests_app.reads.installation import installation
from requests_app.web.administration.gate import Administration, administrators_only, show


@require_safe
@administrators_only
def overview(request: HttpRequest, administration: Administration) -> HttpResponse:
    """Jurisdictions, and the offices, services, people and imports of one of them (`?place=CODE`)."""
    page = installation(administration.viewer, administration.place)
    people = administration.address("administration:people")
    roles = [(ROLE[role], page.roles.get(role.value, 0), f"{people}&role={role.value}") for role in Role]
    services = [(s, SERVICE_KIND[s.kind], PUBLICITY[Publicity(s.publicity)], first_offices(s)) for s in page.services]
    return show(
        request, administration, "administration/overview.html", {"page": page, "roles": roles, "services": services}
    )


def first_offices(service: Service) -> list[str]:
    """The offices new cases of a service are sent to, each once."""
    return sorted({route.office.name for route in service.routes.all()})
