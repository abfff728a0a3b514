"""What every template may know about the site."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Say whether this is a demo, and at which address the page can be had in each language."""
    return {
        "demo": settings.DEMO,
        "page_languages": [(code, address_in(request, code)) for code, _ in settings.LANGUAGES],
    }


def address_in(request: HttpRequest, language: str) -> str:
    """Return the present address, asking for another language."""
    query = request.GET.copy()
    query["lang"] = language
    return f"{request.path}?{query.urlencode()}"
