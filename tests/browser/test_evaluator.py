"""An evaluator opens the report in a browser: pictures drawn, the map alive in its sandbox, cases one click away."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from requests_app.actions.bulk import write_cases
from tests.browser.axe import clean
from tests.browser.conftest import DESK, PHONE
from tests.integration.analytics.town import build_town, uneven, write_permits

pytestmark = pytest.mark.browser


@pytest.fixture
def signed_in(new_page: Callable[..., Page], live_city: str) -> Callable[..., Page]:
    town = build_town()
    write_permits(town)
    client = Client()
    client.force_login(town.evaluator())
    key = client.cookies[settings.SESSION_COOKIE_NAME].value

    def open_page(**wishes: object) -> Page:
        page = new_page(**wishes)
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_city}])
        return page

    return open_page


def test_the_map_draws_the_areas_in_a_frame_that_can_reach_nothing(signed_in: Callable[..., Page]) -> None:
    page = signed_in(viewport=DESK)
    page.goto("/evaluate/permit-town/#areas")
    frame = page.frame_locator("iframe.map-frame")
    expect(frame.locator("path.leaflet-interactive").nth(1)).to_be_visible()
    expect(frame.locator(".legend")).to_contain_text("fewer than 30 answered")
    inside = next(f for f in page.frames if "/evaluate/map/" in f.url)
    assert inside.evaluate("self.origin") == "null"
    frame.locator("path.leaflet-interactive").first.click()
    frame.get_by_role("link", name="See these cases").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Answered cases")


def test_a_line_of_the_flow_leads_to_its_cases_by_keyboard(signed_in: Callable[..., Page]) -> None:
    page = signed_in(viewport=DESK)
    page.goto("/evaluate/permit-town/")
    way = page.locator(".flow--wide .flow__way").last
    way.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Cases handed from")
    expect(page.locator("tbody tr")).to_have_count(3)


def test_a_heading_sorts_its_table_both_ways(signed_in: Callable[..., Page]) -> None:
    page = signed_in(viewport=DESK)
    page.goto("/evaluate/permit-town/")
    names = page.locator("#offices tbody th")
    expect(names).to_have_text(["Intake desk", "Plan review", "Roads"])
    heading = page.locator("#offices thead").get_by_role("button", name="There now")
    heading.click()
    expect(names.first).to_have_text("Plan review")
    heading.click()
    expect(names.last).to_have_text("Plan review")
    page.locator("#offices thead").get_by_role("button", name="Office").click()
    expect(names).to_have_text(["Intake desk", "Plan review", "Roads"])


def test_the_legend_hides_no_area_of_the_map(signed_in: Callable[..., Page]) -> None:
    for viewport in (DESK, PHONE):
        page = signed_in(viewport=viewport)
        page.goto("/evaluate/permit-town/#areas")
        frame = page.frame_locator("iframe.map-frame")
        expect(frame.locator("path.leaflet-interactive").first).to_be_visible()
        legend = frame.locator(".legend").bounding_box()
        areas = [frame.locator("path.leaflet-interactive").nth(place).bounding_box() for place in range(2)]
        assert legend
        assert all(area and area["y"] + area["height"] <= legend["y"] + 1 for area in areas)


def test_on_a_phone_nothing_is_wider_than_the_screen_in_either_language(signed_in: Callable[..., Page]) -> None:
    for language in ("en", "fr"):
        page = signed_in(viewport=PHONE, locale=f"{language}-CA")
        for address in ("/evaluate/permit-town/", "/evaluate/permit-town/cases/?figure=all"):
            page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
            wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wider == 0
            assert not re.search(r"\b(unknown|None|nan)\b", page.locator("main").inner_text())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_answer_stands_first_fits_a_phone_and_leads_to_its_cases(
    new_page: Callable[..., Page], live_city: str, language: str
) -> None:
    town = build_town()
    write_cases(town.place.pk, uneven(town), check_moves=True)
    client = Client()
    client.force_login(town.evaluator())
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    for viewport in (PHONE, DESK):
        page = new_page(viewport=viewport, locale=f"{language}-CA")
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_city}])
        for address in ("/evaluate/permit-town/", "/evaluate/permit-town/barriers/"):
            page.goto(f"{address}?lang={language}")
            clean(page)
            card, filters = page.locator(".answer__card").first.bounding_box(), page.locator(".filters").bounding_box()
            assert card
            assert filters
            assert card["y"] < filters["y"]
        page.locator(".answer__links a").first.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text(
            "Plan review" if language == "en" else "Examen des plans"
        )
