"""Event logs as tables: one line per event, read as a stream."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import IO, Final

from analytics.core.logrows import EventLogError, LogRow, Reject, keep_or_reject

CASE_PREFIX: Final = "case:"
FIELD_LIMIT: Final = 1_000_000
"""Characters in one cell; more is a broken quote, not a value."""


def read_csv_rows(
    stream: IO[bytes], case: str, activity: str, timestamp: str, offices: tuple[str, ...], encoding: str
) -> Iterator[LogRow | Reject]:
    """Lines → rows. The separator (comma, semicolon or tab) is the one that splits the header best."""
    csv.field_size_limit(FIELD_LIMIT)
    try:
        lines = io.TextIOWrapper(stream, encoding=encoding, newline="")
        header_line = lines.readline()
        separator = max(",;\t", key=header_line.count)
        header = next(csv.reader([header_line], delimiter=separator), [])
        where = _places(header, case, activity, timestamp, offices)
        names = (case, activity, timestamp)
        reader = csv.reader(lines, delimiter=separator)
        for cells in reader:
            if not cells:
                continue
            place = reader.line_num + 1
            if len(cells) != len(header):
                yield Reject(place, "", "incomplete_row", f"{len(cells)} of {len(header)} cells")
                continue
            yield keep_or_reject(_row(place, [cell.strip() for cell in cells], where, names, offices), names)
    except (UnicodeDecodeError, LookupError) as error:
        raise EventLogError(
            f"The file is not written in {encoding}. Save it as UTF-8 or name its encoding (--encoding).",
            f"Le fichier n’est pas écrit en {encoding}. Enregistrez-le en UTF-8 ou nommez son codage (--encoding).",
        ) from error
    except csv.Error as error:
        raise EventLogError(
            f"The table cannot be read ({error}). Check the quotes around cells.",
            f"Impossible de lire le tableau ({error}). Vérifiez les guillemets autour des cellules.",
        ) from error


def _places(header: list[str], case: str, activity: str, timestamp: str, offices: tuple[str, ...]) -> dict[str, int]:
    """Column name → position; refuses a table without its three columns, or without the office column asked for."""
    where = {name.strip(): position for position, name in enumerate(header)}
    wanted = [(case, "--case"), (activity, "--activity"), (timestamp, "--timestamp")]
    if len(offices) == 1:
        wanted.append((offices[0], "--office"))
    for name, option in wanted:
        if name not in where:
            found = ", ".join(where) or "none"
            raise EventLogError(
                f"The log has no column {name!r}. Name the right one with {option}; its columns are: {found}.",
                f"Le journal n’a pas de colonne {name!r}. Nommez la bonne avec {option} ; ses colonnes sont : {found}.",
            )
    return where


def _row(
    place: int, cells: list[str], where: dict[str, int], names: tuple[str, str, str], offices: tuple[str, ...]
) -> LogRow:
    office_from = next((name for name in offices if name in where and cells[where[name]]), "")
    attributes = {
        name.removeprefix(CASE_PREFIX): cells[position]
        for name, position in where.items()
        if name.startswith(CASE_PREFIX) and name != names[0] and cells[position]
    }
    case, activity, timestamp = (cells[where[name]] for name in names)
    return LogRow(
        place, case, activity, timestamp, cells[where[office_from]] if office_from else "", office_from, attributes
    )
