"""A promise counts the working time of the office a case is sent to, on every kind of day."""

from datetime import UTC, datetime

import pytest

from requests_app import actions
from requests_app.clock import frozen_at
from requests_app.models import Office, Route, ServiceRequest, WorkCalendar
from requests_app.permissions import ANONYMOUS
from requests_app.reads.one_request import case_page, find_request
from requests_app.web.citizen.promised import promise_said
from tests import factories
from tests.factories import World

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 5, 15, 20, 0, tzinfo=UTC)
"""A Friday at four in the afternoon in Toronto, half an hour before the usual week ends; Monday is Victoria Day."""
CHRISTMAS_EVE = datetime(2026, 12, 24, 20, 0, tzinfo=UTC)
DAY_AND_NIGHT = {str(day): [["00:00", "00:00"]] for day in range(7)}
EVENINGS = {str(day): [["16:00", "22:00"]] for day in range(7)}


@pytest.fixture
def world() -> World:
    return factories.world()


def on_duty(world: World) -> WorkCalendar:
    """The calendar of an office that neither a weekend nor a holiday closes."""
    return WorkCalendar.objects.create(jurisdiction=world.jurisdiction, code="on-duty", version=4, slots=DAY_AND_NIGHT)


def filed(world: World, at: datetime, hours: int, **office: object) -> ServiceRequest:
    """A pothole filed at a moment, its service promising so many hours and its office working as told."""
    Office.objects.filter(pk=world.roads.pk).update(**office)
    world.pothole.target_hours = hours
    world.pothole.save()
    with frozen_at(at):
        return actions.submit(factories.submission(world.pothole), viewer=ANONYMOUS).request


@pytest.mark.parametrize(
    ("at", "hours", "due"),
    [
        (FRIDAY, 24, datetime(2026, 5, 16, 20, 0, tzinfo=UTC)),  # a Saturday
        (FRIDAY, 48, datetime(2026, 5, 17, 20, 0, tzinfo=UTC)),  # a Sunday
        (FRIDAY, 72, datetime(2026, 5, 18, 20, 0, tzinfo=UTC)),  # Victoria Day
        (FRIDAY, 96, datetime(2026, 5, 19, 20, 0, tzinfo=UTC)),  # a working day
        (CHRISTMAS_EVE, 24, datetime(2026, 12, 25, 20, 0, tzinfo=UTC)),
    ],
)
def test_an_office_on_duty_day_and_night_keeps_its_promise_on_any_day(
    world: World, at: datetime, hours: int, due: datetime
) -> None:
    case = filed(world, at, hours, work_calendar=on_duty(world))
    assert case.due_at == due
    assert case.promise["terms"][0]["calendar_version"] == 4


def test_an_office_open_every_day_but_on_holidays_skips_the_holiday_only(world: World) -> None:
    case = filed(world, FRIDAY, 72, opening_slots=DAY_AND_NIGHT)
    assert case.due_at == datetime(2026, 5, 19, 20, 0, tzinfo=UTC)


def test_an_office_of_the_usual_week_promises_for_the_next_working_day(world: World) -> None:
    assert filed(world, FRIDAY, 1).due_at == datetime(2026, 5, 19, 13, 0, tzinfo=UTC)


def test_the_hours_of_the_office_count_and_not_those_of_the_city(world: World) -> None:
    assert filed(world, FRIDAY, 3, opening_slots=EVENINGS).due_at == datetime(2026, 5, 15, 23, 0, tzinfo=UTC)


def test_what_is_routed_nowhere_is_promised_by_the_hours_of_the_city(world: World) -> None:
    Route.objects.filter(service=world.pothole).delete()
    Office.objects.filter(pk=world.intake.pk).update(is_fallback=False, opening_slots=DAY_AND_NIGHT)
    assert filed(world, FRIDAY, 1).due_at == datetime(2026, 5, 19, 13, 0, tzinfo=UTC)


def test_a_case_moved_to_another_service_is_promised_by_the_office_that_service_goes_to(world: World) -> None:
    Office.objects.filter(pk=world.roads.pk).update(work_calendar=on_duty(world))
    case = filed(world, FRIDAY, 24)
    with frozen_at(FRIDAY):
        Route.objects.filter(service=world.needle).update(office=world.parks)
        actions.recategorize(factories.command(case, world.manager), service_id=world.needle.pk)
    case.refresh_from_db()
    assert case.due_at == datetime(2026, 5, 25, 20, 0, tzinfo=UTC), "forty hours of the usual week"


def test_a_citizen_reads_which_days_count(world: World) -> None:
    usual = filed(world, FRIDAY, 40)
    every_day = filed(world, FRIDAY, 72, work_calendar=on_duty(world))
    told = {}
    for case in (usual, every_day):
        found = find_request(case.reference, ANONYMOUS)
        assert found is not None
        said = promise_said(case_page(found, ANONYMOUS))
        assert said is not None
        told[case.pk] = said.why
    assert told[usual.pk].endswith("within 5 working days (40 hours); weekends and holidays do not count.")
    assert told[every_day.pk].endswith("within 3 days (72 hours); weekends and holidays count as well.")
