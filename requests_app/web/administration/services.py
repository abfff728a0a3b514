"""Pages of services: the list, the draft, the checklist, going live and retiring."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from requests_app.actions.config import SettingConflict
from requests_app.actions.errors import ActionError, Refused
from requests_app.actions.promised import late_steps
from requests_app.actions.setting_up import services as acts
from requests_app.actions.setting_up.service_checks import gaps, well_formed
from requests_app.actions.setting_up.service_definition import WHAT, service_document
from requests_app.labels import PUBLICITY, SERVICE_KIND
from requests_app.models import Service, ServiceState
from requests_app.models.fields import localized
from requests_app.permissions import Publicity
from requests_app.reads.late_steps import late_step_sentences
from requests_app.reads.setting_up import every_service, every_service_of, uses_of_service
from requests_app.web.acts import act_of
from requests_app.web.administration import editing
from requests_app.web.administration.editing import EDITORS, Editor, Sheet, Use
from requests_app.web.administration.fields import Document
from requests_app.web.administration.gate import Administration, administrators_only, show
from requests_app.web.administration.kinds import STATE
from requests_app.web.administration.service_fields import beginning, service_fields
from requests_app.web.administration.service_preview import preview_of
from requests_app.web.administration.uses import of_replies, of_rules, of_workflows
from requests_app.web.problem import error_page


def uses(administration: Administration, row: Service) -> Sequence[Use]:
    """The open cases of it, and the routes, rules, replies and roles that name it."""
    found = uses_of_service(administration.viewer, row)
    lines = []
    if found.requests:
        asked = {"place": administration.place.code, "tab": "city", "service": row.code}
        queue = f"{reverse('desk:queue')}?{urlencode(asked)}"
        counted = ngettext("%(count)s open request", "%(count)s open requests", found.open_requests)
        lines.append(Use(counted % {"count": found.open_requests}, queue))
        counted = ngettext("%(count)s request in all", "%(count)s requests in all", found.requests)
        lines.append(Use(counted % {"count": found.requests}))
    for route in found.routes:
        where = route.area.name if route.area else _("everywhere")
        address = administration.address("administration:office", setting_id=route.office_id)
        lines.append(Use(_("Route: %(where)s → %(office)s") % {"where": where, "office": route.office.name}, address))
    lines += of_rules(administration, found.rules)
    lines += of_workflows(administration, [row.workflow] if row.workflow else [])
    lines += of_replies(administration, found.replies)
    if found.memberships:
        counted = ngettext("%(count)s role limited to it", "%(count)s roles limited to it", found.memberships)
        lines.append(Use(counted % {"count": found.memberships}))
    return lines


def top(administration: Administration, row: Service, document: Document) -> Mapping[str, Any]:
    """The state, what is missing to go live, and what can be done now."""
    missing = gaps(administration.place, document) if "questions" in document else []
    is_live = row.state == ServiceState.LIVE
    return {
        "state": STATE[row.state],
        "is_live": is_live,
        "has_draft": row.draft is not None and row.state != ServiceState.DRAFT,
        "missing": missing,
        "late_steps": _late_steps(administration, row, document),
        "may_go_live": not missing and (not is_live or row.draft is not None),
        "may_retire": is_live,
    }


def _late_steps(administration: Administration, row: Service, document: Document) -> list[str]:
    """The steps that the definition promises later than the whole request, in sentences."""
    try:
        definition = well_formed(administration.place, document)
    except Refused:
        return []
    imagined = acts.imagined(row, definition)
    found = late_steps(imagined, imagined.workflow, administration.place.present)
    steps = imagined.workflow.steps if imagined.workflow else []
    names = {step["code"]: localized(step.get("names", {})) for step in steps}
    return late_step_sentences(found, names)


EDITOR = Editor(
    what=WHAT,
    list_url="administration:services",
    fields=service_fields,
    find=every_service,
    document=service_document,
    make=acts.make_service,
    keep=acts.save_service,
    beginning=beginning,
    uses=uses,
    preview=lambda administration, row, document: preview_of(administration.place, document),
    preview_template="administration/_service_preview.html",
    top=top,
    top_template="administration/_service_top.html",
    new_title=gettext_lazy("New service"),
    lead=gettext_lazy("Saving keeps a draft. Citizens see it when it goes live."),
)
EDITORS[WHAT] = EDITOR


@require_safe
@administrators_only
def services(request: HttpRequest, administration: Administration) -> HttpResponse:
    """The services of the place."""
    lines = [
        {
            "name": row.name or row.code,
            "address": administration.address("administration:service", setting_id=row.pk),
            "cells": (
                STATE[row.state] if row.draft is None or row.state == ServiceState.DRAFT else _("Live, with a draft")
                if row.state == ServiceState.LIVE else _("Retired, with a draft"),
                SERVICE_KIND[row.kind],
                PUBLICITY[Publicity(row.publicity)],
                row.owner.name if row.owner else "–",
            ),
        }
        for row in every_service_of(administration.place)
    ]  # fmt: skip
    context = {
        "title": _("Services and questions"),
        "lead": _("What citizens can ask for, what they are asked, and what they are promised."),
        "columns": (_("State"), _("Kind"), _("Publicity"), _("Answers for it")),
        "lines": lines,
        "new_address": administration.address("administration:service_new"),
        "new_words": _("Add a service"),
        "empty": _("No service yet: citizens can ask for nothing here. Add the first one."),
    }
    return show(request, administration, "administration/settings.html", context)


@administrators_only
def service(request: HttpRequest, administration: Administration, setting_id: int) -> HttpResponse:
    """One service."""
    return editing.edit(request, administration, EDITOR, setting_id)


@administrators_only
def service_new(request: HttpRequest, administration: Administration) -> HttpResponse:
    """A new service."""
    return editing.make(request, administration, EDITOR)


@act_of("administration:service", "setting_id")
@administrators_only
def service_live(request: HttpRequest, administration: Administration, setting_id: int) -> HttpResponse:
    """Let a service go live; refused with what is missing, each beside its field."""
    row = _service_or_404(administration, setting_id)
    seen = editing.version_sent(request)
    try:
        acts.go_live(row.pk, viewer=administration.viewer, seen=seen)
    except Refused as refused:
        sheet = Sheet(service_document(row), seen, refused.http_status, refused.fields)
        return editing.sheet_page(request, administration, EDITOR, row, sheet)
    except ActionError as error:
        return _refused(request, administration, row, error)
    messages.success(request, _("It is live: citizens can ask for it now."))
    return redirect(administration.address("administration:service", setting_id=row.pk))


@act_of("administration:service", "setting_id")
@administrators_only
def service_retire(request: HttpRequest, administration: Administration, setting_id: int) -> HttpResponse:
    """Offer a service no longer."""
    row = _service_or_404(administration, setting_id)
    try:
        acts.retire(row.pk, viewer=administration.viewer, seen=editing.version_sent(request))
    except ActionError as error:
        return _refused(request, administration, row, error)
    messages.success(request, _("It is retired: nobody can ask for it any more, and its requests go on to their end."))
    return redirect(administration.address("administration:service", setting_id=row.pk))


def _service_or_404(administration: Administration, setting_id: int) -> Service:
    row = every_service(administration.place, setting_id)
    if row is None:
        raise Http404
    return row


def _refused(request: HttpRequest, administration: Administration, row: Service, error: ActionError) -> HttpResponse:
    """The page of the service as it is now where somebody else was faster; the reason by itself otherwise."""
    if not isinstance(error, SettingConflict):
        return error_page(request, error, back=administration.address("administration:service", setting_id=row.pk))
    sheet = Sheet(service_document(row), error.version, error.http_status, conflict=error)
    return editing.sheet_page(request, administration, EDITOR, row, sheet)
