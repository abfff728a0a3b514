"""What waits for a member of staff in the morning: numbers, each with the desk's list behind it."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from requests_app.models.fields import localized
from requests_app.permissions import Viewer
from requests_app.reads.desk import Desk, open_desk
from requests_app.reads.grants import grants_of
from requests_app.reads.queue import Due, QueueFilter, Tab, cases
from requests_app.states import Kind


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the morning mail: how many of what, and the address of the list that has as many."""

    count: int
    words: str
    address: str


LISTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("late", {"due": "late"}),
    ("today", {"due": "today"}),
    ("new", {"kind": "new"}),
    ("handoff", {"kind": "handoff"}),
)


def waiting_for(user_id: int) -> list[Waiting]:
    """What waits, in the active language, nothing that is 0; the lists of the person's own office, or of the city."""
    viewer = Viewer(user_id, grants_of(user_id))
    first = open_desk(viewer)
    if first is None:
        return []
    desks = [first, *(desk for place in first.places[1:] if (desk := open_desk(viewer, place.code)))]
    return [line for desk in desks if not desk.place.is_read_only for line in _lines(desk)]


def _lines(desk: Desk) -> Iterator[Waiting]:
    for name, narrowed in LISTS:
        queue = QueueFilter(
            jurisdiction=desk.place,
            tab=desk.tabs[0],
            own_office_ids=desk.own_office_ids,
            **_conditions(narrowed),  # type: ignore[arg-type]
        )
        count = cases(queue, desk.viewer).count()
        if count:
            query = urlencode({"place": desk.place.code, "tab": desk.tabs[0].value, **narrowed})
            yield Waiting(count, _said(name, count, desk), f"/desk/queue/?{query}")


def _conditions(narrowed: dict[str, str]) -> dict[str, object]:
    return {name: Due(value) if name == "due" else Kind(value) for name, value in narrowed.items()}


def _said(name: str, count: int, desk: Desk) -> str:
    where = localized(desk.place.names) if desk.tabs[0] is Tab.CITY else _("your office")
    sentence = {
        "late": _("Past the promise: %(count)s (%(where)s)"),
        "today": _("Due today: %(count)s (%(where)s)"),
        "new": _("New, not accepted yet: %(count)s (%(where)s)"),
        "handoff": _("Handed off, not accepted yet: %(count)s (%(where)s)"),
    }[name]
    return sentence % {"count": count, "where": where}
