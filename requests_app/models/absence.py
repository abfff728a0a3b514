"""Days on which somebody is away, and who acts for them."""

from typing import ClassVar

from django.db import models

from requests_app.models.jurisdiction import Jurisdiction
from requests_app.models.user import User


class Absence(models.Model):
    """One absence, both days included; the deputy sees and may do meanwhile what the absent person may.

    Only the rights of handlers and managers pass to a deputy (`reads.grants`), and they are not passed on again.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    deputy = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="deputy_for")
    starts_on = models.DateField()
    ends_on = models.DateField()
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="When it was called off.")

    class Meta:
        ordering: ClassVar = ["starts_on", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="absence_ends_later"),
            models.CheckConstraint(
                condition=models.Q(deputy=None) | ~models.Q(deputy=models.F("user")), name="absence_deputy_is_another"
            ),
        ]
