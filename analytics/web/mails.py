"""Reports by mail: ask for one, the list of one's own, change, end, and the link by which a mail stops."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analytics.freezing import LIVES
from analytics.mailing.orders import (
    MOST,
    TooMany,
    change,
    end,
    end_for,
    languages,
    of_viewer,
    reader_of_token,
    subscribe,
)
from analytics.mailing.pages import mails_page, page_address, weekday_name, when_said
from analytics.mailing.times import DAYS_OF_MONTH, DAYS_OF_WEEK
from analytics.mailing.wishes import BadWish, Sent, company_of, first_wish, read_wish, wish_of
from analytics.models import EndedBecause, Every, Subscription
from analytics.reports.filters import BadFilters
from analytics.reports.kept import is_page, kept_page, title_of
from analytics.web.access import evaluators_only, jurisdiction_for
from analytics.web.links import asked_in
from requests_app.web.problem import problem_page
from requests_app.web.viewer import viewer_of

UNPROCESSABLE: Final = 422


@never_cache
@require_safe
@evaluators_only
def my_mails(request: HttpRequest) -> HttpResponse:
    """List the reports that come by mail."""
    return render(request, "analytics/mails.html", {"page": mails_page(viewer_of(request))})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@evaluators_only
def mail_page(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for a page of a report by mail, under the filters it was shown with."""
    place, _places = jurisdiction_for(viewer_of(request), code)
    given = request.POST if request.method == "POST" else request.GET
    page, query = given.get("page", ""), given.get("query", "")
    if not is_page(page):
        raise Http404(_("There is no report page of that name."))
    asked = asked_in(query)
    form = _Form(place, page, asked)
    if problem := _why_not(request, place):
        return form.show(request, {}, {"": problem}, UNPROCESSABLE)
    if request.method != "POST":
        has_days = bool(asked.get("from") or asked.get("to"))
        return form.show(request, first_wish(get_language() or "en", moves=has_days))
    return _subscribed(request, form)


class _Form:
    """The form of one report by mail: a new one, or one that runs."""

    def __init__(self, place: Any, page: str, asked: dict[str, str], subscription: Subscription | None = None) -> None:
        self.place, self.page, self.asked, self.subscription = place, page, asked, subscription

    def show(
        self, request: HttpRequest, kept: Sent, problems: dict[str, str] | None = None, status: int = 200
    ) -> HttpResponse:
        company = company_of(viewer_of(request), self.place)
        chosen = set(kept.get("colleagues", []))
        context = {
            "jurisdiction": self.place,
            "subscription": self.subscription,
            "page": self.page,
            "title": title_of(self.page),
            "query": urlencode(self.asked),
            "back": page_address(self.place.code, self.page, self.asked),
            "has_days": bool(self.asked.get("from") or self.asked.get("to")),
            "kept": {name: values[0] if values else "" for name, values in kept.items()},
            "everies": Every.choices,
            "weekdays": [(str(day), weekday_name(day)) for day in DAYS_OF_WEEK],
            "monthdays": [str(day) for day in DAYS_OF_MONTH],
            "languages": languages(),
            "lives": [str(days) for days in LIVES],
            "colleagues": [(str(one.pk), str(one), str(one.pk) in chosen) for one in company.people],
            "problems": problems or {},
        }
        return render(request, "analytics/mail_form.html", context, status=status)


def _why_not(request: HttpRequest, place: Any) -> str:
    """Return why nothing of a place can be mailed to this person; "" where it can."""
    if place.is_read_only:
        return _("This is imported data that does not change: there is nothing to mail. Freeze the report instead.")
    if not request.user.email:  # type: ignore[union-attr]
        return _("Your account has no mail address: ask an administrator to enter one.")
    return ""


def _subscribed(request: HttpRequest, form: _Form) -> HttpResponse:
    """The page is computed once before it is promised: what cannot be made is refused here, not one Monday."""
    viewer, sent = viewer_of(request), dict(request.POST.lists())
    assert viewer.user_id is not None
    try:
        wish = read_wish(sent, company_of(viewer, form.place))
        kept_page(form.place, viewer, form.page, form.asked)
        made = subscribe(form.place, viewer.user_id, form.page, form.asked, wish)
    except BadWish as bad:
        return form.show(request, sent, bad.problems, UNPROCESSABLE)
    except BadFilters as bad:
        said = {"": " ".join(problem.sentence for problem in bad.problems)}
        return form.show(request, sent, said, UNPROCESSABLE)
    except TooMany:
        sentence = _("You have %(n)s reports mailed here, which is the most: end one first.") % {"n": MOST}
        return form.show(request, sent, {"": sentence}, UNPROCESSABLE)
    messages.success(request, _("It comes %(when)s.") % {"when": when_said(made.every, made.day)})
    return redirect("evaluate:my_mails")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@evaluators_only
def mail_change(request: HttpRequest, subscription: int) -> HttpResponse:
    """Change when a report comes, in which language, and to whom."""
    found = _own(request, subscription)
    form = _Form(found.jurisdiction, found.page, found.asked, found)
    if request.method != "POST":
        return form.show(request, wish_of(found))
    sent = dict(request.POST.lists())
    try:
        wish = read_wish(sent, company_of(viewer_of(request), found.jurisdiction))
    except BadWish as bad:
        return form.show(request, sent, bad.problems, UNPROCESSABLE)
    change(found, wish)
    messages.success(request, _("It comes %(when)s.") % {"when": when_said(wish.every, wish.day)})
    return redirect("evaluate:my_mails")


@require_POST
@evaluators_only
def mail_end(request: HttpRequest, subscription: int) -> HttpResponse:
    """End a report by mail for everybody who gets it."""
    end(_own(request, subscription), EndedBecause.ASKED)
    messages.success(request, _("This report is mailed no more."))
    return redirect("evaluate:my_mails")


def _own(request: HttpRequest, pk: int) -> Subscription:
    """One's own that runs, at a place whose reports one may still read."""
    found = get_object_or_404(of_viewer(viewer_of(request)), pk=pk, ended_at=None)
    jurisdiction_for(viewer_of(request), found.jurisdiction.code)
    return found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_mail(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST stops one report for one reader; done twice, it stays done."""
    reader = reader_of_token(token)
    if reader is None:
        return problem_page(
            request,
            404,
            _("This link is not complete, or a letter of it was changed."),
            remedy=_("Open it again from the mail, or copy the whole of it."),
        )
    if request.method == "POST":
        end_for(reader, EndedBecause.STOPPED)
        reader.refresh_from_db()
    one = reader.subscription
    context = {
        "title": title_of(one.page),
        "place": one.jurisdiction.name,
        "when": when_said(one.every, one.day),
        "is_stopped": reader.ended_at is not None or one.ended_at is not None,
        "list": reverse("evaluate:my_mails"),
    }
    return render(request, "analytics/mail_stop.html", context)
