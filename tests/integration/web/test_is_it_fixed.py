"""“Is it fixed?”: asked of who filed a case, for thirty days after its closing; a “no” goes back to who closed it."""

import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from PIL import Image

from requests_app import actions
from requests_app.actions import Contact
from requests_app.actions.verify import differences
from requests_app.clock import frozen_at
from requests_app.models import Office, OutboxEntry, Photo, RequestEvent, User
from requests_app.notify.deliver import sweep_outbox
from requests_app.privacy.photos import store
from requests_app.states import NOT_FIXED, Activity, Actor, Outcome, Status
from tests import factories
from tests.factories import World
from tests.races import losers, race, winners
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
CLOSED = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)
NEXT_DAY = CLOSED + timedelta(days=1)
TOO_LATE = CLOSED + timedelta(days=30, minutes=1)


@pytest.fixture
def world() -> World:
    return factories.world("testford", is_default=True)


def closed(world: World, **fields: Any) -> Play:
    with frozen_at(CLOSED - timedelta(days=2)):
        play = Play.begin(world, contact=Contact("Ann", "ann@example.org", wants_news=True), **fields)
    with frozen_at(CLOSED):
        return play.started().closed()


def link(play: Play) -> str:
    """The link of the closing mail."""
    with frozen_at(CLOSED):
        sweep_outbox()
    sent = next(one for one in reversed(mail.outbox) if "was closed" in one.subject and one.to == ["ann@example.org"])
    address = next(word for word in str(sent.body).split() if "/is-it-fixed/" in word)
    return address[address.index("/is-it-fixed/") :].partition("?")[0]


def picture() -> Any:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (4, 5, 6)).save(out, "PNG")
    out.seek(0)
    out.name = "still.png"
    return out


def post(address: str, at: datetime = NEXT_DAY, browser: Client | None = None, **form: Any) -> Any:
    """Send a form, with the version that its page bears unless another is given."""
    with frozen_at(at):
        seen = re.search(r'name="version" value="(\d+)"', Client().get(address).content.decode())
        return (browser or Client()).post(address, {"version": seen[1] if seen else "", **form})


NO = {"act": "not_fixed", "reason": "The hole is still there."}


# --- What it does ----------------------------------------------------------------------------------------------------


def test_a_no_returns_the_case_to_the_office_that_closed_it_as_closed_not_fixed(world: World) -> None:
    play = closed(world)
    assert post(link(play), **NO, photo=picture()).status_code == 302
    play.request.refresh_from_db()
    assert (play.request.status, play.request.office_id) == (Status.ASSIGNED, world.roads.pk)
    event = play.request.events.get(activity=Activity.REOPENED)
    assert (event.reason, event.actor, event.user_id) == (NOT_FIXED, Actor.CITIZEN, None)
    photo = Photo.objects.get(pk=event.photo_id)
    assert (photo.by_citizen, photo.released_at) == (True, None)
    assert RequestEvent.objects.filter(activity=Activity.REOPENED, reason=NOT_FIXED).count() == 1
    assert dict(differences(world.jurisdiction.code)) == {play.request.reference: []}


def test_the_time_it_was_closed_does_not_count(world: World) -> None:
    play = closed(world)
    before = play.request.due_at
    with frozen_at(CLOSED + timedelta(days=7, hours=-1)):  # the same hour of the clock: it is summer time by then
        play.do(actions.not_fixed, viewer=play.citizen, reason="Still there.")
    assert play.request.due_at == before + timedelta(days=7)
    assert [why for _from, _to, why in play.request.pauses] == ["closed"]


def test_the_office_is_told_as_are_its_managers_and_the_citizen(world: World) -> None:
    play = closed(world)
    address = link(play)
    User.objects.filter(pk=world.manager.user_id).update(email="boss@town.example")
    User.objects.filter(pk=world.handler.user_id).update(email="roads@town.example")
    mail.outbox.clear()
    post(address, **NO)
    with frozen_at(NEXT_DAY):
        sweep_outbox()
    told = {one.to[0]: one.subject for one in mail.outbox}
    assert set(told) == {"boss@town.example", "roads@town.example", "ann@example.org"}
    assert told["roads@town.example"].startswith("Closed, not fixed: ")
    assert all("still there" not in str(one.body) for one in mail.outbox)


def test_a_yes_is_noted_once_moves_nothing_and_tells_nobody(world: World) -> None:
    play = closed(world)
    address = link(play)
    mails = OutboxEntry.objects.count()
    first = post(address, act="fixed", version=play.request.version)
    again = post(address, act="fixed", version=play.request.version)
    later = post(address, act="fixed", version=play.request.version + 1)  # another page, looked at after the first yes
    assert (first.status_code, again.status_code, later.status_code) == (302, 302, 422)
    play.request.refresh_from_db()
    assert play.request.status == Status.CLOSED
    assert play.request.events.filter(activity=Activity.CONFIRMED).count() == 1
    assert OutboxEntry.objects.count() == mails
    assert dict(differences(world.jurisdiction.code)) == {play.request.reference: []}


def test_who_said_yes_and_then_no_is_told_to_report_it_again(world: World) -> None:
    play = closed(world)
    address = link(play)
    post(address, act="fixed", version=play.request.version)
    refused = post(address, **NO)
    assert refused.status_code == 422
    assert "report it again" in refused.content.decode()
    play.request.refresh_from_db()
    assert play.request.status == Status.CLOSED


def test_each_closing_is_asked_about_anew(world: World) -> None:
    play = closed(world)
    with frozen_at(NEXT_DAY):
        play.do(actions.not_fixed, viewer=play.citizen, reason="Still there.").closed()
        play.do(actions.confirm_fixed, viewer=play.citizen)
    assert [e.activity for e in play.request.events.filter(actor=Actor.CITIZEN)][-2:] == ["reopened", "confirmed"]


def test_an_office_that_is_closed_for_good_does_not_get_it_back(world: World) -> None:
    play = closed(world)
    Office.objects.filter(pk=world.roads.pk).update(closes_on=CLOSED.date())
    post(link(play), **NO)
    play.request.refresh_from_db()
    assert play.request.office_id == world.intake.pk
    assert dict(differences(world.jurisdiction.code)) == {play.request.reference: []}


@pytest.mark.django_db(transaction=True)
def test_two_browsers_at_one_moment_open_it_once(world: World) -> None:
    play = Play.begin(world).closed()
    told = [lambda: actions.not_fixed(factories.command(play.request, play.citizen), reason="Still there.")] * 4
    results = race(*told)
    assert (len(winners(results)), len(losers(results))) == (1, 3)
    assert play.request.events.filter(activity=Activity.REOPENED).count() == 1


# --- The pages -------------------------------------------------------------------------------------------------------


def test_looking_at_the_link_changes_nothing_and_shows_no_words(world: World) -> None:
    play = closed(world)
    address, version = link(play), play.request.version
    browser = Client(enforce_csrf_checks=True)
    with frozen_at(NEXT_DAY):
        page = browser.get(address)
        french = browser.get(f"{address}?lang=fr").content.decode()
    assert page.status_code == 200
    assert "Is it fixed?" in page.content.decode()
    assert "something here that needs work" not in page.content.decode()
    assert "Est-ce réglé" in french
    assert "sessionid" not in browser.cookies
    assert post(address, browser=browser, **NO).status_code == 403, "a form of another site is refused"
    play.request.refresh_from_db()
    assert play.request.version == version


def test_an_altered_link_and_one_that_is_too_old_each_say_what_to_do(world: World) -> None:
    play = closed(world)
    address = link(play)
    altered = address[:-2] + ("b/" if address[-2] != "b" else "c/")
    for answer in (post(altered, **NO), Client().get(altered)):
        assert answer.status_code == 404
        assert "a letter of it was changed" in answer.content.decode()
    late = post(address, TOO_LATE, **NO)
    assert late.status_code == 410
    assert "report it again and name the reference" in late.content.decode()
    play.request.refresh_from_db()
    assert play.request.status == Status.CLOSED


def test_the_page_of_the_request_asks_who_filed_it_for_thirty_days(world: World) -> None:
    play = closed(world)
    browser, address = Client(), f"/requests/{play.request.reference}/"
    assert "Yes, it is fixed" not in Client().get(address).content.decode()
    session = browser.session
    session["tracked_request_ids"] = [play.request.pk]
    session.save()
    with frozen_at(TOO_LATE - timedelta(minutes=2)):
        asks = browser.get(address).content.decode()
    with frozen_at(TOO_LATE):
        late = browser.get(address).content.decode()
    assert "Yes, it is fixed" in asks
    assert "You can say so until" in asks
    assert "Yes, it is fixed" not in late
    assert "this request could be opened again" in late
    refused = post(address, TOO_LATE, browser=browser, **NO, version=play.request.version)
    assert refused.status_code == 422
    assert "too long ago" in refused.content.decode()


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"act": "not_fixed", "reason": " "}, "Say in a few words what is still wrong."),
        ({"act": "not_fixed", "reason": "x" * 4001}, "Shorten it"),
        ({"act": "explode"}, "Choose yes or no."),
        ({}, "Choose yes or no."),
    ],
)
def test_a_form_that_cannot_be_taken_is_refused_by_its_field_and_keeps_the_words(
    world: World, form: dict[str, str], sentence: str
) -> None:
    play = closed(world)
    refused = post(link(play), **form, version=play.request.version)
    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    assert form.get("reason", "") in refused.content.decode()
    play.request.refresh_from_db()
    assert play.request.status == Status.CLOSED


def test_a_file_that_is_no_photo_is_refused_and_nothing_is_half_written(world: World) -> None:
    play = closed(world)
    before = sorted(store().iterdir())
    broken = io.BytesIO(b"GIF89a nothing")
    broken.name = "still.gif"
    refused = post(link(play), **NO, photo=broken, version=play.request.version)
    assert refused.status_code == 422
    assert "not a photo we can read" in refused.content.decode()
    assert "The hole is still there." in refused.content.decode()
    with frozen_at(TOO_LATE), pytest.raises(actions.Refused):
        play.do(actions.not_fixed, viewer=play.citizen, reason="Still there.")
    assert sorted(store().iterdir()) == before


def test_a_request_that_was_joined_with_another_is_asked_about_there(world: World) -> None:
    with frozen_at(CLOSED):
        into = Play.begin(world)
        play = Play.begin(world, contact=Contact(email="ann@example.org")).started()
        play.do(actions.merge, into_id=into.request.pk)
    with frozen_at(NEXT_DAY), pytest.raises(actions.Refused) as refused:
        play.do(actions.not_fixed, viewer=play.citizen, reason="Still there.")
    assert "joined with another one" in str(refused.value)


@pytest.mark.parametrize("who", ["handler", "other_handler", "evaluator"])
def test_nobody_else_says_it_for_the_citizen(world: World, who: str) -> None:
    play = closed(world)
    with frozen_at(NEXT_DAY), pytest.raises(actions.Forbidden):
        play.do(actions.confirm_fixed, viewer=getattr(world, who))


def test_an_outcome_that_is_no_repair_is_asked_about_too(world: World) -> None:
    with frozen_at(CLOSED):
        play = Play.begin(world, contact=Contact(email="ann@example.org")).started()
        play.closed(Outcome.NOT_RESPONSIBLE)
    assert post(link(play), **NO).status_code == 302


def test_a_decision_on_an_application_is_neither_fixed_nor_broken(world: World) -> None:
    contact = Contact("Ann", "ann@example.org", wants_news=True)
    with frozen_at(CLOSED):
        play = Play.begin(world, world.benefit, contact=contact).started().closed()
        sweep_outbox()
    assert not [one for one in mail.outbox if "/is-it-fixed/" in str(one.body)]
    with frozen_at(NEXT_DAY), pytest.raises(actions.Refused, match="A decision is not opened again here"):
        actions.not_fixed(factories.command(play.request, play.citizen), reason="I need it.")
    play.request.refresh_from_db()
    assert play.request.status == Status.CLOSED
