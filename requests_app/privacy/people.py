"""Reading personal data: one function, a purpose, a log."""

from django.db import transaction

from requests_app.clock import now
from requests_app.models import Person, PersonRead, ServiceRequest
from requests_app.permissions import Viewer
from requests_app.states import Capability

PURPOSES = ("contact_citizen", "log_call", "send_news", "erase")


def read_person(request: ServiceRequest, *, viewer: Viewer, purpose: str) -> Person | None:
    """The person behind a request, logged; None when there is none or the viewer may not see them."""
    if purpose not in PURPOSES:
        raise ValueError(f"“{purpose}” is no purpose: use one of {', '.join(PURPOSES)}")
    if request.person_id is None or not _may_see(request, viewer):
        return None
    with transaction.atomic():
        person = Person.objects.filter(pk=request.person_id).first()
        if person is not None:
            PersonRead.objects.create(person=person, user_id=viewer.user_id, purpose=purpose, read_at=now())
    return person


def _may_see(request: ServiceRequest, viewer: Viewer) -> bool:
    reached = ServiceRequest.objects.filter(pk=request.pk).in_reach_of(viewer, Capability.SEE_PERSON)
    return reached.exists()
