"""What would happen to this request? And one rule as a form: the pages of an administrator who writes no TOML."""

from html import unescape
from typing import Any

import pytest
from django.test import Client

from requests_app.models import Area, Office, Question, Rehearsal, RequestEvent, Service, ServiceRequest, User
from requests_app.permissions import Viewer
from requests_app.reads.rules import draft_set, live_set
from tests import factories
from tests.factories import IN_THE_WEST, World
from tests.rules import make_live, mark, rule

pytestmark = pytest.mark.django_db
TRY, ONE = "/manage/rules/try/", "/manage/rules/one/"
WIRES = rule("wires", {"words": ["wire"]}, office="intake", priority=2, promise_hours=8, tags=["safety"])
HOLES = rule("holes", {"all": [{"service": "pothole"}, {"area": "1"}]}, office="parks", further=["roads"])


@pytest.fixture
def world() -> World:
    found = factories.world("testford", is_default=True)
    Question.objects.create(service=found.pothole, code="lane", names=factories.names("Which lane?"), datatype="yes_no")
    return found


def signed_in(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


def body(response: Any) -> str:
    return unescape(response.content.decode())


# --- What would happen -----------------------------------------------------------------------------------------------


def test_it_says_what_filing_would_do_in_the_same_words_and_writes_nothing(world: World) -> None:
    make_live(world, WIRES, HOLES)
    client = signed_in(world.administrator)
    given = {"service": "pothole", "words": "A wire in the hole", "lat": "44.0", "lon": "-79.05", "channel": "phone"}
    page = client.post(TRY, given)
    assert page.status_code == 200
    assert (ServiceRequest.objects.count(), RequestEvent.objects.count()) == (0, 0)
    would = page.context["would"]
    filed = factories.file_request(world.pothole, location=IN_THE_WEST, words="A wire in the hole")
    desk = body(signed_in(world.manager).get(f"/desk/requests/{filed.reference}/"))
    assert would.told.why in desk
    assert all(sentence in desk for sentence in would.told.more)
    filed.refresh_from_db()
    assert (would.routing.office_id, would.priority, list(would.routing.tags)) == (
        filed.office_id,
        filed.priority,
        filed.tags,
    )
    assert abs((would.due_at - filed.due_at).total_seconds()) < 600
    assert [(one.number, one.rule.code, one.decides) for one in would.matched] == [
        (1, "wires", True),
        (2, "holes", True),
    ]


def test_a_real_case_is_tried_with_words_nobody_is_shown(world: World) -> None:
    case = factories.file_request(world.pothole, location=IN_THE_WEST, words="The wire of Ana Example fell.")
    make_live(world, WIRES)
    client = signed_in(world.administrator)
    filled = client.post(TRY, {"reference": case.reference.lower(), "fill": "1"})
    assert filled.context["sheet"].values["service"] == "pothole"
    assert filled.context["sheet"].values["lat"].startswith("44.0")
    page = client.post(TRY, {**filled.context["sheet"].values})
    assert "Ana Example" not in body(page)
    assert page.context["office"] == "Intake office"
    assert f"{case.reference} is really at Roads office" in body(page)


def test_the_door_of_a_private_case_is_told_to_the_rules_and_not_to_who_tries_them(world: World) -> None:
    case = factories.file_request(world.needle, location=IN_THE_WEST)
    Service.objects.filter(pk=world.needle.pk).update(publicity="private")
    make_live(world, rule("west", {"area": "1"}, office="parks"))
    client = signed_in(world.administrator)
    filled = client.post(TRY, {"reference": case.reference, "fill": "1"})
    values = filled.context["sheet"].values
    assert (values["lat"], values["lon"]) == ("", "")
    page = client.post(TRY, values)
    assert page.context["office"] == "Parks office"
    assert str(IN_THE_WEST.x) not in body(page)


def test_the_draft_can_be_tried_and_the_questions_of_a_service_are_asked(world: World) -> None:
    make_live(world, WIRES)
    client = signed_in(world.administrator)
    asked = client.post(TRY, {"service": "pothole", "ask": "1"})
    assert "Which lane?" in body(asked)
    seen = mark(world.jurisdiction)
    new = {"en": "Lanes", "fr": "Voies", "question-1": "lane", "test-1": "is", "value-1": "yes", "office": "parks"}
    assert client.post(ONE, {**new, "seen": seen, "active": "1", "days": "30", "draft": "1"}).status_code == 302
    given = {"service": "pothole", "answer-lane": "yes", "rules": "draft"}
    assert client.post(TRY, given).context["office"] == "Parks office"
    assert client.post(TRY, {**given, "rules": "live"}).context["office"] != "Parks office"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Choose a service"),
        ({"service": "none"}, "Choose a service"),
        ({"service": "pothole", "lat": "north", "lon": "1"}, "Give latitude and longitude"),
        ({"service": "pothole", "lat": "48.8", "lon": "2.3"}, "is outside"),
        ({"service": "pothole", "at": "soon"}, "Give the day and the time"),
        ({"service": "pothole", "at": "9999-12-31T23:00"}, "Give the day and the time"),
        ({"service": "pothole", "at": "0001-01-01T00:00+05:00"}, "Give the day and the time"),
        ({"service": "pothole", "channel": "pigeon"}, "Choose a channel"),
        ({"service": "pothole", "reference": "TF-NONE"}, "There is no such request"),
        ({"service": "pothole", "rules": "draft"}, "There is no draft any more"),
    ],
)
def test_what_cannot_be_tried_is_refused_in_a_sentence(world: World, given: dict[str, str], words: str) -> None:
    page = signed_in(world.administrator).post(TRY, given)
    assert page.status_code == 422
    assert words in body(page)


# --- One rule as a form ----------------------------------------------------------------------------------------------


def form(world: World, **more: Any) -> dict[str, Any]:
    usual = {"en": "Night wires", "fr": "Fils la nuit", "join": "all", "words": "wire\nfil*", "from": "22:00"}
    then = {"to": "06:00", "office": "parks", "priority": "2", "tags": "night, safety"}
    return {**usual, **then, "seen": mark(world.jurisdiction), "active": "1", "days": "30", **more}


def test_a_rule_is_made_without_toml_and_every_comment_of_the_text_stays(world: World) -> None:
    live = make_live(world, WIRES)
    live.source = '# ours\n[[rule]]\ncode = "wires"\nen = "Wires"  # short\nfr = "Wires"\nwhen = { words = ["wire"] }\n'
    live.source += 'then = { office = "intake", priority = 2, promise_hours = 8, tags = ["safety"] }\n'
    live.save(update_fields=["source"])
    client = signed_in(world.administrator)
    page = client.post(ONE, form(world, before="wires", preview="1"))
    words = body(page)
    assert page.status_code == 200
    assert "When the text says “wire” or “fil…” and it came in between" in words
    assert 'time = { from = "22:00", to = "06:00" }' in words
    assert draft_set(world.jurisdiction) is None, "a preview keeps nothing"
    assert client.post(ONE, form(world, before="wires", draft="1")).status_code == 302
    draft = draft_set(world.jurisdiction)
    assert draft is not None
    assert [one["code"] for one in draft.document["rule"]] == ["night-wires", "wires"]
    assert draft.source.endswith(live.source.removeprefix("# ours\n"))
    assert "# ours\n" in draft.source


def test_an_existing_rule_comes_back_changed_rehearsed_and_goes_live(world: World) -> None:
    make_live(world, WIRES, HOLES)
    factories.file_request(world.pothole, location=IN_THE_WEST, words="A wire")
    client = signed_in(world.administrator)
    page = client.get(ONE, {"code": "wires"})
    assert page.context["values"]["words"] == "wire"
    assert f'href="{ONE}?place=testford&amp;code=wires"' in client.get("/manage/rules/").content.decode()
    asked = client.post(ONE, form(world, code="wires", en="Wires", fr="Fils", rehearse="1"))
    assert asked.status_code == 302
    rehearsal = Rehearsal.objects.get()
    assert [one["code"] for one in rehearsal.document["rule"]] == ["wires", "holes"]
    assert client.get(asked.headers["Location"]).status_code == 200
    assert client.post(f"/manage/rules/rehearsals/{rehearsal.pk}/live/").status_code == 302
    live = live_set(world.jurisdiction)
    assert live is not None
    assert live.document["rule"][0]["then"]["office"] == "parks"


def test_what_ended_since_stays_in_the_rule_and_is_said(world: World) -> None:
    make_live(world, rule("west", {"area": "1", "service": "pothole"}, office="parks", further=["roads"]))
    Area.objects.filter(jurisdiction=world.jurisdiction, code="1").update(valid_to=world.jurisdiction.today)
    Office.objects.filter(pk__in=(world.parks.pk, world.roads.pk)).update(closes_on=world.jurisdiction.today)
    page = signed_in(world.administrator).get(ONE, {"code": "west"})
    words = body(page)
    for name, code in (("area", "1"), ("further", "roads")):
        assert f'name="{name}" value="{code}" checked' in words
    assert '<option value="parks" selected>parks (not in use any more)' in words


def test_what_is_wrong_is_named_with_its_remedy_and_what_was_typed_stays(world: World) -> None:
    client = signed_in(world.administrator)
    page = client.post(ONE, form(world, fr="", feature="street:kings", metres="near", office="", priority="", tags=""))
    assert page.status_code == 422
    words = body(page)
    assert "The rule has no name in this language" in words
    assert "The rule does nothing" in words
    assert "fil*" in words
    assert draft_set(world.jurisdiction) is None
    assert client.post(ONE, {"seen": mark(world.jurisdiction), "active": "1"}).status_code == 422


def test_who_was_slower_is_told_and_the_rule_goes_into_theirs(world: World) -> None:
    seen = mark(world.jurisdiction)
    make_live(world, WIRES)
    client = signed_in(world.administrator)
    late = client.post(ONE, form(world, seen=seen, draft="1"))
    assert late.status_code == 409
    assert "Somebody else was faster" in body(late)
    assert client.post(ONE, form(world, seen=late.context["sheet"].seen, draft="1")).status_code == 302
    draft = draft_set(world.jurisdiction)
    assert draft is not None
    assert [one["code"] for one in draft.document["rule"]] == ["wires", "night-wires"]


def test_a_rule_that_says_more_than_a_form_is_left_to_the_text(world: World) -> None:
    make_live(world, rule("kinds", {"kind": "street"}, office="parks"))
    page = signed_in(world.administrator).get(ONE, {"code": "kinds"})
    assert "This rule says more than a form can" in body(page)
