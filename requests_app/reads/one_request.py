"""One case as its page shows it."""

from dataclasses import dataclass, field

from requests_app.labels import STATUS_AT_DESK, Label, status_label
from requests_app.models import Answer, Photo, ServiceRequest
from requests_app.permissions import Viewer
from requests_app.reads.disclosure import Disclosure, disclosure
from requests_app.reads.journey import Moment, Stay, stays, timeline
from requests_app.states import Status


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything a page about one case needs, already cut to what the viewer may see."""

    request: ServiceRequest
    shown: Disclosure
    status: Label
    moments: list[Moment]
    stays: list[Stay]
    photos: list[Photo]
    answers: list[tuple[str, str]] = field(default_factory=list)
    is_own: bool = False
    is_late: bool = False


def find_request(reference: str, viewer: Viewer) -> ServiceRequest | None:
    """The visible case with that reference, however it was typed; None when there is none to see."""
    wanted = reference.strip().upper().replace(" ", "")
    return (
        ServiceRequest.objects.visible_to(viewer)
        .filter(reference=wanted)
        .select_related("jurisdiction", "service", "office", "area", "handler", "merged_into", "merged_into__service")
        .first()
    )


def case_page(request: ServiceRequest, viewer: Viewer) -> CasePage:
    """Build the page of a case that `find_request` returned."""
    shown = disclosure(request, viewer)
    present = request.jurisdiction.present
    own = request.pk in viewer.tracked_request_ids
    status = Status(request.status)
    return CasePage(
        request=request,
        shown=shown,
        status=status_label(status) if own else STATUS_AT_DESK[status],
        moments=timeline(request, shown),
        stays=stays(request, present),
        photos=visible_photos(request, shown),
        answers=answers(request) if shown.words else [],
        is_own=own,
        is_late=request.is_open and request.due_at is not None and request.due_at < present,
    )


def visible_photos(request: ServiceRequest, shown: Disclosure) -> list[Photo]:
    """The photos the viewer may look at."""
    photos = Photo.objects.filter(request=request, erased_at=None).order_by("pk")
    if shown.words:
        return list(photos)
    return list(photos.exclude(released_at=None)) if shown.released_words else []


def answers(request: ServiceRequest) -> list[tuple[str, str]]:
    """Questions and answers, choices in words."""
    found = (
        Answer.objects.filter(request=request, erased_at=None).select_related("question").order_by("question__position")
    )
    return [(a.question.name, a.question.spoken(a.value)) for a in found]
