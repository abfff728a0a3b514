"""Joint visits: proposed by the product, accepted or refused by each office, planned, seen, and counted.

The visit is locked before its cases, which are locked in the order of their ids.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from requests_app.actions._draft import Command, Draft
from requests_app.actions._ledger import append_all, lock
from requests_app.actions.errors import Forbidden, Missing, Refused
from requests_app.clock import now
from requests_app.models import Jurisdiction, Office, Provenance, RequestEvent, Visit, VisitCase, VisitPart
from requests_app.permissions import SYSTEM, Viewer
from requests_app.reads.visits import may_answer_for, wanted_cases
from requests_app.states import WORKING, Activity, Status
from requests_app.visits import DAYS_AHEAD, FIRST_HOUR, LAST_HOUR, Crew, Proposal, Wanted, propose

DECLINED_FOR = ("done_soon", "no_crew", "other_day", "unsuitable", "other")
"""Why an office refuses its part, first the commonest."""

KEPT_OPEN = timedelta(days=2)
"""How long after its time a planned visit still waits for what crews enter."""


def sweep_visits() -> int:
    """Settle what is under way and propose anew, in every live or invented place; how many visits are new."""
    for visit_id in list(_under_way().values_list("pk", flat=True)):
        with transaction.atomic():
            _settle(Visit.objects.select_for_update().get(pk=visit_id))
    places = Jurisdiction.objects.exclude(provenance=Provenance.IMPORTED).defer("boundary")
    return sum(propose_visits(place) for place in places)


def _under_way() -> QuerySet[Visit]:
    return Visit.objects.filter(state__in=[Visit.State.PROPOSED, Visit.State.PLANNED]).order_by("pk")


def propose_visits(place: Jurisdiction) -> int:
    """Write down the visits that `visits.propose` finds among the open cases of a place; how many."""
    with transaction.atomic():
        # One at a time: two would propose the same cases.
        Jurisdiction.objects.select_for_update(no_key=True).filter(pk=place.pk).values_list("pk").get()
        at = now()
        cases = wanted_cases(place, at)
        crews = _crews(place, at, {case.office_id for case in cases})
        found = propose(cases, crews, at)
        for proposal in found:
            _write(place, proposal, at)
        return len(found)


def _crews(place: Jurisdiction, at: datetime, office_ids: Iterable[int]) -> dict[int, Crew]:
    """The offices by what they can do and when they are open by daylight, from tomorrow on."""
    offices = Office.objects.filter(pk__in=list(office_ids)).select_related("jurisdiction", "work_calendar")
    zone = ZoneInfo(place.time_zone)
    first = at.astimezone(zone).date() + timedelta(days=1)
    days = [first + timedelta(days=n) for n in range(DAYS_AHEAD)]
    light = [
        (datetime.combine(day, time(FIRST_HOUR), zone), datetime.combine(day, time(LAST_HOUR), zone)) for day in days
    ]
    crews = {}
    for office in offices.defer("jurisdiction__boundary"):
        calendar = office.calendar()
        slots = [
            (max(opens, begins), min(closes, ends))
            for day, (begins, ends) in zip(days, light, strict=True)
            for opens, closes in calendar.open_slots(day)
            if max(opens, begins) < min(closes, ends)
        ]
        if office.is_open_on(first) and not office.is_external:
            crews[office.pk] = Crew(frozenset(office.skills), slots)
    return crews


def _write(place: Jurisdiction, proposal: Proposal, at: datetime) -> None:
    visit = Visit.objects.create(
        jurisdiction=place,
        kind=Visit.Kind.ROUND if proposal.is_round else Visit.Kind.PLACE,
        starts_at=proposal.starts_at,
        ends_at=proposal.ends_at,
        inputs={"metres": proposal.metres, "cases": [_input(case) for case in proposal.cases]},
        proposed_at=at,
    )
    VisitPart.objects.bulk_create(VisitPart(visit=visit, office_id=office_id) for office_id in proposal.office_ids)
    VisitCase.objects.bulk_create(
        VisitCase(visit=visit, request_id=case.key, office_id=case.office_id, position=position)
        for position, case in enumerate(proposal.cases, start=1)
    )


def _input(case: Wanted) -> dict[str, object]:
    due = case.due_at.isoformat() if case.due_at else None
    return {"request": case.key, "office": case.office_id, "due_at": due, "skills": sorted(case.skills)}


def accept_part(viewer: Viewer, visit_id: int, office_id: int) -> Visit:
    """An office takes its part. With the last one the visit is planned and its cases are set for that time."""
    with transaction.atomic():
        visit, part = _part(viewer, visit_id, office_id)
        _answer(part, viewer, VisitPart.State.ACCEPTED)
        _plan_if_answered(visit)
        return visit


def decline_part(viewer: Viewer, visit_id: int, office_id: int, reason: str) -> Visit:
    """An office refuses its part, saying why; its cases drop out, and a visit of one office is none."""
    with transaction.atomic():
        visit, part = _part(viewer, visit_id, office_id)
        if reason not in DECLINED_FOR:
            raise Refused({"reason": _("Choose a reason from the list.")})
        _answer(part, viewer, VisitPart.State.DECLINED, reason)
        _drop(visit.cases.filter(office_id=office_id, state=VisitCase.State.IN), "declined")
        _cancel_if_one_office(visit)
        _plan_if_answered(visit)
        return visit


def _part(viewer: Viewer, visit_id: int, office_id: int) -> tuple[Visit, VisitPart]:
    """The visit, locked and looked at anew, and the part that waits for the viewer's office."""
    visit = Visit.objects.select_for_update(of=("self",)).select_related("jurisdiction").filter(pk=visit_id).first()
    part = visit.parts.filter(office_id=office_id).first() if visit else None
    if visit is None or part is None:
        raise Missing
    if not may_answer_for(viewer, visit.jurisdiction_id, office_id):
        raise Forbidden
    _settle(visit)
    part.refresh_from_db()
    if visit.state != Visit.State.PROPOSED or part.state != VisitPart.State.PROPOSED:
        raise Refused({"visit": _("This proposal is settled already or has expired. Look at the list again.")})
    return visit, part


def _answer(part: VisitPart, viewer: Viewer, state: str, reason: str = "") -> None:
    part.state, part.reason, part.answered_by_id, part.answered_at = state, reason, viewer.user_id, now()
    part.save(update_fields=["state", "reason", "answered_by", "answered_at"])


def _plan_if_answered(visit: Visit) -> None:
    """Plan a proposal that waits for nobody: an office all of whose cases dropped out is not asked any more."""
    if visit.state == Visit.State.PROPOSED and not _unanswered(visit).exists():
        _plan(visit)


def _unanswered(visit: Visit) -> QuerySet[VisitPart]:
    still_in = visit.cases.filter(state=VisitCase.State.IN).values("office_id")
    return visit.parts.filter(state=VisitPart.State.PROPOSED, office_id__in=still_in)


def _plan(visit: Visit) -> None:
    """Every office that is left has accepted: the cases are set for the day, in their own histories too."""
    visit.state, visit.planned_at = Visit.State.PLANNED, now()
    visit.save(update_fields=["state", "planned_at"])
    for request_id in (
        visit.cases.filter(state=VisitCase.State.IN).order_by("request_id").values_list("request_id", flat=True)
    ):
        command = Command(request_id, SYSTEM, None)
        request, state = lock(command)
        planned = Draft(Activity.VISIT_PLANNED, visit_id=visit.pk)
        append_all(request, state, [planned, Draft(Activity.SCHEDULED, promised_at=visit.starts_at)], command)


def _settle(visit: Visit) -> None:
    """What has become of the cases meanwhile, and of the visit by it."""
    for case in visit.cases.filter(state=VisitCase.State.IN).select_related("request"):
        _settle_case(visit, case)
    if visit.state == Visit.State.PROPOSED:
        if visit.starts_at <= now():
            # Whoever accepted is free for another visit; who was silent is not asked for the same cases again.
            silent = list(_unanswered(visit).values_list("office_id", flat=True))
            _drop(visit.cases.filter(state=VisitCase.State.IN, office_id__in=silent), "not_answered")
            _over(visit, Visit.State.CANCELLED, "one_office")
        _cancel_if_one_office(visit)
        _plan_if_answered(visit)
    elif visit.state == Visit.State.PLANNED:
        is_late = visit.ends_at + KEPT_OPEN <= now()
        if is_late or not visit.cases.filter(state=VisitCase.State.IN).exists():
            _over(visit, Visit.State.DONE, "not_seen")


def _settle_case(visit: Visit, case: VisitCase) -> None:
    request = case.request
    if visit.state == Visit.State.PLANNED and _was_seen(visit, case):
        case.state, case.outcome = VisitCase.State.VISITED, request.outcome
        case.save(update_fields=["state", "outcome"])
    elif request.status == Status.CLOSED:
        _drop(visit.cases.filter(pk=case.pk), "closed")
    elif request.office_id != case.office_id or request.status not in WORKING:
        _drop(visit.cases.filter(pk=case.pk), "moved")


def _was_seen(visit: Visit, case: VisitCase) -> bool:
    """Whether a crew entered that it was there, on the day of the visit or in the days it is kept open."""
    seen = RequestEvent.objects.filter(request=case.request_id, activity=Activity.VISITED)
    day = timedelta(hours=12)
    return seen.filter(occurred_at__range=(visit.starts_at - day, visit.ends_at + KEPT_OPEN)).exists()


def _drop(cases: QuerySet[VisitCase], reason: str) -> None:
    cases.update(state=VisitCase.State.DROPPED, reason=reason)


def _cancel_if_one_office(visit: Visit) -> None:
    """A proposal that has lost its cases but for one office's saves nothing."""
    offices = set(visit.cases.filter(state=VisitCase.State.IN).values_list("office_id", flat=True))
    if visit.state == Visit.State.PROPOSED and len(offices) < 2:
        _over(visit, Visit.State.CANCELLED, "one_office")


def _over(visit: Visit, state: str, why: str) -> None:
    """End a visit: what it did not see drops out; counted are the offices whose case was seen, less the one visit."""
    _drop(visit.cases.filter(state=VisitCase.State.IN), why)
    seen = visit.cases.filter(state=VisitCase.State.VISITED)
    separate = len(set(seen.values_list("office_id", flat=True)))
    visit.state, visit.over_at = state, now()
    visit.separate, visit.saved = separate, max(separate - 1, 0)
    visit.save(update_fields=["state", "over_at", "separate", "saved"])
