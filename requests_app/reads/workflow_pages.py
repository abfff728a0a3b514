"""Workflows as their administrators list and open them: versions, the services that use each, the cases on each."""

from dataclasses import dataclass

from django.db.models import Count, Q

from requests_app.models import Jurisdiction, Service, ServiceRequest, Workflow
from requests_app.permissions import Viewer


@dataclass(frozen=True, slots=True)
class WorkflowLine:
    """A workflow in the list: its newest version, the services that go by it, its open cases."""

    newest: Workflow
    services: list[Service]
    open_cases: int


@dataclass(frozen=True, slots=True)
class Version:
    """One version with the open cases that go by it."""

    workflow: Workflow
    open_cases: int


def workflows_of(viewer: Viewer, place: Jurisdiction) -> list[WorkflowLine]:
    """Every workflow of a place by its name; three statements."""
    newest = {row.code: row for row in Workflow.objects.filter(jurisdiction=place).order_by("version")}
    using: dict[str, list[Service]] = {}
    for service in Service.objects.filter(jurisdiction=place).exclude(workflow=None).select_related("workflow"):
        if service.workflow is not None:
            using.setdefault(service.workflow.code, []).append(service)
    counts = dict(
        ServiceRequest.objects.visible_to(viewer)
        .of(place.pk)
        .open()
        .exclude(workflow=None)
        .order_by()
        .values_list("workflow__code")
        .annotate(n=Count("pk"))
    )
    lines = [WorkflowLine(row, using.get(code, []), counts.get(code, 0)) for code, row in newest.items()]
    return sorted(lines, key=lambda line: line.newest.name.casefold())


def workflow_of(place: Jurisdiction, pk: int) -> Workflow | None:
    """One version of a workflow of a place."""
    return Workflow.objects.select_related("saved_by").filter(jurisdiction=place, pk=pk).first()


def versions_of(viewer: Viewer, place: Jurisdiction, code: str) -> list[Version]:
    """The versions of a workflow, the newest first, with their open cases; two statements."""
    counts = dict(
        ServiceRequest.objects.visible_to(viewer)
        .of(place.pk)
        .open()
        .filter(workflow__code=code)
        .order_by()
        .values_list("workflow_id")
        .annotate(n=Count("pk"))
    )
    rows = Workflow.objects.select_related("saved_by").filter(jurisdiction=place, code=code).order_by("-version")
    return [Version(row, counts.get(row.pk, 0)) for row in rows]


def services_using(place: Jurisdiction, code: str) -> list[Service]:
    """The services whose new cases go by a workflow; one statement."""
    return list(Service.objects.filter(Q(workflow__code=code), jurisdiction=place).order_by("code"))
