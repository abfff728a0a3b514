"""“My requests”: asked for with an address, opened by a mailed link that works once, left by signing out."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from requests_app.actions import Refused
from requests_app.actions.mine import ask_for_mine, use_link, was_used
from requests_app.clock import now
from requests_app.notify.addressees import PERSON
from requests_app.notify.links import LIFE, BadLink, Purpose, open_link, sign
from requests_app.notify.writing import STOPPABLE
from requests_app.reads.mine import mine_of
from requests_app.web.acts import act_of
from requests_app.web.citizen.from_mail import bad_link
from requests_app.web.problem import problem_page
from requests_app.web.viewer import TRACKED

MINE = "mine"
"""Session key: whose requests this browser may list, and until when."""


def signed_in_as(request: HttpRequest) -> int:
    """The person whose requests this browser lists; 0 when there is none, or the time is over."""
    held = request.session.get(MINE) or {}
    return int(held["person"]) if held and held["until"] > now().timestamp() else 0


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """The list for who has opened their link; for everybody else the form that has one mailed."""
    if request.method == "POST":
        return _ask(request)
    person_id = signed_in_as(request)
    if not person_id:
        return render(request, "citizen/mine_ask.html", {"problems": {}})
    lines = [
        (
            one,
            reverse("citizen:from_mail", args=[sign(Purpose.OPEN, one.case.pk, one.person_id)]),
            reverse("citizen:stop_mails", args=[sign(Purpose.STOP, STOPPABLE.index(PERSON), one.person_id)]),
        )
        for one in mine_of(person_id)
    ]
    return render(request, "citizen/mine.html", {"lines": lines})


def _ask(request: HttpRequest) -> HttpResponse:
    email = request.POST.get("email", "")
    try:
        ask_for_mine(email)
    except Refused as refused:
        problems = {name: str(sentence) for name, sentence in refused.fields.items()}
        return render(request, "citizen/mine_ask.html", {"problems": problems, "typed": request.POST}, status=422)
    messages.success(
        request,
        _("If requests were sent with that address, a mail with a link is on its way. It is good for two hours."),
    )
    return redirect("citizen:mine")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def open_mine(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks and uses nothing up, so that programs which look into mails do no harm; POST opens the list, once."""
    try:
        (person_id,) = open_link(Purpose.MINE, token, 1)
    except BadLink as error:
        return bad_link(request, error)
    if request.method != "POST":
        return _used(request) if was_used(token) else render(request, "citizen/mine_open.html")
    if not use_link(token):
        return _used(request)
    request.session.cycle_key()
    request.session[MINE] = {"person": person_id, "until": (now() + LIFE[Purpose.MINE]).timestamp()}
    return redirect("citizen:mine")


def _used(request: HttpRequest) -> HttpResponse:
    sentence = _("This link was used already: it works once.")
    return problem_page(
        request,
        410,
        sentence,
        remedy=_("Ask for a new one; five minutes after the last."),
        back=reverse("citizen:mine"),
    )


@never_cache
@act_of("citizen:mine")
def leave(request: HttpRequest) -> HttpResponse:
    """Sign out: this browser forgets the list and every request it had opened."""
    for key in (MINE, TRACKED):
        request.session.pop(key, None)
    messages.success(request, _("You are signed out. This browser shows your requests no more."))
    return redirect("citizen:mine")
