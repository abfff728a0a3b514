"""A test of replay: told only what one office did in a later period, it says what became of whole cases.

The cases are cut by filing. From the earlier part the model knows the history; of the later part it is told one thing,
how the office's median stay changed, and says from that what the median case takes. What came is printed beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.core.frames import Flags, Ints
from analytics.core.whatif.replay import Ages, Waits, by_case, median

KNOWN_SHARE: Final = 0.7
LEAST: Final = 30


@dataclass(frozen=True, slots=True)
class Tested:
    """Medians of whole cases, in microseconds, and how the office's stays changed (1 is not at all)."""

    ratio: float
    predicted_us: float
    came_us: float
    as_before_us: float
    """What would have been said without a model: that nothing changes."""
    known: int
    held_out: int

    @property
    def error(self) -> float:
        """Predicted over what came, less one."""
        return self.predicted_us / self.came_us - 1


def back_test(ages: Ages, waits: Waits, ended: Flags, share: float = KNOWN_SHARE) -> Tested | None:
    """Ages of cases and waits at one place (with whether each ended) → the test; ``None`` where too little is known."""
    if len(ages.case) < 2 * LEAST:
        return None
    early = ages.filed_us < np.quantile(ages.filed_us, share)
    of_early = np.isin(waits.case, ages.case[early])
    if min(early.sum(), (~early).sum(), of_early.sum(), (~of_early).sum()) < LEAST:
        return None
    known, later = _of(ages, early), _of(ages, ~early)
    was, became = (median(waits.wait_us[some], ended[some]) for some in (of_early, ~of_early))
    before, came = median(known.age_us, known.ended), median(later.age_us, later.ended)
    if not (was and became and before and came):
        return None
    ratio = became / was
    off = by_case(known, waits.case[of_early], np.rint(waits.wait_us[of_early] * (1 - ratio)).astype(np.int64))
    predicted = median(_at_least_0(known.age_us - off), known.ended)
    return Tested(ratio, predicted, came, before, int(early.sum()), int((~early).sum())) if predicted else None


def _at_least_0(us: Ints) -> Ints:
    return np.asarray(us.clip(0), dtype=np.int64)


def _of(ages: Ages, keep: Flags) -> Ages:
    return Ages(ages.case[keep], ages.age_us[keep], ages.ended[keep], ages.filed_us[keep])
