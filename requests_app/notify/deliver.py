"""The outbox's sweep: what must happen after a change is tried until it is done.

A row is claimed in a transaction of its own (`SKIP LOCKED`, then `locked_until`), so several sweeps share the work and
none holds a lock while it talks to a mail server. Delivery is at least once: a process that dies between sending and
noting it sends again when the claim has lapsed, under the same Message-ID. A row that fails is tried again later and
later; after `MAX_ATTEMPTS` it stays, with its last error, until somebody calls `revive`.
"""

import smtplib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from requests_app.clock import now
from requests_app.models import OutboxEntry
from requests_app.notify.news import send_citizen_news

Deliver = Callable[[OutboxEntry], None]

DELIVERIES: Mapping[str, Deliver] = {"citizen_news": send_citizen_news}
MAX_ATTEMPTS = 10
CLAIM = timedelta(minutes=5)
"""How long a claimed row is left alone: longer than any delivery takes."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did."""

    done: int
    failed: int


def sweep_outbox(limit: int = 50) -> Swept:
    """Deliver up to `limit` rows that are due, oldest first."""
    done = failed = 0
    for _turn in range(limit):
        entry = _claim()
        if entry is None:
            break
        if _try(entry):
            done += 1
        else:
            failed += 1
    return Swept(done, failed)


def revive(ids: list[int]) -> int:
    """Have rows that were given up tried again from the start; how many there were."""
    return OutboxEntry.objects.filter(pk__in=ids, done_at=None).update(attempts=0, due_at=now(), locked_until=None)


@transaction.atomic
def _claim() -> OutboxEntry | None:
    """The oldest row that is due and nobody works on, marked as ours and counted as tried."""
    moment = now()
    entry = (
        OutboxEntry.objects.select_for_update(skip_locked=True)
        .filter(done_at=None, due_at__lte=moment, attempts__lt=MAX_ATTEMPTS)
        .exclude(locked_until__gt=moment)
        .order_by("due_at", "pk")
        .first()
    )
    if entry is not None:
        entry.attempts += 1
        entry.locked_until = moment + CLAIM
        entry.save(update_fields=["attempts", "locked_until"])
    return entry


def _try(entry: OutboxEntry) -> bool:
    """Deliver one row and note how it went. Whatever goes wrong is this row's: the others are tried all the same."""
    try:
        DELIVERIES[entry.kind](entry)
    except Exception as error:  # noqa: BLE001
        entry.last_error = told(error, entry.kind)
        entry.due_at = now() + wait_after(entry.attempts)
    else:
        entry.last_error = ""
        entry.done_at = now()
    entry.locked_until = None
    entry.save(update_fields=["last_error", "due_at", "done_at", "locked_until"])
    return entry.done_at is not None


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: a minute, doubled each time, six hours at most."""
    return min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT)


def told(error: Exception, kind: str) -> str:
    """An error as an operator reads it, without the address or the words it may carry."""
    name = type(error).__name__
    match error:
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
