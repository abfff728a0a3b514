"""Reports that come by mail: who asked for which page, who gets it, what was sent; and reports as they are printed."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from analytics.frozen_models import FrozenReport


class Every(models.TextChoices):
    """How often a report comes."""

    WEEK = "week", pgettext_lazy("mail", "Every week")
    MONTH = "month", pgettext_lazy("mail", "Every month")


class EndedBecause(models.TextChoices):
    """Why a report comes no more: shown to who asked for it and to administrators."""

    ASKED = "asked", _("whoever asked for it ended it")
    STOPPED = "stopped", _("stopped by the link of a mail")
    NO_RIGHT = "no_right", _("the right to read these reports ended")
    CLOSED = "closed", _("the account was closed or has no mail address")
    FILTERS = "filters", _("its filters name something that is no longer there")


class Subscription(models.Model):
    """A page of a report with its filters that is frozen and mailed at set times, with the rights of its owner.

    ``next_at`` is when it is due, ``tries`` how often that time was tried, ``locked_until`` how long it is left alone.
    """

    jurisdiction = models.ForeignKey("requests_app.Jurisdiction", on_delete=models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    page = models.SlugField(max_length=40, blank=True, help_text="Empty: the overview.")
    asked = models.JSONField(default=dict)
    moves = models.BooleanField(default=False, help_text="The days of filing move along with the days of the mails.")
    every = models.CharField(max_length=5, choices=Every)
    day = models.PositiveSmallIntegerField(help_text="1 is Monday; of a month, a day past its end is its last.")
    language = models.CharField(max_length=5)
    link_days = models.PositiveSmallIntegerField(default=0, help_text="0: no link for people without an account.")
    made_at = models.DateTimeField()
    next_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    missed_at = models.DateTimeField(null=True, help_text="The last time at which it was due and could not be made.")
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=10, choices=EndedBecause, blank=True)

    class Meta:
        ordering: ClassVar = ["next_at", "pk"]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="subscription_due", condition=models.Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.page or 'overview'}"


class SubscriptionReader(models.Model):
    """Somebody with an account who gets a report by mail: its owner, or a colleague whom the owner named."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="readers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=10, choices=EndedBecause, blank=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscription", "user"], name="subscription_reader_once"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} of subscription {self.subscription_id}"


class SubscriptionIssue(models.Model):
    """What was frozen for a subscription at one due time, in one language."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="issues")
    due_at = models.DateTimeField()
    language = models.CharField(max_length=5)
    report = models.ForeignKey(FrozenReport, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering: ClassVar = ["-due_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscription", "due_at", "language"], name="subscription_issue_once"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} of subscription {self.subscription_id}"


class PrintedReport(models.Model):
    """A frozen report as a PDF file, whole or in the form for people without an account: made once, then kept."""

    report = models.ForeignKey(FrozenReport, on_delete=models.CASCADE, related_name="prints")
    is_published = models.BooleanField()
    pdf = models.BinaryField()
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "is_published"], name="printed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} of report {self.report_id}"
