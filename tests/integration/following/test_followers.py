"""Followers without an account: confirmed by a link, told what everybody may know, moved with a merge, erased."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.http import HttpResponse
from django.test import Client

from requests_app import actions
from requests_app.actions.follow import KEPT_AFTER_CLOSING, forget_followers
from requests_app.clock import frozen_at, now
from requests_app.models import Follower, OutboxEntry, Person, ServiceRequest, Supporter
from requests_app.notify.deliver import sweep_outbox
from requests_app.notify.links import Purpose, sign
from requests_app.states import Outcome
from tests.factories import World, command, file_request, world
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
ANN = "ann@example.org"


@pytest.fixture
def city() -> World:
    return world(is_default=True)


def ask(request: ServiceRequest, email: str = ANN, client: Client | None = None, **post: str) -> HttpResponse:
    return (client or Client()).post(f"/requests/{request.reference}/", {"act": "follow", "email": email, **post})


def mailed(to: str = ANN) -> list[Any]:
    """The mails that go to an address now."""
    mail.outbox.clear()
    sweep_outbox(200)
    return [one for one in mail.outbox if to in one.to]


def link_in(sent: Any, path: str) -> str:
    found = re.search(rf"http://localhost:8000(/{path}/[^\s?]+)", sent.body)
    assert found, sent.body
    return found[1]


def follow(request: ServiceRequest, email: str = ANN) -> Follower:
    """Ask, open the link, say yes."""
    assert ask(request, email).status_code == 302
    (sent,) = mailed(email)
    assert Client().post(link_in(sent, "follow")).status_code == 200
    return Follower.objects.get(request=request, person__email=email)


def test_a_link_that_is_opened_begins_nothing_and_a_button_does(city: World) -> None:
    request = file_request(city.pothole)
    assert ask(request, client=Client(headers={"Accept-Language": "fr"})).status_code == 302
    (sent,) = mailed()
    assert sent.subject.index("Voulez-vous suivre") < sent.subject.index("Do you want to follow")
    address = link_in(sent, "follow")
    for _ in range(2):
        page = Client().get(address).content.decode()
        assert "Nothing has begun yet" in page
    assert Follower.objects.get().confirmed_at is None
    Play(city, request).started().closed()
    assert mailed() == [], "nothing before they said yes"
    assert "You follow this request" in Client().post(address).content.decode()


def test_a_follower_hears_in_their_language_what_everybody_may_know(city: World) -> None:
    play = Play.begin(city)
    ask(play.request, client=Client(headers={"Accept-Language": "fr"}))
    (sent,) = mailed()
    Client().post(link_in(sent, "follow"))
    play.started().do(actions.close, outcome=Outcome.RESOLVED, reply="OURWORDS to the citizen", public_reply=False)
    (news,) = mailed()
    assert news.subject.index("fermée") < news.subject.index("was closed")
    assert "OURWORDS" not in news.body
    assert f"/requests/{play.request.reference}/" in news.body
    assert news.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_one_click_stops_and_erases(city: World) -> None:
    play = Play.begin(city)
    follower = follow(play.request)
    play.started().do(actions.hand_off, office_id=city.parks.pk)
    (news,) = mailed()
    assert Client().post(link_in(news, "stop-mails")).status_code == 200
    play.accepted().closed()
    assert mailed() == []
    person = Person.objects.get(pk=follower.person_id)
    assert (person.email, person.erased_at is None) == ("", False)


@pytest.mark.parametrize("change", ["hidden", "private"])
def test_what_is_public_is_asked_when_the_mail_is_sent(city: World, change: str) -> None:
    play = Play.begin(city)
    follow(play.request)
    play.started().closed()
    sweep_outbox(1)
    assert OutboxEntry.objects.filter(kind="mail", done_at=None).exists(), "written, not sent yet"
    if change == "hidden":
        play.do(actions.hide, viewer=city.manager)
    else:
        ServiceRequest.objects.filter(pk=play.request.pk).update(service=city.compliment)
    assert mailed() == []
    play.do(actions.reopen, viewer=city.manager)
    assert mailed() == []


def test_a_private_or_closed_request_takes_no_followers(city: World) -> None:
    private, closed = file_request(city.benefit), Play.begin(city).closed().request
    assert ask(private).status_code == 404
    assert ask(closed).status_code == 422
    assert Follower.objects.count() == 0
    assert 'value="follow"' not in Client().get(f"/requests/{closed.reference}/").content.decode()


@pytest.mark.parametrize(
    "email", ["", "nobody", "ann@example.org\r\nBcc: x@example.org", "a@b", "x" * 260 + "@example.org"]
)
def test_what_is_no_address_is_refused_beside_its_field(city: World, email: str) -> None:
    request = file_request(city.pothole)
    answer = ask(request, email, too="yes")
    assert answer.status_code == 422
    assert re.search(r'id="follow-error">[^<]+</p>', answer.content.decode())
    assert (Follower.objects.count(), Person.objects.count(), Supporter.objects.count()) == (0, 0, 0)


def test_a_link_that_is_used_altered_or_old_says_so(city: World) -> None:
    request = file_request(city.pothole)
    ask(request)
    (sent,) = mailed()
    address = link_in(sent, "follow")
    assert Client().get(address[:-2] + "aa/").status_code == 404
    with frozen_at(now() + timedelta(days=4)):
        old = Client().post(address)
        assert old.status_code == 404
        assert "good for three days" in old.content.decode()
    other = Client().get(f"/follow/{sign(Purpose.STOP, 1)}/")
    assert other.status_code == 404, "a link for something else"
    assert Client().get(f"/follow/{sign(Purpose.FOLLOW, 10**12)}/").status_code == 410
    assert Client().post(address).status_code == 200
    for used in (Client().post(address), Client().get(address)):
        assert used.status_code == 410
        assert "this link was used" in used.content.decode()


def test_an_address_is_asked_once_and_never_flooded(city: World) -> None:
    requests = [file_request(city.pothole) for _ in range(6)]
    for request in requests:
        ask(request)
        ask(request, "ANN@example.org")
    assert len(mailed()) + len(mailed("ANN@example.org")) == 3
    follower = Follower.objects.first()
    assert follower is not None
    Follower.objects.filter(pk=follower.pk).update(confirmed_at=now())
    with frozen_at(now() + timedelta(days=2)):
        assert ask(follower.request).status_code == 302, "the form never says who follows"
        assert mailed() == []


def test_who_follows_may_say_in_the_same_breath_that_it_affects_them(city: World) -> None:
    request = file_request(city.pothole)
    ask(request, too="yes")
    ask(request, "ANN@example.org ", too="yes")
    assert ServiceRequest.objects.get().supporters == 1
    ask(request, "bob@example.org")
    assert ServiceRequest.objects.get().supporters == 1


def test_followers_and_the_filer_hear_of_what_it_was_joined_with(city: World) -> None:
    contact = actions.Contact("Fay", "fay@example.org", wants_news=True)
    twin, first = Play.begin(city, contact=contact), Play.begin(city)
    follow(twin.request)
    mailed()
    twin.do(actions.merge, viewer=city.manager, into_id=first.request.pk)
    (joined,) = mailed()
    assert first.request.reference in joined.body
    first.started().closed()
    sweep_outbox(200)
    assert sorted(one.to[0] for one in mail.outbox if "closed" in one.subject) == [ANN, "fay@example.org"]
    twin.do(actions.unmerge, viewer=city.manager)
    mailed()
    first.do(actions.reopen, viewer=city.manager)
    assert (mailed(), mailed("fay@example.org")) == ([], [])
    twin.do(actions.schedule, viewer=city.manager, promised_at=now() + timedelta(days=2))
    assert len(mailed()) == 1


def test_a_chain_of_merges_is_undone_link_by_link(city: World) -> None:
    first, second, third = (Play.begin(city) for _ in range(3))
    follow(first.request)
    first.do(actions.merge, viewer=city.manager, into_id=second.request.pk)
    second.do(actions.merge, viewer=city.manager, into_id=third.request.pk)

    def where() -> set[str]:
        return set(Follower.objects.filter(ended_at=None).values_list("request__reference", flat=True))

    everywhere = {play.request.reference for play in (first, second, third)}
    assert where() == everywhere
    first.do(actions.unmerge, viewer=city.manager)
    assert where() == {first.request.reference}
    first.do(actions.merge, viewer=city.manager, into_id=third.request.pk)
    assert where() == {first.request.reference, third.request.reference}


def test_who_stops_while_two_are_joined_stops_at_both(city: World) -> None:
    twin, first = Play.begin(city), Play.begin(city)
    follow(twin.request)
    twin.do(actions.merge, viewer=city.manager, into_id=first.request.pk)
    mailed()
    first.started().do(actions.hand_off, office_id=city.parks.pk)
    (news,) = mailed()
    Client().post(link_in(news, "stop-mails"))
    twin.do(actions.unmerge, viewer=city.manager)
    first.accepted().closed()
    twin.do(actions.close, viewer=city.manager, outcome=Outcome.RESOLVED)
    assert mailed() == []
    assert not Person.objects.filter(email=ANN).exists()


def test_two_who_follow_both_are_told_once(city: World) -> None:
    twin, first = Play.begin(city), Play.begin(city)
    follow(twin.request)
    follow(first.request)
    twin.do(actions.merge, viewer=city.manager, into_id=first.request.pk)
    mailed()
    first.started().closed()
    assert len(mailed()) == 1


def test_addresses_that_are_not_needed_any_more_are_erased(city: World) -> None:
    open_one, closed = Play.begin(city), Play.begin(city)
    kept, gone = follow(open_one.request), follow(closed.request, "bob@example.org")
    ask(open_one.request, "never@example.org")
    closed.closed()
    with frozen_at(now() + timedelta(days=4)):
        assert forget_followers() == 1
        assert forget_followers() == 0
        assert not Person.objects.filter(email="never@example.org").exists()
    with frozen_at(now() + KEPT_AFTER_CLOSING + timedelta(days=1)):
        assert forget_followers() == 1
    assert Person.objects.get(pk=gone.person_id).email == ""
    assert Person.objects.get(pk=kept.person_id).email == ANN


def test_a_twin_that_was_closed_long_ago_keeps_its_followers_while_the_other_is_open(city: World) -> None:
    twin, first = Play.begin(city), Play.begin(city)
    follow(twin.request)
    twin.do(actions.merge, viewer=city.manager, into_id=first.request.pk)
    with frozen_at(now() + KEPT_AFTER_CLOSING + timedelta(days=1)):
        assert forget_followers() == 0
    assert Person.objects.filter(email=ANN).exists()


def test_the_filer_is_erased_everywhere_with_their_own_request(city: World) -> None:
    twin, first = Play.begin(city, contact=actions.Contact("Fay", "fay@example.org", wants_news=True)), Play.begin(city)
    twin.do(actions.merge, viewer=city.manager, into_id=first.request.pk)
    mailed()
    actions.erase_person(command(twin.request, city.manager))
    first.started().closed()
    assert mailed("fay@example.org") == []


def test_who_follows_what_another_was_joined_with_is_kept_as_long_as_that_one_may_be_opened_again(city: World) -> None:
    twin, first = Play.begin(city), Play.begin(city)
    follow(twin.request)
    twin.do(actions.merge, viewer=city.manager, into_id=first.request.pk)
    with frozen_at(now() + KEPT_AFTER_CLOSING):
        first.closed()
    with frozen_at(now() + KEPT_AFTER_CLOSING + timedelta(days=1)):
        assert forget_followers() == 0
    assert Person.objects.filter(email=ANN).exists()
