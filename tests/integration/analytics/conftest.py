"""The town of five cases, built once a module: each test gets its own copy and what it writes is undone."""

from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.test import Client
from django.utils import translation
from pytest_django import DjangoDbBlocker

from analytics.loading import _frames
from requests_app.clock import frozen_at
from tests.integration.analytics.town import PRESENT, Town, build_town, write_permits
from tests.undone import check_promises, undone


@pytest.fixture(scope="module")
def permit_town(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Town]:
    with undone(django_db_blocker):
        with frozen_at(PRESENT):
            town = build_town()
            write_permits(town)
            check_promises()
        yield town


@pytest.fixture
def town(permit_town: Town, db: None) -> Iterator[Town]:
    """A page leaves its language behind in the thread; what a test computes itself is said in English."""
    _frames.clear()  # what another test wrote was undone: a ledger as long as then need not be the same
    with frozen_at(PRESENT), translation.override("en"):
        yield deepcopy(permit_town)


@pytest.fixture
def evaluator(town: Town) -> Client:
    return town.browser()
