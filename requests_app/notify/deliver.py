"""The outbox's sweep: what must happen after a change is tried until it is done.

A row is claimed in a transaction of its own (`SKIP LOCKED`, then `locked_until`), so several sweeps share the work and
none holds a lock while it talks to a mail server. A row of news is spread into one row for each receiver; each of
these is one mail. Before a mail goes to the server its row says so (`sending_at`), and when the server has answered
the row is done. A process that is killed between the two leaves that mark: when the claim has lapsed the mail is sent
again, once, under the same Message-ID, and `repeats` counts it. A row that fails is tried again later and later;
after `MAX_ATTEMPTS`, or when the server says that there is no such address, it stays as a dead letter with its error
until somebody calls `revive` or `give_up`.
"""

import smtplib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from requests_app.clock import now
from requests_app.models import OutboxEntry
from requests_app.models.outbox import MAX_ATTEMPTS
from requests_app.notify.news import mail_of, spread
from requests_app.notify.postman import Postman, Unreachable
from requests_app.notify.queueing import MAIL_KIND, NEWS_KIND, REPORT_KIND

CLAIM = timedelta(minutes=5)
"""How long a claimed row is left alone: longer than any delivery takes."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
NO_SUCH_ADDRESS = 500
"""Answers of a mail server from here on are final."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did; `unreachable` when it stopped because the mail server does not answer."""

    done: int
    failed: int
    unreachable: bool = False


def spread_news(entry: OutboxEntry, postman: Postman) -> str:
    """One row becomes one for each receiver."""
    return "spread" if spread(entry) else "nobody"


def send_mail(entry: OutboxEntry, postman: Postman) -> str:
    """Hand one mail to the server; what it came to. Nothing is sent to somebody who left or was erased."""
    mail = mail_of(entry)
    if mail is None:
        return "nobody"
    postman.open()
    entry.sending_at = now()
    entry.save(update_fields=["sending_at"])
    postman.send(mail)
    return "sent"


Deliver = Callable[[OutboxEntry, Postman], str]

DELIVERIES: Mapping[str, Deliver] = {
    NEWS_KIND: spread_news,
    MAIL_KIND: send_mail,
    REPORT_KIND: send_mail,
    "citizen_news": spread_news,  # rows of before news was told to others than citizens
}


def sweep_outbox(limit: int = 50) -> Swept:
    """Deliver up to `limit` rows that are due, oldest first; stop when the mail server cannot be reached."""
    done = failed = 0
    with Postman() as postman:
        for _turn in range(limit):
            entry = _claim()
            if entry is None:
                break
            if _try(entry, postman):
                done += 1
                continue
            failed += 1
            if postman.is_unreachable:
                return Swept(done, failed, unreachable=True)
    return Swept(done, failed)


def revive(ids: list[int]) -> int:
    """Have rows that were not done tried again from the start; how many there were."""
    waiting = OutboxEntry.objects.filter(pk__in=ids, done_at=None)
    return waiting.update(attempts=0, due_at=now(), locked_until=None, given_up_at=None, given_up_by=None)


def give_up(ids: list[int], user_id: int | None) -> int:
    """Say of dead letters that nobody will send them; they stay, with who said so. How many there were."""
    return OutboxEntry.objects.filter(pk__in=ids, done_at=None, attempts__gte=MAX_ATTEMPTS, given_up_at=None).update(
        given_up_at=now(), given_up_by_id=user_id
    )


@transaction.atomic
def _claim() -> OutboxEntry | None:
    """The oldest row that is due and nobody works on, marked as ours and counted as tried."""
    moment = now()
    entry = (
        OutboxEntry.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(done_at=None, due_at__lte=moment, attempts__lt=MAX_ATTEMPTS, given_up_at=None)
        .exclude(locked_until__gt=moment)
        .order_by("due_at", "pk")
        .first()
    )
    if entry is not None:
        entry.attempts += 1
        entry.locked_until = moment + CLAIM
        entry.repeats += 1 if entry.sending_at else 0
        entry.save(update_fields=["attempts", "locked_until", "repeats"])
    return entry


def _try(entry: OutboxEntry, postman: Postman) -> bool:
    """Deliver one row and note how it went. Whatever goes wrong is this row's: the others are tried all the same."""
    try:
        entry.result = DELIVERIES[entry.kind](entry, postman)
    except Exception as error:  # noqa: BLE001
        _note_failure(entry, error)
    else:
        entry.last_error = ""
        entry.done_at = now()
    if entry.done_at or not postman.is_unsure:
        entry.sending_at = None
    entry.locked_until = None
    entry.save(
        update_fields=["attempts", "last_error", "due_at", "done_at", "locked_until", "sending_at", "result"],
    )
    return entry.done_at is not None


def _note_failure(entry: OutboxEntry, error: Exception) -> None:
    entry.last_error = told(error, entry.kind)
    entry.due_at = now() + wait_after(entry.attempts)
    if isinstance(error, Unreachable):
        entry.attempts -= 1  # it was never asked: however long the server is away, no mail becomes a dead letter by it
    if isinstance(error, smtplib.SMTPRecipientsRefused) and is_final(error):
        entry.attempts = MAX_ATTEMPTS


def is_final(error: smtplib.SMTPRecipientsRefused) -> bool:
    """Whether the server knows no such address: asking again would get the same answer."""
    return all(code >= NO_SUCH_ADDRESS for code, _text in error.recipients.values())


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: a minute, doubled each time, six hours at most."""
    return min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT)


def told(error: Exception, kind: str) -> str:
    """An error as an operator reads it, without the address or the words it may carry."""
    name = type(error).__name__
    match error:
        case Unreachable():
            return f"The mail server cannot be reached. {told(error.cause, kind)}"[:300]
        case KeyError() if kind not in DELIVERIES:
            return f"Nothing delivers “{kind}”."
        case smtplib.SMTPResponseException():
            return f"{name}: the mail server answered {error.smtp_code}."
        case smtplib.SMTPRecipientsRefused():
            codes = sorted({str(code) for code, _text in error.recipients.values()})
            return f"{name}: the mail server refused the address ({', '.join(codes)})."
        case OSError() if error.strerror:
            return f"{name}: {error.strerror}."[:300]
    return name
