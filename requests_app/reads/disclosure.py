"""How much of a case a viewer sees: the one place that turns publicity and rights into facts."""

from dataclasses import dataclass

from requests_app.models import ServiceRequest
from requests_app.permissions import Publicity, Viewer
from requests_app.reads.holds import offices_been_at
from requests_app.states import Capability


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What may be shown of one case.

    `words`: every word; otherwise only released ones, and those only when `released_words`.
    `place`: the pin and address; who measures a private case knows its area, not its door.
    `internal`: notes and who works on it. `person`: who filed it, read through `privacy.people` only.
    """

    words: bool
    released_words: bool
    place: bool
    internal: bool
    person: bool


def disclosure(request: ServiceRequest, viewer: Viewer) -> Disclosure:
    """The disclosure of a case (with `service` loaded) that `visible_to` has let through.

    A hidden case is disclosed like a private one.
    """
    may_words = reaches(request, viewer, Capability.SEE_WORDS)
    own = request.pk in viewer.tracked_request_ids
    publicity = Publicity.PRIVATE if request.hidden else Publicity(request.service.publicity)
    return Disclosure(
        words=may_words or own,
        released_words=publicity is Publicity.PUBLIC,
        place=may_words or own or publicity is not Publicity.PRIVATE,
        internal=may_words,
        person=reaches(request, viewer, Capability.SEE_PERSON),
    )


def reaches(request: ServiceRequest, viewer: Viewer, capability: Capability) -> bool:
    """Whether one of the viewer's grants gives the capability on this case (see `querysets.reach`)."""
    if viewer.reaches_all(capability, request.jurisdiction_id):
        return True
    grants = viewer.grants_with(capability, request.jurisdiction_id)
    if not grants:
        return False
    been_at = offices_been_at(request)
    return any(
        grant.covers(
            jurisdiction_id=request.jurisdiction_id,
            office_ids=been_at,
            service_id=request.service_id,
            area_id=request.area_id,
        )
        for grant in grants
    )
