"""What an action is asked, what it is about to say, and what it did: values, before and after the ledger has them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from requests_app.models import Office, RequestEvent, ServiceRequest, Words
from requests_app.permissions import Viewer
from requests_app.projection import LEAD, Change
from requests_app.states import Activity, Outcome


@dataclass(frozen=True, slots=True)
class Command:
    """Who wants to change which case, and the version they saw.

    `occurred_at` is when it happened (aware), None for now. `version` None is for the product's own jobs and for
    a citizen's remarks, which move nothing: for a move people always say what they saw.
    """

    request_id: int
    viewer: Viewer
    version: int | None
    occurred_at: datetime | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """Words to be kept with the event; `released` when a person of the office wrote them for the public."""

    kind: Words.Kind
    body: str
    released: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """An event to be: what is said of the case, before the ledger has taken it."""

    activity: Activity
    office_id: int | None = None
    handler_id: int | None = None
    outcome: Outcome | None = None
    service_id: int | None = None
    area_id: int | None = None
    priority: int | None = None
    step: str = ""
    branch: int = LEAD
    merged_into_id: int | None = None
    reason: str = ""
    promised_at: datetime | None = None
    photo_id: int | None = None
    route_id: int | None = None
    score: int | None = None
    foreign_activity_id: int | None = None
    move: str = ""
    workflow_id: int | None = None
    due_at: datetime | None = None
    until_at: datetime | None = None
    document_id: int | None = None
    visit_id: int | None = None
    other_request_id: int | None = None
    explanation: Mapping[str, Any] | None = None
    """Why it was routed so: codes and ids (`routing.explain`)."""
    row: Mapping[str, Any] = field(default_factory=dict)
    """Columns of the case that are no part of the projection (its clocks, until when it is put off): saved with it."""
    receiver: Office | None = None
    """The office of `office_id` as `receiving_office` read it, so that nobody reads it again."""
    words_id: int | None = None
    """Words that were there before and that the event speaks of: released, erased."""
    text: Text | None = None

    def change(self, occurred_at: datetime) -> Change:
        """The draft as the projection sees it."""
        return Change(
            activity=self.activity,
            occurred_at=occurred_at,
            office_id=self.office_id,
            handler_id=self.handler_id,
            outcome=self.outcome,
            service_id=self.service_id,
            area_id=self.area_id,
            priority=self.priority,
            step=self.step,
            branch=self.branch,
            merged_into_id=self.merged_into_id,
            promised_at=self.promised_at,
            until_at=self.until_at,
        )


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did: the case as it is now and the event that says so."""

    request: ServiceRequest
    event: RequestEvent
    extra: dict[str, int] = field(default_factory=dict)
