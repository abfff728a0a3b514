"""Days on the clocks of a place: when they end, and which comes after which."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from requests_app.models import Jurisdiction


def day_ends(place: Jurisdiction) -> tuple[datetime, datetime]:
    """The end of today and of the seventh day from now, in the place's own time."""
    here = place.present.astimezone(ZoneInfo(place.time_zone))
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1), midnight + timedelta(days=7)


def is_after_day(planned_at: datetime | None, due_at: datetime | None, place: Jurisdiction) -> bool:
    """Whether a planned day comes after the day promised, on the clocks of the place."""
    if planned_at is None or due_at is None:
        return False
    zone = ZoneInfo(place.time_zone)
    return planned_at.astimezone(zone).date() > due_at.astimezone(zone).date()
