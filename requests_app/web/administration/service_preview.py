"""The citizen's form as a definition would make it, in both languages side by side."""

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from requests_app.actions.errors import Refused
from requests_app.actions.setting_up.service_checks import well_formed
from requests_app.models import Jurisdiction, Question, Service, Stopper
from requests_app.web.administration.fields import BOTH


def preview_of(place: Jurisdiction, document: Mapping[str, Any]) -> dict[str, Any]:
    """The form in each language, as HTML; nothing of a definition that cannot be kept."""
    try:
        definition = well_formed(place, document)
    except Refused:
        return {}
    return {"forms": [(code, tongue, _form(definition, code)) for code, tongue in BOTH]}


def _form(definition: Mapping[str, Any], language: str) -> SafeString:
    service = Service(
        names=definition["names"],
        descriptions=definition["descriptions"],
        group_names=definition["group"],
        kind=definition["kind"],
        publicity=definition["publicity"],
        needs_place=definition["needs_place"],
        takes_photo=definition["takes_photo"],
    )
    context = {
        "service": service,
        "stoppers": [_stopper(row) for row in definition["stoppers"]],
        "questions": [
            {"question": _question(row), "name": f"preview-{language}-{number}", "value": "", "problem": ""}
            for number, row in enumerate(definition["questions"])
        ],
        "language": language,
    }
    with translation.override(language):
        return render_to_string("administration/_form_preview.html", context)


def _question(row: Mapping[str, Any]) -> Question:
    return Question(
        code=row["code"],
        names=row["names"],
        hints=row["hints"],
        datatype=row["datatype"],
        choices=row["choices"],
        is_required=row["required"],
    )


def _stopper(row: Mapping[str, Any]) -> Stopper:
    return Stopper(
        names=row["names"],
        advice=row["advice"],
        organisation_names=row["organisation"],
        phone=row["phone"],
        url=row["url"],
    )
