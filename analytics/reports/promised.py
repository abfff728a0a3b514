"""What was promised of each case of a cohort, and how it stands: the rows behind every figure about promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from analytics.core.frames import MISSING, UNKNOWN, Flags, Ints, microseconds
from analytics.core.promises import Kept, Standing, counted_until, promises_kept, standings
from analytics.reports.sections import Subject

RESOLVE: Final = "resolve"
ACKNOWLEDGE: Final = "acknowledge"
CLOCKS: Final = (RESOLVE, ACKNOWLEDGE)
LAST: Final = "last"
FIRST: Final = "first"
DATES: Final = (LAST, FIRST)


@dataclass(frozen=True, slots=True)
class Promise:
    """Which promise is asked about: what was to happen, and by which date where the date was changed."""

    clock: str = RESOLVE
    date: str = LAST

    def parameters(self) -> dict[str, str]:
        """Return what stands in the address, without what is usual."""
        usual = Promise()
        said = {"promise": self.clock, "date": self.date}
        plain = {"promise": usual.clock, "date": usual.date}
        return {name: value for name, value in said.items() if value != plain[name]}

    @property
    def due_column(self) -> str:
        """The column of the frame of dues with the date that counts."""
        if self.clock == ACKNOWLEDGE:
            return "acknowledge_due_us"
        return "first_due_us" if self.date == FIRST else "due_us"


@dataclass(frozen=True, slots=True, eq=False)
class Owed:
    """One row per case that was to be answered: columns (n,). Cases stopped without an answer are only counted."""

    case: Ints
    done_us: Ints
    due_us: Ints
    paused_us: Ints
    """When its clock stopped, ``MISSING`` where it runs: the first date given runs on whoever is waited for."""
    standing: Ints
    until_us: Ints
    waited_us: Ints
    """How long it has waited for the citizen altogether, calendar time."""
    waiting_us: Ints
    """Since when it waits for the citizen; ``MISSING``: it does not."""
    as_of_us: int
    stopped: int

    @property
    def late(self) -> Flags:
        """Late for good: closed after the date, or open and beyond it."""
        return np.asarray((self.standing == Standing.LATE) | (self.standing == Standing.OVERDUE), dtype=np.bool_)

    @property
    def decided(self) -> Flags:
        """Kept or late."""
        return self.late | (self.standing == Standing.KEPT)

    def kept(self, groups: Ints, labels: Sequence[str]) -> tuple[Kept, ...]:
        """Add up by group: codes (n,) and what they mean."""
        return promises_kept(self.done_us, self.due_us, self.as_of_us, groups, labels, self.paused_us)


def owed(subject: Subject, promise: Promise) -> Owed:
    """Find what was owed to whom by when."""
    measured = subject.measured
    rows = measured.cycles("service")
    cases, as_of_us = rows.case[rows.timed], measured.as_of_us
    dues = _of(measured.source.dues, cases)
    if promise.clock == ACKNOWLEDGE:
        done = dues["acknowledged_us"]
    else:
        closed = microseconds(measured.frames.cases["closed_at"])
        done = closed[pd.Index(measured.frames.cases["case"]).get_indexer(cases)]
    due, waiting, waited = dues[promise.due_column], dues["paused_us"], dues["waited_us"]
    so_far = as_of_us - np.where(waiting == MISSING, as_of_us, waiting)
    waited = np.where(waited == MISSING, 0, waited) + so_far.clip(0)
    runs_on = promise.date == FIRST or promise.clock == ACKNOWLEDGE
    paused = np.full(len(cases), MISSING, dtype=np.int64) if runs_on else waiting
    return Owed(
        case=cases,
        done_us=done,
        due_us=due,
        paused_us=paused,
        standing=standings(done, due, as_of_us, paused),
        until_us=counted_until(done, as_of_us, paused),
        waited_us=waited,
        waiting_us=waiting,
        as_of_us=as_of_us,
        stopped=int((~rows.timed).sum()),
    )


def _of(dues: pd.DataFrame, cases: Ints) -> Mapping[str, Ints]:
    """The columns of some cases (n,), ``MISSING`` for a case nothing is known of."""
    place = pd.Index(dues["case"]).get_indexer(cases)
    columns = {}
    for name in dues.columns:
        values = np.append(dues[name].to_numpy(dtype=np.int64), MISSING)
        columns[str(name)] = values[place]
    return columns


def by_column(subject: Subject, found: Owed, column: str) -> tuple[Ints, tuple[str, ...]]:
    """Return the service or area of each row: codes and labels."""
    return subject.measured.of_cases(column, found.case)


def by_office(subject: Subject, found: Owed, promise: Promise) -> tuple[Ints, tuple[str, ...]]:
    """Return who answers for each promise: the office that has or had the case last; the first one to acknowledge it.

    A case that no office has held yet is under the unknown office.
    """
    stays = subject.measured.stays
    lead = np.flatnonzero(stays.branch == 0)
    case = stays.case[lead]
    edge = np.ones(len(lead), dtype=np.bool_)
    changes = case[1:] != case[:-1]
    if promise.clock == ACKNOWLEDGE:
        edge[1:] = changes
    else:
        edge[:-1] = changes
    held = pd.Series(stays.office[lead][edge], index=case[edge])
    labels = stays.offices if UNKNOWN in stays.offices else (*stays.offices, UNKNOWN)
    codes = held.reindex(found.case, fill_value=labels.index(UNKNOWN))
    return codes.to_numpy(dtype=np.int64), labels
