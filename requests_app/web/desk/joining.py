"""The other request of a merge, as somebody typed or chose it."""

from django.utils.translation import gettext as _

from requests_app.actions import Command, Refused
from requests_app.models import ServiceRequest
from requests_app.web.citizen.find import look_up
from requests_app.web.desk.move_parts import Given


def find_other(command: Command, given: Given) -> ServiceRequest:
    """The case to join with; Refused by the field that was used, naming what is wrong with it."""
    typed = given.text("other").strip()[:40]
    name, written = ("other", typed) if typed else ("into", given.text("into"))
    if not written:
        raise Refused({"other": _("Give the reference of the request it repeats.")})
    case = given.scene.case
    found = look_up(written, case.jurisdiction, command.viewer)
    if found is None or found.jurisdiction_id != case.jurisdiction_id:
        sentence = _("There is no request “%(typed)s” here. Check the reference, letter by letter.")
        raise Refused({name: sentence % {"typed": written}})
    if found.pk == case.pk:
        sentence = _("%(reference)s is this request itself. Give the reference of the other one.")
        raise Refused({name: sentence % {"reference": found.reference}})
    if not found.is_open and found.merged_into_id != case.pk:  # joined with this one: the action says that it is late
        sentence = _("%(reference)s is closed. Join with an open one.")
        raise Refused({name: sentence % {"reference": found.reference}})
    return found


def find_joined(given: Given, after: ServiceRequest) -> ServiceRequest:
    """The case that a joined one was joined with."""
    other = after.merged_into
    assert other is not None, given.scene.case.reference
    return other
