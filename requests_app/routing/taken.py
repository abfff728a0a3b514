"""Taking values out of a document: what it means when it has the right form, None or nothing otherwise."""

from datetime import time
from typing import Any


def listed(given: Any) -> tuple[str, ...]:
    """One text or a list of texts as a tuple without doubles; empty when it is neither."""
    many = [given] if isinstance(given, str) else given
    if not isinstance(many, list | tuple) or not all(isinstance(one, str) and one.strip() for one in many):
        return ()
    return tuple(dict.fromkeys(one.strip() for one in many))


def whole(given: Any) -> int | None:
    """A whole number, None for anything else (true is no number)."""
    return given if isinstance(given, int) and not isinstance(given, bool) else None


def number(given: Any) -> float | None:
    """A finite number, None for anything else."""
    if not isinstance(given, int | float) or isinstance(given, bool):
        return None
    try:
        found = float(given)
    except OverflowError:  # a whole number of hundreds of digits
        return None
    return found if abs(found) < float("inf") else None


def clock_time(given: Any) -> time | None:
    """A time of day from "18:00" (or TOML's own 18:00:00), None for anything else."""
    if isinstance(given, time):
        return given.replace(tzinfo=None)
    try:
        return time.fromisoformat(given).replace(tzinfo=None) if isinstance(given, str) else None
    except ValueError:
        return None
