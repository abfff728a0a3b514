"""Alarms: what is broken or was left lying, what to do about it, and ending it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from requests_app.actions.alarms import end_alarms
from requests_app.models import Alarm, AlarmKind
from requests_app.reads.alarms import AlarmPage, alarm_page
from requests_app.states import Capability
from requests_app.web.administration.gate import Administration, show
from requests_app.web.administration.mail import answerable_only
from requests_app.web.numbers import numbers_sent

MOST_IDS = 200
TITLE: dict[str, str | Promise] = {
    AlarmKind.RULE_BROKEN: gettext_lazy("Broken rule"),
    AlarmKind.HANDOFF_EXPIRED: gettext_lazy("Hand-off that nobody accepted"),
    AlarmKind.PROMISE_UNKEEPABLE: gettext_lazy("Promise that cannot be counted"),
}


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """An alarm in words: what it is about, what happened, what to do, and where."""

    alarm: Alarm
    title: str | Promise
    words: str
    remedy: str
    address: str
    link: str


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@answerable_only
def alarms(request: HttpRequest, administration: Administration) -> HttpResponse:
    """The alarms of a place; POST ends those that were chosen."""
    if request.method != "POST":
        return _page(request, administration)
    wanted = numbers_sent(request.POST.getlist("id")[:MOST_IDS])
    if not wanted:
        return _page(request, administration, _("Choose at least one alarm to end."), 422)
    ended = end_alarms(administration.viewer, administration.place, wanted)
    said = ngettext("%(n)s alarm was ended.", "%(n)s alarms were ended.", ended) % {"n": ended}
    messages.success(request, said)
    return redirect(administration.address("administration:alarms"))


def _page(request: HttpRequest, administration: Administration, problem: str = "", status: int = 200) -> HttpResponse:
    page = alarm_page(administration.viewer, administration.place)
    administers = administration.viewer.has(Capability.ADMINISTER, administration.place.pk)
    context: dict[str, Any] = {
        "lines": [line_of(one, page, administration, administers=administers) for one in page.open],
        "ended": [line_of(one, page, administration, administers=administers) for one in page.ended],
        "problem": problem,
    }
    if not administers:
        context["manage_pages"] = []
    return show(request, administration, "administration/alarms.html", context, status)


def line_of(alarm: Alarm, page: AlarmPage, administration: Administration, *, administers: bool) -> AlarmLine:
    """An alarm with its words; a kind that nobody knows any more is shown as it is."""
    said = {
        AlarmKind.RULE_BROKEN.value: _rule,
        AlarmKind.HANDOFF_EXPIRED.value: _handoff,
        AlarmKind.PROMISE_UNKEEPABLE.value: _promise,
    }.get(alarm.kind)
    words, remedy, address, link = said(alarm, page, administration) if said else (alarm.subject, "", "", "")
    if alarm.request_id is None and not administers:
        address = ""
    return AlarmLine(alarm, TITLE.get(alarm.kind, alarm.kind), words, remedy, address, link)


Said = tuple[str, str, str, str]


def _rule(alarm: Alarm, page: AlarmPage, administration: Administration) -> Said:
    return (
        page.teller.broken(alarm.subject, alarm.codes.get("problem", "")),
        _("Its requests go to the fallback queue until the rule is changed; other rules that go live end the alarm."),
        administration.address("administration:rules"),
        _("Open the rules"),
    )


def _handoff(alarm: Alarm, page: AlarmPage, administration: Administration) -> Said:
    reference = alarm.request.reference if alarm.request else "–"
    words = _("%(office)s did not accept %(reference)s in time: it went back to the office that sent it.") % {
        "office": alarm.office.name if alarm.office else "–",
        "reference": reference,
    }
    address = reverse("desk:case", kwargs={"reference": reference}) if alarm.request else ""
    return words, _("It ends by itself once an office accepts the request."), address, _("Open the request")


def _promise(alarm: Alarm, page: AlarmPage, administration: Administration) -> Said:
    service = page.services.get(alarm.subject)
    words = _("The promise of “%(service)s” cannot be counted as it is set; requests are filed without it.") % {
        "service": service.name if service else alarm.subject
    }
    remedy = _("Give its calendar opening hours, or the promise another number of hours; then end the alarm.")
    address = administration.address("administration:service", setting_id=service.pk) if service else ""
    return words, remedy, address, _("Open the service")
