"""The mails a demo has sent, on a page: where there is no mail server they lie in a drawer. Only in demo mode."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from requests_app.notify.drawer import Kept, kept, newest
from requests_app.web.citizen.demo import only_in_demo
from requests_app.web.framed import FRAMED


@only_in_demo
@never_cache
@require_safe
def drawer(request: HttpRequest) -> HttpResponse:
    """The newest mails."""
    return render(request, "citizen/demo_mail.html", {"mails": newest()})


@only_in_demo
@never_cache
@require_safe
def one(request: HttpRequest, name: str) -> HttpResponse:
    """One mail: its headers, its page and its text."""
    return render(request, "citizen/demo_mail_one.html", {"mail": _kept_or_404(name)})


@only_in_demo
@xframe_options_sameorigin
@never_cache
@require_safe
def one_html(request: HttpRequest, name: str) -> HttpResponse:
    """The page inside a mail, for the frame."""
    return HttpResponse(_kept_or_404(name).html, headers={"Content-Security-Policy": FRAMED})


def _kept_or_404(name: str) -> Kept:
    found = kept(name)
    if found is None:
        raise Http404
    return found
