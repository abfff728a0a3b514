"""Rows that could not be loaded: a CSV that a person opens in a spreadsheet and repairs by."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

HEADER = ("row", "column", "reason", "value")
SHOWN = 200
"""Characters of a value that are shown."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_FORMULA = ("=", "+", "-", "@", "|", "%")


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that was not loaded: its row (a header is row 1), the column, the reason, what stood there."""

    row: int
    column: str
    reason: str
    value: str = ""


def neutral(value: str) -> str:
    """A value that no spreadsheet will run: without control characters, never starting a formula, at most 200 long."""
    shown = _CONTROL.sub(" ", value).strip()[:SHOWN]
    return f"'{shown}" if shown.startswith(_FORMULA) else shown


class RejectsFile:
    """Writes rejects as they come. The file is made with the first one, so no rejects leave no file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.by_reason: dict[str, int] = {}
        self._stream: IO[str] | None = None
        self._rows: Any = None

    def __enter__(self) -> Self:
        self.path.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream:
            self._stream.close()

    def add(self, reject: Reject) -> None:
        """Write one reject and count it by column and reason."""
        if self._stream is None:
            self._stream = self.path.open("w", encoding="utf-8", newline="")
            self._rows = csv.writer(self._stream)
            self._rows.writerow(HEADER)
        self._rows.writerow((reject.row, neutral(reject.column), reject.reason, neutral(reject.value)))
        self.count += 1
        told = f"{reject.column}: {reject.reason}" if reject.column else reject.reason
        self.by_reason[told] = self.by_reason.get(told, 0) + 1
