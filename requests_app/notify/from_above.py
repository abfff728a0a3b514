"""Mails that a floor above writes: it alone knows what they say. The outbox, the headers and the sending stay here.

`backend/wiring.py` fills `WRITERS` at start; a kind that nobody writes is told as such in the row of its mail.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from requests_app.notify.letters import Letter


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that comes with a mail."""

    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Written:
    """A mail as it was written: to whom, what it says, where its reader stops such mails."""

    to: str
    halves: tuple[Letter, ...]
    stop_url: str
    attachments: tuple[Attachment, ...] = ()


Writer = Callable[[Mapping[str, Any]], Written | None]
"""From the codes of a row to its mail; None when there is nobody to send it to any more."""

WRITERS: dict[str, Writer] = {}
"""By kind of row."""
