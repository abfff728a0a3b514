"""Sending a case from office to office."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from requests_app.actions._branches import perform_on_branch
from requests_app.actions._draft import Command, Done, Draft, Text
from requests_app.actions._ledger import perform, receiving_office
from requests_app.actions.alarms import raise_alarm
from requests_app.actions.errors import Illegal, Refused
from requests_app.models import AlarmKind, Hold, ServiceRequest, Words
from requests_app.projection import LEAD, CaseState, bounces_to
from requests_app.reads.case_workflow import step_given_back
from requests_app.states import SENT, Activity


def route(command: Command, *, office_id: int, route_id: int | None = None) -> Done:
    """Send a new case to the office that is to hold it."""

    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        receiver = receiving_office(request, office_id)
        return Draft(Activity.ROUTED, office_id=office_id, route_id=route_id, receiver=receiver)

    return perform(command, draft)


def hand_off(command: Command, *, office_id: int, note: str = "", step: str = "") -> Done:
    """Send a case to another office; it belongs to the receiver from now on, and the clock runs on."""

    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        receiver = receiving_office(request, office_id)
        if office_id == state.office_id:
            raise Refused({"office": _("That office holds the request already. Choose another one.")})
        return Draft(Activity.HANDED_OFF, office_id=office_id, step=step, text=_note(note), receiver=receiver)

    return perform(command, draft)


def forward(command: Command, *, office_id: int, reason: str, note: str = "") -> Done:
    """Hand on at once, without accepting it, what came to the wrong office: one event, and the clock runs on.

    The stay here keeps no acceptance, so it counts as a visit for nothing. Should the next office refuse it, it comes
    back here, to the office that chose. Where it came from it goes by `bounce`, which undoes the hand-off.
    """

    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        receiver = receiving_office(request, office_id)
        if office_id == state.office_id:
            raise Refused({"office": _("That office holds the request already. Choose another one.")})
        if office_id == bounces_to(state):
            raise Refused({"office": _("That office sent it here. Send it back instead, so that both see it.")})
        if state.status not in SENT:
            raise Illegal(Activity.HANDED_OFF, state.status)
        # "-": a code that is on no list, so that a missing reason is asked for like a wrong one.
        return Draft(
            Activity.HANDED_OFF, office_id=office_id, reason=reason or "-", text=_note(note), receiver=receiver
        )

    return perform(command, draft)


def bounce(command: Command, *, reason: str, note: str = "") -> Done:
    """Send a case back to the office that handed it off, saying why; a case that was routed waits to be routed anew.

    What a second bounce does is said by `projection._bounced`.
    """

    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        step = step_given_back(request)
        return Draft(Activity.BOUNCED, office_id=bounces_to(state), reason=reason, text=_note(note), step=step)

    return perform(command, draft)


def recall(command: Command, *, note: str = "") -> Done:
    """Take back a hand-off that the receiver has not accepted yet: the sender goes on with it."""

    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        return Draft(Activity.RECALLED, office_id=bounces_to(state), text=_note(note), step=step_given_back(request))

    return perform(command, draft)


def expire(command: Command) -> Done:
    """Give back a case that nobody accepted in time, as a bounce would, with an alarm: the product's own doing."""

    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        return Draft(Activity.EXPIRED, office_id=bounces_to(state), step=step_given_back(request))

    with transaction.atomic():
        done = perform(command, draft)
        left = Hold.objects.filter(request=done.request, ended_by=Activity.EXPIRED).order_by("-number").first()
        raise_alarm(
            AlarmKind.HANDOFF_EXPIRED,
            done.request.jurisdiction_id,
            request_id=done.request.pk,
            office_id=left.office_id if left else None,
        )
    return done


def request_review(command: Command, *, office_id: int, step: str = "") -> Done:
    """Ask a second office to look in parallel: it holds a branch of its own, the lead stays."""

    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        receiving_office(request, office_id)
        if any(h.office_id == office_id and h.ended_at is None for h in state.holds):
            raise Refused({"office": _("That office is looking at the request already. Choose another one.")})
        branch = max((h.branch for h in state.holds), default=0) + 1
        return Draft(Activity.REVIEW_REQUESTED, office_id=office_id, branch=branch, step=step)

    return perform(command, draft)


def accept_review(command: Command, *, branch: int) -> Done:
    """The office that was asked for a review takes it."""
    return _on_branch(command, Activity.REVIEW_ACCEPTED, branch)


def start_review(command: Command, *, branch: int) -> Done:
    """Work on a review begins."""
    return _on_branch(command, Activity.REVIEW_STARTED, branch)


def return_review(command: Command, *, branch: int, note: str = "", move: str = "") -> Done:
    """Finish a parallel review; `move` is the result in the words of the workflow, if it names results.

    A branch that a workflow opened ends by one of its moves: see `advance.make_move`.
    """
    return _on_branch(command, Activity.REVIEW_RETURNED, branch, text=_note(note), move=move)


def _on_branch(command: Command, activity: Activity, branch: int, text: Text | None = None, move: str = "") -> Done:
    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        running = state.open_hold(branch)
        if branch == LEAD or running is None:
            raise Refused({"branch": _("There is no such review running on this request.")})
        if activity is Activity.REVIEW_RETURNED and running.step and not move:
            raise Refused({"branch": _("This review is a step of the workflow. Choose how it ended.")})
        if activity is Activity.REVIEW_STARTED and running.started_at is not None:
            raise Refused({"branch": _("This review has begun already.")})
        return Draft(activity, branch=branch, text=text, move=move, step=running.step)

    return perform_on_branch(command, branch, draft)


def _note(note: str) -> Text | None:
    return Text(Words.Kind.NOTE, note) if note.strip() else None
