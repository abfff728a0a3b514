"""The page on which a case is moved to another service: what follows is shown before it is done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from requests_app.actions import Refused, possible
from requests_app.actions.foreseen import Foreseen, foresee
from requests_app.actions.workflow_versions import misfit_words
from requests_app.labels import PRIORITY, PUBLICITY
from requests_app.models import Office, Workflow
from requests_app.models.fields import localized
from requests_app.permissions import Publicity
from requests_app.reads.desk import Desk, choices
from requests_app.reads.explained import teller_of
from requests_app.reads.workflow_names import WorkflowNames
from requests_app.routing.told import How, Told
from requests_app.states import Activity
from requests_app.text.spoken import spoken_time
from requests_app.web.desk.case import open_case, query_of
from requests_app.web.desk.frame import frame
from requests_app.web.desk.gate import staff_only
from requests_app.web.numbers import number_sent
from requests_app.workflows.parse import kept

WANTED = "new_service"
"""The name of the service in the address: `service` is a filter of the list the case was opened from."""


@dataclass(frozen=True, slots=True)
class Line:
    """One fact of the case as it is and as it would be."""

    name: str | Promise
    before: str | Promise
    after: str | Promise

    @property
    def changes(self) -> bool:
        """Whether it would be another."""
        return str(self.before) != str(self.after)


@never_cache
@require_safe
@staff_only
def service_page(request: HttpRequest, viewer: Any, reference: str) -> HttpResponse:
    """The choice of a service and, once one is chosen, everything that would follow; nothing is written."""
    found, desk = open_case(viewer, reference, to_show=False)
    if Activity.RECATEGORIZED not in possible(found, viewer):
        raise PermissionDenied
    wanted = request.GET.get(WANTED, "")
    problem, seen = "", None
    if WANTED in request.GET:
        try:
            seen = foresee(found.pk, viewer, number_sent(wanted) or 0)
        except Refused as refused:
            problem = " ".join(str(sentence) for sentence in refused.fields.values())
    services = [one for one in choices(desk.place).services if one.pk != found.service_id]
    context = _frame(request, desk) | {"case": found, "services": services, "wanted": wanted, "problem": problem}
    if seen is not None:
        context |= _preview(seen)
    return render(request, "desk/service.html", context, status=422 if problem else 200)


def _frame(request: HttpRequest, desk: Desk) -> dict[str, Any]:
    kept = [(name, request.GET[name]) for name in request.GET if name != WANTED]
    return {**frame(desk), "query": query_of(request), "kept": kept}


def _preview(seen: Foreseen) -> dict[str, Any]:
    change, office = seen.change, seen.change.routing.office
    return {
        "seen": seen,
        "service": change.service,
        "sends": change.sends,
        "from_office": seen.request.office.name if seen.request.office else "",
        "to_office": office.name if office else "",
        "told": _told(seen),
        "lines": [line for line in _lines(seen) if line.before or line.after],
        "stuck": [misfit_words(one) for one in change.stuck],
        "left": _left(seen),
    }


def _told(seen: Foreseen) -> Told:
    """Why it would go there, in the words that are kept on the case."""
    routing = seen.change.routing
    holder = seen.request.office.name if seen.request.office else ""
    told = teller_of(seen.request.jurisdiction, routing.explanation.get("rules", 0))
    goes = seen.change.sends or not holder
    name = routing.office.name if routing.office else holder
    return told.told(routing.explanation, name, How.SENT if goes else How.STAYS)


def _lines(seen: Foreseen) -> list[Line]:
    request, change, before, after = seen.request, seen.change, seen.before, seen.after
    goes_to = change.routing.office if change.sends else request.office
    clocks, then = before.clocks, after.clocks
    return [
        Line(_("Service"), request.service.name, change.service.name),
        Line(_("Office"), _name(request.office), _name(goes_to)),
        Line(_("Way of work"), _way(request.workflow), _way(change.workflow)),
        Line(_("Step"), _step(request.workflow, before.step), _step(change.workflow, after.step)),
        Line(_("Priority"), PRIORITY[before.priority], PRIORITY[after.priority]),
        Line(_("Promised"), _when(seen, clocks.due_at), _when(seen, then.due_at)),
        Line(_("Promised for this step"), _when(seen, clocks.step_due_at), _when(seen, then.step_due_at)),
        Line(_("Who can see it"), _public(request.service.publicity), _public(change.service.publicity)),
        Line(_("Tags"), ", ".join(request.tags), ", ".join(dict.fromkeys([*request.tags, *change.routing.tags]))),
    ]


def _name(office: Office | None) -> str:
    return office.name if office else _("No office yet")


def _way(workflow: Workflow | None) -> str:
    if workflow is None:
        return ""
    return _("%(name)s, version %(number)s") % {"name": localized(workflow.names), "number": workflow.version}


def _step(workflow: Workflow | None, code: str) -> str:
    return str(WorkflowNames(kept(workflow.source)).step(code)) if workflow and code else ""


def _when(seen: Foreseen, at: datetime | None) -> str:
    return spoken_time(at, seen.request.jurisdiction.time_zone, get_language()) if at else ""


def _public(publicity: str) -> str:
    return str(PUBLICITY[Publicity(publicity)])


def _left(seen: Foreseen) -> list[str]:
    """What the new service has no place for, and what it would still have to be told: nothing of it is lost."""
    papers = _("The document “%(name)s” stays with the request; the new service does not ask for it.")
    answers = _("The answer to “%(name)s” stays with the request; the new service does not ask it.")
    to_ask = _("The new service asks “%(name)s”, which was not answered: ask the citizen if you need it.")
    parts = ((papers, seen.papers_left), (answers, seen.answers_left), (to_ask, seen.to_ask))
    return [form % {"name": name} for form, names in parts for name in names]
