"""The queue: what is in it, for whom, in which order, and what it costs."""

import gzip
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from requests_app import actions
from requests_app.clock import frozen_at, now
from requests_app.models import Jurisdiction, Provenance, ServiceRequest, User
from requests_app.permissions import Role, Viewer
from requests_app.reads.queue import QueueFilter, Sort, Tab, cases, neighbours, queue_page
from requests_app.reads.queue_counts import counts
from requests_app.states import Outcome
from tests import factories
from tests.factories import IN_THE_EAST, IN_THE_WEST, World, command, file_request

pytestmark = pytest.mark.django_db
MOST_STATEMENTS = 8


@pytest.fixture
def town() -> World:
    return factories.world("testford")


def client_of(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


def listed(client: Client, query: str = "") -> list[str]:
    """The references a queue shows, in order."""
    response = client.get(f"/desk/queue/{query}")
    assert response.status_code == 200, response.content.decode()
    return [row.reference for row in response.context["rows"]]


def accepted(town: World, request: ServiceRequest) -> ServiceRequest:
    actions.accept(command(request, town.handler_of(request.office_id)))
    request.refresh_from_db()
    return request


# --- Who ------------------------------------------------------------------------------------------------------------


def test_a_stranger_is_sent_to_the_sign_in_page_and_back(client: Client, town: World) -> None:
    response = client.get("/desk/queue/?kind=new")
    assert response.status_code == 302
    assert response.headers["Location"] == "/sign-in/?next=%2Fdesk%2Fqueue%2F%3Fkind%3Dnew"


@pytest.mark.parametrize(
    "address", ["/desk/", "/desk/map.json", "/desk/rows/", "/desk/changes/?since=0,0", "/desk/call/"]
)
def test_an_evaluator_has_no_desk(town: World, address: str) -> None:
    assert client_of(town.evaluator).get(address).status_code == 403


def test_a_handler_sees_what_is_at_their_office_and_what_passed_through_it(town: World) -> None:
    west = accepted(town, file_request(town.pothole, location=IN_THE_WEST))
    east = file_request(town.pothole, location=IN_THE_EAST)
    sent_on = accepted(town, file_request(town.pothole, location=IN_THE_WEST))
    actions.hand_off(command(sent_on, town.handler), office_id=town.parks.pk)
    client = client_of(town.handler)
    assert listed(client) == [west.reference]
    assert listed(client, "?tab=passed") == [sent_on.reference]
    assert client.get("/desk/queue/?tab=city").status_code == 422
    assert listed(client_of(town.manager)) == [sent_on.reference, east.reference, west.reference]


def test_a_case_under_review_is_in_the_reviewer_s_queue(town: World) -> None:
    request = accepted(town, file_request(town.pothole, location=IN_THE_WEST))
    actions.request_review(command(request, town.handler), office_id=town.parks.pk)
    assert listed(client_of(town.other_handler)) == [request.reference]


def test_private_cases_of_other_offices_are_in_nobody_else_s_queue(town: World) -> None:
    request = file_request(town.benefit)
    assert listed(client_of(town.intake_handler)) == [request.reference]
    assert listed(client_of(town.handler)) == []
    assert listed(client_of(town.handler), "?tab=passed") == []


def test_an_administrator_sees_the_list_without_the_citizens_words(town: World) -> None:
    file_request(town.pothole, words="My neighbour Waldemar fell here.")
    assert "Waldemar" not in client_of(town.administrator).get("/desk/queue/").content.decode()
    assert "Waldemar" in client_of(town.manager).get("/desk/queue/").content.decode()


def test_another_jurisdiction_is_another_desk(town: World) -> None:
    other = factories.world("otherford")
    file_request(other.pothole)
    assert listed(client_of(town.manager)) == []
    assert client_of(town.manager).get("/desk/queue/?place=otherford").status_code == 404


def test_an_imported_jurisdiction_is_listed_and_offers_no_call(town: World) -> None:
    file_request(town.pothole)
    Jurisdiction.objects.update(provenance=Provenance.IMPORTED, as_of=now())
    everywhere = factories.member(Role.MANAGER, None)
    page = client_of(everywhere).get("/desk/queue/?place=testford")
    assert page.status_code == 200
    assert len(page.context["rows"]) == 1
    assert "/desk/call/" not in page.content.decode()
    assert client_of(everywhere).get("/desk/call/?place=testford").status_code == 403


# --- Which -----------------------------------------------------------------------------------------------------------


def test_every_filter_is_in_the_address(town: World) -> None:
    pothole = file_request(town.pothole, location=IN_THE_WEST)
    benefit = file_request(town.benefit, viewer=town.manager, channel="phone")
    closed = file_request(town.needle)
    actions.close(command(closed, town.handler), outcome=Outcome.RESOLVED)
    client = client_of(town.manager)
    assert listed(client) == [benefit.reference, pothole.reference]
    assert listed(client, "?kind=closed") == [closed.reference]
    assert set(listed(client, "?kind=all")) == {pothole.reference, benefit.reference, closed.reference}
    assert listed(client, "?service=pothole") == [pothole.reference]
    assert listed(client, "?office=intake") == [benefit.reference]
    assert listed(client, "?area=1") == [pothole.reference]
    assert listed(client, "?channel=phone") == [benefit.reference]
    assert listed(client, f"?q={pothole.reference[:6].lower()}") == [pothole.reference]
    assert listed(client, "?q=king") == [pothole.reference]
    assert listed(client, "?kind=work") == []


def test_a_priority_is_a_filter_and_an_order(town: World) -> None:
    normal, urgent = file_request(town.pothole), file_request(town.pothole)
    actions.reprioritize(command(urgent, town.handler), priority=2)
    file_request(town.pothole)
    client = client_of(town.manager)
    assert listed(client, "?priority=2") == [urgent.reference]
    assert listed(client, "?sort=priority")[0] == urgent.reference
    assert listed(client, "?sort=oldest")[0] == normal.reference
    assert listed(client, "?sort=changed")[1] == urgent.reference


def test_late_ones_are_found_and_said_in_words(town: World) -> None:
    with frozen_at(now() - timedelta(days=30)):
        late = file_request(town.pothole)
    file_request(town.pothole)
    client = client_of(town.manager)
    assert listed(client, "?due=late") == [late.reference]
    page = client.get("/desk/queue/?due=late").content.decode()
    assert "days late" in page
    assert len(listed(client, "?due=none")) == 0
    assert listed(client, "?sort=due")[0] == late.reference


@pytest.mark.parametrize(
    "query",
    [
        "kind=broken",
        "office=nowhere",
        "service=nothing",
        "area=99",
        "due=yesterday",
        "channel=pigeon",
        "priority=9",
        "sort=random",
        "tab=moon",
        "q=" + "x" * 101,
        "q=%00",
        "after=forged",
        "before=forged",
    ],
)
def test_a_filter_that_makes_no_sense_is_refused_by_a_sentence(town: World, query: str) -> None:
    file_request(town.pothole)
    client = client_of(town.manager)
    page = client.get(f"/desk/queue/?{query}")
    assert page.status_code == 422
    assert len(page.context["asked"].problems) == 1
    assert str(next(iter(page.context["asked"].problems.values()))).endswith(".")
    assert client.get(f"/desk/map.json?{query}").status_code == 422
    assert client.get(f"/desk/rows/?{query}").status_code == 422


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_follow_each_other_without_gap_or_repetition(town: World, sort: Sort) -> None:
    with frozen_at(now()):
        filed = [file_request(of).reference for of in (town.pothole, town.compliment) * 4]
    queue = QueueFilter(town.jurisdiction, Tab.CITY, sort=sort)
    whole = [row.reference for row in queue_page(queue, town.manager).rows]
    assert sorted(whole) == sorted(filed)
    seen, page = [], queue_page(queue, town.manager, size=3)
    while True:
        seen += [row.reference for row in page.rows]
        if page.next_key is None:
            break
        page = queue_page(queue, town.manager, page.next_key, size=3)
    assert seen == whole


@pytest.mark.parametrize("sort", list(Sort))
def test_the_neighbours_of_a_case_are_those_beside_it_in_the_list(town: World, sort: Sort) -> None:
    filed = [file_request(of) for of in (town.pothole, town.compliment, town.needle)]
    queue = QueueFilter(town.jurisdiction, Tab.CITY, sort=sort)
    order = [row.reference for row in queue_page(queue, town.manager).rows]
    middle = next(request for request in filed if request.reference == order[1])
    assert neighbours(queue, town.manager, middle) == (order[0], order[2])
    last = next(request for request in filed if request.reference == order[2])
    assert neighbours(queue, town.manager, last) == (order[1], None)


def test_a_page_s_address_belongs_to_its_own_filters(town: World) -> None:
    for _ in range(101):
        file_request(town.pothole)
    client = client_of(town.manager)
    first = client.get("/desk/queue/")
    further = first.context["further"]
    assert first.context["back"] == ""
    assert len(listed(client, further)) == 1
    assert client.get("/desk/queue/" + further.replace("?", "?service=pothole&")).status_code == 422
    back = client.get("/desk/queue/" + further).context["back"]
    assert listed(client, back) == listed(client)
    assert client.get("/desk/queue/" + back).context["back"] == ""


@pytest.mark.parametrize("kind", ["new", "open", "all"])
@pytest.mark.parametrize("sort", list(Sort))
def test_every_case_stands_on_one_page_forwards_and_backwards(town: World, sort: Sort, kind: str) -> None:
    """Some of one moment, some without a promise, some sent back, some closed: ties in every order."""
    with frozen_at(now() - timedelta(days=1)):
        filed = [file_request(service) for service in (town.pothole, town.compliment) for _ in range(4)]
    for request in filed[:2]:
        actions.bounce(command(request, town.handler), reason="wrong_office")
    actions.close(command(filed[2], town.handler), outcome=Outcome.RESOLVED)
    actions.reprioritize(command(filed[3], town.handler), priority=2)
    queue = QueueFilter(town.jurisdiction, Tab.CITY, kind=kind, sort=sort)
    whole = [row.reference for row in queue_page(queue, town.manager).rows]
    page, forwards, pages = queue_page(queue, town.manager, size=2), [], 1
    forwards += page.rows
    while page.next_key is not None:
        page, pages = queue_page(queue, town.manager, page.next_key, size=2), pages + 1
        forwards += page.rows
    assert [row.reference for row in forwards] == whole
    assert pages == (len(whole) + 1) // 2
    backwards = page.rows
    while page.previous_key is not None:
        page = queue_page(queue, town.manager, page.previous_key, size=2, backwards=True)
        backwards = page.rows + backwards
    assert {row.reference for row in backwards} == set(whole)
    assert [row.reference for row in page.rows] == whole[:2], "the first page is a whole one"


def test_what_an_office_leads_and_what_is_asked_of_it_are_each_counted_once(town: World) -> None:
    own, asked = file_request(town.pothole), file_request(town.pothole)
    for one in (own, asked):
        actions.accept(command(one, town.handler))
    actions.request_review(command(asked, town.handler), office_id=town.parks.pk)
    for viewer, office, expected in ((town.handler, town.roads, 2), (town.other_handler, town.parks, 1)):
        queue = QueueFilter(town.jurisdiction, Tab.OFFICE, own_office_ids=(office.pk,))
        assert counts(queue, viewer).total == cases(queue, viewer).count() == expected
    both = QueueFilter(town.jurisdiction, Tab.OFFICE, own_office_ids=(town.roads.pk, town.parks.pk))
    assert counts(both, town.manager).total == cases(both, town.manager).count() == 2


def test_the_number_beside_a_choice_is_what_a_click_on_it_shows(town: World) -> None:
    with frozen_at(now() - timedelta(days=30)):
        accepted(town, file_request(town.pothole))
    file_request(town.needle)
    file_request(town.benefit)
    client = client_of(town.manager)
    for start in ("", "?kind=new", "?due=late", "?office=roads", "?kind=work&office=roads"):
        context = client.get(f"/desk/queue/{start}").context
        for chip in [*context["kind_chips"], *context["due_chips"]]:
            if not chip.is_on:
                assert chip.count == len(listed(client, chip.address)), (start, chip)
        for office, count in context["offices"]:
            joined = f"{start}&" if start else "?"
            if "office=" not in start:
                assert count == len(listed(client, f"{joined}office={office.code}"))


# --- The map and the fresh rows ---------------------------------------------------------------------------------------


def test_the_map_shows_the_same_cases_and_says_which_have_no_place(town: World) -> None:
    shown = file_request(town.pothole)
    file_request(town.benefit)
    answer = client_of(town.manager).get("/desk/map.json").json()
    assert [f["properties"] for f in answer["features"]] == [
        {"reference": shown.reference, "kind": "new", "late": False}
    ]
    assert answer["note"] == "The map shows 1 request of this list. 1 has no place."


def test_fresh_rows_are_those_that_belong_to_the_list_now(town: World) -> None:
    stays, leaves = file_request(town.pothole), file_request(town.pothole)
    accepted(town, leaves)
    hidden_from_handler = file_request(town.benefit)
    wanted = ",".join(r.reference for r in (stays, leaves, hidden_from_handler))
    page = client_of(town.handler).get(f"/desk/rows/?kind=new&only={wanted}")
    assert [row.reference for row in page.context["rows"]] == [stays.reference]
    assert "Being worked on" in page.content.decode()


def test_changes_since_a_cursor_are_told_within_the_viewer_s_rights(town: World) -> None:
    cursor = client_of(town.handler).get("/desk/queue/").context["desk"].cursor
    mine, not_mine = file_request(town.pothole), file_request(town.benefit)
    answer = client_of(town.handler).get(f"/desk/changes/?since={cursor}").json()
    assert {event["request"] for event in answer["events"]} == {mine.reference}
    assert not answer["resync"]
    assert set(answer["events"][0]) == {"request", "activity", "sequence", "event"}
    whole = client_of(town.manager).get(f"/desk/changes/?since={cursor}").json()
    assert {event["request"] for event in whole["events"]} == {mine.reference, not_mine.reference}


@pytest.mark.parametrize("since", ["", "1", "a,b", "1,2,3", "-1,0", "9" * 30 + ",1"])
def test_a_cursor_that_is_none_is_refused(town: World, since: str) -> None:
    assert client_of(town.manager).get(f"/desk/changes/?since={since}").status_code == 422


# --- What it costs ---------------------------------------------------------------------------------------------------


def test_the_places_of_a_long_list_travel_packed(town: World) -> None:
    filed = [file_request(town.pothole, location=IN_THE_WEST) for _ in range(30)]
    answer = client_of(town.manager).get("/desk/map.json", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    whole = gzip.decompress(answer.content)
    assert len(answer.content) < len(whole) / 3
    drawn = {feature["properties"]["reference"] for feature in json.loads(whole)["features"]}
    assert drawn == {request.reference for request in filed}


@pytest.mark.parametrize(
    "address",
    [
        "/desk/",
        "/desk/queue/",
        "/desk/queue/?list=new",
        "/desk/queue/?list=answered",
        "/desk/queue/?kind=all&sort=due",
        "/desk/map.json",
        "/desk/rows/?only=TF-1",
    ],
)
def test_the_queue_costs_at_most_eight_statements_however_long_it_is(
    town: World, address: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(town.manager)
    client.get(address)
    for _ in range(30):
        file_request(town.pothole)
    with django_assert_max_num_queries(MOST_STATEMENTS):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("spell", [str, str.lower, lambda r: r.replace("-", " "), lambda r: r[3:], lambda r: r[3:7]])
def test_a_reference_is_found_as_it_is_spoken(town: World, spell: Callable[[str], str]) -> None:
    request, _other = file_request(town.pothole), file_request(town.pothole)
    assert request.reference in listed(client_of(town.manager), f"?q={spell(request.reference)}")


def test_what_no_list_knows_is_refused_by_name(town: World) -> None:
    client = client_of(town.manager)
    response = client.get("/desk/queue/?page=800&late=banana&lang=en")
    assert response.status_code == 422
    page = response.content.decode()
    for name in ("page", "late"):
        assert f"No list can be narrowed by “{name}”." in page
    assert "There is no such promise to filter by." in client.get("/desk/queue/?due=banana").content.decode()
    request = file_request(town.pothole)
    assert client.get(f"/desk/requests/{request.reference}/?kind=open&after=stay").status_code == 200


# --- No office -------------------------------------------------------------------------------------------------------


def test_what_was_sent_back_to_nobody_stands_on_top_of_new_and_under_no_office(town: World) -> None:
    back = file_request(town.pothole, location=IN_THE_WEST)
    actions.bounce(command(back, town.handler), reason="wrong_office")
    newer = [file_request(town.pothole, location=IN_THE_WEST) for _ in range(3)]
    client = client_of(town.manager)
    assert listed(client, "?kind=new")[0] == back.reference
    assert listed(client)[-1] == back.reference
    assert listed(client, "?office=none") == [back.reference]
    page = client.get("/desk/queue/?kind=new").content.decode()
    assert "Sent back, needs an office" in page
    assert '<option value="none">No office (1)</option>' in page
    desk = QueueFilter(town.jurisdiction, Tab.CITY, kind="new")
    assert neighbours(desk, town.manager, ServiceRequest.objects.get(pk=back.pk)) == (None, newer[-1].reference)
    first = queue_page(desk, town.manager, size=1)
    assert [row.reference for row in queue_page(desk, town.manager, first.next_key, size=1).rows] == [
        newer[-1].reference
    ]
