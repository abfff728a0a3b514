"""What was measured of past requests, kept where people work: one row a service, one an office and service."""

from typing import ClassVar

from django.db import models

from requests_app.models.office import Office
from requests_app.models.service import Service
from requests_app.usual import ENOUGH


class ServiceTime(models.Model):
    """How long requests of a service took lately, in working days of the place; written by a job, from the reports."""

    service = models.OneToOneField(Service, on_delete=models.CASCADE, primary_key=True, related_name="usual_time")
    requests = models.PositiveIntegerField(help_text="Answered and open ones together.")
    still_open = models.PositiveIntegerField()
    half_days = models.PositiveIntegerField(null=True, help_text="Half were finished in so many; empty: not yet.")
    most_days = models.PositiveIntegerField(null=True, help_text="Nine in ten were; empty: not yet.")
    filed_from = models.DateField()
    measured_at = models.DateTimeField()

    @property
    def can_be_told(self) -> bool:
        """Whether enough requests stand behind it, and half of them were finished."""
        return self.requests >= ENOUGH and self.half_days is not None


class OfficeTime(models.Model):
    """How long nine in ten stays at an office last for a service: what the desk calls “longer than usual”."""

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="usual_stays")
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="+")
    nine_in_ten = models.DurationField(help_text="Calendar time from sent to sent on or closed.")
    of = models.PositiveIntegerField(help_text="How many stays have ended.")
    measured_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["office", "service"], name="one_usual_stay_a_kind"),
        ]
