"""The prints of frozen reports: made when first asked for, kept as long as the report, the same bytes for everybody."""

from __future__ import annotations

import hashlib
from typing import Final
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from analytics.models import FrozenReport, PrintedReport
from analytics.printing.press import print_sheet
from analytics.printing.sheet import sheet_of
from requests_app.clock import now

OVERVIEW: Final = "overview"


def print_of(report: FrozenReport, *, is_published: bool) -> PrintedReport:
    """Return the print of a report, whole or published. Raises ``NotPrinted``."""
    kept = PrintedReport.objects.filter(report=report, is_published=is_published).first()
    if kept is not None:
        return kept
    pdf = print_sheet(sheet_of(report, is_published=is_published))
    try:
        with transaction.atomic():
            return PrintedReport.objects.create(
                report=report,
                is_published=is_published,
                pdf=pdf,
                digest=hashlib.sha256(pdf).hexdigest(),
                made_at=now(),
            )
    except IntegrityError:  # somebody else printed it meanwhile
        return PrintedReport.objects.get(report=report, is_published=is_published)


def digest_of_print(report: FrozenReport) -> str:
    """Return the SHA-256 of the whole print of a report; "" where nobody has printed it yet."""
    kept = PrintedReport.objects.filter(report=report, is_published=False)
    return kept.values_list("digest", flat=True).first() or ""


def name_of_file(report: FrozenReport, *, is_published: bool) -> str:
    """Return the name of the file: place, page, day, and which report it is."""
    form = "-public" if is_published else ""
    as_of = report.as_of.astimezone(ZoneInfo(report.jurisdiction.time_zone))
    return f"{report.jurisdiction.code}-{report.page or OVERVIEW}-{as_of:%Y-%m-%d}-{report.pk}{form}.pdf"
