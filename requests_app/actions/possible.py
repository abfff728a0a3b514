"""What somebody may do to a case now: legal from its status, and theirs to do."""

from requests_app.actions._draft import Draft
from requests_app.actions._ledger import authorise
from requests_app.actions._saving import state_of
from requests_app.actions.errors import Forbidden
from requests_app.models import ServiceRequest
from requests_app.permissions import Viewer
from requests_app.projection import LEAD, CaseState
from requests_app.reads.holds import holds_of
from requests_app.states import ON_A_BRANCH, REMARKS, Activity, legal_activities


def possible(request: ServiceRequest, viewer: Viewer) -> list[Activity]:
    """The activities open to the viewer on a case (with `jurisdiction` loaded), moves first.

    Each is judged by the same rule as the action itself. An imported case has none.
    """
    if request.jurisdiction.is_read_only:
        return []
    state = state_of(request, holds_of(request))
    legal = [*legal_activities(state.status), *REMARKS]
    return [activity for activity in legal if _may(viewer, request, state, activity)]


def _may(viewer: Viewer, request: ServiceRequest, state: CaseState, activity: Activity) -> bool:
    branches = [h.branch for h in state.holds if h.branch != LEAD and h.ended_at is None]
    wanted = branches if activity in ON_A_BRANCH else [LEAD]
    return any(_is_authorised(viewer, request, state, Draft(activity, branch=branch)) for branch in wanted)


def _is_authorised(viewer: Viewer, request: ServiceRequest, state: CaseState, draft: Draft) -> bool:
    try:
        authorise(viewer, request, state, draft)
    except Forbidden:
        return False
    return True
