"""The kinds of setting there are: the words for them and for their fields, and the page of one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from requests_app.actions.setting_up import areas, calendars, offices, people, replies, service_definition
from requests_app.models import Jurisdiction, ServiceState
from requests_app.web.administration.calendar_fields import calendar_fields
from requests_app.web.administration.fields import Field
from requests_app.web.administration.office_fields import office_fields
from requests_app.web.administration.person_fields import history_fields
from requests_app.web.administration.reply_fields import reply_fields
from requests_app.web.administration.service_fields import service_fields

Label = str | Promise


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of setting: what it is called, its fields in the order of its page, and the URL name of its page."""

    title: Label
    plural: Label
    labels: Mapping[str, Label] = field(default_factory=dict)
    url_name: str = ""
    fields: Callable[[Jurisdiction], Sequence[Field]] = lambda place: ()


STATE: dict[str, Label] = {
    ServiceState.DRAFT: pgettext_lazy("service", "Being prepared"),
    ServiceState.LIVE: pgettext_lazy("service", "Live"),
    ServiceState.RETIRED: pgettext_lazy("service", "Retired"),
}


def _service_fields(place: Jurisdiction) -> Sequence[Field]:
    """The fields of a service and what no form edits but its history tells."""
    state = Field("state", service_definition.LABELS["state"], "select", options=list(STATE.items()))
    return (*service_fields(place), state)


KINDS: dict[str, Kind] = {
    calendars.WHAT: Kind(_("Calendar"), _("Calendars"), calendars.LABELS, "administration:calendar", calendar_fields),
    service_definition.WHAT: Kind(
        _("Service"), _("Services and questions"), service_definition.LABELS, "administration:service", _service_fields
    ),
    areas.WHAT: Kind(_("Areas"), _("Areas"), areas.LABELS),
    "workflow": Kind(_("Workflow"), _("Workflows"), {}, "administration:workflow"),
    offices.WHAT: Kind(
        pgettext_lazy("setting", "Office"), _("Offices and partners"), offices.LABELS, "administration:office",
        office_fields,
    ),
    people.WHAT: Kind(_("Person"), _("People and roles"), people.LABELS, "administration:person", history_fields),
    replies.WHAT: Kind(_("Reply template"), _("Reply templates"), replies.LABELS, "administration:reply", reply_fields),
}  # fmt: skip
