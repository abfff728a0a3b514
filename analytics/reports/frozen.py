"""A page of a report as plain words and numbers, so that it can be kept; and what of it is for people without account.

``content`` is JSON: title, question, place, headline, warnings, cohort, as_of and n, and ``sections`` of id, title,
sentence, notes, basis and, where there is one, table. No case, no reference, no link to either.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from django.utils.translation import gettext as _

from analytics.core.frames import SMALL_N
from analytics.reports.sections import Section, Subject
from analytics.reports.tables import Cell, Column, Kind, Row, Table

Content = dict[str, Any]
FEWEST: Final = 5
"""Counts below this are not published: somebody could be recognised."""


def content_of(
    subject: Subject,
    title: str,
    question: str,
    said: Sequence[str],
    warnings: Sequence[str],
    sections: Sequence[Section],
) -> Content:
    """Write a page down. ``said`` are its opening sentences, the headline first."""
    return {
        "title": title,
        "question": question,
        "place": subject.measured.source.jurisdiction.name,
        "provenance": subject.measured.source.jurisdiction.provenance,
        "headline": said[0] if said else "",
        "more": list(said[1:]),
        "warnings": list(warnings),
        "cohort": subject.cohort,
        "as_of": subject.as_of,
        "n": subject.measured.n,
        "sections": [_section(section) for section in sections],
    }


def digest_of(content: Content) -> str:
    """Return the SHA-256 of a content: whoever has it can tell whether a word was changed."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _section(section: Section) -> Content:
    return {
        "id": section.id,
        "title": section.title,
        "sentence": section.sentence,
        "notes": [*section.notes, *section.after],
        "basis": asdict(section.basis),
        "table": _table(section.table) if section.table else None,
    }


def _table(table: Table) -> Content:
    return {
        "caption": table.caption,
        "columns": [
            {"title": table.heading(column), "kind": column.kind, "key": key}
            for column, key in zip(table.columns, table.heads(), strict=False)
        ],
        "rows": [_row(table, row) for row in table.rows],
    }


def _row(table: Table, row: Row) -> Content:
    return {"small": row.small, "cells": [_cell(table, *pair) for pair in zip(table.columns, row.cells, strict=True)]}


def _cell(table: Table, column: Column, cell: Cell) -> Content:
    plain = table.plain(column, cell.value)
    return {"text": table.words(column, cell), "value": plain if isinstance(plain, int | float) else None}


# --- For people without an account ----------------------------------------------------------------------------------


def published(content: Content) -> Content:
    """Return what a shared link shows: small groups are left out, and of a small cohort there is nothing to show.

    A single hidden row could be worked out from the total and the others, so the next smallest is hidden with it.
    """
    if content["n"] < SMALL_N:
        nothing = _("These are so few cases that somebody could be recognised: sign in to read this report.")
        return {**content, "headline": nothing, "more": [], "warnings": [], "sections": []}
    return {**content, "sections": [_published_section(section) for section in content["sections"]]}


def _published_section(section: Content) -> Content:
    table = section["table"]
    if table is None:
        return section
    hidden = _hidden(table)
    rows = [
        _without_figures(table, row) if n in hidden else _rounded(table, row) for n, row in enumerate(table["rows"])
    ]
    return {**section, "table": {**table, "rows": rows, "hides": bool(hidden)}}


def _hidden(table: Content) -> set[int]:
    hidden = {n for n, row in enumerate(table["rows"]) if row["small"]}
    counts = [n for n, column in enumerate(table["columns"]) if column["kind"] == Kind.COUNT]
    shown = [n for n in range(len(table["rows"])) if n not in hidden]
    if len(hidden) == 1 and shown and counts:
        hidden.add(min(shown, key=lambda n: table["rows"][n]["cells"][counts[0]]["value"] or 0))
    return hidden


def _without_figures(table: Content, row: Content) -> Content:
    too_few = {"text": _("too few"), "value": None}
    cells = [
        cell if column["kind"] == Kind.TEXT else too_few
        for column, cell in zip(table["columns"], row["cells"], strict=True)
    ]
    return {"small": True, "cells": cells}


def _rounded(table: Content, row: Content) -> Content:
    """Write “fewer than 5” for the smallest counts of a row that is large enough."""
    few = {"text": _("fewer than %(n)s") % {"n": FEWEST}, "value": None}
    cells = [
        few if column["kind"] == Kind.COUNT and cell["value"] is not None and 0 < cell["value"] < FEWEST else cell
        for column, cell in zip(table["columns"], row["cells"], strict=True)
    ]
    return {**row, "cells": cells}
