"""Visits: unbroken runs of stays at one office, what a case's way through the offices is made of.

From them: trips that came straight back and what they cost, visits that were a mistake, work in progress over time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.core.frames import MISSING, Flags, Ints
from analytics.core.handovers import back_and_forth_pairs
from analytics.core.quantiles import Spread, spreads
from analytics.core.stays import Stays


@dataclass(frozen=True, slots=True, eq=False)
class Visits:
    """Parallel columns (n,), ordered by (case, branch, start)."""

    case: Ints
    branch: Ints
    office: Ints
    start_us: Ints
    end_us: Ints
    """``MISSING`` while the case is there."""
    worked: Flags
    """True when a start of work was recorded in it."""
    accepted: Flags
    """True when the office was recorded to have accepted the case."""
    offices: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.case)


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """Cases that an office sent to another and that came straight back. Microseconds of calendar time."""

    home: str
    away: str
    cases: int
    away_us: Spread
    """From sent to sent back: n is the number of trips."""
    ping_pong: int
    """Cases that went back and forth twice or more between these two, whoever began."""


@dataclass(frozen=True, slots=True)
class Misrouted:
    """Visits to one office that were over at once and in which nobody began any work."""

    office: str
    visits: int
    """All visits that ended."""
    misrouted: int
    lost_us: int


def visits_of(stays: Stays) -> Visits:
    """Join stays that follow each other at one office."""
    first = np.flatnonzero(stays.visit_starts)
    last = np.append(first[1:], len(stays)) - 1 if len(first) else first
    return Visits(
        case=stays.case[first],
        branch=stays.branch[first],
        office=stays.office[first],
        start_us=stays.start_us[first],
        end_us=stays.end_us[last],
        worked=_in_any(stays.started_us, first),
        accepted=_in_any(stays.accepted_us, first),
        offices=stays.offices,
    )


def _in_any(times_us: Ints, first: Ints) -> Flags:
    """Whether any of the stays that make up a visit has the time."""
    if not len(first):
        return np.zeros(0, dtype=np.bool_)
    return np.asarray(np.add.reduceat((times_us != MISSING).astype(np.int64), first) > 0, dtype=np.bool_)


def trips(visits: Visits) -> Ints:
    """Return the visits (their places) before and after which the case was at the same office."""
    branch_of = visits.case[1:] == visits.case[:-1], visits.branch[1:] == visits.branch[:-1]
    joined = branch_of[0] & branch_of[1]
    back = joined[:-1] & joined[1:] & (visits.office[2:] == visits.office[:-2])
    return np.flatnonzero(back).astype(np.int64) + 1


def round_trips(visits: Visits) -> tuple[RoundTrip, ...]:
    """One row per pair of offices, the most time away first, then by name."""
    out = trips(visits)
    count = len(visits.offices)
    keys, pair = np.unique(visits.office[out - 1] * count + visits.office[out], return_inverse=True)
    pair = pair.astype(np.int64)
    away = spreads((visits.end_us - visits.start_us)[out], pair, len(keys))
    cases = np.bincount(np.unique(np.column_stack((pair, visits.case[out])), axis=0)[:, 0], minlength=len(keys))
    often = back_and_forth_pairs(visits.case[out], visits.office[out - 1], visits.office[out])
    rows = [
        RoundTrip(
            visits.offices[key // count],
            visits.offices[key % count],
            int(cases[code]),
            away[code],
            int(((often[:, 1] == min(divmod(key, count))) & (often[:, 2] == max(divmod(key, count)))).sum()),
        )
        for code, key in enumerate(keys.tolist())
    ]
    return tuple(sorted(rows, key=lambda row: (-row.away_us.total_us, row.home, row.away)))


def misrouted_visits(visits: Visits, shorter_than_us: int, *, accepted_known: bool = False) -> Flags:
    """Mark the visits (n,) without a start of work that led to another office and were over before the limit.

    Where the source records acceptance (``accepted_known``), so are those the office never accepted, however long.
    """
    followed = np.zeros(len(visits), dtype=np.bool_)
    followed[:-1] = (visits.case[1:] == visits.case[:-1]) & (visits.branch[1:] == visits.branch[:-1])
    over = visits.end_us != MISSING
    held = np.where(over, visits.end_us - visits.start_us, 0)
    for_nothing = (held < shorter_than_us) | (~visits.accepted if accepted_known else False)
    return np.asarray(over & followed & ~visits.worked & for_nothing, dtype=np.bool_)


def misrouted(visits: Visits, shorter_than_us: int, *, accepted_known: bool = False) -> tuple[Misrouted, ...]:
    """Count the visits for nothing of each office, with the time they took (`misrouted_visits`)."""
    count = len(visits.offices)
    over = visits.end_us != MISSING
    held = np.where(over, visits.end_us - visits.start_us, 0)
    wrong = misrouted_visits(visits, shorter_than_us, accepted_known=accepted_known)
    lost = spreads(held[wrong], visits.office[wrong], count)
    ended = np.bincount(visits.office[over], minlength=count)
    return tuple(
        Misrouted(office, int(ended[code]), lost[code].n, lost[code].total_us)
        for code, office in enumerate(visits.offices)
        if ended[code]
    )
