"""What every request meets first: a limit on its size, and its language."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

Handler = Callable[[HttpRequest], HttpResponse]


def declared_length(request: HttpRequest) -> int:
    """Return the body length in bytes that the client announces; 0 when it announces none that can be read."""
    word = request.META.get("CONTENT_LENGTH") or "0"
    return int(word) if word.isdigit() else 0


class RefuseLargeBodies:
    """Answer 413 to a body over MAX_BODY_BYTES before any of it is read."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if declared_length(request) <= settings.MAX_BODY_BYTES:
            return self.get_response(request)
        with translation.override(language_of(request)):
            response = too_large(request)
        response["Connection"] = "close"
        return response


def too_large(request: HttpRequest) -> HttpResponse:
    """Return the refusal: a page for a browser, one sentence for a program."""
    limit = settings.MAX_BODY_BYTES // (1024 * 1024)
    words = _("What you sent is too large. The limit is %(limit)s MB: send a smaller file.") % {"limit": limit}
    if "text/html" not in request.headers.get("Accept", ""):
        return HttpResponse(words, status=413, content_type="text/plain; charset=utf-8")
    # Rendered without the request: sessions and people are not known yet, and nothing of the body is to be read.
    page = {
        "heading": _("The file is too large"),
        "sentence": words,
        "back": request.get_full_path(),
        "home_jurisdiction": None,
    }
    return HttpResponse(render_to_string("site/problem.html", page), status=413)


def asked_language(request: HttpRequest) -> str | None:
    """Return the language named by `?lang=`, if it is one that the site speaks."""
    code = request.GET.get("lang", "")
    return code if code in dict(settings.LANGUAGES) else None


def language_of(request: HttpRequest) -> str:
    """Return the request's language: `?lang=`, then the cookie, then the browser's header, then the site's own."""
    return asked_language(request) or translation.get_language_from_request(request)


class ChosenLanguage:
    """Speak the reader's language for one request, and remember a choice made by `?lang=` in a cookie."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        if getattr(response, "same_for_everybody", False):
            return response  # its address says its language: any cache may keep it, and no cookie goes with it
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        response.headers.setdefault("Content-Language", language)
        if asked_language(request):
            remember(response, language)
        return response


def remember(response: HttpResponse, language: str) -> None:
    """Keep the chosen language in a cookie."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )
