"""Mails: what waits, what failed and is tried again or given up, and what each mail looks like before it is sent."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_safe

from requests_app.actions.stray_mail import settle_strays
from requests_app.models import OutboxEntry
from requests_app.notify.deliver import give_up, revive
from requests_app.notify.envelope import as_html, as_text, languages_for
from requests_app.notify.letters import Letter
from requests_app.notify.moment_names import AUDIENCE_NAME, NEWS_NAME
from requests_app.notify.moments import MOMENTS, Audience, News
from requests_app.notify.sample import sample
from requests_app.permissions import Viewer
from requests_app.reads.desk import open_desk
from requests_app.reads.installation import administered_places
from requests_app.reads.mail import ids_of_dead, mail_page, may_see_mail
from requests_app.reads.stray_mail import MOST, stray_mails
from requests_app.states import Capability
from requests_app.web.administration.gate import Administration, administrators_only, show
from requests_app.web.framed import FRAMED
from requests_app.web.numbers import numbers_sent
from requests_app.web.viewer import viewer_of

MailView = Callable[..., HttpResponse]
MOST_IDS = 200


@dataclass(frozen=True, slots=True)
class MailLine:
    """A row of the outbox in words."""

    entry: OutboxEntry
    news: str | Promise
    audience: str | Promise


def answerable_only(view: MailView) -> MailView:
    """Let in who answers for mails and alarms: administrators for their places, managers for those of their desk."""

    @wraps(view)
    def guarded(request: HttpRequest, **parts: Any) -> HttpResponse:
        viewer = viewer_of(request)
        if viewer.user_id is None:
            return redirect(f"{reverse('citizen:sign_in')}?{urlencode({'next': request.path})}")
        if not may_see_mail(viewer):
            raise PermissionDenied
        return view(request, place_of(request, viewer), **parts)

    return guarded


def place_of(request: HttpRequest, viewer: Viewer) -> Administration:
    """The place the address names: one that the viewer administers, else one of their desk that they answer for."""
    code = request.GET.get("place", "")
    places = administered_places(viewer)
    place = next((one for one in places if code in ("", one.code)), None)
    if place is not None:
        return Administration(viewer, place, places)
    desk = open_desk(viewer, code)
    if desk is None or not viewer.has(Capability.MODERATE, desk.place.pk):
        raise Http404
    return Administration(viewer, desk.place, list(desk.places))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@answerable_only
def mail(request: HttpRequest, administration: Administration) -> HttpResponse:
    """The mails of a place; POST tries dead letters again, or gives them up."""
    if request.method == "POST":
        return _act(request, administration)
    return _page(request, administration)


def _page(request: HttpRequest, administration: Administration, problem: str = "", status: int = 200) -> HttpResponse:
    page = mail_page(administration.viewer, administration.place)
    strays = stray_mails(administration.viewer, administration.place)
    context: dict[str, Any] = {
        "page": page,
        "dead": [line_of(entry) for entry in page.dead],
        "retried": [line_of(entry) for entry in page.retried],
        "problem": problem,
        "strays": [(one, WHY_STRAY.get(one.why, one.why)) for one in strays[:MOST]],
        "administers": administration.viewer.has(Capability.ADMINISTER, administration.place.pk),
    }
    if not context["administers"]:
        context["manage_pages"] = []
    return show(request, administration, "administration/mail.html", context, status)


WHY_STRAY: dict[str, str | Promise] = {
    "altered": _("its address was altered, so nobody knows which request it is about"),
    "expired": _("its address was too old"),
    "empty": _("no words of the writer were found in it"),
    "too_long": _("it was too long"),
    "refused": _("the request took nothing more"),
}


def line_of(entry: OutboxEntry) -> MailLine:
    """A row with its words; a code that nobody knows any more is shown as it is."""
    news, audience = entry.codes.get("news", entry.kind), entry.codes.get("audience", "")
    return MailLine(
        entry,
        NEWS_NAME[News(news)] if news in set(News) else news,
        AUDIENCE_NAME[Audience(audience)] if audience in set(Audience) else audience,
    )


def _act(request: HttpRequest, administration: Administration) -> HttpResponse:
    wanted = numbers_sent(request.POST.getlist("id")[:MOST_IDS])
    act = request.POST.get("act", "")
    if act == "read":
        return _settle(request, administration)
    if act not in ("retry", "give_up") or not wanted:
        sentence = _("Choose at least one mail, then what to do with it.")
        return _page(request, administration, str(sentence), 422)
    ids = ids_of_dead(administration.viewer, administration.place, wanted)
    done = revive(ids) if act == "retry" else give_up(ids, administration.viewer.user_id)
    messages.success(request, _said(act, done))
    return redirect(administration.address("administration:mail"))


def _settle(request: HttpRequest, administration: Administration) -> HttpResponse:
    """Take stray mails from the list that somebody has read."""
    wanted = numbers_sent(request.POST.getlist("stray")[:MOST_IDS])
    if not wanted:
        return _page(request, administration, str(_("Choose at least one mail that was read.")), 422)
    strays = stray_mails(administration.viewer, administration.place).filter(pk__in=wanted)
    done = settle_strays(list(strays.values_list("pk", flat=True)), administration.viewer.user_id)
    messages.success(request, ngettext("%(n)s mail was read.", "%(n)s mails were read.", done) % {"n": done})
    return redirect(administration.address("administration:mail"))


def _said(act: str, count: int) -> str:
    if act == "retry":
        return ngettext("%(n)s mail is tried again now.", "%(n)s mails are tried again now.", count) % {"n": count}
    return ngettext("%(n)s mail was given up.", "%(n)s mails were given up.", count) % {"n": count}


# --- Previews --------------------------------------------------------------------------------------------------------


@require_safe
@administrators_only
def previews(request: HttpRequest, administration: Administration) -> HttpResponse:
    """Every mail that can be sent, by moment."""
    lines = [
        (NEWS_NAME[news], [(AUDIENCE_NAME[audience], news, audience) for audience in told])
        for news, told in MOMENTS.items()
    ]
    return show(request, administration, "administration/mail_previews.html", {"lines": lines})


@require_safe
@administrators_only
def preview(request: HttpRequest, administration: Administration, news: str, audience: str) -> HttpResponse:
    """One mail with invented facts, as text and as a page, the language of `?first=` first."""
    halves = _halves(request, administration, news, audience)
    context = {
        "name": NEWS_NAME[News(news)],
        "audience": AUDIENCE_NAME[Audience(audience)],
        "subject": " / ".join(dict.fromkeys(half.subject for half in halves)),
        "text": as_text(halves),
        "first": halves[0].language,
        "frame": reverse("administration:mail_preview_html", args=[news, audience]),
    }
    return show(request, administration, "administration/mail_preview.html", context)


@xframe_options_sameorigin
@require_safe
@administrators_only
def preview_html(request: HttpRequest, administration: Administration, news: str, audience: str) -> HttpResponse:
    """The page inside the mail, for the frame of its preview."""
    page = as_html(_halves(request, administration, news, audience))
    return HttpResponse(page, headers={"Content-Security-Policy": FRAMED})


def _halves(request: HttpRequest, administration: Administration, news: str, audience: str) -> list[Letter]:
    if news not in set(News) or audience not in MOMENTS[News(news)]:
        raise Http404
    first = request.GET.get("first") or get_language() or "en"
    first = first if first in languages_for("en") else "en"
    return sample(News(news), Audience(audience), administration.place, first)
