"""A case as rows: its state read and saved, its holds, its events."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.db.models.expressions import Combinable, RawSQL

from requests_app.actions._draft import Draft
from requests_app.actions.promised import clock_columns, promised
from requests_app.models import Hold, RequestEvent, ServiceRequest
from requests_app.projection import CaseState
from requests_app.projection import Hold as HoldState
from requests_app.states import Outcome, Status

HOLD_FIELDS = [f.name for f in fields(HoldState)]
HOLD_CHANGES = ["accepted_at", "started_at", "ended_at", "ended_by"]
"""What can change of a hold once it is there."""


def state_of(request: ServiceRequest, holds: Sequence[Hold]) -> CaseState:
    """The saved state of a case, as the projection's value."""
    return CaseState(
        status=Status(request.status),
        step=request.step,
        service_id=request.service_id,
        area_id=request.area_id,
        priority=request.priority,
        version=request.version,
        submitted_at=request.submitted_at,
        office_id=request.office_id,
        handler_id=request.handler_id,
        outcome=Outcome(request.outcome) if request.outcome else None,
        merged_into_id=request.merged_into_id,
        closed_at=request.closed_at,
        first_closed_at=request.first_closed_at,
        hidden=request.hidden,
        holds=tuple(HoldState(**{name: getattr(h, name) for name in HOLD_FIELDS}) for h in holds),
        **promised(request),
    )


STATE_FIELDS = (
    "status",
    "step",
    "service_id",
    "area_id",
    "priority",
    "version",
    "office_id",
    "handler_id",
    "merged_into_id",
    "closed_at",
    "first_closed_at",
    "hidden",
)


def put_state(request: ServiceRequest, state: CaseState, at: datetime) -> None:
    """Write the state's values onto the row, unsaved."""
    for name in STATE_FIELDS:
        setattr(request, name, getattr(state, name))
    for name, value in clock_columns(state).items():
        setattr(request, name, value)
    request.outcome = state.outcome or ""
    request.updated_at = at
    request.long_at = _long_at(request, state)


_USUAL = "%s + (SELECT nine_in_ten FROM requests_app_officetime WHERE office_id = %s AND service_id = %s)"


def _long_at(request: ServiceRequest, state: CaseState) -> Combinable | None:
    """From when it is longer at its office than usual, worked out in the statement that saves it; see `keep_long`."""
    stay = state.open_hold()
    if stay is None or request.parent_id is not None:
        return None
    return RawSQL(_USUAL, [stay.sent_at, stay.office_id, state.service_id])  # noqa: S611 (its text is ours)


def read_again(request: ServiceRequest) -> None:
    """Forget what the database worked out as it saved a case: who asks for it reads it."""
    request.__dict__.pop("long_at", None)


def _stay(state: CaseState) -> tuple[Any, ...]:
    """What `long_at` depends on."""
    stay = state.open_hold()
    return (state.service_id, stay and (stay.number, stay.office_id, stay.sent_at))


def save_state(
    request: ServiceRequest, before: CaseState, after: CaseState, at: datetime, row: Mapping[str, Any]
) -> None:
    """Save what changed of a case and its holds, with the columns of `row`."""
    put_state(request, after, at)
    for name, value in row.items():
        setattr(request, name, value)
    changed = {*STATE_FIELDS, *clock_columns(after), *row, "outcome", "updated_at"}
    if _stay(before) != _stay(after):
        changed.add("long_at")
    request.save(update_fields=[name.removesuffix("_id") for name in changed])
    read_again(request)
    _save_holds(request, before, after)


def _save_holds(request: ServiceRequest, before: CaseState, after: CaseState) -> None:
    """Save the holds that changed or are new, in one statement: one that ends stands before the one that begins."""
    known = {h.number: h for h in before.holds}
    changed = [hold for hold in after.holds if known.get(hold.number) != hold]
    if len(changed) == 1 and changed[0].number in known:
        of_it = {name: getattr(changed[0], name) for name in HOLD_CHANGES}
        Hold.objects.filter(request=request, number=changed[0].number).update(**of_it)
    else:
        Hold.objects.bulk_create(
            [hold_row(request.pk, hold) for hold in sorted(changed, key=lambda hold: hold.number)],
            update_conflicts=True,
            unique_fields=["request", "number"],
            update_fields=HOLD_CHANGES,
        )


def hold_row(request_id: int, hold: HoldState) -> Hold:
    """A hold as a row, unsaved."""
    return Hold(request_id=request_id, **{name: getattr(hold, name) for name in HOLD_FIELDS})


def event_row(
    request: ServiceRequest,
    draft: Draft,
    before: CaseState | None,
    after: CaseState,
    occurred_at: datetime,
    recorded_at: datetime,
) -> RequestEvent:
    """The event as a row, unsaved, without actor and words."""
    return RequestEvent(
        request_id=request.pk,
        jurisdiction_id=request.jurisdiction_id,
        sequence=after.version,
        activity=draft.activity,
        occurred_at=occurred_at,
        recorded_at=recorded_at,
        holding_office_id=after.office_id,
        from_status=before.status if before else "",
        to_status=after.status,
        office_id=draft.office_id,
        handler_id=draft.handler_id,
        service_id=draft.service_id,
        area_id=draft.area_id,
        merged_into_id=draft.merged_into_id,
        step=draft.step,
        branch=draft.branch,
        priority=draft.priority,
        outcome=draft.outcome or "",
        reason=draft.reason,
        promised_at=draft.promised_at,
        photo_id=draft.photo_id,
        route_id=draft.route_id,
        score=draft.score,
        foreign_activity_id=draft.foreign_activity_id,
        move=draft.move,
        workflow_id=draft.workflow_id,
        due_at=draft.due_at or changed_due(before, after),
        until_at=draft.until_at,
        document_id=draft.document_id,
        visit_id=draft.visit_id,
        other_request_id=draft.other_request_id,
        explanation=dict(draft.explanation) if draft.explanation else None,
    )


def changed_due(before: CaseState | None, after: CaseState) -> datetime | None:
    """The date promised after an event, where the event changed it: the ledger keeps each of them."""
    return after.clocks.due_at if before is None or before.clocks.due_at != after.clocks.due_at else None
