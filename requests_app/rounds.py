"""The order of a round: which place a crew goes to first, by pure rules.

What is dangerous comes first, whatever the way; within what is dangerous and within the rest the way is short: nearest
neighbour to begin with, then pairs of legs are uncrossed (2-opt) and single stops moved to where they cost less, until
neither helps. The same improvement is tried on the order the stops came in, so that the result is never longer than
that. Distances are straight lines in metres on the local plane: a city is small enough.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians

from requests_app.states import HAZARD_TAGS, URGENT

METRES_A_DEGREE = 111_320.0
"""Of latitude; of longitude at the equator."""

Point = tuple[float, float]
"""Longitude and latitude in degrees."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One place of a round; `first` says that it is dangerous to leave, so that it comes before what is not."""

    key: int
    at: Point
    first: bool = False


def is_hazard(priority: int, tags: Iterable[str]) -> bool:
    """Whether a case is dangerous to leave: its priority is urgent, or a rule or a person tagged it so."""
    return priority >= URGENT or not HAZARD_TAGS.isdisjoint(tags)


def metres(a: Point, b: Point) -> float:
    """The straight distance between two points of one city."""
    shrink = cos(radians((a[1] + b[1]) / 2))
    return METRES_A_DEGREE * hypot((a[0] - b[0]) * shrink, a[1] - b[1])


def length(stops: Sequence[Stop], start: Point | None = None) -> float:
    """Metres from the start (the first stop, where there is none) through every stop in order; nobody goes back."""
    points = [*([start] if start else []), *(stop.at for stop in stops)]
    return sum(metres(a, b) for a, b in itertools.pairwise(points))


def in_order(stops: Sequence[Stop], start: Point | None = None) -> list[Stop]:
    """The stops as they are best visited: each once, what is dangerous first, never longer than as they came."""
    way = _Way([*(s for s in stops if s.first), *(s for s in stops if not s.first)], start)
    plain = list(range(len(stops)))
    best = min((way.improved(order) for order in (way.nearest_first(), plain)), key=way.length)
    return [way.stops[number] for number in best]


class _Way:
    """The stops by number, the dangerous ones before the others, and every distance between them worked out once."""

    def __init__(self, stops: list[Stop], start: Point | None) -> None:
        self.stops = stops
        self.border = sum(stop.first for stop in stops)
        self.between = [[metres(a.at, b.at) for b in stops] for a in stops]
        self.from_start = [metres(start, stop.at) if start else 0.0 for stop in stops]

    def length(self, order: list[int]) -> float:
        if not order:
            return 0.0
        legs = sum(self.between[a][b] for a, b in itertools.pairwise(order))
        return self.from_start[order[0]] + legs

    def parts(self) -> tuple[range, range]:
        return range(self.border), range(self.border, len(self.stops))

    def nearest_first(self) -> list[int]:
        order: list[int] = []
        for part in self.parts():
            left = list(part)
            while left:
                away = self.between[order[-1]] if order else self.from_start
                order.append(min(left, key=lambda number: away[number]))
                left.remove(order[-1])
        return order

    def improved(self, order: list[int]) -> list[int]:
        """Uncross legs and move single stops while that shortens the way by more than a millimetre."""
        best, best_length = order, self.length(order)
        while True:
            tried = (new for part in self.parts() for new in _neighbours(best, part))
            found = min(tried, key=self.length, default=best)
            if self.length(found) >= best_length - 0.001:
                return best
            best, best_length = found, self.length(found)


def _neighbours(order: list[int], part: range) -> Iterator[list[int]]:
    """Every order that differs by one uncrossing, or by one stop moved, within a part of the round."""
    for i in part:
        for j in part:
            if i < j:
                yield order[:i] + order[i : j + 1][::-1] + order[j + 1 :]
            if abs(i - j) > 1:
                rest = order[:i] + order[i + 1 :]
                yield [*rest[:j], order[i], *rest[j:]]
