"""Addresses of the partner's page."""

from django.urls import path

from requests_app.web.partner import views

app_name = "partner"

urlpatterns = [path("<slug:token>/", views.case, name="case")]
