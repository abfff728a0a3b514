"""A town of forty cases with an evaluator who has its overview mailed, and how its jobs and mails are run in tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.test import Client
from django.utils import translation
from pytest_django import DjangoDbBlocker

from analytics.mailing.issuing import issue_due
from analytics.mailing.orders import Wish, subscribe
from analytics.models import Subscription
from requests_app.actions.bulk import write_cases
from requests_app.clock import frozen_at
from requests_app.models import User
from requests_app.notify.deliver import sweep_outbox
from tests.integration.analytics.town import Town, alike, build_town

MADE = datetime(2026, 4, 1, 12, tzinfo=UTC)
"""A Wednesday."""
MONDAY = datetime(2026, 4, 6, 11, 1, tzinfo=UTC)
"""A minute after seven in Toronto."""


@dataclass
class Mailed:
    town: Town
    owner: User

    def has_mailed(self, page: str = "", asked: dict[str, str] | None = None, **wish: Any) -> Subscription:
        known = {"every": "week", "day": 1, "language": "en", **wish}
        with frozen_at(MADE):
            return subscribe(self.town.place, self.owner.pk, page, asked or {}, Wish(**known))

    def reader(self, name: str, language: str = "en", **narrowed: Any) -> User:
        return reachable(self.town.evaluator(**narrowed), name, language)


def reachable(user: User, name: str, language: str = "en") -> User:
    user.email, user.display_name, user.language = f"{name.lower()}@town.example", name, language
    user.save()
    return user


def build_mailed(cases: int = 40) -> Mailed:
    town = build_town()
    offices = ("intake", "review", "roads")
    write_cases(town.place.pk, [alike(town, n, offices[n % 3]) for n in range(cases)], check_moves=True)
    return Mailed(town, reachable(town.evaluator(), "Owner"))


@contextmanager
def built_once(blocker: DjangoDbBlocker) -> Iterator[Mailed]:
    """The town for one module of tests, in a transaction that is undone after it."""
    with blocker.unblock(), transaction.atomic():
        with frozen_at(MADE), translation.override("en"):
            made = build_mailed()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        yield made
        transaction.set_rollback(True)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def run_jobs(at: datetime) -> list[EmailMultiAlternatives]:
    """Run the job until nothing is due, then the courier; the mails that went out."""
    before = len(mail.outbox)
    with frozen_at(at):
        for _turn in range(20):
            if not issue_due():
                break
        sweep_outbox()
    return mail.outbox[before:]
