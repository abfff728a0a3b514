"""Routing rules of a place, as data with a history."""

from typing import ClassVar

from django.db import models

from requests_app.models.jurisdiction import Jurisdiction
from requests_app.models.user import User


class RuleSet(models.Model):
    """All routing rules of a place at one time: the one that is live, one draft, and those that were live before.

    `document` is what the TOML form of the rules says: {"fallback": office code, "rule": [{"code", "en", "fr", "when",
    "then"}, …]} in the order in which they are tried. `revision` grows with every save of a draft, so that of two
    people who save the same one the second learns of it.
    """

    class State(models.TextChoices):
        """Where a rule set stands."""

        DRAFT = "draft"
        LIVE = "live"
        PAST = "past"

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE, related_name="rule_sets")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    document = models.JSONField(default=dict)
    source = models.TextField(
        blank=True, db_default="", help_text="The rules as they were typed; empty where no text was."
    )
    revision = models.PositiveIntegerField(default=1)
    based_on = models.PositiveIntegerField(null=True, help_text="The version it was made from.")
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    saved_at = models.DateTimeField()
    live_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["jurisdiction", "version"], name="rule_set_version_once"),
            models.UniqueConstraint(
                fields=["jurisdiction"], condition=models.Q(state="live"), name="one_live_rule_set"
            ),
            models.UniqueConstraint(
                fields=["jurisdiction"], condition=models.Q(state="draft"), name="one_draft_rule_set"
            ),
        ]
