"""What measured time is held against: the opening hours of the offices, and the targets of the steps."""

from collections.abc import Mapping
from dataclasses import dataclass

from requests_app.calendars import Calendar
from requests_app.models import Office, Workflow
from requests_app.workflows.definition import Names, Target
from requests_app.workflows.parse import kept


@dataclass(frozen=True, slots=True)
class TimedStep:
    """A step of one version of a workflow. `label` is the same in every version of it."""

    workflow_id: int
    label: str
    code: str
    names: Names
    target: Target | None


@dataclass(frozen=True, slots=True)
class WorkTerms:
    """Of one jurisdiction: office code → opening hours as they are now, and the steps of its workflows."""

    calendars: Mapping[str, Calendar]
    steps: tuple[TimedStep, ...]


def work_terms(jurisdiction_id: int) -> WorkTerms:
    """The opening hours and steps of a jurisdiction: two statements."""
    offices = Office.objects.filter(jurisdiction=jurisdiction_id).select_related("jurisdiction", "work_calendar")
    offices = offices.defer("jurisdiction__boundary", "location")
    return WorkTerms({office.code: office.calendar() for office in offices}, _steps(jurisdiction_id))


def _steps(jurisdiction_id: int) -> tuple[TimedStep, ...]:
    versions = Workflow.objects.filter(jurisdiction=jurisdiction_id).order_by("code", "version")
    return tuple(
        TimedStep(version.pk, f"{version.code}:{step.code}", step.code, step.names, step.target)
        for version in versions
        if (definition := kept(version.source))
        for step in definition.steps
    )
