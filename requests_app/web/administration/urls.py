"""Addresses of the administrators' pages."""

from django.urls import URLPattern, URLResolver, path

from requests_app.web.administration import changes, views

app_name = "administration"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.overview, name="overview"),
    path("changes/", changes.changes, name="changes"),
]
