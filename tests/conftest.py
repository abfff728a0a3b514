"""What every test stands on: a private PostGIS database, no network, and, for browser tests, the real server."""

import gc
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker

from tests import databases

ROOT = Path(__file__).resolve().parent.parent
LOCAL_FAMILIES = (socket.AF_UNIX, socket.AF_NETLINK)
LOCAL_HOSTS = ("127.0.0.1", "::1", "localhost")

# No example is judged by its time: the machine may be busy.
hypothesis_settings.register_profile("clearway", deadline=None, database=None)
hypothesis_settings.load_profile("clearway")

# --- The database ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_xdist_suffix: None, worker_id: str) -> None:
    if worker_id in ("master", "gw0"):
        databases.drop_left()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker, django_db_modify_db_settings: None
) -> Iterator[None]:
    """Copy the tables, which are made once for a set of migrations."""
    name = connection.settings_dict["TEST"]["NAME"]
    with django_db_blocker.unblock():
        databases.copy_tables(name)
        databases.use(name)
    yield
    with django_db_blocker.unblock():
        connection.close()
        databases.drop(name)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Drop what the workers shared, when the last of them has ended."""
    if not hasattr(session.config, "workerinput"):
        databases.drop_shared()


@pytest.fixture(scope="session", autouse=True)
def quickly_emptied() -> Iterator[None]:
    """Let the emptying between tests that commit, and nothing else, empty the append-only ledger."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: databases.empty())
        yield


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk() -> Iterator[None]:
    """What a test writes need not outlive a crash of the machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _file: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def media_folder() -> Iterator[None]:
    """Remove the files that tests uploaded."""
    yield
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


# --- The order -------------------------------------------------------------------------------------------------------

LONGEST_FIRST = (
    "tests/architecture/test_checks.py",
    "tests/integration/access/",
    "tests/integration/analytics/test_reform_of_the_demo.py",
    "tests/integration/city/test_demo_city.py",
    "tests/browser/",
    "tests/integration/analytics/",
    "tests/unit/city/",
    "tests/integration/",
)
"""Files begin in this order, at random within it, and the small ones end the run: no worker works on alone.

Of two files that need the same demo city one begins early: the other would only wait until it is loaded.
"""

LAST = ("tests/integration/domain/test_ledger.py", "tests/integration/analytics/test_segment_store_of_the_ledger.py")
"""They wait until all that write on this server are done, also the other worker's test: the last ones are short."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        known = (number for number, start in enumerate(LONGEST_FIRST) if item.nodeid.startswith(start))
        return len(LONGEST_FIRST) + 1 if item.nodeid.startswith(LAST) else next(known, len(LONGEST_FIRST))

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """What is imported by now stays to the end: it need not be looked through again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


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
