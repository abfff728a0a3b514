"""Files → records: CSV (also .gz) and JSON lines, a mapping of column to text per row, or why there is none."""

import csv
import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from requests_app.imports.errors import ImportRefused
from requests_app.imports.rejects import Reject
from requests_app.imports.source import Source

LONGEST_CELL = 1_000_000
LONGEST_RECORD = 500
"""Lines one CSV row may run over; more is a quote that was never closed."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its number as a spreadsheet shows it (a header is row 1), and text by column."""

    row: int
    values: Mapping[str, str]


def read_records(path: Path, source: Source) -> Iterator[Record | Reject]:
    """The rows of a file in order. ImportRefused, one sentence, when the file cannot be read as the source says."""
    reader = _csv_records if source.format == "csv" else _json_records
    try:
        with opened(path) as stream:
            yield from reader(io.TextIOWrapper(stream, encoding=source.encoding, newline=""), path.name, source)
    except UnicodeDecodeError:
        line = _first_undecodable(path, source.encoding)
        raise ImportRefused(
            f"{path.name} is not written in {source.encoding}: line {line} cannot be read. Save the file as UTF-8."
        ) from None


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked when it ends in .gz; ImportRefused when it cannot be read to its end."""
    try:
        with cast("IO[bytes]", gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb")) as stream:
            yield stream
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise ImportRefused(
            f"{path.name} is cut short or damaged: it cannot be unpacked to its end. Fetch the file again."
        ) from None
    except OSError as error:
        raise ImportRefused(f"{path} cannot be opened ({error.strerror}). Check the path.") from None


def digest_of(path: Path) -> str:
    """SHA-256 of the unpacked file, so that a packed copy of a file is the same file."""
    with opened(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]


def rejects_path(path: Path, chosen: Path | None) -> Path:
    """Where the rejects go: never over the file that is read."""
    rejects = chosen or Path(f"{path.name}.rejects.csv")
    if rejects.resolve() == path.resolve():
        raise ImportRefused(f"--rejects names the file itself, {path}. Name another one.")
    return rejects


def _csv_records(lines: IO[str], name: str, source: Source) -> Iterator[Record | Reject]:
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines, strict=True)
    header = [cell.strip() for cell in next(reader, [])]
    if not header:
        raise ImportRefused(f"{name} is empty: there is no header row. Fetch the file again.")
    _require_columns(header, name, source)
    for row, cells in enumerate(_rows(reader, name), start=2):
        if not cells:
            continue
        if isinstance(cells, str):
            yield Reject(row, "", f"The row is not CSV ({cells}); the file may have been cut short here.")
        elif len(cells) != len(header):
            reason = f"The row has {len(cells)} cells, the header {len(header)}; the file may have been cut short here."
            yield Reject(row, "", reason, ",".join(cells))
        else:
            yield Record(row, dict(zip(header, cells, strict=True)))


def _rows(reader: Any, name: str) -> Iterator[list[str] | str]:
    """Cells of each row, none for a blank one, or what was wrong with it."""
    while True:
        begins = reader.line_num
        try:
            cells: list[str] | str = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            cells = str(error)
        if reader.line_num - begins > LONGEST_RECORD:
            raise ImportRefused(
                f"{name}: the row that begins on line {begins + 1} runs over more than {LONGEST_RECORD} lines. "
                "A quote is opened there and never closed: repair that line."
            )
        yield cells


def _require_columns(header: list[str], name: str, source: Source) -> None:
    for part, columns in source.columns.items():
        if not set(columns) & set(header):
            raise ImportRefused(
                f"{name} has no column “{' or '.join(columns)}” (the {part.replace('_', ' ')}), which source "
                f"{source.name} needs. Its columns are: {', '.join(header[:60])}."
            )


def _json_records(lines: IO[str], name: str, source: Source) -> Iterator[Record | Reject]:
    wanted = {column for columns in source.columns.values() for column in columns}
    wanted |= {rule.column for rule in source.outcome_rules}
    row = 0
    for row, line in enumerate(lines, start=1):
        if line.strip():
            yield _json_record(row, line, wanted)
    if row == 0:
        raise ImportRefused(f"{name} is empty: there is no line of JSON. Fetch the file again.")


def _json_record(row: int, line: str, wanted: set[str]) -> Record | Reject:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return Reject(row, "", "The line is not a complete JSON object; the file may have been cut short here.", line)
    if not isinstance(told, dict):
        return Reject(row, "", "The line is JSON but no object with named fields.", line)
    return Record(row, {column: _at(told, column) for column in wanted})


def _at(told: Mapping[str, Any], column: str) -> str:
    """The text at a dotted path such as request_type.title; "" where there is nothing."""
    value: Any = told
    for key in column.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return "" if value is None or isinstance(value, dict | list) else str(value)


def _first_undecodable(path: Path, encoding: str) -> int:
    with opened(path) as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError:
                return number
    return 1
