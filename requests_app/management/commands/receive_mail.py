"""`receive_mail`: one mail on the standard input, from the pipe of a mail server; or a folder of them."""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from requests_app.inbound.receive import Verdict, receive

NO_SUCH_ADDRESS, UNAVAILABLE, TRY_AGAIN = 67, 69, 75
"""As mail servers read them (sysexits.h): bounce it, bounce it, keep it and come again."""


class Command(BaseCommand):
    help = (
        "Take in a mail from the standard input (RFC 5322) and put it on the request it answers. "
        "Ends with 0 when it was dealt with, 67 when its address is none of ours, 75 to be called again."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--recipient", action="append", default=[], help="an address of the envelope; may be repeated"
        )
        parser.add_argument("--sender", help="the sender of the envelope; empty for a bounce")
        parser.add_argument("--maildir", type=Path, help="take every new mail of this folder instead (Maildir)")

    def handle(self, *args: object, **options: object) -> None:
        if not settings.REPLY_DOMAIN:
            raise CommandError("This site takes no mail: set CLEARWAY_REPLY_DOMAIN.", returncode=UNAVAILABLE)
        if options["maildir"]:
            self.take_folder(Path(str(options["maildir"])))
            return
        sender = options["sender"]
        recipients = [str(one) for one in options["recipient"]] if isinstance(options["recipient"], list) else []
        # One byte more than is taken, so that what is larger can be told.
        raw = sys.stdin.buffer.read(settings.MAX_MAIL_BYTES + 1)
        verdict = taken(raw, recipients, str(sender) if sender is not None else None)
        if verdict is Verdict.NOT_OURS:
            raise CommandError(
                "There is no such address here. Open your request from one of our mails and write there.",
                returncode=NO_SUCH_ADDRESS,
            )
        self.stdout.write(verdict.value)

    def take_folder(self, folder: Path) -> None:
        """Take each new mail once: what was dealt with is moved to “cur”, what must wait stays where it is."""
        if not (folder / "new").is_dir() or not (folder / "cur").is_dir():
            raise CommandError(f"{folder} is no Maildir: it has no folders “new” and “cur”.")
        for path in sorted((folder / "new").iterdir()):
            if path.is_file():
                with path.open("rb") as file:
                    raw = file.read(settings.MAX_MAIL_BYTES + 1)
                verdict = taken(raw, [], None)
                os.replace(path, folder / "cur" / f"{path.name}:2,S")  # noqa: PTH105 (atomic)
                self.stdout.write(f"{path.name}: {verdict.value}")


def taken(raw: bytes, recipients: list[str], sender: str | None) -> Verdict:
    """Take one mail; CommandError with 75 when the database does not answer, so that the mail server keeps it."""
    try:
        return receive(raw, recipients=recipients, envelope_sender=sender)
    except (DatabaseError, OSError) as error:
        told = f"The mail could not be taken now ({type(error).__name__}); it must be brought again."
        raise CommandError(told, returncode=TRY_AGAIN) from None
