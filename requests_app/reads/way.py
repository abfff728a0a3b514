"""Where a case is on the way of its workflow: steps passed, the present one with its reviews, and those to come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from requests_app.models import Hold, ServiceRequest
from requests_app.models.fields import localized
from requests_app.projection import LEAD
from requests_app.reads.holds import holds_of
from requests_app.reads.journey import Moment
from requests_app.reads.workflow_names import said
from requests_app.states import SENT, Activity, Status
from requests_app.workflows.definition import Definition
from requests_app.workflows.parse import kept
from requests_app.workflows.path import opened_before, usual_way


class Place(StrEnum):
    """Where a step lies, seen from where the case is."""

    PASSED = "passed"
    HERE = "here"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class SideStep:
    """A review beside a step: who does it, whether it is done, and how it ended."""

    code: str
    name: str
    plain: str
    office: str
    branch: int
    is_running: bool
    is_begun: bool
    is_done: bool
    result: str = ""


@dataclass(frozen=True, slots=True)
class WayStep:
    """One step of the way. `begun_at` is when the case came to it last, `ended_at` when it left it."""

    code: str
    name: str
    plain: str
    place: Place
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    times: int = 0
    beside: list[SideStep] = field(default_factory=list)

    @property
    def is_here(self) -> bool:
        """Whether the case is at this step."""
        return self.place is Place.HERE

    @property
    def is_passed(self) -> bool:
        """Whether the case has been here and went on."""
        return self.place is Place.PASSED


def way_of(request: ServiceRequest, moments: Sequence[Moment]) -> list[WayStep]:
    """The steps the case passed, the one it is at, and those it usually still passes; [] without a workflow.

    No step is the present one before an office has accepted the case.
    """
    if request.workflow is None:
        return []
    definition = kept(request.workflow.source)
    visits = _visits(moments)
    begun = Status(request.status) not in SENT | {Status.RECEIVED}
    here = request.step if begun and request.is_open else ""
    told = request.workflow.steps if definition is None else _shown(definition, visits, request.step)
    return [_step(step, here, visits, request, definition, moments) for step in told]


def _shown(definition: Definition, visits: Mapping[str, list[tuple[datetime, datetime | None]]], at: str) -> list[Any]:
    """The usual steps and those the case was sent through, in the order of the workflow."""
    usual = usual_way(definition)
    wanted = [step for step in definition.main_steps if step.code in usual or step.code in visits or step.code == at]
    return [{"code": step.code, "names": step.names, "plain": step.plain} for step in wanted]


def _visits(moments: Sequence[Moment]) -> dict[str, list[tuple[datetime, datetime | None]]]:
    """When the case was at each step: from the event that named it to the one that named the next, or closed it."""
    visits: dict[str, list[tuple[datetime, datetime | None]]] = {}
    at, since = "", None
    for moment in moments:
        ends = moment.activity in (Activity.RESOLVED, Activity.MERGED)
        if moment.branch != LEAD or not (moment.step or ends):
            continue
        if at and since is not None:
            visits.setdefault(at, []).append((since, moment.occurred_at))
        at, since = ("", None) if ends else (moment.step, moment.occurred_at)
    if at and since is not None:
        visits.setdefault(at, []).append((since, None))
    return visits


def _step(
    step: Mapping[str, Any],
    here: str,
    visits: Mapping[str, list[tuple[datetime, datetime | None]]],
    request: ServiceRequest,
    definition: Definition | None,
    moments: Sequence[Moment],
) -> WayStep:
    been = visits.get(step["code"], [])
    passed = bool(been) and been[-1][1] is not None
    return WayStep(
        code=step["code"],
        name=localized(dict(step["names"])),
        plain=localized(dict(step.get("plain", {}))),
        place=Place.HERE if step["code"] == here else Place.PASSED if passed else Place.AHEAD,
        begun_at=been[-1][0] if been else None,
        ended_at=been[-1][1] if been else None,
        times=len(been),
        beside=_beside(definition, step["code"], holds_of(request), moments) if definition and been else [],
    )


def _beside(definition: Definition, code: str, holds: Sequence[Hold], moments: Sequence[Moment]) -> list[SideStep]:
    """The reviews of a step, in the order they were opened, with those that followed inside their branches."""
    opened = set(opened_before(definition, code))
    later = definition.reached_from(opened)
    found = []
    for hold in holds:
        step = definition.step(hold.step) if hold.branch != LEAD and hold.step else None
        if step is None or not (step.code in opened or step.code in later):
            continue
        ended = next((m for m in moments if m.branch == hold.branch and m.activity is Activity.REVIEW_RETURNED), None)
        found.append(
            SideStep(
                code=step.code,
                name=said(step.names),
                plain=said(step.plain) if step.plain else "",
                office=hold.office.name,
                branch=hold.branch,
                is_running=hold.ended_at is None,
                is_begun=hold.started_at is not None,
                is_done=ended is not None,
                result=ended.move_name if ended else "",
            )
        )
    return found
