"""Two offices and one hole in the road: proposed, accepted by each in its language, made by both, one visit saved."""

import secrets
from datetime import timedelta

from django.contrib.gis.geos import Point
from playwright.sync_api import expect

from requests_app.actions.crew import Entry, record
from requests_app.actions.visits import propose_visits, sweep_visits
from requests_app.clock import frozen_at, now
from requests_app.models import Route, Visit
from requests_app.states import Outcome
from tests.browser.axe import clean
from tests.browser.conftest import DESK, PHONE, NewPage
from tests.browser.test_desk import PATIENCE_MS, sign_in
from tests.factories import world
from tests.scenarios import Play


def test_a_visit_is_proposed_accepted_by_both_offices_made_and_counted(live_city: str, new_page: NewPage) -> None:
    expect.set_options(timeout=PATIENCE_MS)
    city = world("testford", is_default=True)
    Route.objects.filter(service=city.needle).update(office=city.parks)
    places = ((city.pothole, 44.0), (city.needle, 44.0002))
    roads, parks = (
        Play.begin(city, service, location=Point(-79.05, north, srid=4326)).accepted() for service, north in places
    )
    assert propose_visits(city.jurisdiction) == 1

    first = sign_in(new_page(viewport=DESK, locale="en-CA"), city.handler, "/desk/visits/")
    clean(first)
    expect(first.locator(".visit__sentence")).to_contain_text("one visit instead of 2")
    first.get_by_role("button", name="Accept for Roads office").click()
    expect(first.get_by_text("accepted", exact=True)).to_be_visible()
    second = sign_in(new_page(viewport=PHONE, locale="fr-CA"), city.other_handler, "/desk/visits/", scripts=False)
    clean(second)
    second.locator(".visit__refuse > summary").click()
    with second.expect_navigation():
        second.locator(".visit__refuse button").click()
    clean(second)
    assert Visit.objects.get().state == Visit.State.PROPOSED, "a refusal says why, or is none"
    second.goto("/desk/visits/")
    with second.expect_navigation():
        second.get_by_role("button", name="Accepter pour").click()
    visit = Visit.objects.get()
    assert visit.state == Visit.State.PLANNED

    # The crew's page in a browser is in test_crew; here the clock of the test goes to the visit.
    with frozen_at(visit.starts_at + timedelta(minutes=5)):
        for viewer, play in ((city.handler, roads), (city.other_handler, parks)):
            play.request.refresh_from_db()
            case, key = play.request, secrets.token_hex(16)
            record(Entry(key, case.pk, case.version, "done", now(), outcome=Outcome.RESOLVED), viewer=viewer)
        sweep_visits()
    visit.refresh_from_db()
    assert (visit.state, visit.separate, visit.saved) == (Visit.State.DONE, 2, 1)
    counted = sign_in(new_page(viewport=DESK, locale="fr-CA"), city.manager, "/desk/visits/")
    clean(counted)
    expect(counted.locator(".panel strong")).to_contain_text("1 visite")
