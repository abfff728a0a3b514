"""Hand-overs between offices: who sends to whom, how long the case is between two desks, and what comes back.

Two clocks are possible and never mixed in one table:
``transfer``  sent → accepted, when the source records acceptance;
``between``   last step recorded at the sender → first step recorded at the receiver, when it does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.core.frames import MISSING, Flags, Ints
from analytics.core.quantiles import Spread, spreads
from analytics.core.segments import Segments
from analytics.core.stays import Stays


@dataclass(frozen=True, slots=True, eq=False)
class Handovers:
    """One row per hand-over, ordered by (case, branch, time)."""

    case: Ints
    branch: Ints
    sender: Ints
    receiver: Ints
    wait_us: Ints
    """``MISSING`` when the source does not say when the case was accepted, or the receiver sent it away unaccepted."""
    waiting: Flags
    """True while the case is sent and not yet accepted at the observation end."""
    returns: Flags
    """True when this hand-over takes the case straight back: A → B, then B → A."""
    offices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfficePair:
    """Hand-overs from one office to another. Durations in microseconds of calendar time."""

    sender: str
    receiver: str
    handovers: int
    cases: int
    measured: Spread
    waiting_now: int
    missing: int
    """Hand-overs that ended but whose wait the source does not give."""
    returned: int
    """Hand-overs of this pair after which the receiver's next hand-over went straight back to the sender."""


@dataclass(frozen=True, slots=True)
class Returns:
    """Ping-pong in the whole set of cases."""

    handovers: int
    returned: int
    cases: int
    cases_with_return: int
    cases_ping_pong: int
    """Cases with two returns or more between the same two offices."""


def handovers_from_stays(stays: Stays) -> Handovers:
    """Every change of office from one stay to the next on the same branch; the clock is transfer."""
    here = _next_on_branch(stays.case, stays.branch)
    here = here[stays.office[here] != stays.office[here + 1]]
    after = here + 1
    accepted = stays.accepted_us[after]
    wait = np.where(accepted == MISSING, MISSING, accepted - stays.start_us[after])
    waiting = (accepted == MISSING) & stays.open[after] & (stays.started_us[after] == MISSING)
    return _handovers(stays, here, wait, waiting)


def handovers_from_segments(segments: Segments) -> Handovers:
    """Every segment whose office changes; the clock is *between*. Nothing waits: only arrivals are seen."""
    here = np.flatnonzero(segments.from_office != segments.to_office)
    sender, receiver = segments.from_office[here], segments.to_office[here]
    case, branch = segments.case[here], segments.branch[here]
    return Handovers(
        case=case,
        branch=branch,
        sender=sender,
        receiver=receiver,
        wait_us=segments.wait_us[here],
        waiting=np.zeros(len(here), dtype=np.bool_),
        returns=_straight_back(case, branch, sender, receiver),
        offices=segments.offices,
    )


def office_pairs(rows: Handovers) -> tuple[OfficePair, ...]:
    """One row per (sender, receiver), the largest total wait first, then the most hand-overs, then by name."""
    count = len(rows.offices)
    keys, pair = np.unique(rows.sender * count + rows.receiver, return_inverse=True)
    pair = pair.astype(np.int64)
    known = rows.wait_us != MISSING
    measured = spreads(rows.wait_us[known], pair[known], len(keys))
    handed = np.bincount(pair, minlength=len(keys))
    waiting = np.bincount(pair[rows.waiting], minlength=len(keys))
    returned = np.bincount(pair[sent_back(rows)], minlength=len(keys))
    cases = _distinct(pair, rows.case, len(keys))
    table = [
        OfficePair(
            sender=rows.offices[key // count],
            receiver=rows.offices[key % count],
            handovers=int(handed[code]),
            cases=int(cases[code]),
            measured=measured[code],
            waiting_now=int(waiting[code]),
            missing=int(handed[code] - measured[code].n - waiting[code]),
            returned=int(returned[code]),
        )
        for code, key in enumerate(keys)
    ]
    return tuple(sorted(table, key=lambda row: (-row.measured.total_us, -row.handovers, row.sender, row.receiver)))


def returns(rows: Handovers, cases: int) -> Returns:
    """How often work comes straight back; ``cases`` is the size of the whole set, hand-overs or not."""
    back = rows.returns
    return Returns(
        handovers=len(rows.case),
        returned=int(back.sum()),
        cases=cases,
        cases_with_return=len(np.unique(rows.case[back])),
        cases_ping_pong=len(back_and_forth(rows)),
    )


def sent_back(rows: Handovers) -> Flags:
    """Mark the outward leg of each return: the hand-over just before one that goes straight back."""
    sent = np.zeros(len(rows.case), dtype=np.bool_)
    sent[:-1] = rows.returns[1:]
    return sent


def back_and_forth(rows: Handovers) -> Ints:
    """Cases with two returns or more between the same two offices."""
    back = rows.returns
    return np.unique(back_and_forth_pairs(rows.case[back], rows.sender[back], rows.receiver[back])[:, 0])


def back_and_forth_pairs(case: Ints, one: Ints, other: Ints) -> Ints:
    """Returns between two offices (n,) → (case, lower code, higher code) of those that came twice or more, (k, 3)."""
    rows = np.column_stack((case, np.minimum(one, other), np.maximum(one, other)))
    pairs, times = np.unique(rows, axis=0, return_counts=True)
    return np.asarray(pairs[times >= 2], dtype=np.int64)


def _handovers(stays: Stays, here: Ints, wait: Ints, waiting: Flags) -> Handovers:
    case, branch = stays.case[here], stays.branch[here]
    sender, receiver = stays.office[here], stays.office[here + 1]
    back = _straight_back(case, branch, sender, receiver)
    return Handovers(case, branch, sender, receiver, wait, waiting, back, stays.offices)


def _next_on_branch(case: Ints, branch: Ints) -> Ints:
    """Positions whose next row is on the same branch of the same case."""
    return np.flatnonzero((case[1:] == case[:-1]) & (branch[1:] == branch[:-1])).astype(np.int64)


def _straight_back(case: Ints, branch: Ints, sender: Ints, receiver: Ints) -> Flags:
    back = np.zeros(len(case), dtype=np.bool_)
    same_branch = (case[1:] == case[:-1]) & (branch[1:] == branch[:-1])
    back[1:] = same_branch & (receiver[1:] == sender[:-1]) & (sender[1:] == receiver[:-1])
    return back


def _distinct(groups: Ints, values: Ints, count: int) -> Ints:
    pairs = np.unique(np.column_stack((groups, values)), axis=0)
    return np.bincount(pairs[:, 0].astype(np.int64), minlength=count).astype(np.int64)
