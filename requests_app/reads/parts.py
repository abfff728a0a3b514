"""The parts of a case that was split, and the whole that a part belongs to."""

from dataclasses import dataclass
from datetime import datetime

from requests_app.labels import STATUS_AT_DESK, Label, outcome_label, status_label
from requests_app.models import ServiceRequest
from requests_app.models.fields import localized
from requests_app.permissions import Viewer
from requests_app.reads.one_request import CasePage, find_request
from requests_app.states import KIND_OF, Kind, Status


@dataclass(frozen=True, slots=True)
class PartLine:
    """One part as the page of its whole shows it; `reference` "" where the reader may not open it."""

    reference: str
    service: str
    office: str
    status: Label
    kind: Kind
    outcome: Label
    closed_at: datetime | None

    @property
    def is_done(self) -> bool:
        """Whether it is closed."""
        return self.kind is Kind.CLOSED


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts a reader may know of, how many of all are done, and the whole where the case is a part itself."""

    lines: list[PartLine]
    done: int
    all: int
    whole: ServiceRequest | None = None


def parts_of(page: CasePage, viewer: Viewer) -> Parts:
    """One statement for a case with parts, one for a part, none for any other.

    Who reads every word of the whole is told of all its parts, by name and not by reference where they may not open
    one; everybody else of those they may know of.
    """
    case = page.request
    whole = find_request(case.parent.reference, viewer) if case.parent is not None else None
    if not case.parts:
        return Parts([], 0, 0, whole)
    visible = set(case.children.visible_to(viewer).values_list("pk", flat=True))
    words = status_label if page.is_own else STATUS_AT_DESK.__getitem__
    children = case.children.order_by("pk")
    columns = ("pk", "reference", "service__names", "office__names", "status", "outcome", "closed_at")
    lines = [
        PartLine(
            reference=reference if pk in visible else "",
            service=localized(service),
            office=localized(office or {}),
            status=words(Status(status)),
            kind=KIND_OF[Status(status)],
            outcome=outcome_label(outcome),
            closed_at=closed_at,
        )
        for pk, reference, service, office, status, outcome, closed_at in children.values_list(*columns)
        if pk in visible or page.shown.words
    ]
    return Parts(lines, case.parts - case.open_parts, case.parts)
