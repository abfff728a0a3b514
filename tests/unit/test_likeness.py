"""What two texts have in common, and how much speaks for two cases being one."""

from hypothesis import given
from hypothesis import strategies as st

from requests_app.reads.duplicates import Near, is_likely, score
from requests_app.text.likeness import likeness, telling_words


def both(one: str, other: str) -> set[str]:
    return telling_words(one).keys() & telling_words(other).keys()


def test_plural_accents_and_case_do_not_matter() -> None:
    assert len(both("Two POTHOLES on the bridge", "a pothole by the Bridges")) == 2
    assert len(both("Un arbre tombé sur la clôture", "arbres tombes pres de la cloture")) == 3
    assert len(both("un tuyau cassé", "des tuyaux cassés")) == 2


def test_fillers_say_nothing() -> None:
    assert telling_words("There is something here that needs work, please") == {}
    assert telling_words("Bonjour, merci pour tout") == {}
    assert both("There is a very large pothole", "There is a very large branch") == {"larg"}


def test_a_word_is_shown_as_it_was_first_written() -> None:
    assert list(telling_words("Broken Branches, broken branch").values()) == ["broken", "branches"]


@given(st.text(), st.text())
def test_likeness_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    a, b = telling_words(one), telling_words(other)
    assert 0 <= likeness(a, b) == likeness(b, a) <= 1
    assert likeness(a, a) == (1 if a else 0)


nears = st.builds(Near, st.floats(0, 400), st.floats(0, 400), st.none() | st.floats(0, 1), same_service=st.booleans())


@given(nears, st.floats(0, 100), st.floats(0, 100))
def test_further_and_later_is_never_likelier(near: Near, metres: float, days: float) -> None:
    further = Near(near.metres + metres, near.days + days, near.alike, near.same_service)
    assert 0 <= score(further) <= score(near) <= 1 + 1e-9
    assert is_likely(near) or not is_likely(further)


def test_another_service_must_say_the_same_or_stand_at_the_same_spot() -> None:
    assert is_likely(Near(100, 5, 0.0, same_service=True))
    assert not is_likely(Near(100, 5, 0.0, same_service=False))
    assert is_likely(Near(20, 1, 0.5, same_service=False))
    assert not is_likely(Near(151, 0, 1.0, same_service=True))
