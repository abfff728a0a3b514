"""Filters and tags that say facts in the reader's language: names, times, durations, numbers.

{% load clearway %}
{{ office.names|localized }}                 the text of a {"en": …, "fr": …} map
{{ event.occurred_at|local_time:place }}     Tuesday, November 3, 2026 at 2:05 pm
{{ request.due_at|local_date:place }}        Tuesday, November 3, 2026
{% time event.occurred_at place %}           the same inside <time datetime="…">
{{ stay.lasted|duration }}                   3 days 4 hours
{{ 40|working_hours }}                       40 working hours
{{ 20123|number }}                           20,123
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info, ngettext

from requests_app.models import Jurisdiction
from requests_app.text.localized import pick
from requests_app.text.spoken import spoken_date, spoken_duration, spoken_number, spoken_time

register = template.Library()
FALLBACK_ZONE = "America/Toronto"


def zone_of(place: Jurisdiction | str | None) -> str:
    """The time zone of a jurisdiction, of a zone's name, or Ontario's."""
    if isinstance(place, str):
        return place or FALLBACK_ZONE
    return getattr(place, "time_zone", "") or FALLBACK_ZONE


@register.filter
def localized(texts: Mapping[str, str] | None) -> str:
    """The text in the reader's language."""
    return pick(texts or {}, get_language())


@register.filter
def local_time(moment: datetime | None, place: Jurisdiction | str | None = None) -> str:
    """Day and time on the clocks of the place; "" for no moment."""
    return spoken_time(moment, zone_of(place), get_language()) if moment else ""


@register.filter
def local_date(moment: datetime | None, place: Jurisdiction | str | None = None) -> str:
    """The day on the calendars of the place; "" for no moment."""
    if not moment:
        return ""
    return spoken_date(moment.astimezone(ZoneInfo(zone_of(place))).date(), get_language())


@register.simple_tag
def time(moment: datetime | None, place: Jurisdiction | str | None = None) -> SafeString | str:
    """A moment in words inside a `<time>` that programs can read."""
    if not moment:
        return ""
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), local_time(moment, place))


@register.simple_tag
def day(moment: datetime | None, place: Jurisdiction | str | None = None) -> SafeString | str:
    """A day in words inside a `<time>`."""
    if not moment:
        return ""
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), local_date(moment, place))


@register.filter
def duration(lasted: timedelta | float | None) -> str:
    """A duration (timedelta, or seconds) in words; "" for none."""
    if lasted is None:
        return ""
    span = lasted if isinstance(lasted, timedelta) else timedelta(seconds=lasted)
    return spoken_duration(span, get_language())


@register.filter
def working_hours(hours: float | None) -> str:
    """A promise in working hours, in words; "" for none."""
    if not hours:
        return ""
    return ngettext("%(count)s working hour", "%(count)s working hours", hours) % {"count": number(hours)}


@register.filter
def number(value: float | None, decimals: int = 0) -> str:
    """A number as the reader's language writes it; "" for none."""
    return "" if value is None else spoken_number(value, get_language(), decimals)


@register.simple_tag
def language_name(code: str) -> str:
    """A language in its own words, with a capital: it stands alone."""
    return str(get_language_info(code)["name_local"]).capitalize()
