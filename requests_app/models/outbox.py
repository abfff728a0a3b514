"""Side effects that must happen: queued in the transaction of the change, tried until done."""

from typing import ClassVar

from django.db import models

from requests_app.models.service_request import ServiceRequest


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
    done_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "outbox entries"
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="outbox_to_do", condition=models.Q(done_at=None)),
        ]
