"""Mails that no person wrote: answering machines, bounces, lists, and our own coming back. None of them is answered."""

import re
from email.utils import parseaddr

from django.conf import settings

from requests_app.inbound.letter import Mail
from requests_app.notify.envelope import is_ours
from requests_app.notify.reply_address import BEGINS

BULK = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply"})
MACHINES = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-Autoresponder")
_AWAY = re.compile(
    r"^\W*(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office|r[ée]ponse automatique"
    r"|absen(?:ce|t) du bureau|message d[’']absence|vacation (?:reply|response))\b",
    re.IGNORECASE,
)
_DAEMON = re.compile(r"^(?:mailer-daemon|postmaster|no-?reply|ne-?pas-?repondre|daemon)(?:[+-].*)?$", re.IGNORECASE)


def not_by_a_person(mail: Mail, envelope_sender: str | None = None) -> str:
    """Why a mail is left alone, as a code: own, bounce, list, automatic; "" when a person wrote it."""
    for code, says_so in (("own", _is_own), ("bounce", _is_bounce), ("list", _is_list), ("automatic", _is_automatic)):
        if says_so(mail):
            return code
    return "bounce" if envelope_sender is not None and envelope_sender.strip("<> ") == "" else ""


def _is_own(mail: Mail) -> bool:
    sender, ours = mail.sender.lower(), parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()
    return is_ours(mail.header("Message-ID")) or sender == ours or sender.startswith(BEGINS)


def _is_bounce(mail: Mail) -> bool:
    returns = mail.headers.get("Return-Path")
    is_empty = returns is not None and str(returns).strip() == "<>"
    is_report = mail.headers.get_content_type() == "multipart/report"
    return is_empty or is_report or bool(_DAEMON.match(mail.sender.partition("@")[0]))


def _is_list(mail: Mail) -> bool:
    return bool(mail.header("List-Id") or mail.header("List-Unsubscribe"))


def _is_automatic(mail: Mail) -> bool:
    said = mail.header("Auto-Submitted").partition(";")[0].strip().lower()
    return (
        said not in ("", "no")
        or mail.header("Precedence").strip().lower() in BULK
        or any(mail.headers.get(name) is not None for name in MACHINES)
        or bool(_AWAY.match(mail.subject))
    )
