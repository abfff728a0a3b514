"""What a case was promised and how its clocks run through the real actions; the ledger says every date there was."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from requests_app import actions
from requests_app.actions._draft import Draft
from requests_app.actions.bulk import BulkCase, BulkEvent, write_cases
from requests_app.actions.promised import first_promise
from requests_app.actions.verify import differences
from requests_app.clock import frozen_at
from requests_app.models import Alarm, AlarmKind, RequestEvent, Service, ServiceRequest, WorkCalendar
from requests_app.states import Activity, Status
from tests import factories
from tests.factories import World
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
TORONTO = ZoneInfo("America/Toronto")
PROMISES = {
    "acknowledge": {"hours": 4},
    "resolve": {"hours": 40, "by_priority": {"2": 8}},
    "steps": {"intake": {"hours": 24, "count": "calendar"}},
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TORONTO)


@pytest.fixture
def world() -> World:
    world = factories.world()
    Service.objects.filter(pk=world.pothole.pk).update(promises=PROMISES)
    return world


def filed(world: World, when: str = "2026-05-04T08:30", service: Service | None = None) -> Play:
    with frozen_at(at(when)):
        return Play.begin(world, service)


def then(play: Play, when: str, action: Any, **facts: Any) -> Play:
    with frozen_at(at(when)):
        return play.do(action, **facts)


def dates_in_ledger(play: Play) -> list[tuple[str, datetime]]:
    """Every change of the promise: the activity that is the reason, and the date from then on."""
    events = RequestEvent.objects.filter(request=play.request).exclude(due_at=None).order_by("sequence")
    return [(event.activity, event.due_at.astimezone(TORONTO)) for event in events]


def is_sound(play: Play) -> bool:
    return dict(differences())[play.request.reference] == []


def test_a_case_keeps_targets_and_calendar_as_they_were_when_it_was_filed(world: World) -> None:
    play = filed(world)
    (terms,) = play.request.promise["terms"]
    assert terms["resolve"] == {"hours": 40, "count": "working", "by_priority": {"2": 8}}
    assert terms["calendar"]["holidays"] == "ON"
    assert play.request.due_at == at("2026-05-08T16:30")
    assert play.request.acknowledge_due_at == at("2026-05-04T12:30")
    assert play.request.step_due_at == at("2026-05-05T08:30")
    Service.objects.filter(pk=world.pothole.pk).update(promises={"resolve": {"hours": 1}})
    then(play, "2026-05-04T10:30", actions.accept)
    then(play, "2026-05-04T11:00", actions.reprioritize, priority=2)
    assert play.request.due_at == at("2026-05-04T16:30"), "urgent by the terms it was filed under"
    assert is_sound(play)


def test_a_service_counts_by_its_own_calendar_and_the_case_says_which_version(world: World) -> None:
    calendar = WorkCalendar.objects.create(
        jurisdiction=world.jurisdiction,
        code="round",
        version=3,
        slots={str(day): [["00:00", "00:00"]] for day in range(7)},
        closures=[{"from": "2026-05-05", "to": "2026-05-05"}],
    )
    Service.objects.filter(pk=world.pothole.pk).update(work_calendar=calendar, promises={"resolve": {"hours": 24}})
    play = filed(world, "2026-05-04T08:30")
    assert play.request.due_at == at("2026-05-06T08:30"), "the closure is not counted"
    assert play.request.promise["terms"][0]["calendar_version"] == 3


def test_waiting_for_the_citizen_stops_the_clock_and_the_ledger_says_what_became_of_the_date(world: World) -> None:
    play = filed(world)
    then(play, "2026-05-04T10:30", actions.accept)
    then(play, "2026-05-04T12:30", actions.ask_citizen, question="Which house is it?")
    assert (play.request.paused_at, play.request.due_at) == (at("2026-05-04T12:30"), at("2026-05-08T16:30"))
    then(play, "2026-05-06T12:30", actions.citizen_replies, viewer=play.citizen, answer="Number 7.")
    assert play.request.paused_at is None
    assert play.request.paused_s == 48 * 3600
    assert play.request.due_at == at("2026-05-12T16:30")
    assert play.request.acknowledged_at == at("2026-05-04T10:30")
    assert dates_in_ledger(play) == [
        ("submitted", at("2026-05-08T16:30")),
        ("citizen_replied", at("2026-05-12T16:30")),
    ]
    assert is_sound(play)


def test_a_hand_off_never_stops_the_clock(world: World) -> None:
    play = filed(world)
    then(play, "2026-05-04T10:30", actions.accept)
    then(play, "2026-05-05T10:30", actions.hand_off, office_id=world.parks.pk)
    then(play, "2026-05-07T10:30", actions.accept)
    assert play.request.due_at == at("2026-05-08T16:30")
    assert dates_in_ledger(play) == [("submitted", at("2026-05-08T16:30"))]


def test_another_priority_counts_anew_and_is_logged(world: World) -> None:
    play = filed(world)
    then(play, "2026-05-05T10:30", actions.accept)
    then(play, "2026-05-05T11:00", actions.reprioritize, priority=2)
    then(play, "2026-05-05T11:30", actions.reprioritize, priority=0)
    assert dates_in_ledger(play) == [
        ("submitted", at("2026-05-08T16:30")),
        ("reprioritized", at("2026-05-04T16:30")),
        ("reprioritized", at("2026-05-08T16:30")),
    ]
    assert is_sound(play)


def test_another_service_is_another_promise_from_the_day_it_was_filed(world: World) -> None:
    Service.objects.filter(pk=world.needle.pk).update(promises={"resolve": {"hours": 8}})
    play = filed(world)
    then(play, "2026-05-04T10:30", actions.accept)
    then(play, "2026-05-04T11:00", actions.recategorize, service_id=world.needle.pk)
    assert play.request.due_at == at("2026-05-04T16:30")
    assert [terms["since"] for terms in play.request.promise["terms"]] == [1, 4]
    assert is_sound(play)


def test_from_a_service_that_promises_nothing_to_one_that_does_and_back(world: World) -> None:
    play = filed(world, service=world.compliment)
    assert play.request.due_at is None
    then(play, "2026-05-04T10:30", actions.accept)
    then(play, "2026-05-04T11:00", actions.recategorize, viewer=world.manager, service_id=world.benefit.pk)
    assert play.request.due_at == at("2026-05-08T16:30")
    assert is_sound(play)
    then(play, "2026-05-04T12:00", actions.recategorize, service_id=world.compliment.pk)
    assert play.request.due_at is None
    assert is_sound(play)


def test_opened_again_it_goes_on_with_what_was_left_and_a_new_date_that_was_given_is_gone(world: World) -> None:
    play = filed(world)
    then(play, "2026-05-04T10:30", actions.accept)
    then(play, "2026-05-11T10:30", actions.delay, reason="parts", new_date=at("2026-05-20T12:00"))
    assert play.request.delayed_until == at("2026-05-20T12:00")
    assert play.request.due_at == at("2026-05-08T16:30"), "the promise itself stays what it was"
    then(play, "2026-05-11T12:30", actions.close, outcome="resolved")
    then(play, "2026-05-25T12:30", actions.reopen, viewer=play.citizen)
    assert play.request.delayed_until is None
    assert play.request.due_at == at("2026-05-08T16:30"), "nothing was left: it is as late as it was"
    assert is_sound(play)


def test_a_calendar_that_never_opens_promises_nothing_and_raises_an_alarm(world: World) -> None:
    calendar = WorkCalendar.objects.create(jurisdiction=world.jurisdiction, code="never", slots={})
    Service.objects.filter(pk=world.pothole.pk).update(work_calendar=calendar)
    play = filed(world)
    assert play.request.due_at is None
    assert play.request.step_due_at == at("2026-05-05T08:30"), "calendar time needs no opening hours"
    alarm = Alarm.objects.get(kind=AlarmKind.PROMISE_UNKEEPABLE)
    assert (alarm.subject, alarm.codes["problem"]) == ("pothole", "never_opens")
    filed(world)
    assert Alarm.objects.count() == 1
    assert is_sound(play)


def test_more_working_time_than_the_calendar_has_in_years_is_an_alarm_and_never_stops_a_filing(world: World) -> None:
    promises = {"resolve": {"hours": 30_000}, "acknowledge": {"hours": 24, "count": "calendar"}}
    Service.objects.filter(pk=world.pothole.pk).update(promises=promises)
    play = filed(world)
    assert (play.request.due_at, play.request.acknowledge_due_at is None) == (None, False)
    assert Alarm.objects.get().codes == {"field": "resolve", "problem": "too_long"}
    assert is_sound(play)


def test_a_broken_target_is_an_alarm_and_never_a_guess(world: World) -> None:
    Service.objects.filter(pk=world.pothole.pk).update(promises={"resolve": {"hours": "soon"}})
    assert filed(world).request.due_at is None
    assert Alarm.objects.get().codes == {"field": "resolve.hours", "problem": "not_a_number"}


def test_cases_written_in_bulk_have_the_clocks_they_would_have_had(world: World) -> None:
    """The same story once through the actions and once in bulk."""
    play = filed(world)
    then(play, "2026-05-04T10:30", actions.accept)
    then(play, "2026-05-04T12:30", actions.ask_citizen, question="Where?")
    then(play, "2026-05-06T12:30", actions.citizen_replies, viewer=play.citizen, answer="Here.")
    then(play, "2026-05-06T13:00", actions.reprioritize, priority=2)
    service = Service.objects.get(pk=world.pothole.pk)
    events = [
        BulkEvent(_draft(event), event.occurred_at)
        for event in RequestEvent.objects.filter(request=play.request).order_by("sequence")
    ]
    (copied,) = write_cases(
        world.jurisdiction.pk, [BulkCase("B-1", events, promise=first_promise(service))], check_moves=True
    )
    copy = ServiceRequest.objects.get(pk=copied)
    for name in ("due_at", "acknowledge_due_at", "acknowledged_at", "step_due_at", "paused_s", "pauses", "status"):
        assert getattr(copy, name) == getattr(play.request, name), name
    assert dict(differences())["B-1"] == []


def _draft(event: RequestEvent) -> Draft:
    return Draft(
        Activity(event.activity),
        office_id=event.office_id,
        service_id=event.service_id,
        area_id=event.area_id,
        priority=event.priority,
        step=event.step,
    )


def test_a_case_without_terms_keeps_the_date_it_was_given(world: World) -> None:
    due = datetime(2026, 5, 20, tzinfo=UTC)
    events = [
        BulkEvent(Draft(Activity.SUBMITTED, service_id=world.pothole.pk), due - timedelta(days=9)),
        BulkEvent(Draft(Activity.ROUTED, office_id=world.roads.pk), due - timedelta(days=9)),
    ]
    (pk,) = write_cases(world.jurisdiction.pk, [BulkCase("B-2", events, due_at=due)], check_moves=True)
    play = Play(world, ServiceRequest.objects.get(pk=pk))
    then(play, "2026-05-19T10:30", actions.accept)
    assert (play.request.due_at, play.request.status) == (due, Status.ASSIGNED)
    assert is_sound(play)
