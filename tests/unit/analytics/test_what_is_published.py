"""What a shared report hides: rows of few cases, and not the row that stands first."""

from django.utils import translation

from analytics.reports.frozen import published
from analytics.reports.tables import Cell, Column, Kind, Row, Table


def written(table: Table, column: Column, cell: Cell) -> dict:
    return {"text": table.words(column, cell), "value": cell.value if isinstance(cell.value, int) else None}


def content(*rows: Row) -> dict:
    columns = (Column("office", "Office", Kind.TEXT), Column("waits", "Waits"), Column("rank", "Rank", Kind.NUMBER))
    table = Table("t", "T", columns, rows)
    pairs = [(row, zip(columns, row.cells, strict=True)) for row in rows]
    cells = [{"small": row.small, "cells": [written(table, *pair) for pair in cells]} for row, cells in pairs]
    heads = [{"title": column.title, "kind": column.kind, "key": column.key} for column in columns]
    section = {"id": "t", "title": "T", "sentence": "Roads is first.", "notes": [], "basis": {"n": "", "left_out": []}}
    section["table"] = {"caption": "T", "columns": heads, "rows": cells}
    return {"n": 7_000, "headline": "Roads is first.", "more": [], "warnings": [], "sections": [section]}


def test_the_first_in_an_order_is_no_single_case():
    whole = content(Row((Cell("Roads"), Cell(7_209), Cell(1))), Row((Cell("Parks"), Cell(900), Cell(2))))
    assert published(whole) == whole


def test_a_row_of_few_and_the_next_smallest_are_hidden_with_every_sentence():
    rows = (("Roads", 7_209, 1), ("Parks", 900, 2), ("Fire", 40, 3), ("Plans", 3, None))
    with translation.override("en"):
        shown = published(content(*(Row((Cell(name), Cell(waits), Cell(rank))) for name, waits, rank in rows)))
    (section,) = shown["sections"]
    assert [row["cells"][1]["text"] for row in section["table"]["rows"]] == ["7,209", "900", "too few", "too few"]
    assert "Roads" not in shown["headline"] + section["sentence"]
