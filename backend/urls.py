"""Every address of the site. Each application brings its own; this file only says where they hang."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from backend.health import health

# Applications whose addresses are mounted, first match wins.
MOUNTED = ("requests_app.web.urls", "requests_app.open311.urls", "analytics.web.urls", "maps.urls")


def mounted(module: str) -> list[URLResolver]:
    """Return the include for an application's addresses, or nothing where it has none."""
    return [path("", include(module))] if find_spec(module.rpartition(".")[0]) and find_spec(module) else []


urlpatterns: list[URLPattern | URLResolver] = [
    path("health/", health, name="health"),
    *(address for module in MOUNTED for address in mounted(module)),
]
