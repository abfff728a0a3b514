"""A case's state as a fold over its events: pure rules, no Django.

`apply` is the only place that says what an event does to a case. Actions use it to compute the
row they save, the bulk action to compute 20,000 cases at once, and `replay` to rebuild the
state of any case from its ledger; so the three cannot differ.

Times are aware datetimes in UTC; ids are database ids; nothing here holds words or names.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from requests_app.promises import Clocks, Promise, begin_clocks, tick
from requests_app.states import GIVES_BACK, Activity, Outcome, Status

LEAD = 0
"""The number of the branch a case begins with; the branch a citizen sees is the lead one."""

NO_CLOCKS = Clocks()


@dataclass(frozen=True, slots=True)
class Hold:
    """One stay of a case at an office, with its three clocks when known.

    transfer = sent_at → accepted_at, queue = accepted_at → started_at, service =
    started_at → ended_at. A clock that was not recorded stays None and is counted, never zero.
    `sender_id` is the office a bounce gives the case back to; None: to nobody, it is routed anew.
    `step` is what a branch beside the lead one is for; the step of the lead branch is the case's own.
    `opened_by` is the activity that opened it: a hold that was handed off can be told from one that came back.
    `expires_at` is until when the receiver must accept it; None: it need not.
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
    step: str = ""
    opened_by: str = ""
    expires_at: datetime | None = None

    @property
    def last_at(self) -> datetime:
        """The latest moment the hold knows of."""
        return self.ended_at or self.started_at or self.accepted_at or self.sent_at


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
    promised_at: datetime | None = None
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseState:
    """Everything of a case that moves: status, step, holds, person, outcome, service, area, priority, version, clocks.

    `promise` does not move: it is what the case was promised, with other terms from a later version on where it was
    moved to another service. A case without one (an imported one) has no clocks.
    """

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
    promise: Promise | None = None
    clocks: Clocks = NO_CLOCKS

    def open_hold(self, branch: int = LEAD) -> Hold | None:
        """The hold that runs on `branch`, or None when nobody holds it."""
        return next((h for h in reversed(self.holds) if h.branch == branch and h.ended_at is None), None)


Effect = Callable[[CaseState, Change], CaseState]


def begin(change: Change, promise: Promise | None = None) -> CaseState:
    """The state after a case's first event (`submitted`, or the first `imported` one), with what was promised then."""
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
        promise=promise,
    )
    if promise is not None:
        state = replace(state, clocks=begin_clocks(promise, state))
    return _send(state, change) if change.office_id is not None else state


def apply(state: CaseState, change: Change) -> CaseState:
    """The state after `change`. Legality is the caller's business: imports are not held to the moves."""
    effect = _EFFECTS.get(change.activity)
    moved = effect(state, change) if effect else state
    step = change.step if change.step and change.branch == LEAD else moved.step
    after = replace(moved, step=step, version=state.version + 1)
    if after.promise is None:
        return after
    at, new_date = change.occurred_at, change.promised_at
    return replace(after, clocks=tick(after.promise, state.clocks, state, after, change.activity, at, new_date))


def replay(changes: Iterable[Change], promise: Promise | None = None) -> CaseState:
    """The state of a case rebuilt from its events in ledger order; ValueError when there are none."""
    state: CaseState | None = None
    for change in changes:
        state = begin(change, promise) if state is None else apply(state, change)
    if state is None:
        raise ValueError("a case without events has no state")
    return state


def _send(state: CaseState, change: Change, sender_id: int | None = None) -> CaseState:
    """End the running hold of the branch and open one, at the same moment, that belongs to the receiver."""
    assert change.office_id is not None
    before = next((h for h in reversed(state.holds) if h.branch == change.branch), None)
    at = _not_before(before, change.occurred_at)
    ended = _end_hold(state, change.branch, at, change.activity)
    hold = Hold(
        number=len(state.holds) + 1,
        branch=change.branch,
        is_lead=change.branch == LEAD,
        office_id=change.office_id,
        sent_at=at,
        sender_id=sender_id,
        step=change.step if change.branch != LEAD else "",
        opened_by=change.activity.value,
        expires_at=change.until_at,
    )
    return replace(ended, holds=(*ended.holds, hold), office_id=hold.office_id if hold.is_lead else state.office_id)


def _not_before(hold: Hold | None, at: datetime) -> datetime:
    """`at`, but never before what the hold already knows: partners report late and out of order.

    The event keeps the time it was given; only the clocks of a hold never run backwards.
    """
    return at if hold is None else max(at, hold.last_at)


def _end_hold(state: CaseState, branch: int, at: datetime, ended_by: Activity) -> CaseState:
    running = state.open_hold(branch)
    if running is None:
        return state
    return _with_hold(state, replace(running, ended_at=_not_before(running, at), ended_by=ended_by.value))


def _with_hold(state: CaseState, hold: Hold) -> CaseState:
    return replace(state, holds=tuple(hold if h.number == hold.number else h for h in state.holds))


def _routed(state: CaseState, change: Change) -> CaseState:
    """Sent on its way by triage: no office sent it, so a bounce gives it back to be routed anew."""
    return replace(_send(state, change), status=Status.TRIAGED, handler_id=None)


def _handed_off(state: CaseState, change: Change) -> CaseState:
    running = state.open_hold()
    sent = _send(state, change, running.office_id if running else None)
    return replace(sent, status=Status.HANDED_OFF, handler_id=None)


def _bounced(state: CaseState, change: Change) -> CaseState:
    """A bounce ends the receiver's hold; a new one opens for the sender, or nobody holds the case.

    It undoes one hand-off. After A → B → C a bounce by C gives the case back to B as if C had never
    had it, so a second bounce, by B, gives it back to A and not to C again: two offices that both
    refuse a case walk it back to where it came from instead of playing ping-pong.
    """
    back_to = change.office_id if change.office_id is not None else bounces_to(state)
    if back_to is None:
        ended = _end_hold(state, LEAD, change.occurred_at, change.activity)
        return replace(ended, status=Status.RECEIVED, office_id=None, handler_id=None)
    chain = _chain(state)
    earlier = chain[: _last_index(chain[:-1], back_to)]
    sent = _send(state, replace(change, office_id=back_to, branch=LEAD), earlier[-1] if earlier else None)
    return replace(sent, status=Status.HANDED_OFF, handler_id=None)


def bounces_to(state: CaseState) -> int | None:
    """The office that a bounce of the running lead hold gives the case back to; None: to nobody."""
    running = state.open_hold()
    return running.sender_id if running else None


def _recalled(state: CaseState, change: Change) -> CaseState:
    """The sender takes a hand-off back: as a bounce, but accepted at once by those who had it before."""
    back = _bounced(state, change)
    running = back.open_hold()
    if running is None:
        return back
    return replace(_with_hold(back, replace(running, accepted_at=running.sent_at)), status=Status.ASSIGNED)


def _chain(state: CaseState) -> list[int]:
    """The offices the case was handed through to where it is: a hand-off adds one, a bounce takes one away."""
    chain: list[int] = []
    opened_by = ""
    for hold in (h for h in state.holds if h.is_lead):
        if opened_by in GIVES_BACK:
            del chain[_last_index(chain[:-1], hold.office_id) :]
        elif opened_by != Activity.HANDED_OFF:
            chain.clear()
        chain.append(hold.office_id)
        opened_by = hold.ended_by
    return chain


def _last_index(offices: Sequence[int], office_id: int) -> int:
    """Where the office stands last in the chain; 0 when it does not, so that a new chain begins with it."""
    return max((n for n, known in enumerate(offices) if known == office_id), default=0)


def _accepted(state: CaseState, change: Change) -> CaseState:
    running = state.open_hold()
    at = _not_before(running, change.occurred_at)
    moved = _with_hold(state, replace(running, accepted_at=at)) if running else state
    return replace(moved, status=Status.ASSIGNED, handler_id=change.handler_id or moved.handler_id)


def _assigned(state: CaseState, change: Change) -> CaseState:
    return replace(state, handler_id=change.handler_id)


def _started(state: CaseState, change: Change) -> CaseState:
    """Work began, or goes on after a wait."""
    begun = _begin_service(state, change)
    return replace(begun, status=Status.IN_PROGRESS, handler_id=change.handler_id or state.handler_id)


def _asked(state: CaseState, change: Change) -> CaseState:
    """An office that asks has begun to work: its answer finds the case in progress."""
    return replace(_begin_service(state, change), status=Status.WAITING_CITIZEN)


def _begin_service(state: CaseState, change: Change) -> CaseState:
    """The queue clock stops at the first start of a hold; later ones resume it."""
    running = state.open_hold(change.branch)
    if running is None or running.started_at is not None:
        return state
    at = _not_before(running, change.occurred_at)
    return _with_hold(state, replace(running, accepted_at=running.accepted_at or at, started_at=at))


def _to(status: Status) -> Effect:
    def effect(state: CaseState, change: Change) -> CaseState:
        return replace(state, status=status)

    return effect


def _closed(state: CaseState, change: Change) -> CaseState:
    """Closing ends every stay, parallel reviews too; the office stays named, since a reopening goes back to it."""
    at = _not_before(state.open_hold(), change.occurred_at)
    ended = state
    for hold in state.holds:
        if hold.ended_at is None:
            ended = _end_hold(ended, hold.branch, at, change.activity)
    return replace(
        ended,
        status=Status.CLOSED,
        outcome=change.outcome or Outcome.RESOLVED,
        closed_at=at,
        first_closed_at=state.first_closed_at or at,
        merged_into_id=change.merged_into_id,
    )


def _reopened(state: CaseState, change: Change) -> CaseState:
    """Back to the office that closed it (or the one named): accepted there at once.

    A case that nobody held when it was closed is received again and waits to be routed.
    """
    office_id = change.office_id if change.office_id is not None else state.office_id
    opened = replace(state, status=Status.ASSIGNED, outcome=None, closed_at=None, merged_into_id=None, handler_id=None)
    if office_id is None:
        return replace(opened, status=Status.RECEIVED)
    sent = _send(opened, replace(change, office_id=office_id))
    running = sent.open_hold()
    return _with_hold(sent, replace(running, accepted_at=running.sent_at)) if running else sent


def _review_requested(state: CaseState, change: Change) -> CaseState:
    """Open a parallel branch; the number of the branch comes with the event and is never the lead's."""
    if change.branch == LEAD or change.office_id is None:
        raise ValueError("a review needs an office and a branch of its own")
    return _send(state, change)


def _review_accepted(state: CaseState, change: Change) -> CaseState:
    running = state.open_hold(change.branch)
    if running is None or running.accepted_at is not None:
        return state
    return _with_hold(state, replace(running, accepted_at=_not_before(running, change.occurred_at)))


def _review_started(state: CaseState, change: Change) -> CaseState:
    return _begin_service(state, change)


def _review_returned(state: CaseState, change: Change) -> CaseState:
    if change.branch == LEAD:
        raise ValueError("a review ends on a branch of its own, never on the lead")
    return _end_hold(state, change.branch, change.occurred_at, change.activity)


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
    Activity.CITIZEN_ASKED: _asked,
    Activity.CITIZEN_REPLIED: _to(Status.IN_PROGRESS),
    Activity.EXTERNAL_WAITED: _to(Status.WAITING_EXTERNAL),
    Activity.RESOLVED: _closed,
    Activity.MERGED: _closed,
    Activity.REOPENED: _reopened,
    Activity.EXPIRED: _bounced,
    Activity.RECALLED: _recalled,
    Activity.UNMERGED: _reopened,
    Activity.REVIEW_REQUESTED: _review_requested,
    Activity.REVIEW_ACCEPTED: _review_accepted,
    Activity.REVIEW_STARTED: _review_started,
    Activity.REVIEW_RETURNED: _review_returned,
    Activity.RECATEGORIZED: _recategorized,
    Activity.REPRIORITIZED: _reprioritized,
    Activity.HIDDEN: _hidden,
    Activity.SHOWN: _hidden,
    Activity.IMPORTED: _imported,
}
