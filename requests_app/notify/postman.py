"""One connection to the mail server, opened when the first mail is there and kept for the others of a sweep."""

import smtplib
from types import TracebackType
from typing import Self

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

LOST = (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionError)
"""What is raised when the line went dead: after the mail was sent, nobody knows whether the server took it."""


class Unreachable(Exception):
    """No connection to the mail server could be made."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


class Postman:
    """Hands mails to the server. `is_unsure` says that the last one may or may not have been accepted."""

    def __init__(self) -> None:
        self.line: BaseEmailBackend | None = None
        self.is_unreachable = self.is_unsure = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.hang_up()

    def open(self) -> None:
        """Connect, unless that was done; Unreachable when it cannot be."""
        self.is_unsure = False
        if self.line is not None:
            return
        line = get_connection()
        try:
            line.open()
        except (OSError, smtplib.SMTPException) as error:
            self.is_unreachable = True
            raise Unreachable(error) from error
        self.line = line

    def send(self, mail: EmailMessage) -> None:
        """Hand over one mail: when this returns, the server has accepted it."""
        assert self.line is not None, "open first"
        try:
            self.line.send_messages([mail])
        except Exception as error:
            self.is_unsure = isinstance(error, LOST)
            self.hang_up()
            raise

    def hang_up(self) -> None:
        """Close the line. A server that is rude at the end has accepted the mails all the same."""
        line, self.line = self.line, None
        if line is not None:
            try:
                line.close()
            except (OSError, smtplib.SMTPException):
                return
