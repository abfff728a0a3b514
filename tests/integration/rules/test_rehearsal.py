"""Rehearsing rules over cases that were filed through the real actions: it must say what filing would do."""

import json
import random
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from requests_app import actions
from requests_app.clock import frozen_at
from requests_app.models import Office, RequestEvent, ServiceRequest
from requests_app.reads.explained import teller
from requests_app.reads.past_cases import workload_of
from requests_app.reads.rehearsal import Rehearsed, live_book, rehearse
from requests_app.routing.parse import parse
from requests_app.routing.read_document import check_document
from requests_app.routing.rehearsed import Words, told
from requests_app.states import Activity
from tests import factories
from tests.factories import IN_THE_EAST, IN_THE_WEST, World
from tests.rules import document, make_live, rule
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 6, 1, 14, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    return factories.world()


def rehearsed(world: World, *rules: dict[str, Any], days: int = 30, **more: Any) -> Rehearsed:
    book, problems = parse(document(*rules, **more))
    assert problems == []
    return rehearse(world.jurisdiction, book, live_book(world.jurisdiction)[0], days)


def found(world: World, *rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    return rehearsed(world, *rules, **more).found


def said(world: World, *rules: dict[str, Any]) -> Words:
    done = rehearsed(world, *rules)
    book, _problems = parse(document(*rules))
    return told(done.found, teller(book, done.known), UTC)


def some_cases(world: World, chance: random.Random, count: int) -> list[ServiceRequest]:
    """Cases of every service, with words, pins, answers and channels drawn."""
    services = [world.pothole, world.needle, world.benefit, world.compliment]
    filed = []
    for _ in range(count):
        of = chance.choice(services)
        more: dict[str, Any] = {"words": chance.choice(["a wire is down", "un fil par terre", "a hole", "glass"])}
        if of.needs_place:
            more["location"] = chance.choice([IN_THE_WEST, IN_THE_EAST])
        if of == world.pothole and chance.random() < 0.7:
            more["answers"] = {"size": chance.choice(["small", "big"])}
        filed.append(factories.file_request(of, **more))
    return filed


def some_rules(world: World, chance: random.Random, *, workload: bool = True) -> list[dict[str, Any]]:
    """Good rules drawn from every kind of condition that a case of the tests can meet."""
    conditions: list[dict[str, Any]] = [
        {"service": chance.choice(["pothole", "needle", "benefit"])},
        {"words": chance.choice(["wire", "fil*", "glass"])},
        {"area": chance.choice(["1", "2"])},
        {"answer": {"question": "size", "is": "big"}},
        {"not": {"kind": "street"}},
        {"any": [{"channel": "web"}, {"words": "hole"}]},
        {"near": {"feature": "lake:lake", "metres": chance.choice([50, 20_000])}},
        {"workload": {"office": chance.choice(["roads", "parks"]), "over": chance.choice([1, 4, 9])}},
        {"time": {"working": True}},
    ]
    actions_: list[dict[str, Any]] = [
        {"office": "roads"}, {"office": "parks"}, {"office": "intake", "priority": 1}, {"priority": 2},
        {"tags": ["x"]}, {"further": ["parks"], "office": "roads"}, {"promise_hours": 5},
    ]  # fmt: skip
    if not workload:
        conditions = [one for one in conditions if "workload" not in one]
    drawn = [
        rule(f"r{n}", {"all": chance.sample(conditions, chance.randint(1, 2))}, **chance.choice(actions_))
        for n in range(chance.randint(3, 7))
    ]
    return [one for one in drawn if not check_document(document(one), world.jurisdiction).problems]


@pytest.mark.parametrize("seed", range(6))
def test_a_rehearsal_says_what_filing_did_whatever_the_rules(world: World, seed: int) -> None:
    """Judged again by the rules they were filed under, every case goes where it went, for the same reason."""
    chance = random.Random(seed)
    rules = some_rules(world, chance)
    make_live(world, *rules, fallback="parks")
    some_cases(world, chance, 25)
    done = found(world, *rules, fallback="parks")
    assert (done["cases"], done["moved"], done["since_filing"], done["changed"]) == (25, [], [], {})
    explanations = [e for e in RequestEvent.objects.values_list("explanation", flat=True) if e]
    by: dict[str, int] = {}
    for explanation in explanations:
        by[explanation["by"]] = by.get(explanation["by"], 0) + 1
    rehearsed_by: dict[str, int] = {}
    for line in done["coverage"]:
        for who, count in line["by"].items():
            rehearsed_by[who] = rehearsed_by.get(who, 0) + count
    assert rehearsed_by == by
    matched = {code: sum(code in e.get("because", {}) for e in explanations) for code in done["rules"]}
    assert {code: one["matched"] for code, one in done["rules"].items()} == matched


@pytest.mark.parametrize("seed", range(6, 10))
def test_what_would_go_elsewhere_goes_there_once_the_rules_are_live(world: World, seed: int) -> None:
    chance = random.Random(seed)
    before, after = (some_rules(world, chance, workload=False) for _ in range(2))
    make_live(world, *before)
    draws = chance.getstate()
    first = some_cases(world, chance, 20)
    done = found(world, *after)
    make_live(world, *after)
    chance.setstate(draws)
    second = some_cases(world, chance, 20)
    moves: dict[tuple[int | None, int | None], int] = {}
    for then, now in zip(first, second, strict=True):
        if then.office_id != now.office_id:
            moves[then.office_id, now.office_id] = moves.get((then.office_id, now.office_id), 0) + 1
    assert {(a, b): n for a, b, n in done["moved"]} == moves
    assert {(a, b) for _pk, a, b in done["kept"]} == set(moves)


def test_other_changes_are_told_apart_from_the_office(world: World) -> None:
    make_live(world, rule("all", {"service": "pothole"}, office="roads", priority=1, tags=["a"]))
    factories.file_request(world.pothole)
    done = found(
        world,
        rule("all", {"service": "pothole"}, office="roads", further=["parks"], priority=2, promise_hours=3, tags=["b"]),
    )
    assert done["moved"] == []
    assert done["changed"] == {
        "further": [[[], [world.parks.pk], 1]],
        "priority": [[1, 2, 1]],
        "promise": [[None, 3, 1]],
        "tags": [[["a"], ["b"], 1]],
    }


def test_the_office_that_closed_a_case_tells_which_rules_were_right(world: World) -> None:
    play = Play(world, factories.file_request(world.pothole))
    play.do(actions.accept).do(actions.hand_off, office_id=world.parks.pk)
    play.do(actions.accept, viewer=world.other_handler)
    play.do(actions.close, viewer=world.other_handler, outcome="resolved")
    factories.file_request(world.pothole)
    done = found(world, rule("parks", {"service": "pothole"}, office="parks"))
    assert done["moved"] == [[world.roads.pk, world.parks.pk, 2]]
    assert done["settled"] == {"closed": 1, "right_before": 0, "right_after": 1}


def test_facts_are_those_of_filing_and_not_of_today(world: World) -> None:
    """A case that was moved to another service is judged by the one it was filed under."""
    play = Play(world, factories.file_request(world.pothole))
    play.do(actions.recategorize, viewer=world.manager, service_id=world.needle.pk)
    done = found(world, rule("holes", {"service": "pothole"}, office="parks"))
    assert done["moved"] == [[world.roads.pk, world.parks.pk, 1]]


def test_workload_is_the_one_of_then(world: World) -> None:
    with frozen_at(MONDAY):
        plays = [Play(world, factories.file_request(world.pothole)) for _ in range(3)]
    with frozen_at(MONDAY + timedelta(hours=3)):
        plays[0].do(actions.accept)
        plays[0].do(actions.close, outcome="resolved")
    then = workload_of([world.roads.pk])
    pk = world.roads.pk
    assert [then.at(MONDAY + timedelta(hours=hours))[pk] for hours in (-1, 0, 1, 3, 4)] == [0, 0, 3, 2, 2]


# --- What the rules themselves are like ------------------------------------------------------------------------------


def test_rules_that_never_fire_say_why(world: World) -> None:
    factories.file_request(world.pothole, words="a hole", location=IN_THE_WEST)
    factories.file_request(world.pothole, words="a wire", location=IN_THE_EAST)
    words = said(
        world,
        rule("first", {"service": "pothole"}, office="parks"),
        rule("later", {"service": "pothole"}, office="roads"),
        rule("needles", {"service": "needle"}, office="roads"),
        rule("ice", {"service": "pothole", "words": "ice"}, tags=["ice"]),
        rule("mix", {"area": "1", "words": "wire"}, tags=["mix"]),
    )
    assert words.never == [
        "“Later”: it matched 2 requests, but each time a rule before it had decided: “First” (2).",
        "“Needles”: no request of its services was filed in this time.",
        "“Ice”: there were 2 requests it could have matched, but it was never so that the text says “ice”.",
        "“Mix”: each part of its condition was true for some of 2 requests, but never all of them for the same one.",
    ]
    assert words.conflicts == [
        "“First” and “Later” both match 2 requests and disagree about the office: the first one decides."
    ]


def test_a_broken_rule_is_counted_and_sends_to_the_fallback(world: World) -> None:
    factories.file_request(world.pothole)
    Office.objects.filter(pk=world.parks.pk).update(closes_on=date(2020, 1, 1))
    words = said(world, rule("shut", {"service": "pothole"}, office="parks"))
    assert words.broken == ["“Shut” could not be told for 1 request: its office is closed for good."]
    assert words.never == ["“Shut”: it is broken, see above."]
    assert [(line.before_name, line.after_name, line.count) for line in words.moves] == [
        ("Roads office", "Intake office", 1)
    ]


def test_everything_is_said_in_french_too(world: World) -> None:
    factories.file_request(world.pothole)
    rules = (
        rule("first", {"service": "pothole"}, office="parks", priority=2),
        rule("later", {"service": "pothole"}, office="roads"),
    )
    with translation.override("fr"):
        words = said(world, *rules)
    (conflict,) = words.conflicts
    assert conflict.replace("\xa0", " ").startswith("« First » et « Later » correspondent toutes deux à 1 demande")
    assert words.moves[0].before_name == "Bureau roads"
    assert "1 irait" in words.summary.replace("\xa0", " ")


def test_statements_do_not_grow_with_the_cases(world: World) -> None:
    rules = (rule("load", {"workload": {"office": "roads", "over": 1}, "words": "x"}, office="parks"),)
    counts = []
    for _ in range(2):
        some_cases(world, random.Random(1), 10)
        with CaptureQueriesContext(connection) as captured:
            found(world, *rules)
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 25


# --- The command -----------------------------------------------------------------------------------------------------


def run(*words: str) -> str:
    out = StringIO()
    call_command("rehearse_routing", *words, stdout=out)
    return out.getvalue()


TOML = """
[[rule]]
code = "parks"
en = "Parks"
fr = "Parcs"
when.service = "pothole"
then.office = "parks"
"""


def test_the_command_tells_it_as_text_and_as_json(world: World, tmp_path: Path) -> None:
    factories.file_request(world.pothole)
    path = tmp_path / "rules.toml"
    path.write_text(TOML, encoding="utf-8")
    code = world.jurisdiction.code
    assert "1  Roads office → Parks office" in run(str(path), "--jurisdiction", code, "--days", "2")
    done = json.loads(run(str(path), "--jurisdiction", code, "--format", "json"))
    assert done["moved"] == [[world.roads.pk, world.parks.pk, 1]]
    assert json.loads(run("--jurisdiction", code, "--format", "json"))["moved"] == []


def test_the_command_refuses_by_sentence(world: World, tmp_path: Path) -> None:
    path, code = tmp_path / "rules.toml", world.jurisdiction.code
    path.write_text(TOML.replace('office = "parks"', 'office = "park"'), encoding="utf-8")
    with pytest.raises(CommandError, match="Did you mean “parks”"):
        run(str(path), "--jurisdiction", code)
    with pytest.raises(CommandError, match="--days"):
        run("--jurisdiction", code, "--days", "0")
    with pytest.raises(CommandError, match="no jurisdiction"):
        run("--jurisdiction", "nowhere")


def test_an_imported_place_is_rehearsed_up_to_where_its_data_ends(world: World) -> None:
    with frozen_at(MONDAY):
        factories.file_request(world.pothole)
    place = world.jurisdiction
    place.provenance, place.as_of = "imported", MONDAY + timedelta(days=900)  # its last closing, years later
    place.save()
    done = found(world, rule("p", {"service": "pothole"}, office="parks"), days=7)
    assert done["cases"] == 1
    assert RequestEvent.objects.filter(activity=Activity.ROUTED).count() == 1
