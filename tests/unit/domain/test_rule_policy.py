"""The policy of docs/routing.md: order, what wins, what adds up, what is told beside it, what a broken rule does."""

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from requests_app.routing.decide import Decision, Present, conflicts, decide
from requests_app.routing.explain import BY_RULE, explanation
from tests.rules import OFFICES, compiled, facts, rule

ALWAYS = {"kind": "street"}
LOST = {"near": {"feature": "street:lost", "metres": 10}}
ROADS, PARKS, INTAKE = OFFICES.values()


def decided(*rules: dict[str, Any], closed: tuple[int, ...] = (), refused: tuple[int, ...] = ()) -> Decision:
    return decide(compiled(*rules), facts(), Present(closed, refused))


def test_of_each_kind_the_first_rule_that_matches_decides_and_the_others_are_told() -> None:
    done = decided(
        rule("a", ALWAYS, priority=1),
        rule("b", ALWAYS, office="roads", priority=2),
        rule("c", ALWAYS, office="parks", promise_hours=8, step="work"),
        rule("no", {"service": "tree"}, office="intake"),
    )
    assert (done.office_id, done.value("priority"), done.value("promise"), done.value("step")) == (ROADS, 1, 8, "work")
    assert [(one.rule, one.kind, one.value) for one in done.also] == [("b", "priority", 2), ("c", "office", PARKS)]
    assert conflicts(done) == {("a", "b"): "priority", ("b", "c"): "office"}


def test_further_offices_and_tags_add_up_and_the_lead_is_not_asked_twice() -> None:
    done = decided(
        rule("a", ALWAYS, further=["parks", "roads"], tags=["x"]),
        rule("b", ALWAYS, office="roads", further=["parks", "intake"], tags=["y", "x"]),
    )
    assert (done.further_ids, done.tag_codes) == ([PARKS, INTAKE], ["x", "y"])


def test_a_broken_rule_before_the_deciding_one_sends_the_case_to_the_fallback() -> None:
    done = decided(rule("lost", LOST, office="parks"), rule("b", ALWAYS, office="roads"))
    assert (done.stuck, done.office_id, done.broken) == ("lost", None, [("lost", "feature_gone")])


def test_a_broken_rule_after_the_deciding_one_changes_nothing_but_is_told() -> None:
    done = decided(rule("b", ALWAYS, office="roads"), rule("lost", LOST, office="parks"))
    assert (done.stuck, done.office_id, done.broken) == ("", ROADS, [("lost", "feature_gone")])


def test_a_broken_rule_that_names_no_office_does_not_hold_the_case_up() -> None:
    done = decided(rule("lost", LOST, priority=2), rule("b", ALWAYS, office="roads"))
    assert (done.stuck, done.office_id, done.value("priority")) == ("", ROADS, None)


def test_an_office_that_closed_is_a_broken_rule_and_one_that_refused_is_passed_by() -> None:
    rules = (rule("a", ALWAYS, office="roads"), rule("b", ALWAYS, office="parks"))
    assert decided(*rules, closed=(ROADS,)).broken == [("a", "office_closed")]
    assert decided(*rules, closed=(ROADS,)).stuck == "a"
    assert decided(*rules, refused=(ROADS,)).office_id == PARKS


def test_a_step_that_the_workflow_has_not_is_told_and_left_out() -> None:
    done = decided(rule("a", ALWAYS, office="roads", step="payment"))
    assert (done.office_id, done.value("step"), done.broken) == (ROADS, None, [("a", "step_gone")])


def test_the_explanation_holds_codes_and_ids_only() -> None:
    rules = compiled(
        rule("a", {"all": [{"words": "wire"}, ALWAYS]}, office="roads"), rule("b", ALWAYS, office="parks", tags=["x"])
    )
    case = facts(words="A WIRE near Ana Secret’s door")
    told = explanation(rules, case, decide(rules, case, Present()), BY_RULE)
    assert told == {
        "rules": 0,
        "by": "rule",
        "won": {"office": {"rule": "a", "value": ROADS}},
        "tags": [{"rule": "b", "value": "x"}],
        "also": [{"rule": "b", "kind": "office", "value": PARKS}],
        "because": {"a": ["1", "2"], "b": [""]},
    }


RULES = st.lists(
    st.tuples(
        st.sampled_from([ALWAYS, LOST, {"service": "tree"}, {"channel": "web"}, {"area": "2"}]),
        st.fixed_dictionaries(
            {},
            optional={
                "office": st.sampled_from(sorted(OFFICES)),
                "priority": st.sampled_from([-1, 0, 1, 2]),
                "tags": st.just(["x"]),
            },
        ).filter(bool),
    ),
    max_size=8,
)


@given(RULES, st.integers(0, 2**16))
def test_rules_that_do_not_match_and_their_places_never_matter(drawn: list[Any], seed: int) -> None:
    rules = [rule(f"r-{n}", when, **then) for n, (when, then) in enumerate(drawn)]
    silent = [rule(f"s-{n}", {"service": "sewer"}, office="parks") for n in range(3)]
    mixed, chance = list(rules), random.Random(seed)
    for one in silent:
        mixed.insert(chance.randint(0, len(mixed)), one)
    plain, among = decided(*rules), decided(*mixed)
    assert (plain.won, plain.also, plain.broken, plain.stuck) == (among.won, among.also, among.broken, among.stuck)


@given(RULES)
def test_the_same_rules_and_facts_decide_the_same_and_never_two_offices(drawn: list[Any]) -> None:
    rules = [rule(f"r-{n}", when, **then) for n, (when, then) in enumerate(drawn)]
    first, second = decided(*rules), decided(*rules)
    assert (first.won, first.also) == (second.won, second.also)
    assert not (first.stuck and first.office_id)
    told = [one.rule for one in (*first.won.values(), *first.also) if one.kind == "office"]
    matching = [r["code"] for r, (when, then) in zip(rules, drawn, strict=True) if "office" in then and when in YES]
    assert told == matching


YES = [ALWAYS, {"channel": "web"}]
