"""A reminder, a breach and an escalation of each promise: once, whatever happens to the workers that say so."""

import signal
import subprocess
import sys
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from requests_app import actions
from requests_app.actions.promise_notices import sweep_promises
from requests_app.clock import frozen_at
from requests_app.models import Office, OutboxEntry, PromiseNotice, Service
from requests_app.notify.addressees import addressees
from requests_app.notify.moments import Audience, News
from tests import factories
from tests.conftest import ROOT, server_environment
from tests.factories import World
from tests.races import race
from tests.scenarios import Play

TORONTO = ZoneInfo("America/Toronto")
DUE = "2026-05-08T16:30"
"""When a pothole filed on Monday, 4 May at 8:30 is promised: a Friday."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TORONTO)


def filed(world: World, when: str = "2026-05-04T08:30") -> Play:
    with frozen_at(at(when)):
        return Play.begin(world).accepted()


def sweep(when: str) -> int:
    with frozen_at(at(when)):
        return sweep_promises()


def said(play: Play) -> list[str]:
    notices = PromiseNotice.objects.filter(request=play.request).order_by("made_at", "pk")
    return [f"{n.clock} {n.kind}" for n in notices if n.clock == "resolve"]


def told() -> list[str]:
    return list(OutboxEntry.objects.filter(kind="news").order_by("pk").values_list("codes__news", flat=True))


def news() -> list[str]:
    """What was queued because of promises."""
    return [one for one in told() if one in ("due_soon", "overdue", "escalated")]


@pytest.mark.django_db
class TestOnce:
    def test_the_story_of_a_promise_that_nobody_kept(self) -> None:
        play = filed(factories.world())
        for when, so_far in (
            ("2026-05-07T16:29", []),
            ("2026-05-07T16:30", ["resolve reminder"]),
            ("2026-05-08T16:00", ["resolve reminder"]),
            ("2026-05-08T16:30", ["resolve reminder", "resolve breach"]),
            ("2026-05-12T16:00", ["resolve reminder", "resolve breach"]),
            ("2026-05-12T16:30", ["resolve reminder", "resolve breach", "resolve escalation"]),
            ("2026-06-12T16:30", ["resolve reminder", "resolve breach", "resolve escalation"]),
        ):
            sweep(when)
            assert said(play) == so_far, when
        assert news() == ["due_soon", "overdue", "escalated"]

    def test_working_hours_count_so_a_monday_is_reminded_of_on_friday(self) -> None:
        play = filed(factories.world(), "2026-05-04T09:30")
        sweep("2026-05-08T09:31")
        assert play.request.due_at == at("2026-05-11T09:30")
        assert said(play) == ["resolve reminder"], "eight hours are left: seven on Friday and one on Monday"

    def test_a_short_promise_is_not_reminded_of_before_half_of_it_has_gone(self) -> None:
        world = factories.world()
        Service.objects.filter(pk=world.pothole.pk).update(promises={"resolve": {"hours": 4}})
        play = filed(world)
        sweep("2026-05-04T10:29")
        assert said(play) == []
        sweep("2026-05-04T10:31")
        assert said(play) == ["resolve reminder"]

    def test_nothing_is_said_while_the_citizen_is_waited_for_and_a_new_date_is_a_new_promise(self) -> None:
        play = filed(factories.world())
        with frozen_at(at("2026-05-05T08:30")):
            play.do(actions.ask_citizen, question="Where?")
        sweep("2026-05-14T12:00")
        assert said(play) == []
        with frozen_at(at("2026-05-14T12:30")):
            play.do(actions.citizen_replies, viewer=play.citizen, answer="Here.")
        sweep("2026-05-21T12:30")
        assert said(play) == ["resolve breach"]
        assert PromiseNotice.objects.get(request=play.request, clock="resolve").due_at == play.request.due_at

    def test_nobody_is_escalated_who_gave_a_new_date_until_that_has_passed(self) -> None:
        play = filed(factories.world())
        sweep(DUE)
        with frozen_at(at("2026-05-11T08:30")):
            play.do(actions.delay, reason="parts", new_date=at("2026-05-20T12:00"))
        sweep("2026-05-20T11:59")
        assert said(play) == ["resolve breach"]
        sweep("2026-05-20T12:01")
        assert said(play) == ["resolve breach", "resolve escalation"]

    def test_what_is_closed_or_was_acknowledged_is_over(self) -> None:
        world = factories.world()
        Service.objects.filter(pk=world.pothole.pk).update(promises={"acknowledge": {"hours": 4}})
        with frozen_at(at("2026-05-04T08:30")):
            waits, taken = Play.begin(world), Play.begin(world).accepted()
        sweep("2026-05-04T12:31")
        notices = PromiseNotice.objects.filter(clock="acknowledge").values_list("request_id", "kind")
        assert list(notices) == [(waits.request.pk, "breach")]
        with frozen_at(at("2026-05-04T13:00")):
            taken.closed()
        sweep("2026-06-30T12:00")
        assert said(taken) == []

    def test_an_escalation_goes_to_the_office_above(self) -> None:
        world = factories.world()
        Office.objects.filter(pk=world.roads.pk).update(parent=world.intake)
        play = filed(world)
        sweep("2026-05-30T12:00")
        by_kind = dict(
            PromiseNotice.objects.filter(request=play.request, clock="resolve").values_list("kind", "office_id")
        )
        assert by_kind == {"breach": world.roads.pk, "escalation": world.intake.pk}
        Office.objects.filter(pk=world.intake.pk).update(email="above@example.org")
        receivers = addressees(News.ESCALATED, play.request, None)
        assert (Audience.ABOVE, world.intake.pk) in [(one.audience, one.pk) for one in receivers]

    def test_what_was_broken_long_ago_is_noted_and_no_news(self) -> None:
        play = filed(factories.world())
        sweep("2026-07-30T12:00")
        assert said(play) == ["resolve breach", "resolve escalation"]
        assert news() == []


KILLED = """
import os, signal
import django
django.setup()
from datetime import datetime
from django.db import transaction
from requests_app.actions.promise_notices import sweep_promises
from requests_app.clock import frozen_at
from requests_app.models import PromiseNotice
with transaction.atomic(), frozen_at(datetime.fromisoformat("{when}")):
    sweep_promises()
    assert PromiseNotice.objects.filter(clock="resolve").count() == 2
    os.kill(os.getpid(), signal.SIGKILL)
"""
"""A worker that has written every notice and is killed before it can commit."""


@pytest.mark.django_db(transaction=True)
class TestSeveralWorkers:
    def test_four_at_once_say_each_thing_once(self) -> None:
        world = factories.world()
        plays = [filed(world) for _ in range(6)]
        for when in ("2026-05-08T12:00", DUE, "2026-05-14T12:00"):
            results = race(*[partial(sweep, when)] * 4)
            assert all(isinstance(result, int) for result in results), "none failed, none met a deadlock"
        assert [said(play) for play in plays] == [["resolve reminder", "resolve breach", "resolve escalation"]] * 6
        assert sorted(news()) == sorted(["due_soon", "overdue", "escalated"] * 6)

    def test_one_that_is_killed_in_the_middle_loses_and_repeats_nothing(self) -> None:
        plays = [filed(factories.world()) for _ in range(2)]
        script = KILLED.format(when=at(DUE).isoformat())
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env=server_environment(), capture_output=True, check=False
        )
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()
        assert PromiseNotice.objects.count() == 0
        assert news() == []
        sweep(DUE)
        sweep(DUE)
        assert [said(play) for play in plays] == [["resolve breach"]] * 2
        assert news() == ["overdue"] * 2
