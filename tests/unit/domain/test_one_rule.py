"""A rule as a form and back, and put into the text of all rules without touching anything else."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.routing.form import rule_of, values_of
from requests_app.routing.parse import parse
from requests_app.routing.splice import OtherwiseWritten, put_rule
from requests_app.routing.taken import number
from requests_app.routing.write_toml import rule_lines

TEXT = '''# Ours, since 2024.
fallback = "intake"  # takes the rest

# Wires first: they kill.
[[rule]]
code = "wires"
en = "Wires"   # asked for by the fire chief
fr = "Fils"
# every spelling we have seen
when.words = [
  "wire",  # the word
  "fil*",
]
then = { office = "hydro", priority = 2 }  # never lower

# Snow.
[[rule]]
code = "snow"
en = """Snow
[[rule]] is no rule here"""
fr = "Neige"
when = { service = "snow" }
then = { office = "roads" }
# the end
'''


def rules_of(text: str) -> list[dict[str, Any]]:
    return list(tomllib.loads(text)["rule"])


WIRES = rules_of(TEXT)[0]


def test_a_rule_that_says_the_same_leaves_every_letter_as_it_was() -> None:
    assert put_rule(TEXT, WIRES) == TEXT
    listed = {**WIRES, "when": {"words": ["wire", "fil*"]}}
    assert put_rule(TEXT, listed) == TEXT


def test_only_what_changed_is_written_anew_and_its_comment_stays() -> None:
    text = put_rule(TEXT, {**WIRES, "then": {"office": "hydro", "priority": 1}})
    assert text == TEXT.replace("priority = 2 }  # never lower", "priority = 1 }  # never lower")
    text = put_rule(TEXT, {**WIRES, "when": {"words": ["pole"]}})
    assert 'when = { words = ["pole"] }' in text
    assert "# every spelling we have seen" in text
    assert text.split("# Snow.")[1] == TEXT.split("# Snow.")[1]


def test_a_key_that_goes_and_one_that_comes() -> None:
    text = put_rule(TEXT, {**WIRES, "active": False, "then": {"tags": ["a"]}})
    assert rules_of(text)[0] == {**WIRES, "active": False, "then": {"tags": ["a"]}}
    assert rules_of(put_rule(text, WIRES)) == rules_of(TEXT)


def test_a_new_rule_stands_where_it_is_wanted_with_the_comments_of_others_unharmed() -> None:
    new = {"code": "new", "en": "New", "fr": "Neuf", "when": {"channel": ["phone"]}, "then": {"priority": 1}}
    assert [one["code"] for one in rules_of(put_rule(TEXT, new))] == ["wires", "snow", "new"]
    first = put_rule(TEXT, new, before="wires")
    assert [one["code"] for one in rules_of(first)] == ["new", "wires", "snow"]
    assert '# Wires first: they kill.\n[[rule]]\ncode = "wires"' in first
    assert rules_of(put_rule("", new)) == [new]
    assert rules_of(put_rule('fallback = "a"', new)) == [new]


def test_a_rule_written_in_tables_of_its_own_is_written_anew() -> None:
    text = '[[rule]]\ncode = "a"\nen = "A"\nfr = "A"\n# why\n[rule.when]\nservice = "snow"\n[rule.then]\noffice = "b"\n'
    changed = {**rules_of(text)[0], "then": {"office": "c"}}
    assert rules_of(put_rule(text, changed)) == [changed]
    assert "# why" in put_rule(text, changed)


LEAVES = [
    {"service": ["snow"]},
    {"area": ["ward-1", "neighbourhood:x"]},
    {"words": ["wire", "fil*"]},
    {"answer": {"question": "depth", "at_least": 10}},
    {"answer": {"question": "what", "is": ["stop", "walk"]}},
    {"answer": {"question": "hurt", "given": False}},
    {"near": {"feature": "street:king", "metres": 200}},
    {"time": {"days": ["sat", "sun"], "from": "22:00", "to": "06:00"}},
    {"time": {"working": False}},
    {"channel": ["web"]},
    {"workload": {"office": "roads", "over": 200}},
]


def kind_of(leaf: dict[str, Any]) -> str:
    return next(iter(leaf))


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    parts = draw(st.lists(st.sampled_from(LEAVES), min_size=1, max_size=5, unique_by=kind_of))
    denied = [{"not": part} if draw(st.booleans()) else part for part in parts]
    return denied[0] if len(denied) == 1 else {draw(st.sampled_from(["all", "any"])): denied}


@given(conditions(), st.booleans())
def test_what_a_form_can_say_comes_back_from_it_with_the_same_meaning(when: dict[str, Any], active: bool) -> None:
    rule = {"code": "a", "en": "A", "fr": "B", "when": when, "then": {"office": "roads", "priority": -1, "tags": ["x"]}}
    document = rule if active else {**rule, "active": False}
    values = values_of(document)
    assert values is not None
    before, after = (parse({"rule": [one]}) for one in (document, rule_of(values)))
    assert before[1] == after[1] == []
    was, now = before[0].rules[0], after[0].rules[0]
    assert (was.then, was.is_active, was.when.kind) == (now.then, now.is_active, now.when.kind)
    assert sorted(map(repr, was.when.parts)) == sorted(map(repr, now.when.parts)), "only their order may differ"
    assert was.when.parts or was.when == now.when
    head, text = "# mine\n[[rule]]\n", "\n".join(rule_lines(document).values())
    assert put_rule(f"{head}{text}\n", rule_of(values)) == f"{head}{text}\n"


@pytest.mark.parametrize(
    "when",
    [
        {"kind": "street"},
        {"polygon": [[0, 0], [1, 0], [1, 1]]},
        {"any": [{"all": [{"service": "a"}, {"channel": "web"}]}]},
        {"any": [{"service": "a"}, {"service": "b"}]},
        {"not": {"not": {"service": "a"}}},
        {"service": "a", "any": [{"channel": "web"}]},
        {"all": [{"service": "a", "channel": "web"}]},
        {"answer": {"question": "street", "is": ["King, east"]}},
        {"words": ["two\nlines"]},
    ],
)
def test_what_a_form_cannot_say_is_left_to_the_text(when: dict[str, Any]) -> None:
    assert values_of({"code": "a", "when": when, "then": {}}) is None


def test_what_cannot_be_read_is_refused_by_its_name_and_not_dropped() -> None:
    values = {"code": "a", "en": "A", "fr": "A", "feature": "x:y", "metres": "far", "priority": "much", "over": "many"}
    found = {problem.field for problem in parse({"rule": [rule_of(values)]})[1]}
    assert {"when.near", "when.workload", "then.priority"} <= found


@pytest.mark.parametrize(
    "text",
    [
        'rule = [{ code = "wires", en = "W", fr = "F" }]\n',
        '[["rule"]]\ncode = "wires"\n[[rule]]\ncode = "snow"\n',
    ],
)
def test_rules_that_do_not_begin_with_the_usual_line_are_left_to_who_writes_them(text: str) -> None:
    with pytest.raises(OtherwiseWritten):
        put_rule(text, {"code": "wires", "en": "Wires", "fr": "Fils"})


def test_a_number_of_hundreds_of_digits_is_no_number() -> None:
    assert number(10**400) is None
    assert number(7) == 7.0
