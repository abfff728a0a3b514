"""Following a request by mail, without an account: asked for on its page, begun by the link of a mail."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from requests_app.actions.follow import Confirmed, ask_to_follow, confirm_following
from requests_app.models import ServiceRequest
from requests_app.notify.links import BadLink, Purpose, open_link
from requests_app.reads.following import Following, followed
from requests_app.web.citizen.me_too import count_once, keep_browser, may_support
from requests_app.web.problem import problem_page


def ask(request: HttpRequest, found: ServiceRequest) -> HttpResponse:
    """Mail the link by which the address confirms, and count the person where they say so. Raises an `ActionError`."""
    email = request.POST.get("email", "")
    ask_to_follow(found.pk, email=email, language=(get_language() or "en")[:2])
    response = redirect("citizen:request", reference=found.reference)
    if request.POST.get("too") and may_support(request, found):
        keep_browser(response, count_once(request, found, email))
    messages.success(
        request,
        str(
            _(
                "Look into your mail: unless that address follows this request already, there is a link. News begin "
                "when you have opened it and said yes."
            )
        ),
    )
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST begins. A mail program that only opens the link begins nothing."""
    try:
        (follower_id,) = open_link(Purpose.FOLLOW, token, 1)
    except BadLink as error:
        return _bad(request, error)
    one = followed(follower_id)
    if one is None or one.has_ended:
        return _ended(request)
    if one.is_confirmed:
        return _used(request, one)
    if request.method != "POST":
        return render(request, "citizen/follow.html", {"one": one, "done": False})
    answer = confirm_following(follower_id)
    if answer is Confirmed.GONE:
        return _ended(request)
    if answer is Confirmed.BEFORE:
        return _used(request, one)
    return render(request, "citizen/follow.html", {"one": one, "done": True})


def _bad(request: HttpRequest, error: BadLink) -> HttpResponse:
    if error.is_expired:
        sentence = _("This link is too old: it is good for three days. Nothing was begun, and no address is kept.")
        return problem_page(request, 404, sentence, remedy=_("Ask for the news again on the page of the request."))
    sentence = _("This link is not complete, or a letter of it was changed.")
    return problem_page(request, 404, sentence, remedy=_("Open it again from the mail, or copy the whole of it."))


def _used(request: HttpRequest, one: Following) -> HttpResponse:
    sentence = _("You follow %(reference)s already: this link was used.") % {"reference": one.reference}
    page = reverse("citizen:request", args=[one.reference])
    remedy = _("To get no more news, use “Stop these mails” at the end of any of them.")
    return problem_page(request, 410, sentence, remedy=remedy, back=page)


def _ended(request: HttpRequest) -> HttpResponse:
    sentence = _("There is nothing to follow by this link any more: it was stopped, or the request is not public now.")
    return problem_page(request, 410, sentence, remedy=_("Ask for the news again on the page of the request."))
