"""A table ready for a template: words, addresses and which rows are shown first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from analytics.reports.picture import Link
from analytics.reports.tables import REFERENCE, Cell, Column, Kind, Row, Table

SHOWN_FIRST: Final = 8
SHOWN_AT_MOST: Final = 400
WORDS: Final = (Kind.TEXT, Kind.DAY)


@dataclass(frozen=True, slots=True)
class CellView:
    """``heading`` is repeated at the cell on narrow screens, where the table stands as cards."""

    text: str
    heading: str
    is_number: bool
    address: str
    value: str
    """The number behind the text, for sorting; empty when there is none."""


@dataclass(frozen=True, slots=True)
class RowView:
    """The first cell names the row."""

    name: CellView
    cells: tuple[CellView, ...]
    small: bool


@dataclass(frozen=True, slots=True)
class TableView:
    """``first`` are shown at once, ``rest`` when asked for."""

    caption: str
    headings: tuple[tuple[str, bool], ...]
    first: tuple[RowView, ...]
    rest: tuple[RowView, ...]
    file: str
    has_small: bool
    more: tuple[tuple[str, str], ...] = ()
    """Further files of it: name and address."""
    beyond: int = 0
    """Rows that only the files have: a page of thousands is of no use to anybody."""


def table_view(
    table: Table, link: Link, file: str, most: int = SHOWN_FIRST, more: tuple[tuple[str, str], ...] = ()
) -> TableView:
    """Prepare a table. A table only a little longer than ``most`` is shown whole."""
    rows = tuple(_row(table, row, link) for row in table.rows[:SHOWN_AT_MOST])
    cut = most if len(rows) > most + 3 else len(rows)
    return TableView(
        caption=table.caption,
        headings=tuple((table.heading(column), column.kind not in WORDS) for column in table.columns),
        first=rows[:cut],
        rest=rows[cut:],
        file=file,
        has_small=table.has_small,
        more=more,
        beyond=len(table.rows) - len(rows),
    )


def _row(table: Table, row: Row, link: Link) -> RowView:
    cells = tuple(_cell(table, column, cell, link) for column, cell in zip(table.columns, row.cells, strict=True))
    return RowView(cells[0], cells[1:], row.small)


def _cell(table: Table, column: Column, cell: Cell, link: Link) -> CellView:
    address = link(cell.cases) if cell.cases and cell.value else ""
    if column.key == REFERENCE and cell.value:
        address = f"/requests/{cell.value}/"
    return CellView(
        text=table.words(column, cell),
        heading=table.heading(column),
        is_number=column.kind not in WORDS,
        address=address,
        value=str(cell.value) if isinstance(cell.value, int | float) else "",
    )
