"""News of a case: who is told, and the mail that each of them gets."""

from django.core.mail import EmailMultiAlternatives

from requests_app.clock import now
from requests_app.models import OutboxEntry, RequestEvent, ServiceRequest
from requests_app.notify.addressees import Addressee, addressees
from requests_app.notify.envelope import Addressing, in_each_language, message, message_id, thread_id
from requests_app.notify.from_above import WRITERS
from requests_app.notify.moments import DIRECT, Audience, News, news_of
from requests_app.notify.queueing import MAIL_KIND
from requests_app.notify.receivers import receiver
from requests_app.notify.writing import Occasion, answer_to, letter, nothing_to_say, stop_url
from requests_app.permissions import ANONYMOUS


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
    return _mail_of_news(entry) if entry.kind == MAIL_KIND else _mail_from_above(entry)


def _mail_from_above(entry: OutboxEntry) -> EmailMultiAlternatives | None:
    written = WRITERS[entry.kind](entry.codes)
    if written is None:
        return None
    mail = message(written.halves, Addressing(written.to, message_id(entry), stop_url=written.stop_url))
    for file in written.attachments:
        mail.attach(file.name, file.content, file.media_type)
    return mail


def _mail_of_news(entry: OutboxEntry) -> EmailMultiAlternatives | None:
    event = event_of(entry)
    request = event.request if event is not None else request_of(entry)
    to = receiver(entry.codes["to"], entry.codes["id"])
    occasion = Occasion(News(entry.codes["news"]), Audience(entry.codes["audience"]), request, event)
    if (
        not may_be_told(occasion)
        or to is None
        or (request is None and occasion.audience not in DIRECT)
        or nothing_to_say(occasion, to)
    ):
        return None
    halves = in_each_language(to.language, lambda: letter(occasion, to))
    addressing = Addressing(
        to=to.email,
        message_id=message_id(entry),
        thread=thread_id(request.pk) if request else "",
        reply_to=answer_to(occasion, to),
        stop_url=stop_url(to),
    )
    return message(halves, addressing)


def may_be_told(occasion: Occasion) -> bool:
    """Whether a case is still one that everybody may know of, for those who know of it only for that reason."""
    if occasion.audience is not Audience.FOLLOWER and occasion.news is not News.FOLLOW_ASKED:
        return True
    pk = occasion.request.pk if occasion.request else 0
    return ServiceRequest.objects.visible_to(ANONYMOUS).filter(pk=pk).exists()


def event_of(entry: OutboxEntry) -> RequestEvent | None:
    """The event a row speaks of, with what its facts need."""
    if entry.event_id is None:
        return None
    case = ("service", "jurisdiction", "office", "merged_into", "workflow")
    wanted = ("office", "acting_office", *(f"request__{name}" for name in case))
    found = RequestEvent.objects.select_related(*wanted).defer("request__jurisdiction__boundary")
    return found.filter(pk=entry.event_id).first()


def request_of(entry: OutboxEntry) -> ServiceRequest | None:
    """The case a row without an event speaks of."""
    if entry.request_id is None:
        return None
    found = ServiceRequest.objects.select_related("service", "jurisdiction", "office", "merged_into", "workflow")
    return found.defer("jurisdiction__boundary").filter(pk=entry.request_id).first()
