"""A case in plain words: where it stands, what was promised, and whether it is late."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from requests_app.labels import outcome_label
from requests_app.models import ServiceRequest
from requests_app.models.fields import localized
from requests_app.reads.one_request import CasePage
from requests_app.states import SENT, Activity, Status
from requests_app.templatetags.clearway import duration, local_date, local_time, number

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


@dataclass(frozen=True, slots=True)
class PromiseSaid:
    """What was promised, said plainly; `is_late` also for a case that was closed after the promise."""

    sentence: str
    is_late: bool
    lateness: str
    new_date: str
    why: str


def standing(page: CasePage) -> Standing:
    """Where the case stands and which office has it."""
    request = page.request
    office = request.office.name if request.office else ""
    running = next((stay for stay in reversed(page.stays) if stay.is_lead and stay.ended_at is None), None)
    return Standing(
        sentence=_sentence(request, office, own=page.is_own),
        office=office,
        since=running.sent_at if running else None,
        waited=running.lasted if running else None,
    )


def _sentence(request: ServiceRequest, office: str, *, own: bool) -> str:
    status = Status(request.status)
    if status is Status.CLOSED:
        return _("It is closed: %(outcome)s.") % {"outcome": str(outcome_label(request.outcome)).lower()}
    if not office and request.jurisdiction.is_read_only:
        return _("It is open. The source does not say which office has it.")
    if not office:
        return _("It was received. No office has been asked to take it yet.")
    if own and status is Status.WAITING_CITIZEN:
        return _("%(office)s asked you something and waits for your answer.") % {"office": office}
    if status in SENT and not request.jurisdiction.records("accepted"):
        return _("It is open, at %(office)s. The source does not say whether work began.") % {"office": office}
    template = STANDING.get(status, STANDING[Status.TRIAGED])
    return str(template) % {"office": office}


def promise_said(page: CasePage) -> PromiseSaid | None:
    """What was promised; None when the service promises no date."""
    request = page.request
    if request.due_at is None:
        return None
    place = request.jurisdiction
    end = request.first_closed_at or place.present
    over = end - request.due_at
    late = over > timedelta(0)
    day = local_date(request.due_at, place)
    closed = request.first_closed_at is not None
    return PromiseSaid(
        sentence=(_("An answer was promised by %(day)s.") if late or closed else _("An answer is promised by %(day)s."))
        % {"day": day},
        is_late=late,
        lateness=_lateness(over, late=late, closed=closed),
        new_date=_new_date(page) if request.is_open else "",
        why=_why(request),
    )


def _lateness(over: timedelta, *, late: bool, closed: bool) -> str:
    if late and closed:
        return _("It was closed %(span)s late.") % {"span": duration(over)}
    if late:
        return _("It is %(span)s late.") % {"span": duration(over)}
    return _("It was closed in time.") if closed else ""


def _new_date(page: CasePage) -> str:
    """The date an office gave last, if it gave one."""
    given = [m.promised_at for m in page.moments if m.activity is Activity.SCHEDULED and m.promised_at]
    if not given:
        return ""
    place = page.request.jurisdiction
    return _("The work is now planned for %(time)s.") % {"time": local_time(given[-1], place)}


def _why(request: ServiceRequest) -> str:
    hours = request.promise.get("target_hours")
    if not hours:
        return ""
    return ngettext(
        "This service promises an answer within %(count)s working hour; the clock runs while offices are open.",
        "This service promises an answer within %(count)s working hours; the clock runs while offices are open.",
        hours,
    ) % {"count": number(hours)}


def next_steps(request: ServiceRequest) -> list[tuple[str, bool]]:
    """The workflow's steps in words, and which one the case is at."""
    steps = request.workflow.steps if request.workflow else []
    return [(localized(step["names"]), step["code"] == request.step) for step in steps]
