"""People and roles in a real browser: found, changed after a preview, invited; desk and phone, English and French."""

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from requests_app import actions
from requests_app.models import Membership, ServiceRequest, User
from requests_app.notify.deliver import sweep_outbox
from requests_app.permissions import Role
from tests.browser.axe import clean
from tests.browser.conftest import DESK, PHONE, NewPage
from tests.browser.test_desk import sign_in
from tests.factories import World, command, file_request, member, world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def city(live_city: str) -> World:
    return world("testford", is_default=True)


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_of_people_stop_nobody(
    city: World, new_page: NewPage, language: str, viewport: dict[str, int]
) -> None:
    case = file_request(city.pothole)
    actions.accept(command(case, city.handler), handler_id=city.handler.user_id)
    page = sign_in(new_page(viewport=viewport), city.administrator, f"/manage/people/?lang={language}", scripts=False)
    clean(page)
    for path in ("/manage/people/roles/", "/manage/people/new/", f"/manage/people/{city.handler.user_id}/"):
        page.goto(path)
        clean(page)
    page.locator("[name=grants-0-remove]").check()
    page.locator("button[name=preview]").click()
    expect(page.locator(".panel--warn").get_by_text(case.reference)).to_be_visible()
    clean(page)
    page.locator("form.setting-form .actions button").first.click()
    expect(page.locator("#problems")).to_be_visible()
    clean(page)


def test_somebody_is_invited_comes_and_hands_over_when_they_leave(city: World, new_page: NewPage) -> None:
    bo = member(Role.HANDLER, city.jurisdiction, city.roads, "bo")
    page = sign_in(new_page(), city.administrator, "/manage/people/?lang=en", scripts=False)
    page.get_by_role("link", name="Invite a person").click()
    page.get_by_label("Name", exact=True).fill("Ann Roy")
    page.get_by_label("Mail address").fill("ann@example.org")
    page.get_by_label("Role", exact=True).select_option(label="Handler")
    page.get_by_label("Office").select_option(label="Roads office")
    page.locator("form.setting-form .actions button").first.click()
    expect(page.get_by_text("takes, hands off and closes requests: Roads office")).to_be_visible()
    ann = User.objects.get(email="ann@example.org")

    mail.outbox.clear()
    sweep_outbox(200)
    found = re.search(r"http://[^/\s]+(/invitation/[^\s?]+)", str(mail.outbox[-1].body))
    assert found
    phone = new_page(viewport=PHONE, has_touch=True)
    phone.goto(found[1] + "?lang=en")
    clean(phone)
    phone.get_by_label("Password", exact=True).fill("correct horse battery")
    phone.get_by_label("The same password again").fill("correct horse battery")
    phone.get_by_role("button", name="Set the password and sign in").click()
    expect(phone.get_by_text("Your password is set")).to_be_visible()

    case = file_request(city.pothole)
    actions.accept(command(case, bo), handler_id=ann.pk)
    page.goto(f"/manage/people/{ann.pk}/")
    page.get_by_label("May sign in").uncheck()
    page.get_by_label("Who takes what is in their hands").select_option(label="Bo")
    page.locator("form.setting-form .actions button").first.click()
    expect(page.get_by_text("account closed")).to_be_visible()
    assert ServiceRequest.objects.get(pk=case.pk).handler_id == bo.user_id
    assert Membership.objects.filter(user=ann).exists(), "closing an account keeps its roles, for the history"
