"""What a case can be and how it may move: plain data, no Django.

Four facts are kept apart (DESIGN §1.2): the status and its kind, the office that holds the
case, the person who holds it, and the outcome. A hand-off never stops the clock, and closed
is not the same as fixed.

`MOVES` is the one table of legal moves. An activity that is not in it does not move the case
(`REMARKS`): it is recorded whatever the status is.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kind of a status: what the clock and the counts look at."""

    NEW = "new"
    WORK = "work"
    HANDOFF = "handoff"
    PAUSED = "paused"
    CLOSED = "closed"


class Status(StrEnum):
    """Where a case stands, as the ledger knows it."""

    RECEIVED = "received"
    TRIAGED = "triaged"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    SCHEDULED = "scheduled"
    HANDED_OFF = "handed_off"
    WAITING_CITIZEN = "waiting_citizen"
    WAITING_EXTERNAL = "waiting_external"
    CLOSED = "closed"


KIND_OF: dict[Status, Kind] = {
    Status.RECEIVED: Kind.NEW,
    Status.TRIAGED: Kind.NEW,
    Status.ASSIGNED: Kind.WORK,
    Status.IN_PROGRESS: Kind.WORK,
    Status.SCHEDULED: Kind.WORK,
    Status.HANDED_OFF: Kind.HANDOFF,
    Status.WAITING_CITIZEN: Kind.PAUSED,
    Status.WAITING_EXTERNAL: Kind.PAUSED,
    Status.CLOSED: Kind.CLOSED,
}

OPEN = frozenset(s for s in Status if s is not Status.CLOSED)
HELD = frozenset(
    {Status.ASSIGNED, Status.IN_PROGRESS, Status.SCHEDULED, Status.WAITING_CITIZEN, Status.WAITING_EXTERNAL}
)
"""Statuses in which an office has accepted the case."""

SENT = frozenset({Status.TRIAGED, Status.HANDED_OFF})
"""Statuses in which the case was sent to an office that has not accepted it yet."""


class Outcome(StrEnum):
    """Why a case was closed. Only `resolved` claims that something was done."""

    RESOLVED = "resolved"
    NO_ACTION_NEEDED = "no_action_needed"
    NOT_RESPONSIBLE = "not_responsible"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"
    INVALID = "invalid"


class Activity(StrEnum):
    """What can happen to a case: the activity of an event."""

    SUBMITTED = "submitted"
    ROUTED = "routed"
    ACCEPTED = "accepted"
    BOUNCED = "bounced"
    ASSIGNED = "assigned"
    STARTED = "started"
    SCHEDULED = "scheduled"
    HANDED_OFF = "handed_off"
    CITIZEN_ASKED = "citizen_asked"
    CITIZEN_REPLIED = "citizen_replied"
    EXTERNAL_WAITED = "external_waited"
    RESOLVED = "resolved"
    MERGED = "merged"
    REOPENED = "reopened"
    EXPIRED = "expired"
    RECALLED = "recalled"
    ADVANCED = "advanced"
    DELAYED = "delayed"
    PUT_OFF = "put_off"
    UNMERGED = "unmerged"
    REVIEW_REQUESTED = "review_requested"
    REVIEW_ACCEPTED = "review_accepted"
    REVIEW_STARTED = "review_started"
    REVIEW_RETURNED = "review_returned"
    WORKFLOW_CHANGED = "workflow_changed"
    RECATEGORIZED = "recategorized"
    REPRIORITIZED = "reprioritized"
    COMMENTED = "commented"
    NOTED = "noted"
    RATED = "rated"
    CONFIRMED = "confirmed"
    SUPPORTED = "supported"
    SUPPORT_ENDED = "support_ended"
    PHOTO_ADDED = "photo_added"
    DOCUMENT_ASKED = "document_asked"
    DOCUMENT_ADDED = "document_added"
    DOCUMENT_CHECKED = "document_checked"
    SPLIT = "split"
    VISIT_PLANNED = "visit_planned"
    VISITED = "visited"
    WORDS_RELEASED = "words_released"
    WORDS_ERASED = "words_erased"
    PERSON_ERASED = "person_erased"
    HIDDEN = "hidden"
    SHOWN = "shown"
    CORRECTED = "corrected"
    IMPORTED = "imported"


class Actor(StrEnum):
    """Who made an event: a role, never a name."""

    CITIZEN = "citizen"
    HANDLER = "handler"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"
    PARTNER = "partner"
    SYSTEM = "system"
    IMPORT = "import"


class Capability(StrEnum):
    """What somebody may do. Roles are granted capabilities in `permissions`."""

    REPORT = "report"
    REPLY = "reply"
    RATE = "rate"
    TRIAGE = "triage"
    HANDLE = "handle"
    ASSIGN = "assign"
    HAND_OFF = "hand_off"
    CLOSE = "close"
    REOPEN = "reopen"
    REMARK = "remark"
    NOTE = "note"
    RELEASE_WORDS = "release_words"
    MODERATE = "moderate"
    LOG_CALL = "log_call"
    SEE_DESK = "see_desk"
    SEE_REPORTS = "see_reports"
    SEE_WORDS = "see_words"
    SEE_PERSON = "see_person"
    ADMINISTER = "administer"


@dataclass(frozen=True, slots=True)
class Move:
    """One legal move: from which statuses, to which, by whom.

    `to` is None where the move leaves the status as it is. `by_holder` says that only somebody
    of the office that holds the lead branch may make it (managers may act for any office).
    """

    sources: frozenset[Status]
    to: Status | None
    capability: Capability
    by_holder: bool = True
    needs_reason: bool = False


WORKING = frozenset({Status.ASSIGNED, Status.IN_PROGRESS, Status.SCHEDULED})

MOVES: dict[Activity, Move] = {
    Activity.ROUTED: Move(
        frozenset({Status.RECEIVED, Status.TRIAGED}), Status.TRIAGED, Capability.TRIAGE, by_holder=False
    ),
    Activity.ACCEPTED: Move(SENT, Status.ASSIGNED, Capability.HANDLE),
    Activity.BOUNCED: Move(SENT, None, Capability.HAND_OFF, needs_reason=True),
    Activity.ASSIGNED: Move(HELD, None, Capability.ASSIGN),
    Activity.STARTED: Move(
        frozenset({Status.ASSIGNED, Status.SCHEDULED, Status.WAITING_EXTERNAL}), Status.IN_PROGRESS, Capability.HANDLE
    ),
    Activity.SCHEDULED: Move(
        frozenset({Status.ASSIGNED, Status.IN_PROGRESS, Status.SCHEDULED}), Status.SCHEDULED, Capability.HANDLE
    ),
    Activity.HANDED_OFF: Move(HELD | SENT, Status.HANDED_OFF, Capability.HAND_OFF),
    Activity.CITIZEN_ASKED: Move(WORKING, Status.WAITING_CITIZEN, Capability.HANDLE),
    Activity.CITIZEN_REPLIED: Move(
        frozenset({Status.WAITING_CITIZEN}), Status.IN_PROGRESS, Capability.REPLY, by_holder=False
    ),
    Activity.EXTERNAL_WAITED: Move(WORKING, Status.WAITING_EXTERNAL, Capability.HANDLE, needs_reason=True),
    Activity.RESOLVED: Move(OPEN, Status.CLOSED, Capability.CLOSE),
    Activity.MERGED: Move(OPEN, Status.CLOSED, Capability.CLOSE, by_holder=False),
    Activity.REOPENED: Move(frozenset({Status.CLOSED}), Status.ASSIGNED, Capability.REOPEN, by_holder=False),
    Activity.EXPIRED: Move(SENT, None, Capability.ADMINISTER, by_holder=False),
    Activity.RECALLED: Move(frozenset({Status.HANDED_OFF}), Status.ASSIGNED, Capability.HAND_OFF, by_holder=False),
    Activity.ADVANCED: Move(WORKING, None, Capability.HANDLE),
    Activity.DELAYED: Move(HELD, None, Capability.HANDLE, needs_reason=True),
    Activity.PUT_OFF: Move(HELD, None, Capability.HANDLE, needs_reason=True),
    Activity.SPLIT: Move(HELD, None, Capability.HAND_OFF),
    Activity.UNMERGED: Move(frozenset({Status.CLOSED}), Status.ASSIGNED, Capability.CLOSE, by_holder=False),
    Activity.REVIEW_REQUESTED: Move(WORKING | {Status.TRIAGED}, None, Capability.HAND_OFF),
    Activity.REVIEW_ACCEPTED: Move(OPEN, None, Capability.HANDLE, by_holder=False),
    Activity.REVIEW_STARTED: Move(OPEN, None, Capability.HANDLE, by_holder=False),
    Activity.REVIEW_RETURNED: Move(OPEN, None, Capability.HANDLE, by_holder=False),
    Activity.WORKFLOW_CHANGED: Move(OPEN, None, Capability.ADMINISTER, by_holder=False),
    Activity.RECATEGORIZED: Move(OPEN, None, Capability.TRIAGE, by_holder=False),
    Activity.REPRIORITIZED: Move(OPEN, None, Capability.TRIAGE, by_holder=False),
}
"""Every activity that moves a case, with its legal sources. BOUNCED and EXPIRED return to the sender's status
(`projection.apply` works it out: `received` with nobody, `handed_off` with an earlier office)."""

GIVES_BACK = frozenset({Activity.BOUNCED, Activity.EXPIRED, Activity.RECALLED})
"""Activities that undo one hand-off: refused by the receiver, left too long, taken back by the sender."""

ON_A_BRANCH = frozenset({Activity.REVIEW_ACCEPTED, Activity.REVIEW_STARTED, Activity.REVIEW_RETURNED})
"""Activities of an office that holds a branch beside the lead one."""

REMARKS: dict[Activity, Capability] = {
    Activity.COMMENTED: Capability.REMARK,
    Activity.NOTED: Capability.NOTE,
    Activity.RATED: Capability.RATE,
    Activity.CONFIRMED: Capability.RATE,
    Activity.SUPPORTED: Capability.REPORT,
    Activity.SUPPORT_ENDED: Capability.REPORT,
    Activity.PHOTO_ADDED: Capability.REPORT,
    Activity.DOCUMENT_ASKED: Capability.HANDLE,
    Activity.DOCUMENT_ADDED: Capability.REPLY,
    Activity.DOCUMENT_CHECKED: Capability.HANDLE,
    Activity.VISIT_PLANNED: Capability.HANDLE,
    Activity.VISITED: Capability.HANDLE,
    Activity.WORDS_RELEASED: Capability.RELEASE_WORDS,
    Activity.WORDS_ERASED: Capability.MODERATE,
    Activity.PERSON_ERASED: Capability.MODERATE,
    Activity.HIDDEN: Capability.MODERATE,
    Activity.SHOWN: Capability.MODERATE,
    Activity.CORRECTED: Capability.ADMINISTER,
    Activity.IMPORTED: Capability.ADMINISTER,
}
"""Activities that say something of a case without moving it."""

CITIZEN_SEES = frozenset(
    {
        Activity.SUBMITTED,
        Activity.ROUTED,
        Activity.ACCEPTED,
        Activity.BOUNCED,
        Activity.STARTED,
        Activity.SCHEDULED,
        Activity.HANDED_OFF,
        Activity.CITIZEN_ASKED,
        Activity.CITIZEN_REPLIED,
        Activity.EXTERNAL_WAITED,
        Activity.RESOLVED,
        Activity.MERGED,
        Activity.REOPENED,
        Activity.EXPIRED,
        Activity.RECALLED,
        Activity.ADVANCED,
        Activity.DELAYED,
        Activity.UNMERGED,
        Activity.REVIEW_REQUESTED,
        Activity.REVIEW_RETURNED,
        Activity.RECATEGORIZED,
        Activity.SPLIT,
        Activity.COMMENTED,
        Activity.PHOTO_ADDED,
        Activity.DOCUMENT_ASKED,
        Activity.DOCUMENT_ADDED,
        Activity.DOCUMENT_CHECKED,
        Activity.VISITED,
        Activity.RATED,
        Activity.CONFIRMED,
        Activity.IMPORTED,
    }
)
"""Activities shown in the public timeline; the rest is for the offices."""

CITIZEN_ANSWERS = frozenset(
    {
        Activity.CITIZEN_REPLIED,
        Activity.COMMENTED,
        Activity.PHOTO_ADDED,
        Activity.DOCUMENT_ADDED,
        Activity.REOPENED,
    }
)
"""What a citizen does that somebody of the office must read."""

PRIORITIES = range(-1, 3)
"""Low, normal, high, urgent."""

HIGH, URGENT = 1, 2

HAZARD_TAGS = frozenset({"safety", "hazard", "danger"})
"""Tags of what is dangerous to leave; the highest priority says the same."""

NOT_FIXED = "not_fixed"
"""Why a citizen had a case opened again: it was closed, not fixed."""

REASONS: dict[Activity, tuple[str, ...]] = {
    Activity.BOUNCED: ("wrong_office", "wrong_area", "missing_information", "no_capacity", "other"),
    Activity.EXTERNAL_WAITED: ("utility", "contractor", "weather", "parts", "other"),
    Activity.DELAYED: ("backlog", "weather", "parts", "partner", "investigation", "other"),
    Activity.PUT_OFF: ("season", "access", "crew", "parts", "other"),
}
"""Reason codes an activity takes, first the commonest."""

FORWARD_REASONS = ("wrong_office", "wrong_area", "other")
"""Why an office that has not accepted a case hands it on at once: it came to the wrong office."""

OTHER_SERVICE = "other_service"
"""Why a case is handed on when its service is put right: it was filed under another one."""

DOCUMENT_REASONS = ("unreadable", "pages_missing", "wrong_document", "out_of_date", "not_signed")
"""Why a document is sent back."""

COULD_NOT = ("made_safe", "access", "not_found", "unsafe", "weather", "parts", "wrong_office", "other")
"""Why a crew that was there (`VISITED`) left the work undone."""


def is_legal(activity: Activity, status: Status) -> bool:
    """Whether `activity` may happen to a case in `status` (SUBMITTED never may: it begins one)."""
    if activity in REMARKS:
        return True
    move = MOVES.get(activity)
    return move is not None and status in move.sources


def is_forward(activity: Activity, status: Status) -> bool:
    """Whether it hands on a case that the office never accepted: the visit there was for nothing."""
    return activity is Activity.HANDED_OFF and status in SENT


def legal_activities(status: Status) -> list[Activity]:
    """The moves that are legal from `status`, in the table's order."""
    return [activity for activity, move in MOVES.items() if status in move.sources]
