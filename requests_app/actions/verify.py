"""Whether the saved cases are what the ledger says: each is rebuilt from its events and compared."""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from requests_app.actions._saving import state_of
from requests_app.ledger_reader import changes
from requests_app.models import RequestEvent, ServiceRequest
from requests_app.projection import CaseState, replay
from requests_app.promises import read_promise

BATCH = 2000


def differences(jurisdiction_code: str | None = None) -> Iterator[tuple[str, list[str]]]:
    """Each case's reference with the names of the facts in which it differs from its ledger; [] when in none.

    Two statements and the holds for every 2,000 cases.
    """
    requests = ServiceRequest.objects.order_by("pk")
    if jurisdiction_code:
        requests = requests.filter(jurisdiction__code=jurisdiction_code)
    last = 0
    while batch := list(requests.filter(pk__gt=last).prefetch_related("holds")[:BATCH]):
        last = batch[-1].pk
        rebuilt = _rebuilt(batch)
        for request in batch:
            saved = state_of(request, list(request.holds.all()))
            yield request.reference, differing(saved, rebuilt.get(request.pk))


def _rebuilt(batch: list[ServiceRequest]) -> dict[int, CaseState]:
    events = RequestEvent.objects.filter(request__in=batch).order_by("request_id", "sequence")
    promised = {request.pk: read_promise(request.promise) for request in batch}
    return {pk: replay(changes(own), promised[pk]) for pk, own in groupby(events, key=attrgetter("request_id"))}


def differing(saved: CaseState, rebuilt: CaseState | None) -> list[str]:
    """The names of the facts in which two states differ."""
    if rebuilt is None:
        return ["no events"]
    return [name for name in CaseState.__slots__ if getattr(saved, name) != getattr(rebuilt, name)]
