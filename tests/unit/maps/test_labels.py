from maps.folium.labels import Shown, Wanted, fitting, pixels_per_degree

BOUNDS = [[45.0, -76.0], [45.2, -75.6]]


def area(code, name, west, south, wide, high):
    return Wanted(code, name, south + high / 2, west + wide / 2, (west, south, west + wide, south + high))


def test_a_degree_east_is_shorter_than_a_degree_north():
    east, north = pixels_per_degree(BOUNDS)
    assert 0.70 < east / north < 0.71
    assert round(north * 0.2) == 440


def test_a_name_is_written_where_its_area_has_room_for_it():
    wide, thin = area("a", "Harbour", -76.0, 45.0, 0.2, 0.2), area("b", "North Concessions", -75.8, 45.0, 0.02, 0.2)
    assert fitting([wide, thin], BOUNDS) == [Shown("a", True), Shown("b", False)]


def test_words_never_cover_other_words():
    crowd = [area(f"a{n}", "X", -76.0 + n * 0.005, 45.1, 0.004, 0.004) for n in range(8)]
    assert 1 < len(fitting(crowd, BOUNDS)) < 8
