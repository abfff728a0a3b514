"""Joint visits as pages show them, and the open cases that one could see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, Sum
from django.utils.translation import get_language

from requests_app.models import Jurisdiction, ServiceRequest, Visit, VisitCase
from requests_app.permissions import SYSTEM, Publicity, Viewer
from requests_app.places.streets import localized_labels
from requests_app.reads.desk import Desk
from requests_app.reads.round import field_work
from requests_app.states import WORKING, Capability
from requests_app.visits import Wanted

MOST_CASES = 3000
MOST_SHOWN = 30
COUNTED = timedelta(days=90)


def wanted_cases(place: Jurisdiction, at: datetime) -> list[Wanted]:
    """Field work that an office has accepted and nobody has put on a day: what is promised first, in no other visit.

    Only cases of which everybody may know that they are there, since each office is told of those of the others.
    """
    found = (
        ServiceRequest.objects.visible_to(SYSTEM)
        .of(place.pk)
        .filter(field_work(), status__in=[s for s in WORKING if s != "scheduled"], hidden=False, open_parts=0)
        .exclude(service__publicity=Publicity.PRIVATE)
        .exclude(office=None)
        .filter(Q(put_off_until=None) | Q(put_off_until__lt=at))
        .exclude(pk__in=VisitCase.objects.filter(state=VisitCase.State.IN).values("request_id"))
        # An office that refused a case's visit, or let it pass, is not asked for the same again.
        .exclude(pk__in=VisitCase.objects.filter(reason__in=("declined", "not_answered")).values("request_id"))
        .order_by("due_at", "pk")
    )
    rows = found.values_list("pk", "office_id", "location", "due_at", "service__skills_needed")[:MOST_CASES]
    return [
        Wanted(pk, office_id, (point.x, point.y), due, frozenset(skills))
        for pk, office_id, point, due, skills in rows
        if point is not None
    ]


def may_answer_for(viewer: Viewer, jurisdiction_id: int, office_id: int) -> bool:
    """Whether the viewer handles the work of an office, as its own people, their managers and deputies do."""
    grants = viewer.grants_with(Capability.HANDLE, jurisdiction_id)
    return any(g.office_id == office_id or g.is_whole for g in grants if not (g.service_id or g.area_id))


@dataclass(frozen=True, slots=True)
class SeenCase:
    """One case of a visit."""

    reference: str
    service: str
    office: str
    where: str
    due_at: datetime | None
    skills: list[str]
    state: str
    reason: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class OfficePart:
    """What an office said; `may_answer` where it waits for the viewer."""

    office_id: int
    office: str
    state: str
    reason: str
    may_answer: bool


@dataclass(frozen=True, slots=True)
class VisitShown:
    """One visit with its cases in the order of the way and its offices."""

    visit: Visit
    cases: list[SeenCase]
    offices: list[OfficePart]
    metres: int

    @property
    def where(self) -> str:
        """The first address of the way, "" where none has one."""
        return next((case.where for case in self.cases if case.where), "")

    @property
    def in_it(self) -> list[SeenCase]:
        """The cases that have not dropped out."""
        return [case for case in self.cases if case.state != VisitCase.State.DROPPED] or self.cases

    @property
    def names(self) -> list[str]:
        """The offices whose cases are in it, each once."""
        return list(dict.fromkeys(case.office for case in self.in_it))


@dataclass(frozen=True, slots=True)
class Saved:
    """What joint visits have saved in the last 90 days: visits made, offices that came along, visits saved."""

    made: int
    separate: int
    saved: int


def visits_for(desk: Desk, states: Sequence[str]) -> list[VisitShown]:
    """The visits of a place that concern the viewer's offices (all of them for who sees the city), soonest first."""
    found = Visit.objects.filter(jurisdiction=desk.place, state__in=states)
    if not desk.viewer.reaches_all(Capability.HANDLE, desk.place.pk):
        offices = [g.office_id for g in desk.viewer.grants_with(Capability.HANDLE, desk.place.pk)]
        found = found.filter(parts__office_id__in=[pk for pk in offices if pk is not None])
    order = "-over_at" if Visit.State.DONE in states else "starts_at"
    found = found.distinct().order_by(order, "pk").prefetch_related("parts__office")
    visits = list(found[:MOST_SHOWN])
    cases = _cases(desk, [visit.pk for visit in visits])
    return [
        VisitShown(visit, cases.get(visit.pk, []), _offices(visit, desk.viewer), int(visit.inputs.get("metres", 0)))
        for visit in visits
    ]


def _offices(visit: Visit, viewer: Viewer) -> list[OfficePart]:
    return [
        OfficePart(
            part.office_id,
            part.office.name,
            part.state,
            part.reason,
            visit.state == Visit.State.PROPOSED
            and part.state == "proposed"
            and may_answer_for(viewer, visit.jurisdiction_id, part.office_id),
        )
        for part in visit.parts.all()
    ]


def _cases(desk: Desk, visit_ids: Sequence[int]) -> dict[int, list[SeenCase]]:
    """The cases of visits that the viewer may know of, in their order; two statements."""
    known = ServiceRequest.objects.visible_to(desk.viewer).place_known_to(desk.viewer)
    rows = list(
        VisitCase.objects.filter(visit_id__in=visit_ids, request__in=known)
        .select_related("request__service", "office")
        .order_by("visit_id", "position")
    )
    labels = {row.request.address_label for row in rows if row.request.address_label}
    spoken = localized_labels(desk.place.pk, labels, get_language() or "en")
    found: dict[int, list[SeenCase]] = {}
    for row in rows:
        request = row.request
        found.setdefault(row.visit_id, []).append(
            SeenCase(
                reference=request.reference,
                service=request.service.name,
                office=row.office.name,
                where=spoken.get(request.address_label, request.address_label),
                due_at=request.due_at,
                skills=list(request.service.skills_needed),
                state=row.state,
                reason=row.reason,
                lon=request.location.x if request.location else 0.0,
                lat=request.location.y if request.location else 0.0,
            )
        )
    return found


def saved_lately(place: Jurisdiction) -> Saved:
    """What was saved; one statement. See docs/definitions.md: visits saved."""
    done = Visit.objects.filter(jurisdiction=place, state=Visit.State.DONE, over_at__gte=place.present - COUNTED)
    row = done.filter(separate__gt=0).aggregate(made=Count("pk"), separate=Sum("separate"), saved=Sum("saved"))
    return Saved(row["made"], row["separate"] or 0, row["saved"] or 0)
