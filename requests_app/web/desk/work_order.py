"""Work orders on paper: of one case, with or without whom to call, and of the first cases of a list, as a round."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from requests_app.actions.crew import OUTCOMES
from requests_app.labels import OUTCOME
from requests_app.models import ServiceRequest
from requests_app.permissions import Viewer
from requests_app.privacy.people import read_person
from requests_app.reads.desk import Desk, choices
from requests_app.reads.disclosure import reaches
from requests_app.reads.one_request import find_requests
from requests_app.reads.queue import queue_page
from requests_app.reads.work_order import WorkOrder, as_round, work_order, work_orders
from requests_app.states import Capability
from requests_app.web.acts import act_of
from requests_app.web.desk.case import open_case, query_of
from requests_app.web.desk.filters import read_address
from requests_app.web.desk.frame import frame
from requests_app.web.desk.gate import at_desk, staff_only
from requests_app.web.problem import problem_page

MOST_ORDERS = 20


@never_cache
@require_safe
@staff_only
def order(request: HttpRequest, viewer: Viewer, reference: str) -> HttpResponse:
    """The order of one case, without whom to call."""
    found, desk = open_case(viewer, reference)
    return _show(request, desk, [work_order(found, viewer)])


@never_cache
@act_of("desk:work_order", "reference")
@staff_only
def order_with_contact(request: HttpRequest, viewer: Viewer, reference: str) -> HttpResponse:
    """The order with whom to call: read for this purpose, and the reading is logged."""
    found, desk = open_case(viewer, reference)
    if not reaches(found, viewer, Capability.SEE_PERSON):
        raise PermissionDenied
    person = read_person(found, viewer=viewer, purpose="work_order")
    return _show(request, desk, [work_order(found, viewer)], person=person, is_asked=True)


@never_cache
@require_safe
@at_desk
def orders(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The first cases of a list, one sheet each, in the order of a round; nobody's contact is on them."""
    asked = read_address(request.GET, desk, choices(desk.place))
    if asked.problems:
        sentence = str(next(iter(asked.problems.values())))
        return problem_page(request, 422, sentence, back=reverse("desk:queue"))
    shown = queue_page(asked.queue, desk.viewer, asked.key, backwards=asked.backwards).rows
    cases = as_round(find_requests([row.request_id for row in shown[:MOST_ORDERS]], desk.viewer))
    return _show(request, desk, work_orders(cases, desk.viewer), title=_first_of(cases), is_round=True)


def _first_of(cases: list[ServiceRequest]) -> str:
    return _("Work orders in the order of a round: %(number)s") % {"number": len(cases)}


def _show(request: HttpRequest, desk: Desk, found: list[WorkOrder], **more: Any) -> HttpResponse:
    context = {
        **frame(desk),
        "orders": found,
        "outcomes": [OUTCOME[code] for code in OUTCOMES],
        "query": query_of(request),
    }
    return render(request, "desk/work_order.html", context | more)
