"""The citizen's journey in a real browser, on a phone, in French, with the keyboard."""

import io
import re
from pathlib import Path

import pytest
from django.contrib.gis.geos import LineString
from PIL import Image
from playwright.sync_api import Page, expect

from requests_app import actions
from requests_app.models import MapFeature, ServiceRequest
from requests_app.permissions import ANONYMOUS
from requests_app.states import Outcome
from tests.browser.axe import clean
from tests.browser.conftest import DESK, PHONE, NewPage
from tests.factories import IN_THE_WEST, World, command, file_request, submission, world

pytestmark = pytest.mark.browser


@pytest.fixture
def city(live_city: str) -> World:
    made = world(is_default=True)
    MapFeature.objects.create(
        jurisdiction=made.jurisdiction,
        kind="street",
        code="king",
        rank=4,
        names={"en": "King Street", "fr": "rue King"},
        geometry=LineString((-79.09, 44.0), (-78.91, 44.0), srid=4326),
    )
    return made


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    out = io.BytesIO()
    Image.effect_noise((2400, 1800), 80).convert("RGB").save(out, "JPEG")
    path = tmp_path / "photo.jpg"
    path.write_bytes(out.getvalue())
    return path


def focus_on(page: Page, selector: str) -> None:
    """Walk with the Tab key until the element has the focus."""
    for _ in range(60):
        if page.evaluate("selector => document.activeElement?.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key never reached {selector}")


def test_a_report_in_french_on_a_phone_with_the_keyboard_alone(city: World, new_page: NewPage, photo: Path) -> None:
    page = new_page(viewport=PHONE, locale="fr-CA", has_touch=True)
    page.goto("/?lang=fr")
    page.wait_for_selector("pin-map[data-pinned]")
    clean(page)
    focus_on(page, ".home__button")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("De quoi s’agit-il?")
    clean(page)
    focus_on(page, "#service-q")
    page.keyboard.type("nid")
    expect(page.locator("li[data-words]:visible")).to_have_count(1)
    focus_on(page, "button[value=pothole]")
    page.keyboard.press("Enter")

    page.wait_for_selector("pin-map[data-ready]")
    clean(page)
    focus_on(page, ".map__frame")
    for _ in range(3):
        page.keyboard.press("+")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowUp")
    expect(page.locator("output .spot")).to_be_visible()
    before = page.input_value("#pin-lat")
    page.keyboard.press("ArrowDown")
    assert float(page.input_value("#pin-lat")) < float(before)
    focus_on(page, "#where-form button[type=submit]")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Une photo et quelques mots")
    clean(page)
    focus_on(page, "[data-draft] button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    clean(page)
    focus_on(page, "#field-words")
    page.keyboard.type("Un trou profond devant l’école.")
    page.set_input_files("#field-photo", photo)
    expect(page.locator(".photo-preview")).to_be_visible()
    focus_on(page, "[data-draft] button[type=submit]")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Vérifier et envoyer")
    clean(page)
    focus_on(page, "[data-once]")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Merci : c’est envoyé".replace(" :", "\u00a0:"))
    clean(page)
    reference = page.locator(".sent__reference").inner_text()
    link = page.input_value("#tracking-link")
    filed = ServiceRequest.objects.get(reference=reference)
    assert filed.language == "fr"
    assert filed.photos.get().width <= 1600
    assert page.evaluate("Object.keys(localStorage).length") == 0

    other = new_page(viewport=PHONE, locale="fr-CA")
    other.goto(link)
    expect(other.get_by_text("Un trou profond devant l’école.")).to_be_visible()
    assert other.url.endswith(f"/requests/{reference}/")
    other.wait_for_selector("pin-map[data-ready]")
    clean(other)


def test_what_was_typed_survives_a_closed_tab(city: World, new_page: NewPage) -> None:
    page = new_page(viewport=PHONE)
    page.goto("/report/benefit/words/")
    page.fill("#field-words", "We heat with oil and the price has doubled.")
    page.goto("/")
    page.goto("/report/benefit/words/")
    expect(page.locator("#field-words")).to_have_value("We heat with oil and the price has doubled.")


def test_a_reload_keeps_the_pin_an_edit_and_the_contact_until_the_report_is_sent(
    city: World, new_page: NewPage
) -> None:
    page = new_page(viewport=PHONE, has_touch=True)
    page.goto("/report/pothole/where/")
    page.wait_for_selector("pin-map[data-ready]")
    page.locator(".map__frame").tap(position={"x": 120, "y": 150})
    pin = page.input_value("#pin-lat")
    page.reload()
    page.wait_for_selector("pin-map[data-ready]")
    expect(page.locator("#pin-lat")).to_have_value(pin)
    page.get_by_role("button", name="Continue").click()
    page.fill("#field-words", "A hole.")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Change the words").click()
    page.fill("#field-words", "A deep hole.")
    page.reload()
    expect(page.locator("#field-words")).to_have_value("A deep hole.")
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("Get news by e-mail or phone").click()
    page.fill("#field-email", "ada@example.ca")
    page.reload()
    expect(page.locator("#field-email")).to_have_value("ada@example.ca")
    assert page.evaluate("JSON.stringify(localStorage)").count("ada") == 0
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("ada@example.ca")).to_be_visible()
    expect(page.locator("copy-link button")).to_be_visible()  # its module has run
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_a_pin_moved_by_hand_overrules_the_address_that_was_chosen(city: World, new_page: NewPage) -> None:
    page = new_page(viewport=PHONE, has_touch=True)
    page.goto("/report/pothole/where/")
    page.wait_for_selector("pin-map[data-ready]")
    page.locator("#address-q").press_sequentially("1 king")
    page.get_by_label("1 King Street").check()
    page.locator(".map__frame").tap(position={"x": 60, "y": 60})
    expect(page.get_by_label("1 King Street")).not_to_be_checked()
    expect(page.locator("output")).to_contain_text("The pin counts.")


def test_a_device_far_away_says_so_and_the_map_stays(city: World, new_page: NewPage) -> None:
    place = {"latitude": 48.85, "longitude": 2.35}
    page = new_page(viewport=PHONE, geolocation=place, permissions=["geolocation"])
    page.goto("/report/pothole/where/")
    page.get_by_role("button", name="Where I am").click()
    expect(page.locator("output")).to_contain_text("outside the area we look after")
    assert page.input_value("#pin-lat") == ""


def test_a_file_that_is_no_photo_is_refused_by_name_at_once(city: World, new_page: NewPage, tmp_path: Path) -> None:
    path = tmp_path / "letter.jpg"
    path.write_bytes(b"no picture")
    page = new_page(viewport=PHONE)
    page.goto("/report/benefit/words/")
    page.set_input_files("#field-photo", path)
    expect(page.get_by_text("letter.jpg: this is not a photo we can read.")).to_be_visible()


def test_what_is_typed_stays_while_the_office_works(city: World, new_page: NewPage) -> None:
    sent = actions.submit(submission(city.pothole), viewer=ANONYMOUS)
    page = new_page(viewport=PHONE)
    page.goto(f"/requests/{sent.request.reference}/track/{sent.tracking_token}/")
    page.wait_for_function("() => document.querySelector('live-updates')?.socket?.readyState === WebSocket.OPEN")
    page.get_by_text("Add something for the office").click()
    page.fill("#field-comment", "It got worse.")
    page.locator("h1").click()
    actions.accept(command(sent.request, city.handler))
    page.get_by_role("button", name="Show it as it is now").click()
    expect(page.get_by_text("has it and will begin when its turn comes.")).to_be_visible()
    expect(page.locator("#field-comment")).to_be_visible()
    expect(page.locator("#field-comment")).to_have_value("It got worse.")
    actions.start(command(sent.request, city.handler))
    page.locator("#say-comment button").click()
    expect(page.get_by_text("Your message was sent to the office.")).to_be_visible()


def test_an_address_is_found_while_it_is_typed_and_moves_the_pin(city: World, new_page: NewPage) -> None:
    page = new_page(viewport=PHONE)
    page.goto("/report/pothole/where/")
    page.wait_for_selector("pin-map[data-ready]")
    page.locator("#address-q").press_sequentially("1 king")
    page.get_by_label("1 King Street").check()
    expect(page.locator("output")).to_have_text("Near 1 King Street")
    assert float(page.input_value("#pin-lat")) == pytest.approx(IN_THE_WEST.y)
    clean(page)


def test_a_tap_puts_the_pin_and_outside_it_says_whose_place_it_is(city: World, new_page: NewPage) -> None:
    page = new_page(viewport=PHONE, has_touch=True)
    page.goto("/report/pothole/where/")
    page.wait_for_selector("pin-map[data-ready]")
    frame = page.locator(".map__frame")
    frame.tap(position={"x": 120, "y": 150})
    expect(page.locator("output .spot")).to_be_visible()
    page.locator(".map__frame").focus()
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("output .spot--outside")).to_contain_text("Nextville")


def test_the_device_can_say_where_it_is(city: World, new_page: NewPage) -> None:
    place = {"latitude": IN_THE_WEST.y, "longitude": IN_THE_WEST.x}
    page = new_page(viewport=PHONE, geolocation=place, permissions=["geolocation"])
    page.goto("/report/pothole/where/")
    page.get_by_role("button", name="Where I am").click()
    expect(page.locator("output")).to_have_text("Near 1 King Street")


def test_above_the_fold_of_a_phone_there_is_one_question_one_button_the_map_the_search_and_one_sentence(
    city: World, new_page: NewPage
) -> None:
    for language in ("en", "fr"):
        page = new_page(viewport=PHONE)
        page.goto(f"/?lang={language}")
        page.wait_for_selector("pin-map[data-pinned]")
        fold = PHONE["height"]
        for selector in ("h1", ".home__button", ".map__frame", ".find-form", ".home__week"):
            box = page.locator(selector).bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= fold, f"{selector} ends below the fold in {language}"
        for selector in (".home__newest", ".look-around"):
            box = page.locator(selector).bounding_box()
            assert box is not None
            assert box["y"] >= fold - 8, f"{selector} begins above the fold in {language}"


def test_without_javascript_the_whole_report_works(city: World, new_page: NewPage) -> None:
    page = new_page(viewport=PHONE, java_script_enabled=False)
    page.goto("/report/")
    page.locator("button[value=pothole]").click()
    page.fill("#address-q", "queen")
    page.get_by_role("button", name="Search").click()
    page.get_by_label("2 Queen Street").check()
    page.get_by_role("button", name="Continue").click()
    page.fill("#field-words", "A hole without scripts.")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you: it is sent")
    assert ServiceRequest.objects.get().address_label == "2 Queen Street"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_public_page_is_accessible_and_fits_small_phones_and_desks(
    city: World, new_page: NewPage, language: str
) -> None:
    """On a phone of a usual width: `test_every_page`."""
    request = file_request(city.pothole)
    actions.accept(command(request, city.handler))
    actions.hand_off(command(request, city.handler), office_id=city.parks.pk)
    actions.close(command(request, city.manager), outcome=Outcome.RESOLVED, reply="Filled.", public_reply=True)
    for viewport in (DESK, {"width": 320, "height": 700}):
        page = new_page(viewport=viewport)
        page.goto(f"/?lang={language}")
        for address in ("/", "/report/", "/find/", "/sign-in/", "/tour/", f"/requests/{request.reference}/"):
            page.goto(address)
            clean(page)
            assert not re.search(
                r"\bUTC\b|\+00:00|\b(handed_off|in_progress|waiting_citizen)\b", page.inner_text("body")
            )


def test_an_open_page_follows_what_the_offices_do_and_ends_with_a_rating(city: World, new_page: NewPage) -> None:
    sent = actions.submit(submission(city.pothole), viewer=ANONYMOUS)
    request = sent.request
    page = new_page(viewport=PHONE)
    page.goto(f"/requests/{request.reference}/track/{sent.tracking_token}/")
    expect(page.get_by_text("has not accepted it yet")).to_be_visible()
    page.wait_for_function("() => document.querySelector('live-updates')?.socket?.readyState === WebSocket.OPEN")
    actions.accept(command(request, city.handler))
    expect(page.get_by_text("has it and will begin when its turn comes.")).to_be_visible()
    actions.start(command(request, city.handler))
    actions.close(command(request, city.handler), outcome=Outcome.RESOLVED, reply="Filled.", public_reply=True)
    expect(page.get_by_text("It is closed: resolved.")).to_be_visible()
    expect(page.get_by_text("Filled.").first).to_be_visible()
    page.get_by_role("radio", name="5").check()
    page.get_by_role("button", name="Send", exact=True).first.click()
    expect(page.get_by_text("Thank you for telling us how it went.")).to_be_visible()
    page.get_by_role("button", name="Yes, it is fixed").click()
    expect(page.get_by_text("You told us that it is fixed. Thank you.")).to_be_visible()
    clean(page)
    assert request.rating.score == 5
