"""Reading personal data: one function, a purpose, a log."""

from django.db import transaction
from django.db.models.functions import Lower

from requests_app.clock import now
from requests_app.models import Follower, Person, PersonRead, ServiceRequest
from requests_app.permissions import ANONYMOUS, Viewer
from requests_app.states import Capability

PURPOSES = ("contact_citizen", "work_order", "log_call", "send_news", "erase", "show_own")


def read_person(request: ServiceRequest, *, viewer: Viewer, purpose: str) -> Person | None:
    """The person behind a request, logged; None when there is none or the viewer may not see them."""
    _refuse_unknown(purpose)
    if request.person_id is None or not _may_see(request, viewer):
        return None
    return _read(request.person_id, viewer.user_id, purpose)


def read_addressee(person_id: int, *, purpose: str) -> Person | None:
    """Somebody the product itself writes to, logged; None when there is nobody."""
    _refuse_unknown(purpose)
    return _read(person_id, None, purpose)


def followers_to_tell(request_id: int) -> list[tuple[int, int]]:
    """(follower, person) of everybody who follows a case and can be reached, each address once, the first to ask.

    Who filed the case is told as who filed it. No address leaves this function. Nobody is told of a case that not
    everybody may see: of one that was public when they began to follow it, as little as of any other.
    """
    if not ServiceRequest.objects.visible_to(ANONYMOUS).filter(pk=request_id).exists():
        return []
    filer = ServiceRequest.objects.filter(pk=request_id).values_list(Lower("person__email"), flat=True).first()
    found = (
        Follower.objects.filter(request_id=request_id, ended_at=None)
        .exclude(confirmed_at=None)
        .exclude(person__email="")
        .exclude(person__wants_news=False)
        .order_by("pk")
        .values_list("pk", "person_id", Lower("person__email"))
    )
    first = {address: (pk, person_id) for pk, person_id, address in reversed(found)}
    return sorted(pair for address, pair in first.items() if address != filer)


def owner_of(email: str) -> int:
    """The newest row of somebody who filed a case with this address; 0 when there is none."""
    filed = ServiceRequest.objects.filter(person__email__iexact=email).exclude(person__email="")
    return filed.order_by("-person_id").values_list("person_id", flat=True).first() or 0


def own_requests(person_id: int) -> list[tuple[int, int]]:
    """(request, person) of every case filed with the address of this person, the newest first; logged."""
    person = read_addressee(person_id, purpose="show_own")
    if person is None or not person.email:
        return []
    filed = (
        ServiceRequest.objects.filter(person__email__iexact=person.email)
        .exclude(person__email="")
        .order_by("-submitted_at", "-pk")
    )
    return list(filed.values_list("pk", "person_id"))


def _refuse_unknown(purpose: str) -> None:
    if purpose not in PURPOSES:
        raise ValueError(f"“{purpose}” is no purpose: use one of {', '.join(PURPOSES)}")


def _read(person_id: int, user_id: int | None, purpose: str) -> Person | None:
    with transaction.atomic():
        person = Person.objects.filter(pk=person_id).first()
        if person is not None:
            PersonRead.objects.create(person=person, user_id=user_id, purpose=purpose, read_at=now())
    return person


def _may_see(request: ServiceRequest, viewer: Viewer) -> bool:
    reached = ServiceRequest.objects.filter(pk=request.pk).in_reach_of(viewer, Capability.SEE_PERSON)
    return reached.exists()
