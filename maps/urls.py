"""Addresses of maps."""

from django.urls import include, path

urlpatterns = [
    path("", include("maps.folium.urls")),
]
