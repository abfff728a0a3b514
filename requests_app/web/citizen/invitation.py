"""The link by which a member of staff chooses their password."""

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from requests_app.actions.errors import Refused
from requests_app.actions.invitations import AccountClosed, LinkSpent, choose_password, invited
from requests_app.notify.links import BadLink
from requests_app.web.citizen.account import workplace
from requests_app.web.problem import problem_page
from requests_app.web.viewer import build_viewer


@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows and uses nothing up, for programs that look into mails; POST sets the password, once."""
    try:
        return _choose(request, token) if request.method == "POST" else _page(request, token)
    except BadLink as error:
        return _bad(request, error)
    except AccountClosed as closed:
        remedy = _("If you work here again, ask an administrator to let you sign in.")
        return problem_page(request, closed.http_status, closed.sentence, remedy=remedy)
    except LinkSpent as spent:
        return problem_page(
            request, spent.http_status, spent.sentence, remedy=_ask_anew(), back=reverse("citizen:sign_in")
        )


def _page(request: HttpRequest, token: str, problems: dict[str, str] | None = None, status: int = 200) -> HttpResponse:
    context = {"person": invited(token).user, "problems": problems or {}, "hide_sign_in": True}
    return render(request, "citizen/invitation.html", context, status=status)


def _choose(request: HttpRequest, token: str) -> HttpResponse:
    try:
        user = choose_password(token, request.POST.get("password", ""), request.POST.get("again", ""))
    except Refused as refused:
        told = {name: str(sentence) for name, sentence in refused.fields.items()}
        return _page(request, token, told, refused.http_status)
    login(request, user)
    messages.success(request, _("Your password is set and you are signed in."))
    return redirect(workplace(build_viewer(user, request.session)))


def _bad(request: HttpRequest, error: BadLink) -> HttpResponse:
    if error.is_expired:
        sentence = _("This link is too old. For your safety, links in mails stop working after a time.")
        return problem_page(request, 404, sentence, remedy=_ask_anew(), back=reverse("citizen:sign_in"))
    sentence = _("This link is not complete, or a letter of it was changed.")
    return problem_page(request, 404, sentence, remedy=_("Open it again from the mail, or copy the whole of it."))


def _ask_anew() -> str:
    return _("Ask an administrator to send you a new one.")
