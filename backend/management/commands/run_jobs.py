"""`run_jobs`: the periodic work of backend/jobs.py, and the courier of mails beside it, until stopped."""

import signal
import threading

from django.core.management.base import BaseCommand

from backend.jobs import run_until
from requests_app.notify import courier


class Command(BaseCommand):
    help = "Run the periodic work until stopped."
    requires_system_checks: list[str] = []  # the web server beside it has run them

    def handle(self, *args: object, **options: object) -> None:
        stop = threading.Event()
        for asked in (signal.SIGINT, signal.SIGTERM):
            signal.signal(asked, lambda _signal, _frame: stop.set())
        # A slow mail server must not hold up the periodic work, nor a long job the mail.
        carrying = threading.Thread(target=courier.run_until, args=[stop], name="courier")
        carrying.start()
        try:
            run_until(stop)
        finally:
            stop.set()
            carrying.join()
