"""What every test stands on: a private PostGIS database, no network, and, for browser tests, the real server."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psycopg2
import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from tests.settings import DATABASE_PREFIX

ROOT = Path(__file__).resolve().parent.parent
LOCAL_FAMILIES = (socket.AF_UNIX, socket.AF_NETLINK)
LOCAL_HOSTS = ("127.0.0.1", "::1", "localhost")

# No example is judged by its time: the machine may be busy.
hypothesis_settings.register_profile("clearway", deadline=None, database=None)
hypothesis_settings.load_profile("clearway")

# --- The database ----------------------------------------------------------------------------------------------------


def process_lives(number: str) -> bool:
    """Tell whether a test run of this number may still be going on."""
    return number.isdigit() and Path("/proc", number).exists()


def drop_left_databases() -> None:
    """Drop the databases of runs that were killed before they could."""
    held = settings.DATABASES["default"]
    reach = {"user": held["USER"], "password": held["PASSWORD"], "host": held["HOST"], "port": held["PORT"]}
    server = psycopg2.connect(dbname="postgres", **reach)
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", [DATABASE_PREFIX.replace("_", r"\_") + "%"]
        )
        for (name,) in cursor.fetchall():
            if not process_lives(name.removeprefix(DATABASE_PREFIX).split("_")[0]):
                with suppress(
                    psycopg2.errors.InsufficientPrivilege
                ):  # swept by the server just now: the next run has it
                    cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    server.close()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_xdist_suffix: None, worker_id: str) -> None:
    if worker_id in ("master", "gw0"):
        drop_left_databases()


@pytest.fixture(scope="session", autouse=True)
def flush_may_empty_the_ledger() -> Iterator[None]:
    """Let the flush between tests, and nothing else, empty the append-only ledger."""
    original = BaseDatabaseOperations.execute_sql_flush

    def execute_sql_flush(self: BaseDatabaseOperations, sql_list: list[str]) -> None:
        original(self, ["SET LOCAL clearway.ledger_maintenance = 'on'", *sql_list])

    BaseDatabaseOperations.execute_sql_flush = execute_sql_flush
    yield
    BaseDatabaseOperations.execute_sql_flush = original


@pytest.fixture(scope="session", autouse=True)
def media_folder() -> Iterator[None]:
    """Remove the files that tests uploaded."""
    yield
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


# --- Language ---------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def english_unless_said_otherwise() -> Iterator[None]:
    """Start every test in English: Django leaves the last request's language active in the thread."""
    with translation.override("en"):
        yield


# --- No network ------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that leaves this machine."""
    original = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        if self.family not in LOCAL_FAMILIES and address[0] not in LOCAL_HOSTS:  # type: ignore[index]
            raise AssertionError(f"A test tried to reach {address}; tests touch no network.")
        original(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


# --- The real server, for browser tests ------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def application_url() -> str:
    """Return this worker's test database, seen by the role that the product runs as."""
    app = settings.APP_DATABASE
    name, host = connection.settings_dict["NAME"], quote(app.host, safe="")
    return f"postgis://{quote(app.user)}:{quote(app.password)}@/{name}?host={host}&port={app.port}"


def server_environment(**more: str) -> dict[str, str]:
    """Return the environment of a product process that works on this run's test database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLEARWAY_")}
    return {**kept, "DJANGO_SETTINGS_MODULE": "backend.settings", "DATABASE_URL": application_url(), **more}


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health/", timeout=5):
            return True
    except OSError:
        return False


@pytest.fixture(scope="session")
def city_server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the real server on this worker's test database and return its address, without a final slash."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    words = tmp_path_factory.mktemp("server") / "stderr.txt"
    environment = server_environment(CLEARWAY_DEMO="on", CLEARWAY_MEDIA_ROOT=str(settings.MEDIA_ROOT))
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "backend.asgi:application",
        "--port",
        str(port),
        "--log-level",
        "warning",
    ]
    with words.open("w") as stderr:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=stderr)
        try:
            end = time.monotonic() + 60
            while not answers(address):
                assert server.poll() is None, words.read_text()
                assert time.monotonic() < end, f"The server did not answer: {words.read_text()}"
                time.sleep(0.05)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=20)


@pytest.fixture
def live_city(transactional_db: None, city_server: str) -> str:
    """Return the address of the real server over a database that this test fills and that is emptied after it."""
    return city_server
