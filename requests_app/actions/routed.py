"""What follows from routing a case: its events, and one alarm for each rule that is broken."""

from collections.abc import Sequence

from requests_app.actions._draft import Draft
from requests_app.actions.alarms import raise_alarm
from requests_app.models import AlarmKind
from requests_app.projection import LEAD
from requests_app.routing.choose import Routing
from requests_app.states import Activity


def routed_drafts(routing: Routing, last_branch: int = LEAD) -> list[Draft]:
    """Sent to the lead office, with the reason; then each further office asked, on branches after the last one."""
    sent = Draft(
        Activity.ROUTED,
        office_id=routing.office_id,
        route_id=routing.route_id,
        step=routing.step,
        explanation=routing.explanation,
    )
    return [sent, *review_drafts(routing.further_ids, last_branch)]


def review_drafts(office_ids: Sequence[int], last_branch: int) -> list[Draft]:
    """Each further office asked, on branches after the last one."""
    return [
        Draft(Activity.REVIEW_REQUESTED, office_id=office_id, branch=branch)
        for branch, office_id in enumerate(office_ids, start=last_branch + 1)
    ]


def raise_alarms(jurisdiction_id: int, routing: Routing) -> None:
    """One alarm a broken rule, however many cases meet it; nothing when none is broken."""
    for rule, problem in dict(routing.broken).items():
        raise_alarm(AlarmKind.RULE_BROKEN, jurisdiction_id, subject=rule, codes={"problem": problem})
