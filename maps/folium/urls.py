"""Addresses of the folium pages."""

from django.urls import path

from analytics.heavy import later

urlpatterns = [
    path("evaluate/map/<slug:code>/", later("maps.folium.views", "choropleth"), name="evaluate_map"),
]
