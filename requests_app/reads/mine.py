"""The requests that somebody has filed, as the page that lists them shows them."""

from dataclasses import dataclass

from requests_app.labels import Label, status_label
from requests_app.models import ServiceRequest
from requests_app.permissions import Viewer
from requests_app.privacy.people import own_requests

MOST = 200


@dataclass(frozen=True, slots=True)
class Mine:
    """One of them, and the row of the person who filed it."""

    case: ServiceRequest
    status: Label
    person_id: int


def mine_of(person_id: int) -> list[Mine]:
    """Every request filed with the address of this person, the newest first; the reading is logged."""
    owners = dict(own_requests(person_id)[:MOST])
    viewer = Viewer(tracked_request_ids=frozenset(owners))
    found = ServiceRequest.objects.visible_to(viewer).filter(pk__in=owners).select_related("service", "jurisdiction")
    cases = found.defer("jurisdiction__boundary").order_by("-submitted_at", "-pk")
    return [Mine(case, status_label(case.status), owners[case.pk]) for case in cases]
