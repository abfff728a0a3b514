"""Papers: asked for, received, checked, asked for again, erased; they travel with the case."""

import io
from typing import Any

import pytest
from PIL import Image

from requests_app import actions
from requests_app.actions.verify import differences
from requests_app.models import Document, Hold
from requests_app.permissions import Viewer
from requests_app.privacy import documents
from requests_app.privacy.documents import BadDocument, ReadyDocument, ready_document, store
from requests_app.states import Activity
from tests import factories
from tests.integration.domain.test_budgets import TRANSITION, at_most
from tests.permits import SOURCE, Permits, move
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PAPER = ReadyDocument(PDF, documents.PDF)


@pytest.fixture
def play() -> Play:
    source = SOURCE.replace("target = { hours = 8 }", 'documents = ["plan"]', 1)
    return Permits.begin(source).filed(contact=actions.Contact("Ana", "ana@example.org")).started()


def paper(play: Play, **having: Any) -> Document:
    return Document.objects.filter(request=play.request, **having).latest("pk")


def ask(play: Play, *kinds: str, words: str = "Please send them.") -> Play:
    return play.do(actions.ask_documents, kinds=kinds, words=words)


def add(play: Play, kind: str = "plan", viewer: Viewer | None = None, **more: Any) -> Play:
    return play.do(actions.add_document, viewer=viewer or play.citizen, kind=kind, ready=PAPER, **more)


def check(play: Play, good: bool, **more: Any) -> Play:
    received = paper(play, status="received")
    return play.do(actions.check_document, document_id=received.pk, is_good=good, **more)


def activities(play: Play) -> list[str]:
    return list(play.request.events.values_list("activity", flat=True))


def test_a_paper_is_asked_for_sent_found_bad_asked_for_again_and_accepted(play: Play) -> None:
    ask(play, "plan", "deed")
    assert play.request.status == "waiting_citizen"
    assert activities(play)[-3:] == ["document_asked", "document_asked", "citizen_asked"]
    add(play, "deed")
    assert play.request.status == "waiting_citizen"  # one is still missing
    add(play)
    assert (play.request.status, activities(play)[-2:]) == ("in_progress", ["document_added", "citizen_replied"])
    first = paper(play, kind="plan")
    play.do(actions.check_document, document_id=first.pk, is_good=False, reason="unreadable", words="It is too dark.")
    assert play.request.status == "waiting_citizen"
    assert list(Document.objects.filter(request=play.request, kind="plan").values_list("status", flat=True)) == [
        "refused",
        "asked",
    ]
    with pytest.raises(actions.ActionError):
        move(play, "complete")
    add(play)
    second = paper(play, kind="plan")
    play.do(actions.check_document, document_id=second.pk, is_good=True)
    move(play, "complete")
    assert play.request.step == "waiting"
    assert dict(differences())[play.request.reference] == []
    said = play.request.events.filter(activity=Activity.DOCUMENT_CHECKED).values_list("move", "reason", "document_id")
    assert list(said) == [("refused", "unreadable", first.pk), ("accepted", "", second.pk)]


def test_papers_travel_with_the_case(play: Play) -> None:
    check(add(play), good=True)
    move(play, "pass_on").accepted()
    assert Hold.objects.filter(request=play.request, ended_at=None).get().office == play.world.roads
    roads = play.world.handler
    play.do(actions.add_document, viewer=roads, kind="other", ready=PAPER, by_citizen=False)
    play.do(actions.check_document, viewer=roads, document_id=paper(play, kind="other").pk, is_good=True)
    assert Document.objects.filter(request=play.request, status="accepted").count() == 2


def test_what_is_waited_for_already_is_not_asked_for_twice(play: Play) -> None:
    ask(play, "plan", "plan")
    ask(play, "plan", "deed", words="And the deed.")
    assert sorted(Document.objects.filter(request=play.request).values_list("kind", flat=True)) == ["deed", "plan"]
    assert activities(play)[-1] == "commented"


@pytest.mark.parametrize(
    ("facts", "field"),
    [({"kinds": []}, "kinds"), ({"kinds": ["moon"]}, "kind")],
)
def test_what_cannot_be_asked_for_is_refused(play: Play, facts: dict[str, Any], field: str) -> None:
    with pytest.raises(actions.Refused) as caught:
        play.do(actions.ask_documents, **facts)
    assert list(caught.value.fields) == [field]
    assert not Document.objects.exists()


def test_a_paper_that_cannot_be_taken_leaves_no_file_behind(play: Play) -> None:
    before = set(store().iterdir())
    with pytest.raises(actions.Refused):
        add(play, kind="moon")
    play.do(actions.close, outcome="withdrawn")
    with pytest.raises(actions.Refused, match="closed"):
        add(play)
    stranger = factories.member(factories.Role.HANDLER, play.world.jurisdiction, play.world.parks)
    with pytest.raises(actions.ActionError):
        add(play, viewer=stranger, by_citizen=False)
    assert set(store().iterdir()) == before


def test_a_paper_is_checked_once_and_with_a_reason(play: Play) -> None:
    received = paper(add(play), kind="plan")
    with pytest.raises(actions.Refused, match="reason"):
        play.do(actions.check_document, document_id=received.pk, is_good=False, reason="ugly")
    check(play, good=True)
    with pytest.raises(actions.Refused, match="no such document"):
        play.do(actions.check_document, document_id=received.pk, is_good=True)
    with pytest.raises(actions.ActionError):
        play.do(actions.check_document, viewer=play.citizen, document_id=received.pk, is_good=True)


@pytest.mark.django_db(transaction=True)
def test_erasing_a_person_erases_their_papers_too(play: Play) -> None:
    kept = paper(add(play), kind="plan")
    path = store() / kept.file_name
    assert path.read_bytes() == PDF
    play.do(actions.erase_person, viewer=play.world.manager)
    assert not path.exists()
    assert paper(play).erased_at is not None
    again = paper(add(play), kind="plan")
    play.do(actions.erase_document, viewer=play.world.manager, document_id=again.pk)
    assert not (store() / again.file_name).exists()
    with pytest.raises(actions.Refused):
        play.do(actions.erase_document, viewer=play.world.manager, document_id=again.pk)


def test_a_paper_costs_at_most_ten_statements(play: Play) -> None:
    ask(play, "plan")
    command = actions.Command(play.request.pk, play.citizen, None)
    with at_most(TRANSITION, "adding"):
        actions.add_document(command, kind="plan", ready=PAPER)
    command = factories.command(play.request, play.holder)
    with at_most(TRANSITION, "checking"):
        actions.check_document(command, document_id=paper(play).pk, is_good=True)


# --- Files -----------------------------------------------------------------------------------------------------------


def picture(size: tuple[int, int] = (3000, 20)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, "PNG")
    return out.getvalue()


def taken(content: bytes, size: int | None = None) -> ReadyDocument:
    return ready_document(io.BytesIO(content), len(content) if size is None else size)


def test_pictures_are_made_anew_and_stay_legible() -> None:
    ready = taken(picture())
    assert ready.media_type == "image/jpeg"
    with Image.open(io.BytesIO(ready.content)) as kept:
        assert kept.width == documents.LEGIBLE_EDGE
    assert taken(PDF) == PAPER


@pytest.mark.parametrize(
    ("content", "size", "told"),
    [
        (PDF, documents.MAX_BYTES + 1, "10 MB"),
        (b"", 0, "empty"),
        (PDF[:-8], None, "cut off"),
        (b"MZ\x90\x00 a program", None, "neither a PDF nor a picture"),
        (b"<html><script>alert(1)</script>", None, "neither a PDF nor a picture"),
        (picture((9, 9))[:40], None, "neither a PDF nor a picture"),
    ],
)
def test_other_files_are_refused_with_what_to_do(content: bytes, size: int | None, told: str) -> None:
    with pytest.raises(BadDocument, match=told):
        taken(content, size)
