"""Many cases at once, by the same pure rules: for imports and the demo city.

Events are computed with `projection.begin` and `apply`, and written with COPY in one
transaction a batch: no mail, no outbox, one NOTIFY. Imported activities are not held to the
legal moves; invented ones are (`check_moves`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.db import connection, transaction

from requests_app.actions._copy import CopyTable
from requests_app.actions._draft import Draft, Text
from requests_app.actions._saving import HOLD_FIELDS, STATE_FIELDS, changed_due
from requests_app.actions.errors import Illegal
from requests_app.actions.usual import keep_long
from requests_app.projection import CaseState, apply, begin
from requests_app.promises import Clocks, Promise, read_promise, write_pauses
from requests_app.states import Actor, is_legal

REQUEST = CopyTable(
    "requests_app_servicerequest",
    (
        "id", "reference", "jurisdiction_id", "workflow_id", "outcome", "location", "address_label",
        "channel", "language", "person_id", "supporters", "submitted_at", "updated_at", "due_at", "promise",
        "tracking_hash", "submission_key_hash", "submission_body_hash", "source_reference", "parent_id",
        "acknowledge_due_at", "acknowledged_at", "paused_s", "step_began_at", "step_due_at", "paused_at", "pauses",
        "delayed_until", "tags", *STATE_FIELDS,
    ),
)  # fmt: skip
EVENT = CopyTable(
    "requests_app_requestevent",
    (
        "id", "request_id", "jurisdiction_id", "sequence", "activity", "foreign_activity_id", "occurred_at",
        "recorded_at", "actor", "user_id", "acting_office_id", "holding_office_id", "from_status", "to_status",
        "office_id", "handler_id", "service_id", "area_id", "merged_into_id", "step", "branch", "priority",
        "outcome", "reason", "promised_at", "words_id", "photo_id", "route_id", "score", "corrects_id",
        "move", "workflow_id", "due_at", "until_at", "document_id", "visit_id", "other_request_id", "explanation",
    ),
)  # fmt: skip
HOLD = CopyTable("requests_app_hold", ("request_id", *HOLD_FIELDS))
WORDS = CopyTable(
    "requests_app_words",
    ("id", "request_id", "kind", "body", "language", "written_at", "released_at", "released_by_id", "erased_at"),
)
RATING = CopyTable("requests_app_rating", ("request_id", "score", "is_fixed", "rated_at"))
ANSWER = CopyTable("requests_app_answer", ("request_id", "question_id", "value", "erased_at"))


@dataclass(frozen=True, slots=True)
class BulkEvent:
    """One event of a case to be written: the draft, when, by whom.

    `recorded_at` None means that it was learnt when it happened. `is_fixed` goes with a rating.
    """

    draft: Draft
    occurred_at: datetime
    actor: Actor = Actor.IMPORT
    user_id: int | None = None
    acting_office_id: int | None = None
    recorded_at: datetime | None = None
    is_fixed: bool | None = None


@dataclass(frozen=True, slots=True)
class BulkCase:
    """One case with its events in order; the first one names the service.

    A promise with terms (`promised.first_promise`) makes its clocks run as they would have; else the dates are given.
    """

    reference: str
    events: Sequence[BulkEvent]
    workflow_id: int | None = None
    location: Point | tuple[float, float] | None = None
    address_label: str = ""
    channel: str = "import"
    language: str = "en"
    person_id: int | None = None
    due_at: datetime | None = None
    promise: dict[str, Any] = field(default_factory=dict)
    tracking_hash: str = ""
    source_reference: str | None = None
    supporters: int = 0
    parent_id: int | None = None
    acknowledge_due_at: datetime | None = None
    acknowledged_at: datetime | None = None
    paused_s: int = 0
    tags: Sequence[str] = ()
    answers: Sequence[tuple[int, str]] = ()
    pk: int | None = None
    """A reserved id (`reserve_request_ids`), needed when another case of the batch is merged into this one."""


def write_cases(jurisdiction_id: int, cases: Sequence[BulkCase], *, check_moves: bool) -> list[int]:
    """Write cases and everything of theirs in one transaction; the ids of the requests, in order.

    Illegal when `check_moves` and an event is not legal from the status before it.
    """
    batch = _Batch(jurisdiction_id, check_moves)
    with transaction.atomic():
        missing = iter(reserve_ids("requests_app_servicerequest", sum(c.pk is None for c in cases)))
        ids = [c.pk if c.pk is not None else next(missing) for c in cases]
        event_ids = reserve_ids("requests_app_requestevent", sum(len(c.events) for c in cases))
        words_ids = reserve_ids("requests_app_words", sum(e.draft.text is not None for c in cases for e in c.events))
        batch.number(iter(event_ids), iter(words_ids))
        for request_id, case in zip(ids, cases, strict=True):
            batch.add(request_id, case)
        batch.write()
        keep_long(jurisdiction_id, ids)
    return ids


def reserve_request_ids(count: int) -> list[int]:
    """Ids for cases that name each other (merges) before they are written."""
    return reserve_ids("requests_app_servicerequest", count)


def reserve_ids(table: str, count: int) -> list[int]:
    """Take `count` ids of a table's sequence."""
    if count == 0:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
        return [row[0] for row in cursor.fetchall()]


class _Batch:
    """Rows of one batch, collected, then copied table by table."""

    def __init__(self, jurisdiction_id: int, check_moves: bool) -> None:
        self.jurisdiction_id = jurisdiction_id
        self.check_moves = check_moves
        self.tables: dict[CopyTable, list[tuple[Any, ...]]] = {
            t: [] for t in (REQUEST, WORDS, HOLD, EVENT, RATING, ANSWER)
        }

    def number(self, event_ids: Iterable[int], words_ids: Iterable[int]) -> None:
        """Give the batch the ids it hands out."""
        self.event_ids, self.words_ids = iter(event_ids), iter(words_ids)

    def add(self, request_id: int, case: BulkCase) -> None:
        """Fold one case and collect its rows."""
        state: CaseState | None = None
        promise = read_promise(case.promise)
        for event in case.events:
            before = state
            state = self._next(before, event, promise)
            words_id = self._words(request_id, case, event)
            self._event(request_id, event, before, state, words_id)
            if event.draft.score is not None:
                self.tables[RATING].append((request_id, event.draft.score, event.is_fixed, event.occurred_at))
        if state is None:
            raise ValueError(f"{case.reference} has no events")
        self._request(request_id, case, state)
        self.tables[HOLD].extend((request_id, *(getattr(hold, name) for name in HOLD_FIELDS)) for hold in state.holds)
        self.tables[ANSWER].extend((request_id, question_id, value, None) for question_id, value in case.answers)

    def _next(self, before: CaseState | None, event: BulkEvent, promise: Promise | None) -> CaseState:
        change = event.draft.change(event.occurred_at)
        if before is None:
            return begin(change, promise)
        if self.check_moves and not is_legal(event.draft.activity, before.status):
            raise Illegal(event.draft.activity, before.status)
        return apply(before, change)

    def _words(self, request_id: int, case: BulkCase, event: BulkEvent) -> int | None:
        text: Text | None = event.draft.text
        if text is None:
            return None
        words_id = next(self.words_ids)
        released_at = event.occurred_at if text.released else None
        self.tables[WORDS].append(
            (words_id, request_id, text.kind, text.body, case.language, event.occurred_at, released_at, None, None)
        )
        return words_id

    def _event(
        self, request_id: int, event: BulkEvent, before: CaseState | None, after: CaseState, words_id: int | None
    ) -> None:
        d = event.draft
        self.tables[EVENT].append(
            (
                next(self.event_ids), request_id, self.jurisdiction_id, after.version, d.activity,
                d.foreign_activity_id, event.occurred_at, event.recorded_at or event.occurred_at, event.actor,
                event.user_id, event.acting_office_id, after.office_id, before.status if before else "",
                after.status, d.office_id, d.handler_id, d.service_id, d.area_id, d.merged_into_id, d.step,
                d.branch, d.priority, d.outcome or "", d.reason, d.promised_at, words_id or d.words_id, d.photo_id,
                d.route_id, d.score, None,
                d.move, d.workflow_id, d.due_at or changed_due(before, after), d.until_at, d.document_id, d.visit_id,
                d.other_request_id,
                dict(d.explanation) if d.explanation else None,
            )
        )  # fmt: skip

    def _request(self, request_id: int, case: BulkCase, state: CaseState) -> None:
        last = case.events[-1].occurred_at
        given = Clocks(case.due_at, case.acknowledge_due_at, case.acknowledged_at)
        clocks, paused_s = (state.clocks, state.clocks.paused_s) if state.promise else (given, case.paused_s)
        self.tables[REQUEST].append(
            (
                request_id, case.reference, self.jurisdiction_id, case.workflow_id, state.outcome or "",
                case.location, case.address_label, case.channel, case.language, case.person_id, case.supporters,
                state.submitted_at, last, clocks.due_at, case.promise, case.tracking_hash, None, "",
                case.source_reference, case.parent_id,
                clocks.acknowledge_due_at, clocks.acknowledged_at, paused_s, clocks.step_began_at, clocks.step_due_at,
                clocks.paused_at, write_pauses(clocks.pauses), clocks.delayed_until, list(case.tags),
                *(getattr(state, name) for name in STATE_FIELDS),
            )
        )  # fmt: skip

    def write(self) -> None:
        """Copy every table."""
        with connection.cursor() as cursor:
            for table, rows in self.tables.items():
                table.copy(cursor, rows)
