"""What rows of the desk say: when it is due, since when it waits, where an answer is; and keys that are turned off."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from requests_app import actions
from requests_app.clock import frozen_at, now
from requests_app.models import User
from requests_app.permissions import Viewer
from requests_app.states import Status
from requests_app.templatetags.desk import due_words
from tests import factories
from tests.factories import World
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 12, 0, tzinfo=ZoneInfo("America/Toronto"))


@pytest.fixture
def town() -> World:
    return factories.world("testford")


def client_of(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (NOON.replace(hour=16, minute=30), "Due today at 4:30 pm"),
        (NOON + timedelta(hours=13), "Due tomorrow at 1:00 am"),
        (NOON + timedelta(hours=35), "Due tomorrow at 11:00 pm"),
        (NOON + timedelta(hours=37), "Due in 2\u00a0days"),
        (NOON + timedelta(days=2, hours=6), "Due in 2\u00a0days"),
        (NOON - timedelta(hours=3), "3\u00a0hours late"),
        (NOON - timedelta(days=3, hours=5), "3\u00a0days late"),
    ],
)
def test_a_promise_is_told_in_days_of_the_calendar(town: World, due: datetime, words: str) -> None:
    assert due_words(due, NOON, town.jurisdiction) == words


def test_a_promise_that_stands_still_is_told_so(town: World) -> None:
    Play.begin(town).reach(Status.WAITING_CITIZEN)
    assert "The promise stands still" in client_of(town.handler).get("/desk/queue/").content.decode()


def test_a_case_whose_citizen_answered_opens_on_the_answer(town: World) -> None:
    play = Play.begin(town).reach(Status.WAITING_CITIZEN)
    play.do(actions.citizen_replies, viewer=play.citizen, answer="At the corner.")
    sequence = play.request.events.get(activity="citizen_replied").sequence
    client = client_of(town.handler)
    for page in ("/desk/", "/desk/queue/?list=answered"):
        assert f"#event-{sequence}" in client.get(page).content.decode(), page
    case = client.get(f"/desk/requests/{play.request.reference}/").content.decode()
    assert f'id="event-{sequence}"' in case


def test_other_lists_open_a_case_at_its_top(town: World) -> None:
    Play.begin(town)
    assert "#event-" not in client_of(town.handler).get("/desk/").content.decode()


def test_what_was_sent_says_how_long_it_waits(town: World) -> None:
    with frozen_at(now() - timedelta(days=9)):
        play = Play.begin(town).accepted()
    with frozen_at(now() - timedelta(hours=20)):
        play.do(actions.hand_off, office_id=town.parks.pk)
    client = client_of(town.other_handler)
    assert "waits for 20\u00a0hours" in client.get("/desk/").content.decode()
    page = client.get("/desk/hand-offs/?side=received").content.decode()
    assert "waits for 20\u00a0hours" in page
    assert '<span class="tag tag--late">Late</span>' in page, "the promise of the request has passed"


def test_a_hand_off_in_time_has_no_late_mark(town: World) -> None:
    Play.begin(town).accepted().do(actions.hand_off, office_id=town.parks.pk)
    assert "tag--late" not in client_of(town.other_handler).get("/desk/hand-offs/?side=received").content.decode()


# --- Keys that are turned off -----------------------------------------------------------------------------------------


def test_single_keys_are_on_until_somebody_turns_them_off_in_this_browser(town: World) -> None:
    client = client_of(town.handler)
    assert "keys-off" not in client.get("/desk/").content.decode()
    assert client.post("/desk/keys/set/", {"keys": "off"}).status_code == 302
    for page in ("/desk/", "/desk/queue/", "/desk/hand-offs/", "/desk/workload/", "/desk/visits/", "/desk/call/"):
        assert '<body class="desk-page keys-off">' in client.get(page).content.decode(), page
    assert "Single keys are off in this browser." in client.get("/desk/keys/").content.decode()
    client.post("/desk/keys/set/", {"keys": "on"})
    assert "keys-off" not in client.get("/desk/").content.decode()
    assert '<body class="desk-page">' in client_of(town.handler).get("/desk/").content.decode(), "another browser"


def test_every_page_of_the_desk_lists_its_keys_once(town: World) -> None:
    play = Play.begin(town)
    case = f"/desk/requests/{play.request.reference}/"
    pages = ("", "queue/", "hand-offs/", "workload/", "visits/", "call/", "away/", "keys/")
    for page in (case, *(f"/desk/{name}" for name in pages)):
        assert client_of(town.handler).get(page).content.decode().count('id="keys"') == 1, page


@pytest.mark.parametrize("keys", ["", "perhaps"])
def test_a_switch_that_says_nothing_is_refused(town: World, keys: str) -> None:
    answer = client_of(town.handler).post("/desk/keys/set/", {"keys": keys})
    assert (answer.status_code, "desk_keys" in answer.cookies) == (422, False)
