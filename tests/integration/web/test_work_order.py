"""The work order: what is on the sheet, what is not, the map that we draw, whom to call, several as one round."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import LineString, Point
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from requests_app import actions
from requests_app.models import Area, MapFeature, Person, PersonRead, ServiceRequest, User
from requests_app.permissions import Viewer
from requests_app.reads import queue
from requests_app.states import Status
from tests import factories
from tests.factories import IN_THE_WEST, World
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
METRE = 1 / 111_320
MOST_STATEMENTS = 16


@pytest.fixture
def town() -> World:
    world = factories.world("testford")
    lon, lat = IN_THE_WEST.x, IN_THE_WEST.y
    for code, english, french, line in (
        ("king", "King Street", "rue King", LineString((lon - 0.01, lat), (lon + 0.01, lat), srid=4326)),
        ("far", "Far Road", "chemin Loin", LineString((lon - 0.01, lat + 0.02), (lon + 0.01, lat + 0.02), srid=4326)),
    ):
        MapFeature.objects.create(
            jurisdiction=world.jurisdiction,
            kind="street",
            code=code,
            rank=5,
            names=factories.names(english, french),
            geometry=line,
        )
    return world


def client_of(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


def away(metres_north: float) -> Point:
    return Point(IN_THE_WEST.x, IN_THE_WEST.y + metres_north * METRE, srid=4326)


def sheet(client: Client, request: ServiceRequest, query: str = "") -> Any:
    page = client.get(f"/desk/requests/{request.reference}/work-order/{query}", follow=True)
    assert page.status_code == 200, page.content.decode()
    return page


def test_the_sheet_has_what_a_crew_needs(town: World) -> None:
    play = Play.begin(town, words="A deep hole before the school.", answers={"size": "big"}).accepted()
    play.do(actions.note, body="Bring the long rake.")
    text = sheet(client_of(town.handler), play.request).content.decode()
    for part in (
        play.request.reference,
        "Pothole",
        "1 King Street",
        "Ward 1",
        "A deep hole before the school.",
        "How big is it?",
        "Big",
        "Bring the long rake.",
        "For the crew",
        "Signature",
    ):
        assert part in text, part


def test_the_map_is_drawn_from_the_ground_of_the_city_in_the_readers_language(town: World) -> None:
    play = Play.begin(town)
    client = client_of(town.handler)
    english = sheet(client, play.request).context["orders"][0].sketch
    assert [name.words for name in english.names] == ["King Street"], "what lies outside the map is not named"
    street = next(shape for shape in english.shapes if shape.look == "street")
    assert re.fullmatch(r"M-\d+(\.\d+)? 0 L\d+(\.\d+)? 0", street.path), "it runs through the place, west to east"
    french = sheet(client, play.request, "?lang=fr").context["orders"][0].sketch
    assert [name.words for name in french.names] == ["rue King"]


def test_what_is_open_close_by_is_numbered_by_distance_and_drawn_where_it_is(town: World) -> None:
    play = Play.begin(town)
    further, near = Play.begin(town, location=away(120)), Play.begin(town, location=away(50))
    Play.begin(town, location=away(60)).closed()
    Play.begin(town, location=away(200))
    around = sheet(client_of(town.handler), play.request).context["orders"][0].around
    assert [one.reference for one in around] == [near.request.reference, further.request.reference]
    assert [one.number for one in around] == [1, 2]
    assert [(round(one.x), round(one.y)) for one in around] == [(0, -50), (0, -120)]
    assert [one.is_drawn for one in around] == [True, False], "one beyond the edge of the map is in the list only"


def test_a_private_case_close_by_is_not_told_to_another_office(town: World) -> None:
    play = Play.begin(town, location=IN_THE_WEST)
    complaint = factories.service(town.jurisdiction, "complaint", "private", workflow=town.pothole.workflow)
    hidden = Play.begin(town, complaint, location=away(20))
    assert hidden.request.office_id == town.intake.pk
    around = sheet(client_of(town.handler), play.request).context["orders"][0].around
    assert around == []


def test_the_borders_of_areas_that_have_ended_are_not_drawn(town: World) -> None:
    lon, lat = IN_THE_WEST.x, IN_THE_WEST.y
    ended = Area.objects.create(
        jurisdiction=town.jurisdiction,
        kind="ward",
        code="old",
        names=factories.names("Old ward"),
        geometry=factories.box(lon - 0.01, lat - 0.01, lon + 0.0005, lat + 0.01),
    )
    client, request = client_of(town.handler), Play.begin(town).request

    def looks() -> list[str]:
        return [shape.look for shape in sheet(client, request).context["orders"][0].sketch.shapes]

    assert looks().count("area") == 1, "its eastern border crosses the map"
    Area.objects.filter(pk=ended.pk).update(valid_to=town.jurisdiction.today - timedelta(days=1))
    assert looks().count("area") == 0


def test_a_case_without_a_place_has_no_map(town: World) -> None:
    play = Play.begin(town, town.benefit)
    order = sheet(client_of(town.intake_handler), play.request).context["orders"][0]
    assert (order.sketch, order.around) == (None, [])


def test_an_administrator_gets_neither_words_nor_the_door_of_a_private_case(town: World) -> None:
    complaint = factories.service(town.jurisdiction, "complaint", "private", workflow=town.pothole.workflow)
    play = Play.begin(town, complaint, words="My neighbour again.")
    page = sheet(client_of(town.administrator), play.request)
    assert page.context["orders"][0].sketch is None
    assert "King Street" not in page.content.decode()
    assert "My neighbour again." not in page.content.decode()


# --- Whom to call -----------------------------------------------------------------------------------------------------


def test_whom_to_call_is_put_on_it_on_demand_only_and_the_reading_is_logged(town: World) -> None:
    play = Play.begin(town, contact=actions.Contact("Ana Secret", "ana@secret.example", "905-555-0123"))
    client = client_of(town.handler)
    assert "905-555-0123" not in sheet(client, play.request).content.decode()
    assert not PersonRead.objects.filter(purpose="work_order").exists()
    page = client.post(f"/desk/requests/{play.request.reference}/work-order/contact/")
    assert page.status_code == 200
    assert "905-555-0123" in page.content.decode()
    read = PersonRead.objects.get(purpose="work_order")
    assert (read.user_id, read.person) == (town.handler.user_id, Person.objects.get())


def test_who_may_not_see_the_person_cannot_put_them_on_it(town: World) -> None:
    play = Play.begin(town, contact=actions.Contact("Ana Secret", "ana@secret.example"))
    answer = client_of(town.administrator).post(f"/desk/requests/{play.request.reference}/work-order/contact/")
    assert answer.status_code == 403
    assert not PersonRead.objects.filter(purpose="work_order").exists()


# --- A round ----------------------------------------------------------------------------------------------------------


def test_the_first_of_a_list_are_printed_as_a_round_what_is_dangerous_first(town: World) -> None:
    near, middle = Play.begin(town, location=away(0)), Play.begin(town, location=away(300))
    danger = Play.begin(town, location=away(900)).accepted()
    danger.do(actions.reprioritize, priority=2)
    page = client_of(town.handler).get("/desk/work-orders/?tab=office&sort=newest")
    found = [order.case.reference for order in page.context["orders"]]
    assert found == [danger.request.reference, middle.request.reference, near.request.reference]


def test_the_sheets_are_the_first_of_the_page_they_were_asked_from(town: World, monkeypatch: Any) -> None:
    """A page that was read backwards, too: its key stands behind its rows, not before them."""
    monkeypatch.setattr(queue, "PAGE_SIZE", 2)
    for name, size in (("queue_page", 2), ("_read_page", 2)):
        monkeypatch.setattr(getattr(queue, name), "__defaults__", (None, size) if name == "queue_page" else None)
    for _number in range(6):
        Play.begin(town)
    client = client_of(town.handler)
    page = client.get("/desk/queue/")
    for way in ("further", "further", "back"):
        page = client.get(f"/desk/queue/{page.context[way]}")
    shown = [row.reference for row in page.context["rows"]]
    printed = client.get(f"/desk/work-orders/{page.context['print_query']}")
    assert sorted(order.case.reference for order in printed.context["orders"]) == sorted(shown)


def test_the_sheets_of_a_person_are_the_list_of_that_person(town: World) -> None:
    mine, _other = Play.begin(town).accepted(), Play.begin(town).accepted()
    mine.do(actions.assign, handler_id=town.handler.user_id)
    page = client_of(town.manager).get(f"/desk/work-orders/?person={town.handler.user_id}")
    assert [order.case.reference for order in page.context["orders"]] == [mine.request.reference]


def test_a_list_that_there_is_not_is_refused(town: World) -> None:
    page = client_of(town.manager).get("/desk/work-orders/?kind=purple")
    assert page.status_code == 422
    assert "There is no such status." in page.content.decode()


def test_an_empty_list_says_so(town: World) -> None:
    page = client_of(town.manager).get("/desk/work-orders/")
    assert "No request matches these filters." in page.content.decode()


def test_a_round_costs_the_same_statements_however_many_sheets_it_has(town: World) -> None:
    client, costs = client_of(town.handler), []
    Play.begin(town)
    client.get("/desk/work-orders/")  # what is read once in a process is read now
    for more in (2, 6):
        for number in range(more):
            play = Play.begin(town, location=away(number * 40), answers={"size": "big"}).reach(Status.IN_PROGRESS)
            play.do(actions.assign, handler_id=town.handler.user_id)
        with CaptureQueriesContext(connection) as captured:
            page = client.get("/desk/work-orders/")
        costs.append(len(captured))
    assert len(page.context["orders"]) == 9
    assert all(order.around and order.sketch for order in page.context["orders"])
    assert sum(bool(order.page.answers) for order in page.context["orders"]) == 8
    assert costs[0] == costs[1] <= MOST_STATEMENTS, [query["sql"][:90] for query in captured.captured_queries]


def test_the_sheet_keeps_its_budget(town: World) -> None:
    play = Play.begin(town).reach(Status.IN_PROGRESS)
    for metres in (20, 40, 60):
        Play.begin(town, location=away(metres))
    client = client_of(town.handler)
    client.get("/desk/")
    with CaptureQueriesContext(connection) as captured:
        sheet(client, play.request)
    assert len(captured) <= MOST_STATEMENTS, [query["sql"][:90] for query in captured.captured_queries]
