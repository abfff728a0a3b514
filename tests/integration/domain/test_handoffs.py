"""A hand-off is accepted, bounced, or goes back when its time is over: never lost, each once, with an alarm."""

from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from requests_app import actions
from requests_app.actions.sweeps import sweep_handoffs
from requests_app.actions.verify import differences
from requests_app.clock import frozen_at
from requests_app.models import Alarm, Hold, Office, RequestEvent, WorkCalendar
from requests_app.states import Status
from tests import factories
from tests.factories import World
from tests.races import race
from tests.scenarios import Play

TORONTO = ZoneInfo("America/Toronto")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TORONTO)


def handed(world: World, when: str = "2026-05-04T10:00", office: Office | None = None) -> Play:
    """A case of `roads` that was handed to `parks`."""
    with frozen_at(at("2026-05-04T09:00")):
        play = Play.begin(world).accepted()
    return then(play, when, actions.hand_off, office_id=(office or world.parks).pk)


def then(play: Play, when: str, action: Any, **facts: Any) -> Play:
    with frozen_at(at(when)):
        return play.do(action, **facts)


def sweep(when: str) -> int:
    with frozen_at(at(when)):
        return sweep_handoffs()


def running(play: Play) -> Hold:
    return Hold.objects.get(request=play.request, is_lead=True, ended_at=None)


@pytest.mark.django_db
class TestTheClockOfAHandOff:
    def test_it_counts_the_working_hours_of_the_receiver(self) -> None:
        world = factories.world()
        mornings = WorkCalendar.objects.create(
            jurisdiction=world.jurisdiction, code="mornings", slots={str(day): [["08:00", "12:00"]] for day in range(5)}
        )
        Office.objects.filter(pk=world.parks.pk).update(work_calendar=mornings, accept_within_hours=6)
        assert running(handed(world)).expires_at == at("2026-05-05T12:00")

    def test_an_office_that_says_nothing_has_two_days_and_one_that_need_not_has_none(self) -> None:
        world = factories.world()
        assert running(handed(world)).expires_at == at("2026-05-06T10:00")
        Office.objects.filter(pk=world.parks.pk).update(accept_within_hours=0)
        assert running(handed(world)).expires_at is None

    def test_nobody_accepts_it_so_it_goes_back_with_an_alarm_and_the_promise_runs_on(self) -> None:
        world = factories.world()
        play = handed(world)
        due_at = play.request.due_at
        assert sweep("2026-05-06T09:59") == 0
        assert sweep("2026-05-06T10:00") == 1
        play.request.refresh_from_db()
        assert (play.request.office_id, play.request.status) == (world.roads.pk, Status.HANDED_OFF)
        assert play.request.due_at == due_at
        alarm = Alarm.objects.get()
        assert (alarm.kind, alarm.office_id, alarm.settled_at) == ("handoff_expired", world.parks.pk, None)
        event = RequestEvent.objects.filter(request=play.request).latest("sequence")
        assert (event.activity, event.actor, event.user_id) == ("expired", "system", None)
        assert dict(differences())[play.request.reference] == []
        then(play, "2026-05-06T11:00", actions.accept)
        sweep("2026-05-06T11:01")
        assert Alarm.objects.get().settled_at is not None

    def test_what_came_back_and_is_not_accepted_by_the_first_sender_stays_there(self) -> None:
        world = factories.world()
        play = handed(world)
        assert sweep("2026-05-06T10:00") == 1
        assert sweep("2026-06-30T10:00") == 0
        play.request.refresh_from_db()
        assert play.request.office_id == world.roads.pk

    def test_a_case_that_came_by_routing_never_expires(self) -> None:
        with frozen_at(at("2026-05-04T09:00")):
            Play.begin(factories.world())
        assert sweep("2027-05-04T09:00") == 0

    def test_what_was_accepted_in_time_stays(self) -> None:
        play = handed(factories.world())
        then(play, "2026-05-06T09:00", actions.accept)
        assert sweep("2026-06-06T10:00") == 0

    @pytest.mark.parametrize("action", ["hand_off", "request_review"])
    def test_an_office_closed_for_good_gets_nothing_any_more(self, action: str) -> None:
        world = factories.world()
        Office.objects.filter(pk=world.parks.pk).update(closes_on="2026-05-04")
        play = Play.begin(world)
        with frozen_at(at("2026-05-03T23:00")):
            play.accepted()
        with frozen_at(at("2026-05-04T00:30")), pytest.raises(actions.Refused) as refused:
            play.do(getattr(actions, action), office_id=world.parks.pk)
        assert "closed for good" in str(refused.value.fields["office"])
        assert play.request.office_id == world.roads.pk


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_and_one_who_accepts_leave_each_case_in_one_place() -> None:
    world = factories.world()
    for _ in range(8):
        play = handed(world)
        seen = factories.command(play.request, world.other_handler)

        def accept(command: actions.Command = seen) -> Any:
            with frozen_at(at("2026-05-06T11:00")):
                return actions.accept(command)

        results = race(partial(sweep, "2026-05-06T11:00"), partial(sweep, "2026-05-06T11:00"), accept)
        events = RequestEvent.objects.filter(request=play.request).order_by("sequence")
        last = events.last()
        assert last is not None
        assert [event.sequence for event in events] == [1, 2, 3, 4, 5], "one of them happened"
        assert last.activity in ("expired", "accepted")
        assert sum(r for r in results[:2] if isinstance(r, int)) == (last.activity == "expired")
    assert all(not fields for _reference, fields in differences())
