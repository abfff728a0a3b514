"""The ledger refuses change, holds no words, and loses no event to a reader."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, models, transaction
from django.db.utils import IntegrityError

from requests_app import actions
from requests_app.ledger_reader import LedgerRestored, read_new, take
from requests_app.models import LedgerCursor, RequestEvent
from tests import factories
from tests.factories import World
from tests.scenarios import Play

LEDGER = "requests_app_requestevent"
REWRITES = {
    "update": f"UPDATE {LEDGER} SET reason = 'other'",
    "update of nothing that shows": f"UPDATE {LEDGER} SET sequence = sequence",
    "delete": f"DELETE FROM {LEDGER}",
    "truncate": f"TRUNCATE {LEDGER} CASCADE",
}
MAINTENANCE = "SET clearway.ledger_maintenance = 'on'"


@pytest.fixture
def filed(db: None) -> Play:
    return Play.begin(factories.world())


# --- It refuses change -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rewrite", REWRITES)
def test_even_the_owner_cannot_rewrite_the_ledger(filed: Play, rewrite: str) -> None:
    run("SET CONSTRAINTS ALL IMMEDIATE")  # a TRUNCATE is refused while foreign keys wait to be checked
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        run(REWRITES[rewrite])
    assert RequestEvent.objects.filter(request=filed.request).count() == 2


def test_the_owner_can_for_migrations_and_the_flush_between_tests(filed: Play) -> None:
    RequestEvent.objects.filter(request=filed.request)
    with transaction.atomic():
        run("SET LOCAL clearway.ledger_maintenance = 'on'")
        run(f"DELETE FROM {LEDGER} WHERE request_id = {filed.request.pk}")
        assert not RequestEvent.objects.filter(request=filed.request).exists()
        run("SET LOCAL clearway.ledger_maintenance = 'off'")


@pytest.mark.parametrize("rewrite", REWRITES)
def test_the_application_has_no_right_to_rewrite_it_and_no_switch(filed: Play, rewrite: str) -> None:
    with application() as cursor:
        cursor.execute(MAINTENANCE)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(REWRITES[rewrite])


@pytest.mark.parametrize(
    "trick",
    [
        f"ALTER TABLE {LEDGER} DISABLE TRIGGER ALL",
        f"DROP TABLE {LEDGER} CASCADE",
        f"DROP TRIGGER ledger_refuses_row_change ON {LEDGER}",
        "CREATE OR REPLACE FUNCTION ledger_refuses_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        f"GRANT UPDATE ON {LEDGER} TO CURRENT_USER",
        "SET ROLE clearway_owner",
        "SET session_replication_role = replica",
    ],
)
def test_the_application_cannot_take_the_guards_away(db: None, trick: str) -> None:
    with application() as cursor:
        with suppress(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(trick)
        cursor.execute(f"SELECT has_table_privilege('{LEDGER}', 'UPDATE, DELETE, TRUNCATE')")
        assert cursor.fetchone() == (False,)


def test_the_application_may_append_and_read(db: None) -> None:
    with application() as cursor:
        cursor.execute(f"SELECT has_table_privilege('{LEDGER}', 'INSERT'), has_table_privilege('{LEDGER}', 'SELECT')")
        assert cursor.fetchone() == (True, True)


def test_an_owner_that_was_lent_the_switch_by_the_application_still_refuses(filed: Play) -> None:
    """The setting alone is not enough: the trigger asks who is acting."""
    app_role = settings.APP_DATABASE.user
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_has_role(%s, relowner, 'USAGE') FROM pg_class WHERE relname = %s", [app_role, LEDGER])
        assert cursor.fetchone() == (False,) or app_role == settings.OWNER_DATABASE.user


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@contextmanager
def application() -> Iterator[Any]:
    """A cursor of the role the product runs as, on the database of this test."""
    app = settings.APP_DATABASE
    if app.user == settings.OWNER_DATABASE.user:
        pytest.skip("this database has one role for everything")
    reach = {"user": app.user, "password": app.password, "host": app.host, "port": app.port or None}
    link = psycopg2.connect(dbname=connection.settings_dict["NAME"], **reach)
    link.autocommit = True
    try:
        with link.cursor() as cursor:
            yield cursor
    finally:
        link.close()


# --- It holds no words -----------------------------------------------------------------------------------------------


def test_every_column_of_an_event_is_a_code_an_id_a_time_or_a_number() -> None:
    numbers_and_times = (models.BigAutoField, models.IntegerField, models.DateTimeField, models.ForeignKey)
    codes = {f.name: f.max_length for f in RequestEvent._meta.fields if not isinstance(f, numbers_and_times)}
    assert codes == {
        "activity": 24,
        "actor": 16,
        "from_status": 20,
        "to_status": 20,
        "step": 60,
        "outcome": 20,
        "reason": 40,
        "move": 60,
        "explanation": None,  # codes and ids alone: tests/unit/domain/test_rule_policy.py says so of what is written
    }


def test_what_people_write_reaches_no_event(filed: Play) -> None:
    secret = "Zaphod Beeblebrox, 42 Heart Lane, zaphod@example.org"
    play = Play.begin(
        filed.world, words=secret, contact=actions.Contact("Zaphod", "zaphod@example.org", "416-555-0142")
    )
    play.started().do(actions.note, body=secret).do(actions.ask_citizen, question=secret)
    play.do(actions.citizen_replies, viewer=play.citizen, answer=secret)
    play.do(actions.comment, body=secret).do(actions.close, outcome="resolved", reply=secret)
    play.do(actions.rate, viewer=play.citizen, score=5, remark=secret)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT string_agg(e::text, ' ') FROM {LEDGER} e")
        (ledger,) = cursor.fetchone()
        cursor.execute("SELECT coalesce(string_agg(o::text, ' '), '') FROM requests_app_outboxentry o")
        (outbox,) = cursor.fetchone()
    for word in ("Zaphod", "Heart Lane", "example.org", "0142", filed.request.reference):
        assert word.lower() not in (ledger + outbox).lower()


# --- Its readers -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_transactions_that_commit_in_the_reverse_order_of_their_ids_lose_no_event() -> None:
    world = factories.world()
    early, late = Play.begin(world), Play.begin(world)
    taken: list[int] = []
    drain(taken)
    assert len(taken) == 4
    has_its_id, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            early.do(actions.accept)
            has_its_id.set()
            assert may_commit.wait(30)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert has_its_id.wait(30)
    late.do(actions.accept)  # takes the later id, commits first
    read_once(taken)
    assert len(taken) == 4, "nothing is taken past a transaction that is still running"
    may_commit.set()
    thread.join()
    drain(taken)
    every = list(RequestEvent.objects.order_by("id").values_list("id", flat=True))
    assert sorted(taken) == every, "no event lost, none twice"
    first, second = (RequestEvent.objects.get(request=p.request, activity="accepted") for p in (early, late))
    assert first.pk < second.pk
    assert taken.index(first.pk) < taken.index(second.pk)


@pytest.mark.django_db(transaction=True)
def test_two_processes_of_one_reader_take_every_event_once() -> None:
    world = factories.world()
    for _ in range(6):
        Play.begin(world).started()
    taken: list[int] = []
    threads = [threading.Thread(target=drain_and_leave, args=(taken,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(RequestEvent.objects.order_by("id").values_list("id", flat=True))


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_fails_has_taken_nothing() -> None:
    Play.begin(factories.world())

    def fail(events: object) -> None:
        raise RuntimeError("the disk is full")

    wait_for_older_transactions()
    with pytest.raises(RuntimeError, match="disk"):
        take("test", fail)
    taken: list[int] = []
    drain(taken)
    assert len(taken) == 2


@pytest.mark.django_db(transaction=True)
def test_readers_do_not_disturb_each_other_and_take_in_portions() -> None:
    Play.begin(factories.world()).started().closed()
    one, other = [], []
    drain(one, "one", limit=2)
    drain(other, "other", limit=100)
    assert one == other
    assert len(one) == 5


@pytest.mark.django_db(transaction=True)
def test_a_ledger_restored_from_another_server_is_refused_until_it_is_moved() -> None:
    play = Play.begin(factories.world())
    taken: list[int] = []
    drain(taken)
    ahead = 10**12
    with transaction.atomic():
        run("SET LOCAL clearway.ledger_maintenance = 'on'")
        run(f"UPDATE {LEDGER} SET xact = xact + {ahead}")
        LedgerCursor.objects.update(xact=models.F("xact") + ahead)
    with pytest.raises(LedgerRestored, match="ledger_after_restore"):
        take("test", lambda events: None)
    call_command("ledger_after_restore")
    play.accepted()
    drain(taken)
    assert len(taken) == len(set(taken)) == 3
    fresh: list[int] = []
    drain(fresh, "a new reader")
    assert fresh == taken


def test_reading_outside_the_transaction_that_advances_is_refused(transactional_db: None) -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        read_new("test")


def read_once(taken: list[int], reader: str = "test", limit: int = 1000) -> int:
    return take(reader, lambda events: taken.extend(e.pk for e in events), limit=limit)


def drain(taken: list[int], reader: str = "test", limit: int = 1000) -> None:
    """Read until nothing is left, waiting for transactions of other databases of this server to end."""
    wait_for_older_transactions()
    while read_once(taken, reader, limit):
        pass


def drain_and_leave(taken: list[int]) -> None:
    try:
        drain(taken, limit=3)
    finally:
        connection.close()


def wait_for_older_transactions() -> None:
    """Until every transaction that wrote to the ledger is older than all that run, on the whole server."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT coalesce(max(xact), 0) < pg_snapshot_xmin(pg_current_snapshot())::text::bigint FROM {LEDGER}"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("another transaction of this server has been running for a minute")


def test_the_ledger_tells_listeners_once_a_statement(transactional_db: None) -> None:
    world: World = factories.world()
    with connection.cursor() as cursor:
        cursor.execute("LISTEN clearway_ledger")
        play = Play.begin(world)
        cursor.execute("SELECT 1")
        link = connection.connection
        link.poll()
        notices = [notice.payload for notice in link.notifies]
        link.notifies.clear()
        cursor.execute("UNLISTEN clearway_ledger")
    ids = list(RequestEvent.objects.filter(request=play.request).order_by("id").values_list("id", flat=True))
    assert notices == [f"{ids[0]},{ids[-1]},2"]
