"""A mail as it came, read with patience: any charset, any nesting, broken headers; nothing here raises."""

import email
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr

from requests_app.text.html_words import words_of_html
from requests_app.text.mail_answer import unflowed

DEEPEST = 12
"""How deep parts may lie in parts; what lies deeper counts as an attachment."""
LONGEST_TEXT = 400_000
"""Characters of the words that are looked at."""
LOGO_BYTES = 16 * 1024
"""A picture inside the page of a mail that is smaller than this is somebody's logo."""
SILENT = frozenset(
    {
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "text/calendar",
        "text/vcard",
        "text/x-vcard",
    }
)
"""Parts that a program adds by itself: nobody misses them."""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that came with a mail."""

    media_type: str
    content: bytes

    @property
    def is_picture(self) -> bool:
        """Whether it says that it is a picture."""
        return self.media_type.startswith("image/")


@dataclass(slots=True)
class Parts:
    """What a mail is made of: its texts, its pages, its files."""

    plain: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    files: list[Enclosed] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail. `text` is all its words, with what it quotes; `is_cut` says that it was too large to be read whole."""

    headers: Message
    digest: str
    sender: str
    subject: str
    text: str
    files: tuple[Enclosed, ...]
    is_cut: bool = False

    def header(self, name: str) -> str:
        """A header in words; "" when there is none."""
        return in_words(self.headers.get(name))

    def all(self, *names: str) -> list[str]:
        """Every header of these names."""
        return [in_words(value) for name in names for value in self.headers.get_all(name, [])]


def read_mail(raw: bytes, most: int) -> Mail:
    """The mail in these bytes, of which at most `most` are read."""
    headers = email.message_from_bytes(raw[:most], policy=policy.compat32)
    parts = Parts()
    for part in _leaves(headers):
        _sort(part, parts)
    text = "\n".join(parts.plain).strip() or "\n".join(words_of_html(page) for page in parts.pages)
    is_cut = len(raw) > most
    return Mail(
        headers=headers,
        digest=digest_of(headers, raw),
        sender=parseaddr(in_words(headers.get("From")))[1][:254],
        subject=in_words(headers.get("Subject")),
        text=text[:LONGEST_TEXT].replace("\x00", ""),
        # The last file of a mail that was cut is broken; which one that is does not matter to who must send it again.
        files=() if is_cut else tuple(parts.files),
        is_cut=is_cut,
    )


def digest_of(headers: Message, raw: bytes) -> str:
    """What tells this mail from every other: its Message-ID with its sender, or the whole of it."""
    name = in_words(headers.get("Message-ID")).strip()
    told = f"{name} {in_words(headers.get('From'))}".encode(errors="replace") if name else raw
    return hashlib.sha256(told).hexdigest()


def in_words(header: object) -> str:
    """A header decoded, on one line; as it stands when its coding is broken."""
    if header is None:
        return ""
    try:
        told = str(make_header(decode_header(str(header))))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        told = str(header)
    return " ".join(told.replace("\x00", "").encode("utf-8", "replace").decode().split())


def _leaves(part: Message, depth: int = 0) -> Iterator[Message]:
    """The parts that hold something, in order; mails that are attached to the mail stay whole."""
    inside = part.get_payload()
    if not isinstance(inside, list) or part.get_content_maintype() == "message" or depth >= DEEPEST:
        yield part
        return
    for one in inside:
        if isinstance(one, Message):
            yield from _leaves(one, depth + 1)


def _sort(part: Message, parts: Parts) -> None:
    media_type = part.get_content_type()
    is_attached = part.get_content_disposition() == "attachment" or bool(part.get_filename())
    if media_type == "text/plain" and not is_attached:
        parts.plain.append(_plain(part))
    elif media_type == "text/html" and not is_attached:
        parts.pages.append(_decoded(part)[: 4 * LONGEST_TEXT])
    elif media_type not in SILENT and not part.is_multipart():
        _enclose(part, media_type, parts)
    elif part.is_multipart():
        parts.files.append(Enclosed(media_type, b""))


def _enclose(part: Message, media_type: str, parts: Parts) -> None:
    content = _bytes(part)
    is_inside_page = bool(part.get("Content-ID")) and part.get_content_disposition() != "attachment"
    if content and not (is_inside_page and len(content) < LOGO_BYTES):
        parts.files.append(Enclosed(media_type, content))


def _plain(part: Message) -> str:
    text = _decoded(part)
    if str(part.get_param("format", "")).lower() == "flowed":
        return unflowed(text, drops_space=str(part.get_param("delsp", "")).lower() == "yes")
    return text


def _decoded(part: Message) -> str:
    """The text of a part; a charset that is unknown, missing or a lie is guessed, and nothing is lost by it."""
    raw = _bytes(part)
    for charset in (_charset(part), "utf-8"):
        try:
            return raw.decode(charset)
        except (LookupError, UnicodeError, ValueError):
            continue
    return raw.decode("cp1252", "replace")


def _charset(part: Message) -> str:
    """The charset a part names; Latin-1 and ASCII mean what Windows makes of them."""
    named = re.sub(r"[^\w.:-]", "", str(part.get_param("charset", "") or "")).lower()
    if named in ("us-ascii", "ascii", ""):
        return "utf-8"
    return "cp1252" if named in ("iso-8859-1", "latin1", "latin-1") else named


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
