"""What administrators changed: every setting's history, and the version by which two of them learn of each other."""

from typing import ClassVar

from django.db import models

from requests_app.models.jurisdiction import Jurisdiction
from requests_app.models.user import User


class ConfigChange(models.Model):
    """One change of one setting: who, when, and what it was before and after.

    `what` is the kind of setting ("service", "office", "calendar" …) and `target_id` its row. Version 1 is how a
    setting came into being; one that was loaded with the place and never changed has no rows and is at version 1.
    What is set of a person is set for a place: whoever works in two has two histories.
    `before` and `after` are the setting as plain data, the same shape that its page edits.
    """

    class Act(models.TextChoices):
        """What was done."""

        MADE = "made"
        SAVED = "saved"
        WENT_LIVE = "went_live"
        RETIRED = "retired"
        RESTORED = "restored"

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE, related_name="+")
    what = models.CharField(max_length=40)
    target_id = models.BigIntegerField()
    version = models.PositiveIntegerField()
    act = models.CharField(max_length=20, choices=Act.choices, default=Act.SAVED)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["what", "target_id", "jurisdiction", "version"], name="config_version_once"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["jurisdiction", "-changed_at", "-id"], name="config_newest")]
