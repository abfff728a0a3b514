"""Papers of a case: asked for, added, found good or sent back, asked for again, erased."""

from collections.abc import Iterator, Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from requests_app.actions._draft import Command, Done, Draft, Text
from requests_app.actions._ledger import append_all, authorise, check_legal, lock
from requests_app.actions.errors import Refused
from requests_app.clock import now
from requests_app.models import Document, ServiceRequest, Words
from requests_app.privacy.documents import ReadyDocument, drop_documents, forget_file, keep_file
from requests_app.projection import CaseState
from requests_app.reads.case_workflow import OTHER
from requests_app.states import DOCUMENT_REASONS, Activity, Status
from requests_app.workflows.parse import kept

MOST_DOCUMENTS = 60
"""Papers a case can have: more belong on a memory stick."""


def ask_documents(command: Command, *, kinds: Sequence[str], words: str = "") -> Done:
    """Ask the citizen for papers, with a few words if any; the case waits for them."""
    with transaction.atomic():
        request, state = lock(command, "workflow")
        asked = [checked_kind(request, kind) for kind in kinds]
        if not asked:
            raise Refused({"kinds": _("Choose at least one document.")})
        drafts = _asking(request, state, asked, words)
        return _written(command, request, state, drafts)


def _asking(request: ServiceRequest, state: CaseState, kinds: Sequence[str], words: str) -> list[Draft]:
    """One event for each paper, then the question; a paper that is waited for already is not asked for twice."""
    at = now()
    known = dict(
        Document.objects.filter(request=request, kind__in=kinds, status=Document.Status.ASKED).values_list("kind", "pk")
    )
    made = Document.objects.bulk_create(
        Document(request=request, kind=kind, status=Document.Status.ASKED, asked_at=at)
        for kind in dict.fromkeys(kinds)
        if kind not in known
    )
    if known:
        Document.objects.filter(pk__in=known.values()).update(asked_at=at)
    text = Text(Words.Kind.REPLY, words) if words.strip() else None
    asked = [Draft(Activity.DOCUMENT_ASKED, document_id=pk) for pk in (*known.values(), *(row.pk for row in made))]
    if state.status is Status.WAITING_CITIZEN:  # one question more while the first is open
        return [*asked, Draft(Activity.COMMENTED, text=text)] if text else asked
    return [*asked, Draft(Activity.CITIZEN_ASKED, text=text)]


def add_document(command: Command, *, kind: str, ready: ReadyDocument, by_citizen: bool = True) -> Done:
    """Take a paper in: the one that was asked for, or another. When the last one asked for is there, work goes on."""
    file: dict[str, object] = {}
    try:
        with transaction.atomic():
            request, state = lock(command, "workflow")
            _refuse_too_late(request, by_citizen)
            checked = checked_kind(request, kind)
            drafts = list(_arriving(request, state, checked, ready, by_citizen, file))
            return _written(command, request, state, drafts)
    except BaseException:
        forget_file(str(file.get("file_name", "")))
        raise


def _arriving(
    request: ServiceRequest,
    state: CaseState,
    kind: str,
    ready: ReadyDocument,
    by_citizen: bool,
    file: dict[str, object],
) -> Iterator[Draft]:
    papers = list(Document.objects.filter(request=request, erased_at=None).order_by("pk"))
    if len(papers) >= MOST_DOCUMENTS:
        raise Refused({"file": _("The request has all the documents it can hold. Ask the office what to do.")})
    waited = [paper for paper in papers if paper.status == Document.Status.ASKED]
    paper = next((one for one in waited if one.kind == kind), None) or Document(request=request, kind=kind)
    file.update(keep_file(ready))
    for name, value in file.items():
        setattr(paper, name, value)
    paper.status, paper.received_at, paper.by_citizen = Document.Status.RECEIVED, now(), by_citizen
    paper.save()
    yield Draft(Activity.DOCUMENT_ADDED, document_id=paper.pk)
    still = [one for one in waited if one.pk != paper.pk]
    if state.status is Status.WAITING_CITIZEN and waited and not still:
        yield Draft(Activity.CITIZEN_REPLIED)


def check_document(command: Command, *, document_id: int, is_good: bool, reason: str = "", words: str = "") -> Done:
    """Say that a paper is good, or why it is not; refused with words, it is asked for again at once."""
    with transaction.atomic():
        request, state = lock(command, "workflow")
        paper = Document.objects.filter(request=request, pk=document_id, erased_at=None).first()
        if paper is None or paper.status != Document.Status.RECEIVED:
            raise Refused({"document": _("There is no such document to be checked. Reload the page.")})
        if not is_good and reason not in DOCUMENT_REASONS:
            raise Refused({"reason": _("Choose a reason from the list.")})
        paper.status = Document.Status.ACCEPTED if is_good else Document.Status.REFUSED
        paper.reason = "" if is_good else reason
        paper.checked_at, paper.checked_by_id = now(), command.viewer.user_id
        paper.save(update_fields=["status", "reason", "checked_at", "checked_by"])
        drafts = [Draft(Activity.DOCUMENT_CHECKED, document_id=paper.pk, reason=paper.reason, move=paper.status)]
        if not is_good and words.strip():
            drafts += _asking(request, state, [paper.kind], words)
        return _written(command, request, state, drafts)


def erase_document(command: Command, *, document_id: int) -> Done:
    """Delete a paper for good: the row stays empty, the file goes when the change is committed."""
    with transaction.atomic():
        request, state = lock(command)
        if not drop_documents(request.pk, now(), document_id):
            raise Refused({"document": _("There is no such document on this request.")})
        return _written(command, request, state, [Draft(Activity.WORDS_ERASED, document_id=document_id)])


def checked_kind(request: ServiceRequest, kind: str) -> str:
    """A kind of paper the case’s workflow knows, or any other; Refused when it is unknown."""
    definition = kept(request.workflow.source) if request.workflow else None
    if kind == OTHER or (definition is not None and definition.document(kind) is not None):
        return kind
    raise Refused({"kind": _("Choose a kind of document from the list.")})


def _refuse_too_late(request: ServiceRequest, by_citizen: bool) -> None:
    if by_citizen and not request.is_open:
        raise Refused({"file": _("The request is closed. Open it again, then send the document.")})


def _written(command: Command, request: ServiceRequest, state: CaseState, drafts: Sequence[Draft]) -> Done:
    for draft in drafts:
        authorise(command.viewer, request, state, draft)
        check_legal(draft, state)
    return append_all(request, state, drafts, command)
