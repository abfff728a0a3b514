"""In a real browser, on a phone: “it affects me too”, following by mail, and a partner who answers by its link."""

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from requests_app import actions
from requests_app.actions import Contact
from requests_app.models import Person, ServiceRequest
from requests_app.notify.deliver import sweep_outbox
from tests.browser.axe import stumbling_blocks
from tests.browser.conftest import PHONE, NewPage
from tests.factories import World, command, file_request, office, world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(live_city: str) -> World:
    return world("testford", is_default=True)


def mailed(to: str, path: str) -> str:
    """The newest link of a kind that was mailed to an address."""
    mail.outbox.clear()
    sweep_outbox(200)
    body = next(one.body for one in reversed(mail.outbox) if to in one.to)
    found = re.search(rf"http://[^/\s]+(/{path}/[^\s]+)", body)
    assert found, body
    return found[1]


def test_a_neighbour_is_counted_follows_and_begins_by_the_link(city: World, new_page: NewPage) -> None:
    request = file_request(city.pothole)
    page = new_page(viewport=PHONE, has_touch=True)
    page.goto(f"/requests/{request.reference}/?lang=en")
    page.get_by_role("button", name="It affects me too").click()
    expect(page.get_by_text("1 more person has said")).to_be_visible()
    page.get_by_text("Get news of it by mail").click()
    page.get_by_label("Your e-mail address").fill("nobody")
    page.get_by_role("button", name="Follow").click()
    expect(page.locator("#follow-error")).to_be_visible()
    assert stumbling_blocks(page) == []
    page.get_by_label("Your e-mail address").fill("ann@example.org")
    page.get_by_role("button", name="Follow").click()
    expect(page.get_by_text("Look into your mail")).to_be_visible()
    page.goto(mailed("ann@example.org", "follow"))
    assert stumbling_blocks(page) == []
    page.get_by_role("button", name="Yes, send me news").click()
    expect(page.get_by_role("heading", name="You follow this request")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_one_click_in_a_mail_stops_it_and_one_more_brings_it_back(
    city: World, new_page: NewPage, language: str
) -> None:
    file_request(city.pothole, contact=Contact(email="ann@example.org"), language=language)
    page = new_page(viewport=PHONE, has_touch=True, locale=f"{language}-CA")
    page.goto(mailed("ann@example.org", "stop-mails"))
    assert stumbling_blocks(page) == []
    assert page.evaluate("document.documentElement.lang") == f"{language}-CA"
    assert Person.objects.get().wants_news, "a look stops nothing: programs look at links"
    with page.expect_navigation():
        page.locator("main form button").click()
    assert not Person.objects.get().wants_news
    assert stumbling_blocks(page) == []
    with page.expect_navigation():
        page.locator("main form button").click()
    assert Person.objects.get().wants_news


def test_a_partner_takes_a_case_by_its_link_on_a_phone(city: World, new_page: NewPage) -> None:
    hydro = office(city.jurisdiction, "hydro", is_external=True, email="hydro@example.org")
    request = file_request(city.pothole)
    actions.accept(command(request, city.handler))
    actions.hand_off(command(request, city.handler), office_id=hydro.pk)
    page = new_page(viewport=PHONE, has_touch=True)
    page.goto(mailed("hydro@example.org", "partner"))
    page.locator("#act-bounce summary").click()
    assert stumbling_blocks(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator("#act-accept summary").click()
    page.get_by_role("button", name="We take it").click()
    page.get_by_role("link", name="Go on").click()
    expect(page.get_by_text("We do it on a day").first).to_be_visible()
    assert ServiceRequest.objects.get().status == "assigned"
