"""News for a citizen who left an address: one plain mail about one event, in their language.

The mail holds no words of the case: these are read on the site, with the rights of whoever opens the link. A tracking
link cannot be told again (only its hash is kept), so the mail links to the public page, or to where a request is found.
"""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from requests_app.labels import outcome_label
from requests_app.models import OutboxEntry, Person, RequestEvent, ServiceRequest
from requests_app.permissions import SYSTEM, Publicity
from requests_app.privacy.people import read_person
from requests_app.states import Activity

Sentence = Callable[[ServiceRequest, RequestEvent], str]


def send_citizen_news(entry: OutboxEntry) -> None:
    """Send the mail of one outbox row; nothing is sent to somebody who asked for none, or left, or was erased."""
    event = (
        RequestEvent.objects.select_related("office", "request__service", "request__jurisdiction")
        .filter(pk=entry.event_id or 0)
        .first()
    )
    if event is None:
        return
    request = event.request
    person = read_person(request, viewer=SYSTEM, purpose="send_news")
    if person is not None and person.wants_news and person.email:
        with override(person.language):
            compose(request, event, person).send()


def compose(request: ServiceRequest, event: RequestEvent, person: Person) -> EmailMessage:
    """The mail about one event, in the active language."""
    what = SENTENCES[Activity(event.activity)](request, event)
    lines = [
        _("Your request %(reference)s (%(service)s):")
        % {"reference": request.reference, "service": request.service.name},
        what,
        "",
        _("See where it stands:"),
        page_of(request, person.language),
        "",
        _("To answer or to rate, use the private link you were given when you sent the request."),
        _("You get this because you asked for news of this request."),
    ]
    return EmailMessage(
        subject=one_line(_("News of your request %(reference)s") % {"reference": request.reference}),
        body="\n".join(lines),
        to=[person.email],
        headers={"Message-ID": f"<clearway-news-{event.pk}@{settings.SITE_URL.partition('://')[2].split(':')[0]}>"},
    )


def page_of(request: ServiceRequest, language: str) -> str:
    """The address of the public page; a private case has none, so there it is where requests are found."""
    if request.service.publicity == Publicity.PRIVATE or request.hidden:
        path = reverse("citizen:find")
    else:
        path = reverse("citizen:request", kwargs={"reference": request.reference})
    return f"{settings.SITE_URL.rstrip('/')}{path}?lang={language}"


def one_line(text: str) -> str:
    """Text without line ends, which would begin another header."""
    return " ".join(text.split())


def _received(request: ServiceRequest, event: RequestEvent) -> str:
    if request.due_at is None:
        return _("We have received it.")
    day = date_format(request.due_at.astimezone(ZoneInfo(request.jurisdiction.time_zone)), "DATE_FORMAT")
    return _("We have received it. The city promises an answer by %(day)s.") % {"day": day}


def _handed_off(request: ServiceRequest, event: RequestEvent) -> str:
    return _("It was sent to another office: %(office)s.") % {"office": event.office.name if event.office else ""}


def _closed(request: ServiceRequest, event: RequestEvent) -> str:
    return _("It was closed: %(outcome)s.") % {"outcome": outcome_label(event.outcome)}


SENTENCES: dict[Activity, Sentence] = {
    Activity.SUBMITTED: _received,
    Activity.HANDED_OFF: _handed_off,
    Activity.CITIZEN_ASKED: lambda request, event: _("The office has a question for you."),
    Activity.RESOLVED: _closed,
    Activity.MERGED: lambda request, event: _("It was joined with another report of the same problem."),
    Activity.REOPENED: lambda request, event: _("It was opened again."),
}
"""What is said of each activity that is news (`actions._ledger.NEWS`)."""
