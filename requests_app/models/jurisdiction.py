"""The place everything belongs to."""

from datetime import date, datetime, time
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.gis.db import models

from requests_app.calendars import WEEKDAYS_9_TO_5, Calendar, Slot
from requests_app.clock import now
from requests_app.models.fields import Named


class Provenance(models.TextChoices):
    """Where a jurisdiction's cases come from; kinds never mix on one page."""

    LIVE = "live"
    IMPORTED = "imported"
    INVENTED = "invented"


class Jurisdiction(Named):
    """A municipality or ministry: boundary, time zone, languages, calendar, provenance and as-of."""

    code = models.SlugField(max_length=60, unique=True)
    reference_prefix = models.CharField(max_length=8, default="CW")
    provenance = models.CharField(max_length=20, choices=Provenance.choices, default=Provenance.LIVE)
    as_of = models.DateTimeField(null=True, blank=True, help_text="The data cut of an import: its “now”.")
    time_zone = models.CharField(max_length=60, default="America/Toronto")
    languages = models.JSONField(default=list)
    holiday_subdivision = models.CharField(max_length=10, blank=True)
    opening_slots = models.JSONField(default=dict, blank=True)
    boundary = models.MultiPolygonField(geography=False, srid=4326, null=True, blank=True)
    area_kind = models.CharField(max_length=40, default="ward", help_text="The kind of area a request is counted in.")
    not_recorded = models.JSONField(
        default=list, blank=True, help_text="What the source does not record: handovers, rework, accepted, started …"
    )
    assumptions = models.JSONField(default=list, blank=True, help_text="Sentences by language about the import.")
    source = models.CharField(max_length=200, blank=True)
    rules_version = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Grows whenever what routes cases changes: rules, offices, areas."
    )
    is_default = models.BooleanField(default=False, help_text="The one citizens meet on the home page.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default_jurisdiction"
            )
        ]

    @property
    def is_read_only(self) -> bool:
        """Imported cases are measured, never worked on."""
        return self.provenance == Provenance.IMPORTED

    @property
    def present(self) -> datetime:
        """The jurisdiction's “now”: its data cut when imported, the clock otherwise."""
        return self.as_of if self.is_read_only and self.as_of else now()

    @property
    def today(self) -> date:
        """The date on the place's own clocks: in the evening not yet the one of UTC."""
        return now().astimezone(ZoneInfo(self.time_zone)).date()

    def records(self, what: str) -> bool:
        """Whether the source records `what` ("handovers", "rework", "accepted", …)."""
        return what not in self.not_recorded

    def calendar(self) -> Calendar:
        """Working time as the jurisdiction keeps it."""
        return calendar_from(self.opening_slots, self.time_zone, self.holiday_subdivision)


def calendar_from(slots: dict[str, Any], zone: str, subdivision: str) -> Calendar:
    """A calendar from stored slots {"0": [["08:30", "16:30"]], …}; the usual week when none are stored."""
    return Calendar(zone, parsed_slots(slots) or WEEKDAYS_9_TO_5, holiday_subdivision=subdivision)


def parsed_slots(slots: dict[str, Any]) -> dict[int, tuple[Slot, ...]]:
    """Stored slots as times by weekday."""
    return {
        int(day): tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in spans)
        for day, spans in slots.items()
    }
