"""The same process at several places: how long the steps they share take, with one mix of steps for all.

Direct standardisation: every pair of successive steps that each place has often enough is given its mean wait there,
and the pairs are added up as often as all places together have them. What only some have is not compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from analytics.core.frames import SMALL_N
from analytics.core.segments import Segments

ALIKE: Final = 0.5
"""Two logs tell of one process when at least this share of the steps of the smaller are in the other."""


@dataclass(frozen=True, slots=True)
class SameSteps:
    """One place. ``ratio``: its time for the shared steps over the average of the places; ``None``: none is shared."""

    ratio: float | None
    compared: float
    """Share of the place's own time that is in shared steps."""
    pairs: int
    """Shared pairs of steps."""


def alike(one: Segments, other: Segments) -> bool:
    """Whether two logs tell of the same process."""
    first, second = (_steps(segments) for segments in (one, other))
    least = min(len(first), len(second))
    return bool(least) and len(first & second) >= ALIKE * least


def _steps(segments: Segments) -> set[str]:
    codes = np.unique(np.concatenate((segments.from_activity, segments.to_activity)))
    return {segments.activities[code] for code in codes.tolist()}


def same_steps(places: Sequence[Segments], least: int = SMALL_N) -> tuple[SameSteps, ...]:
    """Segments of each place → their times for the pairs of steps that each has ``least`` times or more."""
    tables = [_pairs(segments) for segments in places]
    shared = pd.concat([table["n"].rename(k) for k, table in enumerate(tables)], axis=1, join="inner")
    common = shared.index[(shared >= least).all(axis=1)]
    if not len(common):
        return tuple(SameSteps(None, 0.0, 0) for _ in tables)
    n = sum((table.loc[common, "n"] for table in tables), pd.Series(0.0, index=common))
    times = [float((table.loc[common, "total"] / table.loc[common, "n"] * n).sum()) for table in tables]
    average = sum(times) / len(times)
    return tuple(
        SameSteps(time / average if average else None, _compared(table, common), len(common))
        for time, table in zip(times, tables, strict=True)
    )


def _compared(table: pd.DataFrame, common: pd.Index) -> float:
    own = float(table["total"].sum())
    return float(table.loc[common, "total"].sum()) / own if own else 0.0


def _pairs(segments: Segments) -> pd.DataFrame:
    names = np.array(segments.activities, dtype=object)
    frame = pd.DataFrame(
        {"a": names[segments.from_activity], "b": names[segments.to_activity], "wait": segments.wait_us}
    )
    by = frame.groupby(["a", "b"])["wait"]
    return pd.DataFrame({"n": by.size().astype(float), "total": by.sum().astype(float)})
