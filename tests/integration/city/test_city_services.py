"""The services of the demo city are what an administrator could have let go live, and its crews what they can do."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from fixtures.loading.ground import write_ground, write_jurisdiction
from fixtures.loading.setup import write_setup
from fixtures.reference.read import read_reference
from requests_app.actions.setting_up.service_checks import gaps, well_formed
from requests_app.actions.setting_up.service_definition import live_definition, service_document
from requests_app.models import Jurisdiction, Office, Service, ServiceState
from requests_app.visits import Crew, Wanted, propose
from tests.ground import ground

NOW = datetime(2026, 5, 14, 15, 30, tzinfo=UTC)
HERE = (-79.05, 44.0)
ALL_DAY = [(NOW + timedelta(days=1), NOW + timedelta(days=1, hours=8))]


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What the city is set up with, without its cases, undone after this module."""
    with django_db_blocker.unblock():
        around = transaction.atomic()
        around.__enter__()
        city = ground()
        place = write_jurisdiction(city)
        write_setup(read_reference(), place, write_ground(city, place))
        yield
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


@pytest.fixture
def city(loaded: None, db: None) -> Jurisdiction:
    return Jurisdiction.objects.get(code="rivemont")


def test_every_live_service_has_all_that_going_live_asks(city: Jurisdiction) -> None:
    live = Service.objects.filter(jurisdiction=city, state=ServiceState.LIVE)
    assert live.count() == len(read_reference().services)
    missing = {row.code: [gap.sentence for gap in gaps(city, service_document(row))] for row in live}
    assert {code: told for code, told in missing.items() if told} == {}


def test_what_is_live_can_be_saved_again_as_it_is(city: Jurisdiction) -> None:
    for row in Service.objects.filter(jurisdiction=city):
        definition = live_definition(row)
        assert well_formed(city, definition) == definition


def test_a_promise_counts_by_the_hours_that_the_office_has(city: Jurisdiction) -> None:
    for row in Service.objects.filter(jurisdiction=city).select_related("work_calendar", "owner__work_calendar"):
        assert row.work_calendar is not None
        assert row.owner is not None
        assert row.work_calendar.calendar() == row.owner.calendar()


def proposed(city: Jurisdiction, first: tuple[str, str], second: tuple[str, str]) -> int:
    """How many visits are proposed of two cases at one place, each of a service and held by an office."""
    offices = {office.code: office for office in Office.objects.filter(jurisdiction=city)}
    services = {service.code: service for service in Service.objects.filter(jurisdiction=city)}
    cases = [
        Wanted(n, offices[office].pk, HERE, None, frozenset(services[service].skills_needed))
        for n, (service, office) in enumerate((first, second))
    ]
    crews = {office.pk: Crew(frozenset(office.skills), ALL_DAY) for office in offices.values()}
    return len(propose(cases, crews, NOW))


def test_a_noise_complaint_shares_no_visit_with_a_pothole_and_graffiti_does(city: Jurisdiction) -> None:
    assert proposed(city, ("pothole", "roads-north"), ("noise", "bylaw")) == 0
    assert proposed(city, ("pothole", "roads-north"), ("graffiti", "bylaw")) == 1


def test_each_skill_of_a_service_but_listening_is_had_by_the_office_it_goes_to(city: Jurisdiction) -> None:
    reference = read_reference()
    for service in reference.services:
        for code in reference.offices_of(service):
            assert set(service.skills) - {"listening-at-night"} <= set(reference.office(code).skills)
