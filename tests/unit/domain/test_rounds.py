"""The order of a round: complete, dangerous stops first, short, and the same every time."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.rounds import Stop, in_order, is_hazard, length, metres

degrees = st.floats(-0.1, 0.1).map(lambda d: round(d, 5))
points = st.tuples(degrees.map(lambda d: -79 + d), degrees.map(lambda d: 44 + d))
starts = st.none() | points
rounds = st.lists(st.tuples(points, st.booleans()), max_size=9).map(
    lambda found: [Stop(key, at, first) for key, (at, first) in enumerate(found)]
)


def plain(stops: list[Stop]) -> list[Stop]:
    return sorted(stops, key=lambda stop: not stop.first)


@settings(max_examples=60)
@given(stops=rounds, start=starts)
def test_every_stop_comes_once_and_what_is_dangerous_comes_first(stops: list[Stop], start: tuple[float, float]) -> None:
    order = in_order(stops, start)
    assert sorted(stop.key for stop in order) == list(range(len(stops)))
    assert [stop.first for stop in order] == sorted((stop.first for stop in stops), reverse=True)


@settings(max_examples=60)
@given(stops=rounds, start=starts)
def test_the_way_is_never_longer_than_in_the_order_the_stops_came(
    stops: list[Stop], start: tuple[float, float]
) -> None:
    assert length(in_order(stops, start), start) <= length(plain(stops), start) + 0.01


@settings(max_examples=20)
@given(stops=rounds, start=starts)
def test_the_order_is_the_same_every_time(stops: list[Stop], start: tuple[float, float]) -> None:
    assert in_order(stops, start) == in_order(stops, start)


def test_against_every_possible_order_of_small_rounds() -> None:
    """In 150 rounds of up to seven: never below the best there is, on average within 1 % of it, never 15 % off."""
    chance, over = random.Random(311), []
    for _ in range(150):
        start = (-79.0, 44.0)
        stops = [
            Stop(n, (-79 + chance.uniform(-0.1, 0.1), 44 + chance.uniform(-0.1, 0.1)), chance.random() < 0.2)
            for n in range(chance.randint(2, 7))
        ]
        legal = (o for o in itertools.permutations(stops) if list(o) == plain(list(o)))
        best = min(length(order, start) for order in legal)
        over.append(length(in_order(stops, start), start) / best)
    assert min(over) > 0.999999
    assert sum(over) / len(over) < 1.01
    assert max(over) < 1.15


def test_without_a_start_the_round_begins_where_it_likes() -> None:
    line = [Stop(n, (-79 + x, 44.0)) for n, x in enumerate((0.00, 0.02, 0.01, 0.03))]
    assert [stop.key for stop in in_order(line)] in ([0, 2, 1, 3], [3, 1, 2, 0])


def test_metres_on_the_ground() -> None:
    assert metres((-79.0, 44.0), (-79.0, 44.01)) == pytest.approx(1113.2, abs=0.1)
    assert metres((-79.0, 44.0), (-78.99, 44.0)) == pytest.approx(800.8, abs=1)


@pytest.mark.parametrize(
    ("priority", "tags", "dangerous"), [(2, [], True), (1, [], False), (0, ["safety"], True), (0, ["season"], False)]
)
def test_what_is_dangerous_to_leave(priority: int, tags: list[str], dangerous: bool) -> None:
    assert is_hazard(priority, tags) is dangerous
