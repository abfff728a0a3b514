"""The pages of routing rules: read, written, rehearsed, let live, put back; and two who write the same rules."""

import random
from typing import Any

import pytest
from django.test import Client

from requests_app import actions
from requests_app.actions import rehearsals as acts
from requests_app.models import Jurisdiction, Question, Rehearsal, RuleSet, User
from requests_app.permissions import Role, Viewer
from requests_app.reads.rules import draft_set, live_set
from requests_app.routing.write_toml import toml_of
from tests import factories
from tests.factories import World
from tests.rules import document, make_live, mark, rule

pytestmark = pytest.mark.django_db
EDIT, LIST, VERSIONS = "/manage/rules/edit/", "/manage/rules/", "/manage/rules/versions/"


@pytest.fixture
def world() -> World:
    return factories.world("testford", is_default=True)


def signed_in(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


def text(*rules: dict[str, Any], **more: Any) -> str:
    return "# written by hand\n" + toml_of(document(*rules, **more))


PARKS = rule("holes", {"service": "pothole"}, office="parks")


def body(response: Any) -> str:
    return str(response.content.decode())


def sent(client: Client, source: str, seen: str, **more: str) -> Any:
    return client.post(EDIT, {"source": source, "seen": seen, "days": "30", **more})


def test_rules_are_written_rehearsed_and_let_live_without_javascript(world: World) -> None:
    client = signed_in(world.administrator)
    assert "No rules yet" in body(client.get(LIST))
    assert "[[rule]]" in body(client.get(EDIT))
    case = factories.file_request(world.pothole)
    answer = sent(client, text(PARKS), mark(world.jurisdiction))
    assert (answer.status_code, RuleSet.objects.count()) == (302, 0)
    page = client.get(answer.headers["Location"])
    assert "1 would go to another office" in body(page)
    ((line, address),) = page.context["moves"]
    assert (line.before_name, line.after_name, line.count) == ("Roads office", "Parks office", 1)
    assert case.reference in body(client.get(address))
    live = client.post(page.context["live_address"], {"note": "Parks mend holes"})
    assert live.headers["Location"] == "/manage/rules/?place=testford"
    now = live_set(world.jurisdiction)
    assert now is not None
    assert (now.version, now.note, now.source) == (1, "Parks mend holes", text(PARKS))
    assert factories.file_request(world.pothole).office_id == world.parks.pk
    assert "the service is “Pothole”" in body(client.get(LIST))
    assert "Used by 1 open request:" in body(client.get(LIST))
    assert "# written by hand" in body(client.get(EDIT))


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (text(rule("r", {"service": "potole"}, office="parks")), "Did you mean “pothole”"),
        (text(rule("r", {"service": "pothole"}, office="park")), "Did you mean “parks”"),
        (
            text(rule("r", {"polygon": [[-79.1, 44], [-79.0, 44.1], [-79.0, 44], [-79.1, 44.1]]}, office="parks")),
            "crosses itself",
        ),
        ("[[rule]\n", "This is not TOML"),
        (text({**PARKS, "when": {}}), "at least one key"),
        (text(PARKS, PARKS), "Two rules have the code"),
    ],
)
def test_what_is_wrong_is_refused_by_sentence_and_what_was_typed_is_kept(
    world: World, source: str, sentence: str
) -> None:
    for button in ({}, {"draft": "1"}):
        answer = sent(signed_in(world.administrator), source, "0.0", **button)
        assert answer.status_code == 422
        assert sentence in body(answer)
        assert answer.context["sheet"].source == source
    assert (RuleSet.objects.count(), Rehearsal.objects.count()) == (0, 0)


@pytest.mark.parametrize("days", ["", "0", "-3", "many", "99999", "٣"])
def test_days_that_are_none_are_refused(world: World, days: str) -> None:
    answer = sent(signed_in(world.administrator), text(PARKS), "0.0", days=days)
    assert (answer.status_code, "Days: give a whole number" in body(answer)) == (422, True)


def test_of_two_who_save_the_same_rules_the_second_learns_who_and_when_and_keeps_the_text(world: World) -> None:
    make_live(world, rule("holes", {"service": "pothole"}, office="roads"))
    seen = mark(world.jurisdiction)
    other = factories.member(Role.ADMINISTRATOR, world.jurisdiction, name="nora-faster")
    rehearsal = acts.ask_rehearsal(world.jurisdiction, world.administrator, text(PARKS), seen=seen, days=9)
    make_live(world, rule("holes", {"service": "pothole"}, office="intake"), viewer=other)
    client = signed_in(world.administrator)
    for answer in (
        client.post(f"/manage/rules/rehearsals/{rehearsal.pk}/live/"),
        sent(client, text(PARKS), seen, draft="1"),
    ):
        assert answer.status_code == 409
        page = body(answer)
        assert "Nora Faster saved version 2 on" in page
        assert "# written by hand" in page
        assert "send it to Intake office" in page  # what theirs says, beside what mine would change
    live = live_set(world.jurisdiction)
    assert live is not None
    assert (live.version, draft_set(world.jurisdiction)) == (2, None)
    again = sent(client, text(PARKS), answer.context["sheet"].seen, draft="1")
    assert again.status_code == 302


def test_an_office_that_closed_between_rehearsal_and_going_live_is_said(world: World) -> None:
    rehearsal = acts.ask_rehearsal(world.jurisdiction, world.administrator, text(PARKS), seen="0.0", days=9)
    world.parks.closes_on = world.jurisdiction.today
    world.parks.save()
    answer = signed_in(world.administrator).post(f"/manage/rules/rehearsals/{rehearsal.pk}/live/")
    assert (answer.status_code, "is closed for good" in body(answer)) == (422, True)
    assert RuleSet.objects.count() == 0


def test_a_draft_is_kept_gone_on_with_and_thrown_away(world: World) -> None:
    client = signed_in(world.administrator)
    assert sent(client, text(PARKS), "0.0", draft="1").status_code == 302
    page = client.get(LIST)
    assert "A draft is being prepared" in body(page)
    assert "# written by hand" in body(client.get(EDIT))
    assert client.post("/manage/rules/discard/", {"seen": "1.9"}).status_code == 409
    assert client.post("/manage/rules/discard/", {"seen": page.context["draft_mark"]}).status_code == 302
    assert draft_set(world.jurisdiction) is None
    assert client.post("/manage/rules/discard/", {"seen": "0.0"}).status_code == 404


def test_versions_tell_what_they_changed_and_come_back_as_a_draft(world: World) -> None:
    make_live(world, rule("holes", {"service": "pothole"}, office="roads"))
    make_live(world, rule("holes", {"service": "pothole"}, office="parks"))
    client = signed_in(world.administrator)
    page = body(client.get(VERSIONS))
    assert "send it to Parks office" in page
    assert client.post("/manage/rules/versions/1/restore/").status_code == 302
    draft = draft_set(world.jurisdiction)
    assert draft is not None
    assert (draft.version, draft.based_on, draft.document["rule"][0]["then"]) == (3, 1, {"office": "roads"})
    assert client.post("/manage/rules/versions/1/restore/").status_code == 409
    assert client.post("/manage/rules/versions/7/restore/").status_code == 404


# --- Long rehearsals -------------------------------------------------------------------------------------------------


def test_a_long_rehearsal_is_run_by_the_sweep_and_its_page_says_how_far_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "AT_ONCE", 0)
    factories.file_request(world.pothole)
    client = signed_in(world.administrator)
    address = sent(client, text(PARKS), "0.0").headers["Location"]
    waiting = body(client.get(address))
    assert "0 of 1 requests are judged" in waiting
    assert 'http-equiv="refresh"' in waiting
    assert acts.sweep_rehearsals() == 1
    assert "1 would go to another office" in body(client.get(address))
    assert acts.sweep_rehearsals() == 0


def test_a_rehearsal_whose_worker_was_killed_is_run_again_and_given_up_in_the_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "AT_ONCE", -1)
    place = world.jurisdiction
    row = acts.ask_rehearsal(place, world.administrator, text(PARKS), seen="0.0", days=9)
    Rehearsal.objects.filter(pk=row.pk).update(state="running", locked_until=row.asked_at, attempts=1)
    assert acts.sweep_rehearsals() == 1
    Rehearsal.objects.filter(pk=row.pk).update(state="running", found=None, locked_until=row.asked_at, attempts=3)
    assert acts.sweep_rehearsals() == 0
    page = signed_in(world.administrator).get(f"/manage/rules/rehearsals/{row.pk}/")
    assert "did not come to an end" in body(page)


# --- Who may see what ------------------------------------------------------------------------------------------------


def test_the_codes_that_rules_may_name_stand_below_the_text(world: World) -> None:
    page = body(signed_in(world.administrator).get(EDIT)).split("Codes of this place")[1]
    question = world.pothole.questions.first()
    assert question is not None
    codes = (world.pothole.code, question.code, world.parks.code)
    assert [code for code in codes if f"<code>{code}</code>" not in page] == []


def test_only_administrators_of_the_place_reach_its_rules(world: World) -> None:
    row = acts.ask_rehearsal(world.jurisdiction, world.administrator, text(PARKS), seen="0.0", days=9)
    elsewhere = factories.member(Role.ADMINISTRATOR, factories.jurisdiction())
    addresses = [
        EDIT,
        LIST,
        VERSIONS,
        *(f"/manage/rules/rehearsals/{row.pk}/{part}" for part in ("", "cases/", "text/")),
    ]
    for address in addresses:
        assert signed_in(world.administrator).get(address).status_code == 200
        assert signed_in(world.manager).get(address).status_code == 403
        assert Client().get(address).status_code == 302
        if "rehearsals" in address:
            assert signed_in(elsewhere).get(address).status_code == 404
    with pytest.raises(actions.Forbidden):
        acts.ask_rehearsal(world.jurisdiction, world.manager, text(PARKS), seen="0.0", days=9)


def test_the_map_shows_no_place_of_a_private_case(world: World) -> None:
    public = factories.file_request(world.pothole)
    factories.file_request(world.benefit, location=factories.IN_THE_EAST)
    source = text(rule("all", {"any": [{"kind": "street"}, {"kind": "application"}]}, office="parks"))
    client = signed_in(world.administrator)
    page = client.get(sent(client, source, "0.0").headers["Location"])
    assert sum(line.count for line, _address in page.context["moves"]) >= 1
    assert [one["reference"] for one in page.context["points"]] == [public.reference]


def test_a_page_of_a_rehearsal_asks_few_statements_however_much_moved(
    world: World, django_assert_max_num_queries: Any
) -> None:
    for _ in range(8):
        factories.file_request(world.pothole, location=random.Random(1).choice([factories.IN_THE_WEST]))
    client = signed_in(world.administrator)
    address = sent(client, text(PARKS), "0.0").headers["Location"]
    with django_assert_max_num_queries(20):
        client.get(address)


def test_the_pages_speak_french(world: World) -> None:
    client = signed_in(world.administrator)
    address = sent(client, text(PARKS), "0.0").headers["Location"]
    for page, words in ((LIST, "Règles d’acheminement"), (EDIT, "Mettre à l’essai"), (address, "Ce que vous changez")):
        assert words in body(client.get(page, {"lang": "fr"}))


def test_a_place_that_was_imported_can_be_rehearsed_too(world: World) -> None:
    Jurisdiction.objects.filter(pk=world.jurisdiction.pk).update(provenance="imported")
    client = signed_in(world.administrator)
    assert client.get(sent(client, text(PARKS), "0.0").headers["Location"]).status_code == 200


def test_a_question_is_that_of_the_service_the_rule_names(world: World) -> None:
    Question.objects.create(
        service=world.needle, code="size", names=factories.names("How many needles?"), datatype="text", position=1
    )
    make_live(
        world,
        rule("needles", {"service": "needle", "answer": {"question": "size", "given": True}}, office="parks"),
        rule("accents", {"words": ["fil électrique"]}, office="parks"),
    )
    page = body(signed_in(world.administrator).get(LIST))
    assert "“How many needles?” was answered" in page
    assert "“fil électrique”" in page


def test_rules_that_were_not_rehearsed_to_the_end_do_not_go_live(world: World) -> None:
    rehearsal = acts.ask_rehearsal(world.jurisdiction, world.administrator, text(PARKS), seen="0.0", days=9)
    for state in ("waiting", "running", "failed"):
        Rehearsal.objects.filter(pk=rehearsal.pk).update(state=state)
        answer = signed_in(world.administrator).post(f"/manage/rules/rehearsals/{rehearsal.pk}/live/")
        assert (answer.status_code, "have not been rehearsed to the end" in body(answer)) == (422, True)
    assert RuleSet.objects.count() == 0
