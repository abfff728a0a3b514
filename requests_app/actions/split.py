"""Splitting a case into parts that different offices do; the whole closes with its last part (`_ledger`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from requests_app.actions._draft import Command, Draft
from requests_app.actions._ledger import (
    acting_office,
    actor_of,
    acts_for,
    append_all,
    authorise,
    check_legal,
    checked_words,
    lock,
    queue,
    receiving_office,
)
from requests_app.actions._saving import event_row, hold_row, put_state, read_again
from requests_app.actions.errors import Refused, Sentence
from requests_app.actions.promised import first_promise
from requests_app.actions.submit import new_reference
from requests_app.clock import now
from requests_app.models import Channel, Hold, RequestEvent, Service, ServiceRequest, Words
from requests_app.permissions import more_public
from requests_app.projection import CaseState, apply, begin
from requests_app.promises import read_promise
from requests_app.states import Activity, Capability

LEAST_PARTS, MOST_PARTS = 2, 8


@dataclass(frozen=True, slots=True)
class Part:
    """What one office is to do: its service, the office, and the words that say what."""

    service_id: int
    office_id: int
    words: str


def split(command: Command, parts: Sequence[Part]) -> list[ServiceRequest]:
    """Make a case into a whole with parts; Refused with every field that is wrong (`service-1`, `office-1`, …).

    Each part is a case of its own office, at the same place, as urgent and as hidden as the whole. It holds no
    person: who asked, their words, photos and documents stay with the whole, and what the part needs is written anew.
    A part has no parts, so nothing goes round in a ring.
    """
    with transaction.atomic():
        whole, state = lock(command)
        wish = Draft(Activity.SPLIT)
        authorise(command.viewer, whole, state, wish)
        check_legal(wish, state)
        _refuse_number(whole, parts)
        services = _checked(command, whole, parts)
        at = now()
        in_place_of = acts_for(command.viewer, whole, state, wish)
        made = [_file(whole, part, services[part.service_id], command, at, in_place_of) for part in parts]
        drafts = [Draft(Activity.SPLIT, office_id=child.office_id, other_request_id=child.pk) for child in made]
        row = {"parts": whole.parts + len(made), "open_parts": whole.open_parts + len(made)}
        drafts[-1] = Draft(Activity.SPLIT, office_id=made[-1].office_id, other_request_id=made[-1].pk, row=row)
        append_all(whole, state, drafts, command)
    return made


_PARTNER = _("%(office)s is a partner outside and would not be told of a part. Hand that request over instead.")


def _refuse_number(whole: ServiceRequest, parts: Sequence[Part]) -> None:
    if whole.parent_id is not None:
        raise Refused({"parts": _("This request is a part already. Split the whole it belongs to.")})
    if len(parts) < (1 if whole.parts else LEAST_PARTS):
        raise Refused({"parts": _("Fill in two parts at least: one part alone is the request itself.")})
    if whole.parts + len(parts) > MOST_PARTS:
        sentence = _("A request has %(most)s parts at most. Leave some out.")
        raise Refused({"parts": sentence % {"most": MOST_PARTS}})


def _checked(command: Command, whole: ServiceRequest, parts: Sequence[Part]) -> dict[int, Service]:
    """The services of the parts; Refused with everything that is wrong at once."""
    known = (
        Service.objects.filter(jurisdiction_id=whole.jurisdiction_id, is_active=True)
        .select_related("jurisdiction", "workflow", "work_calendar")
        .defer("jurisdiction__boundary")
        .in_bulk([part.service_id for part in parts])
    )
    problems: dict[str, Sentence] = {}
    for number, part in enumerate(parts, start=1):
        service = known.get(part.service_id)
        problem = _against_service(command, whole, service)
        if problem:
            problems[f"service-{number}"] = problem
        try:
            office = receiving_office(whole, part.office_id)
        except Refused as refused:
            problems[f"office-{number}"] = refused.fields["office"]
        else:
            if office.is_external:  # it hears of what is handed to it, not of what is filed there
                problems[f"office-{number}"] = _PARTNER % {"office": office.name}
        try:
            checked_words(part.words, "words")
        except Refused as refused:
            problems[f"words-{number}"] = refused.fields["words"]
    if problems:
        raise Refused(problems)
    return known


def _against_service(command: Command, whole: ServiceRequest, service: Service | None) -> Sentence:
    """Why a part cannot be of that service; "" where it can."""
    if service is None:
        return _("There is no such service. Choose one from the list.")
    if service.needs_place and whole.location is None:
        return _("That service needs a place, and this request has none. Choose another service.")
    may_show = command.viewer.has(Capability.RELEASE_WORDS, whole.jurisdiction_id)
    if more_public(service.publicity, whole.service.publicity) and not may_show:
        return _("That service shows its requests to everybody. Ask a manager to split off this part.")
    return ""


def _file(
    whole: ServiceRequest, part: Part, service: Service, command: Command, at: datetime, in_place_of: int | None
) -> ServiceRequest:
    """One part: filed and sent to its office, in the ledger as any case."""
    child = _row(whole, part, service, command, at)
    drafts = _drafts(whole, part, service)
    befores: list[CaseState | None] = [None]
    states = [begin(drafts[0].change(at), read_promise(child.promise))]
    for draft in drafts[1:]:
        befores.append(states[-1])
        states.append(apply(states[-1], draft.change(at)))
    put_state(child, states[-1], at)
    child.save(force_insert=True)
    read_again(child)
    words = Words.objects.create(
        request=child,
        kind=Words.Kind.DESCRIPTION,
        body=checked_words(part.words, "words"),
        language=child.language,
        written_at=at,
    )
    Hold.objects.bulk_create(hold_row(child.pk, hold) for hold in states[-1].holds)
    events = [
        event_row(child, draft, before, after, at, at)
        for draft, before, after in zip(drafts, befores, states, strict=True)
    ]
    events[0].words_id = words.pk
    for event, before in zip(events, befores, strict=True):
        event.actor = actor_of(command.viewer, whole.jurisdiction_id)
        event.user_id = command.viewer.user_id
        event.on_behalf_of_id = in_place_of
        event.acting_office_id = acting_office(command.viewer, whole.jurisdiction_id, before or states[0])
    RequestEvent.objects.bulk_create(events)
    queue(child, events, at)
    return child


def _row(whole: ServiceRequest, part: Part, service: Service, command: Command, at: datetime) -> ServiceRequest:
    return ServiceRequest(
        reference=new_reference(whole.jurisdiction.reference_prefix),
        jurisdiction=whole.jurisdiction,
        service=service,
        workflow=service.workflow,
        form_version=service.form_version,
        parent=whole,
        location=whole.location,
        address_label=whole.address_label,
        channel=Channel.STAFF,
        language=command.language,
        submitted_at=at,
        promise=first_promise(service, part.office_id),
        tags=list(whole.tags),
    )


def _drafts(whole: ServiceRequest, part: Part, service: Service) -> list[Draft]:
    filed = Draft(
        Activity.SUBMITTED,
        service_id=service.pk,
        area_id=whole.area_id,
        priority=whole.priority,
        step=service.workflow.first_step if service.workflow else "",
        workflow_id=service.workflow_id,
        other_request_id=whole.pk,
    )
    sent = Draft(Activity.ROUTED, office_id=part.office_id)
    return [filed, sent, *([Draft(Activity.HIDDEN)] if whole.hidden else [])]
