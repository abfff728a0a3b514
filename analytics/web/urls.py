"""Addresses of the evaluator's pages."""

from django.urls import path

from analytics.heavy import later

PAGES = "analytics.web.pages"
VIEWS = "analytics.web.views"

app_name = "evaluate"
urlpatterns = [
    path("evaluate/", later(PAGES, "start"), name="start"),
    path("evaluate/<slug:code>/", later(PAGES, "report"), name="report"),
    path("evaluate/<slug:code>/cases/", later(PAGES, "cases"), name="cases"),
    path("evaluate/<slug:code>/cases.csv", later(PAGES, "cases_file"), name="cases_file"),
    path("evaluate/<slug:code>/<slug:table>.csv", later(PAGES, "table_file"), name="table_file"),
    path("evaluate/<slug:code>/<slug:slug>/", later(VIEWS, "view_page"), name="view"),
    path("evaluate/<slug:code>/<slug:slug>/<slug:table>.<slug:form>", later(VIEWS, "view_file"), name="view_file"),
]
