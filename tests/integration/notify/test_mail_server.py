"""Mails on a real socket: accepted once; killed before it could note that, the worker sends once more, counted."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from requests_app.models import OutboxEntry
from requests_app.notify.deliver import Swept, sweep_outbox
from tests import factories
from tests.conftest import ROOT, server_environment
from tests.integration.notify.sink import Sink, running_sink

pytestmark = pytest.mark.django_db(transaction=True)
ANN = factories.actions.Contact(email="ann@example.org")


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    with running_sink() as found:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
        settings.EMAIL_USE_TLS, settings.EMAIL_HOST_USER, settings.EMAIL_TIMEOUT = False, "", 3
        yield found


def the_mail() -> OutboxEntry:
    return OutboxEntry.objects.get(kind="mail")


def file_one() -> None:
    factories.file_request(factories.world().pothole, contact=ANN)


def test_a_mail_arrives_in_two_parts_and_two_languages(sink: Sink) -> None:
    file_one()
    assert sweep_outbox() == Swept(done=2, failed=0)
    ((to, mail),) = sink.accepted
    assert to == "ann@example.org"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Nid-de-poule" in body.get_content()
    assert the_mail().result == "sent"


def test_mails_of_one_sweep_share_a_line_and_a_refused_one_harms_no_other(sink: Sink) -> None:
    world = factories.world()
    for name in ("ann", "bob", "cid"):
        factories.file_request(world.pothole, contact=factories.actions.Contact(email=f"{name}@example.org"))
    sink.refuses["bob@example.org"] = b"550 no such user"
    assert sweep_outbox() == Swept(done=5, failed=1)
    assert sink.receivers == ["ann@example.org", "cid@example.org"]


def test_a_line_that_dies_after_the_mail_was_sent_is_a_repeat_and_counted(sink: Sink) -> None:
    file_one()
    sink.answers_data = False
    assert sweep_outbox().failed == 1
    sink.answers_data = True
    OutboxEntry.objects.filter(done_at=None).update(due_at=the_mail().created_at)
    assert sweep_outbox() == Swept(done=1, failed=0)
    assert len(set(sink.ids)) == 1
    assert (len(sink.ids), the_mail().repeats) == (2, 1)


def test_a_server_that_is_away_is_no_repeat(sink: Sink, settings: Any) -> None:
    file_one()
    settings.EMAIL_PORT = 1
    assert sweep_outbox() == Swept(done=1, failed=1, unreachable=True)
    settings.EMAIL_PORT = sink.port
    OutboxEntry.objects.filter(done_at=None).update(due_at=the_mail().created_at)
    assert sweep_outbox().done == 1
    assert (len(sink.ids), the_mail().repeats) == (1, 0)


def worker(port: int) -> subprocess.Popen[bytes]:
    """The real process of periodic work, with its courier."""
    environment = server_environment(
        CLEARWAY_SMTP_HOST="127.0.0.1", CLEARWAY_SMTP_PORT=str(port), CLEARWAY_SMTP_TLS="off"
    )
    return subprocess.Popen(
        [sys.executable, "manage.py", "run_jobs"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
    )


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def runs(pid: int) -> bool:
    """Whether a thread of the process can still do something: neither stopped nor dead."""
    try:
        states = [task.read_text().rpartition(")")[2].split()[0] for task in Path(f"/proc/{pid}/task").glob("*/stat")]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return any(state not in "TZX" for state in states)


def finish(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0


@pytest.mark.parametrize("when", ["before the answer", "after the answer"])
def test_a_worker_killed_around_the_answer_sends_once_more_under_the_same_name(sink: Sink, when: str) -> None:
    file_one()
    killed = worker(sink.port)

    def kill() -> None:
        os.kill(killed.pid, signal.SIGSTOP if when == "after the answer" else signal.SIGKILL)
        wait_until(lambda: not runs(killed.pid))  # a signal is not yet a stop: the answer must find nobody awake

    # Stopped at once, so that it cannot note the answer that it gets, then killed.
    sink.on_data = kill
    wait_until(lambda: len(sink.ids) == 1)
    if when == "after the answer":
        time.sleep(0.2)  # the answer is on its way to the stopped process
        os.kill(killed.pid, signal.SIGKILL)
    killed.wait(timeout=10)
    sink.on_data = None
    entry = the_mail()
    assert (entry.done_at, entry.repeats) == (None, 0)
    assert entry.sending_at is not None

    OutboxEntry.objects.filter(pk=entry.pk).update(locked_until=entry.created_at)  # as after the claim has lapsed
    second = worker(sink.port)
    wait_until(lambda: the_mail().done_at is not None)
    finish(second)
    assert len(sink.ids) == 2
    assert len(set(sink.ids)) == 1
    assert the_mail().repeats == 1


def test_a_living_courier_sends_within_moments_of_the_commit_and_once(sink: Sink) -> None:
    running = worker(sink.port)
    world = factories.world()
    factories.file_request(world.pothole, contact=ANN)
    wait_until(lambda: len(sink.ids) == 1)  # the process has started
    begun = time.monotonic()
    factories.file_request(world.pothole, contact=ANN)
    wait_until(lambda: len(sink.ids) == 2)
    waited = time.monotonic() - begun
    wait_until(lambda: not OutboxEntry.objects.filter(done_at=None).exists())
    finish(running)
    assert waited < 5
    assert len(set(sink.ids)) == 2
