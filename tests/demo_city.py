"""The whole demo city for one module of tests, loaded once in a transaction that is undone after it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.core.management import call_command
from django.db import connection
from pytest_django import DjangoDbBlocker

from requests_app.models import Jurisdiction
from tests.undone import check_promises, undone


@contextmanager
def demo_city(blocker: DjangoDbBlocker, now: datetime) -> Iterator[Jurisdiction]:
    """Load it as of ``now``.

    Nothing has statistics inside the transaction, so plans that read a table for each row are ruled out; what the
    tables promise each other is checked here once, and not at the end of every test.
    """
    with undone(blocker):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        call_command("load_demo_city", "--now", now.isoformat(), stderr=io.StringIO())
        check_promises()
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = on")
        yield Jurisdiction.objects.get(is_default=True)
