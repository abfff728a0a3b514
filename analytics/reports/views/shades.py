"""Figures as one of four shades: a quarter of them each, the smallest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

SHADES: Final = 4


def shade_of(value: float | None, ordered: Sequence[float]) -> str:
    """Return the quarter of ``ordered`` a value lies in, “0” … “3”; nothing for one that is not known."""
    if value is None:
        return ""
    return str(min(SHADES - 1, ordered.index(value) * SHADES // len(ordered)))
