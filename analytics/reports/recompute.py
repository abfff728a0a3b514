"""“Recompute this”: the rows behind a table, the table, and some ten lines of pandas that make one from the other.

Whoever doubts a figure unpacks the archive and runs the script: it needs pandas and nothing of ours. A test runs
every such script there is.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pandas as pd

from analytics.reports.tables import Kind, Table

_BEFORE: Final = '''"""Makes the table again from its rows. Needs Python 3.11 and pandas; run it in this folder."""
import pandas as pd

rows = pd.read_csv("rows.csv", keep_default_na=False, na_values=[""], dtype=%s)
'''
_AFTER: Final = """
table = pd.read_csv("table.csv", encoding="utf-8-sig", keep_default_na=False, na_values=[""], dtype=%s)
table = table[list(result.columns)]
pd.testing.assert_frame_equal(result.reset_index(drop=True), table, check_dtype=False, rtol=1e-3, atol=6e-5)
print(result.to_string(index=False))
print("The same as the table of the page.")
"""


@dataclass(frozen=True, slots=True, eq=False)
class Recompute:
    """``rows`` gives the frame behind a table, when asked; ``script`` makes ``result`` of ``rows`` as pandas.

    ``result`` has columns of the table's file, named as there, in the order of its rows. Rows hold ids of cases, codes
    and times: no words of anybody.
    """

    rows: Callable[[], pd.DataFrame]
    script: str


def archive(table: Table, recompute: Recompute, facts: tuple[tuple[str, str], ...]) -> bytes:
    """Return a zip of rows.csv, table.csv, recompute.py and a README of ``facts`` (what and its words)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("README.txt", "".join(f"{what}: {words}\n" for what, words in facts))
        rows = recompute.rows()
        words = {str(name): "str" for name in rows if not _of_numbers(rows[name])}
        named = {column.key: "str" for column in table.columns if column.kind is Kind.TEXT}
        packed.writestr("rows.csv", rows.to_csv(index=False, lineterminator="\n"))
        packed.writestr("table.csv", "\ufeff" + table.csv())
        packed.writestr("recompute.py", f"{_BEFORE % words}\n{recompute.script.strip()}\n{_AFTER % named}")
    return out.getvalue()


def _of_numbers(column: pd.Series) -> bool:
    """Codes such as 0561 are words, and must stay so when they are read again."""
    return bool(pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column))


def parquet(table: Table) -> bytes:
    """Return the table as Parquet: the columns and numbers of its CSV file."""
    out = io.BytesIO()
    heads = table.heads()
    pd.DataFrame([dict(zip(heads, line, strict=True)) for line in table.lines()], columns=heads).to_parquet(out)
    return out.getvalue()
