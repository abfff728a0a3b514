"""A table of a report as a file: CSV, Parquet, and the archive that makes the table again from its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.reports.recompute import archive, parquet
from analytics.reports.sections import Section
from analytics.reports.tables import Table

FILES: Final[Mapping[str, str]] = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "zip": "application/zip",
}


def file_of(table: Table, form: str, name: str) -> HttpResponse:
    """Give a table as CSV (a byte order mark leads: spreadsheets take a file without one for Latin-1) or Parquet."""
    if form not in ("csv", "parquet"):
        raise Http404(_("This report has no table of that name."))
    content = ("\ufeff" + table.csv()).encode() if form == "csv" else parquet(table)
    return _attached(content, form, name)


def section_file(request: HttpRequest, section: Section, form: str, name: str) -> HttpResponse:
    """Give the table of a section, stamped, as a file of any form."""
    assert section.table is not None
    if form != "zip":
        return file_of(section.table, form, name)
    if section.recompute is None:
        raise Http404(_("This table cannot be recomputed from rows."))
    return _attached(archive(section.table, section.recompute, _facts(request, section)), form, name)


def further_files(section: Section, file: Callable[[str], str]) -> tuple[tuple[str, str], ...]:
    """Name the files beside the CSV, with their addresses."""
    more = [(_("Parquet"), file("parquet"))]
    if section.recompute is not None:
        more.append((_("Recompute this (zip)"), file("zip")))
    return tuple(more)


def _attached(content: bytes, form: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=FILES[form])
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def _facts(request: HttpRequest, section: Section) -> tuple[tuple[str, str], ...]:
    basis = section.basis
    return (
        (_("Table"), section.title),
        (_("How it is counted"), basis.definition),
        (_("Clock"), basis.clock),
        (pgettext("column", "Cases"), f"{basis.cohort}; {basis.n}"),
        (_("Left out"), "; ".join(basis.left_out) or _("nothing")),
        (_("As of"), basis.as_of),
        (_("Address"), request.build_absolute_uri().replace(".zip", ".csv")),
        (_("Version of the program"), str(settings.CODE_VERSION)),
    )
