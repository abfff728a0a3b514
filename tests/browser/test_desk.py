"""The desk in a real browser: one journey in two browsers without a reload, and five cases without the mouse."""

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from playwright.sync_api import Page, expect

from requests_app import actions
from requests_app.models import RequestEvent, ServiceRequest, User
from requests_app.permissions import Viewer
from requests_app.states import Activity, Status
from tests.browser.axe import clean
from tests.browser.conftest import DESK, PHONE, NewPage
from tests.factories import World, command, file_request, world

PATIENCE_MS = 30_000


@pytest.fixture
def city(live_city: str) -> World:
    return world("testford", is_default=True)


@pytest.fixture(autouse=True)
def patience() -> None:
    # What is waited for is an event, never a moment: the limit only says when to give up on a busy machine.
    expect.set_options(timeout=PATIENCE_MS)


def sign_in(page: Page, viewer: Viewer, address: str = "/desk/queue/", *, scripts: bool = True) -> Page:
    """Open a page as somebody who has signed in."""
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    page.goto("/health/")
    key = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": key, "url": page.url.removesuffix("/health/")}])
    page.goto(address)
    if scripts:
        hears_keys(page)
    return page


def hears_keys(page: Page) -> None:
    """Wait until the page's scripts have run: nobody types that fast, a test does."""
    page.wait_for_selector("html[data-keys]", state="attached", timeout=PATIENCE_MS)


def is_live(page: Page) -> None:
    expect(page.locator("live-updates")).to_have_text("Live")


def report(page: Page) -> str:
    """File a pothole as a citizen on a phone; the reference."""
    page.goto("/report/pothole/where/")
    page.locator("#address-q").press_sequentially("1 king")
    page.get_by_label("1 King Street").check()
    page.locator("#where-form button[type=submit]").click()
    page.fill("#field-words", "A deep hole before the school.")
    page.locator("[data-draft] button[type=submit]").click()
    page.locator("[data-once]").click()
    return page.locator(".sent__reference").inner_text()


def test_two_browsers_see_one_journey_without_a_reload(city: World, new_page: NewPage) -> None:
    manager, citizen = sign_in(new_page(), city.manager), new_page(viewport=PHONE, has_touch=True)
    is_live(manager)
    expect(manager.get_by_text("Nothing is waiting here")).to_be_visible()
    manager.evaluate("window.stayed = true")
    reference = report(citizen)
    row = manager.locator(f"#row-{reference}")
    manager.locator(f"#row-{reference}, #queue-fresh:not([hidden])").first.wait_for(timeout=PATIENCE_MS)
    if not row.count():
        manager.locator("#queue-fresh").click()
    expect(row).to_contain_text("Sent to an office")
    assert manager.evaluate("window.stayed")

    citizen.goto(citizen.input_value("#tracking-link"))
    citizen.evaluate("window.stayed = true")
    expect(citizen.locator("#case-live")).to_contain_text("Sent to an office")
    row.locator("a").click()
    is_live(manager)
    manager.keyboard.press("l")
    expect(manager.locator(".case-desk__after strong")).to_have_text("stay here")
    hears_keys(manager)
    for key, word in (("a", "Accepted"), ("s", "In progress")):
        manager.keyboard.press(key)
        expect(manager.locator("#case header")).to_contain_text(word)
        hears_keys(manager)
        expect(citizen.locator("#case-live header")).to_contain_text(word)
    manager.keyboard.press("x")
    manager.get_by_label("Reply to the citizen (optional)").fill("It is filled.")
    manager.keyboard.press("Control+Enter")
    expect(manager.locator("#case header")).to_contain_text("Closed")
    expect(citizen.locator("#case-live")).to_contain_text("How did it go?")
    assert citizen.evaluate("window.stayed")
    clean(citizen)

    is_live(manager)
    citizen.get_by_role("group", name="From 1, very poor, to 5, very good").get_by_text("5", exact=True).click()
    citizen.locator("#rate-it ~ form button[type=submit]").click()
    expect(manager.locator(".timeline")).to_contain_text("Rated")
    assert ServiceRequest.objects.get(reference=reference).rating.score == 5


def test_five_cases_are_cleared_without_the_mouse(city: World, new_page: NewPage) -> None:
    filed = [file_request(city.pothole, words=f"Hole number {number}.") for number in range(5)]
    page = sign_in(new_page(), city.handler, "/desk/queue/?kind=new&sort=oldest")
    page.keyboard.press("j")
    expect(page.locator(".case-row").first.locator("a")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("K")  # Caps Lock is on
    page.keyboard.press("Enter")
    for request in filed:
        expect(page.locator("#case")).to_contain_text(request.reference)
        hears_keys(page)
        page.keyboard.press("a")
        expect(page.locator(".notices")).to_contain_text(f"{request.reference}: Accepted.")
        hears_keys(page)
        page.keyboard.press("X")
        expect(page.locator(".move[open] .move__about")).to_contain_text(request.reference)
        page.keyboard.press("h")  # a key in an open form is not another move
        expect(page.locator(".move[open]")).to_have_count(1)
        page.keyboard.press("Control+Enter")
        expect(page.locator(".notices")).to_contain_text(f"{request.reference}: Closed.")
    expect(page.get_by_text("No request matches these filters.")).to_be_visible()
    assert set(ServiceRequest.objects.values_list("status", flat=True)) == {Status.CLOSED}


def test_a_key_meant_for_the_page_before_moves_nothing_on_this_one(city: World, new_page: NewPage) -> None:
    request = file_request(city.pothole)
    page = sign_in(new_page(), city.handler, "/desk/queue/")
    # The key comes while the scripts of the next page have only just run: in the same turn.
    page.context.add_init_script(
        "document.addEventListener('DOMContentLoaded', () => {"
        " for (const key of ['a', 'x']) document.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));"
        " window.pressed = true; });"
    )
    page.goto(f"/desk/requests/{request.reference}/")
    hears_keys(page)
    assert page.evaluate("window.pressed")
    expect(page.locator("[data-key=x]")).to_be_focused()  # it is pointed at, for Enter to press
    expect(page.locator(".move[open]")).to_have_count(0)
    assert ServiceRequest.objects.get(pk=request.pk).status == Status.TRIAGED


def test_without_a_connection_the_page_says_so_and_keeps_what_was_typed(city: World, new_page: NewPage) -> None:
    request = file_request(city.pothole)
    page = sign_in(new_page(), city.handler, f"/desk/requests/{request.reference}/?kind=open")
    page.keyboard.press("i")
    page.locator("#note-body").fill("Seen on Tuesday.")
    page.context.set_offline(True)
    expect(page.locator("#desk-offline")).to_contain_text("Offline: what you see may be old.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".move[open] .move__offline")).to_contain_text("Not sent: there is no connection.")
    page.locator(".back-link").click()
    expect(page.locator("#note-body")).to_have_value("Seen on Tuesday.")
    clean(page)
    page.context.set_offline(False)
    expect(page.locator("#desk-offline")).to_be_hidden()
    page.locator("#note-body").press("Control+Enter")
    expect(page.locator(".notices")).to_contain_text("The note is kept.")
    assert RequestEvent.objects.filter(activity=Activity.NOTED).count() == 1


def test_a_close_with_a_reply_and_a_refusal_without_the_mouse(city: World, new_page: NewPage) -> None:
    request = file_request(city.pothole)
    actions.accept(command(request, city.handler))
    page = sign_in(new_page(), city.handler, f"/desk/requests/{request.reference}/")
    page.keyboard.press("s")
    expect(page.locator("#case header")).to_contain_text("In progress")
    hears_keys(page)
    page.keyboard.press("q")
    expect(page.get_by_label("Your question")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".move[open] .error")).to_have_text("Write a few words: the text is empty.")
    expect(page.get_by_label("Your question")).to_be_focused()
    clean(page)
    page.keyboard.press("Escape")
    expect(page.locator(".move[open]")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    hears_keys(page)  # the news of the start may have changed the page: keys rest a moment then
    page.keyboard.press("x")
    expect(page.locator(".move[open]")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#case header")).to_contain_text("Closed")
    assert RequestEvent.objects.get(activity=Activity.RESOLVED).outcome == "no_action_needed"


def test_a_row_under_the_focus_does_not_move_when_others_arrive(city: World, new_page: NewPage) -> None:
    first = file_request(city.pothole)
    page = sign_in(new_page(), city.manager)
    is_live(page)
    page.keyboard.press("j")
    row = page.locator(f"#row-{first.reference}")
    expect(row.locator("a")).to_be_focused()
    before = row.bounding_box()
    file_request(city.pothole)
    file_request(city.needle)
    expect(page.locator("#queue-fresh")).to_have_text("2 new requests. Show them")
    assert row.bounding_box() == before
    actions.accept(command(first, city.handler))
    expect(row).to_contain_text("Accepted")
    expect(row.locator("a")).to_be_focused()
    page.keyboard.press("r")
    expect(page.locator(".case-row")).to_have_count(3)


def test_list_and_map_share_one_selection(city: World, new_page: NewPage) -> None:
    requests = [file_request(city.pothole, location=Point(lon, 44.0, srid=4326)) for lon in (-79.08, -79.06, -79.04)]
    page = sign_in(new_page(draws_map=True), city.manager, "/desk/queue/?sort=oldest")
    page.wait_for_selector("triage-map[data-ready]", timeout=PATIENCE_MS)
    expect(page.locator("#map-note")).to_have_text("The map shows 3 requests of this list.")
    page.keyboard.press("j")
    expect(page.locator(".case-row[data-selected]")).to_have_attribute("data-reference", requests[0].reference)
    assert page.evaluate("document.querySelector('triage-map').chosen") == requests[0].reference
    spot = page.evaluate(
        "ref => { const m = document.querySelector('triage-map');"
        " const p = m.map.project(m.features.get(ref).geometry.coordinates);"
        " const box = m.map.getCanvas().getBoundingClientRect(); return [box.x + p.x, box.y + p.y]; }",
        requests[2].reference,
    )
    page.mouse.click(*spot)
    expect(page.locator(f"#row-{requests[2].reference} a")).to_be_focused()


def test_a_broken_connection_is_made_up_for(city: World, new_page: NewPage) -> None:
    page = sign_in(new_page(), city.manager)
    is_live(page)
    page.evaluate(
        "() => { const live = document.querySelector('live-updates');"
        " live.lost = () => live.light(false); live.socket.close(); }"
    )
    expect(page.locator("live-updates")).to_have_text("Not live: trying again")
    missed = file_request(city.pothole)
    page.evaluate("() => { const live = document.querySelector('live-updates'); delete live.lost; live.open(); }")
    is_live(page)
    page.locator(f"#row-{missed.reference}, #queue-fresh:not([hidden])").first.wait_for(timeout=PATIENCE_MS)


def test_a_call_is_logged_with_the_keyboard_alone(city: World, new_page: NewPage) -> None:
    open_already = file_request(city.pothole)
    page = sign_in(new_page(), city.intake_handler)
    page.keyboard.press("c")
    expect(page.locator("#call-service")).to_be_focused()
    clean(page)
    page.keyboard.type("poth")
    expect(page.get_by_role("option", name="Pothole")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")
    expect(page.locator("#call-address")).to_be_focused()
    page.keyboard.type("1 king")
    expect(page.get_by_role("option", name="1 King Street")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#call-nearby")).to_contain_text(open_already.reference)
    expect(page.locator("#call-questions")).to_contain_text("How big is it?")
    clean(page)
    page.keyboard.press("Tab")
    page.keyboard.type("A hole before the door.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".filed h2")).to_be_focused()
    filed = ServiceRequest.objects.exclude(pk=open_already.pk).get()
    expect(page.locator(".filed__spelled")).to_have_text(" ".join(filed.reference.replace("-", "")))
    assert (filed.channel, filed.address_label) == ("phone", "1 King Street")
    clean(page)


def test_a_caller_is_added_by_one_key(city: World, new_page: NewPage) -> None:
    open_already = file_request(city.pothole)
    page = sign_in(new_page(), city.intake_handler, "/desk/call/")
    page.locator("#call-service").press_sequentially("poth")
    page.keyboard.press("Tab")
    page.keyboard.type("1 king")
    expect(page.get_by_role("option", name="1 King Street")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#call-nearby")).to_contain_text(open_already.reference)
    page.keyboard.press("Alt+1")
    expect(page.get_by_role("alert").get_by_role("link")).to_contain_text("Write what the caller says")
    hears_keys(page)
    page.locator("#call-words").fill("It burst my tire.")
    page.keyboard.press("Alt+1")
    expect(page.locator(".filed h2")).to_contain_text(open_already.reference)
    assert ServiceRequest.objects.get().supporters == 1


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_page_of_the_desk_makes_anybody_stumble_on_a_wide_screen(
    city: World, new_page: NewPage, language: str
) -> None:
    """On a phone: `test_every_page`."""
    late = file_request(city.pothole, contact=actions.Contact(name="Ada Example"))
    file_request(city.benefit)
    page = new_page(viewport=DESK)
    sign_in(page, city.manager, f"/desk/queue/?lang={language}", scripts=False)
    for address in (
        "/desk/",
        "/desk/queue/",
        "/desk/queue/?kind=paused",
        f"/desk/requests/{late.reference}/?kind=new",
        "/desk/call/",
    ):
        page.goto(address)
        clean(page)


def test_the_desk_works_without_scripts(city: World, new_page: NewPage) -> None:
    request = file_request(city.pothole)
    page = sign_in(new_page(java_script_enabled=False), city.handler, scripts=False)
    page.locator(".case-row a").click()
    page.get_by_role("button", name="Accept").click()
    expect(page.locator(".notices")).to_contain_text("Accepted.")
    assert ServiceRequest.objects.get(pk=request.pk).status == Status.ASSIGNED
