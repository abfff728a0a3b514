"""Many requests moved at once in a real browser: without the mouse, in both languages, and without scripts."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from requests_app import actions
from requests_app.models import ServiceRequest
from tests.browser.axe import clean
from tests.browser.conftest import PHONE, NewPage
from tests.browser.test_desk import PATIENCE_MS, hears_keys, sign_in
from tests.factories import World, command, world
from tests.scenarios import Play


@dataclass(frozen=True, slots=True)
class Said:
    """What the pages say in one language."""

    code: str
    two: str
    four: str
    none: str
    high: str
    move: str
    would: str
    why: str
    done: str
    changed: str
    back: str


ENGLISH = Said(
    "en", "2 chosen", "4 chosen", "None chosen", "High", "Change the p", "It can be done to 3 of 4",
    "Somebody changed this request since you chose it. Look at it again.", "3 of 4 done.",
    "1 was changed by somebody meanwhile and is left as it is.", "3 of 3 put back.",
)  # fmt: skip
FRENCH = Said(
    "fr", "2 choisies", "4 choisies", "Aucune choisie", "Haute", "Changer la p", "C’est possible pour 3 sur 4",
    "Quelqu’un a modifié cette demande depuis que vous l’avez choisie. Regardez-la de nouveau.", "3 sur 4",
    "1 a été modifiée par quelqu’un entre-temps et reste telle quelle.", "3 sur 3 remises en l’état.",
)  # fmt: skip


@pytest.fixture
def city(live_city: str) -> World:
    return world("testford", is_default=True)


@pytest.fixture(autouse=True)
def patience() -> None:
    expect.set_options(timeout=PATIENCE_MS)


def held(city: World, number: int) -> list[ServiceRequest]:
    return [Play.begin(city).accepted().request for _ in range(number)]


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


@pytest.mark.parametrize("said", [ENGLISH, FRENCH], ids=["english", "french"])
def test_four_are_chosen_tried_moved_and_put_back_without_the_mouse(city: World, new_page: NewPage, said: Said) -> None:
    four = held(city, 4)
    page = sign_in(new_page(), city.handler, f"/desk/queue/?kind=work&sort=oldest&lang={said.code}")
    chosen = page.locator("#many-count")
    press(page, "j", "x", "j", "x")
    expect(chosen).to_have_text(said.two)
    clean(page)
    press(page, "Shift+X")
    expect(chosen).to_have_text(said.four)
    press(page, "Shift+X")
    expect(chosen).to_have_text(said.none)
    press(page, "Shift+X")
    expect(chosen).to_have_text(said.four)

    # A colleague is faster with one of them: the row says so, and the choice stays what it was.
    expect(page.locator("live-updates.live-light--off")).to_have_count(0)
    actions.reprioritize(command(four[3], city.manager), priority=1)
    row = page.locator(f"#row-{four[3].reference}")
    expect(row).to_contain_text(said.high)
    expect(row.locator("input")).to_be_checked()
    expect(chosen).to_have_text(said.four)

    press(page, "m")
    expect(page.locator("#many-move")).to_be_focused()
    page.keyboard.type(said.move)
    expect(page.locator("#many-move")).to_have_value("priority")
    press(page, "Control+Enter")
    expect(page.locator(".many h1")).to_be_focused()
    hears_keys(page)
    clean(page)
    press(page, "Tab", "Space", "Control+Enter")

    expect(page.locator(".many__verdict h2")).to_have_text(said.would)
    expect(page.locator(".many__verdict h2")).to_be_focused()
    expect(page.locator(".many__one", has_text=four[3].reference).first).to_contain_text(said.why)
    hears_keys(page)
    clean(page)
    page.set_viewport_size(PHONE)
    clean(page)
    press(page, "Tab", "Enter")

    verdict = page.locator("many-progress [role=status]")
    expect(verdict).to_contain_text(said.done)
    expect(verdict).to_contain_text(said.changed)
    hears_keys(page)
    clean(page)
    assert list(ServiceRequest.objects.order_by("pk").values_list("priority", flat=True)) == [2, 2, 2, 1]
    page.locator(".many__undo button").focus()
    press(page, "Enter")
    expect(verdict).to_contain_text(said.back)
    assert list(ServiceRequest.objects.order_by("pk").values_list("priority", flat=True)) == [0, 0, 0, 1]


def test_the_keys_of_the_list_are_told_and_work_from_a_box(city: World, new_page: NewPage) -> None:
    held(city, 3)
    page = sign_in(new_page(), city.handler, "/desk/queue/?kind=work")
    page.locator(".case-row__pick input").first.focus()
    press(page, "Space", "j", "x")
    expect(page.locator("#many-count")).to_have_text("2 chosen")
    expect(page.locator(".case-row").nth(1).locator("a")).to_be_focused()
    press(page, "?")
    expect(page.locator("#keys")).to_contain_text("choose all of this page, or none")
    clean(page)


def test_many_are_moved_on_a_phone_without_scripts(city: World, new_page: NewPage) -> None:
    held(city, 2)
    page = sign_in(
        new_page(java_script_enabled=False, viewport=PHONE), city.handler, "/desk/queue/?kind=work", scripts=False
    )
    page.locator("#many button[type=submit]").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose at least one request.")
    for box in page.locator(".case-row__pick input").all():
        box.check()
    page.locator("#many-move").select_option("priority")
    page.locator("#many button[type=submit]").click()
    page.get_by_label("High").check()
    page.get_by_role("button", name="See what would happen").click()
    page.get_by_role("button", name="Do it for 2 requests").click()
    expect(page.get_by_text("2 of 2 done.")).to_be_visible()
    assert set(ServiceRequest.objects.values_list("priority", flat=True)) == {1}
    page.get_by_role("button", name="Undo for 2 requests").click()
    expect(page.get_by_text("2 of 2 put back.")).to_be_visible()
