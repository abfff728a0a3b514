"""News of a case: who is told, and what each of them reads.

Words of a case are in no mail, with one exception: what the office wrote to the citizen goes to the citizen, unless the
service is private. They are read when the mail is made and kept in no row.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from requests_app.clock import now
from requests_app.models import OutboxEntry, RequestEvent, ServiceRequest, Words
from requests_app.notify.addressees import Addressee, addressees
from requests_app.notify.envelope import Addressing, in_each_language, message, message_id, thread_id
from requests_app.notify.letters import Button, Letter, facts_of, lines_of, said
from requests_app.notify.links import Purpose, sign
from requests_app.notify.moments import MOMENTS, STAFF, Audience, News, Template, news_of
from requests_app.notify.receivers import Receiver, receiver
from requests_app.permissions import Publicity

MAIL_KIND = "mail"


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a mail is about: the case, what happened to it (None for news without an event), to whom it is told."""

    news: News
    audience: Audience
    request: ServiceRequest
    event: RequestEvent | None

    @property
    def template(self) -> Template:
        """The sentences of this moment for this audience."""
        return MOMENTS[self.news][self.audience]


def spread(entry: OutboxEntry) -> int:
    """Queue one mail for each receiver of a row of news; how many there are. Done twice, it changes nothing."""
    event = event_of(entry)
    news = known_news(entry, event)
    request = event.request if event is not None else request_of(entry)
    if news is None or request is None:
        return 0
    rows = [_mail_row(entry, news, one) for one in addressees(news, request, event)]
    OutboxEntry.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def known_news(entry: OutboxEntry, event: RequestEvent | None) -> News | None:
    """What a row is news of: as it was queued, or, for rows of before there were codes, what its event is."""
    if "news" in entry.codes:
        return News(entry.codes["news"])
    return news_of(event.activity, event.actor) if event is not None else None


def _mail_row(entry: OutboxEntry, news: News, one: Addressee) -> OutboxEntry:
    moment = now()
    return OutboxEntry(
        kind=MAIL_KIND,
        dedupe_key=f"mail:{entry.pk}:{one.kind}:{one.pk}",
        request_id=entry.request_id,
        event_id=entry.event_id,
        codes={"news": str(news), "audience": str(one.audience), "to": one.kind, "id": one.pk},
        created_at=moment,
        due_at=moment,
    )


def mail_of(entry: OutboxEntry) -> EmailMultiAlternatives | None:
    """The mail of one row; None when there is nobody to send it to any more, or nothing to tell."""
    event = event_of(entry)
    request = event.request if event is not None else request_of(entry)
    to = receiver(entry.codes["to"], entry.codes["id"])
    if to is None or request is None:
        return None
    occasion = Occasion(News(entry.codes["news"]), Audience(entry.codes["audience"]), request, event)
    halves = in_each_language(to.language, lambda: letter(occasion, to))
    return message(halves, Addressing(to.email, message_id(entry), thread_id(request.pk)))


def letter(occasion: Occasion, to: Receiver) -> Letter:
    """The letter in the active language."""
    facts = facts_of(occasion.request, occasion.event)
    template = occasion.template
    return Letter(
        language=get_language() or "en",
        subject=said(template.subject, facts),
        lines=lines_of(template, facts),
        quote=quoted(occasion),
        buttons=buttons(occasion, to),
        foot=(str(REASONS[occasion.audience]()),),
    )


def quoted(occasion: Occasion) -> str:
    """What the office wrote to the citizen with this event; "" for others, for private services, once erased."""
    event = occasion.event
    if not occasion.template.quotes or event is None or event.words_id is None:
        return ""
    if occasion.request.service.publicity == Publicity.PRIVATE or occasion.request.hidden:
        return ""
    words = Words.objects.filter(pk=event.words_id, kind=Words.Kind.REPLY, erased_at=None).first()
    return words.body if words else ""


def buttons(occasion: Occasion, to: Receiver) -> tuple[Button, ...]:
    """What the reader can do next."""
    request = occasion.request
    if occasion.audience in STAFF:
        return (Button(_("Open the request at the desk"), site(reverse("desk:case", args=[request.reference]))),)
    if occasion.audience is Audience.FOLLOWER:
        return (Button(_("See where it stands"), site(reverse("citizen:request", args=[request.reference]))),)
    token = sign(Purpose.OPEN, request.pk, to.pk)
    return (Button(_("See where it stands"), site(reverse("citizen:from_mail", args=[token]))),)


def site(path: str) -> str:
    """An address of this site, whole, in the active language."""
    return f"{settings.SITE_URL.rstrip('/')}{path}?lang={get_language() or 'en'}"


def _because_filed() -> str:
    return _("You get this because you asked for news of this request.")


def _because_followed() -> str:
    return _("You get this because you follow this request.")


def _because_staff() -> str:
    return _("You get this because you work on such requests in Clearway.")


REASONS = {
    Audience.CITIZEN: _because_filed,
    Audience.FOLLOWER: _because_followed,
    Audience.HANDLER: _because_staff,
    Audience.OFFICE: _because_staff,
    Audience.MANAGER: _because_staff,
}


def event_of(entry: OutboxEntry) -> RequestEvent | None:
    """The event a row speaks of, with what its facts need."""
    case = ("service", "jurisdiction", "office", "merged_into")
    wanted = ("office", "acting_office", *(f"request__{name}" for name in case))
    found = RequestEvent.objects.select_related(*wanted).defer("request__jurisdiction__boundary")
    return found.filter(pk=entry.event_id or 0).first()


def request_of(entry: OutboxEntry) -> ServiceRequest | None:
    """The case a row without an event speaks of."""
    found = ServiceRequest.objects.select_related("service", "jurisdiction", "office", "merged_into")
    return found.defer("jurisdiction__boundary").filter(pk=entry.request_id or 0).first()
