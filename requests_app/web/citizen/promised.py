"""What was promised of a case, in plain words: kept or not, why not, and the new date."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from requests_app.labels import reason_label
from requests_app.models import ServiceRequest
from requests_app.promises import Count, read_promise
from requests_app.reads.journey import Moment
from requests_app.reads.one_request import CasePage
from requests_app.states import Activity
from requests_app.templatetags.clearway import duration, local_date, local_time, number, working_hours


@dataclass(frozen=True, slots=True)
class PromiseSaid:
    """What was promised, said plainly; `is_late` also for a case that was closed after the promise.

    `reason` and `new_date` are what an office said of a promise that is not kept; `moved` says why the day is another
    one than at first.
    """

    sentence: str
    is_late: bool
    lateness: str
    reason: str
    new_date: str
    moved: str
    why: str


def promise_said(page: CasePage) -> PromiseSaid | None:
    """What was promised; None when the service promises no date."""
    request = page.request
    if request.due_at is None:
        return None
    over = (request.closed_at or page.clock_at) - request.due_at
    late, closed = over > timedelta(0), not request.is_open
    past = late or closed
    sentence = _("An answer was promised by %(day)s.") if past else _("An answer is promised by %(day)s.")
    told = _last(page, Activity.DELAYED) if request.is_open and request.delayed_until else None
    return PromiseSaid(
        sentence=sentence % {"day": local_date(request.due_at, request.jurisdiction)},
        is_late=late,
        lateness=_lateness(over, late=late, closed=closed),
        reason=_("The reason: %(reason)s.") % {"reason": reason_label(told.code)} if told and told.code else "",
        new_date=_new_date(page, told) if request.is_open else "",
        moved=_moved(page),
        why=_why(request),
    )


def _last(page: CasePage, activity: Activity) -> Moment | None:
    return next((m for m in reversed(page.moments) if m.activity is activity and m.promised_at), None)


def _lateness(over: timedelta, *, late: bool, closed: bool) -> str:
    if late and closed:
        return _("It was closed %(span)s late.") % {"span": duration(over)}
    if late:
        return _("It is %(span)s late.") % {"span": duration(over)}
    return _("It was closed in time.") if closed else ""


def _new_date(page: CasePage, told: Moment | None) -> str:
    """The date an office gave last: a new one for a broken promise, or a day for the work; which breaks it is said."""
    planned = _last(page, Activity.SCHEDULED)
    if told is not None and (planned is None or planned.sequence < told.sequence):
        return _told_date(page, told.promised_at)
    if planned is None or planned.promised_at is None:
        return ""
    place, due = page.request.jurisdiction, page.request.due_at
    day = {"time": local_time(planned.promised_at, place)}
    if due is not None and due < planned.promised_at and page.clock_at <= due:
        return _("The promise will not be kept: the work is planned for %(time)s.") % day
    return _("The work is now planned for %(time)s.") % day


def _told_date(page: CasePage, new_date: datetime | None) -> str:
    request = page.request
    if new_date is None or request.due_at is None:
        return ""
    day = {"day": local_date(new_date, request.jurisdiction)}
    if new_date < page.clock_at:
        return _("The new date, %(day)s, has passed as well.") % day
    if page.clock_at <= request.due_at < new_date:
        return _("We will not keep this date. The new date is %(day)s.") % day
    return _("The new date is %(day)s.") % day


def _moved(page: CasePage) -> str:
    """That the time stands still or stood still for the citizen, and where that took the day."""
    request = page.request
    if request.paused_at is not None:
        return _("The time stands still until the question is answered; the day then moves on by as long as that took.")
    if not request.paused_s:
        return ""
    span = {"span": duration(timedelta(seconds=request.paused_s))}
    first = next((m.due_at for m in page.moments if m.due_at), None)
    if first is None or first == request.due_at:
        return _("The time stood still for %(span)s while an answer was waited for.") % span
    first_day = local_date(first, request.jurisdiction)
    return _(
        "At first it was promised by %(day)s; the time stood still for %(span)s while an answer was waited for."
    ) % {**span, "day": first_day}


def _why(request: ServiceRequest) -> str:
    promise = read_promise(request.promise)
    terms = promise.at(request.version) if promise else None
    if terms is None or terms.targets.resolve is None:
        return ""
    target = terms.targets.resolve
    hours = target.by_priority.get(request.priority, target.hours)
    if target.count is Count.CALENDAR:
        return _("This service promises an answer within %(span)s; every day counts.") % {
            "span": duration(timedelta(hours=hours))
        }
    in_a_day = terms.calendar.usual_hours_a_day
    if terms.calendar.is_every_day:
        return _("This service promises an answer within %(span)s; weekends and holidays count as well.") % {
            "span": open_span(hours, in_a_day)
        }
    return _("This service promises an answer within %(span)s; weekends and holidays do not count.") % {
        "span": working_span(hours, in_a_day)
    }


def open_span(hours: float, hours_in_a_day: float) -> str:
    """Hours of an office that is open every day, as days where they are whole days: “7 days (168 hours)”."""
    days = hours / hours_in_a_day if hours_in_a_day else 0.0
    if days < 1 or days != int(days):
        return ngettext("%(hours)s hour", "%(hours)s hours", int(hours)) % {"hours": number(hours)}
    return ngettext("%(days)s day (%(hours)s hours)", "%(days)s days (%(hours)s hours)", int(days)) % {
        "days": number(int(days)),
        "hours": number(hours),
    }


def working_span(hours: float, hours_in_a_day: float) -> str:
    """Working hours as days where they are whole days, with the hours behind: “5 working days (40 hours)”."""
    days = hours / hours_in_a_day if hours_in_a_day else 0.0
    if days < 1 or days != int(days):
        return working_hours(hours)
    return ngettext("%(days)s working day (%(hours)s hours)", "%(days)s working days (%(hours)s hours)", int(days)) % {
        "days": number(int(days)),
        "hours": number(hours),
    }
