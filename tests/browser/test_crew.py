"""A crew's telephone in a real browser: no signal, a reload, a signal again; each entry is taken once."""

import io

from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from requests_app import actions
from requests_app.models import CrewEntry, Photo, RequestEvent
from requests_app.states import Activity, Outcome
from tests.browser.axe import stumbling_blocks
from tests.browser.conftest import PHONE, NewPage
from tests.browser.test_desk import PATIENCE_MS, sign_in
from tests.factories import World, command, world
from tests.scenarios import Play


def urgent(city: World) -> Play:
    play = Play.begin(city).accepted()
    actions.reprioritize(command(play.request, city.handler), priority=2)
    return play


def done(page: Page, play: Play, photo: bytes | None = None) -> None:
    """Say at the stop of a case that it is done, as a thumb does; twice, as a thumb does too."""
    stop = page.locator(f"#stop-{play.request.reference}")
    stop.locator("summary.stop__head").click()
    stop.locator("details.entry--done > summary").click()
    stop.locator("details.entry--done input[value=resolved]").check()
    if photo is not None:
        taken = FilePayload(name="fini.jpg", mimeType="image/jpeg", buffer=photo)
        stop.locator("details.entry--done input[type=file]").set_input_files(taken)
    stop.locator("details.entry--done button[type=submit]").dblclick()


def test_a_lost_signal_keeps_entries_over_a_reload_and_sends_each_once(live_city: str, new_page: NewPage) -> None:
    expect.set_options(timeout=PATIENCE_MS)
    city = world("testford", is_default=True)
    first, second = urgent(city), urgent(city)
    page = sign_in(new_page(viewport=PHONE, goes_offline=True), city.handler, "/crew/", scripts=False)
    page.wait_for_selector("html[data-crew=ready]", state="attached", timeout=PATIENCE_MS)
    assert stumbling_blocks(page) == []

    page.context.set_offline(True)
    done(page, first)
    expect(page.locator("#crew-signal")).to_contain_text("1 entry")
    done(page, second)
    expect(page.locator("#crew-signal")).to_contain_text("2 entries")
    page.reload()
    expect(page.locator("#crew-signal")).to_contain_text("2 entries")
    assert not CrewEntry.objects.exists()

    page.context.set_offline(False)
    expect(page.locator("#crew-signal")).to_have_text("Everything is sent")
    for play in (first, second):
        happened = list(RequestEvent.objects.filter(request=play.request).values_list("activity", flat=True))
        assert (happened.count(Activity.VISITED), happened.count(Activity.RESOLVED)) == (1, 1)
    assert CrewEntry.objects.count() == 2


def test_a_photo_taken_without_a_signal_arrives_with_the_outcome_in_french(live_city: str, new_page: NewPage) -> None:
    expect.set_options(timeout=PATIENCE_MS)
    city = world("testford", is_default=True)
    play = urgent(city)
    page = sign_in(new_page(viewport=PHONE, goes_offline=True, locale="fr-CA"), city.handler, "/crew/", scripts=False)
    page.wait_for_selector("html[data-crew=ready]", state="attached", timeout=PATIENCE_MS)
    assert stumbling_blocks(page) == []
    picture = io.BytesIO()
    Image.new("RGB", (400, 300), (90, 90, 90)).save(picture, "JPEG")
    page.context.set_offline(True)
    done(page, play, picture.getvalue())
    expect(page.locator("#crew-signal")).to_contain_text("1 entrée")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert not Photo.objects.exists()
    page.context.set_offline(False)
    expect(page.locator("#crew-signal")).to_have_text("Tout est envoyé")
    kept = Photo.objects.get()
    visited = RequestEvent.objects.get(request=play.request, activity=Activity.VISITED)
    assert (kept.request_id, kept.by_citizen, visited.photo_id) == (play.request.pk, False, kept.pk)
    play.request.refresh_from_db()
    assert play.request.outcome == Outcome.RESOLVED
