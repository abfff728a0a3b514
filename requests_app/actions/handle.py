"""What an office does with a case it holds."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from requests_app.actions._draft import Command, Done, Draft, Text
from requests_app.actions._ledger import acts_for, perform, receiving_office
from requests_app.actions.absences import refuse_absent
from requests_app.actions.errors import Refused, Sentence
from requests_app.clock import now
from requests_app.models import Jurisdiction, Membership, ServiceRequest, Words, in_force
from requests_app.projection import CaseState
from requests_app.reads.case_workflow import Against, against_resolving
from requests_app.states import PRIORITIES, Activity, Outcome

NOT_RESOLVED: dict[Against, Sentence] = {
    Against.PARTS: _("Its parts are not done. It closes by itself with the last one."),
    Against.REVIEWS: _("Reviews still run. Wait until they are finished, or choose another outcome."),
    Against.STEPS: _("Steps are still to come. Go on by the moves of the step, or choose another outcome."),
}


def accept(command: Command, *, handler_id: int | None = None) -> Done:
    """The office takes a case that was sent to it, for one of its people if one is named."""

    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        if handler_id is not None:
            _refuse_stranger(handler_id, state, request.jurisdiction)
        return Draft(Activity.ACCEPTED, handler_id=handler_id)

    return perform(command, draft)


def assign(command: Command, *, handler_id: int, although_away: bool = False) -> Done:
    """Give a case to a person of the office that holds it; to somebody who is away only when that is known."""

    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        _refuse_stranger(handler_id, state, request.jurisdiction)
        if not although_away and handler_id != command.viewer.user_id:
            refuse_absent(request.jurisdiction, handler_id)
        return Draft(Activity.ASSIGNED, handler_id=handler_id)

    return perform(command, draft)


def _refuse_stranger(handler_id: int, state: CaseState, place: Jurisdiction) -> None:
    member = Membership.objects.filter(
        in_force(place.today), user_id=handler_id, user__is_active=True, office_id=state.office_id or 0
    )
    if not member.exists():
        raise Refused({"handler": _("That person does not work in the office that holds the request.")})


def start(command: Command) -> Done:
    """Work begins (or goes on after a wait). Who begins it in place of an absent colleague leaves it theirs."""

    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        stands_in = acts_for(command.viewer, request, state, Draft(Activity.STARTED))
        return Draft(Activity.STARTED, handler_id=None if stands_in else command.viewer.user_id)

    return perform(command, draft)


def day_to_come(day: datetime, field_name: str) -> datetime:
    """A day that has not passed, else Refused naming the field."""
    if day <= now():
        raise Refused({field_name: _("The date has passed. Give a day to come.")})
    return day


def schedule(command: Command, *, promised_at: datetime) -> Done:
    """Put the work on a day; the clock runs on."""
    day_to_come(promised_at, "promised_at")
    return perform(command, Draft(Activity.SCHEDULED, promised_at=promised_at))


def ask_citizen(command: Command, *, question: str) -> Done:
    """Ask the citizen something; the case waits for the answer."""
    return perform(command, Draft(Activity.CITIZEN_ASKED, text=Text(Words.Kind.REPLY, question)))


def wait_for_external(command: Command, *, reason: str) -> Done:
    """Wait for somebody outside, saying for whom."""
    return perform(command, Draft(Activity.EXTERNAL_WAITED, reason=reason))


def delay(command: Command, *, reason: str, new_date: datetime, words: str = "") -> Done:
    """Say plainly that a promise is not kept: why, and the new date; the promise itself stays what it was."""
    day_to_come(new_date, "new_date")
    text = Text(Words.Kind.REPLY, words) if words.strip() else None
    row = {"delayed_until": new_date}
    return perform(command, Draft(Activity.DELAYED, reason=reason, promised_at=new_date, text=text, row=row))


def put_off(command: Command, *, reason: str, until: datetime, note: str = "") -> Done:
    """Put a case off to a day, saying why; it stays with the office and the clock runs on."""
    day_to_come(until, "until")
    text = Text(Words.Kind.NOTE, note) if note.strip() else None
    return perform(
        command, Draft(Activity.PUT_OFF, reason=reason, until_at=until, text=text, row={"put_off_until": until})
    )


def close(command: Command, *, outcome: Outcome | str, reply: str = "", public_reply: bool = False) -> Done:
    """Close a case with its outcome and, if given, a reply to the citizen."""
    try:
        known = Outcome(outcome)
    except ValueError:
        raise Refused({"outcome": _("Choose an outcome from the list.")}) from None
    if known is Outcome.DUPLICATE:
        raise Refused({"outcome": _("To close a duplicate, join it with the request it repeats.")})
    text = Text(Words.Kind.REPLY, reply, released=public_reply) if reply.strip() else None

    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        against = against_resolving(request, state) if known is Outcome.RESOLVED else None
        if against is not None:
            raise Refused({"outcome": NOT_RESOLVED[against]})
        return Draft(Activity.RESOLVED, outcome=known, text=text)

    return perform(command, draft, "workflow")


def reopen(command: Command, *, reason: str = "", office_id: int | None = None) -> Done:
    """Open a closed case again, at the office that closed it unless another is named."""
    text = Text(Words.Kind.COMMENT, reason) if reason.strip() else None

    def draft(request: ServiceRequest, state: CaseState) -> Draft:
        if office_id is not None:
            receiving_office(request, office_id)
        return Draft(Activity.REOPENED, office_id=office_id, text=text)

    return perform(command, draft)


def reprioritize(command: Command, *, priority: int) -> Done:
    """Change the priority."""
    if priority not in PRIORITIES:
        raise Refused({"priority": _("Choose a priority from the list.")})
    return perform(command, Draft(Activity.REPRIORITIZED, priority=priority))
