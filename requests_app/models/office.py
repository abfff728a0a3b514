"""Units that can hold a case."""

from typing import ClassVar

from django.db import models

from requests_app.calendars import Calendar
from requests_app.models.fields import Named
from requests_app.models.jurisdiction import Jurisdiction, calendar_from


class Office(Named):
    """Any unit that can hold a case: a counter, a crew, a review desk, a partner outside."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE, related_name="offices")
    code = models.SlugField(max_length=100)
    kind = models.CharField(max_length=40, default="office")
    is_external = models.BooleanField(default=False)
    is_fallback = models.BooleanField(default=False, help_text="Gets what no route matches.")
    opening_slots = models.JSONField(default=dict, blank=True)
    email = models.EmailField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["jurisdiction", "code"], name="office_code_once"),
            models.UniqueConstraint(
                fields=["jurisdiction"], condition=models.Q(is_fallback=True), name="one_fallback_office"
            ),
        ]

    def calendar(self) -> Calendar:
        """The office's own working time, or its jurisdiction's."""
        place = self.jurisdiction
        if not self.opening_slots:
            return place.calendar()
        return calendar_from(self.opening_slots, place.time_zone, place.holiday_subdivision)
