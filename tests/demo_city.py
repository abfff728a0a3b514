"""The whole demo city for one module of tests, loaded once in a transaction that is undone after it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.core.management import call_command
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from requests_app.models import Jurisdiction


@contextmanager
def demo_city(blocker: DjangoDbBlocker, now: datetime) -> Iterator[Jurisdiction]:
    """Load it as of ``now``.

    Nothing has statistics inside the transaction, so plans that read a table for each row are ruled out; what the
    tables promise each other is checked here once, and not at the end of every test.
    """
    with blocker.unblock():
        around = transaction.atomic()
        around.__enter__()
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        call_command("load_demo_city", "--now", now.isoformat(), stderr=io.StringIO())
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            cursor.execute("SET LOCAL enable_seqscan = on")
        try:
            yield Jurisdiction.objects.get(is_default=True)
        finally:
            transaction.set_rollback(True)
            around.__exit__(None, None, None)
