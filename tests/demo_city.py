"""The demo city for a module of tests: loaded once a run into a database of its own; each worker has a copy."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.core.management import call_command
from pytest_django import DjangoDbBlocker

from analytics.loading import _frames
from fixtures.simulate import USUAL_COUNT
from requests_app.models import Jurisdiction
from tests import databases

NOW = datetime(2026, 5, 14, 15, 30, tzinfo=UTC)
"""The year of the city ends now, the same for every module: another moment would be another loading."""

SMALL = 300
"""So many requests are enough for what does not count them."""


@contextmanager
def demo_city(blocker: DjangoDbBlocker, requests: int = USUAL_COUNT) -> Iterator[Jurisdiction]:
    """About so many requests up to `NOW`. What a test of it writes is undone, as everywhere."""

    def load() -> None:
        call_command("load_demo_city", "--requests", str(requests), "--now", NOW.isoformat(), stderr=io.StringIO())

    with blocker.unblock(), databases.filled(f"city_{requests}", load):
        _frames.clear()  # a ledger of another database may be as long
        yield Jurisdiction.objects.get(is_default=True)
        _frames.clear()
