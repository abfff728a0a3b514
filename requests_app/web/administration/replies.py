"""Pages of reply templates."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from requests_app.actions.setting_up import replies as acts
from requests_app.models import ReplyTemplate
from requests_app.reads.setting_up import open_cases_offered, replies_of, reply_of
from requests_app.web.administration import editing
from requests_app.web.administration.editing import EDITORS, Editor, Use
from requests_app.web.administration.fields import BOTH, Document
from requests_app.web.administration.gate import Administration, administrators_only, show
from requests_app.web.administration.reply_fields import reply_fields
from requests_app.web.administration.uses import of_offices, of_services


def preview(administration: Administration, row: ReplyTemplate | None, document: Document) -> Mapping[str, Any]:
    """What the citizen reads, in each language."""
    bodies = document.get("bodies") or {}
    return {"bodies": [(code, tongue, bodies[code]) for code, tongue in BOTH if bodies.get(code)]} if bodies else {}


def uses(administration: Administration, row: ReplyTemplate) -> Sequence[Use]:
    """Where staff are offered it, and for how many open requests; nothing where it is switched off."""
    if not row.is_active:
        return ()
    lines = of_services(administration, [row.service] if row.service else [], _("Service: %(name)s"))
    lines += of_offices(administration, [row.office] if row.office else [])
    count = open_cases_offered(administration.viewer, row)
    counted = ngettext(
        "Offered at the desk on %(count)s open request", "Offered at the desk on %(count)s open requests", count
    )
    return [*lines, Use(counted % {"count": count})]


EDITOR = Editor(
    what=acts.WHAT,
    list_url="administration:replies",
    fields=reply_fields,
    find=reply_of,
    document=acts.reply_document,
    make=acts.make_reply,
    keep=acts.save_reply,
    beginning=lambda place: {"kind": ReplyTemplate.Kind.MESSAGE.value, "active": True},
    uses=uses,
    preview=preview,
    preview_template="administration/_reply_preview.html",
    new_title=gettext_lazy("New reply template"),
    lead=gettext_lazy("Written once in both languages: staff start from the one in the citizen’s language."),
)
EDITORS[acts.WHAT] = EDITOR


@require_safe
@administrators_only
def replies(request: HttpRequest, administration: Administration) -> HttpResponse:
    """The reply templates of the place."""
    lines = [
        {
            "name": row.name,
            "address": administration.address("administration:reply", setting_id=row.pk),
            "cells": (
                acts.KINDS[row.kind],
                row.service.name if row.service else _("Every service"),
                row.office.name if row.office else _("Every office"),
            ),
            "is_off": not row.is_active,
        }
        for row in replies_of(administration.place)
    ]
    context = {
        "title": _("Reply templates"),
        "lead": _("Replies written once, in both languages, that staff start from."),
        "columns": (_("What it is for"), _("Service"), _("Office")),
        "lines": lines,
        "new_address": administration.address("administration:reply_new"),
        "new_words": _("Add a reply template"),
        "empty": _("No reply template yet. Write the first one: what do citizens ask most?"),
    }
    return show(request, administration, "administration/settings.html", context)


@administrators_only
def reply(request: HttpRequest, administration: Administration, setting_id: int) -> HttpResponse:
    """One template."""
    return editing.edit(request, administration, EDITOR, setting_id)


@administrators_only
def reply_new(request: HttpRequest, administration: Administration) -> HttpResponse:
    """A new template."""
    return editing.make(request, administration, EDITOR)
