"""Edges, hand-overs and offices of segments in codes, exact under any filter: the tables of a warm read.

Rows come as chunks of columns (``segment_rows``), as they lie in memory-mapped parts. A table is a DataFrame with one
row for each pair or office there is: its codes, ``n``, ``total_us`` (whole microseconds), ``mean_us``, ``median_us``
and ``p90_us`` (linear interpolation).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from analytics.core.buckets import spreads_of
from analytics.core.frames import Codes, Ints
from analytics.core.quantiles import Spread
from analytics.core.segment_rows import Columns

DENSE: Final = 1 << 20
"""Up to this many possible pairs a table of them all is cheaper than sorting those there are."""

EDGE_COLUMNS: Final = ("from_activity", "to_activity", "wait_us")
HANDOVER_COLUMNS: Final = ("from_office", "to_office", "wait_us")
OFFICE_COLUMNS: Final = ("office", "visits", "held_us")


def edges(chunks: Sequence[Columns]) -> pd.DataFrame:
    """Every pair of successive activities; ``from_activity``, ``to_activity``."""
    return _pairs(chunks, "from_activity", "to_activity")


def handovers(chunks: Sequence[Columns]) -> pd.DataFrame:
    """Segments whose office changes, by ``from_office`` and ``to_office``."""
    return _pairs([_moved(chunk) for chunk in chunks], "from_office", "to_office")


def offices(chunks: Sequence[Columns]) -> pd.DataFrame:
    """What each office held of a case: ``n`` is cases, and ``visits`` are theirs. Chunks are of the dwells."""
    count = 1 + max((int(chunk["office"].max()) for chunk in chunks if len(chunk["office"])), default=-1)
    measured = spreads_of([(chunk["office"], chunk["held_us"]) for chunk in chunks], count)
    visits = np.zeros(count, dtype=np.int64)
    for chunk in chunks:
        visits += np.bincount(chunk["office"], weights=chunk["visits"], minlength=count).astype(np.int64)
    there = np.flatnonzero([spread.n > 0 for spread in measured])
    return _table({"office": there, "visits": visits[there]}, [measured[code] for code in there])


def _moved(chunk: Columns) -> Columns:
    moved = np.flatnonzero(chunk["from_office"] != chunk["to_office"])
    return {name: chunk[name][moved] for name in HANDOVER_COLUMNS}


def _pairs(chunks: Sequence[Columns], first: str, second: str) -> pd.DataFrame:
    chunks = [chunk for chunk in chunks if len(chunk[first])]
    count = 1 + max((int(chunk[name].max()) for chunk in chunks for name in (first, second)), default=0)
    keys = [_keys(chunk[first], chunk[second], count) for chunk in chunks]
    found, groups = _dense(keys, count * count)
    measured = spreads_of([(group, chunk["wait_us"]) for group, chunk in zip(groups, chunks, strict=True)], len(found))
    return _table({first: found // count, second: found % count}, measured)


def _keys(first: Codes, second: Codes, count: int) -> Codes:
    if count < 1 << 15:
        return first.astype(np.int32) * np.int32(count) + second
    return first.astype(np.int64) * count + second


def _dense(keys: Sequence[Codes], size: int) -> tuple[Ints, list[Codes]]:
    """Return the keys there are, and each row's place among them."""
    if size > DENSE:
        found = np.unique(np.concatenate([np.unique(key) for key in keys]))
        return found.astype(np.int64), [np.searchsorted(found, key) for key in keys]
    there = np.zeros(size, dtype=np.bool_)
    for key in keys:
        there[key] = True
    found = np.flatnonzero(there)
    places = np.zeros(size, dtype=np.int32)
    places[found] = np.arange(len(found))
    return found, [places[key] for key in keys]


def _table(named: Columns, measured: Sequence[Spread]) -> pd.DataFrame:
    n = np.array([spread.n for spread in measured], dtype=np.int64)
    total = np.array([spread.total_us for spread in measured], dtype=np.int64)
    return pd.DataFrame(
        {
            **named,
            "n": n,
            "total_us": total,
            "mean_us": [spread.total_us / spread.n for spread in measured],
            "median_us": [spread.median_us for spread in measured],
            "p90_us": [spread.p90_us for spread in measured],
        }
    )
