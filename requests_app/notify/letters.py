"""A mail in plain facts, before it is text or HTML: written once for each language, from the table of moments."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

from requests_app.labels import outcome_label
from requests_app.models import Document, RequestEvent, ServiceRequest
from requests_app.notify.template import Said, Template
from requests_app.places.streets import localized_label
from requests_app.reads.workflow_names import WorkflowNames
from requests_app.states import Activity
from requests_app.text.spoken import spoken_date
from requests_app.workflows.parse import kept

Facts = Mapping[str, str]

FACTS = frozenset(
    {
        "reference",
        "service",
        "office",
        "sender",
        "holder",
        "outcome",
        "reason",
        "due",
        "new_date",
        "place",
        "other",
        "documents",
        "report",
        "where",
        "as_of",
        "headline",
        "before",
        "previous",
        "same_as",
        "attached",
    }
)
"""What a sentence may name: see `facts_of`; from `report` on, what a report by mail says."""


@dataclass(frozen=True, slots=True)
class Button:
    """Something the reader can do; the first of a letter is the main one."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One half of a mail, in one language. `quote` is what the office wrote; `foot` says why one gets this."""

    language: str
    subject: str
    lines: tuple[str, ...]
    quote: str = ""
    buttons: tuple[Button, ...] = ()
    foot: tuple[str, ...] = ()
    stop: Button | None = None
    items: tuple[tuple[str, str], ...] = ()
    """Lines of a list: words and where they lead (a digest)."""
    above: str = ""
    """Where an answer by mail is written, for mails that take one."""


def facts_of(request: ServiceRequest, event: RequestEvent | None) -> Facts:
    """The facts of a case and of what happened, in the active language; "" for what there is none of."""
    zone = ZoneInfo(request.jurisdiction.time_zone)
    language = get_language() or "en"

    def day(moment: object) -> str:
        return spoken_date(moment.astimezone(zone).date(), language) if moment else ""  # type: ignore[attr-defined]

    names = WorkflowNames(kept(request.workflow.source) if request.workflow else None)
    known = {
        "reference": request.reference,
        "service": request.service.name,
        "holder": request.office.name if request.office else "",
        "due": day(request.due_at),
        "place": localized_label(request.jurisdiction_id, request.address_label, language)
        if request.address_label
        else "",
        "other": request.merged_into.reference if request.merged_into else "",
    }
    if event is not None:
        known |= {
            "holder": event.holding_office.name if event.holding_office else "",
            "office": event.office.name if event.office else "",
            "sender": event.acting_office.name if event.acting_office else "",
            "outcome": names.end(event.move) or str(outcome_label(event.outcome)),
            "reason": str(names.reason(event.reason)) if event.reason else "",
            "new_date": day(event.promised_at),
            "documents": _documents_asked(request, event, names),
        }
    return known


def _documents_asked(request: ServiceRequest, event: RequestEvent, names: WorkflowNames) -> str:
    """The documents that a question asks for, by name; one statement for a question, none for anything else."""
    if event.activity != Activity.CITIZEN_ASKED:
        return ""
    waited = Document.objects.filter(request=request, status=Document.Status.ASKED, erased_at=None).order_by("pk")
    return ", ".join(dict.fromkeys(names.document(kind) for kind in waited.values_list("kind", flat=True)))


def said(sentence: Said, facts: Facts) -> str:
    """A sentence with its facts, on one line; "" when a fact that it names is missing."""
    words = str(sentence)
    if not all(facts.get(name) for name in facts_in(words)):
        return ""
    return one_line(words % facts)


def facts_in(words: str) -> set[str]:
    """The names of the facts a sentence speaks of: `%(due)s` → due."""
    return {piece.split(")s")[0] for piece in words.split("%(")[1:]}


def lines_of(template: Template, facts: Facts) -> tuple[str, ...]:
    """The sentences that can be said."""
    return tuple(words for sentence in template.says if (words := said(sentence, facts)))


def one_line(text: str) -> str:
    """Text without line ends, which would begin another header."""
    return " ".join(text.split())
