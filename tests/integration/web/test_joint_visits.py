"""A joint visit from its proposal to the visits it saved, as each office meets it."""

from datetime import timedelta
from html import unescape

import pytest
from django.contrib.gis.geos import Point
from django.test import Client

from requests_app import actions
from requests_app.actions.crew import Entry, record
from requests_app.actions.verify import differences
from requests_app.actions.visits import accept_part, decline_part, propose_visits, sweep_visits
from requests_app.clock import frozen_at, now
from requests_app.models import RequestEvent, Route, User, Visit, VisitCase
from requests_app.permissions import Role, Viewer
from requests_app.reads.visit_company import joined_by
from requests_app.states import Outcome
from tests import factories
from tests.factories import World
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
HERE = Point(-79.05, 44.00, srid=4326)
NEAR = Point(-79.05, 44.0002, srid=4326)


@pytest.fixture
def town() -> World:
    world = factories.world("testford", is_default=True)
    Route.objects.filter(service=world.needle).update(office=world.parks)
    return world


def client_of(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


def proposed(town: World) -> tuple[Visit, Play, Play]:
    """A visit of roads and parks to two cases twenty metres apart."""
    roads, parks = Play.begin(town, location=HERE).accepted(), Play.begin(town, town.needle, location=NEAR).accepted()
    assert propose_visits(town.jurisdiction) == 1
    return Visit.objects.get(), roads, parks


def planned(town: World) -> tuple[Visit, Play, Play]:
    visit, roads, parks = proposed(town)
    accept_part(town.handler, visit.pk, town.roads.pk)
    visit = accept_part(town.other_handler, visit.pk, town.parks.pk)
    for play in (roads, parks):
        play.request.refresh_from_db()
    return visit, roads, parks


def seen(play: Play, viewer: Viewer, key: str) -> None:
    entry = Entry(key * 32, play.request.pk, play.request.version, "done", now(), outcome=Outcome.RESOLVED)
    record(entry, viewer=viewer)


def test_it_is_planned_when_every_office_has_accepted_and_stands_in_both_histories(town: World) -> None:
    visit, roads, parks = planned(town)
    assert (visit.state, visit.kind) == (Visit.State.PLANNED, Visit.Kind.PLACE)
    for play in (roads, parks):
        assert play.request.status == "scheduled"
        events = RequestEvent.objects.filter(request=play.request, visit_id=visit.pk)
        assert [event.activity for event in events] == ["visit_planned"]
    assert propose_visits(town.jurisdiction) == 0
    assert all(not fields for _reference, fields in differences())


def test_it_is_on_the_round_and_counted_when_both_were_there(town: World) -> None:
    visit, roads, parks = planned(town)
    with frozen_at(visit.starts_at + timedelta(minutes=5)):
        page = unescape(client_of(town.handler).get("/crew/").content.decode())
        assert roads.request.reference in page
        assert "Joint visit with Parks office" in page
        seen(roads, town.handler, "a")
        sweep_visits()
        visit.refresh_from_db()
        assert visit.state == Visit.State.PLANNED
        seen(parks, town.other_handler, "b")
        sweep_visits()
        visit.refresh_from_db()
        assert (visit.state, visit.separate, visit.saved) == (Visit.State.DONE, 2, 1)
        shown = unescape(client_of(town.manager).get("/desk/visits/").content.decode())
        assert "1 visit saved in 90 days." in shown


def test_one_office_that_does_not_come_saves_nothing(town: World) -> None:
    visit, roads, _parks = planned(town)
    with frozen_at(visit.starts_at + timedelta(minutes=5)):
        seen(roads, town.handler, "a")
    with frozen_at(visit.ends_at + timedelta(days=3)):
        sweep_visits()
    visit.refresh_from_db()
    assert (visit.state, visit.separate, visit.saved) == (Visit.State.DONE, 1, 0)
    assert list(VisitCase.objects.filter(state="dropped").values_list("reason", flat=True)) == ["not_seen"]


def test_a_case_that_closes_meanwhile_ends_the_proposal(town: World) -> None:
    visit, roads, _parks = proposed(town)
    roads.closed()
    with pytest.raises(actions.Refused, match="has expired"):
        accept_part(town.other_handler, visit.pk, town.parks.pk)
    sweep_visits()
    visit.refresh_from_db()
    assert (visit.state, visit.saved) == (Visit.State.CANCELLED, 0)


def test_a_refusal_needs_a_reason_ends_a_visit_of_two_and_is_not_asked_again(town: World) -> None:
    visit, _roads, parks = proposed(town)
    with pytest.raises(actions.Refused):
        decline_part(town.other_handler, visit.pk, town.parks.pk, "because")
    visit = decline_part(town.other_handler, visit.pk, town.parks.pk, "no_crew")
    assert visit.state == Visit.State.CANCELLED
    assert propose_visits(town.jurisdiction) == 0
    parks.request.refresh_from_db()
    assert parks.request.status == "assigned"


def test_each_office_answers_for_itself_only(town: World) -> None:
    visit, _roads, _parks = proposed(town)
    for stranger in (town.handler, town.intake_handler, town.evaluator, town.administrator):
        with pytest.raises(actions.Forbidden):
            accept_part(stranger, visit.pk, town.parks.pk)
    with pytest.raises(actions.ActionError):
        accept_part(town.handler, visit.pk, town.intake.pk)
    elsewhere = factories.member(Role.MANAGER, factories.jurisdiction())
    with pytest.raises(actions.Forbidden):
        accept_part(elsewhere, visit.pk, town.parks.pk)


def test_private_cases_and_those_of_one_office_are_never_proposed(town: World) -> None:
    Play.begin(town, location=HERE).accepted()
    Play.begin(town, location=NEAR).accepted()
    Play.begin(town, town.needle, location=NEAR).accepted().do(actions.hide, viewer=town.manager)
    assert propose_visits(town.jurisdiction) == 0


def test_the_page_says_it_in_a_sentence_and_takes_the_answer(town: World) -> None:
    visit, _roads, _parks = proposed(town)
    client = client_of(town.handler)
    page = unescape(client.get("/desk/visits/").content.decode())
    said = "2 requests of Roads office and Parks office within 22 m at 1 King Street: one visit instead of 2."
    assert said in page
    assert "Accept for Roads office" in page
    assert "Accept for Parks office" not in page
    assert "Visites communes" in unescape(client.get("/desk/visits/?lang=fr").content.decode())
    assert client_of(town.intake_handler).get("/desk/visits/").content.decode().count("visit__sentence") == 0
    address = f"/desk/visits/{visit.pk}/{town.roads.pk}"
    assert client.post(f"{address}/refuse/").status_code == 422
    assert client.post(f"{address}/accept/").status_code == 302
    assert client.post(f"{address}/accept/").status_code == 422
    assert client.post(f"/desk/visits/0/{town.roads.pk}/accept/").status_code == 404


def of_three(town: World) -> tuple[Visit, list[Play]]:
    """A visit of roads, parks and intake."""
    Route.objects.filter(service=town.benefit).update(office=town.intake)
    town.benefit.needs_place = True
    town.benefit.publicity = town.pothole.publicity
    town.benefit.save()
    plays = [
        Play.begin(town, service, location=place).accepted()
        for service, place in ((town.pothole, HERE), (town.needle, NEAR), (town.benefit, HERE))
    ]
    assert propose_visits(town.jurisdiction) == 1
    return Visit.objects.get(), plays


def test_an_office_that_lost_its_cases_is_waited_for_no_more_and_does_not_empty_the_company(town: World) -> None:
    visit, (roads, _parks, intake) = of_three(town)
    accept_part(town.handler, visit.pk, town.roads.pk)
    accept_part(town.other_handler, visit.pk, town.parks.pk)
    intake.closed()
    sweep_visits()
    visit.refresh_from_db()
    assert visit.state == Visit.State.PLANNED
    assert joined_by([roads.request.pk]) == {roads.request.pk: ["Parks office"]}


def test_who_was_silent_is_not_asked_again_and_who_accepted_may_be(town: World) -> None:
    visit, _roads, _parks = proposed(town)
    accept_part(town.handler, visit.pk, town.roads.pk)
    with frozen_at(visit.starts_at + timedelta(minutes=1)):
        sweep_visits()
    cases = VisitCase.objects.order_by("office__code").values_list("office__code", "reason")
    assert list(cases) == [("parks", "not_answered"), ("roads", "one_office")]
