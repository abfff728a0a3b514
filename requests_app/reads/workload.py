"""Who has how much to do: open cases by office and person, how long they have waited, what a week brought and ended.

Every number is counted over the conditions of the list it leads to (`queue.cases`, `workload_lists.counted`), and the
tests compare each number with its list.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import CharField, Count, Min, Value

from requests_app.querysets import RequestQuerySet
from requests_app.reads.desk import Desk
from requests_app.reads.queue import ALL_ONES, OPEN_ONES, OWN_OFFICES, Due, QueueFilter, Tab, cases, due_as, of_kind
from requests_app.reads.workload_lists import BANDS, WITH_CLOSED_CASES, Figure, counted
from requests_app.states import Capability

OPEN, LATE = "open", "late"
"""Two more numbers beside the figures: the queue has filters of its own for them."""

_OF_OPEN_CASES = tuple(figure for figure in Figure if figure not in WITH_CLOSED_CASES)


@dataclass(frozen=True, slots=True)
class Load:
    """How much of each there is, and when the oldest open case was filed (None where none is open)."""

    numbers: dict[str, int] = field(default_factory=dict)
    oldest_at: datetime | None = None

    def number(self, name: str) -> int:
        """How many cases a figure counts."""
        return self.numbers.get(name, 0)

    @property
    def bands(self) -> list[tuple[Figure, int]]:
        """The open cases by how long they have waited."""
        return [(band, self.number(band)) for band in BANDS]


@dataclass(frozen=True, slots=True)
class Share:
    """What one person has of one office; 0 stands for nobody and for no office."""

    office_id: int
    person_id: int
    person: str
    load: Load


class Whose(StrEnum):
    """Whose work the viewer sees."""

    PLACE = "place"
    """That of all offices."""
    PART = "part"
    """As much of it as a role narrowed to services or areas reaches."""
    OFFICES = "offices"
    """That of their own offices."""


def tab_of(desk: Desk) -> Tab:
    """The list behind the numbers: the city's where the viewer reaches beyond their own offices, else that of these."""
    return Tab.CITY if Tab.CITY in desk.tabs else Tab.OFFICE


def whose(desk: Desk) -> Whose:
    """Whose work all of it together is."""
    if tab_of(desk) is Tab.OFFICE:
        return Whose.OFFICES
    seen = desk.viewer.grants_with(Capability.SEE_DESK, desk.place.pk)
    return Whose.PLACE if any(grant.is_whole for grant in seen) else Whose.PART


def read_workload(desk: Desk) -> list[Share]:
    """What everybody has; two statements however many cases there are."""
    found: dict[tuple[int, int], dict[str, Any]] = {}
    for row in _of_open(desk):
        _cell(found, row).update(row)
    for row in _of_week(desk):
        _cell(found, row)[row["which"]] = row["number"]
    return [_share(key, row) for key, row in found.items()]


def together(shares: Iterable[Share]) -> Load:
    """The work of several people or offices as one."""
    loads = [share.load for share in shares]
    names = {name for load in loads for name in load.numbers}
    oldest = [load.oldest_at for load in loads if load.oldest_at is not None]
    return Load({name: sum(load.number(name) for load in loads) for name in names}, min(oldest, default=None))


_WHO = ("office_id", "handler_id", "handler__display_name")


def _cases(desk: Desk) -> RequestQuerySet:
    """The cases that an office has the lead of, open and closed."""
    tab = tab_of(desk)
    of = OWN_OFFICES if tab is Tab.OFFICE else None
    return cases(QueueFilter(desk.place, tab, desk.own_office_ids, of, kind=ALL_ONES), desk.viewer)


def _of_open(desk: Desk) -> Iterable[dict[str, Any]]:
    columns: dict[str, Any] = {_column(f): Count("pk", filter=counted(f, desk.place)) for f in _OF_OPEN_CASES}
    columns |= {OPEN: Count("pk"), LATE: Count("pk", filter=due_as(Due.LATE, desk.place))}
    columns["oldest_at"] = Min("submitted_at")
    return _cases(desk).filter(of_kind(OPEN_ONES)).order_by().values(*_WHO).annotate(**columns)


def _of_week(desk: Desk) -> Iterable[dict[str, Any]]:
    parts = [
        _cases(desk)
        .filter(counted(figure, desk.place))
        .order_by()
        .annotate(which=Value(_column(figure), CharField()))
        .values("which", *_WHO)
        .annotate(number=Count("pk"))
        for figure in sorted(WITH_CLOSED_CASES)
    ]
    return parts[0].union(*parts[1:], all=True)


def _column(figure: Figure) -> str:
    return "n_" + figure.replace("-", "_")


def _cell(found: dict[tuple[int, int], dict[str, Any]], row: dict[str, Any]) -> dict[str, Any]:
    key = (row["office_id"] or 0, row["handler_id"] or 0)
    return found.setdefault(key, {"handler__display_name": row["handler__display_name"]})


def _share(key: tuple[int, int], row: dict[str, Any]) -> Share:
    numbers = {name: row.get(name, 0) for name in (OPEN, LATE)}
    numbers |= {figure.value: row.get(_column(figure), 0) for figure in Figure}
    return Share(*key, row["handler__display_name"] or "", Load(numbers, row.get("oldest_at")))
