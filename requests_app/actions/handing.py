"""Until when an office must accept what was sent to it: counted in its own working hours, written into the event."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from django.conf import settings

from requests_app.calendars import add_working_time
from requests_app.models import Office
from requests_app.states import Activity

SENT_BETWEEN_OFFICES = frozenset({Activity.HANDED_OFF, Activity.BOUNCED, Activity.EXPIRED})
"""What sends a case from office to office, to be accepted. A first routing has no sender to go back to."""


class Sent(Protocol):
    """As much of a draft as is looked at here."""

    @property
    def activity(self) -> Activity: ...
    @property
    def office_id(self) -> int | None: ...
    @property
    def until_at(self) -> datetime | None: ...
    @property
    def receiver(self) -> Office | None: ...


D = TypeVar("D", bound=Sent)


def with_deadline(draft: D, at: datetime) -> D:
    """The draft with the moment until which its receiver must accept; one statement where nobody read it before."""
    if draft.activity not in SENT_BETWEEN_OFFICES or draft.office_id is None or draft.until_at is not None:
        return draft
    office = draft.receiver or office_with_calendar(draft.office_id)
    return replace(draft, until_at=accept_by(office, at), receiver=office)  # type: ignore[type-var]


def office_with_calendar(office_id: int) -> Office:
    """An office with what its working time is made of; one statement."""
    return (
        Office.objects.select_related("jurisdiction", "work_calendar").defer("jurisdiction__boundary").get(pk=office_id)
    )


def accept_by(office: Office, at: datetime) -> datetime | None:
    """Until when the office must accept what is sent to it `at`; None where it need not, or never opens."""
    hours = office.accept_within_hours
    if hours is None:
        hours = settings.ACCEPT_WITHIN_HOURS
    calendar = office.calendar()
    if hours == 0 or calendar.never_opens:
        return None
    return add_working_time(calendar, at, timedelta(hours=hours))
