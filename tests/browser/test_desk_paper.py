"""Workload, work orders and keys in a real browser: nothing to stumble over, on a phone and at a desk."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from requests_app.clock import frozen_at, now
from tests.browser.axe import clean
from tests.browser.conftest import PHONE, NewPage
from tests.browser.test_desk import PATIENCE_MS, hears_keys, sign_in
from tests.factories import World, file_request, world


@pytest.fixture
def city(live_city: str) -> World:
    made = world("testford", is_default=True)
    with frozen_at(now() - timedelta(days=40)):
        file_request(made.pothole)
    file_request(made.pothole)
    return made


@pytest.fixture(autouse=True)
def patience() -> None:
    expect.set_options(timeout=PATIENCE_MS)


def reference(city: World) -> str:
    return str(file_request(city.pothole).reference)


def pages(city: World) -> list[str]:
    return ["/desk/workload/", f"/desk/requests/{reference(city)}/work-order/", "/desk/work-orders/", "/desk/keys/"]


def test_nobody_stumbles_on_a_phone_in_french_or_at_a_desk_in_english(city: World, new_page: NewPage) -> None:
    addresses = pages(city)
    phone, desk = new_page(viewport=PHONE, has_touch=True), new_page()
    for page, language in ((phone, "fr"), (desk, "en")):
        sign_in(page, city.manager, scripts=False)
        for address in addresses:
            page.goto(f"{address}?lang={language}")
            clean(page)


def test_a_sheet_is_one_page_of_letter_paper(city: World, new_page: NewPage) -> None:
    page = sign_in(new_page(), city.handler, f"/desk/requests/{reference(city)}/work-order/", scripts=False)
    expect(page.locator("svg.sketch")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".desk-bar")).to_be_hidden()
    assert page.pdf(format="Letter").count(b"/Type /Page\n") == 1


def opens_keys(page: Page) -> bool:
    hears_keys(page)
    page.keyboard.press("?")
    return page.locator("#keys").is_visible()


def test_keys_are_listed_on_every_page_until_they_are_turned_off(city: World, new_page: NewPage) -> None:
    page = sign_in(new_page(), city.handler, "/desk/hand-offs/")
    assert opens_keys(page)
    page.locator("#keys a").click()
    page.get_by_role("button", name="Turn single keys off").click()
    expect(page.get_by_text("Single keys are off in this browser.")).to_be_visible()
    for address in ("/desk/hand-offs/", "/desk/workload/", "/desk/queue/", "/desk/"):
        page.goto(address)
        assert not opens_keys(page), address
    page.keyboard.press("j")
    page.keyboard.press("q")
    assert page.url.endswith("/desk/"), "no key leads away"
    expect(page.locator("main kbd").first).to_be_hidden()
