"""A case whose service is put right: seen before, routed anew by the rules, promised anew, and told on the case."""

from functools import partial
from html import unescape
from typing import Any

import pytest
from django.test import Client

from requests_app import actions
from requests_app.actions.verify import differences
from requests_app.models import Hold, Question, RequestEvent, Service, ServiceRequest, User, Workflow
from requests_app.permissions import Viewer
from requests_app.states import Status
from tests import factories
from tests.bench._cpu import statements
from tests.factories import World
from tests.races import race
from tests.rules import make_live, rule
from tests.scenarios import Play

RULE = rule("needles", {"service": "needle"}, office="parks", priority=2, promise_hours=8, tags=["safety"])


def sound(play: Play) -> bool:
    return dict(differences())[play.request.reference] == []


def events_of(play: Play) -> list[tuple[str, str, str]]:
    rows = RequestEvent.objects.filter(request=play.request).order_by("sequence")
    return [(row.activity, row.office.code if row.office else "", row.reason) for row in rows]


def client_of(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


@pytest.fixture
def world() -> World:
    found = factories.world("testford")
    make_live(found, RULE, rule("trees", {"words": ["tree"]}, office="intake"))
    return found


@pytest.mark.django_db
class TestWhatFollows:
    def test_a_case_that_is_worked_on_is_handed_to_the_office_the_rules_name(self, world: World) -> None:
        play = Play.begin(world).started()
        before = play.request.due_at
        play.do(actions.recategorize, service_id=world.needle.pk)
        assert events_of(play)[-3:] == [
            ("recategorized", "", ""),
            ("reprioritized", "", ""),
            ("handed_off", "parks", "other_service"),
        ]
        request = play.request
        assert (request.office_id, request.status, request.priority) == (world.parks.pk, Status.HANDED_OFF, 2)
        assert request.tags == ["safety"]
        assert request.due_at < before, "eight working hours instead of forty, from the day it was filed"
        rows = list(RequestEvent.objects.filter(request=request).order_by("sequence"))
        recategorized, _priority, handed = rows[-3:]
        assert (recategorized.due_at, recategorized.explanation) == (request.due_at, None)
        assert handed.explanation["won"]["office"] == {"rule": "needles", "value": world.parks.pk}
        assert sound(play)
        play.do(actions.bounce, reason="wrong_office")
        assert play.request.office_id == world.roads.pk, "who had it has it again"

    def test_a_case_that_waits_to_be_accepted_is_routed_anew(self, world: World) -> None:
        play = Play.begin(world).do(actions.recategorize, service_id=world.needle.pk)
        assert events_of(play)[-1] == ("routed", "parks", "")
        assert play.request.status == Status.TRIAGED
        assert Hold.objects.filter(request=play.request, accepted_at=None).count() == 2
        assert sound(play)

    def test_one_that_nobody_has_is_routed_and_one_handed_off_goes_on(self, world: World) -> None:
        nobody = Play.begin(world).reach(Status.RECEIVED)
        nobody.do(actions.recategorize, viewer=world.manager, service_id=world.needle.pk)
        assert (nobody.request.office_id, nobody.request.status) == (world.parks.pk, Status.TRIAGED)
        between = Play.begin(world).accepted().do(actions.hand_off, office_id=world.intake.pk)
        between.do(actions.recategorize, service_id=world.needle.pk)
        assert events_of(between)[-1] == ("handed_off", "parks", "other_service")
        assert sound(nobody)
        assert sound(between)

    def test_one_that_is_there_already_stays_and_keeps_why(self, world: World) -> None:
        play = Play.begin(world).accepted().do(actions.hand_off, office_id=world.parks.pk).accepted()
        play.do(actions.recategorize, service_id=world.needle.pk)
        told = RequestEvent.objects.get(request=play.request, activity="recategorized")
        assert (told.office_id, play.request.status) == (world.parks.pk, Status.ASSIGNED)
        page = client_of(world.manager).get(f"/desk/requests/{play.request.reference}/").content.decode()
        assert "Stays with Parks office because the service is “Needle found”" in unescape(page)
        assert "Sent to Roads office because that is the usual office" in unescape(page), "and why it came here first"

    def test_it_is_left_where_it_is_when_a_person_says_so(self, world: World) -> None:
        play = Play.begin(world).started().do(actions.recategorize, service_id=world.needle.pk, stays=True)
        assert (play.request.office_id, play.request.status) == (world.roads.pk, Status.IN_PROGRESS)
        page = client_of(world.manager).get(f"/desk/requests/{play.request.reference}/").content.decode()
        assert "Left where it was. The rules name Parks office because" in unescape(page)
        assert sound(play)

    def test_an_office_that_sent_it_back_under_the_wrong_service_can_get_it(self, world: World) -> None:
        play = Play.begin(world).accepted().do(actions.hand_off, office_id=world.parks.pk)
        play.do(actions.bounce, reason="wrong_office").accepted()
        play.do(actions.recategorize, service_id=world.needle.pk)
        assert play.request.office_id == world.parks.pk

    def test_without_a_rule_the_usual_office_of_the_new_service_gets_it(self, world: World) -> None:
        play = Play.begin(world).started().do(actions.recategorize, viewer=world.manager, service_id=world.benefit.pk)
        assert play.request.office_id == world.intake.pk
        assert RequestEvent.objects.filter(request=play.request).latest("sequence").explanation["by"] == "route"

    def test_it_begins_at_the_first_step_of_the_new_services_workflow(self, world: World) -> None:
        version = factories.workflow(world.jurisdiction, "other")
        Service.objects.filter(pk=world.needle.pk).update(workflow=version)
        play = Play.begin(world).started().do(actions.recategorize, service_id=world.needle.pk)
        assert (play.request.workflow_id, play.request.step) == (version.pk, "intake")
        assert play.request.step_due_at is not None
        assert sound(play)


@pytest.mark.django_db
class TestThePage:
    def test_it_shows_what_follows_before_and_writes_nothing(self, world: World) -> None:
        named = {"code": "how-many", "names": factories.names("How many?")}
        Question.objects.create(service=world.needle, datatype="number", is_required=True, **named)
        play = Play.begin(world).started()
        client = client_of(world.handler)
        address = f"/desk/requests/{play.request.reference}/service/"
        assert f'href="{address}" data-key="e"' in client.get(address.replace("service/", "")).content.decode()
        count = RequestEvent.objects.count()
        page = client.get(address, {"new_service": world.needle.pk})
        words = unescape(page.content.decode())
        assert "Sent to Parks office because the service is “Needle found” (rule “Needles”)." in words
        assert "To Parks office, as the rules say" in words
        assert "The new service asks “How many?”" in words
        changed = {str(line.name) for line in page.context["lines"] if line.changes}
        assert changed == {"Service", "Office", "Priority", "Promised", "Who can see it", "Tags"}
        after = page.context["seen"].after
        assert RequestEvent.objects.count() == count
        play.do(actions.recategorize, service_id=world.needle.pk)
        assert (play.request.due_at, play.request.office_id) == (after.clocks.due_at, after.office_id), (
            "as it was shown"
        )

    def test_what_cannot_be_is_said_there(self, world: World) -> None:
        private = Play.begin(world, world.benefit)
        private.do(actions.forward, office_id=world.roads.pk, reason="other")
        client = client_of(world.handler)
        address = f"/desk/requests/{private.request.reference}/service/"
        refused = client.get(address, {"new_service": world.pothole.pk})
        assert refused.status_code == 422
        assert "Ask a manager to move this one" in refused.content.decode()
        assert client.get(address, {"new_service": "x"}).status_code == 422
        assert client.get(address).status_code == 200

    def test_branches_that_the_new_workflow_does_not_know_stop_it_and_are_named(self, world: World) -> None:
        first, second = (factories.workflow(world.jurisdiction, code) for code in ("one", "two"))
        Service.objects.filter(pk=world.pothole.pk).update(workflow=first)
        Service.objects.filter(pk=world.needle.pk).update(workflow=second)
        play = Play.begin(world, Service.objects.get(pk=world.pothole.pk)).accepted()
        play.do(actions.request_review, office_id=world.intake.pk, step="soil")
        with pytest.raises(actions.Refused) as refused:
            play.do(actions.recategorize, service_id=world.needle.pk)
        assert "soil" in str(refused.value.fields["service"])
        page = client_of(world.handler).get(
            f"/desk/requests/{play.request.reference}/service/", {"new_service": world.needle.pk}
        )
        assert "It cannot be moved yet." in page.content.decode()
        assert Workflow.objects.get(pk=play.request.workflow_id).code == "one"

    def test_the_move_keeps_to_ten_statements_and_a_stale_one_changes_nothing(self, world: World) -> None:
        play = Play.begin(world, contact=actions.Contact(email="ana@example.org")).started()
        client = client_of(world.handler)
        address = f"/desk/requests/{play.request.reference}/moves/service/"
        given: dict[str, Any] = {"version": play.request.version, "service": world.needle.pk, "where": "rules"}
        answers: list[Any] = []
        assert statements(lambda: answers.append(client.post(address, given))) <= 10
        assert answers[0].status_code == 302
        after, version = events_of(play), play.request.version
        stale = client.post(address, given)
        assert (stale.status_code, events_of(play), play.request.version) == (409, after, version)
        assert after[-1][0] == "handed_off"

    def test_who_passed_a_case_on_does_not_take_it_out_of_other_hands(self, world: World) -> None:
        """Roads sees that the service is wrong after parks began: the service is put right, and parks keeps it."""
        make_live(world, rule("needles", {"service": "needle"}, office="intake"))
        play = Play.begin(world).started()
        play.do(actions.hand_off, office_id=world.parks.pk)
        play.do(actions.accept)
        play.do(actions.start)
        page = client_of(world.handler).get(
            f"/desk/requests/{play.request.reference}/service/", {"new_service": world.needle.pk}
        )
        assert page.status_code == 200
        play.do(actions.recategorize, viewer=world.handler, service_id=world.needle.pk)
        assert play.request.service_id == world.needle.pk
        assert play.request.office_id == world.parks.pk
        assert sound(play)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_move_it_at_once_one_wins() -> None:
    world = factories.world("testford")
    make_live(world, RULE)
    for _ in range(4):
        play = Play.begin(world).started()
        seen = factories.command(play.request, world.manager)
        acts = [partial(actions.recategorize, seen, service_id=pk) for pk in (world.needle.pk, world.benefit.pk)]
        results = race(*acts)
        assert sum(isinstance(one, actions.Conflict) for one in results) == 1, results
        assert RequestEvent.objects.filter(request=play.request, activity="recategorized").count() == 1
        assert sound(play)
        assert ServiceRequest.objects.get(pk=play.request.pk).status == Status.HANDED_OFF
