"""Limits for one network or one account: how many, what whoever is refused reads, and that nothing is kept of them."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backend.env import Rate
from backend.jobs import SCHEDULE
from requests_app.clock import frozen_at, now
from requests_app.models import Jurisdiction, OutboxEntry, RateWindow, RequestEvent, ServiceRequest, Words
from requests_app.notify.links import Purpose, sign
from requests_app.privacy.rates import AHEAD, Ahead, Slot, forget_past_windows, slot, take
from tests import factories
from tests.factories import World, file_request, world
from tests.integration.web.test_report_form import put_pin, send, write
from tests.races import race

pytestmark = pytest.mark.django_db
HTML = {"HTTP_ACCEPT": "text/html"}
HERE, NEIGHBOUR, AWAY = "203.0.113.7", "203.0.113.99", "198.51.100.1"
PASSWORD = "a long enough password"
Allow = Callable[..., None]


@pytest.fixture
def city() -> World:
    return world("testford", is_default=True)


@pytest.fixture
def allow(settings: Any) -> Iterator[Allow]:
    """Set limits: allow(FILE=2) takes two an hour."""

    def set_limits(**most: int | None) -> None:
        settings.RATES = {**settings.RATES, **{n: Rate(m, 3600) if m else None for n, m in most.items()}}

    AHEAD.forget()
    with frozen_at(now().replace(minute=30)):  # no window ends while a test runs
        yield set_limits
    AHEAD.forget()


def text(response: HttpResponse) -> str:
    return response.content.decode()


def say(client: Client, reference: str, address: str = HERE, **fields: str) -> HttpResponse:
    sent = {"act": "comment", "comment": "It is deeper now.", **fields}
    return client.post(f"/requests/{reference}/", sent, REMOTE_ADDR=address, **HTML)


def own_case(city: World, client: Client) -> ServiceRequest:
    """A case that this browser has filed, through the form."""
    put_pin(client)
    write(client)
    send(client)
    return ServiceRequest.objects.latest("pk")


# --- Filing: nothing is lost ---------------------------------------------------------------------------------------


def test_a_refused_report_keeps_its_draft_and_goes_out_when_the_window_is_over(
    city: World, client: Client, allow: Allow
) -> None:
    allow(FILE=1)
    own_case(city, Client())
    events = RequestEvent.objects.count()
    put_pin(client)
    write(client, words="A second deep hole.")
    client.defaults.update(HTML)
    refused = send(client, name="Ana Typed")
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) in range(1740, 1802)
    page = text(refused)
    assert "this one was not sent" in page
    assert re.search(r"Try again in (29|30) minutes\.", page)
    assert "call your municipality" in page
    assert 'name="name" value="Ana Typed"' in page
    assert (RequestEvent.objects.count(), ServiceRequest.objects.count()) == (events, 1)
    assert "A second deep hole." in text(client.get("/report/pothole/words/"))
    with frozen_at(now() + timedelta(hours=1)):
        assert send(client).status_code == 302
    assert ServiceRequest.objects.count() == 2


def test_the_refusal_is_said_in_french_with_the_number_to_call(
    city: World, client: Client, allow: Allow, settings: Any
) -> None:
    settings.PHONE = "416-555-0100"
    allow(FILE=1)
    own_case(city, Client())
    put_pin(client)
    write(client)
    client.defaults.update({**HTML, "HTTP_ACCEPT_LANGUAGE": "fr"})
    page = text(send(client))
    assert "celle-ci n’a pas été envoyée" in page
    assert "appelez-nous : 416-555-0100" in page


def test_the_page_of_a_refusal_sends_everything_again_as_it_was_typed(
    city: World, client: Client, allow: Allow
) -> None:
    request = own_case(city, client)
    allow(SAY=1)
    say(client, request.reference)
    words = 'It is "worse" & <b>wider</b> now.'
    page = text(say(client, request.reference, comment=words))
    assert "It is &quot;worse&quot; &amp; &lt;b&gt;wider&lt;/b&gt; now." in page
    typed = dict(re.findall(r'<input type="hidden" name="(act|comment)" value="([^"]*)"', page))
    assert typed == {"act": "comment", "comment": "It is &quot;worse&quot; &amp; &lt;b&gt;wider&lt;/b&gt; now."}
    assert Words.objects.filter(request=request, body=words).count() == 0
    with frozen_at(now() + timedelta(hours=1)):
        assert say(client, request.reference, comment=words).status_code == 302


# --- Which doors ---------------------------------------------------------------------------------------------------


def test_messages_follow_requests_and_answers_whether_it_is_fixed_count_apart(
    city: World, client: Client, allow: Allow
) -> None:
    request = own_case(city, client)
    allow(SAY=1, MAIL=1, FIXED=1)
    for act in ("comment", "follow", "fixed"):
        assert say(client, request.reference, act=act, email="ana@example.org").status_code != 429
        assert say(client, request.reference, act=act, email="ana@example.org").status_code == 429


def test_mailed_links_are_bounded_and_no_mail_is_queued_beyond(city: World, client: Client, allow: Allow) -> None:
    allow(MAIL=2)
    answers = [client.post("/mine/", {"email": f"a{n}@example.org"}, **HTML).status_code for n in range(3)]
    assert answers == [302, 302, 429]
    assert OutboxEntry.objects.count() == 2


def test_secret_links_cannot_be_guessed_without_end(city: World, client: Client, allow: Allow) -> None:
    request = file_request(city.pothole)
    allow(LINKS=2)
    guess = f"/requests/{request.reference}/track/guess/"
    assert [client.get(guess).status_code for _ in range(3)] == [404, 404, 429]
    assert client.get("/mine/abc/").status_code == 429, "all secret links count together"


def test_partners_are_bounded_and_what_a_partner_typed_comes_back(city: World, client: Client, allow: Allow) -> None:
    allow(PARTNER=1)
    door = f"/partner/{sign(Purpose.PARTNER, 1, 1)}/"
    assert client.get(door).status_code == 404
    assert 'value="we will come"' in text(client.post(door, {"note": "we will come"}, **HTML))


def test_stopping_mails_and_signing_out_are_never_refused(city: World, client: Client, allow: Allow) -> None:
    allow(PAGES=1, LINKS=1)
    door = f"/stop-mails/{sign(Purpose.STOP, 0, 1)}/"
    assert {client.post(door).status_code for _ in range(4)} == {404}
    assert {client.post("/sign-out/").status_code for _ in range(4)} == {302}


# --- Signing in ----------------------------------------------------------------------------------------------------


def person(name: str) -> None:
    user = factories.user(name)
    user.set_password(PASSWORD)
    user.save()


def sign_in(name: str, password: str = "wrong", address: str = HERE) -> HttpResponse:
    return Client().post("/sign-in/", {"username": name, "password": password}, REMOTE_ADDR=address, **HTML)


def test_an_account_is_closed_after_too_many_tries_from_anywhere(city: World, allow: Allow) -> None:
    person("ana")
    allow(SIGN_IN_ACCOUNT=2)
    tries = [sign_in(name, address=f"198.51.{n}.1").status_code for n, name in enumerate(("ana", "ANA ", "ana"))]
    assert tries == [422, 422, 429]
    closed = sign_in("ana", PASSWORD, "192.0.2.1")
    assert closed.status_code == 429
    assert PASSWORD not in text(closed)
    with frozen_at(now() + timedelta(hours=1)):
        assert sign_in("ana", PASSWORD).status_code == 302


def test_the_page_of_a_refused_sign_in_says_that_no_password_is_kept_and_opens_the_form_again(
    city: World, client: Client, allow: Allow
) -> None:
    allow(SIGN_IN=1)
    sent = {"username": "ana", "password": PASSWORD}
    pages = [text(client.post("/sign-in/?next=%2Fdesk%2F", sent, **HTML)) for _ in range(2)]
    assert "A password is never kept" in pages[1]
    assert "What you typed is kept" not in pages[1]
    assert PASSWORD not in pages[1]
    form = re.search(r'<form class="actions" method="get" action="/sign-in/[^"]*">(.*?)</form>', pages[1], re.DOTALL)
    assert form is not None
    assert '<input type="hidden" name="next" value="/desk/">' in form[1]


def test_tries_at_a_closed_account_use_up_nothing_of_its_network(city: World, allow: Allow) -> None:
    allow(SIGN_IN=2, SIGN_IN_ACCOUNT=1)
    assert [sign_in("ana").status_code for _ in range(4)] == [422, 429, 429, 429]
    assert [sign_in(name).status_code for name in ("bo", "cy")] == [422, 429]


def test_a_network_is_closed_after_too_many_tries_at_any_account(city: World, allow: Allow) -> None:
    allow(SIGN_IN=2)
    assert [sign_in(f"user{n}").status_code for n in range(3)] == [422, 422, 429]
    assert sign_in("user9", address=NEIGHBOUR).status_code == 429
    assert sign_in("user9", address=AWAY).status_code == 422


def test_a_sign_in_that_succeeds_does_not_count(city: World, allow: Allow) -> None:
    person("ana")
    allow(SIGN_IN=2, SIGN_IN_ACCOUNT=2)
    assert [sign_in("ana", PASSWORD).status_code for _ in range(5)] == [302] * 5


# --- Reading -------------------------------------------------------------------------------------------------------


def test_a_feed_beyond_its_limit_is_one_line_of_text_in_its_own_language(
    city: World, client: Client, allow: Allow
) -> None:
    allow(FEEDS=2)
    answers = [client.get("/feeds/testford/all.fr.json", **HTML) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2]["Content-Type"] == "text/plain; charset=utf-8"
    assert text(answers[2]).startswith("Votre réseau a demandé beaucoup de fils en peu de temps. Réessayez dans")
    assert int(answers[2]["Retry-After"]) > 0


def test_pages_are_bounded_for_readers_and_not_for_who_is_signed_in(city: World, client: Client, allow: Allow) -> None:
    allow(PAGES=2)
    assert [client.get("/find/", **HTML).status_code for _ in range(3)] == [200, 200, 429]
    client.force_login(factories.user("ana"))
    assert {client.get("/find/").status_code for _ in range(5)} == {200}


def test_the_page_of_a_refused_page_asks_for_all_of_it_again(city: World, client: Client, allow: Allow) -> None:
    allow(PAGES=1)
    page = [text(client.get("/find/?q=a&only=1&only=2", **HTML)) for _ in range(2)][1]
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)"', page)
    assert fields[-3:] == [("q", "a"), ("only", "1"), ("only", "2")]


def test_twenty_reads_cost_one_statement_and_a_flood_none(city: World, client: Client, allow: Allow) -> None:
    allow(PAGES=400)
    with CaptureQueriesContext(connection) as captured:
        answers = [client.get("/find/").status_code for _ in range(440)]
    taking = [query for query in captured.captured_queries if "ratewindow" in query["sql"]]
    assert answers == [200] * 400 + [429] * 40
    assert len(taking) == 400 // 20 + 1


# --- Exactly so many -----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_many_that_want_the_last_places_at_once_exactly_the_limit_is_let_in(allow: Allow) -> None:
    allow(SAY=3)
    place = slot("SAY", "somebody")
    assert place is not None
    assert sum(race(*[lambda: take([place])] * 12)) == 3


@pytest.mark.django_db(transaction=True)
def test_two_processes_that_take_blocks_never_let_in_more_than_the_limit(allow: Allow) -> None:
    allow(PAGES=100)
    place = slot("PAGES", "somebody")
    assert isinstance(place, Slot)
    processes = [Ahead(), Ahead()]
    let_in = race(*[lambda one=one: sum(one.take(place) for _ in range(90)) for one in processes])
    assert sum(let_in) == 100


def test_filing_stays_within_its_statements(city: World, client: Client) -> None:
    put_pin(client)
    write(client)
    key = re.search(r'name="submission_key" value="([^"]+)"', text(client.get("/report/pothole/send/")))
    assert key is not None
    with CaptureQueriesContext(connection) as captured:
        assert client.post("/report/pothole/send/", {"submission_key": key[1], "language": "en"}).status_code == 302
    frames = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    sent = [q["sql"] for q in captured.captured_queries if not q["sql"].startswith(frames)]
    sent = [sql for sql in sent if "django_session" not in sql]
    assert sum("ratewindow" in sql for sql in sent) == 1
    assert len(sent) <= 12, "\n".join(sent)


# --- Who asks ------------------------------------------------------------------------------------------------------


def test_a_made_up_header_does_not_make_another_network(city: World, client: Client, allow: Allow) -> None:
    allow(MAIL=1)
    asked = [
        client.post("/mine/", {"email": "a@example.org"}, REMOTE_ADDR=HERE, HTTP_X_FORWARDED_FOR=f"10.{n}.0.1")
        for n in range(2)
    ]
    assert [one.status_code for one in asked] == [302, 429]


def test_behind_proxies_only_what_they_wrote_is_believed(
    city: World, client: Client, allow: Allow, settings: Any
) -> None:
    settings.BEHIND_PROXY, settings.CLIENT_ADDRESS_HEADER, settings.PROXIES = True, "X-Forwarded-For", 2
    allow(MAIL=1)

    def ask(told: str) -> int:
        fields = {"email": "a@example.org"}
        return client.post("/mine/", fields, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=told).status_code

    assert [ask(f"192.0.2.{n}, {HERE}, 10.9.9.9") for n in range(2)] == [302, 429]
    assert ask(f"{AWAY}, 10.9.9.9") == 302, "another network"
    assert [ask("10.9.9.9"), ask("")] == [302, 429], "past the proxies: where the connection came from"


def test_nothing_is_kept_that_says_who_asked(city: World, client: Client, allow: Allow) -> None:
    for address in (HERE, NEIGHBOUR):
        client.post("/mine/", {"email": "ana@example.org"}, REMOTE_ADDR=address)
    row = RateWindow.objects.values().get()
    assert set(row) == {"key", "ends_at", "spare"}
    assert re.fullmatch("[0-9a-f]{64}", row["key"])
    with frozen_at(now() + timedelta(hours=1)):
        client.post("/mine/", {"email": "ana@example.org"}, REMOTE_ADDR=HERE)
    assert RateWindow.objects.values("key").distinct().count() == 2, "the next window cannot be laid beside this one"


def test_past_windows_are_removed_by_the_periodic_work(city: World, client: Client) -> None:
    client.post("/mine/", {"email": "ana@example.org"})
    assert forget_past_windows() == 0
    with frozen_at(now() + timedelta(hours=2)):
        client.post("/mine/", {"email": "ana@example.org"})
        assert forget_past_windows() == 1
    assert RateWindow.objects.count() == 1
    assert forget_past_windows in [job.run for job in SCHEDULE]


def test_counts_are_no_write_to_the_disk() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = %s", [RateWindow._meta.db_table])
        assert cursor.fetchone() == ("u",)


def test_the_city_needs_no_place_to_refuse(client: Client, allow: Allow) -> None:
    allow(PAGES=1)
    client.get("/find/")
    assert not Jurisdiction.objects.exists()
    assert client.get("/find/", **HTML).status_code == 429
