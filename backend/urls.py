"""Every address of the site. Each application brings its own; this file only says where they hang."""

from django.urls import URLPattern, URLResolver, include, path

from backend.health import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/", health, name="health"),
    path("", include("requests_app.web.urls")),
    path("", include("maps.urls")),  # before the reports, whose pages have free names: /evaluate/map/… is a map
    path("", include("analytics.web.urls")),
]
