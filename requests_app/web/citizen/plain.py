"""A case in plain words: where it stands, what was promised, and whether it is late."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from requests_app.labels import Label, outcome_label
from requests_app.models import Document, ServiceRequest
from requests_app.reads.case_workflow import OTHER
from requests_app.reads.journey import Moment
from requests_app.reads.one_request import CasePage, end_told
from requests_app.reads.workflow_names import WorkflowNames, said
from requests_app.states import MOVES, SENT, Activity, Status
from requests_app.templatetags.clearway import number
from requests_app.workflows.parse import kept

STANDING: dict[Status, str | Promise] = {
    Status.TRIAGED: gettext_lazy("%(office)s has been asked to take it and has not accepted it yet."),
    Status.HANDED_OFF: gettext_lazy("It was sent to %(office)s, which has not accepted it yet."),
    Status.ASSIGNED: gettext_lazy("%(office)s has it and will begin when its turn comes."),
    Status.IN_PROGRESS: gettext_lazy("%(office)s is working on it."),
    Status.SCHEDULED: gettext_lazy("%(office)s has it and has planned the work."),
    Status.WAITING_CITIZEN: gettext_lazy("%(office)s has it and waits for an answer from the person who reported it."),
    Status.WAITING_EXTERNAL: gettext_lazy("%(office)s has it and waits for somebody outside the city."),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands. `since` is the moment the office that has it was sent it."""

    sentence: str
    office: str
    since: datetime | None
    waited: timedelta | None


def standing(page: CasePage) -> Standing:
    """Where the case stands and which office has it."""
    request = page.request
    office = request.office.name if request.office else ""
    running = next((stay for stay in reversed(page.stays) if stay.is_lead and stay.ended_at is None), None)
    return Standing(
        sentence=_sentence(page, office),
        office=office,
        since=running.sent_at if running else None,
        waited=running.lasted if running else None,
    )


def _sentence(page: CasePage, office: str) -> str:
    request = page.request
    status = Status(request.status)
    if status is Status.CLOSED:
        told = str(end_told(request, page.moments) or outcome_label(request.outcome))
        return _("It is closed: %(outcome)s.") % {"outcome": told[:1].lower() + told[1:]}
    if not office and request.jurisdiction.is_read_only:
        return _("It is open. The source does not say which office has it.")
    if not office:
        return _("It was received. No office has been asked to take it yet.")
    if page.is_own and status is Status.WAITING_CITIZEN and _waits_for_papers(page):
        return _("%(office)s asked you for documents and waits for them.") % {"office": office}
    if page.is_own and status is Status.WAITING_CITIZEN:
        return _("%(office)s asked you something and waits for your answer.") % {"office": office}
    if status in SENT and not request.jurisdiction.records("accepted"):
        return _("It is open, at %(office)s. The source does not say whether work began.") % {"office": office}
    step = _step_told(request)
    if step and status is Status.IN_PROGRESS:
        return _("%(office)s has it. %(step)s") % {"office": office, "step": step}
    template = STANDING.get(status, STANDING[Status.TRIAGED])
    return str(template) % {"office": office}


def _step_told(request: ServiceRequest) -> str:
    """What happens in the step the case is at, in the workflow’s sentence; "" where it has none."""
    definition = kept(request.workflow.source) if request.workflow else None
    step = definition.step(request.step) if definition else None
    return said(step.plain) if step and step.plain else ""


@dataclass(frozen=True, slots=True)
class Ending:
    """What the office said when it closed the case; "" where it said nothing or the reader may not read it."""

    reason: Label
    words: str


def ending_said(page: CasePage) -> Ending | None:
    """Why a closed case ended so, in the office's words: they stand first, not at the end of the timeline."""
    closing = next((m for m in reversed(page.moments) if m.activity is Activity.RESOLVED), None)
    if closing is None or page.request.is_open or not page.shown.words:
        return None
    return Ending(closing.reason, closing.body)


def _waits_for_papers(page: CasePage) -> bool:
    return any(paper.status == Document.Status.ASKED for paper in page.papers)


def papers_said(page: CasePage) -> dict[str, Any]:
    """The documents of a case for who may read its words, those waited for first, and what may still be sent."""
    request = page.request
    definition = kept(request.workflow.source) if request.workflow else None
    names = WorkflowNames(definition)
    kinds = [(kind.code, names.document(kind.code)) for kind in definition.documents] if definition else []
    may_send = page.is_own and request.is_open and bool(kinds or page.papers)
    return {
        "papers": sorted(page.papers, key=lambda paper: paper.status != Document.Status.ASKED),
        "papers_waited": may_send and _waits_for_papers(page),
        "paper_kinds": [*kinds, (OTHER, names.document(OTHER))],
        "may_send_paper": may_send and not request.jurisdiction.is_read_only,
    }


# --- What happened -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the timeline; `sent_back` says who sent it back to whom, "" for every other line."""

    moment: Moment
    sent_back: str = ""


def timeline_told(page: CasePage) -> list[Told]:
    """The moments in order. A case that is sent back leaves the office that had it then."""
    told, holder = [], ""
    for moment in page.moments:
        told.append(Told(moment, _sent_back(holder, moment.holding_office) if _is_bounce(moment) else ""))
        holder = moment.holding_office
    return told


def _is_bounce(moment: Moment) -> bool:
    return moment.activity is Activity.BOUNCED


def _sent_back(by: str, to: str) -> str:
    if by and to and by != to:
        return _("Sent back by %(office)s to %(other)s") % {"office": by, "other": to}
    return _("Sent back by %(office)s") % {"office": by} if by else ""


def times_sent_back(page: CasePage) -> str:
    """How often offices sent the case back, as a sentence; "" when none did."""
    count = sum(1 for moment in page.moments if _is_bounce(moment))
    if not count:
        return ""
    return ngettext(
        "It was sent back %(count)s time by an office that could not take it.",
        "It was sent back %(count)s times by offices that could not take it.",
        count,
    ) % {"count": number(count)}


def pauses(page: CasePage) -> list[tuple[datetime, datetime]]:
    """The stretches in which the case waited for the citizen or for somebody outside, until the next move."""
    moving = [m for m in page.moments if m.activity in MOVES and MOVES[m.activity].to is not None]
    last = page.request.closed_at or page.request.jurisdiction.present
    following = [*(m.occurred_at for m in moving[1:]), last]
    return [(m.occurred_at, until) for m, until in zip(moving, following, strict=False) if m.activity in WAITS]


WAITS = frozenset({Activity.CITIZEN_ASKED, Activity.EXTERNAL_WAITED})
