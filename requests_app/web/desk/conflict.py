"""A move that came too late: who was first, and what becomes of the words that were typed."""

from collections.abc import Container, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from requests_app.labels import activity_label
from requests_app.models import RequestEvent
from requests_app.permissions import Viewer
from requests_app.reads.desk import Desk
from requests_app.states import Activity, Actor
from requests_app.text.spoken import spoken_duration
from requests_app.web.desk.move_parts import Move

ACTED: dict[str, str | Promise] = {
    Actor.CITIZEN: _lazy("The citizen"),
    Actor.HANDLER: _lazy("A handler"),
    Actor.MANAGER: _lazy("A manager"),
    Actor.ADMINISTRATOR: _lazy("An administrator"),
    Actor.PARTNER: _lazy("A partner system"),
    Actor.SYSTEM: _lazy("The product itself"),
    Actor.IMPORT: _lazy("An import"),
}
DID: dict[Activity, str | Promise] = {
    Activity.ROUTED: _lazy("%(who)s sent it to an office %(span)s ago."),
    Activity.ACCEPTED: _lazy("%(who)s accepted it %(span)s ago."),
    Activity.BOUNCED: _lazy("%(who)s sent it back %(span)s ago."),
    Activity.ASSIGNED: _lazy("%(who)s gave it to a person %(span)s ago."),
    Activity.STARTED: _lazy("%(who)s started work on it %(span)s ago."),
    Activity.SCHEDULED: _lazy("%(who)s set a day for it %(span)s ago."),
    Activity.HANDED_OFF: _lazy("%(who)s handed it to another office %(span)s ago."),
    Activity.CITIZEN_ASKED: _lazy("%(who)s asked the citizen a question %(span)s ago."),
    Activity.CITIZEN_REPLIED: _lazy("%(who)s answered %(span)s ago."),
    Activity.EXTERNAL_WAITED: _lazy("%(who)s set it to wait for somebody outside %(span)s ago."),
    Activity.RESOLVED: _lazy("%(who)s closed it %(span)s ago."),
    Activity.MERGED: _lazy("%(who)s joined it with another request %(span)s ago."),
    Activity.REOPENED: _lazy("%(who)s reopened it %(span)s ago."),
    Activity.NOTED: _lazy("%(who)s wrote a note %(span)s ago."),
    Activity.COMMENTED: _lazy("%(who)s wrote a message %(span)s ago."),
}
_ELSE = _lazy("%(who)s was faster, %(span)s ago: “%(what)s”.")

CLOSEST = {"citizen": ("comment", "body"), "offices": ("note", "body")}
"""For whom words were written, and the form that still takes them when the one they were typed in is gone."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was typed and not sent: the form and values it is shown in again, or only the words."""

    slug: str = ""
    values: Mapping[str, str] | None = None
    words: str = ""


def sentence_of(last: RequestEvent | None, desk: Desk) -> str:
    """Who was first and what they did, in a sentence: by role and office, never by name."""
    if last is None:
        return ""
    values = {
        "who": _who(last, desk.viewer),
        "span": spoken_duration(desk.place.present - last.recorded_at, get_language()),
        "what": activity_label(last.activity),
    }
    return str(DID.get(Activity(last.activity), _ELSE)) % values


def _who(last: RequestEvent, viewer: Viewer) -> str:
    if last.user_id is not None and last.user_id == viewer.user_id:
        return _("You yourself")
    acted = str(ACTED.get(last.actor, last.actor))
    if last.actor != Actor.HANDLER or last.acting_office is None:
        return acted
    return _("%(who)s of %(office)s") % {"who": acted, "office": last.acting_office.name}


def kept_words(made: Move, values: Mapping[str, str], offered: Container[str]) -> Kept:
    """Where the words of a move that was not made are shown again: its own form, the closest one, or by themselves."""
    if made.slug in offered:
        return Kept(made.slug, values)
    written = [(f, values.get(f.name, "").strip()) for f in made.fields if f.look == "long"]
    said = next(((f, words) for f, words in written if words), None)
    if said is None:
        return Kept()
    slug, name = CLOSEST.get(said[0].goes_to, ("", ""))
    return Kept(slug, {name: said[1]}) if slug in offered else Kept(words=said[1])
