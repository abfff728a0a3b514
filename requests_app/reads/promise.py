"""The clocks of one case as the desk shows them: each target, its date, whether it was kept, what was not counted."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from requests_app.labels import Label, activity_label
from requests_app.models import NoticeKind, ServiceRequest
from requests_app.models.fields import localized
from requests_app.reads.journey import Moment
from requests_app.reads.one_request import CasePage
from requests_app.states import Activity


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock: until when, when it was met (None while it runs), and whether the date was or is missed."""

    name: Label
    due_at: datetime
    met_at: datetime | None
    is_late: bool
    is_after_whole: bool = False
    """Whether the date of a step comes after that of the whole request, which counts."""


@dataclass(frozen=True, slots=True)
class DueChange:
    """The promise moved: from which date to which, when, and because of what."""

    was: datetime | None
    now: datetime
    changed_at: datetime
    why: Label


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that was said of a clock, to whom ("" for the managers of the place)."""

    words: Label
    made_at: datetime
    office: str


@dataclass(frozen=True, slots=True)
class PromiseFacts:
    """Everything of a case's promise."""

    clocks: list[ClockRow] = field(default_factory=list)
    paused: timedelta = timedelta(0)
    paused_since: datetime | None = None
    changes: list[DueChange] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    delayed_until: datetime | None = None
    delay_reason: Label = ""


NOTICE: dict[str, Label] = {
    NoticeKind.REMINDER: _("Reminded that the date is near"),
    NoticeKind.BREACH: _("Told that the date was missed"),
    NoticeKind.ESCALATION: _("Told those above: still open"),
}


def promise_facts(page: CasePage) -> PromiseFacts:
    """The clocks, pauses, changes and notices of a case whose page was read; no statement."""
    request, moments = page.request, page.moments
    present = request.jurisdiction.present
    waiting = present - request.paused_at if request.paused_at else timedelta(0)
    told = next((m for m in reversed(moments) if m.activity is Activity.DELAYED), None)
    return PromiseFacts(
        clocks=_clocks(request, present),
        paused=timedelta(seconds=request.paused_s) + waiting,
        paused_since=request.paused_at,
        changes=_changes(moments),
        notices=[Notice(NOTICE[one.kind], one.made_at, localized(one.office_names)) for one in page.notices],
        delayed_until=request.delayed_until,
        delay_reason=told.reason if told and request.delayed_until else "",
    )


def _clocks(request: ServiceRequest, present: datetime) -> list[ClockRow]:
    """The clocks that have a date, in the order in which they end; the one of a step only while the case is open."""
    moment = request.paused_at or present
    rows = [
        (_("Acknowledged"), request.acknowledge_due_at, request.acknowledged_at),
        (_("This step"), request.step_due_at if request.is_open else None, None),
        (pgettext_lazy("clock", "Resolved"), request.due_at, request.closed_at),
    ]
    whole = request.due_at
    return [
        ClockRow(name, due_at, met_at, (met_at or moment) > due_at, whole is not None and due_at > whole)
        for name, due_at, met_at in rows
        if due_at
    ]


def _changes(moments: list[Moment]) -> list[DueChange]:
    changes, was = [], None
    for moment in moments:
        if moment.due_at is None:
            continue
        if was is not None:
            changes.append(DueChange(was, moment.due_at, moment.occurred_at, activity_label(moment.activity)))
        was = moment.due_at
    return changes
