"""Feeds: what everybody may see, of a place, a service, an area and a request, in both languages and both forms."""

import json
import re
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client

from requests_app import actions
from requests_app.actions.split import Part, split
from requests_app.clock import frozen_at, now
from requests_app.models import Provenance, Service, User, Words
from requests_app.states import Outcome
from tests.factories import IN_THE_EAST, World, command, file_request, jurisdiction, world
from tests.feeds import atom_problems, json_problems
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
PROBLEMS = {"atom": atom_problems, "json": json_problems}


@pytest.fixture
def city() -> World:
    return world("testford", is_default=True)


def text(response: HttpResponse) -> str:
    assert response.status_code == 200
    return response.content.decode()


def items(client: Client, address: str) -> list[dict[str, object]]:
    return list(json.loads(text(client.get(address)))["items"])


def references(client: Client, address: str) -> list[object]:
    return [item["_clearway"]["reference"] for item in items(client, address)]  # type: ignore[index]


def feeds_of(reference: str) -> list[str]:
    scopes = ("testford/all", "testford/services/pothole", "testford/areas/1", f"requests/{reference}")
    return [f"/feeds/{scope}.{language}" for scope in scopes for language in ("en", "fr")]


@pytest.mark.parametrize("form", ["atom", "json"])
def test_every_feed_is_valid_in_both_languages(city: World, client: Client, form: str) -> None:
    Service.objects.filter(pk=city.pothole.pk).update(names={"en": "Pothole <&> \x0bhole", "fr": "Nid-de-poule"})
    case = Play.begin(city).started().do(actions.hand_off, office_id=city.parks.pk).accepted()
    Play.begin(city).closed(Outcome.NOT_RESPONSIBLE)
    for address in feeds_of(case.request.reference):
        document = text(client.get(f"{address}.{form}"))
        assert PROBLEMS[form](document) == []
        assert ("Nid-de-poule" in document) == (".fr" in address)


@pytest.mark.parametrize("form", ["atom", "json"])
def test_a_feed_without_entries_is_valid_too(city: World, client: Client, form: str) -> None:
    assert PROBLEMS[form](text(client.get(f"/feeds/testford/all.en.{form}"))) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("<updated>", "<updated>yesterday "), "is no date"),
        (("<id>tag:", "<id>"), "no absolute address"),
        (("</title>", "</title><title>x</title>"), "2 of title"),
        (("<author>", "<authors>"), "has authors"),
    ],
)
def test_the_strict_reader_sees_what_is_wrong(
    city: World, client: Client, change: tuple[str, str], problem: str
) -> None:
    file_request(city.pothole)
    document = text(client.get("/feeds/testford/all.en.atom"))
    broken = document.replace(*change).replace("</author>", "</authors>" if "authors" in change[1] else "</author>")
    assert any(problem in said for said in atom_problems(broken))


def test_only_what_everybody_may_see_is_told(city: World, client: Client) -> None:
    public, place_only = file_request(city.pothole, words="MYWORDS"), file_request(city.needle)
    private, hidden = file_request(city.benefit), file_request(city.pothole)
    actions.hide(command(hidden, city.manager))
    actions.release_words(
        command(public, city.manager), words_id=Words.objects.get(request=public, kind="description").pk
    )
    actions.note(command(public, city.manager), body="OURNOTE")
    for address in feeds_of(public.reference):
        for form in ("atom", "json"):
            document = text(client.get(f"{address}.{form}"))
            assert not re.search("MYWORDS|OURNOTE|Internal note", document)
            assert not re.search(f"{private.reference}|{hidden.reference}", document)
    assert references(client, "/feeds/testford/all.en.json") == [place_only.reference, public.reference]
    for closed in (
        f"/feeds/requests/{private.reference}.en.atom",
        f"/feeds/requests/{hidden.reference}.en.atom",
        "/feeds/testford/services/benefit.en.atom",
    ):
        assert client.get(closed).status_code == 404
    manager = Client()
    manager.force_login(manager_of(city))
    assert private.reference not in text(manager.get("/feeds/testford/all.en.json")), "nor to whoever is signed in"


def test_a_part_is_told_with_its_whole(city: World, client: Client) -> None:
    whole = Play.begin(city).started()
    split(command(whole.request, whole.holder), [Part(city.pothole.pk, city.parks.pk, f"Part {n}.") for n in (1, 2)])
    assert references(client, "/feeds/testford/all.en.json") == [whole.request.reference]


def manager_of(city: World) -> User:
    return User.objects.get(pk=city.manager.user_id)


def test_areas_and_services_tell_their_own(city: World, client: Client) -> None:
    west, east = file_request(city.pothole), file_request(city.pothole, location=IN_THE_EAST)
    needle = file_request(city.needle)
    assert references(client, "/feeds/testford/areas/1.en.json") == [needle.reference, west.reference]
    assert references(client, "/feeds/testford/areas/2.en.json") == [east.reference]
    assert references(client, "/feeds/testford/services/needle.en.json") == [needle.reference]


def test_an_entry_keeps_its_id_when_the_request_moves(city: World, client: Client) -> None:
    case = Play.begin(city)
    (before,) = items(client, "/feeds/testford/all.en.json")
    with frozen_at(now() + timedelta(days=3)):
        case.started().closed()
    (after,) = items(client, "/feeds/testford/all.fr.json")
    assert after["id"] == before["id"]
    assert str(after["date_modified"]) > str(before["date_modified"])
    assert "Resolved" in str(items(client, "/feeds/testford/all.en.json")[0]["content_text"])
    told = items(client, f"/feeds/requests/{case.request.reference}.en.json")
    assert [item["_clearway"]["sequence"] for item in told] == [5, 4, 3, 2, 1]  # type: ignore[index]
    assert len({item["id"] for item in told}) == 5


def test_pages_follow_each_other_without_gap_or_repeat(city: World, client: Client) -> None:
    filed = []
    with frozen_at(now()):  # all in one moment: only their numbers tell them apart
        filed = [file_request(city.pothole).reference for _ in range(5)]
    address, seen = "/feeds/testford/all.en.json?limit=2", []
    while address:
        page = json.loads(text(client.get(address)))
        seen += [item["_clearway"]["reference"] for item in page["items"]]
        address = page.get("next_url", "").partition("localhost:8000")[2]
    assert seen == filed[::-1]
    assert 'rel="next"' in text(client.get("/feeds/testford/all.en.atom?limit=2"))


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "limit=²", "after=zzz", "after=1_2:forged"])
@pytest.mark.parametrize("form", ["atom", "json"])
def test_nonsense_is_refused_by_name(city: World, client: Client, query: str, form: str) -> None:
    for language, words in (("en", "feed|limit"), ("fr", "fil|limit")):
        answer = client.get(f"/feeds/testford/all.{language}.{form}?{query}")
        assert answer.status_code == 422
        assert re.search(words, answer.content.decode())


@pytest.mark.parametrize(
    "address",
    [
        "/feeds/nowhere/all.en.atom",
        "/feeds/testford/all.de.atom",
        "/feeds/testford/all.en.rss",
        "/feeds/testford/services/nothing.en.atom",
        "/feeds/testford/areas/99.en.atom",
        "/feeds/testford/areas/%00.en.atom",
        "/feeds/requests/TF-NOTHERE.en.atom",
        "/feeds/boston/all.en.atom",
    ],
)
def test_what_there_is_not_is_not_there(city: World, client: Client, address: str) -> None:
    jurisdiction("boston", provenance=Provenance.IMPORTED)
    assert client.get(address).status_code == 404


def test_a_reader_that_has_the_newest_gets_no_body(city: World, client: Client) -> None:
    case = Play.begin(city)
    for address in ("/feeds/testford/all.en.atom", f"/feeds/requests/{case.request.reference}.en.json"):
        with frozen_at(now() + timedelta(hours=1)):
            first = client.get(address)
            assert re.fullmatch(r"public, max-age=\d+", first.headers["Cache-Control"])
            assert "Cookie" not in first.headers.get("Vary", "")
            assert not first.cookies
            tagged = client.get(address, headers={"If-None-Match": f"W/{first.headers['ETag']}"})
            dated = client.get(address, headers={"If-Modified-Since": first.headers["Last-Modified"]})
            assert (tagged.status_code, dated.status_code) == (304, 304)
            assert not tagged.content
        with frozen_at(now() + timedelta(hours=2)):
            case.do(actions.reprioritize, viewer=city.manager, priority=1).do(actions.note, body="x")
        with frozen_at(now() + timedelta(hours=3)):
            dated = client.get(address, headers={"If-Modified-Since": first.headers["Last-Modified"]})
            assert dated.status_code == 200


def test_a_request_that_was_hidden_is_gone_for_who_asks_by_date(city: World, client: Client) -> None:
    hidden = file_request(city.pothole)
    with frozen_at(now() + timedelta(hours=1)):
        since = client.get("/feeds/testford/all.en.json").headers["Last-Modified"]
        actions.hide(command(hidden, city.manager))
        answer = client.get("/feeds/testford/all.en.json", headers={"If-Modified-Since": since})
        assert hidden.reference not in text(answer)


def test_a_change_of_this_very_minute_is_not_missed_by_date(city: World, client: Client) -> None:
    since = client.get("/feeds/testford/all.en.json").headers["Last-Modified"]
    filed = file_request(city.pothole)
    answer = client.get("/feeds/testford/all.en.json", headers={"If-Modified-Since": since})
    assert filed.reference in text(answer)


def test_pages_name_their_feeds(city: World, client: Client) -> None:
    public, private = file_request(city.pothole), file_request(city.benefit)
    page = text(client.get(f"/requests/{public.reference}/?lang=fr"))
    found = re.findall(r'<link rel="alternate" type="application/(atom\+xml|feed\+json)"[^>]*href="([^"]+)"', page)
    assert [address for _kind, address in found] == [
        f"/feeds/requests/{public.reference}.fr.{form}" for form in ("atom", "json")
    ]
    assert all(client.get(address).status_code == 200 for _kind, address in found)
    assert "/feeds/testford/all.en.atom" in text(Client().get("/"))
    overview = text(client.get("/feeds/?lang=en"))
    for name in ("services/pothole", "services/needle", "areas/1", "areas/2"):
        assert f"/feeds/testford/{name}.en.json" in overview
    assert "benefit" not in overview
    desk = Client()
    desk.force_login(manager_of(city))
    assert "/feeds/requests" not in text(desk.get(f"/requests/{private.reference}/"))


def test_a_feed_of_fifty_costs_few_statements(
    city: World, client: Client, django_assert_max_num_queries: object
) -> None:
    for number in range(6):
        file_request(city.pothole if number % 2 else city.needle)
    for address, most in (
        ("testford/all", 4),
        ("testford/services/pothole", 5),
        ("testford/areas/1", 5),
        (f"requests/{file_request(city.pothole).reference}", 2),
    ):
        with django_assert_max_num_queries(most):
            text(client.get(f"/feeds/{address}.en.atom"))
