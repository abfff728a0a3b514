"""Replies written once, in both languages."""

from typing import ClassVar

from django.db import models

from requests_app.models.fields import Named, NamesField, localized
from requests_app.models.jurisdiction import Jurisdiction
from requests_app.models.office import Office
from requests_app.models.service import Service


class ReplyTemplate(Named):
    """A reply that staff start from: for one service or office, or (null) for all of them.

    `names` is what staff choose it by, `bodies` what the citizen reads, in each language.
    """

    class Kind(models.TextChoices):
        """What the reply is for."""

        MESSAGE = "message"
        QUESTION = "question"
        CLOSING = "closing"
        DELAY = "delay"

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE, related_name="reply_templates")
    code = models.SlugField(max_length=60)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.MESSAGE)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    office = models.ForeignKey(Office, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    bodies = NamesField()
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["jurisdiction", "code"], name="reply_template_code_once"),
        ]

    @property
    def body(self) -> str:
        """What it says, in the active language."""
        return localized(self.bodies)
