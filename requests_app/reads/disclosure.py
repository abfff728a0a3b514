"""How much of a case a viewer sees: the one place that turns publicity and rights into facts."""

from dataclasses import dataclass

from requests_app.models import ServiceRequest
from requests_app.permissions import Publicity, Viewer
from requests_app.querysets import reach
from requests_app.states import Capability


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What may be shown of one case.

    `words`: every word; otherwise only released ones, and those only when `released_words`.
    `place`: the pin and address. `internal`: notes, reasons, people.
    """

    words: bool
    released_words: bool
    place: bool
    internal: bool
    person: bool


def disclosure(request: ServiceRequest, viewer: Viewer) -> Disclosure:
    """The disclosure of a case (with `service` loaded) that `visible_to` has let through."""
    may_words = reaches(request, viewer, Capability.SEE_WORDS)
    own = request.pk in viewer.tracked_request_ids
    publicity = Publicity(request.service.publicity)
    staff = any(_covers_place(request, viewer))
    return Disclosure(
        words=may_words or own,
        released_words=publicity is Publicity.PUBLIC,
        place=may_words or own or staff or publicity is not Publicity.PRIVATE,
        internal=may_words,
        person=reaches(request, viewer, Capability.SEE_PERSON),
    )


def reaches(request: ServiceRequest, viewer: Viewer, capability: Capability) -> bool:
    """Whether one of the viewer's grants gives the capability on this case."""
    grants = viewer.grants_with(capability, request.jurisdiction_id)
    if not grants:
        return False
    if any(g.office_id is None and g.service_id is None and g.area_id is None for g in grants):
        return True
    return any(ServiceRequest.objects.filter(reach(g), pk=request.pk).exists() for g in grants)


def _covers_place(request: ServiceRequest, viewer: Viewer) -> list[bool]:
    return [g.jurisdiction_id in (None, request.jurisdiction_id) and g.office_id is None for g in viewer.grants]
