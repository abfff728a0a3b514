"""Signed links and addresses in mails: a purpose, some ids, a last day and a signature; nothing is stored.

    1f-2k-t3x9z2-mfrggzdfmztwq2lknnwg23tp      ids and seconds in base 36, then 20 characters of a keyed hash

Small letters, digits and dashes only: mail servers may change the case of an address, and people read links aloud.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.conf import settings

from requests_app.clock import now

SIGNATURE = 20
"""Characters of the signature: 100 bits."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Purpose(StrEnum):
    """What a link lets its holder do. A link for one purpose is worth nothing for another."""

    OPEN = "open"
    """Open one's own case: request, person."""
    STOP = "stop"
    """Stop mails: kind of receiver, id."""
    FOLLOW = "follow"
    """Confirm that one follows a case: follower."""
    FIXED = "fixed"
    """Say whether it is fixed: request, person."""
    MINE = "mine"
    """See all of one's requests: person."""
    PARTNER = "partner"
    """Answer as a partner outside: link, version of the case."""
    INVITE = "invite"
    """Choose a password: sign-in link."""
    REPLY = "reply"
    """Answer by mail: request, person."""
    REPORT = "report"
    """Stop a report that comes by mail: its reader."""


LIFE: dict[Purpose, timedelta] = {
    Purpose.OPEN: timedelta(days=180),
    Purpose.STOP: timedelta(days=3650),
    Purpose.FOLLOW: timedelta(days=3),
    Purpose.FIXED: timedelta(days=30),
    Purpose.MINE: timedelta(hours=2),
    Purpose.REPLY: timedelta(days=180),
    Purpose.PARTNER: timedelta(days=30),
    Purpose.INVITE: timedelta(days=7),
    Purpose.REPORT: timedelta(days=3650),
}
"""How long a link is good, from when it was made. Who has stopped mails once may always do so again."""


class BadLink(Exception):
    """A link that is not what we made, or whose time is over (`is_expired`)."""

    def __init__(self, *, is_expired: bool) -> None:
        super().__init__("expired" if is_expired else "altered")
        self.is_expired = is_expired


def sign(purpose: Purpose, *ids: int, until: datetime | None = None) -> str:
    """A token for `purpose` and `ids` (none negative), good until `until` (aware) or for the life of its purpose."""
    last = until or now() + LIFE[purpose]
    body = "-".join(_base36(number) for number in (*ids, int(last.timestamp())))
    return f"{body}-{_signature(settings.LINK_KEYS[0], purpose, body)}"


def open_link(purpose: Purpose, token: str, count: int, *, even_old: bool = False) -> tuple[int, ...]:
    """The `count` ids of a token; BadLink when it was altered, is for something else or, unless `even_old`, too old."""
    body, _dash, signature = token.lower().rpartition("-")
    known = (hmac.compare_digest(_signature(key, purpose, body), signature) for key in settings.LINK_KEYS)
    if not token.isascii() or not any(known):
        raise BadLink(is_expired=False)
    numbers = [int(part, 36) for part in body.split("-")]
    if len(numbers) != count + 1:
        raise BadLink(is_expired=False)
    if not even_old and datetime.fromtimestamp(numbers[-1], UTC) < now():
        raise BadLink(is_expired=True)
    return tuple(numbers[:-1])


def keyed(message: str, length: int = 24) -> str:
    """A hash that nobody without the site's key can try guesses against."""
    return hmac.new(settings.LINK_KEYS[0].encode(), message.encode(), hashlib.sha256).hexdigest()[:length]


def _signature(key: str, purpose: Purpose, body: str) -> str:
    made = hmac.new(key.encode(), f"{purpose}:{body}".encode(), hashlib.sha256).digest()
    return base64.b32encode(made).decode().lower()[:SIGNATURE]


def _base36(number: int) -> str:
    return "".join(reversed(list(_digits(number)))) or "0"


def _digits(number: int) -> Iterable[str]:
    while number:
        number, digit = divmod(number, 36)
        yield _DIGITS[digit]
