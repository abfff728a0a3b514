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


@pytest.mark.django_db
class TestWhatCameToTheWrongOffice:
    """The receiving office sends it on at once: one event, no acceptance, and nothing stops."""

    def test_what_was_routed_goes_on_and_what_the_next_office_refuses_comes_back_to_who_chose(self) -> None:
        world = factories.world()
        play = Play.begin(world)
        due_at = play.request.due_at
        play.do(actions.forward, office_id=world.parks.pk, reason="wrong_area", note="A park, not a road.")
        assert (play.request.office_id, play.request.status, play.request.due_at) == (
            world.parks.pk,
            Status.HANDED_OFF,
            due_at,
        )
        passed, now_there = Hold.objects.filter(request=play.request).order_by("number")
        assert (passed.office_id, passed.accepted_at, passed.ended_by) == (world.roads.pk, None, "handed_off")
        assert (now_there.sender_id, now_there.accepted_at) == (world.roads.pk, None)
        assert now_there.expires_at is not None
        event = RequestEvent.objects.filter(request=play.request).latest("sequence")
        assert (event.activity, event.from_status, event.reason) == ("handed_off", "triaged", "wrong_area")
        play.do(actions.bounce, reason="wrong_office")
        assert (play.request.office_id, play.request.status) == (world.roads.pk, Status.HANDED_OFF)
        play.do(actions.bounce, reason="wrong_office")
        assert (play.request.office_id, play.request.status) == (None, Status.RECEIVED)
        assert dict(differences())[play.request.reference] == []

    def test_what_was_handed_off_goes_on_and_can_be_taken_back(self) -> None:
        world = factories.world()
        play = handed(world)
        then(play, "2026-05-04T10:05", actions.forward, office_id=world.intake.pk, reason="wrong_office")
        assert running(play).sender_id == world.parks.pk
        then(play, "2026-05-04T10:10", actions.recall, viewer=world.other_handler)
        assert (play.request.office_id, play.request.status) == (world.parks.pk, Status.ASSIGNED)
        assert dict(differences())[play.request.reference] == []

    def test_an_office_that_leaves_it_gives_it_back_to_who_sent_it_on(self) -> None:
        world = factories.world()
        play = handed(world)
        then(play, "2026-05-04T10:05", actions.forward, office_id=world.intake.pk, reason="wrong_office")
        assert sweep("2026-05-07T10:00") == 1
        play.request.refresh_from_db()
        assert play.request.office_id == world.parks.pk

    @pytest.mark.parametrize(
        ("office", "reason", "field", "words"),
        [
            ("roads", "wrong_office", "office", "Send it back instead"),
            ("parks", "wrong_office", "office", "holds the request already"),
            ("intake", "", "reason", "Choose a reason"),
            ("intake", "no_capacity", "reason", "Choose a reason"),
        ],
    )
    def test_what_cannot_be_is_refused_by_its_field(self, office: str, reason: str, field: str, words: str) -> None:
        world = factories.world()
        play = handed(world)
        with frozen_at(at("2026-05-04T10:05")), pytest.raises(actions.Refused) as refused:
            play.do(actions.forward, office_id=getattr(world, office).pk, reason=reason)
        assert words in str(refused.value.fields[field])
        assert RequestEvent.objects.filter(request=play.request).count() == 4

    def test_what_was_accepted_is_handed_off_and_only_the_office_itself_sends_on(self) -> None:
        world = factories.world()
        play = Play.begin(world)
        with pytest.raises(actions.ActionError):
            play.do(actions.hand_off, office_id=world.parks.pk)
        with pytest.raises(actions.errors.Forbidden):
            play.do(actions.forward, office_id=world.parks.pk, reason="other", viewer=world.other_handler)
        play.accepted()
        with pytest.raises(actions.errors.Illegal):
            play.do(actions.forward, office_id=world.parks.pk, reason="other")


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
