"""Cases routed by rules through the real actions: on filing, again after a bounce, and when a rule is broken."""

from datetime import date
from typing import Any

import pytest
from django.contrib.gis.geos import LineString, MultiPolygon, Point, Polygon
from django.db import connection
from django.test.utils import CaptureQueriesContext

from requests_app import actions
from requests_app.actions.verify import differences
from requests_app.models import Alarm, MapFeature, Office, RequestEvent, RuleSet
from requests_app.permissions import ANONYMOUS
from requests_app.routing.ground import nearby, plane_at, shape_of
from requests_app.states import Activity, Status
from tests import factories
from tests.factories import IN_THE_EAST, IN_THE_WEST, World
from tests.rules import make_live, rule
from tests.scenarios import Play

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return factories.world()


def explained(request: Any, activity: Activity = Activity.ROUTED) -> dict[str, Any]:
    return RequestEvent.objects.filter(request=request, activity=activity).latest("sequence").explanation


def all_agree() -> bool:
    return all(wrong == [] for _reference, wrong in differences())


def test_a_rule_decides_before_the_route_of_the_service_and_says_why(world: World) -> None:
    make_live(
        world,
        rule("big", {"service": "pothole", "answer": {"question": "size", "is": "big"}}, office="parks", priority=1),
        rule("west", {"area": "1"}, office="intake", tags=["west"], promise_hours=3, step="work"),
    )
    request = factories.file_request(world.pothole, answers={"size": "big"})
    assert (request.office_id, request.priority, request.tags, request.step) == (world.parks.pk, 1, ["west"], "work")
    assert explained(request) == {
        "rules": 1,
        "by": "rule",
        "won": {
            "office": {"rule": "big", "value": world.parks.pk},
            "priority": {"rule": "big", "value": 1},
            "promise": {"rule": "west", "value": 3},
            "step": {"rule": "west", "value": "work"},
        },
        "tags": [{"rule": "west", "value": "west"}],
        "also": [{"rule": "west", "kind": "office", "value": world.intake.pk}],
        "because": {"big": ["1", "2"], "west": [""]},
    }
    plain = factories.file_request(world.pothole, location=IN_THE_EAST)
    assert (plain.office_id, explained(plain)["by"]) == (world.parks.pk, "route")
    assert request.due_at < plain.due_at
    assert all_agree()


def test_without_rules_the_route_or_the_fallback_is_the_reason(world: World) -> None:
    assert explained(factories.file_request(world.pothole)) == {"rules": 0, "by": "route"}
    assert explained(factories.file_request(world.compliment)) == {"rules": 0, "by": "fallback"}
    Office.objects.filter(pk=world.intake.pk).update(is_fallback=False)
    nobody = factories.file_request(world.compliment)
    assert nobody.office_id is None
    assert explained(nobody, Activity.SUBMITTED) == {"rules": 0, "by": "nobody"}


def test_further_offices_get_branches_of_their_own(world: World) -> None:
    make_live(world, rule("both", {"service": "pothole"}, office="roads", further=["parks", "intake"]))
    request = factories.file_request(world.pothole)
    holds = list(request.holds.values_list("branch", "office_id", "is_lead"))
    assert holds == [(0, world.roads.pk, True), (1, world.parks.pk, False), (2, world.intake.pk, False)]
    play = Play(world, request)
    play.do(actions.accept).do(actions.accept_review, viewer=world.other_handler, branch=1)
    assert all_agree()


def test_a_case_that_came_back_is_routed_anew_and_never_to_who_sent_it_back(world: World) -> None:
    make_live(
        world,
        rule("first", {"service": "pothole"}, office="roads"),
        rule("second", {"service": "pothole"}, office="parks", priority=2, tags=["again"]),
    )
    play = Play(world, factories.file_request(world.pothole))
    play.do(actions.bounce, reason="wrong_office").do(actions.route_by_rules, viewer=world.manager)
    assert (play.request.office_id, play.request.status) == (world.parks.pk, Status.TRIAGED)
    assert (play.request.priority, play.request.tags) == (2, ["again"])
    assert explained(play.request)["refused"] == [{"rule": "first", "value": world.roads.pk}]
    play.do(actions.bounce, viewer=world.other_handler, reason="wrong_office")
    play.do(actions.route_by_rules, viewer=world.manager)
    assert (play.request.office_id, explained(play.request)["by"]) == (world.intake.pk, "fallback")
    play.do(actions.bounce, viewer=world.intake_handler, reason="wrong_office")
    with pytest.raises(actions.Refused, match="Choose one yourself"):
        actions.route_by_rules(factories.command(play.request, world.manager))
    assert all_agree()


def test_only_who_may_triage_routes_anew(world: World) -> None:
    request = factories.file_request(world.pothole)
    with pytest.raises(actions.Forbidden):
        actions.route_by_rules(factories.command(request, world.evaluator))


# --- Broken rules -----------------------------------------------------------------------------------------------------


def test_an_office_closed_for_good_raises_one_alarm_and_the_cases_go_to_the_named_fallback(world: World) -> None:
    make_live(world, rule("all", {"service": "pothole"}, office="roads"), fallback="parks")
    Office.objects.filter(pk=world.roads.pk).update(closes_on=date(2020, 1, 1))
    cases = [factories.file_request(world.pothole) for _ in range(3)]
    assert {case.office_id for case in cases} == {world.parks.pk}
    told = explained(cases[0])
    assert (told["by"], told["stuck"], told["broken"]) == (
        "broken",
        "all",
        [{"rule": "all", "problem": "office_closed"}],
    )
    (alarm,) = Alarm.objects.all()
    assert (alarm.kind, alarm.subject, alarm.codes) == ("rule_broken", "all", {"problem": "office_closed"})


def test_a_feature_that_is_gone_raises_an_alarm_only_where_it_could_have_decided(world: World) -> None:
    make_live(
        world, rule("shore", {"service": "needle", "near": {"feature": "lake:lake", "metres": 50}}, office="parks")
    )
    MapFeature.objects.filter(jurisdiction=world.jurisdiction).delete()
    actions.config.routes_changed(world.jurisdiction.pk)
    assert explained(factories.file_request(world.pothole))["by"] == "route"
    assert Alarm.objects.count() == 0
    assert factories.file_request(world.needle).office_id == world.intake.pk
    assert Alarm.objects.get().codes == {"problem": "feature_gone"}


def test_a_condition_that_fails_in_the_middle_files_the_case_all_the_same(world: World) -> None:
    live = make_live(world, rule("all", {"service": "pothole"}, office="roads"))
    document = {"rule": [rule("all", {"answer": {"question": "size", "is": "big"}}, office="parks")]}
    document["rule"][0]["when"]["answer"] = {"question": 5}  # as a hand that knows the database might leave it
    RuleSet.objects.filter(pk=live.pk).update(document=document)
    actions.config.routes_changed(world.jurisdiction.pk)
    request = factories.file_request(world.pothole)
    assert (request.office_id, explained(request)["by"]) == (world.intake.pk, "broken")
    assert Alarm.objects.get().codes == {"problem": "condition_broken"}


def test_a_route_to_a_closed_office_goes_to_the_fallback_with_an_alarm(world: World) -> None:
    Office.objects.filter(pk=world.roads.pk).update(closes_on=date(2020, 1, 1))
    request = factories.file_request(world.pothole)
    assert (request.office_id, explained(request)["by"]) == (world.intake.pk, "broken")
    assert Alarm.objects.get().subject == "route"


def test_other_rules_that_go_live_settle_the_alarms(world: World) -> None:
    test_an_office_closed_for_good_raises_one_alarm_and_the_cases_go_to_the_named_fallback(world)
    make_live(world, rule("all", {"service": "pothole"}, office="parks"))
    assert Alarm.objects.filter(settled_at=None).count() == 0


# --- Facts from the database ------------------------------------------------------------------------------------------


def test_workload_counts_the_cases_an_office_holds_now(world: World) -> None:
    make_live(
        world,
        rule("full", {"service": "pothole", "workload": {"office": "roads", "over": 1}}, office="parks"),
        rule("usual", {"service": "pothole"}, office="roads"),
    )
    offices = [factories.file_request(world.pothole).office_id for _ in range(4)]
    assert offices == [world.roads.pk, world.roads.pk, world.parks.pk, world.parks.pk]


def test_filing_with_rules_stays_within_the_statements_allowed(world: World) -> None:
    make_live(
        world,
        rule("load", {"workload": {"office": "roads", "over": 10**6}}, office="parks"),
        rule("words", {"words": "wire"}, office="roads", further=["parks"], tags=["x"]),
    )
    contact = actions.Contact(name="Ana", email="ana@example.org")
    for words in ("a wire is down", "a hole"):
        form = factories.submission(world.pothole, contact=contact, answers={"size": "big"}, words=words)
        actions.submit(factories.submission(world.pothole), viewer=ANONYMOUS)  # the rules are compiled
        with CaptureQueriesContext(connection) as captured:
            actions.submit(form, viewer=ANONYMOUS)
        sent = [q["sql"] for q in captured.captured_queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        assert len(sent) <= 12, "\n".join(sent)


def test_distances_are_those_of_the_ellipsoid_to_half_a_per_cent() -> None:
    line = LineString((-79.09, 43.91), (-79.00, 44.02), (-78.92, 44.08), srid=4326)
    with connection.cursor() as cursor:
        for point in ((-79.05, 44.0), (-78.91, 43.92), (-79.08, 44.09)):
            cursor.execute(
                "SELECT ST_Distance(ST_GeogFromText(%s), ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography)",
                [line.wkt, *point],
            )
            metres = cursor.fetchone()[0]
            assert nearby(line, metres * 1.005).reaches(point)
            assert not nearby(line, metres * 0.995).reaches(point)
    assert plane_at((-79, 44)).flat((-79, 44)) == (0, 0)


def test_points_in_areas_are_those_that_postgis_finds(world: World) -> None:
    hole = Polygon(
        ((-79.1, 43.9), (-78.9, 43.9), (-78.9, 44.1), (-79.1, 44.1), (-79.1, 43.9)),
        ((-79.06, 43.99), (-79.04, 43.99), (-79.04, 44.01), (-79.06, 44.01), (-79.06, 43.99)),
        srid=4326,
    )
    shape = shape_of(MultiPolygon(hole, srid=4326))
    for pin in (IN_THE_WEST, IN_THE_EAST, Point(-79.1, 44.0), Point(-79.06, 44.0), Point(-78, 44)):
        with connection.cursor() as cursor:
            cursor.execute("SELECT ST_Covers(ST_GeomFromText(%s), ST_MakePoint(%s, %s))", [hole.wkt, pin.x, pin.y])
            assert shape.covers((pin.x, pin.y)) is cursor.fetchone()[0]
