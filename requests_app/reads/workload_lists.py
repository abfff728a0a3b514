"""The figures of a workload, each as a condition on cases: the number and the list behind it are one query."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q

from requests_app.models import Jurisdiction
from requests_app.states import SENT, Status

WEEK = timedelta(days=7)
NOBODY = 0
"""Stands for “nobody” where a person's id is asked for."""


class Figure(StrEnum):
    """What is counted beside all open cases and the late ones, which the queue has filters for."""

    NEW = "new"
    CLOSED = "closed"
    NOT_ACCEPTED = "not-accepted"
    WAITING = "waiting"
    DAYS_0_2 = "days-0-2"
    DAYS_3_7 = "days-3-7"
    DAYS_8_30 = "days-8-30"
    DAYS_31_90 = "days-31-90"
    DAYS_OVER_90 = "days-over-90"


BANDS: dict[Figure, tuple[int, int | None]] = {
    Figure.DAYS_0_2: (0, 2),
    Figure.DAYS_3_7: (3, 7),
    Figure.DAYS_8_30: (8, 30),
    Figure.DAYS_31_90: (31, 90),
    Figure.DAYS_OVER_90: (91, None),
}
"""Whole calendar days since filing, nights and weekends too: the first and the last day of each band, both in it."""

WITH_CLOSED_CASES = frozenset({Figure.NEW, Figure.CLOSED})
"""Figures of a week, which hold closed cases too."""


def given_to(person_id: int | None) -> Q:
    """The cases that are given to a person or to `NOBODY`; for None all of them."""
    return Q() if person_id is None else Q(handler_id=person_id or None)


def counted(figure: Figure | None, place: Jurisdiction) -> Q:
    """The cases of a figure, among those of an office or a person; for None all of them."""
    if figure is None:
        return Q()
    present = place.present
    if figure in BANDS:
        return ~Q(status=Status.CLOSED) & _waited(figure, present)
    return {
        Figure.NEW: Q(submitted_at__gte=present - WEEK),
        # Nothing was closed that has not changed: the order of changes has an index, the closing has none.
        Figure.CLOSED: Q(status=Status.CLOSED, closed_at__gte=present - WEEK, updated_at__gte=present - WEEK),
        Figure.NOT_ACCEPTED: Q(status__in=SENT),
        Figure.WAITING: Q(status=Status.WAITING_CITIZEN),
    }[figure]


def _waited(band: Figure, present: datetime) -> Q:
    first, last = BANDS[band]
    newest = Q(submitted_at__lte=present - timedelta(days=first)) if first else Q()
    return newest if last is None else newest & Q(submitted_at__gt=present - timedelta(days=last + 1))
