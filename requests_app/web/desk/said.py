"""What a move says: before it is made, in its form, and after it, with the names of those concerned."""

from collections.abc import Iterable

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from requests_app.models import ServiceRequest
from requests_app.projection import LEAD
from requests_app.reads.border import AcrossTheBorder
from requests_app.reads.days import is_after_day
from requests_app.reads.desk import Choice
from requests_app.reads.desk_case import metres_between
from requests_app.reads.holds import holds_of
from requests_app.text.spoken import spoken_number, spoken_time
from requests_app.web.desk.joining import find_joined
from requests_app.web.desk.move_parts import Given, Scene

FAR_METRES = 500
"""Two reports of one thing are rarely further apart."""


def sent(_given: Given, after: ServiceRequest) -> str:
    """A new case went to an office."""
    return _("Sent to %(office)s.") % {"office": _holder(after)}


def handed(_given: Given, after: ServiceRequest) -> str:
    """A case went to another office."""
    return _("Handed to %(office)s.") % {"office": _holder(after)}


def sent_on(_given: Given, after: ServiceRequest) -> str:
    """A case went on from an office that it had come to by mistake."""
    return _("Sent on to %(office)s.") % {"office": _holder(after)}


def given_to(given: Given, _after: ServiceRequest) -> str:
    """A case was given to a person."""
    wanted = given.text("handler")
    return _("Given to %(person)s.") % {
        "person": _name(given.scene.known.people, int(wanted) if wanted.isdecimal() else None)
    }


def sent_back(_given: Given, after: ServiceRequest) -> str:
    """A case went back to where it came from, or waits to be sent anew."""
    if after.office_id is None:
        return _("Sent back. It stands under “No office” until somebody sends it to one.")
    return _("Sent back to %(office)s.") % {"office": _holder(after)}


def moved(given: Given, after: ServiceRequest) -> str:
    """A case is about another service now, and at the office that is meant for it."""
    before, holder = given.scene.case.office_id, after.office_id
    sentence = {
        "nobody": _("Moved to “%(service)s”."),
        "stays": _("Moved to “%(service)s”. It stays with %(office)s."),
        "sent": _("Moved to “%(service)s” and sent to %(office)s."),
    }["nobody" if holder is None else "stays" if holder == before else "sent"]
    return sentence % {"service": after.service.name, "office": _holder(after)}


def goes_back_to(scene: Scene) -> str:
    """Where a bounce takes the case, said before it is made."""
    sender = sender_of(scene)
    if sender is None:
        return _("It goes back to be sent to an office anew: it stands on top of New and under “No office” until then.")
    return _("It goes back to %(office)s.") % {"office": _name(scene.known.offices, sender)}


def sender_of(scene: Scene) -> int | None:
    """The office that sent the case to the one it waits at; None where no office did."""
    running = next((h for h in holds_of(scene.case) if h.branch == LEAD and h.ended_at is None), None)
    return running.sender_id if running else None


def sent_on_at_once(scene: Scene) -> str:
    """What sending on does, and whose areas are near, said before it is made."""
    sentence = _("It goes there without being accepted here; should they refuse it, it comes back to us.")
    return " ".join([sentence, near_others(scene)]).strip()


def near_others(scene: Scene) -> str:
    """The offices whose areas begin near the pin, said before a case is sent on."""
    return " ".join(near_sentences(scene.across, scene.known.offices))


def near_sentences(across: Iterable[AcrossTheBorder], offices: Iterable[Choice]) -> list[str]:
    """How far another office's area is from the pin, one sentence for each."""
    known = list(offices)
    return [
        _("%(metres)s m from %(office)s’s area (%(area)s).")
        % {
            "metres": spoken_number(round(one.metres), get_language()),
            "office": _name(known, one.office_id),
            "area": one.area,
        }
        for one in across
    ]


def promised_by(scene: Scene) -> str:
    """The promise the day should keep."""
    if scene.case.due_at is None:
        return ""
    when = spoken_time(scene.case.due_at, scene.case.jurisdiction.time_zone, get_language())
    return _("Promised by %(when)s.") % {"when": when}


def after_the_promise(given: Given, _after: ServiceRequest) -> str:
    """A warning when the planned day comes after the promised one."""
    case = given.scene.case
    if not is_after_day(given.noon("promised_at"), case.due_at, case.jurisdiction):
        return ""
    return _("This day is after the promise. Tell the citizen why.")


def joined(given: Given, after: ServiceRequest) -> str:
    """A case was joined with another one."""
    return _("Joined with %(reference)s.") % {"reference": find_joined(given, after).reference}


def far_apart(given: Given, after: ServiceRequest) -> str:
    """A warning when two joined cases do not look like one thing."""
    case, other = given.scene.case, find_joined(given, after)
    metres = metres_between(case, other, given.scene.desk.viewer)
    values = {"reference": other.reference, "metres": spoken_number(metres or 0, get_language())}
    is_far, is_other = metres is not None and metres > FAR_METRES, other.service_id != case.service_id
    if is_far and is_other:
        sentence = _(
            "%(reference)s is %(metres)s m away and of another service. If it is not the same, separate them again."
        )
    elif is_far:
        sentence = _("%(reference)s is %(metres)s m away. If it is not the same, separate them again.")
    elif is_other:
        sentence = _("%(reference)s is of another service. If it is not the same, separate them again.")
    else:
        return ""
    return sentence % values


def _holder(after: ServiceRequest) -> str:
    """The office that has the case now: an action leaves it read where it sent the case on."""
    return after.office.name if after.office else "–"


def _name(known: Iterable[Choice], pk: int | None) -> str:
    return next((choice.name for choice in known if choice.pk == pk), "–")
