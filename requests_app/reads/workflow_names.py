"""Steps, moves, reasons and documents of a workflow in the reader's language."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from requests_app.labels import REASON, Label
from requests_app.models.fields import localized
from requests_app.reads.case_workflow import OTHER
from requests_app.workflows.definition import Definition, Names


@dataclass(frozen=True, slots=True)
class WorkflowNames:
    """The names a definition gives; codes that it does not know stay codes, and the product's own are in `labels`."""

    definition: Definition | None

    def step(self, code: str) -> str:
        """A step in words, "" for none."""
        found = self.definition.step(code) if self.definition and code else None
        return said(found.names) if found else ""

    def move(self, code: str) -> str:
        """A move in words, "" for none: of equal codes the first, since they mean the same."""
        if not self.definition or not code:
            return ""
        moves = (move for step in self.definition.steps for move in step.moves if move.code == code)
        return next((said(move.names) for move in moves), "")

    def end(self, code: str) -> str:
        """What is read of a case that a move has closed, "" where the workflow leaves it to the outcome."""
        if not self.definition or not code:
            return ""
        moves = (move for step in self.definition.steps for move in step.moves if move.code == code and move.told)
        return next((said(move.told) for move in moves), "")

    def reason(self, code: str) -> Label:
        """A reason in words."""
        names = self.definition.reasons.get(code) if self.definition else None
        return said(names) if names else REASON.get(code, code)

    def document(self, code: str) -> str:
        """A kind of document in words."""
        kind = self.definition.document(code) if self.definition else None
        if kind:
            return said(kind.names)
        return _("Another document") if code == OTHER else code

    def document_hint(self, code: str) -> str:
        """What a document should be, "" where the workflow does not say."""
        kind = self.definition.document(code) if self.definition else None
        return said(kind.hints) if kind else ""


def said(names: Names) -> str:
    """A name in the reader's language."""
    return localized(dict(names))
