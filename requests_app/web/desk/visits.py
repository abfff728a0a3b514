"""Joint visits: what is proposed, what each office says to it, what is planned and what was saved."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from requests_app.actions import ActionError
from requests_app.actions.visits import DECLINED_FOR, accept_part, decline_part
from requests_app.reads.desk import Desk
from requests_app.reads.visits import VisitShown, saved_lately, visits_for
from requests_app.web.acts import act_of
from requests_app.web.desk.frame import frame
from requests_app.web.desk.gate import at_desk
from requests_app.web.problem import error_page

WHY: dict[str, str | Promise] = {
    "done_soon": gettext_lazy("We do it sooner"),
    "no_crew": gettext_lazy("No crew is free then"),
    "other_day": gettext_lazy("That day does not suit"),
    "unsuitable": gettext_lazy("It cannot be done together"),
    "other": gettext_lazy("Another reason"),
    "declined": gettext_lazy("its office refused"),
    "closed": gettext_lazy("closed meanwhile"),
    "moved": gettext_lazy("moved on meanwhile"),
    "not_answered": gettext_lazy("not answered in time"),
    "not_seen": gettext_lazy("not seen"),
    "one_office": gettext_lazy("only one office was left"),
}


@never_cache
@require_safe
@at_desk
def visits(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The page."""
    context: dict[str, Any] = {
        **frame(desk),
        "on_visits": True,
        "saved": saved_lately(desk.place),
        "sections": [
            (name, _told(desk, [state]))
            for name, state in (
                (_("Proposed"), "proposed"),
                (_("Planned"), "planned"),
                (_("Done"), "done"),
            )
        ],
        "reasons": [(code, WHY[code]) for code in DECLINED_FOR],
    }
    return render(request, "desk/visits.html", context)


@never_cache
@act_of("desk:visits")
@at_desk
def accept(request: HttpRequest, desk: Desk, visit_id: int, office_id: int) -> HttpResponse:
    """An office takes its part."""
    try:
        visit = accept_part(desk.viewer, visit_id, office_id)
    except ActionError as error:
        return error_page(request, error, back=_address(desk))
    planned = visit.state == "planned"
    sentence = _("Accepted by all: the visit is planned.") if planned else _("Accepted. The other offices are asked.")
    messages.success(request, sentence)
    return redirect(_address(desk))


@never_cache
@act_of("desk:visits")
@at_desk
def decline(request: HttpRequest, desk: Desk, visit_id: int, office_id: int) -> HttpResponse:
    """An office refuses its part, saying why."""
    try:
        decline_part(desk.viewer, visit_id, office_id, request.POST.get("reason", ""))
    except ActionError as error:
        return error_page(request, error, back=_address(desk))
    messages.success(request, _("Refused. The requests of the office stay as they are."))
    return redirect(_address(desk))


def _address(desk: Desk) -> str:
    return f"{reverse('desk:visits')}?{urlencode({'place': desk.place.code})}"


def _told(desk: Desk, states: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "shown": shown,
            "sentence": sentence_of(shown),
            "cases": [(case, WHY.get(case.reason, "")) for case in shown.cases],
            "parts": [(part, WHY.get(part.reason, "")) for part in shown.offices],
        }
        for shown in visits_for(desk, states)
    ]


def sentence_of(shown: VisitShown) -> str:
    """The proposal in a sentence: how many of whom, how near, and what it saves."""
    number, offices = len(shown.in_it), len(shown.names)
    before, last = ", ".join(shown.names[:-1]), "".join(shown.names[-1:])
    facts = {
        "number": number,
        "offices": _("%(before)s and %(last)s") % {"before": before, "last": last} if before else last,
        "metres": shown.metres,
        "where": shown.where or next((case.reference for case in shown.cases), ""),
        "visits": offices,
    }
    if shown.visit.kind == "round":
        sentence = ngettext(
            "%(number)s request of %(offices)s along %(metres)s m from %(where)s: one visit instead of %(visits)s.",
            "%(number)s requests of %(offices)s along %(metres)s m from %(where)s: one visit instead of %(visits)s.",
            number,
        )
    else:
        sentence = ngettext(
            "%(number)s request of %(offices)s within %(metres)s m at %(where)s: one visit instead of %(visits)s.",
            "%(number)s requests of %(offices)s within %(metres)s m at %(where)s: one visit instead of %(visits)s.",
            number,
        )
    return sentence % facts
