"""Reporting through the form, without JavaScript, and everything that must be refused well."""

import io
import re
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.contrib.gis.geos import LineString, Point
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image
from pytest_django import Settings as Changed

from requests_app.clock import frozen_at
from requests_app.models import Address, MapFeature, Person, Photo, Question, ServiceRequest, Words
from requests_app.privacy import pending
from requests_app.text.normalise import fold
from tests.factories import IN_THE_EAST, IN_THE_WEST, NEXT_DOOR, World, file_request, world

pytestmark = pytest.mark.django_db

FAR = {"lat": "48.85", "lon": "2.35"}
WEST = {"lat": "44.0", "lon": "-79.05"}


@pytest.fixture
def city() -> World:
    return world(is_default=True)


def text(response: HttpResponse) -> str:
    return response.content.decode()


def jpeg(*, gps: bool = False, size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    if gps:
        exif.get_ifd(0x8825).update({1: "N", 2: (44.0, 0.0, 0.0)})
        exif[0x010F] = "SecretCameraMaker"
    Image.new("RGB", size, "red").save(out, "JPEG", exif=exif)
    return out.getvalue()


def upload(content: bytes, name: str = "photo.jpg", kind: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type=kind)


def put_pin(client: Client, service: str = "pothole", **place: str) -> HttpResponse:
    return client.post(f"/report/{service}/where/", place or WEST)


def write(client: Client, service: str = "pothole", **fields: object) -> HttpResponse:
    return client.post(f"/report/{service}/words/", {"words": "A deep hole by the school.", **fields})


def send(client: Client, service: str = "pothole", **fields: object) -> HttpResponse:
    key = re.search(r'name="submission_key" value="([^"]+)"', text(client.get(f"/report/{service}/send/")))
    return client.post(
        f"/report/{service}/send/", {"submission_key": key[1] if key else "", "language": "en", **fields}
    )


def whole_report(client: Client, **fields: object) -> HttpResponse:
    put_pin(client)
    write(client)
    return send(client, **fields)


# --- The way through -----------------------------------------------------------------------------------------------


def test_a_report_goes_through_four_screens_and_ends_with_reference_link_office_and_promise(
    city: World, client: Client
) -> None:
    chosen = client.post("/report/", {"service": "pothole"})
    assert chosen.headers["Location"] == "/report/pothole/where/"
    assert put_pin(client).headers["Location"] == "/report/pothole/words/"
    assert write(client, photo=upload(jpeg()), **{"answer-size": "big"}).headers["Location"] == "/report/pothole/send/"
    review = text(client.get("/report/pothole/send/"))
    assert "A deep hole by the school." in review
    assert "Big" in review
    assert "1 King Street" in review
    sent = send(client, email="ada@example.ca")
    assert sent.headers["Location"] == "/report/thanks/"
    filed = ServiceRequest.objects.get()
    page = text(client.get("/report/thanks/"))
    assert filed.reference in page
    assert "/track/" in page
    assert city.roads.name in page
    assert "An answer is promised by" in page
    assert (filed.area_id, filed.office_id, filed.channel) == (city.west.pk, city.roads.pk, "web")
    assert filed.photos.count() == 1
    assert Person.objects.get().email == "ada@example.ca"


def test_a_service_without_a_place_skips_the_map(city: World, client: Client) -> None:
    assert client.post("/report/", {"service": "benefit"}).headers["Location"] == "/report/benefit/words/"
    write(client, "benefit", **{"answer-birth": "1980-05-31"})
    send(client, "benefit")
    assert ServiceRequest.objects.get().location is None


def test_the_draft_survives_a_reload_and_a_change_of_language(city: World, client: Client) -> None:
    put_pin(client)
    write(client, words="Un trou profond.")
    page = text(client.get("/report/pothole/words/?lang=fr"))
    assert "Un trou profond." in page
    assert "Vérifier et envoyer" in text(client.get("/report/pothole/send/"))


def test_an_address_can_be_searched_and_chosen_without_javascript(city: World, client: Client) -> None:
    page = text(client.get("/report/pothole/where/", {"q": "quen street"}))
    found = re.search(r'name="address"[^>]*value="(\d+)"', page)
    assert found is not None
    put_pin(client, address=found[1])
    write(client)
    send(client)
    filed = ServiceRequest.objects.get()
    assert filed.location.coords == IN_THE_EAST.coords
    assert filed.address_label == "2 Queen Street"


def test_a_number_that_is_not_there_finds_its_neighbours(city: World, client: Client) -> None:
    for number in (10, 30, 90):
        label = f"{number} Elm Street"
        Address.objects.create(jurisdiction=city.jurisdiction, label=label, search_text=fold(label), point=IN_THE_WEST)
    page = text(client.get("/report/addresses/", {"q": "28 elm"}))
    assert re.findall(r"(\d+) Elm Street", page) == ["30", "10", "90"]


def streets_of_testford(city: World) -> None:
    """King Street runs west to east, John Street crosses it at 44.0/-79.05; Lake Road lies apart."""
    for code, english, french, line in (
        ("king", "King Street", "rue King", ((-79.09, 44.0), (-78.91, 44.0))),
        ("john", "John Street", "rue John", ((-79.05, 43.95), (-79.05, 43.9999))),
        ("juniper", "Juniper Drive", "promenade des Genévriers", ((-79.02, 44.02), (-79.0, 44.02))),
    ):
        MapFeature.objects.create(
            jurisdiction=city.jurisdiction,
            kind="street",
            code=code,
            rank=4,
            names={"en": english, "fr": french},
            geometry=LineString(*line, srid=4326),
        )
    Address.objects.create(
        jurisdiction=city.jurisdiction,
        label="12 Juniper Drive",
        search_text="12 juniper drive",
        point=Point(-79.01, 44.02, srid=4326),
    )


def offered(client: Client, typed: str, language: str = "en") -> list[str]:
    page = text(client.get("/report/addresses/", {"q": typed, "lang": language}))
    return re.findall(r"<span>([^<]+)</span>", page)


@pytest.mark.parametrize(
    "typed", ["King et John", "John / King", "rue King et rue John", "King & John", "king at jhon st"]
)
def test_a_corner_is_found_however_it_is_said(city: World, client: Client, typed: str) -> None:
    streets_of_testford(city)
    (corner,) = offered(client, typed)
    assert set(corner.split(" at ")) == {"King Street", "John Street"}
    assert offered(client, "angle King et John", "fr") == ["angle rue King et rue John"]


def test_a_corner_is_chosen_without_javascript_and_streets_that_do_not_meet_say_so(city: World, client: Client) -> None:
    streets_of_testford(city)
    page = text(client.get("/report/pothole/where/", {"q": "King and John"}))
    found = re.search(r'name="address"[^>]*value="([\d.,-]+)"', page)
    assert found is not None
    assert put_pin(client, address=found[1]).status_code == 302
    assert "near 1 King Street" in text(client.get("/report/pothole/where/"))
    page = text(client.get("/report/pothole/where/", {"q": "King and Juniper"}))
    assert "King Street and Juniper Drive do not meet on our map." in page
    assert offered(client, "King and Juniper") == ["King Street", "Juniper Drive"]


def test_streets_and_addresses_are_found_and_said_in_the_readers_language(city: World, client: Client) -> None:
    streets_of_testford(city)
    assert offered(client, "promenade des Genevriers", "fr") == [
        "promenade des Genévriers",
        "12, promenade des Genévriers",
    ]
    assert offered(client, "14 promenade des Genévriers", "fr") == ["12, promenade des Genévriers"]
    assert offered(client, "12 juniper") == ["12 Juniper Drive"]
    assert "Près du 1, rue King" in text(client.get("/report/spot/", {**WEST, "lang": "fr"}))
    request = file_request(city.pothole)
    for address in (f"/requests/{request.reference}/?lang=fr", "/?lang=fr"):
        assert "1, rue King" in text(client.get(address))
    assert "1 King Street" in text(client.get(f"/requests/{request.reference}/?lang=en"))


def test_services_are_found_by_words_of_either_language(city: World, client: Client) -> None:
    page = text(client.get("/report/", {"q": "nid poule"}))
    assert 'value="pothole"' in page
    assert 'value="needle"' not in page
    assert 'value="pothole"' in text(client.get("/report/", {"q": "nids de poules"})), "plurals and small words"
    assert "Nothing in the list answers" in text(client.get("/report/", {"q": "zebra"}))


def test_danger_and_stoppers_come_before_the_words(city: World, client: Client) -> None:
    assert "tel:911" in text(client.get("/report/"))
    page = text(client.get("/report/pothole/where/"))
    for said in ("Is there a wire on the ground?", "Test Hydro", "tel:905-555-0111", "https://hydro.example/"):
        assert said in page


def test_an_open_request_close_by_is_offered_and_a_private_or_distant_one_is_not(city: World, client: Client) -> None:
    near = file_request(city.pothole)
    far = file_request(city.pothole, location=IN_THE_EAST)
    other = file_request(city.needle)
    put_pin(client)
    page = text(client.get("/report/pothole/words/"))
    assert near.reference in page
    assert far.reference not in page
    assert other.reference not in page


def test_the_only_place_that_answers_to_what_was_typed_is_taken(city: World, client: Client) -> None:
    assert put_pin(client, q="1 king street").headers["Location"] == "/report/pothole/words/"
    assert "near 1 King Street" in text(client.get("/report/pothole/where/"))


def test_what_was_typed_comes_back_when_no_place_was_chosen(city: World, client: Client) -> None:
    refused = put_pin(client, q="somewhere by the mill")
    assert refused.status_code == 422
    assert text(refused).count('value="somewhere by the mill"') == 2


def test_a_pin_is_told_as_its_nearest_address(city: World, client: Client) -> None:
    assert "Near 1 King Street" in text(client.get("/report/spot/", WEST))
    said = text(client.get("/report/spot/", {"lat": "44.0", "lon": "-78.85"}))
    assert "Nextville" in said


def test_words_stay_out_of_the_public_until_a_person_released_them(city: World, client: Client) -> None:
    whole_report(client)
    reference = ServiceRequest.objects.get().reference
    assert "A deep hole" in text(client.get(f"/requests/{reference}/"))
    assert "A deep hole" not in text(Client().get(f"/requests/{reference}/"))


# --- What is refused -----------------------------------------------------------------------------------------------


def test_no_service_is_refused(city: World, client: Client) -> None:
    for address, post in (("/report/", {}), ("/report/", {"service": "unicorn"}), ("/report/unicorn/send/", {})):
        response = client.post(address, post)
        assert response.status_code == 422
        assert "Choose what your request is about." in text(response)


def test_no_place_is_refused(city: World, client: Client) -> None:
    response = client.post("/report/pothole/where/", {})
    assert response.status_code == 422
    assert 'href="#field-place"' in text(response)
    assert 'id="field-place"' in text(response)


def test_a_pin_outside_says_whose_place_it_is(city: World, client: Client) -> None:
    response = put_pin(client, lat=str(NEXT_DOOR.y), lon=str(NEXT_DOOR.x))
    assert response.status_code == 422
    for said in ("Nextville", 'href="tel:905-555-0100"', 'href="https://nextville.example/"'):
        assert said in text(response)
    response = put_pin(client, **FAR)
    assert response.status_code == 422
    assert "Move it inside the boundary" in text(response)
    assert f'data-lat="{48.85:.6f}"' in text(response), "the pin stays where it was put"


@pytest.mark.parametrize("bad", ["nan", "inf", "1e400", "abc", "\x00"])
def test_coordinates_that_are_none_are_refused(city: World, client: Client, bad: str) -> None:
    assert put_pin(client, lat=bad, lon="-79.05").status_code == 422


def test_an_unanswered_question_is_refused_and_nothing_is_lost(city: World, client: Client) -> None:
    response = write(client, "benefit", words="We heat with oil.", **{"answer-rooms": "4"})
    assert response.status_code == 422
    page = text(response)
    assert 'href="#field-answer-birth"' in page
    assert 'id="field-answer-birth"' in page
    assert "We heat with oil." in page
    assert 'value="4"' in page


def test_an_answer_that_is_not_in_the_list_is_refused(city: World, client: Client) -> None:
    put_pin(client)
    assert write(client, **{"answer-size": "enormous"}).status_code == 422


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("x" * 4001, "4001"),
        ("a\x00b", "NUL"),
        ("   \n\t  ", "the text is empty"),
        ("", "the text is empty"),
        ("\u200b\u2060", "the text is empty"),
    ],
)
def test_words_too_long_with_nul_or_empty_are_refused(city: World, client: Client, words: str, said: str) -> None:
    put_pin(client)
    response = write(client, words=words)
    assert response.status_code == 422
    assert said in text(response)
    assert 'href="#field-words"' in text(response)
    assert not ServiceRequest.objects.exists()


def test_four_thousand_characters_with_windows_line_ends_are_taken(city: World, client: Client) -> None:
    put_pin(client)
    assert write(client, words="é" * 1999 + "\r\n" + "é" * 2000).status_code == 302
    send(client)
    assert len(Words.objects.get().body) == 4000


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "image/svg+xml"),
        (b"<!doctype html><script>alert(1)</script>", "image/jpeg"),
        (b"", "image/jpeg"),
        (b"\xff\xd8\xff\xe0 not really a jpeg", "image/jpeg"),
    ],
)
def test_a_file_that_is_no_photo_is_refused_and_the_words_stay(
    city: World, client: Client, content: bytes, kind: str
) -> None:
    put_pin(client)
    response = write(client, photo=upload(content, kind=kind))
    assert response.status_code == 422
    assert "not a photo we can read" in text(response)
    assert "A deep hole by the school." in text(response)


@pytest.mark.parametrize("megabytes", [11, 30])
def test_a_photo_that_is_too_large_is_refused_by_name_and_every_word_stays(
    city: World, client: Client, megabytes: int
) -> None:
    put_pin(client)
    photo = upload(jpeg() + b"\0" * (megabytes * 1024 * 1024), name="holiday.jpg")
    response = write(client, photo=photo, **{"answer-size": "big"})
    assert response.status_code == 422
    assert "“holiday.jpg”: The photo is larger than 10 MB. Choose a smaller one" in text(response)
    page = text(client.get("/report/pothole/words/"))
    assert "A deep hole by the school." in page
    assert re.search(r'<option value="big"\s+selected|value="big"\s+checked', page), "the answer is kept as well"


def test_of_two_photos_the_good_one_is_kept_and_the_other_named(city: World, client: Client) -> None:
    put_pin(client)
    response = write(client, photo=[upload(b"<html>", name="page.jpg"), upload(jpeg())])
    assert response.status_code == 422
    assert "“page.jpg”: The file is not a photo we can read" in text(response)
    assert len(client.session["report_draft"]["photos"]) == 1


def test_photos_over_the_most_are_said_to_be_left_out(city: World, client: Client) -> None:
    put_pin(client)
    response = write(client, photo=[upload(jpeg(size=(8, edge))) for edge in (8, 9, 10, 11)])
    assert response.status_code == 422
    assert "3 photos at most: the others were left out." in text(response)


def test_a_body_over_the_bound_is_refused_before_it_is_read_and_names_the_way_back(
    city: World, client: Client, settings: Changed
) -> None:
    settings.MAX_BODY_BYTES = 1024 * 1024
    put_pin(client)
    write(client, words="Written before the photo.")
    client.defaults["HTTP_ACCEPT"] = "text/html"
    response = write(client, photo=upload(b"\0" * (2 * 1024 * 1024)))
    assert response.status_code == 413
    assert "send a smaller file" in text(response)
    assert 'href="/report/pothole/words/"' in text(response)
    assert "Written before the photo." in text(client.get("/report/pothole/words/"))


def test_a_photo_keeps_no_metadata(city: World, client: Client) -> None:
    put_pin(client)
    write(client, photo=upload(jpeg(gps=True)))
    send(client)
    kept = (settings.MEDIA_ROOT / "photos" / Photo.objects.get().file_name).read_bytes()
    assert b"SecretCameraMaker" not in kept
    assert not Image.open(io.BytesIO(kept)).getexif()


def test_a_photo_can_be_taken_off_again_and_only_its_owner_sees_it(city: World, client: Client) -> None:
    put_pin(client)
    write(client, photo=upload(jpeg()))
    (name,) = client.session["report_draft"]["photos"]
    assert client.get(f"/report/photos/{name}/").headers["Content-Type"] == "image/jpeg"
    assert Client().get(f"/report/photos/{name}/").status_code == 404
    write(client, remove_photo=name)
    assert pending.held(name) is None
    send(client)
    assert not Photo.objects.exists()


def test_a_photo_just_chosen_stays_when_another_is_taken_off(city: World, client: Client) -> None:
    put_pin(client)
    write(client, photo=upload(jpeg()))
    (first,) = client.session["report_draft"]["photos"]
    write(client, remove_photo=first, photo=upload(jpeg(size=(30, 40))))
    (second,) = client.session["report_draft"]["photos"]
    assert second != first
    assert pending.held(second) is not None


def test_the_same_photo_sent_again_is_one_photo_and_the_review_says_when_there_is_none(
    city: World, client: Client
) -> None:
    put_pin(client)
    write(client)
    assert re.search(r"<dt>Photo</dt><dd>none</dd>", text(client.get("/report/pothole/send/")))
    for _ in range(2):
        write(client, photo=upload(jpeg()))
    assert len(client.session["report_draft"]["photos"]) == 1
    page = text(client.get("/report/pothole/words/"))
    assert "3 photos at most, each of 10 MB" in page
    assert "Add another photo (3 at most)" in page


def test_the_answer_says_whether_mail_will_be_written_and_where(city: World, client: Client) -> None:
    whole_report(client, email="ada@example.ca")
    assert "We write to <strong>ada@example.ca</strong>" in text(client.get("/report/thanks/"))
    other = Client()
    whole_report(other)
    assert "no message will be sent" in text(other.get("/report/thanks/"))


def test_photos_of_reports_left_unsent_are_swept_away(city: World, client: Client) -> None:
    put_pin(client)
    write(client, photo=upload(jpeg()))
    (name,) = client.session["report_draft"]["photos"]
    pending.sweep(older_than_seconds=3600)
    assert pending.held(name) is not None
    pending.sweep(older_than_seconds=-1)
    assert pending.held(name) is None
    assert send(client).status_code == 302, "the report goes out without its photo"


def test_a_date_in_the_form_is_ignored(city: World, client: Client) -> None:
    with frozen_at(datetime(2026, 5, 14, 15, 0, tzinfo=UTC)):
        whole_report(client, occurred_at="2099-01-01T00:00:00Z", submitted_at="2099-01-01")
    assert ServiceRequest.objects.get().submitted_at == datetime(2026, 5, 14, 15, 0, tzinfo=UTC)


def test_a_double_click_files_one_request_and_gets_the_same_answer(city: World, client: Client) -> None:
    put_pin(client)
    write(client)
    key = {"submission_key": client.session["report_draft"]["key"]}
    first, second = (client.post("/report/pothole/send/", key) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"] == "/report/thanks/"
    assert ServiceRequest.objects.count() == 1


def test_two_clicks_at_the_same_moment_file_one_request(city: World, client: Client) -> None:
    put_pin(client)
    write(client)
    draft = client.session["report_draft"]
    send(client)
    session = client.session
    session["report_draft"] = draft
    session.pop("report_sent")
    session.save()
    assert send(client).headers["Location"] == "/report/thanks/"
    assert ServiceRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"email": "not an address"}, "email"),
        ({"phone": "call me"}, "phone"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"language": "tlh"}, "language"),
    ],
)
def test_contact_that_cannot_be_used_is_refused(
    city: World, client: Client, fields: dict[str, str], field: str
) -> None:
    put_pin(client)
    write(client)
    response = send(client, **fields)
    assert response.status_code == 422
    assert f'href="#field-{field}"' in text(response)
    assert f'id="field-{field}"' in text(response)
    assert not ServiceRequest.objects.exists()


def test_a_question_added_meanwhile_is_asked_before_sending(city: World, client: Client) -> None:
    put_pin(client)
    write(client)
    Question.objects.create(service=city.pothole, code="new", names={"en": "New?"}, is_required=True)
    response = send(client)
    assert response.status_code == 422
    assert 'href="#field-answer-new"' in text(response)
    assert 'id="field-answer-new"' in text(response)


def test_steps_cannot_be_skipped(city: World, client: Client) -> None:
    assert client.get("/report/pothole/words/").headers["Location"] == "/report/pothole/where/"
    assert client.get("/report/pothole/send/").headers["Location"] == "/report/pothole/where/"
    put_pin(client)
    assert client.get("/report/pothole/send/").headers["Location"] == "/report/pothole/words/"
    assert client.get("/report/thanks/").headers["Location"] == "/report/"


def test_refusals_speak_french(city: World, client: Client) -> None:
    client.cookies["language"] = "fr"
    put_pin(client)
    assert "le texte est vide" in text(write(client, words=""))


def test_a_pin_on_a_lake_is_a_place_too(city: World, client: Client) -> None:
    """Something dumped in the water has to be told as well."""
    assert put_pin(client, lat="43.92", lon="-78.92").status_code == 302


@pytest.mark.parametrize(
    ("address", "most"),
    [("/report/", 3), ("/report/pothole/where/", 5), ("/report/pothole/words/", 7), ("/report/pothole/send/", 5)],
)
def test_each_screen_keeps_to_its_query_budget(
    city: World, client: Client, address: str, most: int, django_assert_max_num_queries: object
) -> None:
    put_pin(client)
    write(client)
    for _ in range(5):
        file_request(city.pothole)
    with django_assert_max_num_queries(most):
        assert client.get(address).status_code == 200
