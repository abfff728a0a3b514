"""What conditions mean, one kind after another, and together."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requests_app.routing.compile import verdict
from requests_app.routing.conditions import Facts, reasons
from tests.rules import KING, compiled, facts, known, rule


def holds(when: dict[str, Any], **more: Any) -> bool | None:
    (only,) = compiled(rule("one", when, priority=1), at=known(king=KING)).rules
    return verdict(only, facts(**more))


SATURDAY_NIGHT = datetime(2026, 6, 7, 2, 30, tzinfo=UTC)  # Saturday half past ten in Toronto
CANADA_DAY = datetime(2026, 7, 1, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "case", "expected"),
    [
        ({"service": "pothole"}, {}, True),
        ({"service": ["tree", "pothole"]}, {"service": "sewer"}, False),
        ({"kind": "street"}, {}, True),
        ({"kind": ["application", "feedback"]}, {}, False),
        ({"channel": ["phone", "counter"]}, {"channel": "phone"}, True),
        ({"answer": {"question": "size", "is": ["big"]}}, {"answers": {"size": "big"}}, True),
        ({"answer": {"question": "size", "is": ["big"]}}, {}, False),
        ({"answer": {"question": "depth", "at_least": 10}}, {"answers": {"depth": "10.0"}}, True),
        ({"answer": {"question": "depth", "at_least": 10}}, {"answers": {"depth": "9,5"}}, False),
        ({"answer": {"question": "depth", "at_most": 10}}, {"answers": {"depth": "deep"}}, False),
        ({"answer": {"question": "depth", "given": False}}, {}, True),
        ({"words": "wire"}, {"words": "A live WIRE, down!"}, True),
        ({"words": "wire"}, {"words": "wired"}, False),
        ({"words": ["inond*"]}, {"words": "La rue est inondée"}, True),
        ({"words": "à coté"}, {"words": "Juste a cote de l’école"}, True),
        ({"words": "fallen tree"}, {"words": "the fallen\n tree"}, True),
        ({"area": "1"}, {}, True),
        ({"area": ["2"]}, {}, False),
        ({"area": "district:all"}, {"area_id": None}, True),
        ({"area": "district:all"}, {"area_id": None, "point": None}, False),
        ({"polygon": [[-79.06, 43.99], [-79.04, 43.99], [-79.04, 44.01], [-79.06, 44.01]]}, {}, True),
        ({"polygon": [[-79.04, 43.99], [-79.03, 43.99], [-79.03, 44.01]]}, {}, False),
        ({"near": {"feature": "street:king", "metres": 100}}, {"point": (-79.05, 44.0008)}, True),
        ({"near": {"feature": "street:king", "metres": 100}}, {"point": (-79.05, 44.001)}, False),
        ({"near": {"feature": "street:king", "metres": 100}}, {"point": None}, False),
        ({"time": {"working": True}}, {}, True),
        ({"time": {"working": True}}, {"at": CANADA_DAY}, False),
        ({"time": {"days": ["sat"], "from": "22:00", "to": "06:00"}}, {"at": SATURDAY_NIGHT}, True),
        ({"time": {"from": "22:00", "to": "06:00"}}, {}, False),
        ({"workload": {"office": "roads", "over": 200}}, {"workload": {1: 201}}, True),
        ({"workload": {"office": "roads", "over": 200}}, {"workload": {1: 200}}, False),
        ({"service": "pothole", "channel": "phone"}, {}, False),
        ({"any": [{"service": "tree"}, {"not": {"channel": "phone"}}]}, {}, True),
    ],
)
def test_a_condition(when: dict[str, Any], case: dict[str, Any], expected: bool) -> None:
    assert holds(when, **case) is expected


def test_what_is_gone_cannot_be_told_unless_something_else_decides() -> None:
    gone = {"near": {"feature": "street:lost", "metres": 100}}
    assert holds(gone) is None
    assert holds({"not": gone}) is None
    assert holds({"all": [gone, {"service": "tree"}]}) is False
    assert holds({"any": [gone, {"service": "pothole"}]}) is True
    assert holds({"any": [gone, {"service": "tree"}]}) is None


def test_what_held_is_told_by_its_path() -> None:
    when = {"all": [{"service": "pothole"}, {"any": [{"channel": "phone"}, {"area": "1"}, {"kind": "street"}]}]}
    (only,) = compiled(rule("one", when, priority=1)).rules
    assert reasons(only.node, facts()) == ["1", "2.2", "2.3"]


LEAF = st.sampled_from(
    [{"service": "pothole"}, {"service": "tree"}, {"channel": "web"}, {"area": "2"}, {"area": "lost"}]
)
TREE = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=6,
)


def naive(when: dict[str, Any], case: Facts) -> set[bool]:
    """Every answer that is possible when what is gone might be true or false (each time it is asked)."""
    ((key, value),) = when.items()
    match key:
        case "not":
            return {not one for one in naive(value, case)}
        case "all" | "any":
            join = all if key == "all" else any
            answers = [naive(part, case) for part in value]
            return {join(True in one for one in answers), join(False not in one for one in answers)}
        case "area":
            return {True, False} if value == "lost" else {value == "1"}
    return {value == getattr(case, key)}


@given(TREE)
def test_a_nested_condition_says_what_a_naive_reading_says(when: dict[str, Any]) -> None:
    deep = compiled_or_none(when)
    if deep is None:  # nested deeper than rules may be
        return
    expected = naive(when, facts())
    assert verdict(deep, facts()) is (None if len(expected) == 2 else expected.pop())


def compiled_or_none(when: dict[str, Any]) -> Any:
    try:
        return compiled(rule("one", when, priority=1)).rules[0]
    except AssertionError:
        return None


@given(TREE)
def test_a_rule_that_is_skipped_for_a_service_would_not_have_matched(when: dict[str, Any]) -> None:
    rules = compiled_or_none(when)
    if rules is None:
        return
    tried = compiled(rule("one", when, priority=1)).for_service("pothole", "street")
    assert tried or verdict(rules, facts()) is False
