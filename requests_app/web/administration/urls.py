"""Addresses of the administrators' pages."""

from django.urls import URLPattern, URLResolver, path

from requests_app.web.administration import (
    calendars,
    changes,
    mail,
    offices,
    replies,
    restoring,
    services,
    views,
    workflow_editing,
    workflow_moving,
    workflows,
)

app_name = "administration"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.overview, name="overview"),
    path("mail/", mail.mail, name="mail"),
    path("mail/previews/", mail.previews, name="mail_previews"),
    path("mail/previews/<slug:news>/<slug:audience>/", mail.preview, name="mail_preview"),
    path("mail/previews/<slug:news>/<slug:audience>/html/", mail.preview_html, name="mail_preview_html"),
    path("changes/", changes.changes, name="changes"),
    path("changes/<int:change_id>/restore/", restoring.restore, name="restore"),
    path("services/", services.services, name="services"),
    path("services/new/", services.service_new, name="service_new"),
    path("services/<int:setting_id>/", services.service, name="service"),
    path("services/<int:setting_id>/live/", services.service_live, name="service_live"),
    path("services/<int:setting_id>/retire/", services.service_retire, name="service_retire"),
    path("workflows/", workflows.workflows, name="workflows"),
    path("workflows/new/", workflow_editing.workflow_new, name="workflow_new"),
    path("workflows/<int:setting_id>/", workflows.workflow, name="workflow"),
    path("workflows/<int:setting_id>/edit/", workflow_editing.workflow_edit, name="workflow_edit"),
    path("workflows/<int:setting_id>/restore/", workflow_editing.workflow_restore, name="workflow_restore"),
    path("workflows/<int:setting_id>/move/", workflow_moving.workflow_move, name="workflow_move"),
    path("offices/", offices.offices, name="offices"),
    path("offices/new/", offices.office_new, name="office_new"),
    path("offices/<int:setting_id>/", offices.office, name="office"),
    path("calendars/", calendars.calendars, name="calendars"),
    path("calendars/new/", calendars.calendar_new, name="calendar_new"),
    path("calendars/<int:setting_id>/", calendars.calendar, name="calendar"),
    path("replies/", replies.replies, name="replies"),
    path("replies/new/", replies.reply_new, name="reply_new"),
    path("replies/<int:setting_id>/", replies.reply, name="reply"),
]
