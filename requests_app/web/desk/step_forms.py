"""The case's workflow at the desk: where it is, the moves of its step, its papers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from requests_app.actions.ways import Offer, offers
from requests_app.labels import REASON, Label
from requests_app.models import Document, ServiceRequest
from requests_app.permissions import Viewer
from requests_app.reads.case_workflow import OTHER
from requests_app.reads.desk import Choices
from requests_app.reads.one_request import Paper
from requests_app.reads.workflow_names import WorkflowNames, said
from requests_app.states import DOCUMENT_REASONS, Activity, Status
from requests_app.workflows.parse import kept

Option = tuple[str, Label]


@dataclass(frozen=True, slots=True)
class OfficeField:
    """A select: which of several offices does a step."""

    name: str
    words: str
    options: list[Option]


@dataclass(frozen=True, slots=True)
class StepMove:
    """A move of the workflow as its form shows it. `slug` is its own among all moves of the page."""

    slug: str
    offer: Offer
    name: str
    leads_to: str
    reasons: list[Option]
    offices: list[OfficeField]
    key: str = ""

    @property
    def has_fields(self) -> bool:
        """Whether something must be chosen or written before it is made."""
        return bool(self.reasons or self.offices or self.offer.move.tells)


@dataclass(frozen=True, slots=True)
class StepForms:
    """The forms of one step: the case's own, or of a review. `elsewhere` are moves that only the manager makes."""

    name: str
    branch: int
    begun: bool
    moves: list[StepMove] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Tried:
    """A form of this page that was not taken: which, what is wrong by field, what was typed."""

    slug: str
    problems: Mapping[str, str]
    values: Mapping[str, str]


def workflow_context(
    found: ServiceRequest, viewer: Viewer, known: Choices, papers: Sequence[Paper], may: Sequence[Activity]
) -> dict[str, Any]:
    """What the page of a case shows of its workflow."""
    definition = kept(found.workflow.source) if found.workflow else None
    names = WorkflowNames(definition)
    kinds = [(kind.code, said(kind.names)) for kind in definition.documents] if definition else []
    waited = {paper.kind for paper in papers if paper.status == Document.Status.ASKED}
    asks = Activity.CITIZEN_ASKED in may or (
        found.status == Status.WAITING_CITIZEN and Activity.DOCUMENT_ASKED in may and bool(waited)
    )
    return {
        "step_forms": _forms(offers(found, viewer), names, known),
        "paper_kinds": [*kinds, (OTHER, names.document(OTHER))],
        "papers_to_ask": [kind for kind in kinds if kind[0] not in waited] if asks else [],
        "may_add_paper": Activity.DOCUMENT_ADDED in may and bool(kinds or papers),
        "may_check_paper": Activity.DOCUMENT_CHECKED in may,
        "paper_reasons": [(code, REASON[code]) for code in DOCUMENT_REASONS],
    }


def _forms(found: Sequence[Offer], names: WorkflowNames, known: Choices) -> list[StepForms]:
    forms: dict[tuple[int, str], StepForms] = {}
    for offer in found:
        group = forms.setdefault(
            (offer.branch, offer.step.code), StepForms(said(offer.step.names), offer.branch, offer.begun)
        )
        if offer.may:
            number = sum(len(form.moves) for form in forms.values()) + 1
            group.moves.append(_step_move(offer, names, known, str(number) if number < 10 else ""))
        else:
            group.elsewhere.append(said(offer.move.names))
    return [form for form in forms.values() if form.moves or form.elsewhere]


def _step_move(offer: Offer, names: WorkflowNames, known: Choices, key: str) -> StepMove:
    offices = {office.pk: office.name for office in known.offices}
    return StepMove(
        slug=slug_of(offer.branch, offer.move.code),
        offer=offer,
        name=said(offer.move.names),
        leads_to=names.step(offer.move.to),
        reasons=[(code, names.reason(code)) for code in offer.move.reasons],
        offices=[
            OfficeField(
                f"office-{choice.step.code}",
                _("Office for “%(step)s”") % {"step": said(choice.step.names)},
                [(str(pk), offices.get(pk, "–")) for pk in choice.office_ids],
            )
            for choice in offer.choices
        ],
        key=key,
    )


def slug_of(branch: int, code: str) -> str:
    """The name of a move's form on the page."""
    return f"step-{branch}-{code}"
