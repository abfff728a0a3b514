"""The service worker of the crew's pages: what lets a round be opened, and read, without a signal."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

SHELL = (
    "site/theme.css",
    "site/mark.svg",
    "site/bars.js",
    "vendor/atkinson-hyperlegible-next/atkinson-hyperlegible-next-latin-wght-normal.woff2",
    "vendor/atkinson-hyperlegible-next/atkinson-hyperlegible-next-latin-ext-wght-normal.woff2",
    "vendor/leaflet/leaflet.css",
    "vendor/leaflet/leaflet.js",
    "requests_app/citizen.css",
    "requests_app/pin-map.js",
    "requests_app/crew/crew.css",
    "requests_app/crew/entries.js",
    "requests_app/crew/leaving.js",
    "requests_app/crew/round.js",
    "requests_app/crew/round-map.js",
)
"""Files every crew page needs, fetched once and kept: a test follows the page, its scripts and its styles to them."""


@never_cache
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The script; it changes with the list of files, and then the browser takes the new one."""
    shell = [static(name) for name in SHELL]
    version = hashlib.sha256("\n".join(shell).encode()).hexdigest()[:12]
    context = {"shell": shell, "version": version, "static_url": static("")}
    response = render(request, "crew/worker.js", context, content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = "/crew/"
    return response
