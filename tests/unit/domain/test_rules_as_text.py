"""Rules written as TOML and read back, and what differs between two books in words."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from requests_app.routing.differ import differences
from requests_app.routing.document import RuleBook
from requests_app.routing.parse import parse
from requests_app.routing.read_document import in_order, read_toml
from requests_app.routing.sentences import Speaker
from requests_app.routing.write_toml import toml_of
from tests.rules import document, known, rule

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
CODE = st.from_regex(r"[a-z0-9][a-z0-9-]{0,12}", fullmatch=True)
LEAF = st.one_of(
    st.fixed_dictionaries({"words": st.lists(TEXT, min_size=1, max_size=12)}),
    st.fixed_dictionaries({"service": CODE}),
    st.fixed_dictionaries({"polygon": st.lists(st.tuples(st.floats(-90, 90), st.floats(-90, 90)).map(list))}),
    st.fixed_dictionaries({"answer": st.fixed_dictionaries({"question": CODE, "at_least": st.integers(0, 9)})}),
)
CONDITION: Any = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=6,
)
RULE = st.fixed_dictionaries(
    {"code": CODE, "en": TEXT, "fr": TEXT, "when": CONDITION, "then": st.fixed_dictionaries({"tags": st.lists(CODE)})},
    optional={"active": st.booleans()},
)


@given(st.lists(RULE, max_size=3), st.one_of(st.none(), CODE))
def test_a_document_written_as_text_reads_back_the_same(rules: list[dict[str, Any]], fallback: str | None) -> None:
    kept = in_order({"rule": rules, **({"fallback": fallback} if fallback else {})})
    read, problems = read_toml(toml_of(kept))
    assert problems == []
    assert in_order({"rule": [], **read}) == kept


def book(*rules: dict[str, Any], **more: Any) -> RuleBook:
    made, problems = parse(document(*rules, **more))
    assert problems == []
    return made


A, B, C = (rule(code, {"words": code}, office="roads") for code in ("a", "b", "c"))


def told(before: RuleBook, after: RuleBook) -> list[tuple[str, str, str, str]]:
    return [(str(one.what), one.name, one.before, one.after) for one in differences(before, after, Speaker(known()))]


def test_the_same_rules_differ_in_nothing() -> None:
    assert told(book(A, B), book(A, B)) == []


def test_every_kind_of_difference_is_told() -> None:
    after = book(
        C,
        {**A, "active": False},
        rule("b", {"words": "b"}, office="parks"),
        rule("d", {"words": "d"}, tags=["x"]),
        fallback="parks",
    )
    assert told(book(rule("gone", {"words": "g"}, office="roads"), A, B, C), after) == [
        ("Another fallback queue", "", "the usual one", "parks"),
        ("At another place in the order", "C", "", ""),
        ("Switched off", "A", "", ""),
        ("Changed", "B", "When the text says “b”: send it to roads.", "When the text says “b”: send it to parks."),
        ("New", "D", "", "When the text says “d”: tag it “x”."),
        ("Taken out", "Gone", "When the text says “g”: send it to roads.", ""),
    ]
