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
from analytics.reports.tables import REFERENCE, Cell, Column, Kind, Row, Table

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
    """Return what a shared link shows: no list of cases, no row of few cases, nothing of a small cohort.

    Where anything is hidden, every sentence of the page goes with it: words may name what the tables hide.
    """
    if content["n"] < SMALL_N:
        nothing = _("These are so few cases that somebody could be recognised: sign in to read this report.")
        return _silenced(content, nothing, [])
    tables = [_published_table(section["table"]) for section in content["sections"]]
    kept = list(zip(content["sections"], tables, strict=True))
    if not any(section["table"] and (table is None or table["hides"]) for section, table in kept):
        return content
    said = _(
        "Some figures of this page rest on so few cases that somebody could be recognised. They are left out, and with "
        "them lists of cases and every sentence, which could name them: sign in to read all of it."
    )
    return _silenced(content, said, [_without_words(section, table) for section, table in kept if table])


def _silenced(content: Content, said: str, sections: list[Content]) -> Content:
    return {**content, "headline": said, "more": [], "warnings": [], "sections": sections}


def _without_words(section: Content, table: Content) -> Content:
    basis = {**section["basis"], "n": "", "left_out": []}
    return {**section, "sentence": "", "notes": [], "basis": basis, "table": table}


def _published_table(table: Content | None) -> Content | None:
    if table is None or any(column["key"] == REFERENCE for column in table["columns"]):
        return None
    hidden = _hidden(table)
    rows = [_without_figures(table, row) if n in hidden else row for n, row in enumerate(table["rows"])]
    return {**table, "rows": rows, "hides": bool(hidden)}


def _hidden(table: Content) -> set[int]:
    """Return the rows of few cases; a single one could be worked out from the others, so the next smallest joins it."""
    counts = [n for n, column in enumerate(table["columns"]) if column["kind"] == Kind.COUNT]
    values = [[row["cells"][n]["value"] or 0 for n in counts] for row in table["rows"]]
    hidden = {
        n for n, row in enumerate(table["rows"]) if row["small"] or any(0 < value < FEWEST for value in values[n])
    }
    shown = [n for n in range(len(table["rows"])) if n not in hidden]
    if counts and shown and sum(values[n][0] > 0 for n in hidden) == 1:
        hidden.add(min(shown, key=lambda n: (values[n][0] == 0, values[n][0])))
    return hidden


def _without_figures(table: Content, row: Content) -> Content:
    too_few = {"text": _("too few"), "value": None}
    cells = [
        cell if column["kind"] in (Kind.TEXT, Kind.DAY) else too_few
        for column, cell in zip(table["columns"], row["cells"], strict=True)
    ]
    return {"small": True, "cells": cells}
