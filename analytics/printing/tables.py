"""The tables of frozen reports for spreadsheets: every row, however few of them are printed."""

from __future__ import annotations

import csv
import io

from analytics.reports.frozen import Content
from analytics.reports.tables import spreadsheet_safe


def csv_of(table: Content) -> str:
    """Write a frozen table as a file: the names of files for its columns, plain numbers, safe text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(column["key"] for column in table["columns"])
    writer.writerows([spreadsheet_safe(_plain(cell)) for cell in row["cells"]] for row in table["rows"])
    return out.getvalue()


def _plain(cell: Content) -> str | float | None:
    value: float | None = cell["value"]
    return cell["text"] if value is None else value
