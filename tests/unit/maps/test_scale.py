import itertools

from hypothesis import given
from hypothesis import strategies as st

from maps.folium.scale import COLOURS, step_of, steps

VALUES = st.lists(st.integers(0, 40).map(lambda n: n / 10), min_size=1, max_size=60)


@given(VALUES)
def test_every_value_has_one_class_and_classes_do_not_overlap(values):
    scale = steps(values)
    assert 1 <= len(scale) <= len(COLOURS)
    assert all(one.high < other.low for one, other in itertools.pairwise(scale))
    for value in values:
        step = step_of(value, scale)
        assert step.low <= value <= step.high


@given(VALUES)
def test_slower_is_never_lighter(values):
    colours = [COLOURS.index(step.colour) for step in steps(values)]
    assert colours == sorted(set(colours))


def test_two_classes_use_both_ends_of_the_scale():
    assert [step.colour for step in steps([1.0, 2.0])] == [COLOURS[0], COLOURS[-1]]


def test_no_values_make_no_scale():
    assert steps([]) == ()
