"""What stands around every page of the desk: whose desk it is, its lists, and what is offered everywhere."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.permissions import Viewer
from requests_app.reads.desk import Desk
from requests_app.reads.queue import Tab
from requests_app.states import Capability

TABS: dict[Tab, str | Promise] = {
    Tab.OFFICE: _("My office"),
    Tab.PASSED: _("Passed through us"),
    Tab.CITY: _("The whole city"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """One choice of a filter as a link: its words, its address, how many it shows, whether it is in force."""

    words: str | Promise
    address: str
    count: int | None
    is_on: bool


def frame(desk: Desk) -> dict[str, Any]:
    """What the templates of the desk need on every page; on none of these is one of the lists open."""
    return {
        "desk": desk,
        "jurisdiction": desk.place,
        "present": desk.place.present,
        "may_log_calls": may_log_calls(desk.viewer, desk),
        "tabs": [Chip(TABS[tab], f"?place={desk.place.code}&tab={tab}", None, False) for tab in desk.tabs],
    }


def may_log_calls(viewer: Viewer, desk: Desk) -> bool:
    """Whether the viewer may file for a caller here."""
    return viewer.has(Capability.LOG_CALL, desk.place.pk) and not desk.place.is_read_only
