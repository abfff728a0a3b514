"""Periodic work: one table, run by one process at a time under an advisory lock."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.management import call_command
from django.db import OperationalError, connection

from analytics.work import end_lost_reports, issue_reports, keep_segments_up, usual_by_place
from requests_app import clock
from requests_app.actions.follow import forget_followers
from requests_app.actions.many import sweep_runs
from requests_app.actions.promise_notices import sweep_promises
from requests_app.actions.rehearsals import sweep_rehearsals
from requests_app.actions.setting_up.areas import sweep_areas
from requests_app.actions.stray_mail import forget_old_mails
from requests_app.actions.sweeps import sweep_handoffs, sweep_partners
from requests_app.actions.usual import keep_usual
from requests_app.actions.visits import sweep_visits
from requests_app.models import Jurisdiction
from requests_app.notify.morning import queue_morning_mails
from requests_app.privacy import pending
from requests_app.privacy.rates import forget_past_windows

log = logging.getLogger(__name__)

# Any number will do, as long as nothing else in this database uses it.
LOCK = 7_311_001


@dataclass(frozen=True)
class Job:
    """A piece of periodic work: its name in the log, how often it runs, and what runs."""

    name: str
    every: timedelta
    run: Callable[[], object]


def clear_sessions() -> None:
    """Remove sessions that have ended."""
    call_command("clearsessions")


def keep_what_is_usual() -> None:
    """Measure how long requests take, and keep it where citizens and the desk see it (docs/definitions.md)."""
    for code, usual in usual_by_place().items():
        keep_usual(Jurisdiction.objects.get(code=code), usual)


SCHEDULE: tuple[Job, ...] = (
    Job("give back hand-offs that nobody accepted", timedelta(minutes=1), sweep_handoffs),
    Job("mail partners the links of what was routed to them", timedelta(minutes=1), sweep_partners),
    Job("go on with moves for many", timedelta(seconds=3), sweep_runs),
    Job("remind of promises, and say which were broken", timedelta(minutes=1), sweep_promises),
    Job("write the morning mails", timedelta(minutes=10), queue_morning_mails),
    Job("erase mails that found no request", timedelta(hours=6), forget_old_mails),
    Job("erase followers who never confirmed, or whose request is long closed", timedelta(hours=6), forget_followers),
    Job("rehearse routing rules", timedelta(seconds=2), sweep_rehearsals),
    Job("put areas in force on their first day", timedelta(minutes=1), sweep_areas),
    Job("settle joint visits and propose new ones", timedelta(minutes=10), sweep_visits),
    Job("keep the segment store up with the ledger", timedelta(minutes=1), keep_segments_up),
    Job("measure what is usual", timedelta(hours=1), keep_what_is_usual),
    Job("mail a report that is due", timedelta(seconds=5), issue_reports),
    Job("end reports by mail of people who may not read them", timedelta(minutes=10), end_lost_reports),
    Job("clear ended sessions", timedelta(hours=6), clear_sessions),
    Job("forget limits whose time is over", timedelta(minutes=10), forget_past_windows),
    Job("forget the photos of unsent reports", timedelta(hours=1), pending.sweep),
)


@contextmanager
def only_runner() -> Iterator[bool]:
    """Hold the runner's lock for as long as the connection lives; yield False when another process has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held and connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def run_due(schedule: Sequence[Job], due_at: dict[str, datetime]) -> list[str]:
    """Run every job that is due, note when each is due again, and return the names of those that ran.

    A job that fails is logged by name and tried again at its next turn; the others run all the same.
    """
    ran = []
    for job in schedule:
        now = clock.now()
        if due_at.get(job.name, now) > now:
            continue
        due_at[job.name] = now + job.every
        ran.append(job.name)
        try:
            job.run()
        except Exception:
            log.exception("The job “%s” failed", job.name)
    return ran


def run_until(stop: threading.Event, schedule: Sequence[Job] = SCHEDULE, *, pause_s: float = 1.0) -> None:
    """Run the schedule until asked to stop. Without the lock, wait for it: the other runner may end first."""
    due_at: dict[str, datetime] = {}
    while not stop.is_set():
        try:
            run_with_lock(stop, schedule, due_at, pause_s)
        except OperationalError:
            log.warning("The database does not answer; the periodic work waits for it.")
        connection.close()
        stop.wait(pause_s)


def run_with_lock(stop: threading.Event, schedule: Sequence[Job], due_at: dict[str, datetime], pause_s: float) -> None:
    """Run the schedule for as long as this process holds the lock; return at once when another holds it."""
    with only_runner() as held:
        while held and not stop.is_set():
            run_due(schedule, due_at)
            stop.wait(pause_s)
            connection.ensure_connection()
            if not connection.is_usable():
                raise OperationalError
