"""“It affects me too”: once a person without an account, seen by everybody and by triage, taken back with a tap."""

import re
from datetime import timedelta
from functools import partial

import pytest
from django.http import HttpResponse
from django.test import Client

from requests_app.actions.me_too import affects_me_too
from requests_app.actions.verify import differences
from requests_app.clock import frozen_at, now
from requests_app.models import RequestEvent, ServiceRequest, Supporter, User
from requests_app.permissions import ANONYMOUS
from requests_app.privacy.me_too import SomebodyToo, rough_network, somebody_too
from requests_app.states import Activity
from tests.factories import IN_THE_WEST, World, command, file_request, world
from tests.races import race

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> World:
    return world(is_default=True)


def page_of(request: ServiceRequest) -> str:
    return f"/requests/{request.reference}/"


def tap(client: Client, request: ServiceRequest, act: str = "support", **where: str) -> HttpResponse:
    return client.post(page_of(request), {"act": act}, **where)


def neighbour(request: ServiceRequest) -> Client:
    """A browser that has the page open."""
    client = Client(enforce_csrf_checks=False)
    assert client.get(page_of(request)).status_code == 200
    return client


def supporters(request: ServiceRequest) -> int:
    return ServiceRequest.objects.get(pk=request.pk).supporters


def somebody(request: ServiceRequest, browser: str, email: str = "") -> SomebodyToo:
    today = request.jurisdiction.today
    return somebody_too(request.pk, browser=browser, network="", today=today, email=email)


def test_a_person_takes_back_what_they_said_and_may_say_it_again(city: World) -> None:
    request = file_request(city.pothole)
    client = neighbour(request)
    tap(client, request)
    assert "Take it back" in client.get(page_of(request)).content.decode()
    assert tap(client, request, "support_no_more").status_code == 302
    assert supporters(request) == 0
    page = client.get(page_of(request)).content.decode()
    assert "not counted any more" in page
    assert 'value="support"' in page
    tap(client, request, "support_no_more")
    assert supporters(request) == 0, "taken back twice is taken back once"
    tap(client, request)
    assert supporters(request) == 1
    told = RequestEvent.objects.filter(request=request).values_list("activity", flat=True)
    assert list(told)[-3:] == [Activity.SUPPORTED, Activity.SUPPORT_ENDED, Activity.SUPPORTED]
    assert dict(differences())[request.reference] == []


def test_a_stranger_cannot_take_back_what_others_said(city: World) -> None:
    request = file_request(city.pothole)
    tap(neighbour(request), request)
    tap(neighbour(request), request, "support_no_more")
    forged = Client()
    forged.cookies["me_too"] = "0" * 32
    tap(forged, request, "support_no_more")
    assert supporters(request) == 1


def test_a_session_that_ended_does_not_make_somebody_new(city: World) -> None:
    request = file_request(city.pothole)
    client = neighbour(request)
    tap(client, request)
    client.cookies.pop("sessionid", None)
    client.cookies.pop("csrftoken", None)
    with frozen_at(now() + timedelta(days=300)):
        tap(client, request)
    assert supporters(request) == 1


def test_who_gives_a_mail_address_is_one_person_on_two_devices(city: World) -> None:
    request = file_request(city.pothole)
    count = partial(affects_me_too, command(request, ANONYMOUS, version=None))
    assert count(somebody(request, "telephone", "Ana@example.org"))
    assert not count(somebody(request, "laptop", " ana@EXAMPLE.org "))
    assert not count(somebody(request, "telephone")), "nor without the address"
    assert count(somebody(request, "laptop", "bea@example.org"))
    assert supporters(request) == 2


def test_many_of_one_network_are_bounded_for_a_day(city: World, settings: object) -> None:
    settings.RATE_ME_TOO = 2  # type: ignore[attr-defined]
    request = file_request(city.pothole)
    near = [neighbour(request) for _ in range(4)]
    answers = [tap(one, request, REMOTE_ADDR=f"203.0.113.{n}").status_code for n, one in enumerate(near[:3])]
    assert answers == [302, 302, 429]
    assert "Try again tomorrow" in tap(near[2], request, REMOTE_ADDR="203.0.113.9").content.decode()
    assert tap(near[0], request, REMOTE_ADDR="203.0.113.9").status_code == 302, "who is counted already is thanked"
    assert tap(near[2], request, REMOTE_ADDR="198.51.100.1").status_code == 302
    with frozen_at(now() + timedelta(days=1)):
        assert tap(near[3], request, REMOTE_ADDR="203.0.113.9").status_code == 302
    assert supporters(request) == 4


def test_nothing_is_kept_that_says_who_it_was(city: World) -> None:
    one, other = file_request(city.pothole), file_request(city.pothole)
    client = neighbour(one)
    for request in (one, other):
        tap(client, request, REMOTE_ADDR="203.0.113.77")
    rows = Supporter.objects.order_by("pk").values("person_hash", "browser_hash", "network_hash")
    first, second = (set(row.values()) for row in rows)
    assert not first & second, "the same person at two cases cannot be told to be the same"
    kept = client.cookies["me_too"].value.split(":")[0]
    assert not any("203.0.113" in value or kept in value for value in first | second)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        (" 10.0.0.1", "10.0.0.0/24"),
        ("testserver", ""),
        ("", ""),
    ],
)
def test_a_network_is_rough(address: str, network: str) -> None:
    assert rough_network(address) == network


def test_a_key_that_was_changed_still_knows_who_was_counted(city: World, settings: object) -> None:
    request = file_request(city.pothole)
    client = neighbour(request)
    tap(client, request)
    settings.LINK_KEYS = ("new", *settings.LINK_KEYS)  # type: ignore[attr-defined]
    tap(client, request)
    assert supporters(request) == 1


def test_a_tap_is_written_in_few_statements(city: World, django_assert_max_num_queries: object) -> None:
    request = file_request(city.pothole)
    client = neighbour(request)
    with django_assert_max_num_queries(13):  # page, lock, holds, who is known, case, event, row, session; savepoints
        tap(client, request)
    with django_assert_max_num_queries(6):
        client.get(page_of(request))


@pytest.mark.django_db(transaction=True)
def test_two_taps_and_two_tabs_at_once_count_once() -> None:
    request = file_request(world(is_default=True).pothole)
    for before in range(6):
        client = neighbour(request)

        def tab(shared: Client = client) -> int:
            own = Client()
            own.cookies.load(shared.cookies.output(header="", sep=";"))
            return own.post(page_of(request), {"act": "support"}).status_code

        assert race(*[tab] * 4) == [302] * 4
        assert supporters(request) == before + 1
    assert RequestEvent.objects.filter(request=request, activity=Activity.SUPPORTED).count() == 6
    assert Supporter.objects.filter(request=request).count() == 6


def test_triage_sorts_and_narrows_by_how_many_it_affects(city: World) -> None:
    few, many, none = (file_request(city.pothole) for _ in range(3))
    for request, people in ((few, 1), (many, 3)):
        for _ in range(people):
            tap(neighbour(request), request)
    desk = Client()
    desk.force_login(User.objects.get(pk=city.manager.user_id))

    def listed(query: str) -> list[str]:
        page = desk.get(f"/desk/queue/?tab=city&{query}").content.decode()
        return list(re.findall(r'id="row-(TF-[^"]+)"', page))

    assert listed("sort=affected")[:2] == [many.reference, few.reference]
    assert listed("affected=3") == [many.reference]
    assert set(listed("affected=1")) == {many.reference, few.reference}
    assert none.reference in listed("sort=affected")
    assert desk.get("/desk/queue/?tab=city&affected=7").status_code == 422


def test_the_report_form_offers_to_say_yes_it_is_this_one(city: World, client: Client) -> None:
    request = file_request(city.pothole)
    client.post("/report/pothole/where/", {"lat": str(IN_THE_WEST.y), "lon": str(IN_THE_WEST.x)})
    page = client.get("/report/pothole/words/").content.decode()
    assert "Yes, it is this one" in page
    answer = tap(client, request)
    assert answer.headers["Location"] == page_of(request)
    assert supporters(request) == 1
    assert "affects 1 more person" in client.get("/report/pothole/words/").content.decode()


def test_where_words_are_never_public_nobody_is_counted(city: World, client: Client) -> None:
    file_request(city.needle)
    client.post("/report/needle/where/", {"lat": str(IN_THE_WEST.y), "lon": str(IN_THE_WEST.x)})
    page = client.get("/report/needle/words/").content.decode()
    assert "Is it one of these?" in page
    assert "Yes, it is this one" not in page
