"""Side effects that must happen: queued in the transaction of the change, tried until done."""

from typing import ClassVar

from django.db import models

from requests_app.models.jurisdiction import Jurisdiction
from requests_app.models.person import Person
from requests_app.models.service_request import ServiceRequest
from requests_app.models.user import User

MAX_ATTEMPTS = 10
"""After so many attempts a row is a dead letter: it stays until somebody has it tried again or gives it up."""


class OutboxEntry(models.Model):
    """One thing to do after a change. A sweep retries it; a lost task is late, never lost."""

    kind = models.CharField(max_length=40)
    dedupe_key = models.CharField(max_length=120, unique=True)
    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, null=True, related_name="+")
    event_id = models.BigIntegerField(null=True)
    codes = models.JSONField(default=dict, help_text="Codes and ids only; words are read when it is sent.")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    sending_at = models.DateTimeField(null=True, help_text="Since when the mail server has it, without an answer yet.")
    repeats = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How often it may have been accepted before it was sent again."
    )
    done_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=20, blank=True, db_default="", help_text="What doing it came to.")
    given_up_at = models.DateTimeField(null=True)
    given_up_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "outbox entries"
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="outbox_to_do", condition=models.Q(done_at=None)),
        ]


class UsedLink(models.Model):
    """A link from a mail that may be used once, and was."""

    digest = models.CharField(max_length=64, primary_key=True)
    used_at = models.DateTimeField()


class ReceivedMail(models.Model):
    """One mail that came in and what was done with it: no address, no words."""

    digest = models.CharField(max_length=64, unique=True, help_text="Of its Message-ID, or of the whole mail.")
    verdict = models.CharField(max_length=20)
    request = models.ForeignKey(ServiceRequest, on_delete=models.SET_NULL, null=True, related_name="+")
    received_at = models.DateTimeField(db_index=True)


class StrayMail(models.Model):
    """A mail of a person that could not be put where it belongs: kept until somebody has read it, then erased.

    `person` holds the address it came from; `request` is the case it is about, where that is sure.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE, related_name="+")
    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, null=True, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    why = models.CharField(max_length=20)
    body = models.TextField()
    received_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["jurisdiction", "received_at"], name="stray_mail_waiting", condition=models.Q(settled_at=None)
            )
        ]
