"""Queueing news, in the transaction of the change: one row, of codes and ids; who is told is found when it is sent.

The ledger calls `queue_events` for what it appends. Whoever has news without an event (a job that reminds of a promise)
calls `queue` inside its own transaction, with a key that makes it once:

    queue(News.DUE_SOON, request_id=case.pk, key=f"{case.pk}:{case.due_at:%Y%m%d%H%M}", at=now())
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from requests_app.models import OutboxEntry, RequestEvent, ServiceRequest
from requests_app.notify.addressees import WORKER
from requests_app.notify.moments import MOMENTS, Audience, News, news_of

NEWS_KIND, MAIL_KIND, REPORT_KIND = "news", "mail", "report"
SAID_BY_CITIZEN = frozenset({News.ANSWERED, News.CITIZEN_WROTE})


def queue_events(request: ServiceRequest, events: Sequence[RequestEvent], at: datetime) -> None:
    """Queue the news that events are; one statement, none when nobody could be told."""
    told = _once([(event, news) for event in events if (news := news_of(event.activity, event.actor))])
    OutboxEntry.objects.bulk_create(
        _row(news, request.pk, f"event:{event.pk}", at, event.pk)
        for event, news in told
        if request.person_id is not None or set(MOMENTS[news]) != {Audience.CITIZEN}
    )


def _once(told: list[tuple[RequestEvent, News]]) -> list[tuple[RequestEvent, News]]:
    """What a citizen says at one moment, words, photos and all, is told once."""
    by_citizen = [one for one in told if one[1] in SAID_BY_CITIZEN]
    if len(by_citizen) < 2:
        return told
    main = next((one for one in by_citizen if one[1] is News.ANSWERED), by_citizen[-1])
    return [one for one in told if one[1] not in SAID_BY_CITIZEN or one is main]


def queue(news: News, *, request_id: int, key: str, at: datetime, event_id: int | None = None) -> None:
    """Queue news of a case, once for each `key` (at most 80 characters) however often it is called; one statement."""
    row = _row(news, request_id, f"{news}:{key}", at, event_id)
    OutboxEntry.objects.bulk_create([row], ignore_conflicts=True)


def queue_each(told: Sequence[tuple[News, int, str]], at: datetime) -> None:
    """Queue news of many cases, each (news, case, key) once however often it is called; one statement."""
    rows = [_row(news, request_id, f"{news}:{key}", at, None) for news, request_id, key in told]
    OutboxEntry.objects.bulk_create(rows, ignore_conflicts=True)


def queue_mail(
    news: News, audience: Audience, to: str, pk: int, *, key: str, at: datetime, request_id: int | None = None
) -> None:
    """Queue one mail to one receiver (`addressees`), once for each `key`; one statement."""
    row = OutboxEntry(
        kind=MAIL_KIND,
        dedupe_key=f"mail:{news}:{key}",
        request_id=request_id,
        codes={"news": str(news), "audience": str(audience), "to": to, "id": pk},
        created_at=at,
        due_at=at,
    )
    OutboxEntry.objects.bulk_create([row], ignore_conflicts=True)


def queue_morning(user_ids: Iterable[int], at: datetime) -> None:
    """Queue the morning mail of many members of staff, each once a day however often it is called; one statement."""
    OutboxEntry.objects.bulk_create(
        (
            OutboxEntry(
                kind=MAIL_KIND,
                dedupe_key=f"mail:{News.MORNING}:{user_id}:{at:%Y%m%d}",
                codes={"news": str(News.MORNING), "audience": str(Audience.WORKER), "to": WORKER, "id": user_id},
                created_at=at,
                due_at=at,
            )
            for user_id in sorted(user_ids)
        ),
        ignore_conflicts=True,
    )


def queue_reports(mails: Iterable[tuple[int, int]], at: datetime) -> None:
    """Queue the mails of a report, (issue, reader) each once however often it is called; one statement.

    The floor above knows what these ids are (`from_above`).
    """
    said = {"news": str(News.REPORT), "audience": str(Audience.READER)}
    OutboxEntry.objects.bulk_create(
        (
            OutboxEntry(
                kind=REPORT_KIND,
                dedupe_key=f"report:{issue_id}:{reader_id}",
                codes={**said, "issue": issue_id, "reader": reader_id},
                created_at=at,
                due_at=at,
            )
            for issue_id, reader_id in mails
        ),
        ignore_conflicts=True,
    )


def _row(news: News, request_id: int, key: str, at: datetime, event_id: int | None) -> OutboxEntry:
    return OutboxEntry(
        kind=NEWS_KIND,
        dedupe_key=f"news:{key}",
        request_id=request_id,
        event_id=event_id,
        codes={"news": str(news)},
        created_at=at,
        due_at=at,
    )
