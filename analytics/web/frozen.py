"""Frozen reports: keep the page that is shown, read it again, share it with people who have no account."""

from __future__ import annotations

import json
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analytics.freezing import LIVES, freeze, is_good, link_of_token, readable, share, take_back, token_of
from analytics.models import FrozenReport, SharedLink
from analytics.printing.prints import digest_of_print
from analytics.reports.filters import BadFilters
from analytics.reports.frozen import Content, published
from analytics.reports.kept import is_page, kept_page, title_of
from analytics.reports.wording import moment
from analytics.web.access import evaluators_only, jurisdiction_for
from analytics.web.links import asked_in
from requests_app.web.viewer import viewer_of

UNPROCESSABLE: Final = 422
GONE: Final = 410


@require_POST
@evaluators_only
def freeze_page(request: HttpRequest, code: str) -> HttpResponse:
    """Keep a page under the filters it was shown with."""
    viewer = viewer_of(request)
    place, _places = jurisdiction_for(viewer, code)
    page = request.POST.get("page", "")
    if not is_page(page):
        raise Http404(_("There is no report page of that name."))
    wanted = asked_in(request.POST.get("query", ""))
    try:
        source, content = kept_page(place, viewer, page, wanted)
    except BadFilters as bad:
        return _refused(
            request, [problem.sentence for problem in bad.problems], reverse("evaluate:report", args=[code])
        )
    report = freeze(source, page, wanted, content, viewer=viewer, code_version=str(settings.CODE_VERSION))
    return redirect("evaluate:frozen", pk=report.pk)


@require_safe
@evaluators_only
def frozen_list(request: HttpRequest, code: str) -> HttpResponse:
    """List what was frozen of a place."""
    viewer = viewer_of(request)
    place, _places = jurisdiction_for(viewer, code)
    reports = readable(viewer).filter(jurisdiction=place).defer("content")[:200]
    rows = [(report, title_of(report.page), _at(report, report.frozen_at)) for report in reports]
    return render(request, "analytics/frozen_list.html", {"jurisdiction": place, "rows": rows})


@require_safe
@evaluators_only
def frozen_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a report as it was frozen, with its links."""
    report = _report(request, pk)
    links = [
        (link, request.build_absolute_uri(reverse("evaluate:shared", args=[token_of(link)])), is_good(link))
        for link in report.links.select_related("made_by")
    ]
    context = {
        **_shown(report, report.content),
        "links": links,
        "lives": LIVES,
        "filters": report.asked.items(),
        "pdf_digest": digest_of_print(report),
    }
    return render(request, "analytics/frozen.html", context)


@require_safe
@evaluators_only
def frozen_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Give all that was frozen as JSON: what the hash is of, and what it rests on."""
    report = _report(request, pk)
    said = {
        "content": report.content,
        "sha256": report.digest,
        "as_of": report.as_of.isoformat(),
        "cut": report.cut,
        "filters": report.asked,
        "code_version": report.code_version,
        "frozen_at": report.frozen_at.isoformat(),
    }
    response = HttpResponse(json.dumps(said, ensure_ascii=False, indent=1), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="frozen-{report.pk}.json"'
    return response


@require_POST
@evaluators_only
def share_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link to a frozen report."""
    report = _report(request, pk)
    days = request.POST.get("days", "")
    if days not in {str(life) for life in LIVES}:
        sentence = _("“Good for”: choose 7, 30 or 90 days.")
        return _refused(request, [sentence], reverse("evaluate:frozen", args=[pk]))
    user_id = viewer_of(request).user_id
    assert user_id is not None
    share(report, int(days), user_id=user_id)
    return redirect(f"{reverse('evaluate:frozen', args=[pk])}#links")


@require_POST
@evaluators_only
def unshare_page(request: HttpRequest, pk: int, link: int) -> HttpResponse:
    """Take a link back."""
    take_back(_report(request, pk), link)
    return redirect(f"{reverse('evaluate:frozen', args=[pk])}#links")


@require_safe
def shared_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show a frozen report to whoever has the link: small groups left out, no case, no list."""
    link = link_of_token(token)
    if link is None:
        raise Http404(_("There is no report at this address: check that the link is whole."))
    if not is_good(link):
        return _ended(request, link)
    report = link.report
    context = {**_shown(report, published(report.content)), "until": _at(report, link.expires_at), "token": token}
    response = render(request, "analytics/frozen_shared.html", context)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _ended(request: HttpRequest, link: SharedLink) -> HttpResponse:
    sentence = _("This link has ended. Ask whoever gave it to you for a new one.")
    return _refused(request, [sentence], "", status=GONE)


def _refused(request: HttpRequest, sentences: list[str], back: str, status: int = UNPROCESSABLE) -> HttpResponse:
    return render(request, "analytics/frozen_refused.html", {"problems": sentences, "back": back}, status=status)


def _report(request: HttpRequest, pk: int) -> FrozenReport:
    return get_object_or_404(readable(viewer_of(request)), pk=pk)


def _at(report: FrozenReport, at: Any) -> str:
    return moment(at.astimezone(ZoneInfo(report.jurisdiction.time_zone)), report.jurisdiction.time_zone)


def _shown(report: FrozenReport, content: Content) -> dict[str, object]:
    return {
        "report": report,
        "content": content,
        "jurisdiction": report.jurisdiction,
        "frozen_at": _at(report, report.frozen_at),
    }
