"""What a day at the desk begins with: eight lists with their numbers and first cases, in two statements.

A number is counted over the very query that its list shows, so the two cannot differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import CharField, Count, QuerySet, Value

from requests_app.permissions import Viewer
from requests_app.querysets import RequestQuerySet
from requests_app.reads.desk import Desk
from requests_app.reads.queue import (
    ALL_ONES,
    OPEN_ONES,
    Due,
    QueueFilter,
    QueueRow,
    Sort,
    cases,
    in_order,
    ordered,
    row_of,
    row_values,
)
from requests_app.reads.today_lists import NEVER_LOOKED, Look, TodayList
from requests_app.reads.workload_lists import WITH_CLOSED_CASES, Figure

FIRST_ROWS = 5

SORTS: dict[TodayList, Sort] = {
    TodayList.SAFETY: Sort.DUE,
    TodayList.SENT: Sort.OLDEST,
    TodayList.ANSWERED: Sort.CHANGED,
    TodayList.DUE: Sort.DUE,
    TodayList.BOUNCED: Sort.OLDEST,
    TodayList.NEW: Sort.NEWEST,
    TodayList.MAIL: Sort.CHANGED,
    TodayList.PUT_OFF: Sort.DUE,
    TodayList.STAND_IN: Sort.DUE,
}
"""The order in which each list is worked through."""

WITH_CLOSED = frozenset({TodayList.ANSWERED, TodayList.MAIL})
"""Lists that hold closed cases too: what a citizen says of one, a mail about it that failed."""


_LATE = "late"


@dataclass(frozen=True, slots=True)
class Pile:
    """One list: how many it holds, and its first cases."""

    which: TodayList
    count: int
    rows: list[QueueRow]


@dataclass(frozen=True, slots=True)
class Today:
    """The whole morning: the lists in their order, how many are late already, since when “new” counts."""

    piles: list[Pile]
    late: int
    look: Look


def usual_kind(which: TodayList | None, work: Figure | None = None) -> str:
    """The statuses a list (or, for None, any queue) shows when none are asked for."""
    return ALL_ONES if which in WITH_CLOSED or work in WITH_CLOSED_CASES else OPEN_ONES


def queue_of(desk: Desk, which: TodayList, look: Look) -> QueueFilter:
    """A list as the queue that shows it."""
    return QueueFilter(
        jurisdiction=desk.place,
        tab=desk.tabs[0],
        own_office_ids=desk.own_office_ids,
        kind=usual_kind(which),
        sort=SORTS[which],
        today=which,
        look=look,
    )


def late_queue(desk: Desk) -> QueueFilter:
    """What is late already, which no list of the day repeats."""
    return replace(queue_of(desk, TodayList.DUE, NEVER_LOOKED), today=None, due=Due.LATE)


def read_today(desk: Desk, look: Look) -> Today:
    """The lists of a desk; two statements however many cases there are."""
    stands_in = desk.viewer.stands_in_for(desk.place.pk)
    wanted = [which for which in TodayList if stands_in or which is not TodayList.STAND_IN]
    queues = {which.value: queue_of(desk, which, look) for which in wanted}
    numbers = _numbers({**queues, _LATE: late_queue(desk)}, desk.viewer)
    rows = _first_rows({code: queue for code, queue in queues.items() if numbers.get(code)}, desk.viewer)
    piles = [Pile(which, numbers.get(which.value, 0), rows.get(which.value, [])) for which in wanted]
    return Today(piles, numbers.get(_LATE, 0), look)


def _numbers(queues: Mapping[str, QueueFilter], viewer: Viewer) -> dict[str, int]:
    """How many cases each list holds; one that holds none may be missing."""
    counted = [
        _named(code, cases(queue, viewer).order_by()).values("which").annotate(number=Count("pk"))
        for code, queue in queues.items()
    ]
    return {row["which"]: row["number"] for row in _all_of(counted)}


def _first_rows(queues: Mapping[str, QueueFilter], viewer: Viewer) -> dict[str, list[QueueRow]]:
    """The first cases of each list."""
    if not queues:
        return {}
    firsts = [
        row_values(
            _named(code, ordered(cases(queue, viewer), queue)), queue, viewer, most=FIRST_ROWS, beside=("which",)
        )
        for code, queue in queues.items()
    ]
    found: dict[str, list[QueueRow]] = {}
    for values in _all_of(firsts):
        found.setdefault(values["which"], []).append(row_of(values, queues[values["which"]]))
    return {code: in_order(rows, queues[code]) for code, rows in found.items()}


def _named(code: str, found: RequestQuerySet) -> RequestQuerySet:
    return found.annotate(which=Value(code, CharField()))


def _all_of(parts: list[QuerySet[Any, dict[str, Any]]]) -> QuerySet[Any, dict[str, Any]]:
    """Several lists in one statement, each planned by itself."""
    return parts[0].union(*parts[1:], all=True)
