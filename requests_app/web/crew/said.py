"""What became of an entry, in a sentence."""

from django.utils.translation import gettext as _

from requests_app.labels import activity_label, status_label
from requests_app.models import CrewEntry
from requests_app.reads.round import what_stood_against
from requests_app.templatetags.clearway import local_time

_TAKEN = {
    CrewEntry.Kind.START: lambda: _("%(reference)s: work started."),
    CrewEntry.Kind.DONE: lambda: _("%(reference)s: done and closed."),
    CrewEntry.Kind.COULD_NOT: lambda: _("%(reference)s: noted that it could not be done."),
}


def said_of(entry: CrewEntry) -> str:
    """What was done, or why only the visit was kept."""
    case = {"reference": entry.request.reference}
    if entry.result == CrewEntry.Result.TAKEN:
        return _TAKEN[CrewEntry.Kind(entry.kind)]() % case
    return f"{_why(entry)} {_kept(entry)}"


def _why(entry: CrewEntry) -> str:
    case = {"reference": entry.request.reference}
    answer = entry.answer
    if answer.get("why") == "moved":
        return _moved(entry)
    if answer.get("why") == "status":
        status = str(status_label(answer["status"])).lower()
        return _("%(reference)s is now “%(status)s”, so it was not changed.") % {**case, "status": status}
    if answer.get("why") == "parts":
        return _("%(reference)s was not closed: it closes by itself when its parts are done.") % case
    if answer.get("why") == "reviews":
        return _("%(reference)s was not closed: another office’s review still runs.") % case
    if answer.get("why") == "steps":
        return _("%(reference)s was not closed: steps of its workflow are still to come.") % case
    return _("%(reference)s is no longer with your office, so it was not changed.") % case


def _moved(entry: CrewEntry) -> str:
    event = what_stood_against(entry)
    office = event.acting_office.name if event and event.acting_office else ""
    facts = {
        "reference": entry.request.reference,
        "what": activity_label(entry.answer["activity"]),
        "when": local_time(event.recorded_at, entry.request.jurisdiction) if event else "",
        "office": office,
    }
    if office:
        return _("%(reference)s changed before this arrived (“%(what)s”, %(office)s, %(when)s).") % facts
    return _("%(reference)s changed before this arrived (“%(what)s”, %(when)s).") % facts


def _kept(entry: CrewEntry) -> str:
    if entry.kind == CrewEntry.Kind.START:
        return _("Look at the request before you go on.")
    if entry.photo_id:
        return _("Your visit, note and photo are kept on it. Look at the request.")
    return _("Your visit and note are kept on it. Look at the request.")
