"""Which open cases of several offices one visit could see: pure rules with their inputs in sight.

Cases close together, or along one short way, of two offices or more, become one visit when every skill they need is
had by one of these offices, all of them are open at one time that is long enough, by daylight, and that time comes
before the first promise that can still be kept.
"""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from requests_app.rounds import Point, Stop, in_order, length, metres

PLACE_METRES, ROUND_METRES = 40, 400
LONGEST_WAY = 1500
MOST_CASES = 8
MINUTES_A_CASE = 30
DAYS_AHEAD = 10
FIRST_HOUR, LAST_HOUR = 7, 18

Slots = Sequence[tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One open case: where, at which office, which skills its work needs, and until when it is promised."""

    key: int
    office_id: int
    at: Point
    due_at: datetime | None = None
    skills: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Crew:
    """An office: what its people can do, and when they work in the days ahead (in order, not overlapping)."""

    skills: frozenset[str]
    slots: Slots


@dataclass(frozen=True, slots=True)
class Proposal:
    """One visit: its cases in the order of the way, how far they lie apart, and when all offices are open."""

    cases: tuple[Wanted, ...]
    is_round: bool
    starts_at: datetime
    ends_at: datetime
    metres: int

    @property
    def office_ids(self) -> tuple[int, ...]:
        """The offices, each once."""
        return tuple(sorted({case.office_id for case in self.cases}))

    @property
    def saved(self) -> int:
        """One visit instead of one by each office."""
        return len(self.office_ids) - 1


def propose(cases: Iterable[Wanted], crews: Mapping[int, Crew], now: datetime) -> list[Proposal]:
    """Visits that share no case: first at one place, then along one way; each begins with what is promised first."""
    wanted = sorted((c for c in cases if c.office_id in crews), key=lambda c: (c.due_at is None, c.due_at, c.key))
    found: list[Proposal] = []
    taken: set[int] = set()
    for reach, is_round in ((PLACE_METRES, False), (ROUND_METRES, True)):
        ground = _Ground(wanted, reach)
        for seed in wanted:
            if seed.key in taken:
                continue
            left = [case for case in ground.about(seed) if case.key not in taken]
            made = _around(seed, left, crews, now, reach, is_round=is_round)
            if made is not None:
                found.append(made)
                taken |= {case.key for case in made.cases}
    return found


class _Ground:
    """The cases by cells a reach wide: what lies within reach of a case lies in its cell or in one beside it."""

    def __init__(self, cases: Iterable[Wanted], reach: int) -> None:
        self.side = reach / 100_000  # in degrees of latitude, a little more than the reach: a degree is 111 km
        self.cells: dict[tuple[int, int], list[Wanted]] = {}
        for case in cases:
            self.cells.setdefault(self._cell(case), []).append(case)

    def about(self, case: Wanted) -> list[Wanted]:
        """The cases of the cell and of those beside it."""
        east, north = self._cell(case)
        # A degree of longitude is shorter: up to 65° north, less than half as long.
        beside = ((east + dx, north + dy) for dx in (-3, -2, -1, 0, 1, 2, 3) for dy in (-1, 0, 1))
        return [other for cell in beside for other in self.cells.get(cell, ())]

    def _cell(self, case: Wanted) -> tuple[int, int]:
        return math.floor(case.at[0] / self.side), math.floor(case.at[1] / self.side)


def _around(
    seed: Wanted, left: Sequence[Wanted], crews: Mapping[int, Crew], now: datetime, reach: int, *, is_round: bool
) -> Proposal | None:
    """The visit that begins with a case; None where no other office's case lies near it or no time suits all."""
    near = sorted((metres(seed.at, other.at), other.key, other) for other in left if _is_near(seed, other, reach))
    chosen = _with_skills([other for _away, _key, other in near][:MOST_CASES], crews)
    if seed not in chosen or len({case.office_id for case in chosen}) < 2:
        return None
    by_key = {case.key: case for case in chosen}
    order = [by_key[stop.key] for stop in in_order([Stop(case.key, case.at) for case in chosen])]
    far = max(metres(a.at, b.at) for a, b in itertools.combinations(order, 2))
    way = length([Stop(case.key, case.at) for case in order])
    if is_round and way > LONGEST_WAY:
        return None
    window = common_window(chosen, crews, now)
    if window is None:
        return None
    return Proposal(tuple(order), is_round, *window, round(way if is_round else far))


def _is_near(seed: Wanted, other: Wanted, reach: int) -> bool:
    return metres(seed.at, other.at) <= reach


def _with_skills(cases: Sequence[Wanted], crews: Mapping[int, Crew]) -> list[Wanted]:
    """Those whose skills the offices that come have between them.

    An office whose case cannot be done does not come, and what only its crew can do cannot be done either.
    """
    kept, left = list(cases), -1
    while len(kept) != left:
        left = len(kept)
        had = frozenset[str]().union(*(crews[case.office_id].skills for case in kept))
        kept = [case for case in kept if case.skills <= had]
    return kept


def common_window(
    cases: Sequence[Wanted], crews: Mapping[int, Crew], now: datetime
) -> tuple[datetime, datetime] | None:
    """The first time at which every office is open for long enough, before the first promise that can be kept."""
    needed = timedelta(minutes=MINUTES_A_CASE * len(cases))
    promised = [case.due_at for case in cases if case.due_at is not None and case.due_at > now]
    latest = min(promised, default=None)
    shared = overlap([crews[office_id].slots for office_id in sorted({case.office_id for case in cases})])
    for opens, closes in shared:
        starts = max(opens, now)
        if closes - starts >= needed and (latest is None or starts + needed <= latest):
            return starts, starts + needed
    return None


def overlap(calendars: Sequence[Slots]) -> list[tuple[datetime, datetime]]:
    """The times that lie in one slot of every calendar, in order."""
    shared = list(calendars[0]) if calendars else []
    for slots in calendars[1:]:
        both = ((max(a, c), min(b, d)) for a, b in shared for c, d in slots)
        shared = sorted((opens, closes) for opens, closes in both if opens < closes)
    return shared
