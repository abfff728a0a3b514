"""Addresses that only take what a form sends."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

View = Callable[..., HttpResponse]


def act_of(page: str, *kept: str) -> Callable[[View], View]:
    """A view that acts; whoever only opens its address comes to the `page` its form stands on.

    That happens when a refused form is shown again, at the address of the act, and the reader asks for it in the
    other language or enters the address anew. `kept` are the arguments that the page takes as well.
    """

    def decorate(view: View) -> View:
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def acting(request: HttpRequest, *args: Any, **parts: Any) -> HttpResponse:
            if request.method == "POST":
                return view(request, *args, **parts)
            query = request.GET.urlencode()
            address = reverse(page, kwargs={name: parts[name] for name in kept})
            return redirect(f"{address}?{query}" if query else address)

        return acting

    return decorate
