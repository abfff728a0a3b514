"""Parts on disk: one Arrow IPC file of plain columns each, mapped into memory and never changed.

Rows are ordered by ``at_us``, so a period is a slice. Codes are as narrow as they fit; times and durations are int64.
Which rows count no more is a file of its own beside the part, one byte a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final
from uuid import uuid4

import numpy as np
import pyarrow as pa

from analytics.core.frames import MISSING, Flags, Ints
from analytics.core.segment_rows import FAMILIES, Columns
from analytics.store.manifest import Part, StoreDamaged

WIDE: Final = frozenset({"wait_us", "held_us", "at_us"})
_WIDTHS: Final = (np.int8, np.int16, np.int32, np.int64)


def months(at_us: Ints) -> Ints:
    """Microseconds → months since January 1970."""
    return at_us.view("datetime64[us]").astype("datetime64[M]").astype(np.int64)


def in_time_order(columns: Columns) -> Columns:
    """The rows ordered by their time; those of one time in any order."""
    order = np.argsort(columns["at_us"])
    return {name: values[order] for name, values in columns.items()}


def by_month(unordered: Columns) -> Iterator[tuple[int, Columns]]:
    """Each month there are rows of, with its rows in the order of their time."""
    columns = in_time_order(unordered)
    month_of = months(columns["at_us"])
    edges = np.flatnonzero(np.diff(month_of, prepend=MISSING, append=MISSING))
    for begin, end in pairwise(edges.tolist()):
        yield int(month_of[begin]), {name: values[begin:end] for name, values in columns.items()}


def write_part(folder: Path, place: str, family: str, month: int, columns: Columns) -> Part:
    """Write rows of one month, which stand in the order of their time."""
    arrays = {name: pa.array(_narrow(name, columns[name])) for name in FAMILIES[family]}
    batch = pa.record_batch(list(arrays.values()), names=list(arrays))
    name = f"{place}-{family}-{month}-{uuid4().hex[:12]}.arrow"
    with pa.OSFile(str(folder / name), "wb") as stream, pa.ipc.new_file(stream, batch.schema) as writer:
        writer.write_batch(batch)
    return Part(place, family, month, name, batch.num_rows)


def read_part(folder: Path, part: Part) -> Columns:
    """Map every column of a part, dead rows too; FileNotFoundError when a newer state has removed it."""
    try:
        with pa.memory_map(str(folder / part.file)) as source:
            batch = pa.ipc.open_file(source).get_batch(0)
    except pa.ArrowInvalid as error:
        raise StoreDamaged(f"{part.file} cannot be read") from error
    if batch.num_rows != part.rows:
        raise StoreDamaged(f"{part.file} holds {batch.num_rows} rows, not {part.rows}")
    return {name: batch.column(name).to_numpy(zero_copy_only=True) for name in FAMILIES[part.family]}


def read_dead(folder: Path, part: Part) -> Flags | None:
    """Which rows of the part count no more; ``None`` when all do."""
    return np.load(folder / part.dead) if part.dead else None


def write_dead(folder: Path, dead: Flags) -> str:
    """Write which rows count no more; the name of the file."""
    name = f"dead-{uuid4().hex[:16]}.npy"
    np.save(folder / name, dead)
    return name


def living(folder: Path, part: Part) -> Columns:
    """The rows of a part that count."""
    columns = read_part(folder, part)
    dead = read_dead(folder, part)
    return columns if dead is None else {name: values[~dead] for name, values in columns.items()}


def _narrow(name: str, values: Ints) -> Ints:
    if name in WIDE or not len(values):
        return values.astype(np.int64)
    least, most = int(values.min()), int(values.max())
    width = next(kind for kind in _WIDTHS if np.iinfo(kind).min <= least and most <= np.iinfo(kind).max)
    return values.astype(width)
