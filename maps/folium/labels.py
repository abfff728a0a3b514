"""Which words fit on a map of areas: names and values where they have room, and never two in one place. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDE, HIGH = 1100, 440
"""Pixels the map has on a wide screen, when its page is opened."""
LETTER: Final = 6.6
LINE: Final = 15.0
VALUE: Final = 30.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an area would like to say. ``box`` is its extent: west, south, east, north in degrees."""

    code: str
    name: str
    latitude: float
    longitude: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Shown:
    """What is written: the value, and the name above it when ``named``."""

    code: str
    named: bool


def fitting(wanted: Sequence[Wanted], bounds: Sequence[Sequence[float]]) -> list[Shown]:
    """Give room to the largest areas first; an area whose value would cover another word says nothing."""
    scale = pixels_per_degree(bounds)
    taken: list[tuple[float, float, float, float]] = []
    shown = []
    for area in sorted(wanted, key=lambda area: (-_surface(area), area.code)):
        for named in (True, False):
            box = _words(area, scale, named=named)
            if named and not _within(area, scale):
                continue
            if not any(_overlap(box, other) for other in taken):
                taken.append(box)
                shown.append(Shown(area.code, named))
                break
    return shown


def pixels_per_degree(bounds: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Return how many pixels a degree east and a degree north take once the bounds fit the screen."""
    (south, west), (north, east) = bounds
    squeeze = math.cos(math.radians((south + north) / 2))
    up = min(HIGH / max(north - south, 1e-9), WIDE / max((east - west) * squeeze, 1e-9))
    return up * squeeze, up


def _surface(area: Wanted) -> float:
    west, south, east, north = area.box
    return (east - west) * (north - south)


def _within(area: Wanted, scale: tuple[float, float]) -> bool:
    west, south, east, north = area.box
    return (east - west) * scale[0] >= len(area.name) * LETTER and (north - south) * scale[1] >= 2 * LINE


def _words(area: Wanted, scale: tuple[float, float], *, named: bool) -> tuple[float, float, float, float]:
    wide = max(len(area.name) * LETTER, VALUE) if named else VALUE
    high = 2 * LINE if named else LINE
    x, y = area.longitude * scale[0], area.latitude * scale[1]
    return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
