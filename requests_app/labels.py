"""The words for codes: every status, activity, outcome and reason, in the reader's language."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from requests_app.permissions import Publicity, Role
from requests_app.states import Activity, Kind, Outcome, Status

Label = str | Promise

STATUS: dict[Status, Label] = {
    Status.RECEIVED: _("Received"),
    Status.TRIAGED: _("Sent to an office"),
    Status.ASSIGNED: _("Accepted"),
    Status.IN_PROGRESS: _("In progress"),
    Status.SCHEDULED: _("Scheduled"),
    Status.HANDED_OFF: _("Handed off, not yet accepted"),
    Status.WAITING_CITIZEN: _("Waiting for your answer"),
    Status.WAITING_EXTERNAL: _("Waiting for somebody outside"),
    Status.CLOSED: pgettext_lazy("status", "Closed"),
}

STATUS_AT_DESK: dict[Status, Label] = {**STATUS, Status.WAITING_CITIZEN: _("Waiting for the citizen")}

KIND: dict[Kind, Label] = {
    Kind.NEW: pgettext_lazy("status kind", "New"),
    Kind.WORK: pgettext_lazy("status kind", "Being worked on"),
    Kind.HANDOFF: pgettext_lazy("status kind", "Between offices"),
    Kind.PAUSED: pgettext_lazy("status kind", "Waiting"),
    Kind.CLOSED: pgettext_lazy("status kind", "Closed"),
}

OUTCOME: dict[Outcome, Label] = {
    Outcome.RESOLVED: _("Resolved"),
    Outcome.NO_ACTION_NEEDED: _("No action needed"),
    Outcome.NOT_RESPONSIBLE: _("Not the city’s responsibility"),
    Outcome.DUPLICATE: _("Already reported"),
    Outcome.WITHDRAWN: _("Withdrawn"),
    Outcome.INVALID: _("Not a valid request"),
}

ACTIVITY: dict[Activity, Label] = {
    Activity.SUBMITTED: _("Request received"),
    Activity.ROUTED: _("Sent to an office"),
    Activity.ACCEPTED: _("Accepted by the office"),
    Activity.BOUNCED: _("Sent back"),
    Activity.ASSIGNED: _("Given to a person"),
    Activity.STARTED: _("Work started"),
    Activity.SCHEDULED: _("Work scheduled"),
    Activity.HANDED_OFF: _("Handed to another office"),
    Activity.CITIZEN_ASKED: _("Question to the citizen"),
    Activity.CITIZEN_REPLIED: _("The citizen answered"),
    Activity.EXTERNAL_WAITED: _("Waiting for somebody outside"),
    Activity.RESOLVED: pgettext_lazy("activity", "Closed"),
    Activity.MERGED: _("Joined with another request"),
    Activity.REOPENED: _("Reopened"),
    Activity.EXPIRED: _("Given back: nobody accepted it in time"),
    Activity.RECALLED: _("Taken back by the office that sent it"),
    Activity.ADVANCED: _("Next step begun"),
    Activity.DELAYED: _("Late: a new date was given"),
    Activity.PUT_OFF: _("Put off to a later day"),
    Activity.UNMERGED: _("Separated from the other request"),
    Activity.REVIEW_REQUESTED: _("Second office asked for a review"),
    Activity.REVIEW_ACCEPTED: _("Review accepted"),
    Activity.REVIEW_STARTED: _("Review begun"),
    Activity.REVIEW_RETURNED: _("Review returned"),
    Activity.WORKFLOW_CHANGED: _("Moved to another version of the workflow"),
    Activity.RECATEGORIZED: _("Moved to another service"),
    Activity.REPRIORITIZED: _("Priority changed"),
    Activity.COMMENTED: _("Comment"),
    Activity.NOTED: _("Internal note"),
    Activity.RATED: _("Rated"),
    Activity.CONFIRMED: _("The citizen says it is fixed"),
    Activity.SUPPORTED: _("“It affects me too”"),
    Activity.SUPPORT_ENDED: _("“It affects me too” taken back"),
    Activity.PHOTO_ADDED: _("Photo added"),
    Activity.DOCUMENT_ASKED: _("Document asked for"),
    Activity.DOCUMENT_ADDED: _("Document received"),
    Activity.DOCUMENT_CHECKED: _("Document checked"),
    Activity.SPLIT: _("Split: a part became a request of its own"),
    Activity.VISIT_PLANNED: _("Visit planned"),
    Activity.VISITED: _("Visited by a crew"),
    Activity.WORDS_RELEASED: _("Words made public"),
    Activity.WORDS_ERASED: _("Words erased"),
    Activity.PERSON_ERASED: _("Personal data erased"),
    Activity.HIDDEN: _("Hidden from the public"),
    Activity.SHOWN: _("Shown to the public again"),
    Activity.CORRECTED: _("Record corrected"),
    Activity.IMPORTED: _("Step in the source system"),
}

FORWARDED: Label = _("Sent on from the wrong office")
"""What a hand-off is called that an office made without accepting the case."""

REASON: dict[str, Label] = {
    "wrong_office": _("Another office’s work"),
    "wrong_area": _("Outside our area"),
    "other_service": _("It was filed under another service"),
    "missing_information": _("Information is missing"),
    "no_capacity": _("No capacity at present"),
    "utility": _("A utility company"),
    "contractor": _("A contractor"),
    "weather": _("The weather"),
    "parts": _("Parts on order"),
    "backlog": _("More requests than hands"),
    "partner": _("Waiting for a partner"),
    "investigation": _("It takes a closer look"),
    "season": _("It must wait for the season"),
    "access": _("The place cannot be reached"),
    "crew": _("The crew it needs is not free"),
    "unreadable": _("It cannot be read"),
    "pages_missing": _("Pages are missing"),
    "wrong_document": _("It is another document"),
    "out_of_date": _("It is out of date"),
    "not_signed": _("It is not signed"),
    "made_safe": _("Made safe; more work is needed"),
    "not_found": _("Nothing was found there"),
    "unsafe": _("Too dangerous to work there now"),
    "mail": _("By mail"),
    "not_fixed": _("Closed, not fixed"),
    "other": pgettext_lazy("reason", "Other"),
}

PRIORITY: dict[int, Label] = {
    -1: pgettext_lazy("priority", "Low"),
    0: pgettext_lazy("priority", "Normal"),
    1: pgettext_lazy("priority", "High"),
    2: pgettext_lazy("priority", "Urgent"),
}

ROLE: dict[Role, Label] = {
    Role.HANDLER: _("Handler"),
    Role.MANAGER: _("Service manager"),
    Role.EVALUATOR: _("Program evaluator"),
    Role.ADMINISTRATOR: _("Administrator"),
}

PUBLICITY: dict[Publicity, Label] = {
    Publicity.PUBLIC: pgettext_lazy("publicity", "Public"),
    Publicity.PLACE_ONLY: pgettext_lazy("publicity", "Place only"),
    Publicity.PRIVATE: pgettext_lazy("publicity", "Private"),
}

SERVICE_KIND: dict[str, Label] = {
    "street": _("Street problem"),
    "application": _("Application"),
    "feedback": _("Feedback"),
}

CHANNEL: dict[str, Label] = {
    "web": pgettext_lazy("channel", "Web"),
    "phone": pgettext_lazy("channel", "Phone"),
    "counter": pgettext_lazy("channel", "Counter"),
    "mail": pgettext_lazy("channel", "Mail"),
    "staff": pgettext_lazy("channel", "Staff"),
    "open311": pgettext_lazy("channel", "Partner system"),
    "import": pgettext_lazy("channel", "Imported"),
}


def status_label(status: Status | str) -> Label:
    """A status in words."""
    return STATUS[Status(status)]


def activity_label(activity: Activity | str) -> Label:
    """An activity in words."""
    return ACTIVITY[Activity(activity)]


def outcome_label(outcome: Outcome | str) -> Label:
    """An outcome in words; empty for an open case."""
    return OUTCOME[Outcome(outcome)] if outcome else ""


def reason_label(reason: str) -> Label:
    """A reason code in words."""
    return REASON.get(reason, reason)
