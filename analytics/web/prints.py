"""Frozen reports as files: on paper, whole or by a link; and each of their tables for spreadsheets."""

from __future__ import annotations

import logging
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analytics.freezing import is_good, link_of_token, readable
from analytics.models import FrozenReport
from analytics.printing.press import Busy, NotPrinted
from analytics.printing.prints import name_of_file, print_of
from analytics.printing.tables import csv_of
from analytics.web.access import evaluators_only
from requests_app.web.problem import problem_page
from requests_app.web.viewer import viewer_of

log = logging.getLogger(__name__)

AGAIN_S: Final = 30


@require_safe
@evaluators_only
def frozen_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a frozen report as PDF, whole."""
    return _print(request, _report(request, pk), is_published=False)


@require_safe
def shared_pdf(request: HttpRequest, token: str) -> HttpResponse:
    """Give a frozen report as PDF to whoever has its link: without figures of small groups."""
    link = link_of_token(token)
    if link is None:
        raise Http404(_("There is no report at this address: check that the link is whole."))
    if not is_good(link):
        return problem_page(
            request,
            410,
            _("This link has ended."),
            remedy=_("Ask whoever gave it to you for a new one."),
            heading=_("This link has ended"),
        )
    response = _print(request, link.report, is_published=True)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
@evaluators_only
def frozen_table(request: HttpRequest, pk: int, section: str) -> HttpResponse:
    """Give one table of a frozen report as CSV: every row."""
    report = _report(request, pk)
    found = next((one for one in report.content["sections"] if one["id"] == section and one["table"]), None)
    if found is None:
        raise Http404(_("This report has no table of that name."))
    response = HttpResponse(csv_of(found["table"]), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="frozen-{report.pk}-{section}.csv"'
    return response


def _report(request: HttpRequest, pk: int) -> FrozenReport:
    return get_object_or_404(readable(viewer_of(request)), pk=pk)


def _print(request: HttpRequest, report: FrozenReport, *, is_published: bool) -> HttpResponse:
    try:
        printed = print_of(report, is_published=is_published)
    except NotPrinted as problem:
        log.warning("Report %s was not printed: %s", report.pk, problem)
        response = _not_printed(request, problem)
        response["Retry-After"] = str(AGAIN_S)
        response._has_been_logged = True  # type: ignore[attr-defined]  # Django would log the address: it may be secret
        return response
    response = HttpResponse(bytes(printed.pdf), content_type="application/pdf")
    name = name_of_file(report, is_published=is_published)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["ETag"] = f'"{printed.digest}"'
    return response


def _not_printed(request: HttpRequest, problem: NotPrinted) -> HttpResponse:
    if isinstance(problem, Busy):
        sentence = _("Other reports are being printed just now.")
        remedy = _("Try again in half a minute.")
    else:
        sentence = _("This report could not be printed.")
        remedy = _("Print the page itself from your browser, or take its tables as files.")
    return problem_page(request, 503, sentence, remedy=remedy, heading=_("No PDF came of this"))
