"""Open cases against their own history: "older than 90 % of its kind at this step".

Its kind are the stays of the same office and service (or whatever the caller names, from the narrowest to the widest);
their ages come as a Kaplan-Meier curve, so stays that go on are counted and the comparison is not with the quick ones
only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.core.frames import SMALL_N, Flags, Floats, Ints
from analytics.core.survival.curve import Curve, curves, share_over

BANDS: Final = (0.50, 0.85, 0.95)
"""Where a band begins: older than half, than 85 % and than 95 % of its kind."""
NO_KIND: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class Kinds:
    """One way to say what a stay is compared with, and the history of each kind."""

    name: str
    codes: Ints
    """The kind of each stay, one code per row of the stays."""
    history: tuple[Curve, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Ageing:
    """One row per stay that was asked about."""

    row: Ints
    """Its place among the stays."""
    age_us: Ints
    older_than: Floats
    """Share of its kind that is estimated to have ended at this age or before; NaN without enough history."""
    level: Ints
    """Which of the kinds it was compared with (its place in ``names``); ``NO_KIND`` without enough history."""
    of: Ints
    """How many stays of that kind have ended: what the share is learnt from."""
    names: tuple[str, ...]

    @property
    def band(self) -> Ints:
        """0 … 3 by ``BANDS``; ``NO_KIND`` without enough history."""
        bands = np.searchsorted(BANDS, self.older_than, side="right")
        return np.where(np.isnan(self.older_than), NO_KIND, bands).astype(np.int64)


def kinds(name: str, codes: Ints, held_us: Ints, ended: Flags, count: int) -> Kinds:
    """Give the kinds ``codes`` (n,) their history: how long stays lasted (n,) and whether they ended (n,)."""
    return Kinds(name, codes, curves(held_us, ended, codes, count))


def ageing(rows: Ints, held_us: Ints, levels: Sequence[Kinds], least: int = SMALL_N) -> Ageing:
    """Compare the stays at ``rows`` with the first of ``levels`` of which ``least`` stays have ended."""
    age = held_us[rows]
    older = np.full(len(rows), np.nan)
    used = np.full(len(rows), NO_KIND, dtype=np.int64)
    of = np.zeros(len(rows), dtype=np.int64)
    for place, level in enumerate(levels):
        ended = np.array([curve.n - curve.open for curve in level.history], dtype=np.int64)
        code = level.codes[rows]
        here = (used == NO_KIND) & (ended[code] >= least)
        older[here] = _share_ended(level.history, code[here], age[here])
        used[here], of[here] = place, ended[code][here]
    return Ageing(rows, age, older, used, of, tuple(level.name for level in levels))


def _share_ended(history: Sequence[Curve], code: Ints, age_us: Ints) -> Floats:
    answer = np.empty(len(code))
    order = np.argsort(code, kind="stable")
    for some in np.split(order, np.flatnonzero(np.diff(code[order])) + 1):
        if len(some):
            answer[some] = 1.0 - share_over(history[int(code[some[0]])], age_us[some])
    return answer
