"""The pages of workflows: the list, and one version with its picture, its steps in words and its history."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from requests_app.models import Workflow
from requests_app.reads.workflow_pages import Version, services_using, versions_of, workflow_of, workflows_of
from requests_app.reads.workflow_told import described, office_names, picture_of, steps_told
from requests_app.web.administration.gate import Administration, administrators_only, show
from requests_app.workflows.definition import Definition
from requests_app.workflows.parse import kept

CONTEXT_LINES = 2


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of two texts compared. `look`: same, gone, new or gap."""

    look: str
    text: str


@require_safe
@administrators_only
def workflows(request: HttpRequest, administration: Administration) -> HttpResponse:
    """Every workflow of the place."""
    lines = [
        {"line": line, "address": administration.address("administration:workflow", setting_id=line.newest.pk)}
        for line in workflows_of(administration.viewer, administration.place)
    ]
    context = {"lines": lines, "new_address": administration.address("administration:workflow_new")}
    return show(request, administration, "administration/workflows.html", context)


@require_safe
@administrators_only
def workflow(request: HttpRequest, administration: Administration, setting_id: int) -> HttpResponse:
    """One version of a workflow."""
    row = found_workflow(administration, setting_id)
    versions = versions_of(administration.viewer, administration.place, row.code)
    definition = kept(row.source)
    services = services_using(administration.place, row.code)
    context: dict[str, Any] = {
        "row": row,
        "newest": versions[0].workflow,
        "is_newest": versions[0].workflow.pk == row.pk,
        "behind": sum(one.open_cases for one in versions[1:]),
        "open_cases": sum(one.open_cases for one in versions),
        "history": history(administration, versions),
        "services": [(one, administration.address("administration:service", setting_id=one.pk)) for one in services],
        "list_address": administration.address("administration:workflows"),
        "edit_address": administration.address("administration:workflow_edit", setting_id=versions[0].workflow.pk),
        "move_address": administration.address("administration:workflow_move", setting_id=versions[0].workflow.pk),
        "newest_address": administration.address("administration:workflow", setting_id=versions[0].workflow.pk),
        **(drawn(administration, definition) if definition else {"told_only": row.steps}),
    }
    return show(request, administration, "administration/workflow.html", context)


def found_workflow(administration: Administration, setting_id: int) -> Workflow:
    """The version of that id; 404 where the place has none."""
    row = workflow_of(administration.place, setting_id)
    if row is None:
        raise Http404
    return row


def drawn(administration: Administration, definition: Definition) -> dict[str, Any]:
    """The picture of a definition and its steps in words."""
    offices = office_names(administration.place)
    steps = steps_told(definition, offices)
    return {"drawing": picture_of(definition, offices), "described": described(steps), "steps": steps}


def history(administration: Administration, versions: Sequence[Version]) -> list[dict[str, Any]]:
    """Every version, the newest first, with what it changed in the text of the one before."""
    older = [one.workflow.source for one in versions[1:]] + [""]
    return [
        {
            "version": one,
            "address": administration.address("administration:workflow", setting_id=one.workflow.pk),
            "restore": administration.address("administration:workflow_restore", setting_id=one.workflow.pk),
            "diff": diff(before, one.workflow.source) if before and one.workflow.source else [],
        }
        for one, before in zip(versions, older, strict=True)
    ]


def diff(before: str, after: str) -> list[DiffLine]:
    """The lines that differ with a few around them."""
    lines: list[DiffLine] = []
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=CONTEXT_LINES)
    for line in list(found)[2:]:
        if line.startswith("@@"):
            lines += [DiffLine("gap", "")] if lines else []
        else:
            lines.append(DiffLine({"+": "new", "-": "gone"}.get(line[0], "same"), line[1:]))
    return lines
