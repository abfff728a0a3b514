"""The promise on the pages: what the citizen reads when it is kept, late or stands still, and what the desk sees."""

import re
from datetime import datetime
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from requests_app import actions
from requests_app.actions.promise_notices import sweep_promises
from requests_app.clock import frozen_at
from requests_app.models import Service, ServiceRequest, User
from requests_app.permissions import Viewer
from tests import factories
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
TORONTO = ZoneInfo("America/Toronto")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TORONTO)


@pytest.fixture
def play() -> Play:
    """A pothole filed on Monday, 4 May and promised for Friday the 8th, at work since Monday."""
    world = factories.world("testford")
    Service.objects.filter(pk=world.pothole.pk).update(promises={"acknowledge": {"hours": 4}, "resolve": {"hours": 40}})
    with frozen_at(at("2026-05-04T08:30")):
        play = Play.begin(world)
    return then(play, "2026-05-04T09:30", actions.accept)


def then(play: Play, when: str, action: Any, **facts: Any) -> Play:
    with frozen_at(at(when)):
        return play.do(action, **facts)


def read(address: str, when: str, client: Client | None = None) -> str:
    """The words of a page, as they are read."""
    with frozen_at(at(when)):
        page = (client or Client()).get(address)
    assert page.status_code == 200
    main = page.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def public(play: Play, when: str, language: str = "en") -> str:
    return read(f"/requests/{play.request.reference}/?lang={language}", when)


def client_of(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


def desk(play: Play, when: str) -> str:
    return read(f"/desk/requests/{play.request.reference}/", when, client_of(play.world.handler))


# --- What citizens read ----------------------------------------------------------------------------------------------


def test_while_there_is_time_the_promise_is_said(play: Play) -> None:
    said = public(play, "2026-05-05T12:00")
    assert "An answer is promised by Friday, May 8, 2026." in said
    assert "late" not in said


def test_late_is_said_plainly_with_the_promise_the_reason_and_the_new_date_in_both_languages(play: Play) -> None:
    assert "No new date has been given." in public(play, "2026-05-11T16:30")
    then(play, "2026-05-11T16:45", actions.delay, reason="parts", new_date=at("2026-05-20T23:59"))
    said = public(play, "2026-05-12T16:30")
    assert "An answer was promised by Friday, May 8, 2026. It is 4 days late." in said
    assert "The reason: Parts on order. The new date is Wednesday, May 20, 2026." in said
    french = public(play, "2026-05-12T16:30", "fr")
    assert "La raison : Des pièces en commande." in french
    assert "La nouvelle date est le mercredi 20 mai 2026." in french
    assert "The new date, Wednesday, May 20, 2026, has passed as well." in public(play, "2026-05-25T12:00")


def test_a_promise_that_will_not_be_kept_can_be_told_before_it_breaks(play: Play) -> None:
    then(play, "2026-05-06T16:45", actions.delay, reason="weather", new_date=at("2026-05-20T23:59"))
    said = public(play, "2026-05-07T09:00")
    assert "The reason: The weather. We will not keep this date. The new date is Wednesday, May 20, 2026." in said


def test_while_the_citizen_is_waited_for_nothing_gets_late_and_then_the_day_moves_on(play: Play) -> None:
    then(play, "2026-05-06T12:30", actions.ask_citizen, question="Which house is it?")
    said = public(play, "2026-05-20T12:30")
    assert "The time stands still until the question is answered" in said
    assert "late" not in said
    then(play, "2026-05-20T12:30", actions.citizen_replies, viewer=play.citizen, answer="Number 7.")
    said = public(play, "2026-05-20T13:00")
    assert "An answer is promised by Friday, May 22, 2026." in said
    assert "At first it was promised by Friday, May 8, 2026; the time stood still for 14 days" in said
    assert "promised by Friday, May 22, 2026 from now on" in said


def test_a_case_that_is_open_again_is_measured_by_today_and_no_longer_by_its_first_end(play: Play) -> None:
    then(play, "2026-05-05T16:30", actions.close, outcome="resolved")
    assert "It was closed in time." in public(play, "2026-05-06T12:30")
    then(play, "2026-05-12T08:30", actions.reopen, viewer=play.citizen)
    assert "An answer is promised by Thursday, May 14, 2026." in public(play, "2026-05-12T12:00")
    assert "It is 1 day" in public(play, "2026-05-15T17:30")


# --- What the desk sees ----------------------------------------------------------------------------------------------


def test_the_desk_shows_every_clock_and_what_was_not_counted(play: Play) -> None:
    said = desk(play, "2026-05-05T12:00")
    assert "Acknowledged Monday, May 4, 2026 at 12:30 pm kept: Monday, May 4, 2026 at 9:30 am" in said
    assert "Resolved Friday, May 8, 2026 at 4:30 pm" in said
    then(play, "2026-05-06T12:30", actions.ask_citizen, question="Which house is it?")
    assert "Waited for the citizen 2 days and still waiting: the promise stands still" in desk(play, "2026-05-08T12:30")
    then(play, "2026-05-08T12:30", actions.citizen_replies, viewer=play.citizen, answer="Number 7.")
    said = desk(play, "2026-05-08T13:00")
    assert "Promise changed from Friday, May 8, 2026 to Tuesday, May 12, 2026: The citizen answered" in said
    with frozen_at(at("2026-05-12T16:31")):
        sweep_promises()
    said = desk(play, "2026-05-12T16:32")
    assert "Told that the date was missed" in said
    assert "missed" in said


def test_a_new_date_is_given_at_the_desk_with_its_reason(play: Play) -> None:
    client, address = client_of(play.world.handler), f"/desk/requests/{play.request.reference}/moves/late/"
    given = {"version": play.request.version, "reason": "backlog", "new_date": "2026-05-20", "words": "We are short."}
    with frozen_at(at("2026-05-11T12:00")):
        refused = client.post(address, {**given, "reason": ""})
        assert refused.status_code == 422
        assert "We are short." in refused.content.decode(), "what was typed is kept"
        passed = client.post(address, {**given, "new_date": "2026-05-01"})
        assert passed.status_code == 422
        assert "The date has passed" in passed.content.decode()
        assert client.post(address, given).status_code == 302
    request = ServiceRequest.objects.get(pk=play.request.pk)
    assert request.delayed_until == at("2026-05-20T23:59")
    assert "New date given Wednesday, May 20, 2026 (More requests than hands)" in desk(play, "2026-05-11T12:30")


def test_the_queue_calls_nothing_late_that_waits_for_the_citizen(play: Play) -> None:
    client = client_of(play.world.handler)
    then(play, "2026-05-06T12:30", actions.ask_citizen, question="Which house is it?")
    with frozen_at(at("2026-05-20T12:00")):
        assert play.request.reference not in client.get("/desk/queue/?due=late").content.decode()
        everything = client.get("/desk/queue/").content.decode()
    assert play.request.reference in everything
    assert "case-row--late" not in everything
