"""A case's state as a fold over its events: pure rules, no Django.

`apply` is the only place that says what an event does to a case. Actions use it to compute the
row they save, the bulk action to compute 20,000 cases at once, and `replay` to rebuild the
state of any case from its ledger; so the three cannot differ.

Times are aware datetimes in UTC; ids are database ids; nothing here holds words or names.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from requests_app.states import Activity, Outcome, Status

LEAD = 0
"""The number of the branch a case begins with; the branch a citizen sees is the lead one."""


@dataclass(frozen=True, slots=True)
class Hold:
    """One stay of a case at an office, with its three clocks when known.

    transfer = sent_at → accepted_at, queue = accepted_at → started_at, service =
    started_at → ended_at. A clock that was not recorded stays None and is counted, never zero.
    """

    number: int
    branch: int
    is_lead: bool
    office_id: int
    sent_at: datetime
    accepted_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str = ""
    sender_id: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What an event says: the projection's view of one `RequestEvent` row.

    `office_id` is the office the event names (the receiver of a hand-off, the reviewer of a
    branch), `handler_id` the person; both None where the event names none.
    """

    activity: Activity
    occurred_at: datetime
    office_id: int | None = None
    handler_id: int | None = None
    outcome: Outcome | None = None
    service_id: int | None = None
    area_id: int | None = None
    priority: int | None = None
    step: str = ""
    branch: int = LEAD
    merged_into_id: int | None = None


@dataclass(frozen=True, slots=True)
class CaseState:
    """Everything of a case that moves: status, step, holds, person, outcome, service, area, priority, version."""

    status: Status
    step: str
    service_id: int
    area_id: int | None
    priority: int
    version: int
    submitted_at: datetime
    office_id: int | None = None
    handler_id: int | None = None
    outcome: Outcome | None = None
    merged_into_id: int | None = None
    closed_at: datetime | None = None
    first_closed_at: datetime | None = None
    hidden: bool = False
    holds: tuple[Hold, ...] = ()

    def open_hold(self, branch: int = LEAD) -> Hold | None:
        """The hold that runs on `branch`, or None when nobody holds it."""
        return next((h for h in reversed(self.holds) if h.branch == branch and h.ended_at is None), None)


Effect = Callable[[CaseState, Change], CaseState]


def begin(change: Change) -> CaseState:
    """The state after a case's first event (`submitted`, or the first `imported` one)."""
    if change.service_id is None:
        raise ValueError("a case begins with an event that names its service")
    state = CaseState(
        status=Status.RECEIVED,
        step=change.step,
        service_id=change.service_id,
        area_id=change.area_id,
        priority=change.priority if change.priority is not None else 0,
        version=1,
        submitted_at=change.occurred_at,
    )
    return _send(state, change) if change.office_id is not None else state


def apply(state: CaseState, change: Change) -> CaseState:
    """The state after `change`. Legality is the caller's business: imports are not held to the moves."""
    effect = _EFFECTS.get(change.activity)
    moved = effect(state, change) if effect else state
    step = change.step or moved.step
    return replace(moved, step=step, version=state.version + 1)


def replay(changes: Iterable[Change]) -> CaseState:
    """The state of a case rebuilt from its events in ledger order; ValueError when there are none."""
    state: CaseState | None = None
    for change in changes:
        state = begin(change) if state is None else apply(state, change)
    if state is None:
        raise ValueError("a case without events has no state")
    return state


def _send(state: CaseState, change: Change, ended_by: str = "") -> CaseState:
    """End the running hold of the branch and open one that belongs to the receiver."""
    assert change.office_id is not None
    running = state.open_hold(change.branch)
    ended = _end_hold(state, change.branch, change.occurred_at, ended_by or change.activity.value)
    sender = running.office_id if running else None
    hold = Hold(
        number=len(state.holds) + 1,
        branch=change.branch,
        is_lead=change.branch == LEAD,
        office_id=change.office_id,
        sent_at=change.occurred_at,
        sender_id=sender,
    )
    return replace(ended, holds=(*ended.holds, hold), office_id=_lead_office(ended, hold))


def _lead_office(state: CaseState, hold: Hold) -> int | None:
    return hold.office_id if hold.is_lead else state.office_id


def _end_hold(state: CaseState, branch: int, at: datetime, ended_by: str) -> CaseState:
    running = state.open_hold(branch)
    if running is None:
        return state
    return _with_hold(state, replace(running, ended_at=at, ended_by=ended_by))


def _with_hold(state: CaseState, hold: Hold) -> CaseState:
    return replace(state, holds=tuple(hold if h.number == hold.number else h for h in state.holds))


def _routed(state: CaseState, change: Change) -> CaseState:
    return replace(_send(state, change), status=Status.TRIAGED, handler_id=None)


def _handed_off(state: CaseState, change: Change) -> CaseState:
    return replace(_send(state, change), status=Status.HANDED_OFF, handler_id=None)


def _bounced(state: CaseState, change: Change) -> CaseState:
    """A bounce ends the receiver's hold; a new one opens for the sender, or nobody holds the case."""
    running = state.open_hold()
    back_to = change.office_id if change.office_id is not None else (running.sender_id if running else None)
    if back_to is None:
        ended = _end_hold(state, LEAD, change.occurred_at, change.activity.value)
        return replace(ended, status=Status.RECEIVED, office_id=None, handler_id=None)
    sent = _send(state, replace(change, office_id=back_to))
    return replace(sent, status=Status.HANDED_OFF, handler_id=None)


def _accepted(state: CaseState, change: Change) -> CaseState:
    running = state.open_hold()
    moved = _with_hold(state, replace(running, accepted_at=change.occurred_at)) if running else state
    return replace(moved, status=Status.ASSIGNED, handler_id=change.handler_id or moved.handler_id)


def _assigned(state: CaseState, change: Change) -> CaseState:
    return replace(state, handler_id=change.handler_id)


def _started(state: CaseState, change: Change) -> CaseState:
    """Work began. The queue clock stops at the first start of a hold; later ones resume it."""
    running = state.open_hold()
    moved = state
    if running and running.started_at is None:
        accepted = running.accepted_at or change.occurred_at
        moved = _with_hold(state, replace(running, accepted_at=accepted, started_at=change.occurred_at))
    return replace(moved, status=Status.IN_PROGRESS, handler_id=change.handler_id or state.handler_id)


def _to(status: Status) -> Effect:
    def effect(state: CaseState, change: Change) -> CaseState:
        return replace(state, status=status)

    return effect


def _closed(state: CaseState, change: Change) -> CaseState:
    ended = state
    for hold in state.holds:
        if hold.ended_at is None:
            ended = _end_hold(ended, hold.branch, change.occurred_at, change.activity.value)
    return replace(
        ended,
        status=Status.CLOSED,
        outcome=change.outcome or Outcome.RESOLVED,
        closed_at=change.occurred_at,
        first_closed_at=state.first_closed_at or change.occurred_at,
        merged_into_id=change.merged_into_id,
    )


def _reopened(state: CaseState, change: Change) -> CaseState:
    """Back to the office that closed it (or the one named): accepted there at once, the clock runs on."""
    office_id = change.office_id if change.office_id is not None else state.office_id
    opened = replace(state, status=Status.ASSIGNED, outcome=None, closed_at=None, merged_into_id=None, handler_id=None)
    if office_id is None:
        return replace(opened, status=Status.RECEIVED)
    sent = _send(opened, replace(change, office_id=office_id))
    running = sent.open_hold()
    return _with_hold(sent, replace(running, accepted_at=change.occurred_at)) if running else sent


def _review_requested(state: CaseState, change: Change) -> CaseState:
    """Open a parallel branch; the number of the branch comes with the event."""
    return _send(state, change)


def _review_returned(state: CaseState, change: Change) -> CaseState:
    return _end_hold(state, change.branch, change.occurred_at, change.activity.value)


def _recategorized(state: CaseState, change: Change) -> CaseState:
    return replace(
        state,
        service_id=change.service_id if change.service_id is not None else state.service_id,
        area_id=change.area_id if change.area_id is not None else state.area_id,
    )


def _reprioritized(state: CaseState, change: Change) -> CaseState:
    return replace(state, priority=change.priority if change.priority is not None else state.priority)


def _hidden(state: CaseState, change: Change) -> CaseState:
    return replace(state, hidden=change.activity is Activity.HIDDEN)


def _imported(state: CaseState, change: Change) -> CaseState:
    """A foreign activity: it names the office that holds the case from now on, if it is another one."""
    running = state.open_hold(change.branch)
    if change.office_id is None or (running is not None and running.office_id == change.office_id):
        return state
    return replace(_send(state, change), status=Status.ASSIGNED)


_EFFECTS: dict[Activity, Effect] = {
    Activity.ROUTED: _routed,
    Activity.HANDED_OFF: _handed_off,
    Activity.BOUNCED: _bounced,
    Activity.ACCEPTED: _accepted,
    Activity.ASSIGNED: _assigned,
    Activity.STARTED: _started,
    Activity.SCHEDULED: _to(Status.SCHEDULED),
    Activity.CITIZEN_ASKED: _to(Status.WAITING_CITIZEN),
    Activity.CITIZEN_REPLIED: _to(Status.IN_PROGRESS),
    Activity.EXTERNAL_WAITED: _to(Status.WAITING_EXTERNAL),
    Activity.RESOLVED: _closed,
    Activity.MERGED: _closed,
    Activity.REOPENED: _reopened,
    Activity.REVIEW_REQUESTED: _review_requested,
    Activity.REVIEW_RETURNED: _review_returned,
    Activity.RECATEGORIZED: _recategorized,
    Activity.REPRIORITIZED: _reprioritized,
    Activity.HIDDEN: _hidden,
    Activity.SHOWN: _hidden,
    Activity.IMPORTED: _imported,
}
