"""What was said of a promise to those who must keep it: each thing once."""

from typing import ClassVar

from django.db import models

from requests_app.models.office import Office
from requests_app.models.service_request import ServiceRequest


class PromiseClock(models.TextChoices):
    """Which clock it is about."""

    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    STEP = "step"


class NoticeKind(models.TextChoices):
    """What is said: soon due, past due, still past due after a while."""

    REMINDER = "reminder"
    BREACH = "breach"
    ESCALATION = "escalation"


class PromiseNotice(models.Model):
    """A reminder, a breach or an escalation of one clock of a case, once for each date it had.

    The row is what makes it once: two workers that write the same one have one row between them, and a worker that
    died before it could write one leaves none, so that the next does.
    """

    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="notices")
    clock = models.CharField(max_length=16, choices=PromiseClock.choices)
    kind = models.CharField(max_length=16, choices=NoticeKind.choices)
    due_at = models.DateTimeField()
    made_at = models.DateTimeField()
    office = models.ForeignKey(
        Office, on_delete=models.CASCADE, null=True, related_name="+", help_text="Whom it was said to; null: the place."
    )

    class Meta:
        ordering: ClassVar = ["made_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "clock", "kind", "due_at"], name="promise_notice_once"),
        ]
