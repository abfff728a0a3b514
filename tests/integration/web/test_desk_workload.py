"""Workload: every number is the length of the list it leads to, for everybody; whose work one sees; what it costs."""

from datetime import datetime, timedelta
from urllib.parse import parse_qs

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from requests_app import actions
from requests_app.clock import frozen_at, now
from requests_app.models import Membership, ServiceRequest, User
from requests_app.permissions import Role, Viewer
from requests_app.states import Status, legal_activities
from tests import factories
from tests.factories import IN_THE_EAST, IN_THE_WEST, World
from tests.scenarios import ACTS, Play, act
from tests.tries import tries

pytestmark = pytest.mark.django_db
MOST_STATEMENTS = 8


@pytest.fixture
def town() -> World:
    return factories.world("testford")


def client_of(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


def numbers(client: Client, query: str = "") -> dict[str, int]:
    """Every number of the page by the query it leads to; the same query never with two numbers."""
    page = client.get(f"/desk/workload/?{query}")
    assert page.status_code == 200, page.content.decode()
    found: dict[str, int] = {}
    for line in (page.context["whole"], *page.context["lines"]):
        for number in (*line.numbers, *line.bands):
            assert found.setdefault(number.query, number.count) == number.count, number
    return found


def listed(client: Client, query: str) -> list[str]:
    page = client.get(f"/desk/queue/?{query}")
    assert page.status_code == 200, page.context["asked"].problems
    assert page.context["further"] == ""
    return [row.reference for row in page.context["rows"]]


def figure(client: Client, line: str, **wanted: str) -> int:
    """One number of one line of the page, by the filters it leads to."""
    page = client.get("/desk/workload/")
    of_line = next(one for one in page.context["lines"] if one.name == line)
    for number in (*of_line.numbers, *of_line.bands):
        asked = {name: values[0] for name, values in parse_qs(number.query).items()}
        if {name: asked[name] for name in asked if name not in ("place", "tab", "office", "person")} == wanted:
            return int(number.count)
    raise AssertionError(f"no number leads to {wanted}")


# --- Each number is the length of its list ----------------------------------------------------------------------------


@settings(max_examples=tries(2), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(choices=st.data())
def test_after_any_walk_every_number_is_the_length_of_its_list_for_everybody(
    town: World, choices: st.DataObject
) -> None:
    begun = now() - timedelta(days=100)
    plays = []
    for place in (IN_THE_WEST, IN_THE_EAST) * 3:
        with frozen_at(begun + timedelta(days=choices.draw(st.integers(0, 99)))):
            plays.append(Play.begin(town, location=place))
    for _step in range(choices.draw(st.integers(4, 18))):
        play = choices.draw(st.sampled_from(plays))
        may = [a for a in legal_activities(Status(play.request.status)) if a in ACTS and not a.startswith("review")]
        moment = max(play.request.updated_at, now() - timedelta(days=choices.draw(st.integers(0, 12))))
        with frozen_at(moment + timedelta(minutes=1)):
            act(play, choices.draw(st.sampled_from(may)))
    with frozen_at(now() + timedelta(hours=1)):
        for viewer in (town.handler, town.other_handler, town.manager, town.administrator):
            client = client_of(viewer)
            for office in ("", "office=roads", "office=none") if viewer in (town.manager,) else ("",):
                for query, number in numbers(client, office).items():
                    assert number == len(listed(client, query)), (query, viewer)


def test_the_oldest_is_the_first_of_its_list(town: World) -> None:
    with frozen_at(now() - timedelta(days=64, hours=2)):
        oldest = Play.begin(town)
    Play.begin(town)
    client = client_of(town.manager)
    line = next(one for one in client.get("/desk/workload/").context["lines"] if one.name == town.roads.name)
    assert (line.oldest_days, listed(client, line.oldest_query)[0]) == (64, oldest.request.reference)


# --- What the figures are --------------------------------------------------------------------------------------------


EDGES = {0: "0-2", 2: "0-2", 3: "3-7", 7: "3-7", 8: "8-30", 30: "8-30", 31: "31-90", 90: "31-90", 91: "over-90"}


@pytest.mark.parametrize(("days", "band"), EDGES.items())
def test_a_case_stands_in_the_band_of_its_whole_days(town: World, days: int, band: str) -> None:
    filed = datetime.fromisoformat("2026-03-02T10:00:00-05:00")
    with frozen_at(filed):
        Play.begin(town)
    for moment in (filed + timedelta(days=days), filed + timedelta(days=days, hours=23, minutes=59)):
        with frozen_at(moment):
            assert figure(client_of(town.handler), "Given to nobody", work=f"days-{band}") == 1


def test_what_is_open_late_not_accepted_or_waits_for_the_citizen(town: World) -> None:
    begun = now() - timedelta(days=30)
    with frozen_at(begun):
        Play.begin(town)
        Play.begin(town).accepted()
        Play.begin(town).reach(Status.WAITING_CITIZEN)
        Play.begin(town).closed()
    client = client_of(town.manager)
    wanted = [{}, {"due": "late"}, {"work": "not-accepted"}, {"work": "waiting"}]
    assert [figure(client, town.roads.name, **filters) for filters in wanted] == [3, 2, 1, 1]


def test_a_week_counts_what_came_and_what_was_closed(town: World) -> None:
    with frozen_at(now() - timedelta(days=8)):
        old, older = Play.begin(town), Play.begin(town)
        older.closed()
    Play.begin(town).closed()
    old.closed()
    Play.begin(town)
    client = client_of(town.manager)
    assert [figure(client, town.roads.name, work=name) for name in ("new", "closed")] == [2, 2]


def test_an_office_is_told_by_person(town: World) -> None:
    first = Play.begin(town).accepted()
    first.do(actions.assign, handler_id=town.handler.user_id)
    second = Play.begin(town).accepted()
    page = client_of(town.manager).get("/desk/workload/?office=roads")
    name = User.objects.get(pk=town.handler.user_id).display_name
    assert [(line.name, line.numbers[0].count) for line in page.context["lines"]] == [(name, 1), ("Given to nobody", 1)]
    client = client_of(town.handler)
    lists = [listed(client, line.numbers[0].query) for line in client.get("/desk/workload/").context["lines"]]
    assert lists == [[first.request.reference], [second.request.reference]]


# --- Whose work one sees ----------------------------------------------------------------------------------------------


def test_a_handler_sees_the_own_office_and_not_what_passed_through_it(town: World) -> None:
    passed = Play.begin(town).accepted().do(actions.hand_off, office_id=town.parks.pk)
    Play.begin(town).accepted()
    page = client_of(town.handler).get("/desk/workload/")
    assert page.context["whole"].sentence.startswith(f"{town.roads.name} holds 1 open request;")
    assert passed.request.office_id == town.parks.pk
    assert client_of(town.handler).get("/desk/workload/?office=parks").status_code == 422


def test_a_manager_of_one_office_sees_that_office(town: World) -> None:
    Play.begin(town)
    Play.begin(town, location=IN_THE_EAST)
    boss = factories.member(Role.MANAGER, town.jurisdiction, town.parks)
    page = client_of(boss).get("/desk/workload/")
    assert page.context["whole"].sentence.startswith(f"{town.parks.name} holds 1 open request;")


def of_two_offices(town: World) -> Viewer:
    both = factories.member(Role.HANDLER, town.jurisdiction, town.roads)
    Membership.objects.create(
        user_id=both.user_id, role=Role.HANDLER, jurisdiction=town.jurisdiction, office=town.parks
    )
    return both


def test_all_together_of_two_offices_is_theirs_by_name_and_by_number(town: World) -> None:
    """What one of them only reviews is in the list of the office, and in no number of its workload."""
    for place in (IN_THE_WEST, IN_THE_WEST, IN_THE_EAST):
        Play.begin(town, location=place).accepted()
    Play.begin(town, town.benefit).accepted().do(actions.request_review, office_id=town.parks.pk)
    client = client_of(of_two_offices(town))
    for query, number in numbers(client).items():
        assert number == len(listed(client, query)), query
    page = client.get("/desk/workload/")
    assert page.context["whole"].sentence.startswith("Your offices together hold 3 open requests;")
    assert town.jurisdiction.name not in page.context["title"]
    queue = client.get(f"/desk/queue/?{page.context['whole'].numbers[0].query}")
    assert "My offices (3)" in queue.content.decode()
    assert client_of(town.handler).get("/desk/queue/?office=own").status_code == 422


def test_whoever_sees_one_service_only_reads_that_it_is_a_part_of_the_city(town: World) -> None:
    Play.begin(town)
    Play.begin(town, town.needle)
    boss = factories.member(Role.MANAGER, town.jurisdiction)
    Membership.objects.filter(user_id=boss.user_id).update(service=town.needle)
    page = client_of(boss).get("/desk/workload/")
    assert page.context["whole"].sentence.startswith("Your part of Testford holds 1 open request;")


def test_the_name_of_somebody_who_has_nothing_here_is_not_told(town: World) -> None:
    stranger = factories.user("a-stranger-elsewhere")
    page = client_of(town.manager).get(f"/desk/queue/?person={stranger.pk}")
    assert page.status_code == 422
    assert stranger.display_name not in page.content.decode()


@pytest.mark.parametrize("query", ["work=everything", "person=x", "person=-1", "person=" + "9" * 40])
def test_a_figure_or_a_person_that_there_is_not_is_refused(town: World, query: str) -> None:
    page = client_of(town.manager).get(f"/desk/queue/?{query}")
    assert page.status_code == 422
    assert "Choose" in page.content.decode()


# --- The page ---------------------------------------------------------------------------------------------------------


def test_the_first_sentence_says_it_all_in_both_languages(town: World) -> None:
    with frozen_at(now() - timedelta(days=64, hours=2)):
        Play.begin(town)
    Play.begin(town)
    client = client_of(town.manager)
    english = client.get("/desk/workload/?office=roads").content.decode()
    assert "Roads office holds 2 open requests; 1 is past its date; the oldest has waited 64 days." in english
    french = client.get("/desk/workload/?office=roads&lang=fr", follow=True).content.decode()
    assert "Bureau roads : 2 demandes ouvertes; 1 a dépassé sa date; la plus ancienne attend depuis 64 jours." in french


def test_an_empty_city_says_so(town: World) -> None:
    page = client_of(town.manager).get("/desk/workload/").content.decode()
    assert "Testford holds 0 open requests." in page
    assert "Nothing is waiting" in page


def test_the_list_says_which_figure_and_whose_it_is_and_its_form_keeps_both(town: World) -> None:
    play = Play.begin(town).accepted()
    play.do(actions.assign, handler_id=town.handler.user_id)
    page = client_of(town.manager).get(f"/desk/queue/?work=days-0-2&person={town.handler.user_id}")
    name = User.objects.get(pk=town.handler.user_id).display_name
    assert page.context["on_list"] == f"Filed 0 to 2 days ago · {name}"
    assert {("work", "days-0-2"), ("person", str(town.handler.user_id))} <= set(page.context["kept"])


def test_the_page_costs_the_same_however_many_cases_there_are(town: World) -> None:
    client = client_of(town.manager)
    client.get("/desk/workload/")
    for place in (IN_THE_WEST, IN_THE_EAST) * 4:
        Play.begin(town, location=place).accepted()
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/desk/workload/").status_code == 200
    assert len(captured) <= MOST_STATEMENTS, [query["sql"][:90] for query in captured.captured_queries]
    assert ServiceRequest.objects.count() == 8
