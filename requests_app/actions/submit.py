"""Filing a request: everything is checked, then request, events, hold and outbox are written at once."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from requests_app.actions._draft import Draft
from requests_app.actions._ledger import acting_office, actor_of, checked_time, checked_words, queue
from requests_app.actions._saving import event_row, hold_row, put_state, read_again
from requests_app.actions.answers import checked_answers
from requests_app.actions.contact import checked_address
from requests_app.actions.errors import Forbidden, Refused, Sentence, SubmissionConflict
from requests_app.actions.promised import alarm_unkeepable, as_kept, in_hours, offer_of
from requests_app.actions.routed import raise_alarms, routed_drafts
from requests_app.clock import now
from requests_app.models import (
    Answer,
    Channel,
    Hold,
    Neighbour,
    Person,
    Question,
    RequestEvent,
    Service,
    ServiceRequest,
    Words,
)
from requests_app.permissions import Viewer
from requests_app.places.locate import Spot, locate
from requests_app.privacy.photos import ReadyPhoto, keep_photos
from requests_app.projection import CaseState, apply, begin
from requests_app.promises import Promise, read_promise
from requests_app.reads.services import active_services
from requests_app.routing.choose import Routing, route_case
from requests_app.routing.conditions import Facts
from requests_app.states import Activity, Actor, Capability
from requests_app.text.normalise import has_nul

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters and digits of a reference: none that are read for another."""

REFERENCE_LENGTH = 7
STAFF_CHANNELS = frozenset({Channel.PHONE, Channel.COUNTER, Channel.MAIL, Channel.STAFF})
"""Channels only somebody who logs calls may name."""

KEY_LENGTH = (8, 128)
Checked = TypeVar("Checked")


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach the citizen, if they want to be reached."""

    name: str = ""
    email: str = ""
    phone: str = ""
    wants_news: bool = True

    def __bool__(self) -> bool:
        return bool(self.name or self.email or self.phone)


@dataclass(frozen=True, slots=True)
class Submission:
    """A request to be filed. `submission_key` makes a second sending of the same form the same request."""

    service_id: int
    words: str
    submission_key: str
    location: Point | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"
    channel: Channel = Channel.WEB
    contact: Contact = field(default_factory=Contact)
    photos: tuple[ReadyPhoto, ...] = ()
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """The request that was filed (or had been, by the same key) and the secret of its tracking link."""

    request: ServiceRequest
    tracking_token: str
    is_new: bool


def submit(submission: Submission, *, viewer: Viewer, service: Service | None = None) -> Submitted:
    """File a request and route it. Refused with every field that is wrong; nothing is half-written.

    `service`, just read by `reads.services`, spares reading it again. Forbidden when somebody without the right to
    log calls says that the request came by phone.
    """
    service = _active_service(submission.service_id, service)
    if submission.channel in STAFF_CHANNELS and not viewer.has(Capability.LOG_CALL, service.jurisdiction_id):
        raise Forbidden
    filing = _checked(submission, service)
    token = tracking_token(service.jurisdiction_id, submission.submission_key)
    try:
        with transaction.atomic():
            request = _file(submission, service, filing, token, viewer)
    except IntegrityError as error:
        if "submission_once" not in str(error):
            raise
        return _already_filed(submission, service, token)
    return Submitted(request, token, is_new=True)


def tracking_token(jurisdiction_id: int, submission_key: str) -> str:
    """The secret of a tracking link: derived, so that a repeated submission gets the same answer."""
    return keyed_hash(f"track:{jurisdiction_id}:{submission_key}")[:32]


def keyed_hash(message: str) -> str:
    """A hash that nobody without the site's secret can try guesses against."""
    return hmac.new(settings.SECRET_KEY.encode(), message.encode(), hashlib.sha256).hexdigest()


def token_hash(token: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Filing:
    words: str
    answers: list[tuple[Question, str]]
    spot: Spot | None
    occurred_at: datetime
    recorded_at: datetime


def _active_service(service_id: int, read: Service | None) -> Service:
    known = read is not None and read.pk == service_id and read.is_active
    service = read if known else active_services().filter(pk=service_id).first()
    if service is None or service.jurisdiction.is_read_only:
        raise Refused({"service": _("Choose what your request is about.")})
    return service


def _checked(submission: Submission, service: Service) -> _Filing:
    """Everything checked at once, so that the citizen sees all that is wrong and not one thing at a time."""
    problems: dict[str, Sentence] = {}
    recorded_at = now()
    words = _collect(problems, lambda: checked_description(submission.words))
    occurred_at = _collect(problems, lambda: checked_time(submission.occurred_at, recorded_at))
    answers = _collect(problems, lambda: checked_answers(service, submission.answers))
    spot = _collect(problems, lambda: checked_place(service, submission.location))
    _collect(problems, lambda: checked_address(submission.contact.email))
    if not KEY_LENGTH[0] <= len(submission.submission_key) <= KEY_LENGTH[1]:
        problems["submission_key"] = _("The form has lost its key. Reload the page and send it again.")
    if problems:
        raise Refused(problems)
    return _Filing(words or "", answers or [], spot, occurred_at or recorded_at, recorded_at)


def _collect(problems: dict[str, Sentence], check: Callable[[], Checked]) -> Checked | None:
    """What a check answers; when it refuses, None, and its sentences join the problems."""
    try:
        return check()
    except Refused as refused:
        problems.update(refused.fields)
        return None


def checked_description(words: str) -> str:
    """The citizen's words, or Refused naming what is wrong with them."""
    if has_nul(words):
        raise Refused({"words": _("The text holds a character that cannot be kept (NUL). Remove it.")})
    return checked_words(words, "words")


def checked_place(service: Service, location: Point | None) -> Spot | None:
    """What lies at the pin, or Refused when it is missing or outside; a pin in the water may be meant."""
    if location is None:
        if service.needs_place:
            raise Refused({"place": _("Show where it is: put the pin on the map or choose an address.")})
        return None
    if not (-180 <= location.x <= 180 and -90 <= location.y <= 90):
        raise Refused({"place": _("These coordinates are not on Earth. Put the pin on the map again.")})
    spot = locate(service.jurisdiction_id, location)
    if not spot.is_inside:
        raise Refused({"place": _outside(service, spot)})
    return spot


def _outside(service: Service, spot: Spot) -> Sentence:
    neighbour = Neighbour.objects.filter(pk=spot.neighbour_id).first() if spot.neighbour_id else None
    place = service.jurisdiction.name
    if neighbour is None:
        return _("The pin is outside %(place)s. Move it inside the boundary.") % {"place": place}
    contact = " · ".join(part for part in (neighbour.phone, neighbour.url) if part)
    return _("The pin is outside %(place)s, in %(neighbour)s. Please tell them: %(contact)s") % {
        "place": place,
        "neighbour": neighbour.name,
        "contact": contact,
    }


def _file(submission: Submission, service: Service, filing: _Filing, token: str, viewer: Viewer) -> ServiceRequest:
    routing = route_case(service.jurisdiction, service.pk, _facts(submission, service, filing))
    drafts = _drafts(service, filing, routing)
    offer = in_hours(offer_of(service, service.workflow, office=routing.office), routing.promise_hours)
    request = _request_row(submission, service, filing, token, as_kept(offer))
    request.tags = list(routing.tags)
    states = _states(drafts, filing.occurred_at, read_promise(request.promise))
    request.person = _person(submission, service, filing.recorded_at)
    put_state(request, states[-1], filing.recorded_at)
    request.save(force_insert=True)
    read_again(request)
    words_id = _keep_words(request, filing, submission.language)
    Hold.objects.bulk_create(hold_row(request.pk, hold) for hold in states[-1].holds)
    events = _events(request, drafts, states, filing)
    events[0].actor = actor_of(viewer, service.jurisdiction_id)
    events[0].user_id = viewer.user_id
    events[0].acting_office_id = acting_office(viewer, service.jurisdiction_id, states[0])
    events[0].words_id = words_id
    RequestEvent.objects.bulk_create(events)
    queue(request, events, filing.recorded_at)
    alarm_unkeepable(service, offer.problem)
    raise_alarms(service.jurisdiction_id, routing)
    keep_photos(request, submission.photos, filing.recorded_at)  # last: files are not rolled back
    return request


def _states(drafts: list[Draft], occurred_at: datetime, promise: Promise | None) -> list[CaseState]:
    """The state after each draft."""
    states = [begin(drafts[0].change(occurred_at), promise)]
    for draft in drafts[1:]:
        states.append(apply(states[-1], draft.change(occurred_at)))
    return states


def _events(
    request: ServiceRequest, drafts: list[Draft], states: list[CaseState], filing: _Filing
) -> list[RequestEvent]:
    """The events as rows, unsaved, made by the product itself: routing is not the citizen's doing."""
    befores = [None, *states]
    events = [
        event_row(request, draft, before, after, filing.occurred_at, filing.recorded_at)
        for draft, before, after in zip(drafts, befores, states, strict=False)
    ]
    for event in events:
        event.actor = Actor.SYSTEM
    return events


def _facts(submission: Submission, service: Service, filing: _Filing) -> Facts:
    """What rules are told of the case."""
    pin = submission.location
    return Facts(
        service=service.code,
        kind=service.kind,
        channel=submission.channel,
        at=filing.occurred_at,
        area_id=filing.spot.area_id if filing.spot else None,
        point=(pin.x, pin.y) if pin else None,
        answers={question.code: value for question, value in filing.answers},
        words=filing.words,
        steps=frozenset(step["code"] for step in service.workflow.steps) if service.workflow else frozenset(),
    )


def _drafts(service: Service, filing: _Filing, routing: Routing) -> list[Draft]:
    """Filed, sent to the lead office, and further offices asked; the reason stands with the routing."""
    filed = Draft(
        Activity.SUBMITTED,
        service_id=service.pk,
        area_id=filing.spot.area_id if filing.spot else None,
        priority=routing.priority or 0,
        step=service.workflow.first_step if service.workflow else "",
        workflow_id=service.workflow_id,
    )
    if routing.office_id is None:
        return [replace(filed, step=routing.step or filed.step, explanation=routing.explanation)]
    return [filed, *routed_drafts(routing)]


def _request_row(
    submission: Submission, service: Service, filing: _Filing, token: str, promise: dict[str, Any]
) -> ServiceRequest:
    place = service.jurisdiction
    return ServiceRequest(
        reference=new_reference(place.reference_prefix),
        jurisdiction=place,
        service=service,
        workflow=service.workflow,
        form_version=service.form_version,
        location=submission.location,
        address_label=filing.spot.address_label if filing.spot else "",
        channel=submission.channel,
        language=submission.language,
        submitted_at=filing.occurred_at,
        promise=promise,
        tracking_hash=token_hash(token),
        submission_key_hash=token_hash(submission.submission_key),
        submission_body_hash=body_hash(submission),
    )


def new_reference(prefix: str) -> str:
    """A public reference that tells nothing and is easily read aloud: CW-7K3M9QF."""
    return f"{prefix}-" + "".join(secrets.choice(ALPHABET) for _ in range(REFERENCE_LENGTH))


def body_hash(submission: Submission) -> str:
    """A fingerprint of what was sent, to tell a repeated form from another one under the same key."""
    place = [round(submission.location.x, 6), round(submission.location.y, 6)] if submission.location else None
    contact = submission.contact
    body = [
        submission.service_id,
        submission.words.strip(),
        place,
        sorted(submission.answers.items()),
        [contact.name, contact.email, contact.phone],
    ]
    # Keyed, so that what was erased cannot be guessed back from its fingerprint.
    return keyed_hash("body:" + json.dumps(body, ensure_ascii=False))


def _person(submission: Submission, service: Service, at: datetime) -> Person | None:
    contact = submission.contact
    if not contact:
        return None
    return Person.objects.create(
        jurisdiction_id=service.jurisdiction_id,
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        language=submission.language,
        wants_news=contact.wants_news,
        created_at=at,
    )


def _keep_words(request: ServiceRequest, filing: _Filing, language: str) -> int:
    words = Words.objects.create(
        request=request,
        kind=Words.Kind.DESCRIPTION,
        body=filing.words,
        language=language,
        written_at=filing.recorded_at,
    )
    if filing.answers:
        Answer.objects.bulk_create(Answer(request=request, question=q, value=value) for q, value in filing.answers)
    return int(words.pk)


def _already_filed(submission: Submission, service: Service, token: str) -> Submitted:
    request = ServiceRequest.objects.get(
        jurisdiction_id=service.jurisdiction_id, submission_key_hash=token_hash(submission.submission_key)
    )
    if request.submission_body_hash != body_hash(submission):
        raise SubmissionConflict
    return Submitted(request, token, is_new=False)
