"""`run_jobs`: the periodic work of backend/jobs.py, until stopped."""

import signal
import threading

from django.core.management.base import BaseCommand

from backend.jobs import run_until


class Command(BaseCommand):
    help = "Run the periodic work until stopped."
    requires_system_checks: list[str] = []  # the web server beside it has run them

    def handle(self, *args: object, **options: object) -> None:
        stop = threading.Event()
        for asked in (signal.SIGINT, signal.SIGTERM):
            signal.signal(asked, lambda _signal, _frame: stop.set())
        run_until(stop)
