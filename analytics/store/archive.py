"""The rows of the store as Parquet, for other tools and for keeping: one file a jurisdiction, family and month.

Codes become the words they stand for, times become timestamps in UTC; durations stay whole microseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.core.segment_rows import FAMILIES, Columns
from analytics.store.manifest import KINDS, Words, read_manifest
from analytics.store.reading import open_place

CODES = {**{kind: kind for kind in KINDS}, **{f"{way}_{what}": what for way in ("from", "to") for what in KINDS[:2]}}
"""Column → the kind of code it holds."""


def archive(folder: Path, target: Path) -> int:
    """Write every row that counts; the number of files. A file is whole or not there."""
    manifest = read_manifest(folder)
    places = sorted({part.place for part in manifest.parts}) if manifest else []
    count = 0
    for place in places:
        for family, month, columns, words in _months(folder, place):
            path = target / place / family / f"{np.datetime64(month, 'M')}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(".next")
            _readable(columns, words).to_parquet(fresh, compression="zstd", index=False)
            fresh.replace(path)
            count += 1
    return count


def _months(folder: Path, place: str) -> Iterator[tuple[str, int, Columns, Words]]:
    """All of one state: parts that a newer one removes stay open here."""
    rows = open_place(folder, place)
    if rows is None:
        return
    for family, mapped in rows.families.items():
        for month in sorted({one.part.month for one in mapped}):
            here = [one.living() for one in mapped if one.part.month == month]
            columns = {name: np.concatenate([chunk[name] for chunk in here]) for name in FAMILIES[family]}
            yield family, month, columns, rows.words


def _readable(columns: Columns, words: Words) -> pd.DataFrame:
    frame = pd.DataFrame(dict(columns))
    for name, kind in CODES.items():
        if name in columns:
            frame[name] = pd.Categorical.from_codes(columns[name], list(words[kind]))
    frame["at"] = pd.DatetimeIndex(columns["at_us"].view("datetime64[us]"), tz="UTC")
    return frame.drop(columns="at_us")
