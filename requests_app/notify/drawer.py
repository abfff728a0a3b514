"""Where mails go when there is no mail server: a drawer of files, for developers and the demo, never in production."""

import email
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage as Parsed
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

KEPT = 300
"""How many mails a drawer holds: the oldest leave it."""


class EmailBackend(BaseEmailBackend):
    """Puts each mail into a file of its own, named by its moment."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the mails and throw the oldest away."""
        folder = drawer()
        for mail in email_messages:
            name = f"{time.time_ns():020d}"
            (folder / f"{name}.part").write_bytes(mail.message().as_bytes())
            (folder / f"{name}.part").rename(folder / f"{name}.eml")
        for old in sorted(folder.glob("*.eml"))[:-KEPT]:
            old.unlink(missing_ok=True)
        return len(email_messages)


@dataclass(frozen=True, slots=True)
class Kept:
    """One mail of the drawer."""

    name: str
    to: str
    subject: str
    sent_at: datetime | None
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]


def drawer() -> Path:
    """The folder; made when missing."""
    folder = Path(settings.EMAIL_FILE_PATH)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def newest(most: int = 60) -> list[Kept]:
    """The mails that were put in last, the newest first."""
    names = sorted((path.stem for path in drawer().glob("*.eml")), reverse=True)
    return [mail for name in names[:most] if (mail := kept(name))]


def kept(name: str) -> Kept | None:
    """One mail; None when it is gone or never was."""
    path = drawer() / f"{name}.eml"
    if not name.isdecimal() or not path.is_file():
        return None
    mail = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(mail, Parsed)
    date = mail["Date"]
    return Kept(
        name=name,
        to=str(mail["To"] or ""),
        subject=str(mail["Subject"] or ""),
        sent_at=parsedate_to_datetime(str(date)) if date else None,
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
        headers=tuple((key, str(value)) for key, value in mail.items() if key not in ("Content-Type", "MIME-Version")),
    )


def _part(mail: Parsed, kind: str) -> str:
    found = mail.get_body((kind,))
    return str(found.get_content()) if found else ""
