"""How much of a case a viewer sees: the one place that turns publicity and rights into facts."""

from collections.abc import Sequence
from dataclasses import dataclass

from requests_app.models import ServiceRequest
from requests_app.permissions import Grant, Publicity, Viewer
from requests_app.querysets import reach
from requests_app.states import Capability


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What may be shown of one case.

    `words`: every word; otherwise only released ones, and those only when `released_words`.
    `place`: the pin and address. `internal`: notes and who works on it. `person`: who filed it,
    which is read through `privacy.people` only.
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
    staff = _reached_by(request, viewer.grants)
    return Disclosure(
        words=may_words or own,
        released_words=publicity is Publicity.PUBLIC,
        place=may_words or own or staff or publicity is not Publicity.PRIVATE,
        internal=may_words,
        person=reaches(request, viewer, Capability.SEE_PERSON),
    )


def reaches(request: ServiceRequest, viewer: Viewer, capability: Capability) -> bool:
    """Whether one of the viewer's grants gives the capability on this case."""
    return _reached_by(request, viewer.grants_with(capability, request.jurisdiction_id))


def _reached_by(request: ServiceRequest, grants: Sequence[Grant]) -> bool:
    """Whether one of the grants reaches the case; a statement only where the offices it was at decide."""
    here = [g for g in grants if g.jurisdiction_id in (None, request.jurisdiction_id)]
    if any(g.is_whole for g in here):
        return True
    return any(ServiceRequest.objects.filter(reach(g), pk=request.pk).exists() for g in here if not g.is_void)
