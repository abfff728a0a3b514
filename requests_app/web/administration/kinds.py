"""The kinds of setting there are: the words for them and for their fields, and the page of one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.actions.setting_up import calendars, replies, service_definition

Label = str | Promise


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of setting: what it is called, its fields in the order of its page, and the URL name of its page."""

    title: Label
    plural: Label
    labels: Mapping[str, Label] = field(default_factory=dict)
    url_name: str = ""


KINDS: dict[str, Kind] = {
    calendars.WHAT: Kind(_("Calendar"), _("Calendars"), calendars.LABELS, "administration:calendar"),
    service_definition.WHAT: Kind(
        _("Service"), _("Services and questions"), service_definition.LABELS, "administration:service"
    ),
    replies.WHAT: Kind(_("Reply template"), _("Reply templates"), replies.LABELS, "administration:reply"),
}
