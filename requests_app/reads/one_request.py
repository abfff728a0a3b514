"""One case as its page shows it."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import JSONObject

from requests_app.labels import STATUS_AT_DESK, Label, status_label
from requests_app.models import Absence, Answer, Document, Photo, PromiseClock, PromiseNotice, Question, ServiceRequest
from requests_app.permissions import Viewer
from requests_app.privacy.documents import PDF
from requests_app.reads.absences import of_days
from requests_app.reads.disclosure import Disclosure, disclosure
from requests_app.reads.holds import read_holds
from requests_app.reads.journey import Moment, Stay, stays, timelines
from requests_app.reads.workflow_names import WorkflowNames
from requests_app.states import Activity, Status
from requests_app.workflows.parse import kept

MOST_MERGED = 20
FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo as pages show it: its size in pixels, and since when everybody may see it."""

    pk: int
    width: int
    height: int
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class Said:
    """A notice of the promise that was given: its kind, when, and the names of the office it went to."""

    kind: str
    made_at: datetime
    office_names: dict[str, str]


@dataclass(frozen=True, slots=True)
class HandlerAway:
    """That the person a case is given to is away today: until when, and who stands in ("" where nobody does)."""

    ends_on: date
    deputy_id: int | None
    deputy: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as pages show it. `has_file`: it came and was not erased."""

    pk: int
    kind: str
    name: str
    hint: str
    status: str
    reason: Label
    has_file: bool
    is_pdf: bool
    size: int
    by_citizen: bool
    at: datetime | None

    @property
    def slug(self) -> str:
        """Its id as text, for the names of its forms."""
        return str(self.pk)


@dataclass(frozen=True, slots=True)
class Belongings:
    """What belongs to a case besides its events: photos, documents, answers, cases joined with it, notices."""

    photos: list[Picture]
    papers: list[Paper]
    answers: list[tuple[str, str]]
    merged_here: list[str]
    notices: list[Said]
    away: HandlerAway | None = None


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything a page about one case needs, already cut to what the viewer may see."""

    request: ServiceRequest
    shown: Disclosure
    status: Label
    moments: list[Moment]
    stays: list[Stay]
    photos: list[Picture]
    papers: list[Paper] = field(default_factory=list)
    answers: list[tuple[str, str]] = field(default_factory=list)
    merged_here: list[str] = field(default_factory=list)
    notices: list[Said] = field(default_factory=list)
    away: HandlerAway | None = None
    clock_at: datetime = FOREVER
    """The moment the promise is measured at: now, or when the wait for the citizen began."""
    is_own: bool = False
    is_late: bool = False
    is_rated: bool = False


ITS_PAGE = (
    "jurisdiction",
    "service__usual_time",
    "workflow",
    "office",
    "area",
    "handler",
    "merged_into",
    "parent",
    "rating",
)
"""What a page tells of a case. Nine tables cost the database more to plan than to read."""
A_MOVE = ("jurisdiction", "service", "office")
_LONG = ("jurisdiction__boundary", "jurisdiction__assumptions", "service__draft", "service__data_standard")
"""Long columns that no page of a case reads."""


def find_request(
    reference: str, viewer: Viewer, related: Sequence[str] = ITS_PAGE, **beside: Any
) -> ServiceRequest | None:
    """The visible case with that reference, however it was typed; None when there is none to see.

    `related` is read with it; `beside` are annotations that a page wants, in the same statement.
    """
    wanted = reference.strip().upper().replace(" ", "")
    return (
        ServiceRequest.objects.visible_to(viewer)
        .filter(reference=wanted)
        .select_related(*related)
        .defer(*_LONG, *(["area__geometry"] if "area" in related else []))
        .annotate(**beside)
        .first()
    )


def find_by_secret(reference: str, tracking_hash: str) -> ServiceRequest | None:
    """The case whose tracking link this is, visible or not: the secret is the right, compared in constant time."""
    found = ServiceRequest.objects.filter(reference=reference.upper()).exclude(tracking_hash="").first()
    return found if found and hmac.compare_digest(found.tracking_hash, tracking_hash) else None


def find_by_person(request_id: int, person_id: int) -> ServiceRequest | None:
    """The case of a signed link from a mail, if it is still that person's: the signature is the right."""
    return ServiceRequest.objects.filter(pk=request_id, person_id=person_id).first()


def find_requests(ids: Sequence[int], viewer: Viewer) -> list[ServiceRequest]:
    """The visible ones of some cases with all their pages tell, in the order given; two statements."""
    found = ServiceRequest.objects.visible_to(viewer).select_related(*ITS_PAGE)
    known = found.defer("jurisdiction__boundary", "area__geometry").in_bulk(list(ids))
    cases = [known[pk] for pk in ids if pk in known]
    read_holds(cases)
    return cases


def case_page(request: ServiceRequest, viewer: Viewer) -> CasePage:
    """Build the page of a case that `find_request` returned."""
    return case_pages([request], viewer)[0]


def case_pages(requests: Sequence[ServiceRequest], viewer: Viewer) -> list[CasePage]:
    """The pages of cases of one place, in their order; two statements however many there are, beside their holds."""
    shown = {request.pk: disclosure(request, viewer) for request in requests}
    has = belongings(requests, viewer, shown)
    told = [(one, shown[one.pk], {paper.pk: paper.name for paper in has[one.pk].papers}) for one in requests]
    return [
        _page(request, viewer, shown[request.pk], has[request.pk], moments)
        for request, moments in zip(requests, timelines(told), strict=True)
    ]


def _page(
    request: ServiceRequest, viewer: Viewer, shown: Disclosure, has: Belongings, moments: list[Moment]
) -> CasePage:
    present = request.jurisdiction.present
    own = request.pk in viewer.tracked_request_ids
    status = Status(request.status)
    return CasePage(
        request=request,
        shown=shown,
        status=end_told(request, moments) or (status_label(status) if own else STATUS_AT_DESK[status]),
        moments=moments,
        stays=stays(request, present),
        photos=has.photos,
        papers=has.papers,
        answers=has.answers,
        merged_here=has.merged_here,
        notices=has.notices,
        away=has.away,
        clock_at=request.paused_at or present,
        is_own=own,
        is_late=request.is_overdue_at(present),
        is_rated=hasattr(request, "rating"),
    )


def end_told(request: ServiceRequest, moments: Sequence[Moment]) -> Label:
    """What its workflow says of the end of a closed case (“Permit issued”), "" where it leaves it to the outcome."""
    closing = next((m for m in reversed(moments) if m.activity is Activity.RESOLVED), None)
    return closing.outcome if closing and closing.is_told and not request.is_open else ""


def visible_photos(shown: Mapping[int, Disclosure]) -> QuerySet[Photo]:
    """The photos of some cases that the viewer may look at, by what they are shown of each."""
    read = [pk for pk, one in shown.items() if one.words]
    released = [pk for pk, one in shown.items() if one.released_words and not one.words]
    seen = Q(request__in=read) | (Q(request__in=released) & ~Q(released_at=None))
    return Photo.objects.filter(seen, erased_at=None)


def belongings(
    requests: Sequence[ServiceRequest], viewer: Viewer, shown: Mapping[int, Disclosure]
) -> dict[int, Belongings]:
    """What belongs to some cases of one place and the viewer may see, each part in its order.

    One statement however many there are.
    """
    cases = {one.pk: one for one in requests}
    read, inside = ([pk for pk in cases if getattr(shown[pk], right)] for right in ("words", "internal"))
    papers = Document.objects.filter(request__in=read)
    of_paper = ("kind", "status", "reason", "file_name", "media_type", "size", "by_citizen", "asked_at", "received_at")
    answered = Answer.objects.filter(request__in=read, erased_at=None)
    question = {"names": "question__names", "datatype": "question__datatype", "choices": "question__choices"}
    joined = ServiceRequest.objects.visible_to(viewer).filter(merged_into__in=list(cases))
    notices = PromiseNotice.objects.filter(request__in=inside, clock=PromiseClock.RESOLVE)
    away = _absences([cases[pk] for pk in inside])
    parts = (
        _part("photo", "pk", visible_photos(shown), pk="pk", width="width", height="height", at="released_at"),
        _part("answer", "question__position", answered, value="value", **question),
        _part("paper", "pk", papers, pk="pk", **{name: name for name in of_paper}),
        _part("merged", "pk", joined, "merged_into_id", reference="reference"),
        _part("away", "pk", away, "user_id", until="ends_on", pk="deputy_id", deputy="deputy__display_name"),
        _part("notice", "pk", notices, kind="kind", at="made_at", names="office__names"),
    )
    rows: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for part, row, _place, of in parts[0].union(*parts[1:], all=True).order_by("place"):
        rows.setdefault((part, of), []).append(row)
    return {pk: _belongings(case, rows) for pk, case in cases.items()}


def _belongings(request: ServiceRequest, rows: Mapping[tuple[str, int], list[dict[str, Any]]]) -> Belongings:
    """What was read of one case, in words."""
    names = WorkflowNames(kept(request.workflow.source) if request.workflow else None)
    away = rows.get(("away", request.handler_id or 0), []) if request.is_open else []

    def read(part: str) -> list[dict[str, Any]]:
        return rows.get((part, request.pk), [])

    return Belongings(
        papers=[_paper(names, row) for row in read("paper")],
        photos=[_picture(**row) for row in read("photo")],
        answers=[_answer(**row) for row in read("answer")],
        merged_here=[row["reference"] for row in read("merged")[:MOST_MERGED]],
        notices=[Said(row["kind"], datetime.fromisoformat(row["at"]), row["names"] or {}) for row in read("notice")],
        away=next((_away(**row) for row in away), None),
    )


def _absences(inside: Sequence[ServiceRequest]) -> QuerySet[Absence]:
    """The absences of today of the people that open cases are given to: for the offices only."""
    given = {one.handler_id for one in inside if one.handler_id is not None and one.is_open}
    if not given:
        return Absence.objects.none()
    place = inside[0].jurisdiction
    return of_days(place, place.today, place.today).filter(user__in=given)


def _away(until: str, pk: int | None, deputy: str | None) -> HandlerAway:
    return HandlerAway(date.fromisoformat(until), pk, deputy or "")


def _part(name: str, place: str, found: QuerySet[Any], of: str = "request_id", **fields: str) -> QuerySet[Any]:
    """Rows of one kind for a union: which kind, its fields as JSON, its place among its own, whose it is."""
    columns = {"part": Value(name), "row": JSONObject(**fields), "place": F(place), "of": F(of)}
    return found.order_by().annotate(**columns).values_list(*columns)


def _picture(pk: int, width: int, height: int, at: str | None) -> Picture:
    return Picture(pk, width, height, datetime.fromisoformat(at) if at else None)


def _paper(names: WorkflowNames, row: dict[str, Any]) -> Paper:
    at = row["received_at"] or row["asked_at"]
    return Paper(
        pk=row["pk"],
        kind=row["kind"],
        name=names.document(row["kind"]),
        hint=names.document_hint(row["kind"]),
        status=row["status"],
        reason=names.reason(row["reason"]) if row["reason"] else "",
        has_file=bool(row["file_name"]),
        is_pdf=row["media_type"] == PDF,
        size=row["size"],
        by_citizen=row["by_citizen"],
        at=datetime.fromisoformat(at) if at else None,
    )


def _answer(value: str, **question: Any) -> tuple[str, str]:
    """A question and its answer, choices in words."""
    asked = Question(**question)
    return asked.name, asked.spoken(value)
