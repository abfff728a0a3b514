"""Moving open cases to the newest version of their workflow: tried first, then done."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from requests_app.actions.workflow_moving import MOST_AT_ONCE, CaseFit, fits_of, move_cases
from requests_app.models import Workflow
from requests_app.reads.workflow_names import WorkflowNames
from requests_app.web.administration.gate import Administration, administrators_only, show
from requests_app.web.administration.workflows import found_workflow
from requests_app.workflows.definition import Definition
from requests_app.workflows.parse import kept

MOST_LISTED = 50


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def workflow_move(request: HttpRequest, administration: Administration, setting_id: int) -> HttpResponse:
    """GET tries: which open cases fit, which not and why. POST moves those that fit."""
    target = found_workflow(administration, setting_id)
    definition = kept(target.source)
    if definition is None:
        raise Http404
    steps = _steps_sent(request, definition)
    back = administration.address("administration:workflow", setting_id=target.pk)
    if request.method == "POST":
        _move(request, administration, target, steps)
        return redirect(administration.address("administration:workflow_move", setting_id=target.pk))
    found = fits_of(
        administration.viewer,
        jurisdiction_id=administration.place.pk,
        code=target.code,
        definition=definition,
        steps=steps,
        but=target.pk,
    )
    stay = [one for one in found if not one.fits]
    context = {
        "row": target,
        "back": back,
        "fitting": len(found) - len(stay),
        "stay": stay[:MOST_LISTED],
        "stay_count": len(stay),
        "most": MOST_AT_ONCE,
        "choices": _choices(found, definition, steps),
        "new_steps": [(step.code, WorkflowNames(definition).step(step.code)) for step in definition.main_steps],
        "chosen": steps,
    }
    return show(request, administration, "administration/workflow_move.html", context)


def _steps_sent(request: HttpRequest, definition: Definition) -> dict[str, str]:
    """Which old step becomes which new one, as the form says; what is no step of the version is left out."""
    sent = request.POST if request.method == "POST" else request.GET
    own = {step.code for step in definition.main_steps}
    return {name[5:]: str(value) for name, value in sent.items() if name.startswith("step-") and value in own}


def _choices(found: list[CaseFit], definition: Definition, steps: dict[str, str]) -> list[dict[str, str]]:
    """The old steps that the version does not have and cases are at: somebody says where these go on."""
    own = {step.code for step in definition.main_steps}
    lost: dict[str, str] = {}
    for one in found:
        at = one.case.step
        if at and at not in own and at not in lost:
            old = kept(one.case.workflow.source) if one.case.workflow else None
            lost[at] = WorkflowNames(old).step(at) or at
    return [{"code": code, "name": name, "chosen": steps.get(code, "")} for code, name in lost.items()]


def _move(request: HttpRequest, administration: Administration, target: Workflow, steps: dict[str, str]) -> None:
    done = move_cases(administration.viewer, target, steps)
    said = ngettext("%(n)s request was moved.", "%(n)s requests were moved.", done.moved) % {"n": done.moved}
    if done.left:
        said += " " + ngettext("%(n)s more fits: move again.", "%(n)s more fit: move again.", done.left) % {
            "n": done.left
        }
    (messages.success if done.moved else messages.info)(request, said)
    if done.stayed:
        reference, why = done.stayed[0]
        messages.warning(
            request,
            _("%(n)s stay with their version, the first %(reference)s: %(why)s")
            % {"n": len(done.stayed), "reference": reference, "why": why},
        )
