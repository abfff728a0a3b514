"""The ways cases take through offices or steps: which there are, who takes each.

A way is the whole sequence, compared as it is and not by a hash. *Once* names every place where it is first reached, so
going round a loop twice is the same way as going round it once, or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from analytics.core.frames import Ints, starts_of_runs


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """One row per case, by case."""

    case: Ints
    way: Ints
    """Its place in ``ways``."""
    ways: tuple[tuple[int, ...], ...]
    """The codes of the places of each."""


def ways(case: Ints, place: Ints, *, once: bool = False) -> Ways:
    """Places in order, the rows of a case together (n,) → its way."""
    if once:
        number = np.cumsum(starts_of_runs(case))
        kept = np.sort(np.unique(number * (int(place.max(initial=0)) + 1) + place, return_index=True)[1])
        case, place = case[kept], place[kept]
    starts = np.flatnonzero(starts_of_runs(case))
    flat = place.astype(np.int32).tobytes()
    known: dict[bytes, int] = {}
    ends = [*(starts * 4).tolist(), len(flat)]
    way = [known.setdefault(flat[begin:end], len(known)) for begin, end in pairwise(ends)]
    found = tuple(tuple(np.frombuffer(key, dtype=np.int32).tolist()) for key in known)
    return Ways(case[starts], np.array(way, dtype=np.int64), found)
