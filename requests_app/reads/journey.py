"""A case's way through the offices, in plain facts: the timeline and the route with its waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from requests_app.labels import FORWARDED, Label, activity_label, outcome_label
from requests_app.models import RequestEvent, ServiceRequest, Words
from requests_app.reads.disclosure import Disclosure
from requests_app.reads.holds import holds_of
from requests_app.reads.workflow_names import WorkflowNames
from requests_app.states import CITIZEN_SEES, Activity, Status, is_forward
from requests_app.workflows.parse import kept

SPEAK_OF_WORDS = frozenset({Activity.WORDS_RELEASED, Activity.WORDS_ERASED})
"""Activities whose event points to words that an earlier event brought: they are not said twice."""


TOLD_LATE = timedelta(minutes=5)
"""From how much later on it is worth saying when we learnt of something."""

SAY_STEP = frozenset(
    {
        Activity.ADVANCED,
        Activity.HANDED_OFF,
        Activity.REVIEW_REQUESTED,
        Activity.REVIEW_ACCEPTED,
        Activity.REVIEW_STARTED,
    }
)
"""Activities that say which step begins."""


@dataclass(frozen=True, slots=True)
class Said:
    """The words that an event points to, before they are cut to what a viewer may read."""

    words_id: int
    kind: str
    body: str
    released_at: str | None
    erased_at: str | None


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline. `code` is the reason as it is kept, `due_at` the promise where the event changed it."""

    event_id: int
    sequence: int
    activity: Activity
    label: Label
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    office: str
    holding_office: str
    reason: Label
    outcome: Label
    body: str
    is_erased: bool
    words_id: int | None
    words_kind: str
    is_released: bool
    promised_at: datetime | None
    due_at: datetime | None
    until_at: datetime | None
    code: str
    handler: str
    foreign_name: str
    is_internal: bool
    office_id: int | None
    explanation: dict[str, Any] | None
    """Why it was routed so, in codes, for those who work on the case (`reads.explained` says it in words)."""
    step: str = ""
    branch: int = 0
    step_name: str = ""
    move_name: str = ""
    document: str = ""
    is_told: bool = False
    """Whether the workflow has words of its own for this end, so that `outcome` says all."""
    behalf: str = ""
    """The absent colleague in whose place somebody acted, for the offices."""

    @property
    def is_told_late(self) -> bool:
        """Whether we learnt of it noticeably later than it happened: both times are shown then."""
        return self.activity is not Activity.IMPORTED and self.recorded_at - self.occurred_at > TOLD_LATE

    @property
    def detail(self) -> str:
        """What the workflow says of it: the move, where it leads, the review, the document."""
        leads = self.step_name if self.activity in SAY_STEP else ""
        if self.activity is Activity.RESOLVED and self.is_told:
            return ""
        return self.document or " → ".join(part for part in (self.move_name, leads) if part)

    @property
    def told(self) -> str:
        """The detail in a citizen's words: where it leads, without the office's name for the move that led there."""
        if self.activity not in SAY_STEP or not self.step_name:
            return self.detail
        return "" if self.step_name == self.office else self.step_name


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay at an office: which, since when, how long it took to be accepted, started, finished."""

    office: str
    is_lead: bool
    sent_at: datetime
    accepted_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    ended_by: str
    lasted: timedelta


def timeline(request: ServiceRequest, shown: Disclosure, papers: Mapping[int, str] | None = None) -> list[Moment]:
    """The events of a case in order, with the words the viewer may read; one statement.

    `papers` are the names of the documents the viewer may know of, by id.
    """
    return timelines([(request, shown, papers or {})])[0]


def timelines(cases: Sequence[tuple[ServiceRequest, Disclosure, Mapping[int, str]]]) -> list[list[Moment]]:
    """The timeline of each of several cases, in their order; one statement however many there are."""
    events: dict[int, list[RequestEvent]] = {request.pk: [] for request, _shown, _papers in cases}
    for event in _events(list(events)):
        events[event.request_id].append(event)
    return [_moments(request, events[request.pk], shown, papers) for request, shown, papers in cases]


def _events(request_ids: Sequence[int]) -> QuerySet[RequestEvent]:
    """The events of some cases with the words each points to, case by case in order."""
    words = Words.objects.filter(pk=OuterRef("words_id"), request=OuterRef("request"))
    said = words.values(
        row=JSONObject(words_id="pk", kind="kind", body="body", released_at="released_at", erased_at="erased_at")
    )
    found = RequestEvent.objects.filter(request__in=request_ids).annotate(said=Subquery(said))
    told = found.select_related("office", "holding_office", "handler", "foreign_activity", "on_behalf_of")
    return told.order_by("request_id", "sequence")


def _moments(
    request: ServiceRequest, events: Sequence[Any], shown: Disclosure, papers: Mapping[int, str]
) -> list[Moment]:
    names = WorkflowNames(kept(request.workflow.source) if request.workflow else None)
    return [
        _moment(event, _said(event.activity, event.said), shown, names, papers)
        for event in events
        if shown.internal or Activity(event.activity) in CITIZEN_SEES
    ]


def _said(activity: str, row: dict[str, Any] | None) -> Said | None:
    return Said(**row) if row and activity not in SPEAK_OF_WORDS else None


def _moment(
    event: RequestEvent, words: Said | None, shown: Disclosure, names: WorkflowNames, papers: Mapping[int, str]
) -> Moment:
    activity = Activity(event.activity)
    return Moment(
        event_id=event.pk,
        sequence=event.sequence,
        activity=activity,
        label=_label(activity, event.from_status),
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        actor=event.actor,
        office=event.office.name if event.office else "",
        holding_office=event.holding_office.name if event.holding_office else "",
        reason=names.reason(event.reason) if event.reason else "",
        outcome=names.end(event.move) or outcome_label(event.outcome),
        body=readable(words, shown),
        is_erased=words is not None and words.erased_at is not None,
        words_id=words.words_id if words and readable(words, shown) else None,
        words_kind=words.kind if words else "",
        is_released=words is not None and words.released_at is not None,
        promised_at=event.promised_at,
        due_at=event.due_at,
        until_at=event.until_at,
        code=event.reason,
        handler=event.handler.display_name if event.handler and shown.internal else "",
        foreign_name=event.foreign_activity.name if event.foreign_activity else "",
        is_internal=activity not in CITIZEN_SEES,
        office_id=event.office_id,
        explanation=event.explanation if shown.internal else None,
        step=event.step,
        branch=event.branch,
        step_name=names.step(event.step),
        move_name=names.move(event.move) if shown.words else "",
        document=papers.get(event.document_id or 0, ""),
        is_told=bool(names.end(event.move)),
        behalf=event.on_behalf_of.display_name if event.on_behalf_of and shown.internal else "",
    )


def _label(activity: Activity, before: str) -> Label:
    forwards = bool(before) and is_forward(activity, Status(before))
    return FORWARDED if forwards else activity_label(activity)


def readable(words: Said | None, shown: Disclosure) -> str:
    """The body the viewer may read: "" when it is not for them or was erased."""
    if words is None or words.erased_at is not None:
        return ""
    if words.kind == Words.Kind.NOTE:
        return words.body if shown.internal else ""
    if shown.words:
        return words.body
    return words.body if shown.released_words and words.released_at is not None else ""


def stays(request: ServiceRequest, present: datetime) -> list[Stay]:
    """The stays of a case at offices, in order; a running one lasts until `present`."""
    return [
        Stay(
            office=hold.office.name,
            is_lead=hold.is_lead,
            sent_at=hold.sent_at,
            accepted_at=hold.accepted_at,
            started_at=hold.started_at,
            ended_at=hold.ended_at,
            ended_by=hold.ended_by,
            lasted=max((hold.ended_at or present) - hold.sent_at, timedelta(0)),
        )
        for hold in holds_of(request)
    ]
