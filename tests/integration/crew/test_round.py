"""My round: what is on it, in which order, what is told, and how a form without scripts is answered."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin

import pytest
from django.contrib.gis.geos import Point
from django.core.files.uploadedfile import SimpleUploadedFile
from django.templatetags.static import static
from django.test import Client
from django.urls import reverse

from requests_app import actions
from requests_app.clock import frozen_at
from requests_app.models import CrewEntry, Membership, Office, ServiceRequest, User
from requests_app.permissions import Viewer
from requests_app.reads.round import Round, round_of
from requests_app.states import Activity, Outcome, Status
from requests_app.web.crew.worker import SHELL
from tests import factories
from tests.crew_entries import photo
from tests.factories import WEST, World
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
LATER = NOON + timedelta(days=30)


@pytest.fixture
def world() -> World:
    return factories.world("testford", is_default=True)


def at(east: float) -> Point:
    """A place so many hundredths of a degree east of the western edge."""
    return Point(WEST + 0.001 + east / 100, 44.0, srid=4326)


def taken(world: World, east: float = 1, **fields: Any) -> Play:
    """A pothole that roads has accepted and that has been due for long."""
    return Play.begin(world, location=at(east), **fields).accepted()


def round_now(world: World, viewer: Viewer | None = None, **fields: Any) -> Round:
    return round_of(viewer or world.handler, world.jurisdiction, [world.roads.pk], **fields)


def client(viewer: Viewer) -> Client:
    browser = Client()
    browser.force_login(User.objects.get(pk=viewer.user_id))
    return browser


def entry_form(play: Play, **fields: Any) -> dict[str, Any]:
    known = {"reference": play.request.reference, "version": play.request.version, "key": secrets.token_hex(16)}
    return {**known, "kind": "done", "outcome": "resolved", **fields}


def test_a_round_holds_what_is_due_and_what_was_given_to_me_and_nothing_else(world: World) -> None:
    with frozen_at(NOON):
        due, mine, not_yet_taken = taken(world), taken(world), Play.begin(world, location=at(2))
        theirs = taken(world).do(actions.assign, viewer=world.manager, handler_id=_colleague(world))
        put_off = taken(world).do(actions.put_off, reason="season", until=LATER + timedelta(days=9))
        planned = taken(world).do(actions.schedule, promised_at=LATER + timedelta(days=3))
        elsewhere = Play.begin(world, location=factories.IN_THE_EAST).accepted()
    mine.do(actions.assign, handler_id=world.handler.user_id)
    with frozen_at(LATER):
        stops = {stop.reference: stop for stop in round_now(world).stops}
    assert set(stops) == {due.request.reference, mine.request.reference}
    assert stops[mine.request.reference].is_mine
    for other in (not_yet_taken, theirs, put_off, planned, elsewhere):
        assert other.request.reference not in stops


def test_what_was_put_off_is_in_the_round_again_once_it_moves_on_or_becomes_dangerous(world: World) -> None:
    with frozen_at(NOON):
        away = [taken(world).do(actions.put_off, reason="season", until=LATER + timedelta(days=9)) for _ in range(3)]
        urgent, passed_on, still = away
        urgent.do(actions.reprioritize, priority=2)
        passed_on.do(actions.hand_off, office_id=world.parks.pk).do(actions.accept, viewer=world.manager)
        passed_on.do(actions.hand_off, office_id=world.roads.pk, viewer=world.manager).do(actions.accept)
    with frozen_at(LATER):
        there = {stop.reference for stop in round_now(world).stops}
    assert {urgent.request.reference, passed_on.request.reference} <= there
    assert still.request.reference not in there
    assert urgent.request.put_off_until is None


def test_a_repeat_of_what_went_out_of_sight_meanwhile_gets_the_first_answer(world: World) -> None:
    play = Play.begin(world, world.needle).accepted()
    browser = client(world.handler)
    form = entry_form(play, kind="could_not", reason="access", outcome="", user=world.handler.user_id, age_s="0")
    json = {"headers": {"accept": "application/json"}}
    first = browser.post("/crew/entries/", form, **json).json()
    play.do(actions.hide, viewer=world.manager)
    Membership.objects.filter(user_id=world.handler.user_id).update(office=world.parks)
    again = browser.post("/crew/entries/", form, **json).json()
    assert (first["result"], again["result"], again["repeat"]) == ("taken", "taken", True)


def test_opening_the_address_of_an_entry_shows_the_round(world: World) -> None:
    assert client(world.handler).get("/crew/entries/?place=testford")["Location"] == "/crew/?place=testford"


def _colleague(world: World) -> int:
    colleague = factories.member(factories.Role.HANDLER, world.jurisdiction, world.roads)
    assert colleague.user_id
    return colleague.user_id


def test_what_is_not_due_yet_is_on_the_round_only_when_dangerous_or_mine(world: World) -> None:
    with frozen_at(NOON):
        calm, urgent = taken(world), taken(world, 3)
        urgent.do(actions.reprioritize, priority=2)
        tagged = taken(world, 2)
        ServiceRequest.objects.filter(pk=tagged.request.pk).update(tags=["safety"])
        stops = round_now(world).stops
    assert [stop.reference for stop in stops if stop.is_hazard] == [stop.reference for stop in stops]
    assert {stop.reference for stop in stops} == {urgent.request.reference, tagged.request.reference}
    assert calm.request.reference not in {stop.reference for stop in stops}


def test_the_order_is_the_shortest_from_the_office_and_from_where_one_is(world: World) -> None:
    with frozen_at(NOON):
        plays = [taken(world, east) for east in (3, 1, 4, 2)]
        danger = taken(world, 5).do(actions.reprioritize, priority=2)
    Office.objects.filter(pk=world.roads.pk).update(location=at(0))
    with frozen_at(LATER):
        from_office = round_now(world)
        from_here = round_now(world, here=(WEST + 0.05, 44.0))
    in_line = [plays[n].request.reference for n in (1, 3, 0, 2)]
    assert [s.reference for s in from_office.stops] == [danger.request.reference, *reversed(in_line)]
    assert [s.reference for s in from_here.stops] == [danger.request.reference, *reversed(in_line)]
    assert from_office.start_office == "Roads office"
    assert from_here.start_office == ""
    assert from_office.stops[1].leg_m == pytest.approx(800, abs=5)
    assert from_office.length_m > from_here.length_m


def test_a_long_round_is_cut_and_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("requests_app.reads.round.MOST_STOPS", 2)
    with frozen_at(NOON):
        plays = [taken(world, east) for east in (1, 2, 3)]
        plays[2].do(actions.reprioritize, priority=2)
    with frozen_at(LATER):
        mine = round_now(world)
    assert (len(mine.stops), mine.left_out) == (2, 1)
    assert mine.stops[0].reference == plays[2].request.reference


def test_a_stop_tells_the_words_notes_and_photos_to_those_who_may_read_them(world: World) -> None:
    with frozen_at(NOON):
        play = taken(world, words="A hole before the school.", photos=(photo(),))
        play.do(actions.note, body="Bring cones.").do(actions.comment, body="Not a note.")
    with frozen_at(LATER):
        (stop,) = round_now(world).stops
    assert stop.words == "A hole before the school."
    assert [note.body for note in stop.notes] == ["Bring cones."]
    assert len(stop.photos) == 1


def test_the_page_says_on_the_list_what_the_map_reads_and_costs_few_statements(
    world: World, django_assert_max_num_queries: Any
) -> None:
    with frozen_at(NOON):
        for east in (1, 2, 3):
            taken(world, east)
    browser = client(world.handler)
    with frozen_at(LATER), django_assert_max_num_queries(13):
        page = browser.get("/crew/").content.decode()
    drawn = re.findall(
        r'<li class="stop" id="stop-[\w-]+" data-number="(\d)" data-lon="(-79[.\d]+)" data-lat="(44[.\d]+)"', page
    )
    assert [number for number, _lon, _lat in drawn] == ["1", "2", "3"]
    assert page.count('href="geo:44.0,-79.0') == 3
    assert 'capture="environment"' in page


def test_a_form_without_scripts_is_done_once_even_when_sent_twice(world: World) -> None:
    with frozen_at(NOON):
        play = taken(world)
    browser, form = client(world.handler), entry_form(play, note="Patched.")
    for _ in range(2):
        answer = browser.post("/crew/entries/", form, follow=True)
        assert f"{play.request.reference}: done and closed." in answer.content.decode()
    play.request.refresh_from_db()
    assert play.request.status == Status.CLOSED
    assert play.request.events.filter(activity=Activity.RESOLVED).count() == 1


def test_a_refused_form_keeps_what_was_typed_beside_the_sentence(world: World) -> None:
    with frozen_at(NOON):
        play = taken(world)
    with frozen_at(LATER):
        answer = client(world.handler).post("/crew/entries/", entry_form(play, outcome="", note="Cones are out."))
    page = answer.content.decode()
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Choose how it ended." in page
    assert "Cones are out." in page


def test_a_refused_form_of_a_request_that_left_the_round_keeps_its_words_by_themselves(world: World) -> None:
    with frozen_at(NOON):
        play = taken(world)
        play.do(actions.close, outcome=Outcome.RESOLVED)
    answer = client(world.handler).post("/crew/entries/", entry_form(play, age_s="never", note="Cones are out."))
    page = answer.content.decode()
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "The entry does not say how long ago it was made. Enter it again." in page
    assert "Cones are out." in page


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "changed before this arrived"), ("fr", "avait changé avant")]
)
def test_a_conflict_is_said_in_the_reader_s_language(world: World, language: str, sentence: str) -> None:
    with frozen_at(NOON):
        play = taken(world)
    form = entry_form(play, user=world.handler.user_id)
    play.do(actions.close, viewer=world.manager, outcome=Outcome.RESOLVED)
    browser = client(world.handler)
    said = browser.post(f"/crew/entries/?lang={language}", form, headers={"Accept": "application/json"}).json()
    assert said["result"] == "kept"
    assert sentence in said["sentence"]


def test_an_entry_of_somebody_else_waits_for_them(world: World) -> None:
    with frozen_at(NOON):
        play = taken(world)
    form = entry_form(play, user=world.manager.user_id)
    for browser in (Client(), client(world.handler)):
        answer = browser.post("/crew/entries/", form, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json()["result"]) == (HTTPStatus.FORBIDDEN, "sign_in")
    assert not CrewEntry.objects.exists()


@pytest.mark.parametrize(
    ("age", "photo_bytes", "field"),
    [("soon", b"", "done_at"), ("-5", b"", "done_at"), ("99999999", b"", "done_at"), ("3", b"not a photo", "photo")],
)
def test_bad_input_is_refused_in_a_sentence(world: World, age: str, photo_bytes: bytes, field: str) -> None:
    with frozen_at(NOON):
        play = taken(world)
    form = entry_form(play, user=world.handler.user_id, age_s=age)
    if photo_bytes:
        form["photo"] = SimpleUploadedFile("photo.jpg", photo_bytes, content_type="image/jpeg")
    answer = client(world.handler).post("/crew/entries/", form, headers={"Accept": "application/json"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert list(answer.json()["fields"]) == [field]


def test_my_position_orders_the_round_until_i_take_it_back(world: World) -> None:
    with frozen_at(NOON):
        taken(world)
    browser = client(world.handler)
    with frozen_at(LATER):
        assert browser.post("/crew/from/", {"lon": "-79.05123456", "lat": "44.0"}).status_code == HTTPStatus.FOUND
        assert tuple(browser.session["crew_sets_out_from"]) == (-79.0512, 44.0)
        assert "From where you are." in browser.get("/crew/").content.decode()
        browser.post("/crew/from/", {"from": "office"})
        assert "From where you are." not in browser.get("/crew/").content.decode()
    for bad in ({}, {"lon": "nan", "lat": "44"}, {"lon": "1", "lat": "91"}, {"lon": "x", "lat": "y"}):
        assert browser.post("/crew/from/", bad).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_the_round_is_for_those_who_handle_cases(world: World) -> None:
    assert Client().get("/crew/").status_code == HTTPStatus.FOUND
    for viewer in (world.evaluator, world.administrator):
        assert client(viewer).get("/crew/").status_code == HTTPStatus.FORBIDDEN
    assert client(world.manager).get("/crew/").status_code == HTTPStatus.OK


def test_the_worker_reaches_the_crew_s_pages_only_and_names_files_that_are_there(world: World) -> None:
    answer = Client().get(reverse("crew:worker"))
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Service-Worker-Allowed"] == "/crew/"
    names = re.search(r"const SHELL = \[(.*)\];", answer.content.decode())
    assert names
    for name in re.findall(r'"([^"]+)"', names[1]):
        plain = name.encode().decode("unicode_escape")
        assert Client().get(plain).status_code == HTTPStatus.OK, plain


def linked_from(address: str) -> set[str]:
    """The files that a script imports, or a style of ours names; Leaflet's pictures are of buttons we do not show."""
    if "/vendor/" in address or not address.endswith((".js", ".css")):
        return set()
    said = b"".join(Client().get(address)).decode()
    named = re.findall(r'(?:from|import) "(\.[^"]+)"', said) + re.findall(r'url\("([^"]+)"\)', said)
    return {urljoin(address, name) for name in named}


def test_the_worker_keeps_every_file_that_a_round_needs(world: World) -> None:
    """One that is missing is an error on the first reload without a signal, unless the browser has kept it itself."""
    taken(world)
    page = client(world.handler).get("/crew/").content.decode()
    needed, found = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page)), set[str]()
    while more := needed - found:
        found |= more
        needed |= {name for address in more for name in linked_from(address)}
    assert {"/static/site/theme.css", "/static/requests_app/pin-map.js"} <= found
    assert found <= {static(name) for name in SHELL}
