"""What is erased is gone everywhere, and the case is what it was."""

import io
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from PIL import Image

from requests_app import actions
from requests_app.actions._saving import state_of
from requests_app.actions.stray_mail import keep_stray
from requests_app.ledger_reader import state_in_ledger
from requests_app.models import Person, PersonRead, Photo, RequestEvent, ServiceRequest, StrayMail, Words
from requests_app.permissions import ANONYMOUS, SYSTEM
from requests_app.privacy.people import PURPOSES, read_person
from requests_app.privacy.photos import ready_photo, store
from requests_app.projection import CaseState
from requests_app.reads.one_request import case_page, find_request
from tests import factories
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
SECRETS = ("Quixote", "windmill", "dulcinea@example.org", "416-555-0199", "1601-01-01")


@pytest.fixture
def play() -> Play:
    world = factories.world()
    filed = Play.begin(
        world,
        world.benefit,
        words="Quixote lives beside the windmill.",
        contact=actions.Contact("Don Quixote", "dulcinea@example.org", "416-555-0199"),
        answers={"birth": "1601-01-01"},
    )
    return filed.started().do(actions.comment, viewer=filed.citizen, body="The windmill again.")


def saved(play: Play) -> CaseState:
    request = ServiceRequest.objects.get(pk=play.request.pk)
    return state_of(request, list(request.holds.order_by("number")))


def whole_database() -> str:
    """Every row of every table of ours, as text."""
    with connection.cursor() as cursor:
        tables = [t for t in connection.introspection.table_names(cursor) if t.startswith("requests_app_")]
        parts = []
        for table in tables:
            cursor.execute(
                f'SELECT coalesce(string_agg(t::text, E"\\n"), \'\') FROM "{table}" t'.replace('E"\\n"', "' '")
            )
            parts.append(cursor.fetchone()[0])
    return "\n".join(parts)


def test_the_secrets_are_there_before(play: Play) -> None:
    assert all(secret in whole_database() for secret in SECRETS)


def test_person_and_words_erased_then_replayed(play: Play) -> None:
    before = saved(play)
    events = RequestEvent.objects.filter(request=play.request).count()
    play.do(actions.erase_person, viewer=play.world.manager)
    for words in Words.objects.filter(request=play.request):
        play.do(actions.erase_words, viewer=play.world.manager, words_id=words.pk)
    left = whole_database()
    assert [secret for secret in SECRETS if secret in left] == []
    after = saved(play)
    assert after == state_in_ledger(play.request.pk)
    moved = {name for name in CaseState.__slots__ if getattr(before, name) != getattr(after, name)}
    assert moved == {"version"}
    assert RequestEvent.objects.filter(request=play.request).count() == events + 3
    call_command("verify_ledger")


def test_erased_words_are_readable_by_nobody_and_their_event_stays(play: Play) -> None:
    words = Words.objects.get(request=play.request, kind=Words.Kind.COMMENT)
    play.do(actions.erase_words, viewer=play.world.manager, words_id=words.pk)
    for viewer in (play.citizen, play.holder, play.world.manager, SYSTEM):
        found = find_request(play.request.reference, viewer)
        assert found is not None
        moments = case_page(found, viewer).moments
        (comment,) = [m for m in moments if m.activity == "commented"]
        assert (comment.body, comment.is_erased, comment.words_id) == ("", True, None)
        assert "The windmill again" not in repr(moments)
    event = RequestEvent.objects.get(request=play.request, activity="words_erased")
    assert event.words_id == words.pk, "the event names the words it is about"


def test_released_words_that_are_erased_are_released_no_more() -> None:
    world = factories.world()
    play = Play.begin(world, words="My name is Quixote.")
    words = Words.objects.get(request=play.request)
    play.do(actions.release_words, viewer=world.manager, words_id=words.pk)
    play.do(actions.erase_words, viewer=world.manager, words_id=words.pk)
    words.refresh_from_db()
    assert (words.body, words.released_at) == ("", None)
    with pytest.raises(actions.Refused):
        play.do(actions.release_words, viewer=world.manager, words_id=words.pk)


def test_words_of_another_case_are_not_touched(play: Play) -> None:
    other = Play.begin(play.world)
    words = Words.objects.get(request=other.request)
    for act in (actions.erase_words, actions.release_words):
        with pytest.raises(actions.Refused):
            play.do(act, viewer=play.world.manager, words_id=words.pk)
    assert Words.objects.get(pk=words.pk).body


def test_internal_notes_are_never_released(play: Play) -> None:
    play.do(actions.note, body="Careful.")
    words = Words.objects.get(request=play.request, kind=Words.Kind.NOTE)
    with pytest.raises(actions.Refused):
        play.do(actions.release_words, viewer=play.world.manager, words_id=words.pk)


@pytest.mark.django_db(transaction=True)
def test_an_erased_photo_is_gone_from_the_disk() -> None:
    world = factories.world()
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    out.seek(0)
    play = Play.begin(world, photos=(ready_photo(out, 100),))
    photo = Photo.objects.get(request=play.request)
    path: Path = store() / photo.file_name
    assert path.is_file()
    play.do(actions.erase_photo, viewer=world.manager, photo_id=photo.pk)
    assert not path.exists()
    photo.refresh_from_db()
    assert (photo.file_name, photo.digest) == ("", "")
    assert photo.erased_at is not None
    with pytest.raises(actions.Refused):
        play.do(actions.erase_photo, viewer=world.manager, photo_id=photo.pk)
    assert saved(play) == state_in_ledger(play.request.pk)


# --- Reading a person ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_reading_of_a_person_is_logged_with_its_purpose(play: Play, purpose: str) -> None:
    person = read_person(play.request, viewer=play.holder, purpose=purpose)
    assert person is not None
    assert person.email == "dulcinea@example.org"
    read = PersonRead.objects.get(person=person)
    assert (read.user_id, read.purpose) == (play.holder.user_id, purpose)


def test_who_may_not_reads_nothing_and_leaves_no_log(play: Play) -> None:
    for viewer in (ANONYMOUS, play.citizen, play.world.other_handler, play.world.evaluator, play.world.administrator):
        assert read_person(play.request, viewer=viewer, purpose="contact_citizen") is None
    assert not PersonRead.objects.exists()


def test_the_product_reads_an_address_to_send_news(play: Play) -> None:
    assert read_person(play.request, viewer=SYSTEM, purpose="send_news") is not None


def test_a_reading_without_a_purpose_is_refused(play: Play) -> None:
    with pytest.raises(ValueError, match="no purpose"):
        read_person(play.request, viewer=play.holder, purpose="curiosity")


def test_an_erased_person_is_an_empty_row(play: Play) -> None:
    play.do(actions.erase_person, viewer=play.world.manager)
    person = Person.objects.get(pk=play.request.person_id)
    assert (person.name, person.email, person.phone) == ("", "", "")
    assert person.erased_at is not None


def test_mails_that_no_case_could_take_go_with_the_person(play: Play) -> None:
    keep_stray("too_long", f"{SECRETS[0]} wrote all this.", about=play.request)
    play.do(actions.erase_person, viewer=play.world.administrator)
    assert StrayMail.objects.get().body == ""
