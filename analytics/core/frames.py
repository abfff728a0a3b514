"""The three frames every kernel reads, and the few conversions they share.

``events``  case int64 · branch int16 · ts datetime64[us, UTC] · seq int64 · activity category · office category
            (``office`` is the office that holds the case *after* the event, ``unknown`` when the source is silent)
``holds``   case int64 · branch int16 · office category · sent_at · accepted_at · started_at · ended_at (NaT: not
            yet, or not recorded)
``cases``   case int64 · service category · area category · submitted_at · closed_at (NaT while open) · outcome category
            · channel category (the public reference is fetched for the rows that are shown)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints: TypeAlias = npt.NDArray[np.int64]
Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]
"""Whole numbers of any width."""
Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]

UNKNOWN: Final = "unknown"
MISSING: Final = int(np.iinfo(np.int64).min)
"""The integer that stands for "no time": the same one pandas keeps behind NaT."""

SMALL_N: Final = 30
"""Below this many cases a quantile is shown grey: one case more or less can move it."""

EVENT_COLUMNS: Final = ("case", "branch", "ts", "seq", "activity", "office")
HOLD_COLUMNS: Final = ("case", "branch", "office", "sent_at", "accepted_at", "started_at", "ended_at")
CASE_COLUMNS: Final = ("case", "service", "area", "submitted_at", "closed_at", "outcome", "channel")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class FrameError(ValueError):
    """A frame does not keep the contract; the message names the frame and the columns."""


def require(frame: pd.DataFrame, columns: Sequence[str], name: str) -> None:
    """Refuse a frame that lacks one of ``columns``."""
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise FrameError(
            f"The {name} frame lacks the column(s) {', '.join(missing)}; it must have {', '.join(columns)}."
        )


def microseconds(times: pd.Series | pd.DatetimeIndex) -> Ints:
    """Aware times → int64 microseconds since 1970 UTC, ``MISSING`` where the time is NaT."""
    index = pd.DatetimeIndex(times)
    if index.tz is None and len(index) and not index.isna().all():
        raise FrameError("A time column has no time zone; localise it to UTC before measuring.")
    return np.asarray(index.as_unit("us").asi8, dtype=np.int64)


def instant(at: datetime) -> int:
    """Turn an aware moment into integer microseconds since 1970 UTC."""
    if at.tzinfo is None:
        raise FrameError("A moment has no time zone; the clock gives aware times.")
    return (at - _EPOCH) // _MICROSECOND


def moment(at_us: int) -> datetime:
    """Turn microseconds back into an aware moment."""
    return _EPOCH + timedelta(microseconds=int(at_us))


def coded(values: pd.Series) -> tuple[Ints, tuple[str, ...]]:
    """Turn a text or category column into (codes int64, labels); missing values become ``unknown``."""
    codes, labels = narrow_coded(values)
    return codes.astype(np.int64), labels


def narrow_coded(values: pd.Series) -> tuple[Codes, tuple[str, ...]]:
    """Do the same with codes as narrow as they lie there: do arithmetic on them in a wider type."""
    category = values if isinstance(values.dtype, pd.CategoricalDtype) else values.astype("category")
    labels = [str(label) for label in category.cat.categories]
    codes: Codes = np.asarray(category.cat.codes)
    if not len(codes) or codes.min() >= 0:
        return codes, tuple(labels)
    if UNKNOWN not in labels:
        labels.append(UNKNOWN)
    return np.where(codes < 0, np.int64(labels.index(UNKNOWN)), codes), tuple(labels)


def starts_of_runs(*keys: Codes) -> Flags:
    """Mark where a sorted key column (or any of several) changes; the first row always starts a run."""
    size = len(keys[0])
    first = np.zeros(size, dtype=np.bool_)
    if size:
        first[0] = True
    for key in keys:
        first[1:] |= key[1:] != key[:-1]
    return first
