"""Addresses of feeds: what of, the language, the form."""

from django.urls import path

from requests_app.web.feeds import views

app_name = "feeds"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("requests/<str:reference>.<slug:language>.<slug:form>", views.of_request, name="request"),
    path("<slug:place>/all.<slug:language>.<slug:form>", views.of_place, name="place"),
    path("<slug:place>/services/<slug:service>.<slug:language>.<slug:form>", views.of_service, name="service"),
    path("<slug:place>/areas/<str:area>.<slug:language>.<slug:form>", views.of_area, name="area"),
]
