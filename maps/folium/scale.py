"""A scale of a few colours, cut so that each holds about as many areas as the next. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

COLOURS: Final = ("#fdf0d0", "#f6cf8a", "#e3a14b", "#b96d22", "#7a3b0c")
"""From quick to slow; each differs in lightness, so the order is seen without colour too."""
INK: Final = ("#14272b", "#14272b", "#14272b", "#ffffff", "#ffffff")
"""The colour of words on each of them."""
FEW: Final = "#d5d7d3"
NOTHING: Final = "#ffffff"


@dataclass(frozen=True, slots=True)
class Step:
    """One class of the scale: its colour and the least and greatest value in it."""

    colour: str
    ink: str
    low: float
    high: float


def steps(values: Sequence[float], most: int = len(COLOURS)) -> tuple[Step, ...]:
    """Cut values into at most ``most`` classes of about equal size; equal values are never parted."""
    ordered = sorted(values)
    if not ordered:
        return ()
    count = min(most, len(set(ordered)))
    classes: list[list[float]] = [[] for _ in range(count)]
    for value in ordered:
        classes[min(count - 1, ordered.index(value) * count // len(ordered))].append(value)
    filled = [held for held in classes if held]
    picked = _spread(len(filled))
    return tuple(
        Step(COLOURS[colour], INK[colour], held[0], held[-1]) for colour, held in zip(picked, filled, strict=True)
    )


def step_of(value: float, scale: Sequence[Step]) -> Step:
    """Return the class a value belongs to."""
    return next(step for step in scale if value <= step.high)


def _spread(count: int) -> list[int]:
    """Pick ``count`` colours over the whole range."""
    last = len(COLOURS) - 1
    return [last // 2] if count == 1 else [round(place * last / (count - 1)) for place in range(count)]
