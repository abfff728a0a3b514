"""“My requests”: a mailed link that works once, an answer that tells nobody who has filed what."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from requests_app.actions import Contact
from requests_app.clock import frozen_at
from requests_app.models import OutboxEntry, Person, PersonRead
from requests_app.notify.deliver import sweep_outbox
from tests import factories
from tests.factories import World
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    return factories.world("testford", is_default=True)


def filed(world: World, email: str = "ann@example.org", service: Any = None) -> Play:
    with frozen_at(BEGIN):
        return Play.begin(world, service, contact=Contact("Ann", email, wants_news=False))


def ask(email: str, at: datetime = BEGIN) -> Any:
    with frozen_at(at):
        return Client().post("/mine/", {"email": email}, follow=True)


def link(at: datetime = BEGIN) -> str:
    with frozen_at(at):
        sweep_outbox()
    sent = next(one for one in reversed(mail.outbox) if one.subject.startswith("Your requests"))
    found = {word[word.index("/mine/") :].partition("?")[0] for word in str(sent.body).split() if "/mine/" in word}
    assert len(found) == 1, "both halves of a mail bear the same link"
    return found.pop()


def opened(address: str, browser: Client, at: datetime = BEGIN) -> Any:
    with frozen_at(at):
        return browser.post(address, follow=True)


def test_the_answer_is_the_same_whether_somebody_filed_with_the_address_or_not(world: World) -> None:
    filed(world)
    known, unknown = ask("ANN@example.org"), ask("nobody@example.org")
    assert known.status_code == unknown.status_code == 200
    sentence = "a mail with a link is on its way"
    assert sentence in known.content.decode()
    assert sentence in unknown.content.decode()
    assert OutboxEntry.objects.filter(codes__news="mine_asked").count() == 2
    link()
    assert [one.to for one in mail.outbox] == [["ann@example.org"]]
    assert not any("@" in str(entry.codes) + entry.dedupe_key for entry in OutboxEntry.objects.all())


def test_the_link_opens_every_request_of_the_address_and_no_other(world: World) -> None:
    own, private = filed(world), filed(world, "Ann@Example.org", world.benefit)
    other = filed(world, "bob@example.org")
    ask("ann@example.org")
    browser, address = Client(), link()
    with frozen_at(BEGIN):
        looked = [browser.get(address).status_code for _scanner in range(2)]
    assert looked == [200, 200], "looking uses nothing up"
    page = opened(address, browser)
    shown = page.content.decode()
    assert own.request.reference in shown
    assert private.request.reference in shown
    assert other.request.reference not in shown
    assert PersonRead.objects.filter(purpose="show_own").exists()
    with frozen_at(BEGIN):
        case = browser.get(
            next(url for one, url, _stop in page.context["lines"] if one.case == private.request), follow=True
        )
    assert case.status_code == 200
    assert "something here that needs work" in case.content.decode()
    with frozen_at(BEGIN):
        browser.post("/mine/sign-out/")
        assert "Mail me the link" in browser.get("/mine/").content.decode()
        assert browser.get(f"/requests/{private.request.reference}/").status_code == 404


def test_a_link_works_once_for_two_hours_and_as_it_was_made(world: World) -> None:
    filed(world)
    ask("ann@example.org")
    address = link()
    late = opened(address, Client(), BEGIN + timedelta(hours=2, minutes=1))
    altered = opened(address[:-2] + ("b/" if address[-2] != "b" else "c/"), Client())
    first, again = opened(address, Client()), opened(address, Client())
    assert [late.status_code, altered.status_code, first.status_code, again.status_code] == [404, 404, 200, 410]
    assert "too old" in late.content.decode()
    assert "was changed" in altered.content.decode()
    assert "works once" in again.content.decode()


def test_the_list_closes_by_itself_after_two_hours(world: World) -> None:
    play = filed(world)
    ask("ann@example.org")
    browser = Client()
    opened(link(), browser)
    with frozen_at(BEGIN + timedelta(hours=2, minutes=1)):
        assert play.request.reference not in browser.get("/mine/").content.decode()


def test_one_mail_in_five_minutes_however_often_it_is_asked_for(world: World) -> None:
    filed(world)
    for _again in range(20):
        assert ask("ann@example.org").status_code == 200
    link()
    assert len(mail.outbox) == 1
    ask("ann@example.org", BEGIN + timedelta(minutes=5))
    link(BEGIN + timedelta(minutes=5))
    assert len(mail.outbox) == 2


@pytest.mark.parametrize("email", ["", "ann", "ann@example.org\r\nBcc: all@example.org"])
def test_what_is_no_address_is_refused_by_its_field(world: World, email: str) -> None:
    refused = ask(email)
    assert refused.status_code == 422
    assert 'id="email-error"' in refused.content.decode()


def test_who_was_erased_lists_nothing(world: World) -> None:
    filed(world)
    ask("ann@example.org")
    browser = Client()
    opened(link(), browser)
    Person.objects.update(email="")
    with frozen_at(BEGIN):
        page = browser.get("/mine/").content.decode()
    assert "no request with your address any more" in page


def test_it_speaks_french(world: World, client: Any) -> None:
    assert "Mes demandes" in client.get("/mine/?lang=fr").content.decode()
