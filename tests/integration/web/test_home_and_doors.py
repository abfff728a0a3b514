"""Home, finding a request, signing in, and the doors of the demo."""

import json
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client, override_settings

from requests_app import actions
from requests_app.clock import frozen_at, now
from requests_app.models import User
from requests_app.permissions import Role
from requests_app.reads.city import week_of
from requests_app.states import Outcome
from tests import factories
from tests.factories import World, command, file_request, world

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def city() -> World:
    return world(is_default=True)


def text(response: HttpResponse) -> str:
    return response.content.decode()


def resolved(city: World, *, hours: int, service: object = None) -> None:
    """A case filed `hours` before now and resolved now."""
    with frozen_at(now() - hours * HOUR):
        request = file_request(service or city.pothole)
    actions.close(command(request, city.manager), outcome=Outcome.RESOLVED)


# --- Home ----------------------------------------------------------------------------------------------------------


def test_the_week_counts_what_everybody_may_see_and_gives_the_median(city: World) -> None:
    for hours in (2, 10, 30, 50, 100):
        resolved(city, hours=hours)
    resolved(city, hours=1, service=city.benefit)
    week = week_of(city.jurisdiction)
    assert (week.resolved, round(week.median / HOUR)) == (5, 30)


def test_five_are_needed_for_a_median(city: World, client: Client) -> None:
    for hours in (2, 10, 30, 50):
        resolved(city, hours=hours)
    assert week_of(city.jurisdiction).median is None
    assert "4 street problems were resolved in Testford in the past 7 days: too few" in text(client.get("/"))


def test_what_was_closed_without_being_resolved_or_long_ago_does_not_count(city: World) -> None:
    request = file_request(city.pothole)
    actions.close(command(request, city.manager), outcome=Outcome.NO_ACTION_NEEDED)
    with frozen_at(now() - timedelta(days=8)):
        resolved(city, hours=3)
    assert week_of(city.jurisdiction).resolved == 0


def test_the_home_page_has_one_question_one_button_and_a_list_that_says_what_the_map_shows(
    city: World, client: Client
) -> None:
    request = file_request(city.pothole)
    page = text(client.get("/"))
    assert page.count("<h1>") == 1
    assert 'href="/report/"' in page
    assert f"/requests/{request.reference}/" in page
    assert "Qu’est-ce qui ne va pas?" in text(client.get("/?lang=fr"))


def test_the_language_is_remembered(city: World, client: Client) -> None:
    client.get("/?lang=fr")
    assert 'lang="fr-CA"' in text(client.get("/find/"))


def test_the_ground_is_drawn_once_and_then_kept(city: World, client: Client) -> None:
    first = client.get("/map/base.json")
    kinds = {feature["properties"]["kind"] for feature in json.loads(first.content)["features"]}
    assert {"lake", "boundary", "area_ward"} <= kinds
    assert "max-age" in first.headers["Cache-Control"]
    again = client.get("/map/base.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    packed = client.get("/map/base.json", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    again = client.get("/map/base.json", headers={"If-None-Match": packed.headers["ETag"]})
    assert again.status_code == 304


def test_pins_tell_service_status_and_place_and_no_words(city: World, client: Client) -> None:
    request = file_request(city.needle)
    body = text(client.get("/map/pins.json"))
    (pin,) = json.loads(body)["pins"]
    assert (pin["reference"], pin["service"], pin["kind"]) == (request.reference, "Needle found", "new")
    assert "needs work" not in body


def test_home_without_a_city_says_so(client: Client) -> None:
    assert "No city is set up yet" in text(client.get("/"))
    assert client.get("/report/").status_code == 404
    assert client.get("/map/pins.json").json()["pins"] == []


@pytest.mark.parametrize(("address", "most"), [("/", 6), ("/map/pins.json", 3), ("/map/base.json", 2), ("/find/", 1)])
def test_public_pages_keep_to_their_query_budget(
    city: World, client: Client, address: str, most: int, django_assert_max_num_queries: object
) -> None:
    for _ in range(12):
        file_request(city.pothole)
    with django_assert_max_num_queries(most):
        assert client.get(address).status_code == 200


# --- Finding -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spoil", [str, str.lower, lambda r: r.replace("-", " "), lambda r: f"  {r[3:]} ", " ".join])
def test_a_reference_is_found_however_it_is_typed(city: World, client: Client, spoil: object) -> None:
    request = file_request(city.pothole)
    response = client.get("/find/", {"reference": spoil(request.reference)})
    assert response.headers["Location"] == f"/requests/{request.reference}/"


@pytest.mark.parametrize(
    ("typed", "status"), [("", 422), ("  ", 422), ("CW-0000000", 404), ("\x00", 422), ("%", 404), ("x" * 500, 404)]
)
def test_a_reference_that_finds_nothing_says_what_to_do(city: World, client: Client, typed: str, status: int) -> None:
    response = client.get("/find/", {"reference": typed})
    assert response.status_code == status
    assert 'id="reference-error" role="alert"' in text(response)


# --- Signing in ----------------------------------------------------------------------------------------------------


def test_staff_sign_in_to_their_workplace_and_out_again(city: World, client: Client) -> None:
    User.objects.create_user("pat", "a long enough password", display_name="Pat", language="fr")
    User.objects.get(username="pat").memberships.create(role=Role.MANAGER, jurisdiction=city.jurisdiction)
    response = client.post("/sign-in/", {"username": "pat", "password": "a long enough password"})
    assert response.headers["Location"] == "/desk/"
    assert response.cookies["language"].value == "fr"
    assert "Pat" in text(client.get("/"))
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").status_code == 302
    assert "Pat" not in text(client.get("/"))


@pytest.mark.parametrize("given", [{}, {"username": "nobody"}, {"username": "nobody", "password": "wrong"}])
def test_a_failed_sign_in_answers_422_in_words(city: World, client: Client, given: dict[str, str]) -> None:
    response = client.post("/sign-in/", given)
    assert response.status_code == 422
    assert "There is a problem" in text(response)


def test_sign_in_never_leads_to_another_site(city: World, client: Client) -> None:
    User.objects.create_user("pat", "a long enough password", display_name="Pat")
    response = client.post(
        "/sign-in/", {"username": "pat", "password": "a long enough password", "next": "https://evil.example/"}
    )
    assert "evil" not in response.headers["Location"]


# --- The demo ------------------------------------------------------------------------------------------------------


@pytest.fixture
def demo(city: World) -> World:
    for role in (Role.MANAGER, Role.EVALUATOR, Role.ADMINISTRATOR):
        person = factories.user(f"demo-{role}", is_demo=True)
        person.memberships.create(role=role, jurisdiction=city.jurisdiction)
    return city


@pytest.mark.parametrize("role", ["manager", "evaluator", "administrator"])
def test_one_click_signs_in_as_an_invented_person(demo: World, client: Client, role: str) -> None:
    assert client.get(f"/demo/as/{role}/").status_code == 200
    assert "_auth_user_id" not in client.session, "looking at the page signs nobody in"
    assert client.post(f"/demo/as/{role}/").status_code == 302
    assert User.objects.get(pk=client.session["_auth_user_id"]).is_demo


def test_the_citizen_of_the_demo_is_signed_out(demo: World, client: Client) -> None:
    client.post("/demo/as/manager/")
    assert client.post("/demo/as/citizen/").headers["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_real_people_are_never_signed_in_by_a_click(city: World, client: Client) -> None:
    assert client.post("/demo/as/manager/").status_code == 404
    assert client.post("/demo/as/king/").status_code == 404


@pytest.mark.parametrize("address", ["//evil.example/", "https://evil.example/", "javascript:alert(1)"])
def test_the_demo_stays_on_this_site(demo: World, client: Client, address: str) -> None:
    assert "evil" not in client.post("/demo/as/citizen/", {"next": address}).headers["Location"]


@override_settings(DEMO=False)
def test_outside_a_demo_none_of_it_exists(demo: World, client: Client) -> None:
    assert client.get("/tour/").status_code == 404
    assert client.get("/demo/as/manager/").status_code == 404
    assert client.post("/demo/as/manager/").status_code == 404
    assert "Look around" not in text(client.get("/"))


def test_the_tour_has_eight_steps_that_open_real_pages(demo: World, client: Client) -> None:
    request = file_request(demo.pothole)
    page = text(client.get("/tour/"))
    assert page.count('name="next"') == 8
    assert f"/requests/{request.reference}/" in page


def test_a_missing_page_is_said_in_the_readers_language(city: World, client: Client) -> None:
    response = client.get("/nowhere/?lang=fr")
    assert response.status_code == 404
    assert "Cette page n’existe pas" in text(response)
