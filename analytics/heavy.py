"""The one place where the slow libraries come in: pages that need pandas are imported when first asked for.

A web worker that serves citizens, tiles and sockets never loads them.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.http import HttpRequest, HttpResponseBase

View = Callable[..., HttpResponseBase]


def later(module: str, name: str) -> View:
    """Return a view that imports ``module`` on its first request and then calls its ``name``."""

    def view(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
        page: View = getattr(import_module(module), name)
        return page(request, **arguments)

    return view
