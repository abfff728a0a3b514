"""Share late by area, beside what the rest of the city would have had with the area's own mix of services.

Indirect standardisation: each case of the area is given the share late of its service elsewhere. The difference is what
the mix does not explain; it says nothing of why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.special import ndtr, ndtri

from analytics.core.frames import Flags, Floats, Ints
from analytics.core.shares import CONFIDENCE, benjamini_hochberg

LEAST: Final = 10
"""Below this many cases of an area nothing of it is shown."""
HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class AreaLate:
    """One area. All but the name are ``None`` where the area is suppressed."""

    area: str
    n: int | None = None
    """Cases compared: decided ones whose service is given elsewhere as well."""
    late: int | None = None
    expected: float | None = None
    """How many would have been late at the rates of elsewhere."""
    difference: float | None = None
    """Share late less share expected; above 0 is worse."""
    low: float | None = None
    high: float | None = None
    ratio: float | None = None
    """Late over expected; ``None`` when none was expected."""
    p_value: float | None = None
    adjusted_p: float | None = None
    """After Benjamini and Hochberg, over all areas that are shown."""


def late_by_area(
    late: Flags, area: Ints, mix: Ints, areas: Sequence[str], mixes: int, confidence: float = CONFIDENCE
) -> tuple[AreaLate, ...]:
    """Decided cases (n,): whether late, their area and their service → one row per area, in the order of ``areas``."""
    shape = len(areas), mixes
    cell = area * mixes + mix
    n = np.bincount(cell, minlength=shape[0] * mixes).reshape(shape).astype(np.float64)
    bad = np.bincount(cell[late], minlength=shape[0] * mixes).reshape(shape).astype(np.float64)
    others = n.sum(axis=0) - n
    compared = np.where(others > 0, n, 0.0)
    rate = (bad.sum(axis=0) - bad) / np.maximum(others, 1)
    rows = [
        _row(name, (compared[k], np.where(others[k] > 0, bad[k], 0.0), rate[k], others[k]), confidence)
        for k, name in enumerate(areas)
    ]
    adjusted = benjamini_hochberg(np.array([np.nan if row.p_value is None else row.p_value for row in rows]))
    return tuple(
        row if row.p_value is None else replace(row, adjusted_p=float(p)) for row, p in zip(rows, adjusted, strict=True)
    )


def _row(name: str, counts: tuple[Floats, Floats, Floats, Floats], confidence: float) -> AreaLate:
    n, bad, rate, others = counts
    size = float(n.sum())
    if size < LEAST:
        return AreaLate(name)
    seen, expected = float(bad.sum()), float((n * rate).sum())
    elsewhere = n**2 * rate * (1 - rate) / np.maximum(others, 1)
    gap = (seen - expected) / size
    own = (seen + 2) / (size + 4)  # Agresti and Coull: a share of 0 or 1 is not without error
    # The larger of the two errors, and one for both: what is more than chance never has 0 in its interval.
    as_seen = own * (1 - own) / size + elsewhere.sum() / size**2
    as_expected = (n * rate * (1 - rate) + elsewhere).sum() / size**2
    error = float(np.sqrt(max(as_seen, as_expected)))
    reach = float(ndtri(HALF + confidence / 2)) * error
    return AreaLate(
        area=name,
        n=int(size),
        late=int(seen),
        expected=expected,
        difference=gap,
        low=gap - reach,
        high=gap + reach,
        ratio=seen / expected if expected else None,
        p_value=float(2 * ndtr(-abs(gap) / error)),
    )
