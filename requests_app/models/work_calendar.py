"""When offices work: weekly slots, statutory holidays and closures of their own."""

from datetime import date, timedelta
from typing import ClassVar

from django.db import models

from requests_app.calendars import Calendar
from requests_app.models.fields import Named
from requests_app.models.jurisdiction import Jurisdiction, parsed_slots


class WorkCalendar(Named):
    """A calendar that offices and services share. Its version is the one of its latest change.

    `slots` is {"0": [["08:30", "16:30"]], …} by weekday (0 = Monday), in local time; `closures` is
    [{"from": "2026-12-24", "to": "2026-12-31", "names": {…}}, …], both days included.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.CASCADE, related_name="calendars")
    code = models.SlugField(max_length=60)
    version = models.PositiveIntegerField(default=1)
    time_zone = models.CharField(max_length=60, default="America/Toronto")
    slots = models.JSONField(default=dict)
    holiday_subdivision = models.CharField(
        max_length=10, blank=True, help_text="Whose statutory holidays it keeps, such as ON; empty for none."
    )
    closures = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["jurisdiction", "code"], name="calendar_code_once"),
        ]

    def calendar(self) -> Calendar:
        """Working time by this calendar."""
        return Calendar(
            self.time_zone,
            parsed_slots(self.slots),
            closed_on=frozenset(day for closure in self.closures for day in _days(closure)),
            holiday_subdivision=self.holiday_subdivision,
        )


def _days(closure: dict[str, str]) -> list[date]:
    first = date.fromisoformat(closure["from"])
    last = date.fromisoformat(closure.get("to") or closure["from"])
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
