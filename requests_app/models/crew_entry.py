"""What a crew said of a stop, under a key that its telephone made: said once, however often it arrives."""

from typing import ClassVar

from django.db import models

from requests_app.models.service_request import ServiceRequest
from requests_app.models.user import User


class CrewEntry(models.Model):
    """One entry and its answer. A repeat of the same key gets the first answer and changes nothing.

    `done_at` is when it was done at the place, `received_at` when it reached us. The words and the photo belong to the
    case; `answer` holds codes and ids only: what became of it and, where the case had moved meanwhile, what had
    happened to it.
    """

    class Kind(models.TextChoices):
        """What was said."""

        START = "start"
        DONE = "done"
        COULD_NOT = "could_not"

    class Result(models.TextChoices):
        """What became of it: all that was said, or only what was seen there, since the case had moved meanwhile."""

        TAKEN = "taken"
        KEPT = "kept"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)
    body_hash = models.CharField(max_length=64)
    request = models.ForeignKey(ServiceRequest, on_delete=models.CASCADE, related_name="crew_entries")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    result = models.CharField(max_length=20, choices=Result.choices)
    done_at = models.DateTimeField()
    received_at = models.DateTimeField()
    event_id = models.BigIntegerField(null=True)
    photo_id = models.BigIntegerField(null=True)
    answer = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "key"], name="crew_entry_once")]
