"""Reports as they stood one day: never changed, shared by links that end."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models


class FrozenReport(models.Model):
    """A page of a report as it was shown: its words and tables, what it rests on, and a hash of all that.

    ``content`` is what `analytics.reports.frozen` wrote; it holds no case and no reference. ``cut`` says how far the
    ledger was; ``asked`` are the filters of the address. Not ``is_whole``: of the part its author measured.
    """

    jurisdiction = models.ForeignKey("requests_app.Jurisdiction", on_delete=models.CASCADE, related_name="+")
    page = models.SlugField(max_length=40, blank=True, help_text="Empty: the overview.")
    language = models.CharField(max_length=5)
    asked = models.JSONField(default=dict)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    as_of = models.DateTimeField()
    cut = models.JSONField()
    code_version = models.CharField(max_length=80)
    frozen_at = models.DateTimeField()
    is_whole = models.BooleanField(help_text="Frozen by somebody who measured every case of the place.")
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-frozen_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.pk} {self.page or 'overview'}"

    def save(self, *arguments: Any, **named: Any) -> None:
        """Write it once: what was frozen is not changed."""
        if self.pk is not None:
            raise TypeError("A frozen report never changes: freeze the page again.")
        super().save(*arguments, **named)


class SharedLink(models.Model):
    """A link by which somebody without an account reads one frozen report, until it ends or is taken back."""

    report = models.ForeignKey(FrozenReport, on_delete=models.CASCADE, related_name="links")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.pk} of report {self.report_id}"
