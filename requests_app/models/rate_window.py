"""How much somebody may still ask for until a window of time ends."""

from typing import ClassVar

from django.db import models


class RateWindow(models.Model):
    """What is left of one limit for one asker in one window; the key is a hash that tells neither (docs/adr/0006).

    The table is unlogged: a count is worth no write to the disk, and a crash may forget it.
    """

    key = models.CharField(max_length=64, primary_key=True)
    ends_at = models.DateTimeField()
    spare = models.PositiveIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["ends_at"], name="rate_window_ends")]
