"""What an application takes, told before it is begun: the documents it will need, and that we must be able to write."""

from dataclasses import dataclass

from requests_app.models import Service, ServiceKind
from requests_app.reads.workflow_names import WorkflowNames
from requests_app.workflows.definition import Definition
from requests_app.workflows.parse import kept
from requests_app.workflows.path import usual_way


@dataclass(frozen=True, slots=True)
class PaperNeeded:
    """A document that the usual way asks for, and the step that needs it."""

    name: str
    hint: str
    step: str
    is_first: bool
    """Whether the first step needs it."""


def papers_needed(service: Service) -> list[PaperNeeded]:
    """The documents of the usual way of an application, in the order in which its steps need them; no statement."""
    definition = _definition(service)
    if definition is None:
        return []
    names, found = WorkflowNames(definition), dict[str, PaperNeeded]()
    for code in usual_way(definition):
        step = definition.step(code)
        for kind in step.documents if step else ():
            is_first = code == definition.first.code
            found.setdefault(
                kind, PaperNeeded(names.document(kind), names.document_hint(kind), names.step(code), is_first)
            )
    return list(found.values())


def must_write_back(service: Service) -> bool:
    """Whether an application cannot be decided without writing to who filed it: a document, a decision in words."""
    definition = _definition(service)
    if definition is None:
        return False
    return any(step.documents or any(move.tells for move in step.moves) for step in definition.steps)


def _definition(service: Service) -> Definition | None:
    is_application = service.kind == ServiceKind.APPLICATION
    return kept(service.workflow.source) if is_application and service.workflow else None
