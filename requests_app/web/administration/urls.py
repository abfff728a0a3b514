"""Addresses of the administrators' pages."""

from django.urls import path

from requests_app.web.administration import views

app_name = "administration"
urlpatterns = [path("", views.overview, name="overview")]
