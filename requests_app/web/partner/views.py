"""One page by a signed link: GET shows what a partner needs, POST acts once."""

from collections.abc import Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from requests_app.actions import ActionError, Refused
from requests_app.actions.partner import ENDS, Answer, PartnerAct, new_link, partner_answers
from requests_app.labels import OUTCOME, reason_label
from requests_app.notify.links import BadLink, Purpose, open_link
from requests_app.notify.partners import token_of
from requests_app.reads.partner import PartnerCase, Standing, partner_case
from requests_app.states import REASONS, Activity, Outcome
from requests_app.web.problem import problem_page

Problems = Mapping[str, str | Promise]
OUTCOMES = (Outcome.RESOLVED, Outcome.NO_ACTION_NEEDED, Outcome.NOT_RESPONSIBLE)

NOT_GOOD: dict[Standing, tuple[int, str | Promise]] = {
    Standing.USED: (
        410,
        _("This link was used: each serves for one answer. The newest mail has the next one."),
    ),
    Standing.CHANGED: (
        409,
        _("The request was changed since this link was sent."),
    ),
    Standing.EXPIRED: (404, _("This link is too old.")),
    Standing.OVER: (410, _("The request is not with your office any more. There is nothing left for you to do.")),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, token: str) -> HttpResponse:
    """The page; a link that is not good says why, and mails a new one where the partner still has the case."""
    try:
        link_id, version = open_link(Purpose.PARTNER, token, 2)
    except BadLink:
        return _altered(request)
    found = partner_case(link_id, version)
    if found is None:
        return _altered(request)
    if request.method == "POST" and request.POST.get("act") == "new-link":
        return _mail_anew(request, link_id, version)
    if found.standing is not Standing.GOOD:
        return _not_good(request, found)
    if request.method != "POST":
        return _page(request, found, {})
    return _act(request, found, link_id, version)


def _act(request: HttpRequest, found: PartnerCase, link_id: int, version: int) -> HttpResponse:
    try:
        given = _answer(request, found)
        done = partner_answers(link_id, version, given, (get_language() or "en")[:2])
    except Refused as refused:
        return _page(request, found, refused.fields, 422)
    except ActionError as error:
        return _not_good(request, partner_case(link_id, version) or found, error)
    ends = given.act in ENDS
    following = "" if ends else reverse("partner:case", args=[token_of(found.link, done.request.version)])
    return render(request, "partner/thanks.html", {"case": found, "next": following, "jurisdiction": found.place})


def _answer(request: HttpRequest, found: PartnerCase) -> Answer:
    sent = {name: str(value).replace("\x00", "")[:4000] for name, value in request.POST.items()}
    if sent.get("act") not in list(PartnerAct):
        raise Refused({"act": _("Choose what you want to say.")})
    zone = ZoneInfo(found.place.time_zone)
    day = _day(sent.get("day", ""))
    return Answer(
        act=PartnerAct(sent["act"]),
        reason=sent.get("reason", ""),
        outcome=sent.get("outcome", ""),
        day=datetime.combine(day, time(12), zone) if day else None,
        note=sent.get("note", ""),
        occurred_at=_moment(sent.get("occurred_at", ""), zone),
    )


def _day(written: str) -> date | None:
    if not written:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Refused({"day": _("Give a day, such as 2026-05-31.")}) from None


def _moment(written: str, zone: ZoneInfo) -> datetime | None:
    """A date and time on the clocks of the place; None for now."""
    if not written:
        return None
    try:
        return datetime.fromisoformat(written).replace(tzinfo=zone)
    except ValueError:
        sentence = _("Give the day and the time, such as 2026-05-31T14:30, or leave it empty for now.")
        raise Refused({"occurred_at": sentence}) from None


def _page(request: HttpRequest, found: PartnerCase, problems: Problems, status: int = 200) -> HttpResponse:
    context = {
        "jurisdiction": found.place,
        "case": found,
        "problems": {name: str(sentence) for name, sentence in problems.items()},
        "typed": request.POST,
        "reasons": [(code, reason_label(code)) for code in REASONS[Activity.BOUNCED]],
        "outcomes": [(outcome.value, OUTCOME[outcome]) for outcome in OUTCOMES],
    }
    return render(request, "partner/case.html", context, status=status)


# --- Links that are not good -----------------------------------------------------------------------------------------


def _altered(request: HttpRequest) -> HttpResponse:
    return problem_page(
        request,
        404,
        _("This link is not complete, or a letter of it was changed."),
        remedy=_("Open it again from the mail, or copy the whole of it."),
    )


def _not_good(request: HttpRequest, found: PartnerCase, error: ActionError | None = None) -> HttpResponse:
    status, sentence = NOT_GOOD.get(found.standing, (409, error.sentence if error else ""))
    may_ask = found.standing is not Standing.OVER and found.link.answered_at is None
    context = {"case": found, "sentence": sentence, "may_ask": may_ask, "jurisdiction": found.place}
    return render(request, "partner/not_good.html", context, status=status)


def _mail_anew(request: HttpRequest, link_id: int, version: int) -> HttpResponse:
    if not new_link(link_id, version):
        status, sentence = NOT_GOOD[Standing.OVER]
        return problem_page(request, status, sentence)
    return render(request, "partner/mailed.html", {})
