"""Addresses of the evaluator's pages."""

from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from analytics.heavy import later

PAGES = "analytics.web.pages"
VIEWS = "analytics.web.views"
CHANGES = "analytics.web.changes"
FROZEN = "analytics.web.frozen"
GUIDE = "analytics.web.guide"
MAILS = "analytics.web.mails"
PRINTS = "analytics.web.prints"
WAITS = "analytics.web.waits"

app_name = "evaluate"
urlpatterns = [
    path("evaluate/", later(PAGES, "start"), name="start"),
    path("evaluate/frozen/<int:pk>/", later(FROZEN, "frozen_page"), name="frozen"),
    path("evaluate/frozen/<int:pk>.json", later(FROZEN, "frozen_file"), name="frozen_file"),
    path("evaluate/frozen/<int:pk>.pdf", later(PRINTS, "frozen_pdf"), name="frozen_pdf"),
    path("evaluate/frozen/<int:pk>/<slug:section>.csv", later(PRINTS, "frozen_table"), name="frozen_table"),
    path("evaluate/frozen/<int:pk>/share/", later(FROZEN, "share_page"), name="share"),
    path("evaluate/frozen/<int:pk>/share/<int:link>/end/", later(FROZEN, "unshare_page"), name="unshare"),
    path("evaluate/shared/<str:token>/", later(FROZEN, "shared_page"), name="shared"),
    path("evaluate/shared/<str:token>/report.pdf", later(PRINTS, "shared_pdf"), name="shared_pdf"),
    path("evaluate/mails/", later(MAILS, "my_mails"), name="my_mails"),
    path("evaluate/mails/<int:subscription>/", later(MAILS, "mail_change"), name="mail_change"),
    path("evaluate/mails/<int:subscription>/end/", later(MAILS, "mail_end"), name="mail_end"),
    # A mail program sends the form by itself (RFC 8058): the signature in the address is the right.
    path("evaluate/mails/stop/<str:token>/", csrf_exempt(later(MAILS, "stop_mail")), name="stop_mail"),
    path("evaluate/<slug:code>/mail/", later(MAILS, "mail_page"), name="mail_page"),
    path("evaluate/<slug:code>/freeze/", later(FROZEN, "freeze_page"), name="freeze"),
    path("evaluate/<slug:code>/frozen/", later(FROZEN, "frozen_list"), name="frozen_list"),
    path("evaluate/<slug:code>/", later(PAGES, "report"), name="report"),
    path("evaluate/<slug:code>/cases/", later(PAGES, "cases"), name="cases"),
    path("evaluate/<slug:code>/cases.csv", later(PAGES, "cases_file"), name="cases_file"),
    path("evaluate/<slug:code>/guide/", later(GUIDE, "guide"), name="guide"),
    path("evaluate/<slug:code>/waits/", later(WAITS, "waits"), name="waits"),
    path("evaluate/<slug:code>/waits/<slug:table>.<slug:form>", later(WAITS, "waits_file"), name="waits_file"),
    path("evaluate/<slug:code>/changes/", later(CHANGES, "changes"), name="changes"),
    path("evaluate/<slug:code>/changes/new/", later(CHANGES, "new"), name="change_new"),
    path("evaluate/<slug:code>/changes/see/", later(CHANGES, "see"), name="change_see"),
    path(
        "evaluate/<slug:code>/changes/see/<slug:table>.<slug:form>", later(CHANGES, "see_file"), name="change_see_file"
    ),
    path("evaluate/<slug:code>/changes/<int:number>/", later(CHANGES, "change"), name="change"),
    path("evaluate/<slug:code>/changes/<int:number>/sheet/", later(CHANGES, "sheet"), name="change_sheet"),
    path("evaluate/<slug:code>/changes/<int:number>/cases/", later(CHANGES, "change_cases"), name="change_cases"),
    path(
        "evaluate/<slug:code>/changes/<int:number>/<slug:table>.<slug:form>",
        later(CHANGES, "change_file"),
        name="change_file",
    ),
    path("evaluate/<slug:code>/cases.<slug:form>", later(PAGES, "cases_file"), name="cases_form"),
    path("evaluate/<slug:code>/<slug:table>.csv", later(PAGES, "table_file"), name="table_file"),
    path("evaluate/<slug:code>/<slug:table>.<slug:form>", later(PAGES, "table_file"), name="table_form"),
    path("evaluate/<slug:code>/<slug:slug>/", later(VIEWS, "view_page"), name="view"),
    path("evaluate/<slug:code>/<slug:slug>/<slug:table>.<slug:form>", later(VIEWS, "view_file"), name="view_file"),
]
