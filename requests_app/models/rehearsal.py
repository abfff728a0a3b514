"""A rehearsal of routing rules over past cases: what was asked for, how far it is, and what was found."""

from typing import ClassVar

from django.db import models

from requests_app.models.jurisdiction import Jurisdiction
from requests_app.models.user import User


class Rehearsal(models.Model):
    """Changed rules that are tried before they go live. `seen` says which rules their author had before them.

    `found` holds codes, ids and counts only (`reads.rehearsal.as_json`): no words of anybody. A row that waits or whose
    lock has run out is taken by the sweep.
    """

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE, related_name="rehearsals")
    source = models.TextField(help_text="The rules as they were typed.")
    document = models.JSONField()
    seen = models.CharField(max_length=40)
    days = models.PositiveIntegerField()
    live_version = models.PositiveIntegerField(default=0, help_text="The rules it was compared with.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    cases = models.PositiveIntegerField(default=0)
    judged = models.PositiveIntegerField(default=0)
    found = models.JSONField(null=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["state"], name="rehearsal_to_run", condition=models.Q(state__in=("waiting", "running"))
            ),
        ]
