"""How an action writes: lock, check, apply, append, queue; one transaction, one place."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models.expressions import BaseExpression
from django.utils.translation import gettext_lazy as _

from requests_app.actions._draft import Command, Done, Draft
from requests_app.actions._parts import PartState, outcome_of_whole, still_open, whole_follows
from requests_app.actions._saving import event_row, save_state, state_of
from requests_app.actions.errors import Conflict, Forbidden, Illegal, Missing, ReadOnly, Refused, Sentence
from requests_app.actions.handing import with_deadline
from requests_app.clock import now
from requests_app.models import Jurisdiction, Office, RequestEvent, ServiceRequest, Words
from requests_app.notify.queueing import queue_events
from requests_app.permissions import CITIZEN, SYSTEM, Grant, Viewer, behalf
from requests_app.projection import CaseState, apply
from requests_app.promises import read_promise
from requests_app.states import (
    FORWARD_REASONS,
    MOVES,
    ON_A_BRANCH,
    REASONS,
    REMARKS,
    Activity,
    Actor,
    Capability,
    Status,
    is_forward,
    is_legal,
)
from requests_app.text.limits import MAX_WORDS
from requests_app.text.normalise import clean

CLOCK_SKEW = timedelta(minutes=2)
"""How far in the future a partner's clock may be before its time is refused."""


DraftMaker = Callable[[ServiceRequest, CaseState], Draft]


def perform(command: Command, draft: Draft | DraftMaker, *also: str) -> Done:
    """Carry out one action on one case, read with `also` of its relations.

    Raises an `ActionError` and changes nothing when refused.
    """
    with transaction.atomic():
        request, state = lock(command, *also)
        made = draft(request, state) if callable(draft) else draft
        authorise(command.viewer, request, state, made)
        check_legal(made, state)
        return append(request, state, made, command)


def lock(command: Command, *also: str, **beside: BaseExpression) -> tuple[ServiceRequest, CaseState]:
    """The case, locked, with its state; Missing, ReadOnly or Conflict when not to be had.

    Read with it are `also` of its relations and what stands `beside` it.

    A case the viewer may not know of is Missing like one that does not exist.
    """
    wanted = (
        ServiceRequest.objects.visible_to(command.viewer)
        .select_for_update(of=("self",), no_key=True)
        .select_related("jurisdiction", "service", *also)
        .defer("jurisdiction__boundary")
        .filter(pk=command.request_id)
        .annotate(**beside)
    )
    # Asked twice where it is not there: who waited for a move to another service finds the joined row gone at first.
    request = wanted.first() or wanted.first()
    if request is None:
        raise Missing
    if request.jurisdiction.is_read_only:
        raise ReadOnly
    if command.version is not None and command.version != request.version:
        raise Conflict(Status(request.status), request.version)
    return request, state_of(request, list(request.holds.all()))


def authorise(viewer: Viewer, request: ServiceRequest, state: CaseState, draft: Draft) -> None:
    """Forbidden unless the viewer may do this to this case."""
    capability = capability_for(draft.activity)
    if request.pk in viewer.tracked_request_ids and capability in CITIZEN:
        return
    if not covering(viewer, request, state, draft):
        raise Forbidden


def covering(viewer: Viewer, request: ServiceRequest, state: CaseState, draft: Draft) -> list[Grant]:
    """The grants by which the viewer may do this to this case."""
    offices = offices_that_may(state, draft)
    return [
        grant
        for grant in viewer.grants_with(capability_for(draft.activity))
        if grant.covers(
            jurisdiction_id=request.jurisdiction_id,
            office_ids=offices,
            service_id=state.service_id,
            area_id=state.area_id,
        )
    ]


def acts_for(viewer: Viewer, request: ServiceRequest, state: CaseState, draft: Draft) -> int | None:
    """The absent colleague in whose place the viewer does this; None when they do it as themselves."""
    if not viewer.stands_in_for(request.jurisdiction_id):
        return None
    return behalf(covering(viewer, request, state, draft), state.handler_id)


def capability_for(activity: Activity) -> Capability:
    """What somebody must be able to do for this to happen."""
    move = MOVES.get(activity)
    return move.capability if move else REMARKS[activity]


def offices_that_may(state: CaseState, draft: Draft) -> frozenset[int]:
    """The offices whose people may do it: the holder, the reviewer of the branch, or every office it was ever at."""
    if draft.activity in ON_A_BRANCH:
        running = state.open_hold(draft.branch)
        return frozenset({running.office_id} if running else ())
    if draft.activity is Activity.RECALLED:
        running = state.open_hold()
        return frozenset({running.sender_id} if running and running.sender_id else ())
    move = MOVES.get(draft.activity)
    if move and move.by_holder:
        running = state.open_hold()
        return frozenset({running.office_id} if running else ())
    return frozenset(hold.office_id for hold in state.holds)


def check_legal(draft: Draft, state: CaseState) -> None:
    """Illegal when the move does not exist from here; Refused when its reason code is missing or unknown."""
    forwards = is_forward(draft.activity, state.status)
    if not is_legal(draft.activity, state.status) or (forwards and not draft.reason):
        raise Illegal(draft.activity, state.status)
    if forwards and draft.reason not in FORWARD_REASONS:
        raise Refused({"reason": _("Choose a reason from the list.")})
    move = MOVES.get(draft.activity)
    known = REASONS.get(draft.activity, ())
    if move and move.needs_reason and draft.reason not in known:
        raise Refused({"reason": _("Choose a reason from the list.")})


def receiving_office(request: ServiceRequest, office_id: int) -> Office:
    """The office a case goes to, with its calendar: Refused unless one of its own jurisdiction, not closed for good."""
    here = Office.objects.filter(pk=office_id, jurisdiction_id=request.jurisdiction_id)
    office = here.select_related("work_calendar").first()
    against = office_against(office, request.jurisdiction)
    if office is None or against:
        raise Refused({"office": against or ""})
    office.jurisdiction = request.jurisdiction
    return office


def office_against(office: Office | None, place: Jurisdiction) -> Sentence | None:
    """Why an office cannot receive a case of a place today, if it cannot."""
    if office is None or office.jurisdiction_id != place.pk:
        return _("There is no such office. Choose one from the list.")
    today = place.today
    if office.is_closed_for_good_on(today):
        return closed_for_good(office)
    if not office.is_open_on(today):
        return _("%(office)s has not opened yet. Choose another office.") % {"office": office.name}
    return None


def closed_for_good(office: Office) -> Sentence:
    """The sentence that refuses an office which takes nothing any more."""
    return _("%(office)s is closed for good and takes no requests. Choose another office.") % {"office": office.name}


def append(request: ServiceRequest, state: CaseState, draft: Draft, command: Command) -> Done:
    """Save the new state, append the event, queue what must follow."""
    return append_all(request, state, [draft], command)


def append_all(request: ServiceRequest, state: CaseState, drafts: Sequence[Draft], command: Command) -> Done:
    """Append several events of one moment, in order, with one save of the case; the last is what was done.

    A part that is closed or opened again takes its whole along, in the same transaction.
    """
    refuse_open_parts(request, drafts)
    recorded_at = now()
    occurred_at = checked_time(command.occurred_at, recorded_at, _earliest(state, drafts))
    drafts = [with_deadline(draft, occurred_at) for draft in drafts]
    states = [state]
    for draft in drafts:
        states.append(apply(promised_anew(states[-1], draft), draft.change(occurred_at)))
    words = [keep_words(request, draft, command.language, recorded_at) for draft in drafts]
    columns = {name: value for draft in drafts for name, value in draft.row.items()}
    save_state(request, state, states[-1], recorded_at, {**_taken_up(request, state, states[-1]), **columns})
    events = [
        event_row(request, draft, before, after, occurred_at, recorded_at)
        for draft, before, after in zip(drafts, states, states[1:], strict=False)
    ]
    for event, draft, said in zip(events, drafts, words, strict=True):
        event.actor = actor_of(command.viewer, request.jurisdiction_id)
        event.user_id = command.viewer.user_id
        event.on_behalf_of_id = acts_for(command.viewer, request, state, draft)
        event.acting_office_id = acting_office(command.viewer, request.jurisdiction_id, state)
        event.words_id = said.pk if said else draft.words_id
    RequestEvent.objects.bulk_create(events)
    queue(request, events, recorded_at)
    for draft in drafts:
        if draft.receiver is not None and draft.receiver.pk == request.office_id:
            request.office = draft.receiver
    if request.parent_id is not None and (state.closed_at is None) != (states[-1].closed_at is None):
        _settle_whole(request)
    return Done(request, events[-1])


def refuse_open_parts(request: ServiceRequest, drafts: Sequence[Draft]) -> None:
    """Refused when a case is to be closed whose parts are not done: it closes by itself with the last of them."""
    closes = any((move := MOVES.get(draft.activity)) and move.to is Status.CLOSED for draft in drafts)
    against = parts_against(request)
    if closes and against is not None:
        raise Refused({"outcome": against})


def parts_against(request: ServiceRequest) -> Sentence | None:
    """Why a case cannot be closed by hand, whatever the outcome, while parts of it are not done; else None."""
    if not request.open_parts:
        return None
    done = {"done": request.parts - request.open_parts, "all": request.parts}
    return _("Parts done: %(done)s of %(all)s. It closes by itself with the last one.") % done


def _settle_whole(part: ServiceRequest) -> None:
    """Close the whole with its last part, or open it again with the first that is.

    The whole is locked before its parts are counted: of two last parts that close at once, the second counts both.
    """
    whole, state = lock(Command(part.parent_id or 0, SYSTEM, None))
    parts = [PartState(*row) for row in whole.children.values_list("status", "outcome")]
    whole.open_parts = still_open(parts)
    activity = whole_follows(state, parts)
    if activity is None:
        whole.save(update_fields=["open_parts"])
        return
    outcome = outcome_of_whole(parts) if activity is Activity.RESOLVED else None
    row = {"open_parts": whole.open_parts}
    draft = Draft(activity, outcome=outcome, other_request_id=part.pk, row=row)
    append(whole, state, draft, Command(whole.pk, SYSTEM, None))


def _taken_up(request: ServiceRequest, before: CaseState, after: CaseState) -> dict[str, Any]:
    """The columns of a case that was put off and is not any more: it moved on, or it has become urgent."""
    if request.put_off_until is None:
        return {}
    moved = (after.status, after.office_id) != (before.status, before.office_id)
    return {"put_off_until": None} if moved or after.priority > before.priority else {}


def promised_anew(state: CaseState, draft: Draft) -> CaseState:
    """The state with the terms a draft brings: a case that is moved to another service is promised something else."""
    return replace(state, promise=read_promise(draft.row["promise"])) if "promise" in draft.row else state


def checked_time(occurred_at: datetime | None, recorded_at: datetime, earliest: datetime | None = None) -> datetime:
    """When it happened: now unless said otherwise; Refused when it is in the future or before `earliest`."""
    if occurred_at is None:
        return recorded_at
    if occurred_at > recorded_at + CLOCK_SKEW:
        raise Refused({"occurred_at": _("This date is in the future. Give the day it happened.")})
    if earliest is not None and occurred_at < earliest:
        raise Refused({"occurred_at": _("This date is before the last step of the request. Give a later one.")})
    return occurred_at


def _earliest(state: CaseState, drafts: Sequence[Draft]) -> datetime:
    """What moves a case comes after its last step; what is only said of it may have been seen any time since filing."""
    moves = any(draft.activity in MOVES for draft in drafts)
    return last_step_at(state) if moves else state.submitted_at


def last_step_at(state: CaseState) -> datetime:
    """The latest moment the state knows of: nothing that moves it can have happened before."""
    return max((state.submitted_at, *(hold.last_at for hold in state.holds)))


def keep_words(request: ServiceRequest, draft: Draft, language: str, at: datetime) -> Words | None:
    """Store the words of a draft; Refused when they are empty or too long."""
    if draft.text is None:
        return None
    return Words.objects.create(
        request=request,
        kind=draft.text.kind,
        body=checked_words(draft.text.body, "text"),
        language=language,
        written_at=at,
        released_at=at if draft.text.released else None,
    )


def checked_words(body: str, field_name: str) -> str:
    """Words normalised and within the limit, else Refused naming the field."""
    text = clean(body)
    if not text:
        raise Refused({field_name: _("Write a few words: the text is empty.")})
    if len(text) > MAX_WORDS:
        raise Refused(
            {
                field_name: _("The text has %(given)s characters; the most is %(limit)s. Shorten it.")
                % {"given": len(text), "limit": MAX_WORDS}
            }
        )
    return text


def actor_of(viewer: Viewer, jurisdiction_id: int) -> Actor:
    """The kind of actor: a citizen, a member of staff, or the product itself."""
    if viewer.is_partner:
        return Actor.PARTNER
    if viewer.user_id is None and viewer.is_staff:
        return Actor.SYSTEM
    return viewer.actor_for(jurisdiction_id)


def acting_office(viewer: Viewer, jurisdiction_id: int, state: CaseState) -> int | None:
    """The office the viewer acts for: the holding one when they belong to it, else their first."""
    own = [
        g.office_id for g in viewer.grants if g.office_id is not None and g.jurisdiction_id in (None, jurisdiction_id)
    ]
    if state.office_id in own or (viewer.is_staff and not own):
        return state.office_id
    return own[0] if own else None


def queue(request: ServiceRequest, events: Sequence[RequestEvent], at: datetime) -> None:
    """Queue the side effects of events, in the same transaction."""
    queue_events(request, events, at)
