"""A table as values: the page and its CSV file are written from the same rows, so they cannot differ."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext as _

from analytics.reports.wording import DAYS, Unit, amount, day, duration, number, percent

Value = str | int | float | date | None
FILE_DECIMALS: Final = 4
REFERENCE: Final = "reference"
"""The key of the column that names a case: a table that has it lists cases."""
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run as a formula by spreadsheets; an apostrophe in front makes it plain text."""


class Kind(StrEnum):
    """What a column holds, and so how it is written."""

    TEXT = "text"
    COUNT = "count"
    DURATION = "duration"
    CASE_DAYS = "case_days"
    SHARE = "share"
    DAY = "day"
    NUMBER = "number"
    """A number that counts no cases (a rank, a day, an average): 1 is nobody whom a shared report must hide."""


@dataclass(frozen=True, slots=True)
class Column:
    """``key`` heads the column in files and never changes; ``title`` is for readers."""

    key: str
    title: str
    kind: Kind = Kind.COUNT


@dataclass(frozen=True, slots=True)
class Cell:
    """One value: a duration in microseconds, a share 0 … 1, a count or words. ``cases`` leads to its cases.

    ``silent`` says that the source does not record the value: words for readers, an empty cell in files, never 0.
    """

    value: Value
    cases: Mapping[str, str] | None = None
    silent: bool = False


SILENT: Final = Cell(None, silent=True)


@dataclass(frozen=True, slots=True)
class Row:
    """``small`` says that so few cases stand behind the row that its quantiles are shown grey."""

    cells: tuple[Cell, ...]
    small: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """``name`` is its address; ``unit`` is the one all its durations are in.

    ``as_of`` (ISO 8601) and ``clock`` stand in the last columns of the file, so a saved file says what it measures.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    unit: Unit = field(default=DAYS)
    as_of: str = ""
    clock: str = ""

    def heading(self, column: Column) -> str:
        """Return the head of a column with its unit."""
        if column.kind is Kind.DURATION:
            return _("%(title)s (%(unit)s)") % {"title": column.title, "unit": self.unit.word}
        return column.title

    @property
    def has_small(self) -> bool:
        """Whether any row rests on few cases."""
        return any(row.small for row in self.rows)

    def words(self, column: Column, cell: Cell) -> str:
        """Write a cell in the reader’s language."""
        return _("not recorded") if cell.silent else self.text(column, cell.value)

    def text(self, column: Column, value: Value) -> str:
        """Write a value in the reader’s language; a dash for what cannot be said.

        A duration too short for the unit of the table is said in its own.
        """
        if value is None:
            return "–"
        if isinstance(value, str | date):
            return value if isinstance(value, str) else day(value)
        match column.kind:
            case Kind.SHARE:
                return percent(value)
            case Kind.DURATION:
                return duration(value) if 0 < value < self.unit.us / 10 else amount(value / self.unit.us)
            case Kind.CASE_DAYS:
                return amount(value / DAYS.us, 1 if value < 10 * DAYS.us else 0)
        return number(value)

    def plain(self, column: Column, value: Value) -> Value:
        """Turn a value into the number a file holds; the page shows the same one, rounded further."""
        if value is None or isinstance(value, str | date):
            return value
        match column.kind:
            case Kind.DURATION:
                return round(value / self.unit.us, FILE_DECIMALS)
            case Kind.CASE_DAYS:
                return round(value / DAYS.us, FILE_DECIMALS)
            case Kind.SHARE:
                return round(value, FILE_DECIMALS)
        return value

    def csv(self) -> str:
        """Write the table as a file for spreadsheets: one header line, numbers with a point, safe text."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(self.heads())
        writer.writerows([spreadsheet_safe(value) for value in line] for line in self.lines())
        return out.getvalue()

    def heads(self) -> list[str]:
        """Return the names of the file's columns."""
        return [*(self._key(column) for column in self.columns), "as_of", "clock"]

    def lines(self) -> list[list[Value]]:
        """Return the rows as a file holds them: plain numbers, and on each line what it measures."""
        cells = [zip(self.columns, row.cells, strict=True) for row in self.rows]
        return [[*(self.plain(column, cell.value) for column, cell in row), self.as_of, self.clock] for row in cells]

    def _key(self, column: Column) -> str:
        return f"{column.key}_{self.unit.code}" if column.kind is Kind.DURATION else column.key


def spreadsheet_safe(value: Value) -> Value:
    """Return a value that no spreadsheet runs as a formula; nothing is an empty cell."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return "" if value is None else value
