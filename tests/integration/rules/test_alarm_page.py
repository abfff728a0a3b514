"""The page of alarms: who answers for what, what it says and where it leads, and ending an alarm."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from requests_app import actions
from requests_app.actions.alarms import raise_alarm
from requests_app.models import Alarm, AlarmKind, Membership, Office, User
from requests_app.permissions import Role, Viewer
from tests import factories
from tests.factories import World
from tests.rules import make_live, rule
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
PAGE = "/manage/alarms/"


@pytest.fixture
def world() -> World:
    return factories.world("testford", is_default=True)


def signed_in(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


def body(response: Any) -> str:
    return str(response.content.decode())


def breaks_a_rule(world: World) -> Alarm:
    make_live(world, rule("holes", {"service": "pothole"}, office="parks"))
    Office.objects.filter(pk=world.parks.pk).update(closes_on=date(2020, 1, 1))
    factories.file_request(world.pothole)
    return Alarm.objects.get()


def test_a_broken_rule_is_told_with_its_remedy_and_ended_and_raised_again(world: World) -> None:
    alarm = breaks_a_rule(world)
    client = signed_in(world.administrator)
    page = body(client.get(PAGE))
    assert "The rule “Holes” is broken: its office is closed for good." in page
    assert "/manage/rules/?place=testford" in page
    assert "1 alarm needs somebody" in body(client.get("/desk/"))
    assert client.post(PAGE, {"id": [str(alarm.pk)]}).status_code == 302
    alarm.refresh_from_db()
    assert alarm.settled_by_id == world.administrator.user_id
    assert "No alarm" in body(client.get(PAGE))
    assert "Ended in the last 30 days" in body(client.get(PAGE))
    factories.file_request(world.pothole)
    assert Alarm.objects.filter(settled_at=None).count() == 1


def test_nothing_chosen_is_said_and_nothing_ends(world: World) -> None:
    breaks_a_rule(world)
    for sent in ({}, {"id": "x"}, {"id": "٣"}, {"id": "9" * 30}):
        answer = signed_in(world.administrator).post(PAGE, sent)
        assert (answer.status_code, "Choose at least one alarm" in body(answer)) == (422, True)
    assert Alarm.objects.filter(settled_at=None).count() == 1


def test_a_manager_sees_the_hand_offs_of_theirs_and_ends_them(world: World) -> None:
    play = Play.begin(world)
    raise_alarm(AlarmKind.HANDOFF_EXPIRED, world.jurisdiction.pk, request_id=play.request.pk, office_id=world.parks.pk)
    client = signed_in(world.manager)
    page = body(client.get(PAGE))
    assert f"Parks office did not accept {play.request.reference} in time" in page
    assert "Overview" not in page.split("<main", 1)[1]
    assert client.post(PAGE, {"id": str(Alarm.objects.get().pk)}).status_code == 302
    assert Alarm.objects.get().settled_by_id == world.manager.user_id


def test_nobody_ends_or_sees_the_alarms_of_another_place(world: World) -> None:
    alarm, other = breaks_a_rule(world), factories.world()
    stranger = signed_in(other.administrator)
    assert "Holes" not in body(stranger.get(PAGE))
    stranger.post(PAGE, {"id": str(alarm.pk)})
    alarm.refresh_from_db()
    assert alarm.settled_at is None
    for viewer in (world.handler, world.evaluator):
        assert signed_in(viewer).get(PAGE).status_code == 403
        assert "needs somebody" not in body(signed_in(viewer).get("/desk/"))


def test_a_promise_that_cannot_be_counted_leads_to_its_service_and_french_is_spoken(world: World) -> None:
    raise_alarm(AlarmKind.PROMISE_UNKEEPABLE, world.jurisdiction.pk, subject="pothole", codes={"problem": "too_long"})
    client = signed_in(world.administrator)
    page = body(client.get(PAGE, {"lang": "fr"}))
    assert "Le délai promis de « Nid-de-poule » ne peut être calculé" in page
    assert f"/manage/services/{world.pothole.pk}/" in page


def test_the_page_asks_few_statements_however_many_alarms(world: World, django_assert_max_num_queries: Any) -> None:
    for _ in range(6):
        play = Play.begin(world).do(actions.accept)
        raise_alarm(
            AlarmKind.HANDOFF_EXPIRED, world.jurisdiction.pk, request_id=play.request.pk, office_id=world.parks.pk
        )
    client = signed_in(world.administrator)
    with django_assert_max_num_queries(16):
        client.get(PAGE)


def test_who_administers_one_place_and_manages_another_reaches_the_alarms_of_both(world: World) -> None:
    other = factories.world("otherford")
    both = factories.member(Role.MANAGER, other.jurisdiction)
    Membership.objects.create(user_id=both.user_id, role=Role.ADMINISTRATOR, jurisdiction=world.jurisdiction)
    client = signed_in(both)
    for place in ("testford", "otherford"):
        assert client.get(f"{PAGE}?place={place}").status_code == 200
    assert client.get(f"{PAGE}?place=nowhere").status_code == 404
