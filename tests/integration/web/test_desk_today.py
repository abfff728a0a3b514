"""Today: what each list holds, for whom, and that each number is the length of its list."""

from datetime import timedelta
from time import monotonic, sleep

import pytest
from django.db import connection
from django.db.models import Max
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from requests_app import actions
from requests_app.clock import frozen_at, now
from requests_app.models import DeskLook, OutboxEntry, RequestEvent, ServiceRequest, User
from requests_app.models.outbox import MAX_ATTEMPTS
from requests_app.permissions import Viewer
from requests_app.reads.today_lists import TodayList
from requests_app.states import Activity, Status, legal_activities
from tests import factories
from tests.factories import IN_THE_EAST, IN_THE_WEST, World
from tests.scenarios import ACTS, Play, act
from tests.tries import tries

pytestmark = pytest.mark.django_db
MOST_STATEMENTS = 8
PATIENCE_S = 60
REMARKS = [Activity.COMMENTED, Activity.NOTED, Activity.PERSON_ERASED]


@pytest.fixture
def town() -> World:
    return factories.world("testford")


def client_of(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


def numbers(client: Client) -> dict[str, int]:
    """The number beside each list of the page."""
    page = client.get("/desk/")
    assert page.status_code == 200, page.content.decode()
    return {one.pile.which: one.pile.count for one in page.context["lists"]} | {"late": page.context["late"]}


def listed(client: Client, which: str) -> list[str]:
    """The references of the list behind a number, every page of it."""
    address, found = f"/desk/queue/?list={which}" if which != "late" else "/desk/queue/?due=late", []
    while address:
        page = client.get(address)
        assert page.status_code == 200
        found += [row.reference for row in page.context["rows"]]
        address = f"/desk/queue/{page.context['further']}" if page.context["further"] else ""
    return found


def shown(client: Client) -> dict[str, list[str]]:
    """The lists that hold something, with the references of each."""
    return {which: listed(client, which) for which, number in numbers(client).items() if number}


# --- Each number is the length of its list ----------------------------------------------------------------------------


@settings(max_examples=tries(3), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(choices=st.data())
def test_after_any_walk_every_number_is_the_length_of_its_list_for_everybody(
    town: World, choices: st.DataObject
) -> None:
    begun = now() - timedelta(days=12)
    places = (IN_THE_WEST, IN_THE_EAST)
    with frozen_at(begun):
        plays = [Play.begin(town, location=place) for place in places * 2]
        plays.append(Play.begin(town, town.benefit, contact=actions.Contact(email="ana@example.org")))
    for hour in range(choices.draw(st.integers(4, 16))):
        play = choices.draw(st.sampled_from(plays))
        may = [a for a in legal_activities(Status(play.request.status)) if a in ACTS and not a.startswith("review")]
        with frozen_at(begun + timedelta(days=hour / 2)):
            wanted = choices.draw(st.sampled_from([*may, *REMARKS]))
            by_citizen = wanted is Activity.COMMENTED and choices.draw(st.booleans())
            act(play, wanted, viewer=play.citizen if by_citizen else None)
    for viewer in (town.handler, town.other_handler, town.intake_handler, town.manager, town.administrator):
        client = client_of(viewer)
        for which, number in numbers(client).items():
            assert number == len(listed(client, which)), (which, viewer)


# --- What each list holds --------------------------------------------------------------------------------------------


def test_a_hazard_is_urgent_or_marked_as_one(town: World) -> None:
    urgent, marked = Play.begin(town).accepted(), Play.begin(town).accepted()
    Play.begin(town).accepted()
    urgent.do(actions.reprioritize, priority=2)
    ServiceRequest.objects.filter(pk=marked.request.pk).update(tags=["transit", "safety"])
    assert set(listed(client_of(town.handler), "safety")) == {urgent.request.reference, marked.request.reference}
    urgent.closed()
    assert listed(client_of(town.handler), "safety") == [marked.request.reference]


def test_what_was_sent_stands_there_until_it_is_accepted(town: World) -> None:
    play = Play.begin(town)
    handler, other = client_of(town.handler), client_of(town.other_handler)
    assert listed(handler, "sent") == [play.request.reference]
    play.accepted()
    assert listed(handler, "sent") == []
    play.do(actions.request_review, office_id=town.parks.pk)
    assert (listed(handler, "sent"), listed(other, "sent")) == ([], [play.request.reference])
    play.do(actions.accept_review, viewer=town.other_handler, branch=1)
    assert listed(other, "sent") == []


def test_what_came_back_is_its_own_list(town: World) -> None:
    play = Play.begin(town).accepted().do(actions.hand_off, office_id=town.parks.pk)
    play.do(actions.bounce, reason="wrong_office")
    handler, manager = client_of(town.handler), client_of(town.manager)
    assert (listed(handler, "bounced"), listed(handler, "sent")) == ([play.request.reference], [])
    play.accepted()
    assert listed(handler, "bounced") == []
    routed = Play.begin(town).do(actions.bounce, reason="wrong_area")
    assert (listed(manager, "bounced"), listed(handler, "bounced")) == ([routed.request.reference], [])


def test_a_citizen_s_answer_waits_until_somebody_of_the_office_acts(town: World) -> None:
    play = Play.begin(town).reach(Status.WAITING_CITIZEN)
    client = client_of(town.handler)
    assert listed(client, "answered") == []
    play.do(actions.citizen_replies, viewer=play.citizen, answer="At the corner.")
    assert listed(client, "answered") == [play.request.reference]
    play.do(actions.note, body="Read.")
    assert listed(client, "answered") == []


def test_what_a_citizen_says_of_a_closed_case_waits_for_thirty_days(town: World) -> None:
    play = Play.begin(town)
    play.closed().do(actions.comment, viewer=play.citizen, body="It is still there.")
    client = client_of(town.handler)
    assert listed(client, "answered") == [play.request.reference]
    with frozen_at(now() + timedelta(days=31)):
        assert listed(client, "answered") == []


def test_an_answer_taken_by_telephone_was_heard_already(town: World) -> None:
    play = Play.begin(town).reach(Status.WAITING_CITIZEN)
    play.do(actions.citizen_replies, answer="At the corner.")
    assert listed(client_of(town.handler), "answered") == []


def test_what_is_due_today_and_tomorrow_and_what_is_late(town: World) -> None:
    play = Play.begin(town).accepted()
    due_at = play.request.due_at
    client = client_of(town.handler)
    for away, where in ((timedelta(days=4), None), (timedelta(hours=20), "due"), (timedelta(hours=-1), "late")):
        with frozen_at(due_at - away):
            assert [which for which in ("due", "late") if listed(client, which)] == ([where] if where else [])


def test_mail_that_was_given_up_is_shown_with_its_case_even_when_that_is_closed(town: World) -> None:
    play = Play.begin(town, contact=actions.Contact(email="ana@example.org")).closed()
    assert listed(client_of(town.handler), "mail") == []
    OutboxEntry.objects.filter(request=play.request).update(attempts=MAX_ATTEMPTS)
    assert listed(client_of(town.handler), "mail") == [play.request.reference]
    assert listed(client_of(town.other_handler), "mail") == []


def test_what_was_put_off_comes_again_on_its_day_until_somebody_goes_on_with_it(town: World) -> None:
    play = Play.begin(town).accepted()
    play.do(actions.put_off, reason="season", until=now() + timedelta(days=3))
    client = client_of(town.handler)
    assert listed(client, "put-off") == []
    with frozen_at(now() + timedelta(days=4)):
        assert listed(client, "put-off") == [play.request.reference]
        play.do(actions.start)
        assert listed(client, "put-off") == []


# --- New since I last looked -----------------------------------------------------------------------------------------


def look(client: Client) -> None:
    """Press the button of the page once it has seen every event there is.

    A transaction that runs elsewhere on the server, as those of tests beside this one, holds the cursor back for as
    long as it runs.
    """
    newest = RequestEvent.objects.aggregate(newest=Max("xact"))["newest"] or 0
    begun = monotonic()
    while (seen := client.get("/desk/").context["desk"].cursor.xact) <= newest and monotonic() - begun < PATIENCE_S:
        sleep(0.05)
    assert client.post("/desk/looked/", {"seen": seen}).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_new_is_what_came_by_others_since_one_said_that_one_looked(town: World) -> None:
    first = Play.begin(town)
    handler, manager = client_of(town.handler), client_of(town.manager)
    assert listed(handler, "new") == listed(manager, "new") == [first.request.reference]
    look(handler)
    assert (listed(handler, "new"), listed(manager, "new")) == ([], [first.request.reference])
    second, elsewhere = Play.begin(town), Play.begin(town, location=IN_THE_EAST).accepted()
    assert listed(handler, "new") == [second.request.reference]
    elsewhere.do(actions.hand_off, office_id=town.roads.pk)
    assert set(listed(handler, "new")) == {second.request.reference, elsewhere.request.reference}
    look(handler)
    second.accepted().do(actions.hand_off, office_id=town.parks.pk)
    assert listed(handler, "new") == []


@pytest.mark.django_db(transaction=True)
def test_a_request_that_came_while_the_page_was_read_is_still_new_after_the_button(town: World) -> None:
    client = client_of(town.handler)
    seen = client.get("/desk/").context["desk"].cursor.xact
    late = Play.begin(town)
    client.post("/desk/looked/", {"seen": seen})
    assert listed(client, "new") == [late.request.reference]


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 40])
def test_a_button_without_a_page_is_refused(town: World, seen: str) -> None:
    assert client_of(town.handler).post("/desk/looked/", {"seen": seen}).status_code == 422
    assert not DeskLook.objects.exists()


def test_nobody_looks_into_the_future_or_back(town: World) -> None:
    client = client_of(town.handler)
    client.post("/desk/looked/", {"seen": 10**17})
    noted = DeskLook.objects.get()
    assert noted.xact < 10**16
    client.post("/desk/looked/", {"seen": 3})
    assert DeskLook.objects.get().xact == noted.xact


# --- The page --------------------------------------------------------------------------------------------------------


def test_the_page_says_when_there_is_nothing(town: World) -> None:
    page = client_of(town.handler).get("/desk/").content.decode()
    assert "Nothing waits for you now." in page


def test_an_address_of_the_list_that_once_stood_here_leads_to_it(town: World) -> None:
    answer = client_of(town.manager).get("/desk/?kind=closed&place=testford")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/desk/queue/?kind=closed&place=testford")


def test_the_list_says_which_it_is_and_a_case_of_it_leads_to_the_next(town: World) -> None:
    first, second = Play.begin(town), Play.begin(town)
    client = client_of(town.handler)
    page = client.get("/desk/queue/?list=sent&place=testford&tab=office")
    assert "Sent here, not accepted yet" in page.content.decode()
    case = client.get(f"/desk/requests/{first.request.reference}/?{page.context['query']}")
    assert case.context["behind"] == second.request.reference


def test_a_list_that_there_is_not_is_refused(town: World) -> None:
    page = client_of(town.manager).get("/desk/queue/?list=yesterday")
    assert page.status_code == 422
    assert "There is no such list." in page.content.decode()


def test_the_page_costs_the_same_however_many_cases_there_are(town: World) -> None:
    client = client_of(town.manager)
    look(client)
    for _ in range(12):
        Play.begin(town, location=IN_THE_EAST).do(actions.reprioritize, viewer=town.manager, priority=2)
    with CaptureQueriesContext(connection) as captured:
        page = client.get("/desk/")
    assert len(captured) <= MOST_STATEMENTS, [query["sql"][:90] for query in captured.captured_queries]
    assert [len(one.pile.rows) for one in page.context["filled"] if one.pile.count == 12] == [5, 5, 5]
    assert page.context["filled"][0].pile.which == TodayList.SAFETY
    assert RequestEvent.objects.count() == 36
