"""From letters to a message: plain text and HTML, the reader's language first, and headers that nobody can add to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import override

from requests_app.models import OutboxEntry
from requests_app.notify.letters import Letter, one_line
from requests_app.notify.links import keyed

OURS = "cw"
"""How every Message-ID of ours begins."""


@dataclass(frozen=True, slots=True)
class Addressing:
    """Where a mail goes and what its headers say: one address, the mail's name, the case's thread if it has one."""

    to: str
    message_id: str
    thread: str = ""
    reply_to: str = ""
    stop_url: str = ""


def languages_for(first: str) -> list[str]:
    """Every language of the site, the reader's first."""
    codes = [code for code, _name in settings.LANGUAGES]
    return sorted(codes, key=lambda code: code != first)


def in_each_language(first: str, write: Callable[[], Letter]) -> list[Letter]:
    """A letter written in each language, the reader's first."""
    halves = []
    for code in languages_for(first):
        with override(code):
            halves.append(write())
    return halves


def message(halves: Sequence[Letter], addressing: Addressing) -> EmailMultiAlternatives:
    """The mail; the subject is in both languages, as its body is."""
    subject = " / ".join(dict.fromkeys(one_line(half.subject) for half in halves))
    headers = {
        "Message-ID": addressing.message_id,
        "Auto-Submitted": "auto-generated",
        "Content-Language": ", ".join(half.language for half in halves),
    }
    if addressing.thread:
        headers["References"] = addressing.thread
    if addressing.stop_url:
        headers["List-Unsubscribe"] = f"<{addressing.stop_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    sealed = EmailMultiAlternatives(
        subject=subject,
        body=as_text(halves),
        to=[addressing.to],
        reply_to=[addressing.reply_to] if addressing.reply_to else None,
        headers=headers,
    )
    sealed.attach_alternative(as_html(halves), "text/html")
    return sealed


def as_text(halves: Sequence[Letter]) -> str:
    """The mail as plain text."""
    return render_to_string("mail/letter.txt", {"halves": halves})


def as_html(halves: Sequence[Letter]) -> str:
    """The mail as a page of its own."""
    return render_to_string("mail/letter.html", {"halves": halves})


def message_id(entry: OutboxEntry) -> str:
    """The name of a row's mail: the same however often it is sent, and one that only we can make."""
    return f"<{OURS}.{entry.pk}.{keyed(f'mail:{entry.pk}')}@{settings.MAIL_DOMAIN}>"


def thread_id(request_id: int) -> str:
    """What all mails of a case refer to, so that mail programs keep them together."""
    return f"<{OURS}.case.{request_id}.{keyed(f'case:{request_id}')}@{settings.MAIL_DOMAIN}>"


def is_ours(name: str) -> bool:
    """Whether a Message-ID is one that we made: whatever comes with it is our own mail coming back."""
    parts = name.strip().strip("<>").partition("@")[0].split(".")
    if len(parts) == 3 and parts[0] == OURS and parts[1].isdecimal():
        return parts[2] == keyed(f"mail:{int(parts[1])}")
    return False
