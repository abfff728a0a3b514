"""Writing a workflow: its text is judged, drawn and compared before it is saved as the next version."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from requests_app.actions.errors import ActionError, Refused
from requests_app.actions.promised import late_steps
from requests_app.actions.workflow_moving import fits_of
from requests_app.actions.workflow_versions import (
    SavedMeanwhile,
    Unsound,
    checked_workflow,
    make_workflow,
    save_workflow,
)
from requests_app.models import Service, Workflow
from requests_app.models.fields import localized
from requests_app.reads.late_steps import late_step_sentences
from requests_app.reads.rule_pages import services_by_workflow
from requests_app.reads.workflow_pages import versions_of
from requests_app.web.acts import act_of
from requests_app.web.administration.editing import version_sent
from requests_app.web.administration.gate import Administration, administrators_only, show
from requests_app.web.administration.workflows import diff, drawn, found_workflow
from requests_app.workflows.definition import Definition
from requests_app.workflows.parse import MOST_CHARACTERS
from requests_app.workflows.said import sentence
from requests_app.workflows.shipped import shipped
from requests_app.workflows.told import told_steps

MOST_SENT = 2 * MOST_CHARACTERS
MOST_MISFITS = 20


@dataclass(slots=True)
class Sheet:
    """The state of the page: the text as it is typed, what is wrong with it, and what somebody else saved meanwhile."""

    source: str
    version: int
    problems: list[str] = field(default_factory=list)
    preview: dict[str, Any] = field(default_factory=dict)
    meanwhile: Workflow | None = None
    status: int = 200


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def workflow_edit(request: HttpRequest, administration: Administration, setting_id: int) -> HttpResponse:
    """The text of a workflow: GET shows the newest, POST previews or saves it."""
    row = _newest(administration, found_workflow(administration, setting_id))
    if request.method != "POST":
        return _page(request, administration, row, Sheet(row.source, row.version))
    sheet = Sheet(typed(request), version_sent(request))
    if "preview" in request.POST:
        return _page(request, administration, row, _previewed(administration, row, sheet))
    return _save(request, administration, row, sheet)


@act_of("administration:workflow_edit", "setting_id")
@administrators_only
def workflow_restore(request: HttpRequest, administration: Administration, setting_id: int) -> HttpResponse:
    """Save the text of an older version as the next one; where it no longer fits, it opens with what is wrong."""
    older = found_workflow(administration, setting_id)
    row = _newest(administration, older)
    return _save(request, administration, row, Sheet(older.source, version_sent(request)))


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def workflow_new(request: HttpRequest, administration: Administration) -> HttpResponse:
    """A workflow of one's own, begun from one of those that come with the product."""
    known = shipped()
    if request.method != "POST":
        begin = request.GET.get("from", "")
        return _page(request, administration, None, Sheet(known.get(begin, ""), 0))
    sheet = Sheet(typed(request), 0)
    if "preview" in request.POST:
        return _page(request, administration, None, _previewed(administration, None, sheet))
    return _save(request, administration, None, sheet)


def typed(request: HttpRequest) -> str:
    """The text as it was typed, with the line ends that files have."""
    return request.POST.get("source", "").replace("\x00", "").replace("\r\n", "\n")[:MOST_SENT]


def _newest(administration: Administration, row: Workflow) -> Workflow:
    return versions_of(administration.viewer, administration.place, row.code)[0].workflow


def _save(request: HttpRequest, administration: Administration, row: Workflow | None, sheet: Sheet) -> HttpResponse:
    try:
        saved = _saved(administration, row, sheet)
    except Unsound as unsound:
        sheet.problems, sheet.status = [sentence(one) for one in unsound.problems], unsound.http_status
    except SavedMeanwhile as faster:
        newest = _newest(administration, row) if row else None
        sheet.meanwhile, sheet.status = newest, faster.http_status
        sheet.version = newest.version if newest else 0
    except Refused as refused:
        sheet.problems, sheet.status = [str(one) for one in refused.fields.values()], refused.http_status
    except ActionError as error:
        sheet.problems, sheet.status = [str(error.sentence)], error.http_status
    else:
        messages.success(request, _("Saved as version %(number)s.") % {"number": saved.version})
        for sentence_ in _late_steps(administration, saved):
            messages.warning(request, sentence_)
        return redirect(administration.address("administration:workflow", setting_id=saved.pk))
    return _page(request, administration, row, sheet)


def _late_steps(administration: Administration, workflow: Workflow) -> list[str]:
    """The steps that services with this workflow promise later than the whole request, in sentences."""
    place = administration.place
    names = {step["code"]: localized(step.get("names", {})) for step in workflow.steps}
    users = services_by_workflow(place, workflow.code)
    said: list[str] = []
    for service in users or [Service(jurisdiction=place)]:
        service.jurisdiction = place
        found = late_steps(service, workflow, place.present)
        said += late_step_sentences(found, names, service.name if service.pk else "")
    return said


def _saved(administration: Administration, row: Workflow | None, sheet: Sheet) -> Workflow:
    viewer, place = administration.viewer, administration.place
    if row is None:
        return make_workflow(viewer, jurisdiction_id=place.pk, source=sheet.source)
    return save_workflow(
        viewer, jurisdiction_id=place.pk, source=sheet.source, seen_version=sheet.version, code=row.code
    )


def _previewed(administration: Administration, row: Workflow | None, sheet: Sheet) -> Sheet:
    """The sheet with what saving would do, or with what is wrong."""
    try:
        definition = checked_workflow(administration.place.pk, sheet.source)
    except Unsound as unsound:
        sheet.problems, sheet.status = [sentence(one) for one in unsound.problems], unsound.http_status
        return sheet
    sheet.preview = drawn(administration, definition)
    imagined = Workflow(code=definition.code, source=sheet.source, steps=told_steps(definition))
    sheet.preview["late_steps"] = _late_steps(administration, imagined)
    if row is not None:
        sheet.preview |= _against(administration, row, sheet.source, definition)
    return sheet


def _against(administration: Administration, row: Workflow, source: str, definition: Definition) -> dict[str, Any]:
    """What would change, and which open cases could not be moved to it as they stand."""
    found = fits_of(
        administration.viewer,
        jurisdiction_id=administration.place.pk,
        code=row.code,
        definition=definition,
        steps={},
    )
    misfits = [one for one in found if not one.fits]
    return {
        "diff": diff(row.source, source),
        "open_cases": len(found),
        "misfits": misfits[:MOST_MISFITS],
        "misfit_count": len(misfits),
    }


def _page(request: HttpRequest, administration: Administration, row: Workflow | None, sheet: Sheet) -> HttpResponse:
    to = administration.address
    context = {
        "row": row,
        "sheet": sheet,
        "preview": sheet.preview,
        "meanwhile_diff": diff(sheet.meanwhile.source, sheet.source) if sheet.meanwhile else [],
        "back": to("administration:workflow", setting_id=row.pk) if row else to("administration:workflows"),
        "beginnings": [] if row else [(name, f"{to('administration:workflow_new')}&from={name}") for name in shipped()],
        **sheet.preview,
    }
    return show(request, administration, "administration/workflow_edit.html", context, status=sheet.status)
