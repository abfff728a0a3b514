"""Who is away and who stands in: the page where people say so of themselves and managers of their people."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from requests_app.actions import ActionError, Refused
from requests_app.actions.absences import Away, call_off, enter_absence
from requests_app.reads.absences import absences_of, colleagues, people_of
from requests_app.reads.desk import Desk
from requests_app.templatetags.desk import spoken_day
from requests_app.web.acts import act_of
from requests_app.web.desk.frame import frame
from requests_app.web.desk.gate import at_desk
from requests_app.web.numbers import number_sent
from requests_app.web.problem import error_page


@never_cache
@require_safe
@at_desk
def absences(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The page: who is away now and later, and the form."""
    return _page(request, desk)


@never_cache
@act_of("desk:absences")
@at_desk
def enter(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Enter an absence; refused with 422 beside the field, what was typed is kept."""
    try:
        away = _given(request.POST, desk)
        absence = enter_absence(desk.viewer, desk.place, away)
    except Refused as refused:
        return _page(request, desk, refused.fields, 422)
    except ActionError as error:
        return error_page(request, error, back=_address(desk))
    sentence = _("%(person)s is away from %(from)s until %(until)s; %(deputy)s stands in.")
    named = {"person": absence.user.display_name, "deputy": absence.deputy.display_name if absence.deputy else "–"}
    days = {"from": spoken_day(absence.starts_on), "until": spoken_day(absence.ends_on)}
    messages.success(request, sentence % {**named, **days})
    return redirect(_address(desk))


@never_cache
@act_of("desk:absences")
@at_desk
def end(request: HttpRequest, desk: Desk, absence_id: int) -> HttpResponse:
    """Call an absence off: at once, or before it begins."""
    try:
        absence = call_off(desk.viewer, desk.place, absence_id)
    except ActionError as error:
        return error_page(request, error, back=_address(desk))
    messages.success(request, _("Called off: %(person)s is not away.") % {"person": absence.user.display_name})
    return redirect(_address(desk))


def _address(desk: Desk) -> str:
    return f"{reverse('desk:absences')}?{urlencode({'place': desk.place.code})}"


def _given(form: Mapping[str, str], desk: Desk) -> Away:
    """The form as it was sent; every field that cannot be read is refused at once."""
    problems: dict[str, str] = {}
    days = {name: _day(form.get(name, ""), name, problems) for name in ("starts_on", "ends_on")}
    user_id = _pk(form.get("user", str(desk.viewer.user_id)))
    deputy_id = _pk(form.get("deputy", ""))
    if user_id is None:
        problems["user"] = _("Choose who is away from the list.")
    if deputy_id is None:
        problems["deputy"] = _("Choose who stands in from the list.")
    if problems or user_id is None or deputy_id is None:
        raise Refused(problems)
    return Away(user_id, deputy_id, days["starts_on"], days["ends_on"])


def _day(written: str, name: str, problems: dict[str, str]) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        problems[name] = _("Give a day, such as 2026-05-31.")
        return date.min


def _pk(written: str) -> int | None:
    return number_sent(written)


def _page(
    request: HttpRequest, desk: Desk, problems: Mapping[str, object] | None = None, status: int = 200
) -> HttpResponse:
    people = people_of(desk.viewer, desk.place)
    mine = {person.pk for person in people}
    today = desk.place.today
    rows = [
        {
            "absence": absence,
            "is_now": absence.starts_on <= today,
            "may_end": absence.user_id in mine,
            "stands_in": absence.deputy_id == desk.viewer.user_id,
        }
        for absence in absences_of(people, desk.viewer, desk.place)
    ]
    context: dict[str, Any] = {
        **frame(desk),
        "on_absences": True,
        "rows": rows,
        "people": people,
        "deputies": [one for one in colleagues(desk.place) if len(people) > 1 or one.pk not in mine],
        "kept": request.POST if problems else {"user": str(desk.viewer.user_id), "starts_on": today.isoformat()},
        "problems": {name: str(sentence) for name, sentence in (problems or {}).items()},
        "earliest": today.isoformat(),
    }
    return render(request, "desk/absences.html", context, status=status)
