"""Services: prepared as drafts, gone live when nothing is missing, retired when they are no longer offered."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from requests_app.actions.config import Document, changing, locked, made, require_administrator
from requests_app.actions.errors import ActionError, Refused
from requests_app.actions.setting_up._checks import free_code
from requests_app.actions.setting_up._lookup import by_code
from requests_app.actions.setting_up.service_checks import gaps, well_formed
from requests_app.actions.setting_up.service_definition import (
    FORM_FIELDS,
    WHAT,
    live_definition,
    question_document,
    service_document,
    targets_of,
)
from requests_app.models import (
    ConfigChange,
    DataTag,
    Jurisdiction,
    Office,
    Question,
    Route,
    Service,
    ServiceState,
    Stopper,
    WorkCalendar,
    Workflow,
)
from requests_app.permissions import Publicity, Viewer
from requests_app.promises import Count


class NotYetLive(ActionError):
    """The service is not live, so there is nothing to retire."""

    code = "not_live"
    http_status = 409

    def __init__(self) -> None:
        super().__init__(_("This service is not offered at present, so it cannot be retired. Look at it again."))


@transaction.atomic
def make_service(place: Jurisdiction, given: Document, *, viewer: Viewer) -> Service:
    """A new service, as a draft that citizens do not see. Refused where something given cannot be kept."""
    require_administrator(viewer, place.pk)
    document = well_formed(place, given)
    named = document["names"].get("en") or document["names"].get("fr", "")
    service = Service.objects.create(
        jurisdiction=place,
        code=free_code(named, Service.objects.filter(jurisdiction=place)),
        names=document["names"],
        kind=document["kind"],
        publicity=document["publicity"] or Publicity.PRIVATE.value,
        state=ServiceState.DRAFT,
        is_active=False,
        draft=document,
    )
    made(service, WHAT, viewer=viewer, document=service_document)
    return service


@transaction.atomic
def save_service(pk: int, given: Document, *, viewer: Viewer, seen: int, act: str = ConfigChange.Act.SAVED) -> Service:
    """The draft of a service changed; what is live stays as it is until the draft goes live."""
    service = locked(Service, pk)
    with changing(service, WHAT, viewer=viewer, seen=seen, document=service_document, act=act):
        document = well_formed(service.jurisdiction, given)
        is_live = service.state == ServiceState.LIVE and document == live_definition(service)
        service.draft = None if is_live else document
        if service.state == ServiceState.DRAFT:
            service.names = document["names"]
        service.save(update_fields=["draft", "names"])
    return service


@transaction.atomic
def go_live(pk: int, *, viewer: Viewer, seen: int) -> Service:
    """Offer a service to citizens as its draft says. Refused with everything that is missing.

    Questions that changed become new versions; a case keeps those it was filed with.
    """
    service = locked(Service, pk)
    with changing(service, WHAT, viewer=viewer, seen=seen, document=_live_and_state, act=ConfigChange.Act.WENT_LIVE):
        document = well_formed(service.jurisdiction, service_document(service))
        missing = gaps(service.jurisdiction, document)
        if missing:
            raise Refused({gap.field: gap.sentence for gap in missing})
        _apply(service, document)
    return service


@transaction.atomic
def retire(pk: int, *, viewer: Viewer, seen: int) -> Service:
    """Offer a service no longer. Its cases go on to their end; it can go live again."""
    service = locked(Service, pk)
    with changing(service, WHAT, viewer=viewer, seen=seen, document=service_document, act=ConfigChange.Act.RETIRED):
        if service.state != ServiceState.LIVE:
            raise NotYetLive
        service.state, service.is_active = ServiceState.RETIRED, False
        service.save(update_fields=["state", "is_active"])
    return service


def _live_and_state(service: Service) -> Document:
    return {**live_definition(service), "state": service.state}


# --- From a document to rows -----------------------------------------------------------------------------------------


def imagined(service: Service, document: Mapping[str, Any]) -> Service:
    """A service as a definition would make its promise; nothing is saved."""
    place = service.jurisdiction
    newest = Workflow.objects.filter(jurisdiction=place).order_by("-version")
    count = document["resolve_count"]
    return Service(
        jurisdiction=place,
        code=service.code,
        workflow=by_code(newest, document["workflow"]),
        work_calendar=by_code(WorkCalendar.objects.filter(jurisdiction=place), document["calendar"]),
        promises=targets_of(document, service.promises),
        target_hours=document["resolve_hours"] if count == Count.WORKING else None,
    )


def _apply(service: Service, document: Mapping[str, Any]) -> None:
    """The rows of a service made to be what a complete document says."""
    place = service.jurisdiction
    was_offered = service.state != ServiceState.DRAFT
    service.names, service.descriptions = document["names"], document["descriptions"]
    service.group_names, service.keywords = document["group"], document["keywords"].splitlines()
    service.kind, service.icon = document["kind"], document["icon"]
    service.needs_place, service.takes_photo = document["needs_place"], document["takes_photo"]
    service.publicity, service.retention_days = document["publicity"], document["retention_days"]
    service.owner = by_code(Office.objects.filter(jurisdiction=place), document["owner"])
    service.work_calendar = by_code(WorkCalendar.objects.filter(jurisdiction=place), document["calendar"])
    if document["workflow"] != (service.workflow.code if service.workflow else ""):
        newest = Workflow.objects.filter(jurisdiction=place).order_by("-version")
        service.workflow = by_code(newest, document["workflow"])
    service.promises = targets_of(document, service.promises)
    service.target_hours = document["resolve_hours"] if document["resolve_count"] == Count.WORKING else None
    service.data_standard = {
        name: {"tag": document[f"{name}_tag"], "purposes": document[f"{name}_purposes"]} for name in FORM_FIELDS
    }
    _write_questions(service, document["questions"], was_offered=was_offered)
    _write_stoppers(service, document["stoppers"])
    if service.owner is not None and not service.routes.exists():
        Route.objects.create(service=service, area=None, office=service.owner)
    service.state, service.is_active, service.draft = ServiceState.LIVE, True, None
    service.save()


def _write_questions(service: Service, wanted: Sequence[Mapping[str, Any]], *, was_offered: bool) -> None:
    """Questions that changed get a new version, those that went are closed; all of one form carry its version."""
    present = {question.code: question for question in service.questions.filter(is_active=True)}
    changed = {row["code"] for row in wanted} != set(present) or any(
        question_document(present[row["code"]]) != row for row in wanted if row["code"] in present
    )
    if changed and was_offered:
        service.form_version += 1
    for code, question in present.items():
        if not any(row == question_document(question) for row in wanted if row["code"] == code):
            question.is_active, question.until_form = False, service.form_version
            question.save(update_fields=["is_active", "until_form"])
    for position, row in enumerate(wanted, start=1):
        known = present.get(row["code"])
        if known is not None and known.is_active:
            Question.objects.filter(pk=known.pk).update(position=position * 10)
        else:
            _write_question(service, row, position * 10)


def _write_question(service: Service, row: Mapping[str, Any], position: int) -> None:
    newest = service.questions.filter(code=row["code"]).order_by("-version").first()
    Question.objects.create(
        service=service,
        code=row["code"],
        version=newest.version + 1 if newest else 1,
        names=row["names"],
        hints=row["hints"],
        datatype=row["datatype"],
        choices=row["choices"],
        is_required=row["required"],
        is_personal=row["tag"] == DataTag.PERSONAL,
        data_tag=row["tag"],
        purposes=row["purposes"],
        position=position,
        since_form=service.form_version,
    )


def _write_stoppers(service: Service, wanted: Sequence[Mapping[str, Any]]) -> None:
    service.stoppers.all().delete()
    Stopper.objects.bulk_create(
        Stopper(
            service=service,
            names=row["names"],
            advice=row["advice"],
            organisation_names=row["organisation"],
            phone=row["phone"],
            url=row["url"],
            position=position,
        )
        for position, row in enumerate(wanted, start=1)
    )
