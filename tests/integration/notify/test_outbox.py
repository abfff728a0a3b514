"""The outbox's sweep: mails in the reader's language first, tried until done, never lost, never sent twice at once."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.filebased import EmailBackend as FileBackend
from django.db import connection, transaction

from requests_app import actions
from requests_app.actions import Contact
from requests_app.clock import frozen_at
from requests_app.models import Membership, Office, OutboxEntry, Person, PersonRead, ServiceRequest, User
from requests_app.models.outbox import MAX_ATTEMPTS
from requests_app.notify.deliver import CLAIM, Swept, give_up, revive, sweep_outbox, wait_after
from requests_app.notify.envelope import is_ours
from requests_app.notify.letters import FACTS, facts_in, one_line
from requests_app.notify.moments import BY_CITIZEN, MOMENTS, OF_ACTIVITY, Audience, News
from requests_app.notify.queueing import queue
from requests_app.permissions import Role
from requests_app.states import Outcome
from tests import factories
from tests.factories import World
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


class Refusing(BaseEmailBackend):
    """A mail server that is busy."""

    def send_messages(self, messages: Any) -> int:
        raise smtplib.SMTPRecipientsRefused({messages[0].to[0]: (450, b"ann@example.org: come back later")})


class Unknowing(BaseEmailBackend):
    """A mail server that knows nobody."""

    def send_messages(self, messages: Any) -> int:
        raise smtplib.SMTPRecipientsRefused({messages[0].to[0]: (550, b"no such user ann@example.org")})


class Gone(BaseEmailBackend):
    """A mail server that does not answer."""

    def open(self) -> bool:
        raise ConnectionRefusedError(111, "Connection refused")


@pytest.fixture
def world() -> World:
    return factories.world()


def contact(**fields: Any) -> Contact:
    return Contact(**{"name": "Ann", "email": "ann@example.org", "wants_news": True, **fields})


def filed(world: World, service: Any = None, at: datetime = BEGIN, **fields: Any) -> Play:
    with frozen_at(at):
        return Play.begin(world, service, **{"contact": contact(), **fields})


def sweep(at: datetime = BEGIN, limit: int = 50) -> Swept:
    with frozen_at(at):
        return sweep_outbox(limit)


def the_mail() -> OutboxEntry:
    return OutboxEntry.objects.get(kind="mail")


@contextmanager
def backend(settings: Any, kind: type) -> Iterator[None]:
    before = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{kind.__module__}.{kind.__qualname__}"
    yield
    settings.EMAIL_BACKEND = before


# --- What is said ----------------------------------------------------------------------------------------------------


def test_a_citizen_who_asked_for_news_gets_one_mail_in_both_languages(world: World) -> None:
    play = filed(world)
    assert sweep() == Swept(done=2, failed=0)
    (sent,) = mail.outbox
    reference = play.request.reference
    assert sent.to == ["ann@example.org"]
    assert sent.subject == (f"We have received your request {reference} / Nous avons reçu votre demande {reference}")
    english, french = str(sent.body).split("-" * 60)
    assert "Pothole" in english
    assert "promises an answer by Monday, March 9, 2026" in english
    assert "Nid-de-poule" in french
    assert "lundi 9 mars 2026" in french
    assert "something here that needs work" not in sent.body
    ((html, kind),) = sent.alternatives  # type: ignore[attr-defined]
    assert kind == "text/html"
    assert html.index("Pothole") < html.index("Nid-de-poule")
    assert sweep() == Swept(done=0, failed=0)


def test_the_readers_language_comes_first(world: World) -> None:
    filed(world, language="fr")
    sweep()
    (sent,) = mail.outbox
    assert sent.subject.startswith("Nous avons reçu votre demande")
    assert str(sent.body).index("Nid-de-poule") < str(sent.body).index("Pothole")


def test_the_link_of_a_mail_opens_the_readers_own_case_even_a_private_one(world: World, client: Any) -> None:
    play = filed(world, world.benefit)
    sweep()
    assert play.request.reference not in str(mail.outbox[0].body).partition("http")[2].split()[0]
    with frozen_at(BEGIN):
        page = client.get(link_in(mail.outbox[0], "/from-mail/"), follow=True)
    assert page.status_code == 200
    assert "something here that needs work" in page.content.decode()


def link_in(sent: Any, path: str) -> str:
    address = next(word for word in str(sent.body).split() if path in word)
    return address[address.index(path) :]


def test_an_altered_or_old_link_says_so_and_opens_nothing(world: World, client: Any) -> None:
    play = filed(world, world.benefit)
    sweep()
    link = link_in(mail.outbox[0], "/from-mail/").partition("?")[0]
    with frozen_at(BEGIN):
        altered = client.get(link[:-2] + ("b/" if link[-2] == "a" else "a/"))
    with frozen_at(BEGIN + timedelta(days=181)):
        old = client.get(link)
    assert (altered.status_code, old.status_code) == (404, 404)
    assert "a letter of it was changed" in altered.content.decode()
    assert "This link is too old" in old.content.decode()
    assert client.get(f"/requests/{play.request.reference}/").status_code == 404


def test_a_closing_says_how_and_quotes_the_office_but_never_for_a_private_service(world: World) -> None:
    for service in (world.pothole, world.benefit):
        play = filed(world, service)
        with frozen_at(BEGIN):
            play.do(actions.close, outcome=Outcome.NO_ACTION_NEEDED, reply="We looked, it is FINE.")
    sweep()
    public, private = (str(m.body) for m in mail.outbox if "was closed" in m.subject)
    assert "closed your request (Pothole): No action needed." in public
    assert "it is FINE" in public
    assert "FINE" not in private


def test_a_hand_off_tells_the_citizen_where_to_and_the_office_what(world: World) -> None:
    User.objects.filter(pk=world.other_handler.user_id).update(email="parks@town.example", language="fr")
    play = filed(world)
    sweep()
    with frozen_at(BEGIN):
        play.accepted().do(actions.hand_off, office_id=world.parks.pk, note="NOTESECRET")
    sweep()
    citizen, office = mail.outbox[1], mail.outbox[2]
    assert "to another office: Parks office." in citizen.body
    assert office.to == ["parks@town.example"]
    assert office.subject.startswith(f"{play.request.reference} a été transmise à votre bureau")
    assert f"/desk/requests/{play.request.reference}/" in office.body
    assert "NOTESECRET" not in f"{citizen.body}{office.body}"


def test_nobody_is_told_what_they_did_themselves(world: World) -> None:
    User.objects.filter(pk=world.handler.user_id).update(email="roads@town.example")
    play = filed(world)
    with frozen_at(BEGIN):
        play.accepted().do(actions.assign, handler_id=world.handler.user_id)
    sweep()
    assert [m.to for m in mail.outbox] == [["ann@example.org"]]


def test_the_citizens_answer_reaches_the_person_who_has_the_case(world: World) -> None:
    User.objects.filter(pk=world.handler.user_id).update(email="roads@town.example")
    play = filed(world)
    with frozen_at(BEGIN):
        play.started().do(actions.ask_citizen, question="Which house?")
        play.do(actions.citizen_replies, viewer=play.citizen, answer="Number 7")
    sweep()
    assert "Which house?" in next(str(m.body) for m in mail.outbox if "A question" in m.subject)
    answered = next(m for m in mail.outbox if "The citizen answered" in m.subject)
    assert answered.to == ["roads@town.example"]
    assert "Number 7" not in answered.body


def test_news_without_an_event_is_queued_once_for_each_key(world: World) -> None:
    User.objects.filter(pk=world.manager.user_id).update(email="manager@town.example")
    play = filed(world, contact=Contact())
    for _again in range(2):
        queue(News.OVERDUE, request_id=play.request.pk, key=f"{play.request.pk}:1", at=BEGIN)
    sweep()
    (sent,) = mail.outbox
    assert sent.to == ["manager@town.example"]
    assert sent.subject.startswith(f"Overdue: {play.request.reference}")


def test_every_activity_that_is_news_has_a_row_and_every_sentence_names_facts_there_are() -> None:
    assert set(MOMENTS) == set(News)
    assert {*OF_ACTIVITY.values(), *BY_CITIZEN.values()} <= set(MOMENTS)
    for told in MOMENTS.values():
        for template in told.values():
            for sentence in (template.subject, *template.says):
                assert facts_in(str(sentence)) <= FACTS, sentence
            assert facts_in(str(template.subject)) <= {"reference", "report", "where", "as_of"}, template.subject


# --- Who is left alone -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fields", [{"wants_news": False}, {"email": "", "phone": "905 555 0100"}])
def test_who_asked_for_none_gets_none_and_the_row_is_done(world: World, fields: dict[str, Any]) -> None:
    filed(world, contact=contact(**fields))
    assert sweep() == Swept(done=2, failed=0)
    assert mail.outbox == []
    assert the_mail().result == "nobody"


def test_who_was_erased_meanwhile_gets_none(world: World) -> None:
    play = filed(world)
    with frozen_at(BEGIN):
        play.do(actions.erase_person, viewer=world.manager)
    assert sweep().failed == 0
    assert mail.outbox == []


def test_where_nobody_can_be_told_nothing_is_queued(world: World) -> None:
    filed(world, contact=Contact())
    assert not OutboxEntry.objects.exists()


def test_only_who_reaches_the_service_and_the_area_of_a_case_is_told(world: World) -> None:
    User.objects.update(mail_moments=False)
    for name, reach in (
        ("everything", {}),
        ("this", {"service": world.pothole, "area": world.west}),
        ("another-service", {"service": world.benefit}),
        ("another-area", {"area": world.east}),
    ):
        user = User.objects.create(username=name, email=f"{name}@example.org", mail_moments=True)
        Membership.objects.create(
            user=user, role=Role.HANDLER, jurisdiction=world.jurisdiction, office=world.parks, **reach
        )
    play = filed(world)
    with frozen_at(BEGIN):
        play.accepted().do(actions.hand_off, office_id=world.parks.pk)
    sweep()
    assert {to for sent in mail.outbox for to in sent.to} == {
        "ann@example.org",
        "everything@example.org",
        "this@example.org",
    }


def test_a_mail_that_is_written_late_goes_to_the_office_it_was_about(world: World) -> None:
    play = filed(world)
    sweep()
    mail.outbox.clear()
    Office.objects.filter(pk=world.parks.pk).update(email="parks@example.org")
    Office.objects.filter(pk=world.intake.pk).update(email="intake@example.org")
    with frozen_at(BEGIN):
        play.accepted().do(actions.hand_off, office_id=world.parks.pk)
        play.do(actions.accept, viewer=world.manager)
        play.do(actions.hand_off, office_id=world.intake.pk, viewer=world.manager)
    sweep()
    sweep()
    offices = [sent.to[0] for sent in mail.outbox if sent.to[0] in ("parks@example.org", "intake@example.org")]
    assert sorted(offices) == ["intake@example.org", "parks@example.org"]


def test_staff_who_left_or_want_no_mails_get_none(world: World) -> None:
    User.objects.filter(pk=world.handler.user_id).update(email="a@town.example", is_active=False)
    User.objects.filter(pk=world.manager.user_id).update(email="b@town.example", mail_moments=False)
    play = filed(world)
    queue(News.OVERDUE, request_id=play.request.pk, key="x", at=BEGIN)
    sweep()
    assert [m.to for m in mail.outbox] == [["ann@example.org"]]


def test_every_reading_of_the_address_is_logged_with_its_purpose(world: World) -> None:
    filed(world)
    sweep()
    assert PersonRead.objects.filter(person=Person.objects.get(), purpose="send_news").count() == 1


def test_rows_hold_codes_and_ids_and_no_address(world: World) -> None:
    filed(world)
    sweep()
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(o::text, ' ') FROM requests_app_outboxentry o")
        (rows,) = cursor.fetchone()
    assert "@" not in rows
    assert "Ann" not in rows


# --- Headers ---------------------------------------------------------------------------------------------------------


def test_a_line_end_in_a_name_begins_no_header(world: World) -> None:
    Office.objects.filter(pk=world.roads.pk).update(names={"en": "Roads\r\nBcc: all@example.org"})
    ServiceRequest.objects.filter(pk=filed(world).request.pk).update(reference="TF-1\r\nBcc: x@y.z")
    assert sweep() == Swept(done=2, failed=0)
    assert mail.outbox[0].subject.startswith("We have received your request TF-1 Bcc: x@y.z / ")
    assert "Bcc" not in mail.outbox[0].message()
    assert one_line("a\r\n b\tc") == "a b c"


@pytest.mark.parametrize(
    "address",
    ["ann@example.org\r\nBcc: all@example.org", "ann@example.org\n", "a\rb@example.org", "ann@example\x00.org"],
)
def test_an_address_with_a_line_end_is_refused_with_a_sentence(world: World, address: str) -> None:
    with pytest.raises(actions.Refused) as refused:
        factories.file_request(world.pothole, contact=contact(email=address))
    assert "line break" in str(refused.value.fields["email"])
    assert not ServiceRequest.objects.exists()


@pytest.mark.parametrize("address", ["ann", "ann@", "a b@example.org", "ann@example.org, bob@example.org"])
def test_what_is_no_address_is_refused_with_a_sentence(world: World, address: str) -> None:
    with pytest.raises(actions.Refused) as refused:
        factories.file_request(world.pothole, contact=contact(email=address))
    assert "not an e-mail address" in str(refused.value.fields["email"])


def test_an_address_that_slipped_in_with_a_line_end_is_never_sent_to(world: World) -> None:
    filed(world)
    Person.objects.update(email="ann@example.org\r\nBcc: all@example.org")
    assert sweep().failed == 1
    assert mail.outbox == []
    assert "example.org" not in the_mail().last_error


def test_every_mail_says_that_a_program_sent_it_and_bears_a_name_only_we_can_make(world: World) -> None:
    filed(world)
    sweep()
    headers = mail.outbox[0].message()
    assert headers["Auto-Submitted"] == "auto-generated"
    assert is_ours(headers["Message-ID"])
    assert not is_ours("<cw.1.000000000000000000000000@localhost>")
    assert not is_ours("<someone@example.org>")


# --- Trying again ----------------------------------------------------------------------------------------------------


def test_a_failure_is_tried_later_and_later_and_tells_no_address(world: World, settings: Any) -> None:
    filed(world)
    with backend(settings, Refusing):
        assert sweep() == Swept(done=1, failed=1)
        entry = the_mail()
        assert (entry.attempts, entry.due_at, entry.done_at) == (1, BEGIN + timedelta(minutes=1), None)
        assert entry.last_error == "SMTPRecipientsRefused: the mail server refused the address (450)."
        assert sweep() == Swept(done=0, failed=0)
        assert sweep(BEGIN + timedelta(minutes=1)).failed == 1
        entry.refresh_from_db()
        assert entry.due_at == BEGIN + timedelta(minutes=3)
    assert sweep(BEGIN + timedelta(hours=1)) == Swept(done=1, failed=0)
    entry.refresh_from_db()
    assert (entry.last_error, entry.repeats, len(mail.outbox)) == ("", 0, 1)


def test_an_address_the_server_does_not_know_is_a_dead_letter_at_once(world: World, settings: Any) -> None:
    filed(world)
    with backend(settings, Unknowing):
        sweep()
        assert sweep(BEGIN + timedelta(days=3)) == Swept(done=0, failed=0)
    entry = the_mail()
    assert (entry.attempts, entry.done_at) == (MAX_ATTEMPTS, None)
    assert "(550)" in entry.last_error


def test_a_server_that_does_not_answer_is_tried_with_one_mail_not_with_all(world: World, settings: Any) -> None:
    for _n in range(3):
        filed(world)
    with backend(settings, Gone):
        assert sweep() == Swept(done=3, failed=1, unreachable=True)
    tried = OutboxEntry.objects.filter(kind="mail").exclude(last_error="")
    assert [entry.attempts for entry in tried] == [0]


def test_however_long_the_server_is_away_no_mail_becomes_a_dead_letter(world: World, settings: Any) -> None:
    filed(world)
    sweep(limit=1)
    at = BEGIN
    with backend(settings, Gone):
        for _attempt in range(3 * MAX_ATTEMPTS):
            assert sweep(at).failed == 1
            assert the_mail().due_at <= at + timedelta(minutes=1)
            at += timedelta(hours=6)
    assert the_mail().last_error == "The mail server cannot be reached. ConnectionRefusedError: Connection refused."
    assert sweep(at).done == 1
    assert the_mail().result == "sent"


def test_after_the_last_attempt_a_row_stays_with_its_error_until_it_is_revived(world: World, settings: Any) -> None:
    filed(world)
    sweep(limit=1)
    at = BEGIN
    with backend(settings, Refusing):
        for _attempt in range(MAX_ATTEMPTS):
            assert sweep(at).failed == 1
            at = the_mail().due_at
        assert sweep(at + timedelta(days=30)) == Swept(done=0, failed=0)
    entry = the_mail()
    assert entry.attempts == MAX_ATTEMPTS
    assert entry.last_error == "SMTPRecipientsRefused: the mail server refused the address (450)."
    with frozen_at(at):
        assert revive([entry.pk]) == 1
    assert sweep(at).done == 1


def test_a_dead_letter_that_was_given_up_stays_and_is_never_tried(world: World, settings: Any) -> None:
    filed(world)
    with backend(settings, Unknowing):
        sweep()
    with frozen_at(BEGIN):
        assert give_up([the_mail().pk], world.manager.user_id) == 1
    assert sweep(BEGIN + timedelta(days=1)) == Swept(done=0, failed=0)
    assert the_mail().given_up_by_id == world.manager.user_id


def test_waits_double_up_to_six_hours() -> None:
    assert [wait_after(n) for n in (1, 2, 3)] == [timedelta(minutes=m) for m in (1, 2, 4)]
    assert wait_after(MAX_ATTEMPTS) == timedelta(hours=6)


def test_a_row_nothing_delivers_fails_alone(world: World) -> None:
    OutboxEntry.objects.create(kind="pigeon", dedupe_key="pigeon:1", created_at=BEGIN, due_at=BEGIN)
    filed(world)
    assert sweep() == Swept(done=2, failed=1)
    assert OutboxEntry.objects.get(kind="pigeon").last_error == "Nothing delivers “pigeon”."


def test_rows_of_before_news_was_told_to_others_are_still_sent(world: World) -> None:
    filed(world)
    OutboxEntry.objects.update(kind="citizen_news", codes={"activity": "submitted"})
    sweep()
    assert len(mail.outbox) == 1


def test_spreading_news_twice_makes_no_second_mail(world: World) -> None:
    filed(world)
    sweep()
    OutboxEntry.objects.filter(kind="news").update(done_at=None)
    assert sweep() == Swept(done=1, failed=0)
    assert len(mail.outbox) == 1


def test_a_claim_of_a_process_that_died_lapses(world: World) -> None:
    filed(world)
    OutboxEntry.objects.update(locked_until=BEGIN + CLAIM, attempts=1)
    assert sweep() == Swept(done=0, failed=0)
    assert sweep(BEGIN + CLAIM) == Swept(done=2, failed=0)


def test_a_sweep_takes_no_more_than_it_was_told(world: World) -> None:
    for _n in range(3):
        filed(world)
    assert sweep(limit=2) == Swept(done=2, failed=0)


@pytest.mark.django_db(transaction=True)
def test_a_row_another_sweep_holds_is_passed_over() -> None:
    world = factories.world()
    first, second = filed(world), filed(world, at=BEGIN + timedelta(seconds=1))
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM requests_app_outboxentry WHERE request_id = %s FOR UPDATE", [first.request.pk]
            )
        assert sweep(BEGIN + timedelta(minutes=1)) == Swept(done=2, failed=0)
    finally:
        other.rollback()
        other.close()
    assert OutboxEntry.objects.get(done_at=None).request_id == first.request.pk
    assert {e.request_id for e in OutboxEntry.objects.exclude(done_at=None)} == {second.request.pk}


@pytest.mark.django_db(transaction=True)
def test_no_lock_is_held_while_a_mail_is_sent(settings: Any) -> None:
    filed(factories.world())
    with backend(settings, Watching):
        assert sweep() == Swept(done=2, failed=0)


class Watching(FileBackend):
    """Looks whether a transaction is open while it sends."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        BaseEmailBackend.__init__(self)

    def open(self) -> bool:
        return True

    def close(self) -> None:
        return None

    def send_messages(self, messages: Any) -> int:
        assert not transaction.get_connection().in_atomic_block
        return len(messages)


def test_every_audience_is_found_some_way() -> None:
    assert {audience for told in MOMENTS.values() for audience in told} == set(Audience)
