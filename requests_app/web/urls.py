"""Addresses of the pages of citizens, of the desk and of administrators."""

from django.urls import include, path

urlpatterns = [
    path("crew/", include("requests_app.web.crew.urls")),
    path("desk/", include("requests_app.web.desk.urls")),
    path("feeds/", include("requests_app.web.feeds.urls")),
    path("partner/", include("requests_app.web.partner.urls")),
    path("manage/", include("requests_app.web.administration.urls")),
    path("", include("requests_app.web.citizen.urls")),
]
