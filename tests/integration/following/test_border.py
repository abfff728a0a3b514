"""A pin near another office's area is said at the desk and before a case is sent on, in metres that are right."""

import math
import random

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test import Client

from requests_app import actions
from requests_app.models import Area, Route, RuleSet, ServiceRequest, User
from requests_app.permissions import Viewer
from requests_app.reads.border import across_the_border, near_areas
from requests_app.reads.one_request import find_request
from tests import factories
from tests.factories import World
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
BORDER, LAT = -79.0, 44.0
METRES_EAST = 111_412.84 * math.cos(math.radians(LAT)) - 93.5 * math.cos(3 * math.radians(LAT))
"""Metres a degree of longitude at 44° north, by the series of the WGS84 ellipsoid: another way than PostGIS goes."""


@pytest.fixture
def city() -> World:
    return factories.world("testford", is_default=True)


def west_of_the_border(metres: float) -> Point:
    return Point(BORDER - metres / METRES_EAST, LAT, srid=4326)


def opened(play: Play) -> ServiceRequest:
    found = find_request(play.request.reference, play.world.manager, **near_areas())
    assert found is not None
    return found


def near(play: Play) -> list[tuple[int, int]]:
    found = opened(play)
    return [(one.office_id, round(one.metres)) for one in across_the_border(found)]


def page(viewer: Viewer, play: Play, language: str = "en") -> str:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client.get(f"/desk/requests/{play.request.reference}/?lang={language}").content.decode()


def test_the_desk_says_it_on_the_page_and_where_a_case_is_handed_off(city: World) -> None:
    play = Play.begin(city, location=west_of_the_border(40)).accepted()
    shown = page(city.handler, play)
    assert shown.count("40 m from Parks office’s area (Ward 2).") == 2, "among the facts and in the form"
    assert shown.index("Near the border") < shown.index("Hand off to another office")
    assert "À 40 m du secteur d’un autre bureau : Bureau parks (Quartier 2)." in page(city.handler, play, "fr")


def test_metres_are_metres(city: World, settings: object) -> None:
    settings.NEAR_BORDER_METRES = 200  # type: ignore[attr-defined]
    chance = random.Random(44)
    for metres in [0.5, 199, 201, *(chance.uniform(0, 400) for _ in range(12))]:
        play = Play.begin(city, location=west_of_the_border(metres))
        assert near(play) == ([(city.parks.pk, round(metres))] if metres <= 200 else []), metres


@pytest.mark.parametrize(("most", "said"), [(0, False), (39, False), (41, True)])
def test_how_near_is_near_is_a_setting(city: World, settings: object, most: int, said: bool) -> None:
    settings.NEAR_BORDER_METRES = most  # type: ignore[attr-defined]
    assert bool(near(Play.begin(city, location=west_of_the_border(40)))) is said


def test_nothing_is_said_where_the_other_side_is_the_same_offices(city: World) -> None:
    assert near(Play.begin(city, city.needle, location=west_of_the_border(10))) == [], "one route for all areas"
    play = Play.begin(city, location=west_of_the_border(10)).accepted()
    play.do(actions.hand_off, office_id=city.parks.pk)
    assert near(play) == [], "the office across the border has it"
    assert near(Play.begin(city, location=west_of_the_border(10)).closed()) == []
    Area.objects.filter(pk=city.east.pk).update(valid_to="2020-01-01")
    assert near(Play.begin(city, location=west_of_the_border(10))) == [], "an area that is over"


def test_a_route_for_all_other_areas_counts_too(city: World) -> None:
    Route.objects.filter(service=city.pothole, area=city.east).update(area=None)
    assert near(Play.begin(city, location=west_of_the_border(10))) == [(city.parks.pk, 10)]


def test_rules_that_send_elsewhere_across_the_border_count(city: World) -> None:
    when = {"service": "needle", "area": "2"}
    rule = {"code": "east", "en": "East", "fr": "Est", "when": when, "then": {"office": "intake"}}
    RuleSet.objects.create(
        jurisdiction=city.jurisdiction,
        version=1,
        state=RuleSet.State.LIVE,
        document={"fallback": "intake", "rule": [rule]},
        saved_at="2026-01-01T00:00:00Z",
    )
    type(city.jurisdiction).objects.filter(pk=city.jurisdiction.pk).update(rules_version=1)
    assert near(Play.begin(city, city.needle, location=west_of_the_border(30))) == [(city.intake.pk, 30)]


def test_the_index_of_the_areas_is_used(city: World) -> None:
    corners = [(-79.5 + i * 0.002, 43.0 + j * 0.002) for i in range(40) for j in range(40)]
    Area.objects.bulk_create(
        Area(
            jurisdiction=city.jurisdiction,
            kind="ward",
            code=f"n{number}",
            names={},
            geometry=factories.box(west, south, west + 0.001, south + 0.001),
        )
        for number, (west, south) in enumerate(corners)
    )
    play = Play.begin(city, location=west_of_the_border(40))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE requests_app_area")
    plan = ServiceRequest.objects.filter(pk=play.request.pk).annotate(**near_areas()).explain()
    assert "requests_app_area_geometry" in plan, plan
    assert near(play) == [(city.parks.pk, 40)]


def test_it_costs_no_statement_where_nothing_is_near(city: World, django_assert_num_queries: object) -> None:
    far, close = (opened(Play.begin(city, location=west_of_the_border(metres))) for metres in (900, 40))
    for found, statements in ((far, 0), (close, 2)):
        across_the_border(found)  # a process reads the rules once
        with django_assert_num_queries(statements):  # type: ignore[operator]
            across_the_border(found)
