"""A workflow told to people: its picture with words in the reader's language, and each step in sentences' parts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from requests_app.labels import OUTCOME, Label
from requests_app.models import Jurisdiction, Office, ServiceRequest
from requests_app.reads.way import WayStep
from requests_app.reads.workflow_names import WorkflowNames, said
from requests_app.states import Actor
from requests_app.text.spoken import spoken_number
from requests_app.workflows.definition import Definition, Move, Step, Target
from requests_app.workflows.drawing import Drawing, Words, draw
from requests_app.workflows.parse import kept


@dataclass(frozen=True, slots=True)
class MoveTold:
    """A move in words: where it leads, who makes it when not everybody may, for which reasons."""

    name: str
    leads_to: str
    outcome: Label
    opens: tuple[str, ...]
    reasons: tuple[str, ...]
    only_manager: bool
    joins: bool
    tells: bool
    anyway: bool


@dataclass(frozen=True, slots=True)
class StepTold:
    """A step in words."""

    code: str
    name: str
    plain: str
    office: str
    target: str
    documents: tuple[str, ...]
    answers: tuple[str, ...]
    is_side: bool
    moves: tuple[MoveTold, ...]


OfficeNames = dict[tuple[str, str], list[str]]
"""("office", code) or ("office_kind", kind) → the names of the offices that are open."""


def office_names(place: Jurisdiction) -> OfficeNames:
    """The open offices of a place, by what a step may call them; one statement."""
    names: OfficeNames = {}
    for office in Office.objects.filter(jurisdiction=place).order_by("code"):
        if office.is_open_on(place.today):
            names.setdefault(("office", office.code), []).append(office.name)
            names.setdefault(("office_kind", office.kind), []).append(office.name)
    return names


def picture_of(
    definition: Definition, offices: OfficeNames, here: Collection[str] = (), passed: Collection[str] = ()
) -> Drawing:
    """The picture of a workflow in the reader's language, with where a case is on it."""
    names = WorkflowNames(definition)
    words = {step.code: _words(step, offices, definition, names) for step in definition.steps}
    return draw(definition, words, here, passed)


def _words(step: Step, offices: OfficeNames, definition: Definition, names: WorkflowNames) -> Words:
    soft = tuple(part for part in (office_of(step, offices), spoken_target(step.target)) if part)
    side = step.code in definition.side_steps
    moves = {
        move.code: f"{said(move.names)} → {names.step(move.to)}" if side and move.to else said(move.names)
        for move in step.moves
    }
    return Words(said(step.names), soft, moves)


def office_of(step: Step, offices: OfficeNames) -> str:
    """Who does a step, "" where whoever has the case keeps it, or where no offices are told."""
    wanted = ("office", step.office) if step.office else ("office_kind", step.office_kind)
    if not wanted[1] or not offices:
        return ""
    found = offices.get(wanted, [wanted[1]])
    return pgettext("between offices of which one does it", " or ").join(found[:3])


def spoken_target(target: Target | None) -> str:
    """How long a step should take, "" where it says nothing."""
    if target is None:
        return ""
    if target.days:
        words = ngettext("%(n)s calendar day", "%(n)s calendar days", target.days)
        return words % {"n": spoken_number(target.days, get_language())}
    words = ngettext("%(n)s office hour", "%(n)s office hours", target.hours)
    return words % {"n": spoken_number(target.hours, get_language())}


def steps_told(definition: Definition, offices: OfficeNames) -> list[StepTold]:
    """Every step in words, in the order they were written."""
    names, side = WorkflowNames(definition), definition.side_steps
    return [
        StepTold(
            code=step.code,
            name=said(step.names),
            plain=said(step.plain) if step.plain else "",
            office=office_of(step, offices) or _("The office that has the request"),
            target=spoken_target(step.target),
            documents=tuple(names.document(code) for code in step.documents),
            answers=step.answers,
            is_side=step.code in side,
            moves=tuple(_move_told(move, names) for move in step.moves),
        )
        for step in definition.steps
    ]


def _move_told(move: Move, names: WorkflowNames) -> MoveTold:
    return MoveTold(
        name=said(move.names),
        leads_to=names.step(move.to),
        outcome=OUTCOME[move.outcome] if move.outcome else "",
        opens=tuple(names.step(code) for code in move.opens),
        reasons=tuple(str(names.reason(code)) for code in move.reasons),
        only_manager=move.by == (Actor.MANAGER,),
        joins=move.joins,
        tells=move.tells,
        anyway=move.anyway,
    )


def case_picture(request: ServiceRequest, way: Sequence[WayStep]) -> dict[str, Any]:
    """The picture of a case’s workflow with where it is and has been; {} without a definition.

    Without the offices: the page of a case says elsewhere who has it, and this costs no statement.
    """
    definition = kept(request.workflow.source) if request.workflow else None
    if definition is None:
        return {}
    sides = [side for step in way for side in step.beside]
    here = {step.code for step in way if step.is_here} | {side.code for side in sides if side.is_running}
    passed = {step.code for step in way if step.is_passed} | {side.code for side in sides if side.is_done}
    at = next((step.name for step in way if step.is_here), "")
    said_at = _("The workflow as a picture; the request is at “%(step)s”.") % {"step": at}
    return {
        "drawing": picture_of(definition, {}, here, passed - here),
        "described": said_at if at else _("The workflow as a picture."),
    }


def described(steps: Sequence[StepTold]) -> str:
    """The picture in one sentence, for those who do not see it."""
    return _("The workflow in %(n)s steps, from “%(first)s”. The same is told in words beside it.") % {
        "n": len(steps),
        "first": steps[0].name if steps else "–",
    }
