"""What evaluators write down and keep: changes they mean to judge, frozen reports, reports that come by mail."""

from __future__ import annotations

from typing import ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from analytics.frozen_models import FrozenReport, SharedLink
from analytics.subscription_models import (
    EndedBecause,
    Every,
    PrintedReport,
    Subscription,
    SubscriptionIssue,
    SubscriptionReader,
)

__all__ = [
    "EndedBecause",
    "Every",
    "FrozenReport",
    "Intervention",
    "PrintedReport",
    "SharedLink",
    "Subscription",
    "SubscriptionIssue",
    "SubscriptionReader",
]


class Intervention(models.Model):
    """One version of a dated change with the plan of its evaluation. The table takes rows and never changes one.

    A version that was registered before its date is pre-specified: nobody could know what would come of it.
    """

    class Kind(models.TextChoices):
        """What was changed."""

        STAFFING = "staffing", _("Staffing")
        RULE = "rule", _("Rule")
        PROCESS = "process", _("Process")
        FORM = "form", _("Form")
        HOURS = "hours", _("Opening hours")
        OTHER = "other", _("Something else")

    class Measure(models.TextChoices):
        """What is compared."""

        HELD = "held", _("Time held: from sent to the office until it leaves")
        WAITING = "waiting", _("Waiting: from sent to the office until work starts")

    jurisdiction = models.ForeignKey("requests_app.Jurisdiction", on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)
    what = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind)
    offices = models.JSONField(help_text="Codes of the offices that change.")
    services = models.JSONField(default=list, help_text="Codes of the services that change; none: every service.")
    comparison = models.JSONField(help_text="Codes of the offices they are compared with.")
    happens_on = models.DateField()
    expected_percent = models.SmallIntegerField(null=True, help_text="-20: a fifth less time.")
    measure = models.CharField(max_length=20, choices=Measure, default=Measure.HELD)
    weeks_before = models.PositiveSmallIntegerField(default=52)
    weeks_after = models.PositiveSmallIntegerField()
    note = models.TextField(blank=True)
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    registered_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["number", "version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["jurisdiction", "number", "version"], name="intervention_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number}.{self.version} {self.what}"

    @property
    def is_prespecified(self) -> bool:
        """Whether it was registered on a day before its date, on the clocks of the place."""
        return self.registered_at.astimezone(ZoneInfo(self.jurisdiction.time_zone)).date() < self.happens_on
