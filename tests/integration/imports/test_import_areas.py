"""`import_areas`: polygons repaired, merged, refused by name; the boundary; idempotent by code."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from requests_app.models import Area, Jurisdiction
from requests_app.places.areas import areas_of_points
from tests.factories import file_request, jurisdiction, world

pytestmark = pytest.mark.django_db
Save = Callable[..., Path]


def ring(west: float, south: float, size: float = 1.0) -> list[list[float]]:
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def polygon(*corner: float) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [ring(*corner)]}


BOW_TIE = {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}
WITH_A_SPIKE = {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]}


@pytest.fixture
def saved(tmp_path: Path) -> Save:
    def save(*features: tuple[str | None, Any], **collection: Any) -> Path:
        path = tmp_path / "areas.geojson"
        told = [{"type": "Feature", "properties": {"name": n, "town": "A"}, "geometry": g} for n, g in features]
        path.write_text(json.dumps({"type": "FeatureCollection", "features": told, **collection}), encoding="utf-8")
        return path

    return save


@pytest.fixture
def place() -> Jurisdiction:
    return jurisdiction("somewhere", boundary=None)


def run(path: Path, **options: str) -> str:
    out = StringIO()
    call_command("import_areas", path, **{"jurisdiction": "somewhere", **options}, stdout=out, stderr=StringIO())
    return out.getvalue()


def areas() -> dict[str, Area]:
    return {area.code: area for area in Area.objects.all()}


def test_areas_get_names_codes_and_together_the_boundary(saved: Save, place: Jurisdiction) -> None:
    said = run(saved(("North End", polygon(0, 1)), ("South", polygon(0, 0))))
    assert said.startswith("2 areas made, 0 brought up to date in somewhere.")
    assert {code: area.name for code, area in areas().items()} == {"north-end": "North End", "south": "South"}
    place.refresh_from_db()
    assert place.boundary.area == pytest.approx(2)
    assert "boundary" in said
    assert areas_of_points(place.pk, "ward", [(0.5, 1.5), None, (9.0, 9.0), (0.5, 1.0)]) == [
        areas()["north-end"].pk, None, None, areas()["north-end"].pk,
    ]  # fmt: skip


def test_importing_again_replaces_by_code_and_leaves_a_boundary_that_is_there(saved: Save, place: Jurisdiction) -> None:
    run(saved(("South", polygon(0, 0))))
    ids = {area.pk for area in areas().values()}
    said = run(saved(("South", polygon(0, 0, 2))))
    assert said.startswith("0 areas made, 1 brought up to date")
    assert {area.pk for area in areas().values()} == ids
    assert areas()["south"].geometry.area == pytest.approx(4)
    place.refresh_from_db()
    assert place.boundary.area == pytest.approx(1)


@pytest.mark.parametrize("broken", [BOW_TIE, WITH_A_SPIKE])
def test_a_broken_polygon_is_repaired_by_name_and_only_its_area_is_kept(
    saved: Save, place: Jurisdiction, broken: dict[str, Any]
) -> None:
    said = run(saved(("Whole", polygon(5, 5)), ("Torn", broken)))
    assert "Repaired broken polygons: Torn." in said
    torn = areas()["torn"].geometry
    assert torn.valid
    assert torn.geom_type == "MultiPolygon"
    assert torn.area > 0


def test_parts_of_one_name_become_one_area(saved: Save, place: Jurisdiction) -> None:
    said = run(saved(("Ward 1", polygon(0, 0)), ("Ward 2", polygon(3, 3)), ("Ward 1", polygon(1, 0))))
    assert "Merged from several parts: Ward 1." in said
    assert len(areas()) == 2
    assert areas()["ward-1"].geometry.area == pytest.approx(2)


def test_what_is_no_polygon_is_left_out_by_name(saved: Save, place: Jurisdiction) -> None:
    line = {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}
    flat = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0], [0, 0]]]}
    said = run(saved(("Good", polygon(0, 0)), ("Road", line), ("Nothing", None), ("Flat", flat)))
    assert "Left out Road: it is a LineString, not a polygon." in said
    assert "Left out Nothing: it has no shape." in said
    assert "Left out Flat:" in said
    assert list(areas()) == ["good"]


@pytest.mark.parametrize(
    "coordinates",
    [[], [[]], [["a"]], [[[0, 0]]], [[[0, 0], [1, 1]]], [[0, 0]], [[[0, "x"], [1, 1], [2, 2], [0, 0]]], {}],
)
def test_a_polygon_that_is_none_is_left_out_and_the_rest_is_kept(
    saved: Save, place: Jurisdiction, coordinates: object
) -> None:
    said = run(saved(("Good", polygon(0, 0)), ("Bad", {"type": "Polygon", "coordinates": coordinates})))
    assert "Left out Bad:" in said
    assert list(areas()) == ["good"]


@pytest.mark.parametrize("name", ["", " ", "a\x00b", "\ud800"])
def test_a_name_that_cannot_be_kept_is_refused(saved: Save, place: Jurisdiction, name: str) -> None:
    with pytest.raises(CommandError, match="has no text in “name”"):
        run(saved((name, polygon(0, 0))))


@pytest.mark.parametrize(
    ("corner", "hint"),
    [((43.0, -79.0 - 30), "swapped"), ((630_000.0, 4_830_000.0), "projected"), ((-200.0, 43.0), "WGS84")],
)
def test_coordinates_that_are_no_degrees_are_refused_with_a_hint(
    saved: Save, place: Jurisdiction, corner: tuple[float, float], hint: str
) -> None:
    with pytest.raises(CommandError, match=f"“Odd”.*{hint}"):
        run(saved(("Good", polygon(0, 0)), ("Odd", polygon(*corner))))
    assert not areas()


def test_another_coordinate_system_is_refused_by_name(saved: Save, place: Jurisdiction) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::26917"}}
    with pytest.raises(CommandError, match="26917"):
        run(saved(("Good", polygon(0, 0)), crs=crs))
    run(saved(("Good", polygon(0, 0)), crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}))


@pytest.mark.parametrize("text", ["", "[1]", '{"type": "Topology"}', '{"type": "FeatureCollection"}', "{"])
def test_a_file_that_is_no_geojson_is_refused(tmp_path: Path, place: Jurisdiction, text: str) -> None:
    path = tmp_path / "areas.geojson"
    path.write_text(text)
    with pytest.raises(CommandError, match="GeoJSON"):
        run(path)


def test_a_property_that_is_not_there_is_named_with_those_that_are(saved: Save, place: Jurisdiction) -> None:
    with pytest.raises(CommandError, match=r"Feature 1 has no text in “label”.*name, town"):
        run(saved(("Good", polygon(0, 0))), name_column="label")


def test_only_the_features_asked_for_are_taken(saved: Save, place: Jurisdiction) -> None:
    run(saved(("Good", polygon(0, 0))), only="town=A")
    with pytest.raises(CommandError, match="no polygon"):
        run(saved(("Good", polygon(0, 0))), only="town=B")
    with pytest.raises(CommandError, match="equals sign"):
        run(saved(("Good", polygon(0, 0))), only="town")


def test_requests_that_came_before_keep_no_area_and_it_says_so(saved: Save) -> None:
    file_request(world("somewhere", area_kind="parish").pothole)
    assert "1 requests were loaded before" in run(saved(("Good", polygon(-80, 43))), kind="parish")


def test_a_jurisdiction_that_is_not_there_is_made_by_its_source_or_refused(saved: Save) -> None:
    with pytest.raises(CommandError, match="no jurisdiction “nowhere”"):
        run(saved(("Good", polygon(0, 0))), jurisdiction="nowhere")
    run(saved(("Good", polygon(0, 0))), jurisdiction="boston", kind="district")
    place = Jurisdiction.objects.get(code="boston")
    assert (place.provenance, place.area_kind) == ("imported", "district")
    run(saved(("Good", polygon(0, 0))), jurisdiction="elsewhere", source="seeclickfix")
    assert Jurisdiction.objects.get(code="elsewhere").provenance == "imported"
