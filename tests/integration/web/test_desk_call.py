"""Calls and counter: filing for a caller, and adding a caller to what is open already."""

import pytest
from django.test import Client

from requests_app import actions
from requests_app.models import Address, Channel, Person, RequestEvent, ServiceRequest, User, Words
from requests_app.permissions import Viewer
from requests_app.states import Activity, Actor, Outcome
from tests import factories
from tests.factories import IN_THE_EAST, IN_THE_WEST, World, command, file_request

pytestmark = pytest.mark.django_db
KEY = "a-key-of-this-form-1"


@pytest.fixture
def town() -> World:
    return factories.world("testford")


@pytest.fixture
def clerk(town: World) -> Client:
    return client_of(town.intake_handler)


def client_of(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


def form(town: World, **values: object) -> dict[str, object]:
    king = Address.objects.get(jurisdiction=town.jurisdiction, label="1 King Street")
    filled = {
        "submission_key": KEY,
        "channel": "phone",
        "language": "fr",
        "service": "pothole",
        "address": king.pk,
        "address_typed": king.label,
        "words": "A deep hole before the door.",
        "answer-size": "big",
        "name": "Ada Example",
        "phone": "905-555-0199",
    }
    return {name: value for name, value in {**filled, **values}.items() if value is not None}


def test_a_call_is_filed_and_its_reference_read_out(town: World, clerk: Client) -> None:
    response = clerk.post("/desk/call/", form(town), follow=True)
    request = ServiceRequest.objects.get()
    page = response.content.decode()
    assert " ".join(request.reference.replace("-", "")) in page
    assert "It goes to Roads office." in page
    assert (request.channel, request.language, request.address_label) == (Channel.PHONE, "fr", "1 King Street")
    assert Person.objects.get().phone == "905-555-0199"
    first = RequestEvent.objects.get(request=request, activity=Activity.SUBMITTED)
    assert (first.actor, first.user_id, first.acting_office_id) == (
        Actor.HANDLER,
        town.intake_handler.user_id,
        town.intake.pk,
    )


def test_the_counter_is_another_channel_and_a_place_may_be_missing_where_none_is_needed(
    town: World, clerk: Client
) -> None:
    wanted = form(town, channel="counter", service="compliment", address=None, address_typed="")
    assert clerk.post("/desk/call/", wanted).status_code == 302
    assert ServiceRequest.objects.get().channel == Channel.COUNTER


def test_without_scripts_the_typed_address_is_enough_or_is_asked_again(town: World, clerk: Client) -> None:
    assert clerk.post("/desk/call/", form(town, address=None, address_typed="1 king street")).status_code == 302
    again = clerk.post("/desk/call/", form(town, address=None, address_typed="king", submission_key="another-key"))
    assert again.status_code == 422
    assert 'name="address" value="' in again.content.decode()
    assert ServiceRequest.objects.count() == 1


def test_a_double_click_files_one_request(town: World, clerk: Client) -> None:
    places = {clerk.post("/desk/call/", form(town)).headers["Location"] for _ in range(2)}
    assert len(places) == 1
    assert ServiceRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"service": ""}, "service"),
        ({"service": "nothing"}, "service"),
        ({"service": "\x00"}, "service"),
        ({"address": None, "address_typed": ""}, "place"),
        ({"address": "999999999"}, "place"),
        ({"address": "9" * 40, "address_typed": "nowhere"}, "place"),
        ({"words": "   "}, "words"),
        ({"words": "a\x00b"}, "words"),
        ({"words": "x" * 4001}, "words"),
        ({"answer-size": "huge"}, "answer-size"),
        ({"phone": "call me"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"submission_key": ""}, "submission_key"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    town: World, clerk: Client, wrong: dict[str, object], field: str
) -> None:
    response = clerk.post("/desk/call/", form(town, **wrong))
    assert response.status_code == 422
    assert field in response.context["problems"]
    assert "905-555-0199" in response.content.decode() or field == "phone"
    assert ServiceRequest.objects.count() == 0


def test_the_questions_and_the_danger_of_a_service_come_with_it(clerk: Client) -> None:
    page = clerk.get("/desk/call/questions/?service=pothole").content.decode()
    assert "How big is it?" in page
    assert "Is there a wire on the ground?" in page
    assert clerk.get("/desk/call/questions/?service=").content.decode().strip() == ""


def test_addresses_are_found_as_one_types(clerk: Client) -> None:
    found = clerk.get("/desk/call/addresses/?q=king").json()["options"]
    assert [option["words"] for option in found] == ["1 King Street"]
    assert clerk.get("/desk/call/addresses/?q=%00").json() == {"options": []}


def test_a_caller_is_added_to_an_open_case_nearby(town: World, clerk: Client) -> None:
    open_case = file_request(town.pothole, location=IN_THE_WEST)
    closed = file_request(town.pothole, location=IN_THE_WEST)
    actions.close(command(closed, town.handler), outcome=Outcome.RESOLVED)
    king = Address.objects.get(jurisdiction=town.jurisdiction, label="1 King Street")
    page = clerk.get(f"/desk/call/nearby/?service=pothole&address={king.pk}")
    assert [twin.reference for twin in page.context["twins"]] == [open_case.reference]
    sent = {"support": f"{open_case.reference}/{open_case.version}", "name": "Ada Example"}
    for words in ("", "  "):
        refused = clerk.post("/desk/call/support/", {**sent, "words": words})
        assert refused.status_code == 422
        assert refused.context["problems"].keys() == {"words"}
    assert RequestEvent.objects.filter(activity=Activity.SUPPORTED).count() == 0
    sent["words"] = "My tire burst in it."
    assert clerk.post("/desk/call/support/", sent).status_code == 302
    assert clerk.post("/desk/call/support/", sent).status_code == 409
    kept = Words.objects.get(pk=RequestEvent.objects.get(activity=Activity.SUPPORTED).words_id)
    assert (kept.body, kept.kind, kept.released_at) == ("My tire burst in it.", Words.Kind.NOTE, None)
    assert ServiceRequest.objects.get(pk=open_case.pk).supporters == 1
    assert RequestEvent.objects.filter(request=open_case, activity=Activity.SUPPORTED).count() == 1
    closed.refresh_from_db()
    late = {"support": f"{closed.reference}/{closed.version}", "words": "Me too."}
    assert clerk.post("/desk/call/support/", late).status_code == 422


def test_requests_nearby_come_with_their_words_while_the_address_is_typed(town: World, clerk: Client) -> None:
    request = file_request(town.pothole, location=IN_THE_WEST, words="A hole by the school.")
    for viewer, may_read in ((town.handler, True), (town.intake_handler, False)):
        page = client_of(viewer).get("/desk/call/nearby/?service=pothole&address_typed=1+king").content.decode()
        assert request.reference in page
        assert ("A hole by the school." in page) is may_read
    assert clerk.get("/desk/call/nearby/?service=pothole&address_typed=zzzz").context["may_look"] is False


def test_addresses_that_could_be_meant_say_their_area(town: World, clerk: Client) -> None:
    for number, place in ((9, IN_THE_WEST), (11, IN_THE_EAST)):
        Address.objects.create(
            jurisdiction=town.jurisdiction, label=f"{number} Twin Road", search_text=f"{number} twin road", point=place
        )
    found = clerk.get("/desk/call/addresses/?q=twin").json()["options"]
    assert {(o["words"], o["beside"]) for o in found} == {("9 Twin Road", "Ward 1"), ("11 Twin Road", "Ward 2")}


def test_private_cases_of_other_offices_are_not_shown_as_nearby(town: World) -> None:
    town.pothole.publicity = "private"
    town.pothole.save()
    file_request(town.pothole, location=IN_THE_WEST)
    king = Address.objects.get(jurisdiction=town.jurisdiction, label="1 King Street")
    address = f"/desk/call/nearby/?service=pothole&address={king.pk}"
    assert client_of(town.intake_handler).get(address).context["twins"] == []
    assert len(client_of(town.handler).get(address).context["twins"]) == 1


def test_the_result_shows_only_what_this_person_filed(town: World, clerk: Client) -> None:
    other = file_request(town.pothole)
    assert clerk.get(f"/desk/call/?filed={other.reference}").context["filed"] is None


def test_who_may_not_take_calls_is_refused(town: World) -> None:
    for viewer in (town.evaluator, town.administrator):
        client = client_of(viewer)
        assert client.get("/desk/call/").status_code == 403
        assert client.post("/desk/call/", form(town)).status_code == 403
    assert Words.objects.count() == 0
