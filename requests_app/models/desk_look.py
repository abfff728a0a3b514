"""How far somebody has looked at what comes in at their desk."""

from typing import ClassVar

from django.db import models

from requests_app.models.jurisdiction import Jurisdiction
from requests_app.models.user import User


class DeskLook(models.Model):
    """What one person has seen of one place: every event of the transactions before `xact`.

    `xact` is the oldest transaction that was still running when the page they marked was read, so an event that
    committed late is new to them and never skipped.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE, related_name="+")
    xact = models.BigIntegerField()
    looked_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "jurisdiction"], name="desk_look_once"),
        ]
