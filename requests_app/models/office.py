"""Units that can hold a case."""

from datetime import date
from typing import Any, ClassVar

from django.contrib.gis.db import models

from requests_app.calendars import Calendar, snapshot_of
from requests_app.models.fields import Named
from requests_app.models.jurisdiction import Jurisdiction, calendar_from
from requests_app.models.work_calendar import WorkCalendar


class Office(Named):
    """Any unit that can hold a case: a counter, a crew, a review desk, a partner outside."""

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE, related_name="offices")
    code = models.SlugField(max_length=100)
    kind = models.CharField(max_length=40, default="office")
    is_external = models.BooleanField(default=False)
    is_fallback = models.BooleanField(default=False, help_text="Gets what no route matches.")
    source_name = models.CharField(max_length=150, blank=True, db_default="", help_text="What an import calls it.")
    opening_slots = models.JSONField(default=dict, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts")
    work_calendar = models.ForeignKey(
        WorkCalendar, on_delete=models.PROTECT, null=True, blank=True, related_name="offices"
    )
    skills = models.JSONField(default=list, blank=True, help_text="Codes of what its people can do on a visit.")
    location = models.PointField(srid=4326, null=True, blank=True, help_text="Where its crews set out from.")
    accept_within_hours = models.PositiveIntegerField(
        null=True, blank=True, help_text="Working hours to accept what is sent to it; then it goes back."
    )
    opens_on = models.DateField(null=True, blank=True, help_text="From this day on it takes cases.")
    closes_on = models.DateField(null=True, blank=True, help_text="From this day on it is closed for good.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["jurisdiction", "code"], name="office_code_once"),
            models.UniqueConstraint(
                fields=["jurisdiction"], condition=models.Q(is_fallback=True), name="one_fallback_office"
            ),
        ]

    def calendar(self) -> Calendar:
        """The office's calendar, its own slots, or its jurisdiction's."""
        if self.work_calendar is not None:
            return self.work_calendar.calendar()
        place = self.jurisdiction
        if not self.opening_slots:
            return place.calendar()
        return calendar_from(self.opening_slots, place.time_zone, place.holiday_subdivision)

    def calendar_snapshot(self) -> dict[str, Any]:
        """The calendar as a case keeps it (`calendars.calendar_from_snapshot` reads it back)."""
        return snapshot_of(self.calendar())

    def is_open_on(self, day: date) -> bool:
        """Whether the office takes cases on that day: opened already and not closed for good."""
        return (self.opens_on is None or self.opens_on <= day) and not self.is_closed_for_good_on(day)

    def is_closed_for_good_on(self, day: date) -> bool:
        """Whether it takes no cases any more; one that opens later is not closed."""
        return self.closes_on is not None and self.closes_on <= day
