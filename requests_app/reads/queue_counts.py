"""How many cases each choice beside a queue would show; one statement."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q

from requests_app.models import Jurisdiction
from requests_app.permissions import Viewer
from requests_app.reads.days import day_ends
from requests_app.reads.queue import ALL_ONES, NO_OFFICE, OPEN_ONES, Due, QueueFilter, in_tab, ways_to_be_at
from requests_app.states import KIND_OF, Kind, Status


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cases each choice of a filter would leave, all other filters kept."""

    total: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    offices: dict[int, int] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)


def counts(queue: QueueFilter, viewer: Viewer) -> Counts:
    """How many cases each kind, office and due choice would show; one statement.

    One cross-table of status × office × promise is read and summed here: each filter is counted with all
    the others in force, so a number beside a choice is what a click on it shows.
    """
    standing = _standing(queue.jurisdiction)
    first, *further = (
        in_tab(queue, viewer, at).values("status", "office_id").annotate(**standing).order_by()
        for at in ways_to_be_at(queue)
    )
    table = first.union(*further, all=True) if further else first
    kinds: dict[str, int] = {}
    offices: dict[int, int] = {}
    due_counts: dict[str, int] = {}
    for status, office_id, shown_as, number in _cells(table):
        kind = KIND_OF[status]
        in_due = queue.due is None or queue.due in shown_as
        in_office = queue.office_ids is None or office_id in queue.office_ids
        in_kind = _shows(queue.kind, kind)
        if in_office and in_due:
            for name in (kind.value, ALL_ONES, *([OPEN_ONES] if kind is not Kind.CLOSED else [])):
                kinds[name] = kinds.get(name, 0) + number
        if in_kind and in_due:
            offices[office_id] = offices.get(office_id, 0) + number
        if in_office and in_kind:
            for name in ("every", *shown_as):
                due_counts[name] = due_counts.get(name, 0) + number
    chosen = queue.due.value if queue.due else "every"
    return Counts(due_counts.get(chosen, 0), kinds, offices, due_counts)


_SHOWN_AS: dict[str, tuple[Due, ...]] = {
    "none": (Due.NONE,),
    "week": (Due.WEEK,),
    "today": (Due.TODAY, Due.WEEK),
    "late": (Due.LATE,),
}
"""The lists of promises that show a case, by how `_standing` counted it: no case is counted twice."""


def _standing(place: Jurisdiction) -> dict[str, Count]:
    """How many there are and how they stand to their promise, as `due_as` has it.

    Counts beside each other keep the order of the index; a third column to group by would cost twice as much.
    """
    today_ends, week_ends = day_ends(place)
    runs = Q(paused_at=None) | Q(due_at__lt=F("paused_at"))
    return {
        "number": Count("*"),
        "none": Count("pk", filter=Q(due_at=None)),
        "week": Count("pk", filter=Q(due_at__gte=today_ends, due_at__lt=week_ends)),
        "today": Count("pk", filter=Q(due_at__gte=place.present, due_at__lt=today_ends)),
        "late": Count("pk", filter=Q(due_at__lt=place.present) & runs),
    }


def _cells(table: Iterable[dict[str, Any]]) -> Iterator[tuple[Status, int, tuple[Due, ...], int]]:
    """Status, office, the lists of promises that show it, and how many; what is closed is in none but that of none."""
    for line in table:
        status, rest = Status(line["status"]), line["number"]
        for name, shown_as in _SHOWN_AS.items():
            if line[name] and (name == "none" or status is not Status.CLOSED):
                rest -= line[name]
                yield status, line["office_id"] or NO_OFFICE, shown_as, line[name]
        if rest:
            yield status, line["office_id"] or NO_OFFICE, (), rest


def _shows(wanted: str, kind: Kind) -> bool:
    return wanted in (ALL_ONES, kind.value) or (wanted == OPEN_ONES and kind is not Kind.CLOSED)
