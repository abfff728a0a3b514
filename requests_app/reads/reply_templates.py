"""The replies that staff can start from."""

from django.db.models import Q

from requests_app.models import ReplyTemplate, ServiceRequest


def templates_for(request: ServiceRequest, kind: str = "") -> list[ReplyTemplate]:
    """The active templates for a case, of one kind when asked, the closest first; one statement.

    Closest are those of its service and its office, then those of one of the two, then those of the whole place.
    """
    meant = ReplyTemplate.objects.filter(
        Q(service=None) | Q(service_id=request.service_id),
        Q(office=None) | Q(office_id=request.office_id),
        jurisdiction_id=request.jurisdiction_id,
        is_active=True,
    )
    found = meant.filter(kind=kind) if kind else meant
    return sorted(found, key=lambda t: (-(t.service_id is not None) - (t.office_id is not None), t.name, t.pk))
