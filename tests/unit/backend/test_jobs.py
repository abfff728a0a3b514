"""The job table runs what is due, and one failure does not stop the rest."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.jobs import Job, run_due
from requests_app.clock import frozen_at

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def fail() -> None:
    raise RuntimeError("broken on purpose")


def test_each_job_runs_at_once_and_then_when_its_time_has_come() -> None:
    ran: list[str] = []
    schedule = [
        Job("often", timedelta(minutes=1), lambda: ran.append("often")),
        Job("seldom", timedelta(hours=1), lambda: ran.append("seldom")),
    ]
    due_at: dict[str, datetime] = {}
    for minutes in (0, 0.5, 1, 59, 60):
        with frozen_at(NOON + timedelta(minutes=minutes)):
            run_due(schedule, due_at)
    assert ran == ["often", "seldom", "often", "often", "often", "seldom"]


def test_a_failing_job_is_logged_by_name_and_the_next_one_runs(caplog: pytest.LogCaptureFixture) -> None:
    ran: list[str] = []
    schedule = [
        Job("fails", timedelta(minutes=1), fail),
        Job("works", timedelta(minutes=1), lambda: ran.append("works")),
    ]
    with frozen_at(NOON):
        run_due(schedule, {})
    assert ran == ["works"]
    assert "fails" in caplog.text
