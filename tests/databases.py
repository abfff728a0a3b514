"""The databases of a test run: each is a copy of one that was made before.

The tables are made once for a set of migrations and kept, the demo city once a run; a copy takes a second.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import django
import psycopg2
import psycopg2.extensions
from django.conf import settings
from django.db import connection

from tests.settings import DATABASE_PREFIX, THIS_RUN

ROOT = Path(__file__).resolve().parent.parent
READY_PREFIX = "clearway_ready_"


@contextmanager
def server(alone_with: str = "") -> Iterator[psycopg2.extensions.cursor]:
    """The database server, outside every database of ours; one process at a time is at what it is alone with."""
    held = settings.DATABASES["default"]
    reach = {"user": held["USER"], "password": held["PASSWORD"], "host": held["HOST"], "port": held["PORT"]}
    session = psycopg2.connect(dbname="postgres", **reach)
    session.autocommit = True
    try:
        with session.cursor() as cursor:
            if alone_with:
                cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [alone_with])
            yield cursor
    finally:
        session.close()


def named(cursor: psycopg2.extensions.cursor, beginning: str) -> list[str]:
    """The databases whose names begin so."""
    cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [beginning])
    return [name for (name,) in cursor.fetchall()]


def drop(*names: str) -> None:
    """Drop databases that no connection needs any more."""
    with server() as cursor:
        for name in names:
            let_go(cursor, name)


def let_go(cursor: psycopg2.extensions.cursor, name: str, *, force: bool = True) -> None:
    """Drop a database, or leave it to the next run.

    The server sweeps it just now (autovacuum is no process of ours to end), or another checkout is copying it: that is
    no failure of a test.
    """
    with suppress(psycopg2.errors.InsufficientPrivilege, psycopg2.errors.ObjectInUse):
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"{" WITH (FORCE)" if force else ""}')


# --- What nobody needs ------------------------------------------------------------------------------------------------


def process_lives(number: str) -> bool:
    """Tell whether a test run of this number may still be going on."""
    return number.isdigit() and Path("/proc", number).exists()


def drop_left() -> None:
    """Drop the databases of runs that were killed before they could, and the tables of other migrations."""
    with server() as cursor:
        runs = [name for name in named(cursor, DATABASE_PREFIX) if not process_lives(run_of(name))]
        for name in [*runs, *(name for name in named(cursor, READY_PREFIX) if name != ready_name())]:
            let_go(cursor, name, force=name in runs)


def run_of(name: str) -> str:
    """The number of the run that a database belongs to."""
    return name.removeprefix(DATABASE_PREFIX).split("_")[0]


def drop_shared() -> None:
    """Drop what this run filled once and copied."""
    with server() as cursor:
        for name in named(cursor, f"{DATABASE_PREFIX}{THIS_RUN}_"):
            let_go(cursor, name)


# --- Making and copying -----------------------------------------------------------------------------------------------


def ready_name() -> str:
    """The name of the database that has the tables of these migrations and nothing else."""
    files = [*sorted(ROOT.glob("*/migrations/*.py")), ROOT / "requirements.lock"]
    told = b"".join(path.name.encode() + path.read_bytes() for path in files) + django.__version__.encode()
    return READY_PREFIX + sha256(told).hexdigest()[:16]


def use(name: str) -> None:
    """Let Django, in every thread, mean this database."""
    connection.close()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


def make_tables(half: str) -> None:
    """Make a database and apply every migration."""
    wanted = connection.settings_dict["TEST"]["NAME"]
    connection.settings_dict["TEST"]["NAME"] = half
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.settings_dict["TEST"]["NAME"] = wanted


def copy(cursor: psycopg2.extensions.cursor, source: str, name: str) -> None:
    """Copy a whole database, its rights and statistics too.

    A crash may lose its last commits, nobody will miss them: no process, the real server neither, waits for the disk.
    """
    cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
    cursor.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')


def kept(cursor: psycopg2.extensions.cursor, name: str, make: Callable[[str], None]) -> None:
    """Have a database of that name: made under another one, so that a half-made one is never taken for it."""
    if name in named(cursor, name):
        return
    half, before = f"{name}_half", connection.settings_dict["NAME"]
    cursor.execute(f'DROP DATABASE IF EXISTS "{half}" WITH (FORCE)')
    make(half)
    use(before)
    cursor.execute(f'ALTER DATABASE "{half}" RENAME TO "{name}"')


def copy_tables(name: str) -> None:
    """Make a database with all tables and no row but what migrations write."""
    with server(ready_name()) as cursor:
        kept(cursor, ready_name(), make_tables)
        copy(cursor, ready_name(), name)


@contextmanager
def filled(code: str, fill: Callable[[], None]) -> Iterator[None]:
    """This worker's copy of a database that is filled once a run, instead of its own for as long as this is open."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    whole, before = f"{DATABASE_PREFIX}{THIS_RUN}_{code}", connection.settings_dict["NAME"]
    mine = f"{whole}_{worker}"

    def make(half: str) -> None:
        copy(cursor, ready_name(), half)
        use(half)
        fill()
        with connection.cursor() as inside:
            inside.execute("ANALYZE")

    with server(whole) as cursor:
        if mine not in named(cursor, whole):
            kept(cursor, f"{whole}_whole", make)
            copy(cursor, f"{whole}_whole", mine)
    use(mine)
    try:
        yield
    finally:
        use(before)


# --- Between tests that commit ----------------------------------------------------------------------------------------

EMPTY = """
DO $$
DECLARE
    one regclass;
    used boolean;
    tables regclass[] := ARRAY(
        SELECT oid FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relowner = current_user::regrole
          AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
    );
BEGIN
    PERFORM set_config('clearway.ledger_maintenance', 'on', true);
    EXECUTE 'LOCK TABLE ' || array_to_string(tables, ', ') || ' IN SHARE ROW EXCLUSIVE MODE';
    FOREACH one IN ARRAY tables LOOP
        EXECUTE 'SELECT EXISTS (SELECT FROM ' || one || ')' INTO used;
        IF used THEN
            EXECUTE 'DELETE FROM ' || one;
        END IF;
    END LOOP;
END $$
"""
"""Empties what holds rows, when whoever writes is done: a TRUNCATE makes the files of all tables and indexes anew."""


def empty() -> None:
    """Let the database be as a test finds it that commits: no row but the names of models and rights."""
    with connection.cursor() as cursor:
        cursor.execute(EMPTY)
