"""The invented city's ground: it looks like a place and keeps the promises maps and counts rely on."""

from collections import Counter

import numpy as np
import pytest

from fixtures.city.build import City, build_city
from fixtures.city.divisions import outline
from fixtures.city.plane import area, from_wgs84, inside, points, to_wgs84
from fixtures.city.streets import near_a_street
from tests.ground import ground


@pytest.fixture
def city() -> City:
    return ground()


def test_the_same_seed_gives_the_same_city_and_another_seed_another_one(city: City) -> None:
    again, other = build_city(), build_city(seed=8)
    assert list(again.features()) == list(city.features())
    assert (again.addresses.degrees == city.addresses.degrees).all()
    assert [street.names for street in other.streets] != [street.names for street in city.streets]


def test_wards_tile_the_city_exactly(city: City) -> None:
    assert len(city.wards) == 8
    assert sum(area(ward.ring) for ward in city.wards) == pytest.approx(area(city.boundary), rel=1e-12)
    edges = Counter()
    for ward in city.wards:
        edges.update(zip(map(tuple, ward.ring), map(tuple, np.roll(ward.ring, -1, axis=0)), strict=True))
    assert max(edges.values()) == 1, "two wards run along an edge in the same direction: they overlap"
    inner = {edge for edge in edges if edge[::-1] in edges}
    outer = set(edges) - inner
    assert {start for start, _ in outer} == set(map(tuple, city.boundary))


def test_every_ward_is_the_union_of_its_neighbourhoods(city: City) -> None:
    for ward in city.wards:
        parts = [part.ring for part in city.neighbourhoods if f"ward-{part.ward}" == ward.code]
        assert len(parts) >= 1
        assert area(outline(parts)) == pytest.approx(area(ward.ring))


def test_a_random_point_of_the_city_lies_in_exactly_one_ward(city: City) -> None:
    rng = np.random.default_rng(3)
    somewhere = np.column_stack([rng.uniform(-6500, 7000, 4000), rng.uniform(-1200, 7600, 4000)])
    held = sum(inside(somewhere, ward.ring).astype(int) for ward in city.wards)
    assert (held == inside(somewhere, city.boundary).astype(int)).all()


def test_no_address_and_no_kerb_lies_in_water_or_outside_the_city(city: City) -> None:
    for where in (city.addresses.degrees, city.addresses.kerb):
        plane = from_wgs84(where)
        assert not city.land.in_water(plane).any()
        assert inside(plane, city.boundary).all()


def test_addresses_lie_beside_their_street_odd_on_one_side_and_even_on_the_other(city: City) -> None:
    addresses = city.addresses
    assert 20_000 <= len(addresses) <= 40_000
    for index in range(0, len(addresses), 1500):
        street = [city.streets[addresses.street[index]]]
        assert near_a_street(addresses.plane[index : index + 1], street, 20.0).all()
    pairs = set(zip(addresses.street.tolist(), addresses.number.tolist(), strict=True))
    assert len(pairs) == len(addresses), "an address is there twice"


def test_streets_have_names_in_both_languages_and_no_name_twice(city: City) -> None:
    assert 450 <= len(city.streets) <= 900
    for language in ("en", "fr"):
        names = [street.names[language] for street in city.streets]
        assert len(set(names)) == len(names)
        assert all(name and name == name.strip() for name in names)


def test_streets_keep_out_of_the_water(city: City) -> None:
    for street in city.streets:
        for piece in street.pieces:
            assert not city.land.in_water(piece).any(), street.names["en"]


def test_the_river_is_crossed_by_bridges_and_holds_an_island(city: City) -> None:
    assert len(city.bridges) >= 6
    middle = city.land.island.mean(axis=0, keepdims=True)
    assert inside(middle, city.land.river).all()
    assert not city.land.in_water(middle).any()


def test_points_of_interest_stand_on_dry_land_in_the_city(city: City) -> None:
    for feature in city.features():
        if feature.geometry["type"] == "Point":
            where = from_wgs84(np.array([feature.geometry["coordinates"]]))
            assert inside(where, city.boundary).all(), feature.code
            assert not city.land.in_water(where).any(), feature.code


def test_downtown_is_denser_than_the_suburbs(city: City) -> None:
    parts = [part.code for part in city.neighbourhoods]
    size = {part.code: area(part.ring) / 1e6 for part in city.neighbourhoods}
    homes = Counter(parts[place] for place in city.addresses.place)
    assert homes["champ-de-mars"] / size["champ-de-mars"] > 3 * homes["cantons"] / size["cantons"]


def test_features_are_named_in_both_languages_and_lie_where_the_globe_has_ontario(city: City) -> None:
    for feature in city.features():
        assert set(feature.names) in (set(), {"en", "fr"})
    corners = to_wgs84(points((-6500.0, -150.0), (7000.0, 7600.0)))
    assert ((corners[:, 0] > -79) & (corners[:, 0] < -76)).all()
    assert ((corners[:, 1] > 43.5) & (corners[:, 1] < 44.5)).all()


def test_going_to_the_globe_and_back_loses_less_than_a_hand(city: City) -> None:
    there = to_wgs84(city.boundary)
    assert np.abs(from_wgs84(there) - city.boundary).max() < 0.15
