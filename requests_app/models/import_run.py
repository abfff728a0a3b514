"""Imports: what was read, loaded and rejected, and how far a run has come."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext as _

from requests_app.models.jurisdiction import Jurisdiction


class ImportRun(models.Model):
    """One file imported into a jurisdiction; read = loaded + already there + rejected, always."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE, related_name="imports")
    source = models.CharField(max_length=60)
    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    rows_read = models.PositiveIntegerField(default=0)
    rows_loaded = models.PositiveIntegerField(default=0)
    rows_present = models.PositiveIntegerField(default=0, help_text="Already loaded by an earlier run.")
    rows_rejected = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["jurisdiction", "source", "digest"], name="import_file_once"),
        ]

    @property
    def source_name(self) -> str:
        """The source in words: “Event log”, “Boston 2011”."""
        return _("Event log") if self.source == "event_log" else self.source.replace("_", " ").title()
