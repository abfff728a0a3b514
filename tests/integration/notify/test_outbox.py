"""The outbox's sweep: mails in the citizen's language, tried until done, never lost, never sent twice at once."""

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

from backend.jobs import SCHEDULE
from requests_app import actions
from requests_app.actions import Contact
from requests_app.actions._ledger import NEWS
from requests_app.clock import frozen_at
from requests_app.models import Office, OutboxEntry, Person, PersonRead, ServiceRequest
from requests_app.notify.deliver import CLAIM, MAX_ATTEMPTS, Swept, revive, sweep_outbox, wait_after
from requests_app.notify.news import SENTENCES, one_line
from requests_app.states import Outcome
from tests import factories
from tests.factories import World
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


class Refusing(BaseEmailBackend):
    """A mail server that knows nobody."""

    def send_messages(self, messages: Any) -> int:
        raise smtplib.SMTPRecipientsRefused({messages[0].to[0]: (550, b"no such user ann@example.org")})


class Gone(BaseEmailBackend):
    """A mail server that does not answer."""

    def send_messages(self, messages: Any) -> int:
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


@contextmanager
def backend(settings: Any, kind: type) -> Iterator[None]:
    before = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{kind.__module__}.{kind.__qualname__}"
    yield
    settings.EMAIL_BACKEND = before


def test_a_citizen_who_asked_for_news_gets_one_plain_mail(world: World) -> None:
    play = filed(world)
    assert sweep() == Swept(done=1, failed=0)
    (sent,) = mail.outbox
    assert sent.to == ["ann@example.org"]
    assert sent.subject == f"News of your request {play.request.reference}"
    assert "Pothole" in sent.body
    assert "promises an answer by March 9, 2026" in sent.body
    assert f"http://localhost:8000/requests/{play.request.reference}/?lang=en" in sent.body
    assert "something here that needs work" not in sent.body
    assert sweep() == Swept(done=0, failed=0)


def test_the_mail_is_in_the_citizens_language(world: World) -> None:
    filed(world, language="fr")
    sweep()
    assert mail.outbox[0].subject.startswith("Des nouvelles de votre demande")
    assert "Nid-de-poule" in mail.outbox[0].body
    assert "9 mars 2026" in mail.outbox[0].body
    assert "lang=fr" in mail.outbox[0].body


def test_the_page_of_a_private_case_is_never_linked(world: World) -> None:
    play = filed(world, world.benefit)
    sweep()
    assert f"/requests/{play.request.reference}/" not in mail.outbox[0].body
    assert "/find/" in mail.outbox[0].body


@pytest.mark.parametrize("fields", [{"wants_news": False}, {"email": "", "phone": "905 555 0100"}])
def test_who_asked_for_none_gets_none_and_the_row_is_done(world: World, fields: dict[str, Any]) -> None:
    filed(world, contact=contact(**fields))
    assert sweep() == Swept(done=1, failed=0)
    assert mail.outbox == []


def test_who_was_erased_meanwhile_gets_none(world: World) -> None:
    play = filed(world)
    with frozen_at(BEGIN):
        play.do(actions.erase_person, viewer=world.manager)
    assert sweep().failed == 0
    assert mail.outbox == []


def test_every_reading_of_the_address_is_logged_with_its_purpose(world: World) -> None:
    filed(world)
    sweep()
    assert PersonRead.objects.filter(person=Person.objects.get(), purpose="send_news").count() == 1


def test_every_activity_that_is_news_has_its_sentence() -> None:
    assert set(SENTENCES) == NEWS


def test_a_hand_off_and_a_closing_say_where_to_and_how(world: World) -> None:
    play = filed(world)
    with frozen_at(BEGIN):
        play.accepted().do(actions.hand_off, office_id=world.parks.pk)
        play.closed(Outcome.NO_ACTION_NEEDED)
    sweep()
    assert "another office: Parks office." in mail.outbox[1].body
    assert "closed: No action needed." in mail.outbox[2].body


def test_a_line_end_in_a_name_begins_no_header(world: World) -> None:
    Office.objects.filter(pk=world.roads.pk).update(names={"en": "Roads\r\nBcc: all@example.org"})
    ServiceRequest.objects.filter(pk=filed(world).request.pk).update(reference="TF-1\r\nBcc: x@y.z")
    assert sweep() == Swept(done=1, failed=0)
    assert mail.outbox[0].subject == "News of your request TF-1 Bcc: x@y.z"
    assert "Bcc" not in mail.outbox[0].message()
    assert one_line("a\r\n b\tc") == "a b c"


def test_a_failure_is_tried_later_and_later_and_tells_no_address(world: World, settings: Any) -> None:
    filed(world)
    with backend(settings, Refusing):
        assert sweep() == Swept(done=0, failed=1)
        entry = OutboxEntry.objects.get()
        assert (entry.attempts, entry.due_at, entry.done_at) == (1, BEGIN + timedelta(minutes=1), None)
        assert entry.last_error == "SMTPRecipientsRefused: the mail server refused the address (550)."
        assert sweep() == Swept(done=0, failed=0)
        assert sweep(BEGIN + timedelta(minutes=1)).failed == 1
        entry.refresh_from_db()
        assert entry.due_at == BEGIN + timedelta(minutes=3)
    assert sweep(BEGIN + timedelta(hours=1)) == Swept(done=1, failed=0)
    entry.refresh_from_db()
    assert (entry.last_error, len(mail.outbox)) == ("", 1)


def test_after_the_last_attempt_a_row_stays_with_its_error_until_it_is_revived(world: World, settings: Any) -> None:
    filed(world)
    at = BEGIN
    with backend(settings, Gone):
        for _attempt in range(MAX_ATTEMPTS):
            assert sweep(at).failed == 1
            at = OutboxEntry.objects.get().due_at
        assert sweep(at + timedelta(days=30)) == Swept(done=0, failed=0)
    entry = OutboxEntry.objects.get()
    assert (entry.attempts, entry.last_error) == (MAX_ATTEMPTS, "ConnectionRefusedError: Connection refused.")
    with frozen_at(at):
        assert revive([entry.pk]) == 1
    assert sweep(at).done == 1


def test_waits_double_up_to_six_hours() -> None:
    assert [wait_after(n) for n in (1, 2, 3)] == [timedelta(minutes=m) for m in (1, 2, 4)]
    assert wait_after(MAX_ATTEMPTS) == timedelta(hours=6)


def test_a_row_nothing_delivers_fails_alone(world: World) -> None:
    OutboxEntry.objects.create(kind="pigeon", dedupe_key="pigeon:1", created_at=BEGIN, due_at=BEGIN)
    filed(world)
    assert sweep() == Swept(done=1, failed=1)
    assert OutboxEntry.objects.get(kind="pigeon").last_error == "Nothing delivers “pigeon”."


def test_a_claim_of_a_process_that_died_lapses(world: World) -> None:
    filed(world)
    OutboxEntry.objects.update(locked_until=BEGIN + CLAIM, attempts=1)
    assert sweep() == Swept(done=0, failed=0)
    assert sweep(BEGIN + CLAIM) == Swept(done=1, failed=0)


def test_a_sweep_takes_no_more_than_it_was_told(world: World) -> None:
    for _n in range(3):
        filed(world)
    assert sweep(limit=2) == Swept(done=2, failed=0)
    assert OutboxEntry.objects.filter(done_at=None).count() == 1


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
        assert sweep(BEGIN + timedelta(minutes=1)) == Swept(done=1, failed=0)
    finally:
        other.rollback()
        other.close()
    assert OutboxEntry.objects.get(done_at=None).request_id == first.request.pk
    assert OutboxEntry.objects.exclude(done_at=None).get().request_id == second.request.pk


@pytest.mark.django_db(transaction=True)
def test_no_lock_is_held_while_a_mail_is_sent(settings: Any) -> None:
    filed(factories.world())
    with backend(settings, Watching):
        assert sweep() == Swept(done=1, failed=0)


class Watching(FileBackend):
    """Looks whether a transaction is open while it sends."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        BaseEmailBackend.__init__(self)

    def send_messages(self, messages: Any) -> int:
        assert not transaction.get_connection().in_atomic_block
        return len(messages)


def test_the_sweep_is_in_the_schedule() -> None:
    assert sweep_outbox in [job.run for job in SCHEDULE]
