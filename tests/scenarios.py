"""Playing a case through the real actions: by hand in a few words, or at random along the table of moves."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from requests_app import actions
from requests_app.actions.crew import Entry, record
from requests_app.actions.workflow_versions import change_workflow
from requests_app.clock import now
from requests_app.models import Hold, ServiceRequest, Workflow
from requests_app.permissions import SYSTEM, Viewer
from requests_app.states import MOVES, SENT, Activity, Outcome, Status
from tests import factories
from tests.factories import World

Act = Callable[..., Any]


@dataclass
class Play:
    """One case and what happens to it; every step is made by whoever may make it, on the version they see."""

    world: World
    request: ServiceRequest

    @classmethod
    def begin(cls, world: World, service: Any = None, **fields: Any) -> "Play":
        """File a case: a pothole unless another service is given."""
        return cls(world, factories.file_request(service or world.pothole, **fields))

    def do(self, act: Act, *, viewer: Viewer | None = None, **facts: Any) -> "Play":
        """Carry out one action, as the office that holds the case unless somebody is named."""
        who = viewer or self.holder
        act(factories.command(self.request, who), **facts)
        self.request.refresh_from_db()
        return self

    @property
    def holder(self) -> Viewer:
        """The handler of the office that holds the case; the manager when nobody does."""
        return self.world.handler_of(self.request.office_id)

    @property
    def citizen(self) -> Viewer:
        """Who filed it."""
        return factories.citizen(self.request)

    def accepted(self) -> "Play":
        """The office takes it."""
        return self.do(actions.accept)

    def started(self) -> "Play":
        """The office takes it and begins."""
        return self.accepted().do(actions.start)

    def closed(self, outcome: Outcome = Outcome.RESOLVED) -> "Play":
        """The office closes it."""
        return self.do(actions.close, outcome=outcome)

    def reach(self, status: Status) -> "Play":
        """Bring a case that was just filed and routed into any status."""
        for act, facts in WAYS[status]:
            self.do(act, **{name: fact(self) for name, fact in facts.items()})
        assert self.request.status == status
        return self


def other_office(play: Play) -> int:
    """An office of the place that does not hold the case and did not send it where it waits."""
    offices = (play.world.roads, play.world.parks, play.world.intake)
    running = Hold.objects.filter(request=play.request, is_lead=True, ended_at=None).first()
    sender = running.sender_id if running and play.request.status in SENT else None
    return int(next(o.pk for o in offices if o.pk not in (play.request.office_id, sender)))


def handed_on(command: actions.Command, *, office_id: int, note: str) -> Any:
    """Hand a case on: as the wrong office where it was not accepted."""
    if ServiceRequest.objects.get(pk=command.request_id).status in SENT:
        return actions.forward(command, office_id=office_id, reason="wrong_office", note=note)
    return actions.hand_off(command, office_id=office_id, note=note)


def _say(words: Any) -> Callable[[Play], Any]:
    return lambda play: words


_Way = list[tuple[Act, dict[str, Callable[[Play], Any]]]]
_ACCEPT: _Way = [(actions.accept, {})]

WAYS: dict[Status, _Way] = {
    Status.RECEIVED: [(actions.bounce, {"reason": _say("wrong_office")})],
    Status.TRIAGED: [],
    Status.ASSIGNED: _ACCEPT,
    Status.IN_PROGRESS: [*_ACCEPT, (actions.start, {})],
    Status.SCHEDULED: [*_ACCEPT, (actions.schedule, {"promised_at": lambda play: now() + timedelta(days=2)})],
    Status.HANDED_OFF: [*_ACCEPT, (actions.hand_off, {"office_id": other_office})],
    Status.WAITING_CITIZEN: [*_ACCEPT, (actions.ask_citizen, {"question": _say("Which house is it?")})],
    Status.WAITING_EXTERNAL: [*_ACCEPT, (actions.wait_for_external, {"reason": _say("utility")})],
    Status.CLOSED: [(actions.close, {"outcome": _say(Outcome.RESOLVED)})],
}
"""How a case that was just filed and routed gets into each status."""


def running_review(play: Play) -> int:
    """The branch of a review that runs, starting one where that is possible; 1 where it is not."""
    running = Hold.objects.filter(request=play.request, is_lead=False, ended_at=None).first()
    return running.branch if running else 1


def another_case(play: Play) -> int:
    """An open case of the same service to be joined with."""
    return int(factories.file_request(play.request.service).pk)


def next_move(play: Play) -> actions.Chosen:
    """The move between the two steps of the simple workflow."""
    return actions.Chosen("on" if play.request.step == "intake" else "back")


def visited(command: actions.Command, *, reason: str) -> None:
    """A crew was there and could not do it."""
    key, version = secrets.token_hex(16), command.version or 0
    entry = Entry(key, command.request_id, version, "could_not", command.occurred_at or now(), reason=reason)
    record(entry, viewer=command.viewer)


def other_version(play: Play) -> int:
    """Another version of the workflow the case goes by."""
    at = play.request.workflow
    others = Workflow.objects.filter(jurisdiction=at.jurisdiction, code=at.code).exclude(pk=at.pk)
    return int((others.first() or factories.workflow(at.jurisdiction, at.code, at.version + 1)).pk)


ACTS: dict[Activity, tuple[Act, dict[str, Callable[[Play], Any]]]] = {
    Activity.ROUTED: (actions.route, {"office_id": other_office}),
    Activity.ACCEPTED: (actions.accept, {}),
    Activity.BOUNCED: (actions.bounce, {"reason": _say("wrong_area")}),
    Activity.ASSIGNED: (actions.assign, {"handler_id": lambda play: play.holder.user_id}),
    Activity.STARTED: (actions.start, {}),
    Activity.SCHEDULED: (actions.schedule, {"promised_at": lambda play: now() + timedelta(days=3)}),
    Activity.HANDED_OFF: (handed_on, {"office_id": other_office, "note": _say("This is yours.")}),
    Activity.CITIZEN_ASKED: (actions.ask_citizen, {"question": _say("Where exactly?")}),
    Activity.CITIZEN_REPLIED: (actions.citizen_replies, {"answer": _say("At the corner.")}),
    Activity.EXTERNAL_WAITED: (actions.wait_for_external, {"reason": _say("parts")}),
    Activity.RESOLVED: (actions.close, {"outcome": _say(Outcome.NO_ACTION_NEEDED), "reply": _say("It is done.")}),
    Activity.MERGED: (actions.merge, {"into_id": another_case}),
    Activity.REOPENED: (actions.reopen, {"reason": _say("It is broken again.")}),
    Activity.REVIEW_REQUESTED: (actions.request_review, {"office_id": other_office}),
    Activity.REVIEW_ACCEPTED: (actions.accept_review, {"branch": running_review}),
    Activity.REVIEW_STARTED: (actions.start_review, {"branch": running_review}),
    Activity.REVIEW_RETURNED: (actions.return_review, {"branch": running_review}),
    Activity.RECALLED: (actions.recall, {}),
    Activity.EXPIRED: (actions.expire, {}),
    Activity.DELAYED: (actions.delay, {"reason": _say("parts"), "new_date": lambda play: now() + timedelta(days=9)}),
    Activity.PUT_OFF: (actions.put_off, {"reason": _say("season"), "until": lambda play: now() + timedelta(days=9)}),
    Activity.ADVANCED: (actions.make_move, {"chosen": next_move}),
    Activity.WORKFLOW_CHANGED: (change_workflow, {"workflow_id": other_version}),
    Activity.RECATEGORIZED: (actions.recategorize, {"service_id": lambda play: play.world.needle.pk}),
    Activity.REPRIORITIZED: (actions.reprioritize, {"priority": _say(2)}),
    Activity.CONFIRMED: (actions.confirm_fixed, {}),
    Activity.COMMENTED: (actions.comment, {"body": _say("We are on it.")}),
    Activity.NOTED: (actions.note, {"body": _say("Ask Ana.")}),
    Activity.HIDDEN: (actions.hide, {}),
    Activity.SHOWN: (actions.hide, {"hidden": _say(False)}),
    Activity.VISITED: (visited, {"reason": _say("access")}),
    Activity.PERSON_ERASED: (actions.erase_person, {}),
}
"""The real action behind each activity, with facts that are valid wherever the activity is legal."""


MOVING = [activity for activity in ACTS if activity in MOVES]
"""The activities that move a case."""


def a_status_for(activity: Activity) -> Status:
    """A status from which the activity is legal, one in which an office holds the case if there is one."""
    sources = MOVES[activity].sources
    for status in (Status.IN_PROGRESS, Status.ASSIGNED, Status.TRIAGED):
        if status in sources:
            return status
    return sorted(sources)[0]


def who_may(play: Play, activity: Activity) -> Viewer:
    """Somebody who may always do it: the citizen answers, the product does what nobody does, the manager the rest."""
    if activity is Activity.WORKFLOW_CHANGED:
        return play.world.administrator
    if activity is Activity.EXPIRED:
        return SYSTEM
    return play.citizen if activity in (Activity.CITIZEN_REPLIED, Activity.CONFIRMED) else play.world.manager


def act(play: Play, activity: Activity, viewer: Viewer | None = None) -> Play:
    """Let an activity happen through its real action."""
    action, facts = ACTS[activity]
    given = {name: fact(play) for name, fact in facts.items()}
    return play.do(action, viewer=viewer or who_may(play, activity), **given)
