"""Words of the desk: how late, how old, how urgent, who acted; and what a form was sent."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.contrib.messages.storage.base import Message
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _

from requests_app.labels import CHANNEL, KIND, PRIORITY
from requests_app.models import Jurisdiction
from requests_app.states import Actor, Kind
from requests_app.text.spoken import spoken_clock, spoken_date, spoken_duration

register = template.Library()

ACTOR: dict[str, str | Promise] = {
    Actor.CITIZEN: pgettext_lazy("actor", "Citizen"),
    Actor.HANDLER: pgettext_lazy("actor", "Handler"),
    Actor.MANAGER: pgettext_lazy("actor", "Manager"),
    Actor.ADMINISTRATOR: pgettext_lazy("actor", "Administrator"),
    Actor.PARTNER: pgettext_lazy("actor", "Partner system"),
    Actor.SYSTEM: pgettext_lazy("actor", "Automatic"),
    Actor.IMPORT: pgettext_lazy("actor", "Import"),
}


@register.simple_tag
def due_words(
    due_at: datetime | None, present: datetime, place: Jurisdiction, closed_at: datetime | None = None
) -> str:
    """How an open case stands to its promise ("3 days late", "Due today at 3:00 pm"), or when it was closed.

    Days are those of the calendar: what is due tomorrow night is due tomorrow, not in two days.
    """
    if closed_at is not None:
        return _("Closed %(span)s ago") % {"span": _span(present - closed_at)}
    if due_at is None:
        return _("No promise")
    if due_at < present:
        return _("%(span)s late") % {"span": _span(present - due_at)}
    zone = ZoneInfo(place.time_zone)
    local = due_at.astimezone(zone)
    days = (local.date() - present.astimezone(zone).date()).days
    if days < 2:
        words = _("Due tomorrow at %(time)s") if days else _("Due today at %(time)s")
        return words % {"time": spoken_clock(local, get_language())}
    return _("Due in %(span)s") % {"span": spoken_duration(timedelta(days=days), get_language())}


@register.filter
def ago(moment: datetime, present: datetime) -> str:
    """How long ago, in words."""
    return _("%(span)s ago") % {"span": _span(present - moment)}


@register.filter
def waited(since: datetime, present: datetime) -> str:
    """How long something has waited, in words."""
    return _("waits for %(span)s") % {"span": _span(present - since)}


@register.filter
def short_day(moment: datetime, place: Jurisdiction) -> str:
    """A day of a list, on the clocks of the place: without its weekday."""
    return spoken_date(moment.astimezone(ZoneInfo(place.time_zone)).date(), get_language(), weekday=False)


@register.filter
def spoken_day(day: date) -> str:
    """A day of a calendar, in words."""
    return spoken_date(day, get_language())


@register.filter
def priority_words(priority: int) -> str | Promise:
    """A priority in words."""
    return PRIORITY.get(priority, str(priority))


@register.filter
def undo_of(message: Message) -> dict[str, str] | None:
    """The move that takes back what a message tells of: its name, whose it is, of which version; None for most."""
    facts = (message.extra_tags or "").split()
    return dict(zip(("slug", "reference", "version"), facts, strict=True)) if facts else None


@register.filter
def under(found: Mapping[Any, Any], key: Any) -> Any:
    """What a mapping has under a key that is known only in the template; None when nothing."""
    return found.get(key)


@register.filter
def channel_words(channel: str) -> str | Promise:
    """A channel in words."""
    return CHANNEL.get(channel, channel)


@register.filter
def kind_words(kind: Kind) -> str | Promise:
    """A kind of status in words."""
    return KIND[Kind(kind)]


@register.filter
def spelled(reference: str) -> str:
    """A reference as it is read out: one sign at a time."""
    return " ".join(sign for sign in reference if sign.isalnum())


@register.filter
def call_field(name: str) -> str:
    """The element of the call screen that holds a field; "" for what belongs to none."""
    if name.startswith("answer-"):
        return f"field-{name}"
    known = {"place": "address"}
    return f"call-{known.get(name, name)}" if name and name != "submission_key" else ""


@register.filter
def actor_words(actor: str) -> str | Promise:
    """Who acted, by role."""
    return ACTOR.get(actor, actor)


@register.filter
def given(values: Mapping[str, str] | None, name: str) -> str:
    """What a form was sent in a field; "" when it was not sent."""
    return values.get(name, "") if values else ""


def _span(span: timedelta) -> str:
    """One unit is enough in a list: whole days from two days on."""
    days = span // timedelta(days=1)
    rounded = timedelta(days=days) if days >= 2 else span
    return spoken_duration(rounded, get_language())
