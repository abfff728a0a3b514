"""Every page there is, at 390 px in both languages: nobody stumbles, nothing is wider than the screen, one heading.

The pages are the named addresses of the site that answer with a page, so a new one is looked at without being listed.
"""

import re
from collections.abc import Iterator
from html import unescape
from http import HTTPStatus

import pytest
from django.contrib.gis.geos import Point
from django.test import Client
from playwright.sync_api import Page

from requests_app import actions
from requests_app.actions.alarms import raise_alarm
from requests_app.actions.visits import propose_visits
from requests_app.models import AlarmKind, Route
from requests_app.notify.links import Purpose, sign
from requests_app.routing.write_toml import toml_of
from requests_app.states import Outcome
from tests.browser.axe import faults
from tests.browser.conftest import PHONE, NewPage
from tests.browser.walking import keep_picture
from tests.integration.access.site import PARTS, Site, address, build_site, doors
from tests.rules import document, make_live, mark, rule
from tests.scenarios import Play

pytestmark = pytest.mark.browser

READERS = {
    "citizen": "reporter",
    "feeds": "reporter",
    "partner": "reporter",
    "desk": "manager",
    "crew": "manager",
    "administration": "administrator",
    "evaluate": "administrator",
}
"""Who looks at the pages of each part of the site."""

NO_PAGES = {
    "administration:mail_preview_html": "a mail",
    "citizen:demo_mail_html": "a mail",
    "citizen:track": "leads on to the page of the request",
}
"""Addresses that answer with HTML and are no page of ours."""

FEWEST = 8
"""Fewer pages for a reader would mean that they were not found."""


@pytest.fixture
def site(live_city: str) -> Site:
    return build_site()


def rehearsed(site: Site) -> Iterator[str]:
    """Rules that are live, a rehearsal of others with its lists, and an alarm."""
    world = site.world
    make_live(world, rule("holes", {"service": "pothole"}, office="roads"))
    Play.begin(world)
    place = world.jurisdiction
    raise_alarm(AlarmKind.RULE_BROKEN, place.pk, subject="holes", codes={"problem": "office_closed"})
    changed = toml_of(document(rule("holes", {"service": "pothole"}, office="parks")))
    sent = {"source": changed, "seen": mark(world.jurisdiction), "days": "30"}
    page = site.browser("administrator").post("/manage/rules/edit/?place=testford", sent)["Location"]
    yield page
    shown = site.browser("administrator").get(page).content.decode()
    yield unescape(re.findall(r'href="([^"]+/cases/[^"]*)"', shown)[0])


def put_beside(site: Site) -> Iterator[str]:
    """A joint visit proposed, a hand-off not accepted, a case in parts alone and beside its list, a list of few."""
    world = site.world
    Route.objects.filter(service=world.needle).update(office=world.parks)
    for service, north in ((world.pothole, 44.0), (world.needle, 44.0002)):
        Play.begin(world, service, location=Point(-79.05, north, srid=4326)).accepted()
    propose_visits(world.jurisdiction)
    Play.begin(world).accepted().do(actions.hand_off, office_id=world.parks.pk)
    whole = Play.begin(world).started().request.reference
    yield from (f"/desk/requests/{whole}/split/", f"/desk/requests/{whole}/?kind=new", "/desk/queue/?kind=paused")


def closed_ones(site: Site) -> Iterator[str]:
    """A closed request and what its mail asks, a link that was altered, a search that finds nothing."""
    contact = actions.Contact("Ann", "ann@example.org", wants_news=True)
    case = Play.begin(site.world, contact=contact).started().closed(Outcome.RESOLVED).request
    yield f"/requests/{case.reference}/"
    link = sign(Purpose.FIXED, case.pk, case.person_id or 0)
    yield f"/is-it-fixed/{link}/"
    yield f"/is-it-fixed/{link[:-3]}aaa/"
    yield "/find/?reference=nothing"


FURTHER = {"administration": rehearsed, "desk": put_beside, "citizen": closed_ones}
"""What else fills the pages of a part of the site, and the addresses that only a link leads to."""


def addresses(site: Site, reader: str) -> Iterator[str]:
    """The address of each door of the reader's parts that can be named; the public case where there is one."""
    for door, arguments in doors():
        known = all(f"{door} {one}" in PARTS or one in PARTS for one in arguments)
        if READERS.get(door.split(":")[0]) == reader and door not in NO_PAGES and known:
            yield address(site, door, arguments, "public")


def is_page(browser: Client, asked: str) -> bool:
    """Whether an address answers with a whole page to a reader."""
    answer = browser.get(asked)
    assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, asked
    html = answer.headers.get("Content-Type", "").startswith("text/html")
    return html and answer.status_code == HTTPStatus.OK and b"<!doctype html>" in answer.content[:100].lower()


def signed_in(page: Page, browser: Client) -> None:
    """Give the page the cookies of a browser of the city."""
    page.goto("/health/")
    url = page.url.removesuffix("/health/")
    page.context.add_cookies([{"name": name, "value": one.value, "url": url} for name, one in browser.cookies.items()])


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("reader", sorted(set(READERS.values())))
def test_nobody_stumbles_on_any_page(site: Site, new_page: NewPage, reader: str, language: str) -> None:
    browser, named = site.browser(reader), list(addresses(site, reader))
    further = [one for part, of in READERS.items() if of == reader and part in FURTHER for one in FURTHER[part](site)]
    asked = [*further, *(one for one in named if is_page(browser, one))]
    page = new_page(viewport=PHONE, locale=f"{language}-CA", has_touch=True, draws_map=language == "en")
    signed_in(page, browser)
    found: dict[str, list[str]] = {}
    for number, one in enumerate(asked):
        page.goto(one)
        page.wait_for_load_state()
        keep_picture(page, f"page-{reader}-{language}-{number:02}{one.split('?')[0].replace('/', '_')[:50]}")
        if blocks := faults(page):
            found[one] = blocks
    assert not found, "\n".join(f"{where}\n  {'; '.join(what)}" for where, what in found.items())
    assert len(asked) > FEWEST
