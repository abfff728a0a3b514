"""A page that says what went wrong and what to do, for any status."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.actions import ActionError

HEADINGS: dict[int, str | Promise] = {
    403: _("This is not for your role"),
    404: _("There is no such page"),
    409: _("Somebody was faster"),
    410: _("This link has done its work"),
    413: _("The file is too large"),
    422: _("This cannot be taken as it is"),
    429: _("Too much at once"),
}


def problem_page(
    request: HttpRequest,
    status: int,
    sentence: str | Promise,
    *,
    remedy: str | Promise = "",
    back: str = "",
    heading: str | Promise = "",
) -> HttpResponse:
    """The page for a refused request; `back` is where the reader can go on."""
    context = {
        "heading": heading or HEADINGS.get(status, HEADINGS[422]),
        "sentence": sentence,
        "remedy": remedy,
        "back": back,
    }
    return render(request, "site/problem.html", context, status=status)


def error_page(request: HttpRequest, error: ActionError, *, back: str = "") -> HttpResponse:
    """The page for a refused action."""
    return problem_page(request, error.http_status, error.sentence, back=back)
