"""Addresses of the crew's pages. The worker's address decides its reach: everything below `/crew/`."""

from django.urls import URLPattern, path

from requests_app.web.crew import entries, my_round, worker

app_name = "crew"
urlpatterns: list[URLPattern] = [
    path("", my_round.my_round, name="round"),
    path("from/", my_round.set_out_from, name="from"),
    path("entries/", entries.enter, name="enter"),
    path("worker.js", worker.worker, name="worker"),
]
