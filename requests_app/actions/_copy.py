"""Writing rows with COPY."""

import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.gis.geos import Point

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True)
class CopyTable:
    """A table and the columns a COPY fills, in order."""

    name: str
    columns: tuple[str, ...]

    def copy(self, cursor: Any, rows: Sequence[Iterable[Any]]) -> None:
        """Copy rows in PostgreSQL's text format; nothing is sent when there are none."""
        if not rows:
            return
        lines = io.StringIO()
        for row in rows:
            lines.write("\t".join(map(as_copy_text, row)))
            lines.write("\n")
        lines.seek(0)
        names = ", ".join(f'"{c}"' for c in self.columns)
        cursor.copy_expert(f'COPY "{self.name}" ({names}) FROM STDIN', lines)


def as_copy_text(value: Any) -> str:
    """One value in COPY's text format: backslash N for NULL, EWKT for points, ISO 8601 for times."""
    match value:
        case None:
            return r"\N"
        case bool():
            return "t" if value else "f"
        case str():
            return str(value).translate(_ESCAPES)
        case int() | float():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case Point():
            return f"SRID=4326;POINT({value.x!r} {value.y!r})"
        case tuple((lon, lat)):
            return f"SRID=4326;POINT({float(lon)!r} {float(lat)!r})"
        case dict() | list():
            return json.dumps(value, ensure_ascii=False).translate(_ESCAPES)
    raise TypeError(f"no COPY form for {type(value).__name__}")
