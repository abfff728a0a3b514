"""A service as a document: what its page edits, what its history keeps, and what its rows are made from.

Every part of a service is in it, its questions and stoppers included; offices, calendars and workflows by their codes.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from requests_app.actions.config import Document
from requests_app.actions.errors import Sentence
from requests_app.models import DataTag, Question, Service, Stopper
from requests_app.promises import BadTarget, Count, Target, Targets, read_targets, write_targets
from requests_app.states import HIGH, URGENT

WHAT = "service"
FORM_FIELDS: dict[str, Sentence] = {
    "words": _("The citizen’s words"),
    "place": _("The place"),
    "photo": _("The photo"),
    "contact": _("How to reach the citizen"),
}
"""What forms ask besides a service's own questions."""

LABELS: dict[str, Sentence] = {
    "names": _("Name"),
    "descriptions": _("What it is about"),
    "group": _("Group it is shown in"),
    "keywords": _("Words it answers to"),
    "kind": _("Kind of service"),
    "needs_place": _("Asks for a place on the map"),
    "takes_photo": _("Takes photos"),
    "icon": _("Picture"),
    "owner": _("Office that answers for it"),
    "workflow": _("Workflow"),
    "publicity": _("Who sees its requests"),
    "calendar": _("Calendar its promises count by"),
    "resolve_hours": _("Promise: resolved within, hours"),
    "resolve_count": _("Resolved: which hours count"),
    "resolve_high": _("Resolved within, high priority"),
    "resolve_urgent": _("Resolved within, urgent"),
    "acknowledge_hours": _("Promise: accepted by an office within, hours"),
    "acknowledge_count": _("Accepted: which hours count"),
    "retention_days": _("Personal data is kept for, days after closing"),
    **{f"{name}_tag": label for name, label in FORM_FIELDS.items()},
    **{f"{name}_purposes": _("Why it is asked") for name in FORM_FIELDS},
    "questions": _("Questions"),
    "stoppers": _("Before the form: who else must be called"),
    "state": pgettext_lazy("service", "State"),
}


def service_document(service: Service) -> Document:
    """The definition an administrator works on: the draft where there is one, else what is live."""
    working = service.draft if service.draft is not None else live_definition(service)
    return {**working, "state": service.state}


def live_definition(service: Service) -> Document:
    """What is live of a service, as a document."""
    standard = service.data_standard
    return {
        "names": service.names,
        "descriptions": service.descriptions,
        "group": service.group_names,
        "keywords": "\n".join(service.keywords),
        "kind": service.kind,
        "needs_place": service.needs_place,
        "takes_photo": service.takes_photo,
        "icon": service.icon,
        "owner": service.owner.code if service.owner else "",
        "workflow": service.workflow.code if service.workflow else "",
        "publicity": service.publicity,
        "calendar": service.work_calendar.code if service.work_calendar else "",
        **promise_fields(service),
        "retention_days": service.retention_days,
        **{f"{name}_tag": standard.get(name, {}).get("tag", "") for name in FORM_FIELDS},
        **{f"{name}_purposes": standard.get(name, {}).get("purposes", {}) for name in FORM_FIELDS},
        "questions": [question_document(question) for question in service.questions.filter(is_active=True)],
        "stoppers": [stopper_document(stopper) for stopper in service.stoppers.all()],
    }


def question_document(question: Question) -> Document:
    """A question as a row of the page."""
    return {
        "code": question.code,
        "names": question.names,
        "hints": question.hints,
        "datatype": question.datatype,
        "choices": question.choices,
        "required": question.is_required,
        "tag": question.data_tag or (DataTag.PERSONAL.value if question.is_personal else ""),
        "purposes": question.purposes,
    }


def stopper_document(stopper: Stopper) -> Document:
    """A stopper as a row of the page."""
    return {
        "names": stopper.names,
        "advice": stopper.advice,
        "organisation": stopper.organisation_names,
        "phone": stopper.phone,
        "url": stopper.url,
    }


# --- Promises --------------------------------------------------------------------------------------------------------


def promise_fields(service: Service) -> Document:
    """The fields of a service's promises; those of a service without any are its hours of before, if it has some."""
    targets = _targets(service.promises)
    resolve = targets.resolve or (Target(service.target_hours) if service.target_hours else None)
    return {
        "resolve_hours": _hours(resolve.hours) if resolve else None,
        "resolve_count": resolve.count.value if resolve else Count.WORKING.value,
        "resolve_high": _hours(resolve.by_priority.get(HIGH)) if resolve else None,
        "resolve_urgent": _hours(resolve.by_priority.get(URGENT)) if resolve else None,
        "acknowledge_hours": _hours(targets.acknowledge.hours) if targets.acknowledge else None,
        "acknowledge_count": targets.acknowledge.count.value if targets.acknowledge else Count.WORKING.value,
    }


def _targets(stored: Mapping[str, Any]) -> Targets:
    """Targets as they are stored; none where what is stored cannot be promised, so that the page can put it right."""
    try:
        return read_targets(stored)
    except BadTarget:
        return Targets()


def _hours(hours: float | None) -> int | float | None:
    return int(hours) if hours is not None and hours == int(hours) else hours


def targets_of(document: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The promises of a document as a service stores them; what its page does not edit stays as it was `before`."""
    targets = _targets(before)
    resolve, acknowledge = document.get("resolve_hours"), document.get("acknowledge_hours")
    others = dict(targets.resolve.by_priority) if targets.resolve else {}
    for priority, name in ((HIGH, "resolve_high"), (URGENT, "resolve_urgent")):
        others.pop(priority, None)
        if document.get(name):
            others[priority] = document[name]
    return write_targets(
        Targets(
            Target(acknowledge, Count(document["acknowledge_count"])) if acknowledge else None,
            Target(resolve, Count(document["resolve_count"]), others) if resolve else None,
            targets.steps,
        )
    )
