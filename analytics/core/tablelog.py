"""Event logs as tables, whole columns at a time: .csv, .csv.gz and .parquet through Arrow.

A report needs four columns of a log and no line numbers, so nothing here makes one Python object per event. Values stay
what they are: no trimming, no word that means "missing". Only an empty or blank cell is missing.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from analytics.core.frames import UNKNOWN, Codes, Flags
from analytics.core.logrows import EventLogError

SPACES: Final = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
BLOCK: Final = 1 << 24
"""Bytes of a CSV file in work at once; a single cell must be smaller."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """One entry per event of the file, in its order. Codes are −1 where the cell is empty."""

    case: Codes
    activity: Codes
    office: Codes
    times: pd.Series
    """Text, or aware times where the file types them."""
    activities: tuple[str, ...]
    offices: tuple[str, ...]
    office_from: str | None
    dropped: Counter[str]
    """Rows that were no rows at all: reason → count."""


def read_columns(
    path: Path, names: tuple[str, str, str], offices: tuple[str, ...], encoding: str = "utf-8-sig"
) -> Columns:
    """Read the columns of case, activity and time (``names``) and the first office column that says something.

    Raises ``EventLogError`` for a file that is not a table, or lacks a column asked for.
    """
    parquet = path.name.lower().endswith(".parquet")
    dropped: Counter[str] = Counter()
    try:
        found = _parquet_names(path) if parquet else _csv_names(path, encoding)
        chosen = _chosen(found, names, offices)
        if parquet:
            table = _parquet_table(path, list(dict.fromkeys(chosen)), keep=chosen[2])
        else:
            table = _csv_table(path, found, _kinds(chosen), encoding, dropped)
    except (pa.ArrowException, OSError, EOFError, UnicodeDecodeError, LookupError, csv.Error) as error:
        raise _unreadable(path, error) from error
    case, _cases = _coded(table[chosen[0]])
    activity, activities = _coded(table[chosen[1]])
    office, labels, office_from = _offices(table, chosen[3:])
    return Columns(
        case,
        activity,
        office,
        _times(table[chosen[2]], chosen[2]),
        _words(activities),
        labels,
        office_from,
        dropped,
    )


def _csv_names(path: Path, encoding: str) -> list[str]:
    """Return the header's cells as they stand; Arrow reads the rows."""
    with _opened(path) as stream:
        line = _first_line(stream).decode(encoding)
    return next(csv.reader([line], delimiter=_separator(line)), [])


def _first_line(stream: pa.NativeFile) -> bytes:
    head = b""
    while b"\n" not in head and (more := stream.read(1 << 16)):
        head += more
    return head.partition(b"\n")[0].rstrip(b"\r")


def _separator(line: str) -> str:
    return max(",;\t", key=line.count)


def _opened(path: Path) -> pa.NativeFile:
    return pa.input_stream(str(path), compression="gzip" if path.name.lower().endswith(".gz") else None)


def _kinds(chosen: list[str]) -> dict[str, pa.DataType]:
    """Words become dictionary codes as they are read; times stay text."""
    return dict.fromkeys(chosen, pa.dictionary(pa.int32(), pa.string())) | {chosen[2]: pa.string()}


def _csv_table(
    path: Path, header: list[str], kinds: dict[str, pa.DataType], encoding: str, dropped: Counter[str]
) -> pa.Table:
    with _opened(path) as stream:
        line = _first_line(stream).decode(encoding)
    with _opened(path) as stream:
        return pacsv.read_csv(
            stream,
            read_options=pacsv.ReadOptions(
                encoding="utf8" if encoding.lower().startswith("utf-8") else encoding,
                block_size=BLOCK,
                column_names=header,
                skip_rows=1,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=_separator(line), newlines_in_values=True, invalid_row_handler=_counter_of_rows(dropped)
            ),
            convert_options=pacsv.ConvertOptions(
                include_columns=list(kinds), column_types=kinds, strings_can_be_null=False
            ),
        )


def _counter_of_rows(dropped: Counter[str]) -> Callable[[Any], str]:
    def count(row: Any) -> str:
        dropped["incomplete_row"] += 1
        return "skip"

    return count


def _parquet_table(path: Path, wanted: list[str], keep: str) -> pa.Table:
    """Words come as the dictionary codes they are stored in, all but those of the column to ``keep``."""
    schema = pq.read_schema(path)
    words = [name for name in wanted if name != keep and pa.types.is_string(_plain(schema.field(name).type))]
    with pq.ParquetFile(path, read_dictionary=words, pre_buffer=False) as file:  # a column at a time: half the memory
        return pa.table({name: file.read(columns=[name])[name] for name in wanted})


def _plain(kind: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_large_string(kind) else kind


def _parquet_names(path: Path) -> list[str]:
    return list(pq.read_schema(path).names)


def _chosen(found: list[str], names: tuple[str, str, str], offices: tuple[str, ...]) -> list[str]:
    """Return the columns to read, as the file spells them: case, activity, time, then every office column it has."""
    spelled: dict[str, str] = {}
    for name in found:
        spelled.setdefault(name.strip(), name)
    wanted = list(zip(names, ("--case", "--activity", "--timestamp"), strict=True))
    if len(offices) == 1:
        wanted.append((offices[0], "--office"))
    for name, option in wanted:
        if name.strip() not in spelled:
            raise no_column(name, option, list(spelled))
        if [one.strip() for one in found].count(name.strip()) > 1:
            raise twice(name)
    return [spelled[name.strip()] for name in (*names, *offices) if name.strip() in spelled]


def no_column(name: str, option: str, found: list[str]) -> EventLogError:
    """Say which column is missing and which there are."""
    there = ", ".join(found) or "none"
    return EventLogError(
        f"The log has no column {name!r}. Name the right one with {option}; its columns are: {there}.",
        f"Le journal n’a pas de colonne {name!r}. Nommez la bonne avec {option} ; ses colonnes sont : {there}.",
    )


def twice(name: str) -> EventLogError:
    """Say that two columns carry one name, so neither can be chosen."""
    return EventLogError(
        f"The log has two columns named {name!r}. Rename one of them.",
        f"Le journal a deux colonnes nommées {name!r}. Renommez l’une d’elles.",
    )


def _unreadable(path: Path, error: Exception) -> EventLogError:
    if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
        return EventLogError(
            f"{path} cannot be opened ({error.strerror}). Check the path.",
            f"Impossible d’ouvrir {path} ({error.strerror}). Vérifiez le chemin.",
        )
    reason = " ".join(str(error).split())[:200]
    return EventLogError(
        f"{path.name} cannot be read as a table to its end ({reason}). Fetch or export it again.",
        f"Impossible de lire {path.name} comme tableau jusqu’à la fin ({reason}). Récupérez-le ou exportez-le de "
        "nouveau.",
    )


def _coded(column: pa.ChunkedArray) -> tuple[Codes, pa.Array]:
    """Text, number or dictionary column → (codes, labels); −1 where the cell is empty or blank."""
    if not _is_words(column):
        column = _as_text(column).dictionary_encode()
    encoded = column.combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):  # no rows at all
        return np.zeros(0, dtype=np.int32), pa.array([], pa.string())
    indices = pc.fill_null(encoded.indices, -1) if encoded.null_count else encoded.indices
    codes = _narrowed(indices.to_numpy(zero_copy_only=False), len(encoded.dictionary))
    blank = pc.equal(pc.binary_length(pc.utf8_trim(encoded.dictionary, SPACES)), 0).to_numpy(zero_copy_only=False)
    if blank.any():  # the last entry answers for code −1
        codes = np.where(np.append(blank, True)[codes], codes.dtype.type(-1), codes)
    return codes, encoded.dictionary


def _narrowed(codes: Codes, count: int) -> Codes:
    """Few labels fit a byte or two, which is quicker to move about."""
    kind = next(kind for kind in (np.int8, np.int16, np.int32, np.int64) if count <= np.iinfo(kind).max)
    return codes.astype(kind, copy=False)


def _is_words(column: pa.ChunkedArray) -> bool:
    """Whether the column is codes of words that are each there once."""
    kind = column.type
    if not pa.types.is_dictionary(kind) or not pa.types.is_signed_integer(kind.index_type):
        return False
    if not pa.types.is_string(_plain(kind.value_type)):
        return False
    return all(chunk.dictionary.null_count == 0 for chunk in column.chunks)


def _words(labels: pa.Array) -> tuple[str, ...]:
    return tuple(str(label) for label in labels.to_pylist())


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Numbers as people write them: a whole number kept as float because one cell was empty is 561, not 561.0."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_floating(column.type):
        values = column.to_numpy()
        whole = np.isnan(values) | (values == np.floor(values))
        if bool(whole.all()) and bool((np.abs(values[~np.isnan(values)]) < 2**53).all()):
            column = pa.chunked_array([pa.array(values, from_pandas=True)]).cast(pa.int64())
    return column.cast(pa.string())


def _offices(table: pa.Table, names: list[str]) -> tuple[Codes, tuple[str, ...], str | None]:
    """Return the first office column that says something, row by row; ``unknown`` where none does."""
    codes: Codes = np.full(len(table), -1, dtype=np.int8)
    labels: dict[str, int] = {}
    office_from: str | None = None
    for name in names:
        here, found = _coded(table[name])
        places = np.array([labels.setdefault(word, len(labels)) for word in _words(found)] + [-1], dtype=np.int32)
        if office_from is None and bool((here >= 0).any()):
            office_from = name.strip()
        codes = np.where(codes < 0, _narrowed(places, len(labels))[here], codes)
    unknown = np.array(labels.setdefault(UNKNOWN, len(labels)), dtype=np.int32)
    return np.where(codes < 0, _narrowed(unknown, len(labels)), codes), tuple(labels), office_from


def _times(column: pa.ChunkedArray, name: str) -> pd.Series:
    """Times the file types become aware (UTC where it names no zone); text stays text, trimmed."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_date(kind):
        column, kind = column.cast(pa.timestamp("us")), pa.timestamp("us")
    if pa.types.is_timestamp(kind):
        utc = column.cast(pa.timestamp("us", tz=kind.tz or "UTC"), safe=False)
        return pd.Series(utc.to_pandas()).dt.tz_convert("UTC")
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pd.Series(pc.fill_null(pc.utf8_trim_whitespace(column), "").to_pandas(), dtype="str")
    raise EventLogError(
        f"The column {name!r} holds {kind}, which says no unit and no zone. "
        "Write times as ISO 8601 text or as timestamps.",
        f"La colonne {name!r} contient {kind}, sans unité ni fuseau. Écrivez les heures en texte ISO 8601 ou en "
        "horodatages.",
    )


def missing(codes: Codes) -> Flags:
    """Mark the events whose cell is empty."""
    flags: npt.NDArray[np.bool_] = codes < 0
    return flags
