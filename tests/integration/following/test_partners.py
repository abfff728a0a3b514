"""A partner outside answers by a signed link, without an account: one act a link, by the real actions, late as well."""

import re
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.http import HttpResponse
from django.test import Client

from requests_app import actions
from requests_app.actions.partner import Answer, PartnerAct, partner_answers
from requests_app.actions.verify import differences
from requests_app.clock import frozen_at
from requests_app.models import Office, PartnerLink, RequestEvent, Service, User, Words
from requests_app.notify.deliver import sweep_outbox
from requests_app.notify.links import Purpose, sign
from requests_app.reads.handoffs import HandoffFilter, Side, handoffs
from requests_app.states import Actor, Outcome, Status
from tests import factories
from tests.factories import World
from tests.races import losers, race, winners
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
HYDRO = "hydro@example.org"
SENT = datetime(2026, 5, 4, 10, 0, tzinfo=ZoneInfo("America/Toronto"))


def hours(number: float) -> datetime:
    return SENT + timedelta(hours=number)


@pytest.fixture
def city() -> World:
    return factories.world("testford", is_default=True)


def partner(city: World) -> Office:
    return factories.office(city.jurisdiction, "hydro", is_external=True, email=HYDRO)


def handed(city: World, service: Service | None = None, **fields: Any) -> Play:
    """A case that was handed to the partner at ten."""
    with frozen_at(hours(-1)):
        play = Play.begin(city, service, words="CITIZENWORDS", **fields).accepted()
    with frozen_at(SENT):
        return play.do(actions.hand_off, office_id=partner(city).pk, note="NOTEWORDS")


def links(at: datetime = SENT) -> list[str]:
    """The links that are mailed to the partner now."""
    mail.outbox.clear()
    with frozen_at(at):
        sweep_outbox(200)
    found = [re.search(r"http://localhost:8000(/partner/[^\s?]+)", one.body) for one in mail.outbox if HYDRO in one.to]
    return [one[1] for one in found if one]


def say(address: str, at: datetime = SENT, **post: str) -> HttpResponse:
    with frozen_at(at):
        return Client().post(address, post)


def look(address: str, at: datetime = SENT, language: str = "en") -> HttpResponse:
    with frozen_at(at):
        return Client().get(address, {"lang": language})


def test_a_case_walks_through_the_partners_hands_by_links_alone(city: World) -> None:
    play = handed(city)
    (first,) = links()
    assert "We take it" in look(first).content.decode()
    assert play.request.events.count() == 4, "a link that is opened does nothing"
    assert say(first, hours(1), act="accept").status_code == 200
    (second,) = links(hours(1))
    assert say(second, hours(2), act="date", day="2026-05-06").status_code == 200
    (third,) = links(hours(2))
    done = say(third, hours(50), act="done", outcome="resolved", note="Wire fixed.")
    assert "Your part is finished" in done.content.decode()
    assert links(hours(50)) == []
    play.request.refresh_from_db()
    assert (play.request.status, play.request.outcome) == (Status.CLOSED, Outcome.RESOLVED)
    told = RequestEvent.objects.filter(request=play.request, actor=Actor.PARTNER).order_by("sequence")
    assert [event.activity for event in told] == ["accepted", "scheduled", "resolved", "noted"]
    assert {event.acting_office.code for event in told if event.acting_office} == {"hydro"}
    assert Words.objects.get(body="Wire fixed.").kind == Words.Kind.NOTE
    assert (PartnerLink.objects.get().answer, dict(differences())[play.request.reference]) == ("done", [])


def test_the_page_shows_what_the_work_needs_and_nothing_of_a_person(city: World) -> None:
    contact = actions.Contact("Ann Secret", "ann@example.org", "705-555-0199")
    handed(city, contact=contact)
    (address,) = links()
    for language, name in (("en", "Pothole"), ("fr", "Nid-de-poule")):
        page = look(address, language=language).content.decode()
        assert name in page
        assert "1 King Street" in page
        assert not re.search("Ann Secret|ann@example|555-0199|CITIZENWORDS|NOTEWORDS", page)


def test_the_place_of_a_private_case_is_told_only_where_its_service_says_so(city: World) -> None:
    pin = factories.IN_THE_WEST
    handed(city, city.benefit, location=pin)
    (address,) = links()
    assert "44.0000" not in look(address).content.decode()
    Service.objects.filter(pk=city.benefit.pk).update(partner_sees_contact=True)
    assert "44.0000" in look(address).content.decode()


def test_what_is_told_late_keeps_both_times_and_both_are_shown(city: World) -> None:
    play = handed(city)
    (first,) = links()
    assert say(first, hours(30), act="accept", occurred_at="2026-05-04T11:30").status_code == 200
    event = RequestEvent.objects.get(request=play.request, actor=Actor.PARTNER)
    assert (event.occurred_at, event.recorded_at) == (hours(1.5), hours(30))
    assert play.request.holds.get(ended_at=None).accepted_at == hours(1.5), "measured by the time that was stated"
    desk = Client()
    desk.force_login(User.objects.get(pk=city.manager.user_id))
    with frozen_at(hours(31)):
        case = desk.get(f"/desk/requests/{play.request.reference}/?lang=en").content.decode()
        handoffs = desk.get("/desk/hand-offs/?lang=en&state=accepted").content.decode()
        public = Client().get(f"/requests/{play.request.reference}/?lang=en").content.decode()
    for page in (case, public):
        assert re.search(r"11:30 am</time> · we heard on Tuesday, May 5, 2026 at 4:00 pm", page)
    assert "The partner said by its link: Accepted by the office, on Monday, May 4, 2026 at 11:30 am" in handoffs
    assert "we heard on Tuesday, May 5, 2026 at 4:00 pm" in handoffs


@pytest.mark.parametrize(
    ("when", "sentence"),
    [
        ("2026-05-05T10:00", "in the future"),
        ("2026-05-04T09:30", "before the last step"),
        ("yesterday", "Give the day and the time"),
        ("0000-00-00T00:00", "Give the day and the time"),
    ],
)
def test_a_time_that_cannot_be_is_refused_and_the_link_is_still_good(city: World, when: str, sentence: str) -> None:
    handed(city)
    (first,) = links()
    refused = say(first, hours(3), act="accept", occurred_at=when, note="KEEPME")
    assert refused.status_code == 422
    page = refused.content.decode()
    assert sentence in page
    assert "KEEPME" in page
    assert say(first, hours(3), act="accept").status_code == 200


@pytest.mark.parametrize(
    "post",
    [
        {"act": "bounce"},
        {"act": "bounce", "reason": "x"},
        {"act": "done"},
        {"act": "done", "outcome": "duplicate"},
        {"act": "date", "day": "soon"},
        {"act": "date"},
        {"act": "back"},
        {"act": "fly"},
        {},
    ],
)
def test_an_answer_with_something_missing_is_refused(city: World, post: dict[str, str]) -> None:
    play = handed(city)
    (first,) = links()
    before = play.request.events.count()
    assert say(first, **post).status_code == 422
    assert play.request.events.count() == before


def test_a_bounce_goes_back_to_the_sender_with_the_reason(city: World) -> None:
    play = handed(city)
    (first,) = links()
    assert say(first, hours(1), act="bounce", reason="wrong_area").status_code == 200
    play.request.refresh_from_db()
    assert play.request.office_id == city.roads.pk
    desk = Client()
    desk.force_login(User.objects.get(pk=city.manager.user_id))
    with frozen_at(hours(2)):
        page = desk.get("/desk/hand-offs/?lang=en&state=bounced").content.decode()
    assert "The partner said by its link: Sent back" in page
    assert look(first, hours(2)).status_code == 410


def test_each_hand_off_shows_what_the_partner_said_of_it_and_not_of_the_next(city: World) -> None:
    play = handed(city)
    (first,) = links()
    assert say(first, hours(1), act="bounce", reason="wrong_area").status_code == 200
    with frozen_at(hours(2)):
        play.request.refresh_from_db()
        play.do(actions.accept, viewer=city.manager)
        play.do(actions.hand_off, viewer=city.manager, office_id=Office.objects.get(code="hydro").pk)
    (second,) = links(hours(2))
    assert say(second, hours(3), act="accept").status_code == 200
    with frozen_at(hours(4)):
        found = handoffs(HandoffFilter(city.jurisdiction, None, Side.ALL), city.manager)
    assert [str(one.partner.label) if one.partner else "" for one in found] == ["Accepted by the office", "Sent back"]


def test_what_was_taken_can_be_given_back(city: World) -> None:
    play = handed(city)
    (first,) = links()
    say(first, hours(1), act="accept")
    (second,) = links(hours(1))
    assert say(second, hours(2), act="back", note="Not our pole.").status_code == 200
    play.request.refresh_from_db()
    assert (play.request.office_id, PartnerLink.objects.get().answer) == (city.roads.pk, "cannot")


def test_a_link_that_was_used_altered_or_is_old_says_so(city: World) -> None:
    play = handed(city)
    (first,) = links()
    assert say(first, act="accept").status_code == 200
    for used in (say(first, act="done", outcome="resolved"), look(first)):
        assert used.status_code == 410
        assert "This link was used" in used.content.decode()
    assert look(first[:-3] + "aaa/").status_code == 404
    assert look(f"/partner/{sign(Purpose.FOLLOW, 1)}/").status_code == 404
    assert look(f"/partner/{sign(Purpose.PARTNER, 10**9, 1)}/").status_code == 404
    (second,) = links()
    old = look(second, SENT + timedelta(days=31))
    assert old.status_code == 404
    assert "too old" in old.content.decode()
    assert say(second, SENT + timedelta(days=31), act="new-link").status_code == 200
    (third,) = links(SENT + timedelta(days=31))
    done = say(third, SENT + timedelta(days=31), act="done", outcome="resolved")
    assert done.status_code == 200
    play.request.refresh_from_db()
    assert not play.request.is_open


def test_a_case_that_others_moved_meanwhile_asks_for_a_new_link(city: World) -> None:
    play = handed(city)
    (first,) = links()
    with frozen_at(hours(1)):
        play.do(actions.note, viewer=city.manager, body="A note moves nothing.")
    assert look(first, hours(1)).status_code == 200
    with frozen_at(hours(2)):
        play.do(actions.reprioritize, viewer=city.manager, priority=2)
    changed = say(first, hours(3), act="accept")
    assert changed.status_code == 409
    assert "was changed" in changed.content.decode()
    assert say(first, hours(3), act="new-link").status_code == 200
    assert say(first, hours(3), act="new-link").status_code == 200
    (second,) = links(hours(3))
    assert say(second, hours(3), act="accept").status_code == 200


def test_a_case_that_was_taken_back_is_not_the_partners_any_more(city: World) -> None:
    play = handed(city)
    (first,) = links()
    with frozen_at(hours(1)):
        play.do(actions.recall, viewer=city.handler)
    for answer in (look(first, hours(2)), say(first, hours(2), act="accept"), say(first, hours(2), act="new-link")):
        assert answer.status_code == 410
    assert links(hours(2)) == []


def test_our_own_offices_and_partners_without_a_mailbox_get_no_link(city: World) -> None:
    with frozen_at(SENT):
        own, silent = Play.begin(city).accepted(), Play.begin(city).accepted()
        own.do(actions.hand_off, office_id=city.parks.pk)
        silent.do(actions.hand_off, office_id=factories.office(city.jurisdiction, "mute", is_external=True).pk)
    assert links() == []
    assert PartnerLink.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_by_one_link_at_once_one_is_kept() -> None:
    city = factories.world(is_default=True)
    for _ in range(5):
        play = Play.begin(city).accepted()
        office = Office.objects.filter(code="hydro", jurisdiction=city.jurisdiction).first() or partner(city)
        play.do(actions.hand_off, office_id=office.pk)
        sweep_outbox(200)
        link, version = PartnerLink.objects.get(request=play.request), play.request.version
        accept, bounce = Answer(PartnerAct.ACCEPT), Answer(PartnerAct.BOUNCE, reason="wrong_area")
        runs = [partial(partner_answers, link.pk, version, given, "en") for given in (accept, bounce, accept)]
        results = race(*runs)
        assert (len(winners(results)), len(losers(results))) == (1, 2)
        assert RequestEvent.objects.filter(request=play.request, actor=Actor.PARTNER).count() == 1
