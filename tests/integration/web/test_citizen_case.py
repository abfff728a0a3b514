"""The page of one request: what everybody sees, what its own citizen sees and can say."""

import io
import re
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from requests_app import actions
from requests_app.clock import frozen_at, now
from requests_app.models import Hold, Provenance, Rating, ServiceRequest, Words
from requests_app.permissions import ANONYMOUS
from requests_app.privacy.photos import ready_photo
from requests_app.states import Outcome, Status
from tests.factories import World, command, file_request, submission, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> World:
    return world(is_default=True)


def text(response: HttpResponse) -> str:
    return response.content.decode()


def photo() -> object:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "blue").save(out, "JPEG")
    return ready_photo(io.BytesIO(out.getvalue()), len(out.getvalue()))


def filed(of: object, **fields: object) -> tuple[ServiceRequest, str]:
    sent = actions.submit(submission(of, **fields), viewer=ANONYMOUS)
    return sent.request, f"/requests/{sent.request.reference}/track/{sent.tracking_token}/"


def own(client: Client, link: str) -> Client:
    assert client.get(link).status_code == 302
    return client


def say(client: Client, request: ServiceRequest, **post: object) -> HttpResponse:
    version = ServiceRequest.objects.get(pk=request.pk).version
    return client.post(f"/requests/{request.reference}/", {"version": version, **post})


def accepted(request: ServiceRequest, city: World) -> None:
    actions.accept(command(request, city.handler_of(request.office_id)))
    actions.start(command(request, city.handler_of(request.office_id)))


# --- What everybody sees -------------------------------------------------------------------------------------------


def test_the_page_says_who_has_it_since_when_and_what_was_promised(city: World, client: Client) -> None:
    request = file_request(city.pothole)
    page = text(client.get(f"/requests/{request.reference}/"))
    assert f"{city.roads.name} has been asked to take it and has not accepted it yet." in page
    assert "With this office since" in page
    assert "An answer is promised by" in page
    assert "Its way through the offices" in page
    assert "1 King Street" in page


def test_lateness_is_said_plainly_and_a_new_date_when_there_is_one(city: World, client: Client) -> None:
    request = file_request(city.pothole)
    accepted(request, city)
    with frozen_at(now() + timedelta(days=60)):
        page = text(client.get(f"/requests/{request.reference}/"))
        assert "An answer was promised by" in page
        assert re.search(r"It is \d+\s+days late\.", page)
        assert "No new date has been given." in page
        actions.schedule(command(request, city.handler), promised_at=now() + timedelta(days=3))
        assert "The work is now planned for" in text(client.get(f"/requests/{request.reference}/"))


def test_every_office_and_its_wait_is_in_the_picture(city: World, client: Client) -> None:
    request = file_request(city.pothole)
    accepted(request, city)
    actions.hand_off(command(request, city.handler), office_id=city.parks.pk)
    page = text(client.get(f"/requests/{request.reference}/"))
    bars = re.findall(r'class="route__office">([^<]+)', page)
    assert bars == [city.roads.name, city.parks.name]
    assert "route__stretch--transfer" in page


def test_words_photos_and_people_are_not_public_until_released(city: World, client: Client) -> None:
    request, link = filed(city.pothole, photos=(photo(),), contact=actions.Contact(name="Ada Lovelace", email="a@b.ca"))
    address = f"/requests/{request.reference}/"
    picture = f"{address}photos/{request.photos.get().pk}/"
    page = text(client.get(address))
    assert "something here that needs work" not in page
    assert "Ada" not in page
    assert client.get(picture).status_code == 404
    mine = own(Client(), link)
    assert "something here that needs work" in text(mine.get(address))
    shown = mine.get(picture)
    assert shown.headers["Content-Type"] == "image/jpeg"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in shown.headers["Cache-Control"]
    actions.release_words(command(request, city.manager), words_id=Words.objects.get().pk)
    actions.release_photo(command(request, city.manager), photo_id=request.photos.get().pk)
    assert "something here that needs work" in text(client.get(address))
    assert client.get(picture).status_code == 200


def test_place_only_shows_place_status_and_route_but_never_words(city: World, client: Client) -> None:
    request = file_request(city.needle, photos=(photo(),))
    page = text(client.get(f"/requests/{request.reference}/"))
    assert "1 King Street" in page
    assert city.roads.name in page
    assert "something here" not in page
    assert client.get(f"/requests/{request.reference}/photos/{request.photos.get().pk}/").status_code == 404


def test_internal_notes_and_their_existence_stay_inside(city: World, client: Client) -> None:
    request, link = filed(city.pothole)
    actions.note(command(request, city.handler), body="The caller was rude.")
    accepted(request, city)
    actions.hand_off(command(request, city.handler), office_id=city.parks.pk, note="You take this one.")
    for page in (
        text(client.get(f"/requests/{request.reference}/")),
        text(own(Client(), link).get(f"/requests/{request.reference}/")),
    ):
        assert "rude" not in page
        assert "You take this one" not in page
        assert "Internal note" not in page


def test_an_imported_case_is_read_only_and_its_source_is_not_made_to_say_more(city: World, client: Client) -> None:
    request, link = filed(city.pothole)
    own(client, link)
    Hold.objects.all().delete()
    ServiceRequest.objects.update(office=None)
    city.jurisdiction.provenance = Provenance.IMPORTED
    city.jurisdiction.as_of = now()
    city.jurisdiction.save()
    page = text(client.get(f"/requests/{request.reference}/"))
    assert "Imported data as of" in page
    assert "The source does not say which office has it." in page
    assert "Add something for the office" not in page
    assert say(client, request, act="comment", comment="x").status_code == 409


def test_a_joined_request_leads_to_the_one_it_was_joined_with(city: World, client: Client) -> None:
    kept, repeated = file_request(city.pothole), file_request(city.pothole)
    actions.merge(command(repeated, city.manager), into_id=kept.pk)
    assert f'href="/requests/{kept.reference}/"' in text(client.get(f"/requests/{repeated.reference}/"))
    actions.hide(command(kept, city.manager))
    assert kept.reference not in text(client.get(f"/requests/{repeated.reference}/"))


def test_htmx_gets_only_what_changes(city: World, client: Client) -> None:
    request = file_request(city.pothole)
    fragment = client.get(f"/requests/{request.reference}/", headers={"HX-Request": "true"})
    assert "<html" not in text(fragment)
    assert 'class="timeline"' in text(fragment)
    assert "HX-Request" in fragment.headers["Vary"]


def test_the_way_is_said_plainly(city: World, client: Client) -> None:
    request = file_request(city.pothole)
    page = text(client.get(f"/requests/{request.reference}/"))
    assert "within 5 working days (40 hours)" in page
    assert "What is promised" in page
    assert "it is here" not in page, "no office has accepted it"
    actions.bounce(command(request, city.handler), reason="wrong_office")
    actions.route(command(request, city.manager), office_id=city.parks.pk)
    page = text(client.get(f"/requests/{request.reference}/"))
    assert f"Sent back by {city.roads.name}" in page
    assert "It was sent back 1 time by an office that could not take it." in page
    assert f"Renvoyée par {city.roads.names['fr']}" in text(client.get(f"/requests/{request.reference}/?lang=fr"))


def test_a_plan_after_the_promise_says_that_the_promise_will_not_be_kept(city: World, client: Client) -> None:
    request = file_request(city.pothole)
    accepted(request, city)
    actions.schedule(command(request, city.handler), promised_at=now() + timedelta(days=60))
    assert "The promise will not be kept: the work is planned for" in text(
        client.get(f"/requests/{request.reference}/")
    )


def test_waiting_for_the_citizen_is_not_drawn_as_work(city: World, client: Client) -> None:
    request = file_request(city.pothole)
    accepted(request, city)
    with frozen_at(now() + timedelta(days=1)):
        actions.ask_citizen(command(request, city.handler), question="Where?")
    with frozen_at(now() + timedelta(days=3)):
        page = text(client.get(f"/requests/{request.reference}/"))
    assert "route__stretch--paused" in page
    assert "waiting for an answer" in page


# --- The tracking link ---------------------------------------------------------------------------------------------


def test_the_tracking_link_leads_to_an_address_that_tells_nothing(city: World, client: Client) -> None:
    request, link = filed(city.benefit)
    assert client.get(f"/requests/{request.reference}/").status_code == 404
    response = client.get(link)
    assert response.headers["Location"] == f"/requests/{request.reference}/"
    assert "Heating benefit" in text(client.get(response.headers["Location"]))


def test_the_browser_that_opened_the_link_can_copy_it_again_and_no_other_page_learns_it(
    city: World, client: Client
) -> None:
    request, link = filed(city.pothole)
    address = f"/requests/{request.reference}/"
    cookie = client.get(link).cookies["tracking"]
    assert (cookie["path"], bool(cookie["httponly"])) == (address, True)
    assert f'value="http://testserver{link}"' in text(client.get(address))
    assert link not in text(Client().get(address))
    stranger = Client()
    stranger.cookies["tracking"] = "0" * 32
    assert "Copy the tracking link" not in text(stranger.get(address))


def test_a_wrong_token_is_no_page(city: World, client: Client) -> None:
    request, link = filed(city.benefit)
    assert client.get(link[:-2] + "x/").status_code == 404
    assert client.post(link).status_code == 405
    assert client.get(f"/requests/{request.reference}/").status_code == 404


# --- What the citizen says -----------------------------------------------------------------------------------------


def test_the_citizen_answers_the_office(city: World, client: Client) -> None:
    request, link = filed(city.pothole)
    accepted(request, city)
    actions.ask_citizen(command(request, city.handler), question="Which side of the street?")
    own(client, link)
    page = text(client.get(f"/requests/{request.reference}/"))
    assert "Which side of the street?" in page
    assert say(client, request, act="reply", reply="  ").status_code == 422
    assert say(client, request, act="reply", reply="The north side.").status_code == 302
    page = text(client.get(f"/requests/{request.reference}/"))
    assert "The north side." in page
    assert "Your answer was sent." in page
    assert ServiceRequest.objects.get().status == Status.IN_PROGRESS


def test_the_citizen_comments_rates_and_opens_again(city: World, client: Client) -> None:
    request, link = filed(city.pothole)
    own(client, link)
    assert say(client, request, act="comment", comment="It got worse.").status_code == 302
    accepted(request, city)
    actions.close(command(request, city.handler), outcome=Outcome.RESOLVED, reply="Filled today.", public_reply=True)
    assert "Filled today." in text(Client().get(f"/requests/{request.reference}/"))
    assert "It got worse." not in text(Client().get(f"/requests/{request.reference}/"))
    assert say(client, request, act="rate").status_code == 422
    assert say(client, request, act="rate", score="2").status_code == 302
    assert Rating.objects.get().score == 2
    assert say(client, request, act="rate", score="5").status_code == 422
    assert say(client, request, act="not_fixed", reason=" ").status_code == 422
    assert say(client, request, act="not_fixed", reason="The hole is back.").status_code == 302
    assert ServiceRequest.objects.get().status == Status.ASSIGNED


def test_a_comment_is_taken_whatever_happened_since_the_page_was_opened(city: World, client: Client) -> None:
    request, link = filed(city.pothole)
    own(client, link)
    seen = request.version
    accepted(request, city)
    post = {"version": seen, "act": "comment", "comment": "It got worse."}
    first, second = (client.post(f"/requests/{request.reference}/", post) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302)
    assert Words.objects.filter(kind="comment").count() == 1, "a double tap says it once"
    assert say(client, request, act="comment", comment="It got worse.").status_code == 302
    assert Words.objects.filter(kind="comment").count() == 2, "the same words later are said again"


def test_two_taps_of_one_rating_or_answer_get_the_same_answer(city: World, client: Client) -> None:
    request, link = filed(city.pothole)
    own(client, link)
    accepted(request, city)
    actions.ask_citizen(command(request, city.handler), question="Which side?")
    for act in ({"act": "reply", "reply": "The north side."}, {"act": "rate", "score": "4"}):
        if act["act"] == "rate":
            actions.close(command(request, city.handler), outcome=Outcome.RESOLVED)
        post = {"version": ServiceRequest.objects.get().version, **act}
        answers = [client.post(f"/requests/{request.reference}/", post).status_code for _ in range(2)]
        assert answers == [302, 302]
    assert Rating.objects.get().score == 4
    assert Words.objects.filter(body="The north side.").count() == 1


def test_a_move_on_a_stale_page_gets_the_new_state_and_keeps_what_was_typed(city: World, client: Client) -> None:
    request, link = filed(city.pothole)
    own(client, link)
    accepted(request, city)
    actions.ask_citizen(command(request, city.handler), question="Which side?")
    seen = ServiceRequest.objects.get().version
    actions.comment(command(request, city.handler), body="We are coming by on Monday.")
    stale = {"version": seen, "act": "reply", "reply": "The north side."}
    response = client.post(f"/requests/{request.reference}/", stale)
    assert response.status_code == 409
    page = text(response)
    assert "Your words are still here" in page
    assert re.search(r'id="field-reply"[^>]*>The north side\.</textarea>', page)
    assert f'name="version" value="{seen + 1}"' in page
    actions.close(command(request, city.handler), outcome=Outcome.RESOLVED)
    page = text(client.post(f"/requests/{request.reference}/", stale))
    assert re.search(r'id="field-comment"[^>]*>The north side\.</textarea>', page), "a form that went leaves its words"


def test_a_neighbour_says_once_that_it_affects_them_too(city: World, client: Client) -> None:
    request, link = filed(city.pothole)
    address = f"/requests/{request.reference}/"
    assert "It affects me too" in text(client.get(address))
    assert say(client, request, act="support").status_code == 302
    page = text(client.get(address))
    assert "It is noted that this affects you too." in page
    assert "1 more person has said" in page
    assert 'value="support"' not in page
    assert say(client, request, act="support").status_code == 302
    assert ServiceRequest.objects.get().supporters == 1
    assert "It affects me too" not in text(own(Client(), link).get(address)), "not for one's own request"


def test_only_open_public_requests_take_more_people(city: World, client: Client) -> None:
    closed, place_only = file_request(city.pothole), file_request(city.needle)
    actions.close(command(closed, city.manager), outcome=Outcome.RESOLVED)
    for request in (closed, place_only):
        assert "It affects me too" not in text(client.get(f"/requests/{request.reference}/"))
        assert say(client, request, act="support").status_code == 422
    assert not any(ServiceRequest.objects.values_list("supporters", flat=True))


@pytest.mark.parametrize("act", ["comment", "reply", "rate", "fixed", "not_fixed"])
def test_strangers_can_say_nothing(city: World, client: Client, act: str) -> None:
    request = file_request(city.pothole)
    accepted(request, city)
    if act in ("rate", "fixed", "not_fixed"):
        actions.close(command(request, city.handler), outcome=Outcome.RESOLVED)
    elif act == "reply":
        actions.ask_citizen(command(request, city.handler), question="Where?")
    before = ServiceRequest.objects.get().version
    response = say(client, request, act=act, comment="x", reply="x", reason="x", score="5")
    assert response.status_code == 403
    assert ServiceRequest.objects.get().version == before


@pytest.mark.parametrize(
    ("post", "status"), [({}, 422), ({"act": "close"}, 422), ({"act": "reply", "reply": "x", "version": "zzz"}, 409)]
)
def test_nonsense_is_refused(city: World, client: Client, post: dict[str, str], status: int) -> None:
    request, link = filed(city.pothole)
    own(client, link)
    assert client.post(f"/requests/{request.reference}/", post).status_code == status


def test_nul_in_a_comment_does_no_harm(city: World, client: Client) -> None:
    request, link = filed(city.pothole)
    own(client, link)
    assert say(client, request, act="comment", comment="a\x00b").status_code == 302
    assert Words.objects.get(kind="comment").body == "ab"


# --- Every door, tried with a private case -------------------------------------------------------------------------


def test_no_door_of_a_stranger_knows_of_a_private_case(city: World, client: Client) -> None:
    request = file_request(city.benefit, photos=(photo(),))
    hidden = file_request(city.pothole)
    actions.hide(command(hidden, city.manager))
    for secret in (request, hidden):
        reference = secret.reference
        assert client.get(f"/requests/{reference}/").status_code == 404
        assert client.get(f"/requests/{reference}/", headers={"HX-Request": "true"}).status_code == 404
        assert (
            client.post(f"/requests/{reference}/", {"act": "comment", "comment": "x", "version": 1}).status_code == 404
        )
        assert client.get(f"/requests/{reference}/track/{'0' * 32}/").status_code == 404
        assert client.get("/find/", {"reference": reference}).status_code == 404
    assert client.get(f"/requests/{request.reference}/photos/{request.photos.get().pk}/").status_code == 404
    client.post("/report/pothole/where/", {"lat": "44.0", "lon": "-79.05"})
    for address in ("/", "/map/pins.json", "/map/base.json", "/report/pothole/words/", "/tour/"):
        page = text(client.get(address))
        assert request.reference not in page
        assert hidden.reference not in page


def test_a_tracking_link_opens_one_case_and_no_other(city: World, client: Client) -> None:
    mine, link = filed(city.benefit)
    other, _secret = filed(city.benefit)
    own(client, link)
    assert client.get(f"/requests/{mine.reference}/").status_code == 200
    assert client.get(f"/requests/{other.reference}/").status_code == 404


def test_a_request_page_keeps_to_its_query_budget(
    city: World, client: Client, django_assert_max_num_queries: object
) -> None:
    request, link = filed(city.pothole, photos=(photo(),))
    own(client, link)
    for number in range(4):
        actions.comment(command(request, city.manager), body=f"Reply {number}")
    with django_assert_max_num_queries(5):
        Client().get(f"/requests/{request.reference}/")
    accepted(request, city)
    actions.close(command(request, city.manager), outcome=Outcome.RESOLVED)
    with django_assert_max_num_queries(6):
        client.get(f"/requests/{request.reference}/")
