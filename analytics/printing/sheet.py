"""What stands on the sheets of a frozen report: plain words in the report's language, for the template to set.

Everything is data to the template: no text of a report is read as markup. Tables are cut where paper serves nobody.
"""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override, pgettext

from analytics.models import FrozenReport
from analytics.reports.frozen import Content, published
from analytics.reports.tables import Kind
from analytics.reports.wording import moment, number
from requests_app.text.spoken import tongue

MOST_ROWS: Final = 200
"""Rows of one table on paper; the file has all of them."""
MOST_ROWS_IN_ALL: Final = 1_000
SHORT_DIGEST: Final = 16
Sheet = dict[str, Any]


def sheet_of(report: FrozenReport, *, is_published: bool) -> Sheet:
    """Return the sheet of a report, whole or in the form for people without an account."""
    with override(report.language):
        content = published(report.content) if is_published else report.content
        room = _Room()
        sections = [_section(report, section, room, is_published=is_published) for section in content["sections"]]
        return {
            "language": tongue(report.language),
            "title": content["title"],
            "question": content.get("question", ""),
            "running": _running(report, content),
            "page": _("Page %(page)s of %(pages)s") % {"page": "#1", "pages": "#2"},
            "place": " · ".join(text for text in (content["place"], _provenance(content)) if text),
            "headline": content["headline"],
            "more": content.get("more", []),
            "warnings": content.get("warnings", []),
            "sections": sections,
            "small": _("Italics: fewer than 30 timed, so the figure may change with a single one."),
            "facts_title": _("What this report rests on"),
            "facts": _facts(report, content, is_published=is_published),
        }


class _Room:
    """How many rows of tables there is still room for."""

    def __init__(self) -> None:
        self.left = MOST_ROWS_IN_ALL

    def take(self, rows: int) -> int:
        """Return how many of so many rows are printed."""
        taken = min(rows, MOST_ROWS, self.left)
        self.left -= taken
        return taken


def _running(report: FrozenReport, content: Content) -> str:
    """The line at the head of every page: which report of which state of things this sheet belongs to."""
    return " · ".join(
        [
            str(content["place"]),
            _("as of %(as_of)s") % {"as_of": content["as_of"]},
            _("version %(version)s") % {"version": report.code_version},
            f"SHA-256 {report.digest[:SHORT_DIGEST]}…",
        ]
    )


def _provenance(content: Content) -> str:
    known = {
        "invented": _("Invented city"),
        "imported": _("Imported data"),
        "live": pgettext("provenance", "Live"),
    }
    return known.get(content.get("provenance", ""), "")


def _section(report: FrozenReport, section: Content, room: _Room, *, is_published: bool) -> Sheet:
    table = section.get("table")
    basis = section["basis"]
    return {
        "title": section["title"],
        "sentence": section["sentence"],
        "notes": section["notes"],
        "table": _table(report, section, table, room, is_published=is_published) if table and table["rows"] else None,
        "basis": [text for text in (str(basis["n"]), str(basis["clock"]), *_left_out(basis)) if text],
    }


def _left_out(basis: Content) -> list[str]:
    return [_("left out: %(text)s") % {"text": text} for text in basis["left_out"]]


def _table(report: FrozenReport, section: Content, table: Content, room: _Room, *, is_published: bool) -> Sheet:
    rows = table["rows"][: room.take(len(table["rows"]))]
    column = _drawn(table)
    return {
        "caption": table["caption"],
        "columns": [{"title": one["title"], "is_text": one["kind"] == Kind.TEXT} for one in table["columns"]],
        "rows": [{"small": row["small"], "cells": [cell["text"] for cell in row["cells"]]} for row in rows],
        "bars": _bars(rows, column) if column is not None else [],
        "drawn": _("Bars: %(column)s") % {"column": table["columns"][column]["title"]} if column is not None else "",
        "has_small": any(row["small"] for row in rows),
        "hides": _hides() if table.get("hides") else "",
        "cut": _cut(report, section, len(table["rows"]) - len(rows), is_published=is_published),
    }


def _hides() -> str:
    return _("Rows of few cases are left out, so that nobody can be recognised; one more may be left out with them.")


DRAWN: Final = (Kind.CASE_DAYS, Kind.DURATION, Kind.SHARE)
"""What a bar is drawn of, the best first: time lost, time, shares."""


def _drawn(table: Content) -> int | None:
    """The column by which the rows stand in order, the largest first: its figures are drawn as bars. None: none is."""
    kinds = [column["kind"] for column in table["columns"]]
    if len(table["rows"]) < 2 or kinds[0] != Kind.TEXT:
        return None
    columns = (number for kind in DRAWN for number, one in enumerate(kinds) if one == kind)
    return next((number for number in columns if _is_ranked(table["rows"], number)), None)


def _is_ranked(rows: list[Content], column: int) -> bool:
    sizes = [size for row in rows if not row["small"] and (size := row["cells"][column]["value"]) is not None]
    return len(sizes) > 1 and all(one >= other for one, other in pairwise(sizes))


def _bars(rows: list[Content], column: int) -> list[float]:
    """Each row's length, of 1: figures that are hidden or missing have none."""
    sizes = [max(float(row["cells"][column]["value"] or 0), 0.0) for row in rows]
    longest = max(sizes, default=0.0)
    return [round(size / longest, 4) for size in sizes] if longest else []


def _cut(report: FrozenReport, section: Content, rows: int, *, is_published: bool) -> str:
    """What to say of rows that are not printed, and where they are."""
    if rows <= 0:
        return ""
    said = ngettext("%(n)s further row is not printed.", "%(n)s further rows are not printed.", rows)
    if is_published:
        where = _("The page of this report shows all of them.")
    else:
        address = reverse("evaluate:frozen_table", args=[report.pk, section["id"]])
        where = _("All of them are in this file: %(address)s") % {
            "address": f"{settings.SITE_URL.rstrip('/')}{address}"
        }
    return f"{said % {'n': number(rows)}} {where}"


def _facts(report: FrozenReport, content: Content, *, is_published: bool) -> list[list[str]]:
    cut = report.cut
    read = _("%(cases)s cases, %(events)s events, setting %(settings)s") % {
        "cases": number(cut["cases"]),
        "events": number(cut["events"]),
        "settings": cut["settings"],
    }
    form = (
        _("for people without an account: without figures of small groups")
        if is_published
        else _("whole, for people who may read it in Clearway")
    )
    facts = [
        [_("Frozen"), _at(report, report.frozen_at)],
        [_("As of"), content["as_of"]],
        [pgettext("column", "Cases"), content["cohort"]],
        [_("Data read up to"), read],
        [_("Version of the program"), report.code_version],
        [_("Form of this print"), form],
        [_("SHA-256 of what was frozen"), report.digest],
    ]
    return [fact for fact in facts if fact[1]]


def _at(report: FrozenReport, at: datetime) -> str:
    zone = report.jurisdiction.time_zone
    return moment(at.astimezone(ZoneInfo(zone)), zone)
