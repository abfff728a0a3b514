"""The pages beside the overview in a browser: nobody stumbles on them, and what moves does what it says."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from analytics.reports.views.registry import VIEWS
from requests_app.actions.bulk import write_cases
from tests.browser.axe import faults
from tests.browser.conftest import DESK, PHONE
from tests.integration.analytics.town import build_town, case, write_permits

pytestmark = pytest.mark.browser
FURTHER = (
    "map/?by=steps&detail=4",
    "handovers/?shade=median",
    "spectrum/?of=intake&to_office=review",
    "spectrum/?by=steps",
    "variants/?by=steps&loops=once",
)


@pytest.fixture
def signed_in(new_page: Callable[..., Page], live_city: str) -> Callable[..., Page]:
    town = build_town()
    write_permits(town)
    many = [
        case(
            town, f"H-{n}", "pothole", "west", [
                (0, "submitted", None), (0, "routed", "roads"), (n / 20, "accepted", None),
                (n / 10, "resolved", "resolved"),
            ],
        )
        for n in range(1, 41)
    ]  # fmt: skip
    write_cases(town.place.pk, many, check_moves=False)
    client = Client()
    client.force_login(town.evaluator())
    key = client.cookies[settings.SESSION_COOKIE_NAME].value

    def open_page(**wishes: object) -> Page:
        page = new_page(**wishes)
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_city}])
        return page

    return open_page


@pytest.mark.parametrize("viewport", [DESK, PHONE])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_nobody_stumbles_on_a_page_of_the_report(
    signed_in: Callable[..., Page], language: str, viewport: object
) -> None:
    page = signed_in(viewport=viewport, locale=f"{language}-CA")
    found: dict[str, list[str]] = {}
    for address in (*(f"{view.slug}/" for view in VIEWS), *FURTHER):
        page.goto(f"/evaluate/permit-town/{address}")
        page.wait_for_load_state()
        if blocks := faults(page):
            found[address] = blocks
    assert not found, "\n".join(f"{where}\n  {'; '.join(what)}" for where, what in found.items())


def test_the_slider_draws_the_map_anew_when_it_is_let_go(signed_in: Callable[..., Page]) -> None:
    page = signed_in(viewport=DESK)
    page.goto("/evaluate/permit-town/map/?by=steps")
    ways = page.locator(".flow--wide .flow__way")
    before = ways.count()
    page.get_by_role("slider").fill("2")
    page.wait_for_url("**detail=2**")
    expect(ways).to_have_count(2)
    assert before > 2


def test_a_cell_of_the_matrix_is_reached_by_keyboard_and_leads_to_its_hand_overs(
    signed_in: Callable[..., Page],
) -> None:
    page = signed_in(viewport=DESK)
    page.goto("/evaluate/permit-town/handovers/")
    page.get_by_role("link", name="Intake desk to Plan review").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hand-overs from Intake desk to Plan review")
    expect(page.locator("tbody tr")).to_have_count(3)
