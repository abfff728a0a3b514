"""Administrators in a real browser: a service from nothing to its first request, areas from a file, nobody stumbles."""

import json
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from requests_app.models import Area, Service, ServiceState, User, WorkCalendar
from requests_app.permissions import Viewer
from tests.browser.axe import clean
from tests.browser.conftest import PHONE, NewPage
from tests.factories import EAST, NORTH, SOUTH, WEST, World, names, world

PATIENCE_MS = 30_000
MIDDLE = (WEST + EAST) / 2


@pytest.fixture
def city(live_city: str) -> World:
    made = world("testford", is_default=True)
    WorkCalendar.objects.create(
        jurisdiction=made.jurisdiction, code="usual", names=names("Weekdays", "Jours ouvrables"),
        slots={str(day): [["08:30", "16:30"]] for day in range(5)},
    )  # fmt: skip
    return made


@pytest.fixture(autouse=True)
def patience() -> None:
    expect.set_options(timeout=PATIENCE_MS)


def sign_in(page: Page, viewer: Viewer, address: str) -> Page:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    page.goto("/health/")
    key = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": key, "url": page.url.removesuffix("/health/")}])
    page.goto(address)
    return page


def both(page: Page, name: str, english: str, french: str) -> None:
    page.locator(f"#field-{name}-en").fill(english)
    page.locator(f"#field-{name}-fr").fill(french)


def save(page: Page) -> None:
    page.locator(".setting-form .actions").get_by_role("button", name="Save").click()


def test_an_administrator_adds_a_service_from_nothing_to_its_first_request(city: World, new_page: NewPage) -> None:
    page = sign_in(new_page(), city.administrator, "/manage/")
    page.get_by_role("link", name="Services and questions").click()
    page.get_by_role("link", name="Add a service").click()
    clean(page)
    both(page, "names", "Abandoned bicycle", "Vélo abandonné")
    save(page)
    checklist = page.locator(".checklist")
    expect(checklist).to_contain_text("Choose the office that answers for it.")
    expect(checklist.get_by_role("button", name="Go live")).to_have_count(0)
    clean(page)
    # What is missing leads to its field, one after the other.
    checklist.get_by_role("link", name="What it is about: the English text is missing.").click()
    both(page, "descriptions", "A bicycle that nobody comes for.", "Un vélo que personne ne réclame.")
    assert page.locator("#group-en-known option").evaluate_all("all => all.map(one => one.value)") == ["Streets"]
    both(page, "group", "Roads and sidewalks", "Rues et trottoirs")
    page.locator("#field-owner").select_option(label="Roads office")
    page.get_by_label("Public: everybody sees them").check()
    page.locator("#field-calendar").select_option(label="Weekdays")
    page.locator("#field-resolve_hours").fill("40")
    page.locator("#field-retention_days").fill("730")
    both(page, "questions-0-names", "Is it locked?", "Est-il verrouillé?")
    page.locator("#field-questions-0-datatype").select_option(label="Yes or no")
    save(page)
    # A question brings its own gaps: they are said before anything goes live.
    expect(checklist).to_contain_text("Question 1")
    page.locator("#field-questions-0-tag").select_option(index=4)
    both(page, "questions-0-purposes", "A locked one needs a cutter.", "S’il est verrouillé, il faut une cisaille.")
    save(page)
    expect(checklist).to_contain_text("Nothing is missing")
    clean(page)
    checklist.get_by_role("button", name="Go live").click()
    expect(page.locator(".notices")).to_contain_text("It is live")
    made = Service.objects.get(names__en="Abandoned bicycle")
    assert (made.state, made.owner_id) == (ServiceState.LIVE, city.roads.pk)
    page.get_by_role("link", name="See it in the list of what citizens can ask for").click()
    expect(page.get_by_role("button", name="Abandoned bicycle")).to_be_visible()
    french = new_page(viewport=PHONE, locale="fr-CA")
    french.goto("/report/?lang=fr")
    french.get_by_role("button", name="Vélo abandonné").click()
    expect(french).to_have_url(french.url.split("/report/")[0] + f"/report/{made.code}/where/")


def wards(path: Path) -> Path:
    """A file with the west ward wider than it was, and a new one instead of the east ward."""
    shapes = {"1": (WEST, MIDDLE + 0.04), "north": (MIDDLE + 0.04, EAST)}
    features = [
        {
            "type": "Feature",
            "properties": {"name": f"Ward {code}", "code": code},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[west, SOUTH], [east, SOUTH], [east, NORTH], [west, NORTH], [west, SOUTH]]],
            },
        }
        for code, (west, east) in shapes.items()
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def test_new_wards_are_brought_looked_at_saved_and_put_back(city: World, new_page: NewPage, tmp_path: Path) -> None:
    page = sign_in(new_page(), city.administrator, "/manage/areas/")
    page.get_by_role("link", name="Wards").click()
    page.get_by_role("link", name="Bring a new version").click()
    page.get_by_role("button", name="Look at what would change").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a file.")
    clean(page)
    page.set_input_files("#field-file", wards(tmp_path / "wards.geojson"))
    page.locator("#field-code_property").fill("code")
    page.get_by_role("button", name="Look at what would change").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("nothing is saved yet")
    expect(page.locator("area-map[data-ready=yes]")).to_be_visible()
    expect(page.get_by_role("row", name="Ward north")).to_contain_text("New")
    clean(page)
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.locator(".notices")).to_contain_text("Version 2 is in force.")
    assert set(Area.objects.filter(valid_to=None).values_list("code", flat=True)) == {"1", "north"}
    clean(page)
    page.get_by_role("button", name="Put version 1 back: look at it first").click()
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.locator(".notices")).to_contain_text("Version 3 is in force.")
    assert set(Area.objects.filter(valid_to=None).values_list("code", flat=True)) == {"1", "2"}


@pytest.mark.parametrize(("width", "language"), [(390, "fr"), (1440, "en")])
def test_no_page_of_areas_makes_anybody_stumble(
    city: World, new_page: NewPage, tmp_path: Path, width: int, language: str
) -> None:
    page = new_page(viewport={"width": width, "height": 844})
    sign_in(page, city.administrator, f"/manage/areas/?lang={language}")
    clean(page)
    for address in ("/manage/areas/new/", "/manage/areas/kinds/ward/", "/manage/areas/kinds/ward/upload/"):
        page.goto(address)
        clean(page)
    page.set_input_files("#field-file", wards(tmp_path / "wards.geojson"))
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator("area-map[data-ready=yes]")).to_be_visible()
    clean(page)
