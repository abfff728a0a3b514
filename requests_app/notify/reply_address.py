"""The address that an answer by mail goes to: signed, for one person and one case."""

import re
from collections.abc import Iterable

from django.conf import settings

from requests_app.notify.links import Purpose, sign

BEGINS = "reply+"
LONGEST = 200


def reply_address(request_id: int, person_id: int) -> str:
    """Where this person answers about this case; "" when this site takes no mail."""
    if not settings.REPLY_DOMAIN:
        return ""
    return f"{BEGINS}{sign(Purpose.REPLY, request_id, person_id)}@{settings.REPLY_DOMAIN}"


def token_among(headers: Iterable[str]) -> str | None:
    """The token of the first address of ours among these headers, altered or not; None when there is none."""
    ours = re.compile(rf"{re.escape(BEGINS)}([\w.=-]{{1,{LONGEST}}})@{re.escape(settings.REPLY_DOMAIN)}\b", re.I | re.A)
    found = (ours.search(header) for header in headers) if settings.REPLY_DOMAIN else iter(())
    return next((match[1].lower() for match in found if match), None)


def looks_like_ours(token: str) -> bool:
    """Whether a token has the shape of one of ours, so that it is more likely an altered one than a made up one."""
    parts = token.split("-")
    return len(parts) == 4 and all(part.isascii() and part.isalnum() for part in parts) and len(parts[3]) >= 12
