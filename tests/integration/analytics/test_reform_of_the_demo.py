"""The demo city hides one reform. Given its day, the page's evaluation covers what was planted, or makes no claim."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django import DjangoDbBlocker

from analytics.loading import load
from analytics.models import Intervention
from analytics.reports.changes.before import before_of
from analytics.reports.changes.draft import Asked
from analytics.reports.changes.evaluated import Evaluated, evaluated
from analytics.reports.filters import Filters
from analytics.reports.measure import measure
from analytics.reports.sections import subject_of
from fixtures.loading.changes import register_what_changed
from fixtures.simulation.habits import REFORM_DAYS_BEFORE_END, REFORM_FACTOR, REFORM_OFFICE
from requests_app.clock import frozen_at
from requests_app.models import Jurisdiction
from requests_app.permissions import Grant, Role, Viewer
from tests.demo_city import NOW, demo_city

DAY = (NOW - timedelta(days=REFORM_DAYS_BEFORE_END)).date()


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The whole city, loaded once a run."""
    with demo_city(django_db_blocker):
        yield


@pytest.fixture
def found(loaded: None, db: None) -> Iterator[Evaluated]:
    """The reform, judged by the wait for work to start beside offices that are suggested from the time before it."""
    with frozen_at(NOW):
        city = Jurisdiction.objects.get(code="rivemont")
        viewer = Viewer(1, (Grant(Role.EVALUATOR, city.pk),))
        subject = subject_of(measure(load(city, viewer, events=False), Filters()))
        compared = before_of(subject, Asked((REFORM_OFFICE,), (), (), "waiting", 52, 26, until=DAY)).compared
        change = Intervention(
            jurisdiction=city,
            offices=[REFORM_OFFICE],
            comparison=list(compared),
            happens_on=DAY,
            measure="waiting",
            weeks_after=26,
            registered_at=NOW,
        )
        yield evaluated(subject.measured, change)


def test_the_interval_covers_what_was_planted(found: Evaluated) -> None:
    effect = found.effect
    assert effect.estimate is not None, effect.remarks
    assert -0.4 < effect.estimate < 0.0
    assert effect.low < REFORM_FACTOR - 1 < effect.high


def test_the_city_has_registered_its_change_and_by_how_much_is_found(found: Evaluated) -> None:
    change = register_what_changed()
    assert change is not None
    assert (change.offices, change.happens_on, change.is_prespecified) == ([REFORM_OFFICE], DAY, False)
    assert set(found.effect.comparison) <= set(change.comparison)
    assert "0.75" not in change.what + change.note


def test_no_wolf_is_cried_before_the_reform(found: Evaluated) -> None:
    could = [one for one in found.dates if one.effect.estimate is not None]
    assert len(could) >= 5
    assert sum(one.cries for one in could) <= 1, "these dates share most of their weeks"
