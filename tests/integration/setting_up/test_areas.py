"""Areas with dates: a file is judged and looked at before it is saved, versions follow each other, nothing is lost."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from requests_app.actions.setting_up.areas import sweep_areas
from requests_app.clock import frozen_at, now
from requests_app.models import Area, AreaKind, AreaSet, ConfigChange, Membership, User
from requests_app.permissions import Role, Viewer
from requests_app.places.areas import areas_of_points
from requests_app.places.locate import locate
from requests_app.routing.known import known_for
from tests import factories
from tests.factories import EAST, IN_THE_EAST, IN_THE_WEST, NORTH, SOUTH, WEST, World

pytestmark = pytest.mark.django_db

WARDS = "/manage/areas/kinds/ward/"
UPLOAD = "/manage/areas/kinds/ward/upload/"


@pytest.fixture
def world() -> World:
    return factories.world("testford", is_default=True)


def signed_in(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


@pytest.fixture
def client(world: World) -> Client:
    return signed_in(world.administrator)


def box(west: float, south: float, east: float, north: float, *height: float) -> dict[str, Any]:
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [[[*corner, *height] for corner in corners]]}


def feature(code: str, geometry: Any, name: str = "", **properties: Any) -> dict[str, Any]:
    told = {"name": name or f"{code.title()} ward", "code": code, **properties}
    return {"type": "Feature", "properties": told, "geometry": geometry}


def file_of(*features: Any, **collection: Any) -> SimpleUploadedFile:
    told = {"type": "FeatureCollection", "features": list(features), **collection}
    return SimpleUploadedFile("wards.geojson", json.dumps(told).encode())


MIDDLE = (WEST + EAST) / 2
WHOLE_WEST = feature("1", box(WEST, SOUTH, MIDDLE + 0.06, NORTH), "West ward")
REST_EAST = feature("2", box(MIDDLE + 0.06, SOUTH, EAST, NORTH), "East ward")


def upload(client: Client, *features: Any, address: str = UPLOAD, **sent: Any) -> Any:
    given = {"name_property": "name", "code_property": "code", "valid_from": today(), **sent}
    return client.post(address, {"file": file_of(*features), **given})


def today(days: int = 0) -> str:
    """A day on the place's own calendar."""
    return (factories.Jurisdiction.objects.get(code="testford").today + timedelta(days=days)).isoformat()


def drafted(client: Client, *features: Any, **sent: Any) -> AreaSet:
    answer = upload(client, *features, **sent)
    assert answer.status_code == 302, answer.context["problems"]
    return AreaSet.objects.get(state="draft")


def page(client: Client, version: AreaSet, language: str = "en") -> Any:
    return client.get(f"/manage/areas/versions/{version.pk}/", {"lang": language})


def save(client: Client, version: AreaSet, seen: object) -> Any:
    return client.post(f"/manage/areas/versions/{version.pk}/save/", {"version": seen})


def saved(client: Client, *features: Any, **sent: Any) -> AreaSet:
    draft = drafted(client, *features, **sent)
    answer = save(client, draft, page(client, draft).context["version"])
    assert answer.status_code == 302
    draft.refresh_from_db()
    return draft


def area_at(world: World, point: Any) -> str | None:
    found = locate(world.jurisdiction.pk, point).area_id
    return Area.objects.get(pk=found).code if found else None


# --- Looked at before it is saved ------------------------------------------------------------------------------------


def test_a_file_is_shown_beside_what_is_there_and_changes_nothing(world: World, client: Client) -> None:
    near_the_border = factories.Point(MIDDLE + 0.02, 44.05, srid=4326)
    factories.file_request(world.pothole, location=near_the_border)
    factories.file_request(world.pothole, location=IN_THE_WEST)
    draft = drafted(client, WHOLE_WEST, feature("port", box(MIDDLE + 0.05, SOUTH, EAST, NORTH), "Port"))
    found = page(client, draft).context["judged"]
    assert {line.code: line.look for line in found.lines} == {"2": "ended", "port": "new", "1": "changed"}
    assert [(one.first, one.second) for one in found.overlaps] == [("West ward", "Port")]
    assert found.moved == [("Ward 2", "West ward", 1)]
    assert found.cases == 2
    assert found.gap_km2 == 0
    assert sorted(Area.objects.values_list("code", flat=True)) == ["1", "2"]
    assert area_at(world, near_the_border) == "2"


def test_a_gap_and_an_area_outside_the_place_are_told(world: World, client: Client) -> None:
    draft = drafted(client, feature("west", box(WEST, SOUTH, MIDDLE, NORTH)), feature("far", box(10, 50, 10.1, 50.1)))
    found = page(client, draft).context["judged"]
    assert found.gap_km2 == pytest.approx(found.place_km2 / 2, rel=0.01)
    assert found.outside == ["Far ward"]
    said = page(client, draft, "fr").content.decode()
    assert "Hors du territoire" in said
    assert "ne se trouvent dans aucun secteur" in said


def test_what_was_repaired_merged_and_left_out_is_told_by_name(world: World, client: Client) -> None:
    crossed = [[WEST, SOUTH], [MIDDLE, NORTH], [MIDDLE, SOUTH], [WEST, NORTH], [WEST, SOUTH]]
    bow_tie = {"type": "Polygon", "coordinates": [crossed]}
    line = {"type": "LineString", "coordinates": [[WEST, SOUTH], [EAST, NORTH]]}
    draft = drafted(
        client, feature("torn", bow_tie), feature("road", line), feature("east", box(MIDDLE, SOUTH, EAST, 44)),
        feature("east", box(MIDDLE, 44, EAST, NORTH)), feature("flat", box(WEST, SOUTH, WEST, SOUTH)),
    )  # fmt: skip
    assert draft.report["repaired"] == ["Torn ward"]
    assert draft.report["merged"] == ["East ward"]
    said = page(client, draft).content.decode()
    assert "Road ward, it is a LineString, not a polygon" in said
    assert "Road ward, c’est un objet de type LineString, pas un polygone" in page(client, draft, "fr").content.decode()


def test_what_names_an_area_that_ends_is_told(world: World, client: Client) -> None:
    grace, bygone = factories.user("grace"), factories.user("bygone")
    role = {"role": Role.HANDLER, "jurisdiction": world.jurisdiction, "area": world.east, "service": world.pothole}
    Membership.objects.create(user=grace, **role)
    Membership.objects.create(user=bygone, **role, ends_on=today(-1))
    draft = drafted(client, WHOLE_WEST)
    said = page(client, draft).content.decode()
    assert "Named elsewhere and ending" in said
    assert f"Role limited to it: {grace.display_name}, " in said
    on_its_page = client.get(WARDS).content.decode()
    assert f"Role limited to it: {grace.display_name}, " in on_its_page
    assert "Routes to " in on_its_page
    assert bygone.display_name not in said + on_its_page
    of_service = client.get(f"/manage/services/{world.pothole.pk}/").content.decode()
    assert "1 role limited to it" in of_service


def test_heights_are_left_out_of_the_shape(world: World, client: Client) -> None:
    draft = drafted(client, feature("west", box(WEST, SOUTH, MIDDLE, NORTH, 76.5)))
    assert not draft.outlines.get().geometry.hasz


def test_the_page_asks_no_more_statements_for_more_areas(
    world: World, client: Client, django_assert_max_num_queries: Any
) -> None:
    strips = [feature(f"z{n}", box(WEST + n / 1000, SOUTH, WEST + (n + 1) / 1000, NORTH)) for n in range(60)]
    draft = drafted(client, *strips)
    with django_assert_max_num_queries(26):
        assert page(client, draft).status_code == 200
    save(client, draft, 1)
    with django_assert_max_num_queries(20):
        assert client.get(WARDS).status_code == 200


# --- Saved, planned, put back ----------------------------------------------------------------------------------------


def test_a_new_version_is_in_force_from_today_and_the_old_one_ended_yesterday(world: World, client: Client) -> None:
    case = factories.file_request(world.pothole, location=IN_THE_EAST)
    version = saved(client, WHOLE_WEST, feature("port", box(MIDDLE + 0.06, SOUTH, EAST, NORTH), "Port", fr="Le port"))
    first = AreaSet.objects.get(number=1)
    assert (first.valid_from, first.valid_to.isoformat()) == (None, today(-1))
    assert (version.number, version.valid_from.isoformat(), version.applied_at is not None) == (2, today(), True)
    world.east.refresh_from_db()
    assert world.east.valid_to.isoformat() == today(-1)
    assert area_at(world, factories.Point(MIDDLE + 0.02, 44.05, srid=4326)) == "1"
    assert area_at(world, IN_THE_EAST) == "1"
    assert area_at(world, factories.Point(MIDDLE + 0.08, 44.05, srid=4326)) == "port"
    case.refresh_from_db()
    assert case.area_id == world.east.pk
    west = Area.objects.get(code="1")
    assert (west.pk, west.names) == (world.west.pk, {"en": "West ward", "fr": "West ward"})
    assert areas_of_points(world.jurisdiction.pk, "ward", [(IN_THE_EAST.x, IN_THE_EAST.y)]) == [world.west.pk]


def test_a_version_of_a_later_day_waits_for_it_and_is_put_in_force_once(world: World, client: Client) -> None:
    version = saved(client, WHOLE_WEST, REST_EAST, valid_from=today(10))
    assert version.applied_at is None
    assert sweep_areas() == 0
    assert area_at(world, IN_THE_EAST) == "2"
    with frozen_at(now() + timedelta(days=10)):
        assert sweep_areas() == 1
        assert sweep_areas() == 0
        assert area_at(world, IN_THE_EAST) == "1"
        assert "in force" in client.get(WARDS).content.decode()


def test_a_planned_version_can_be_withdrawn_and_the_one_before_has_no_end_again(world: World, client: Client) -> None:
    version = saved(client, WHOLE_WEST, valid_from=today(10))
    seen = client.get(WARDS).context["version"]
    assert client.post(f"/manage/areas/versions/{version.pk}/withdraw/", {"version": seen}).status_code == 302
    with frozen_at(now() + timedelta(days=11)):
        assert sweep_areas() == 0
    assert AreaSet.objects.get(number=1).valid_to is None
    assert AreaSet.objects.get(number=2).state == "withdrawn"
    assert saved(client, WHOLE_WEST).number == 3


def test_what_is_in_force_cannot_be_withdrawn(world: World, client: Client) -> None:
    version = saved(client, WHOLE_WEST)
    seen = client.get(WARDS).context["version"]
    answer = client.post(f"/manage/areas/versions/{version.pk}/withdraw/", {"version": seen})
    assert answer.status_code == 422
    assert "Put an earlier one back" in answer.content.decode()


def test_an_earlier_version_is_put_back_as_a_new_one(world: World, client: Client) -> None:
    saved(client, WHOLE_WEST)
    first = AreaSet.objects.get(number=1)
    client.post(f"/manage/areas/versions/{first.pk}/restore/")
    draft = AreaSet.objects.get(state="draft")
    assert "The areas of version 1 again." in page(client, draft).content.decode()
    assert save(client, draft, page(client, draft).context["version"]).status_code == 302
    world.east.refresh_from_db()
    assert (world.east.valid_from.isoformat(), world.east.valid_to) == (today(), None)
    assert area_at(world, IN_THE_EAST) == "2"
    assert [one.number for one in AreaSet.objects.order_by("number")] == [1, 2, 3]
    assert [c.version for c in ConfigChange.objects.filter(what="areas").order_by("version")] == [2, 3]
    assert "wards.geojson" in client.get("/manage/changes/").content.decode()


def test_of_two_administrators_who_save_the_second_is_told_and_may_save_over_it(world: World, client: Client) -> None:
    other = factories.member(Role.ADMINISTRATOR, world.jurisdiction, name="Olive")
    mine = drafted(client, WHOLE_WEST)
    seen = page(client, mine).context["version"]
    colleague = signed_in(other)
    upload(colleague, WHOLE_WEST, REST_EAST)
    theirs = AreaSet.objects.get(state="draft", made_by_id=other.user_id)
    assert save(colleague, theirs, seen).status_code == 302
    late = save(client, mine, seen)
    assert late.status_code == 409
    said = late.content.decode()
    assert "Olive saved version 2 of these areas" in said
    assert AreaSet.objects.filter(state="saved").count() == 2
    assert save(client, mine, late.context["version"]).status_code == 302
    assert AreaSet.objects.get(pk=mine.pk).number == 3


def test_a_draft_is_discarded_and_nothing_is_left_of_a_new_kind(world: World, client: Client) -> None:
    sent = {"names-en": "Snow zones", "names-fr": "Zones de déneigement", "address": "/manage/areas/new/"}
    draft = drafted(client, WHOLE_WEST, **sent)
    assert client.post(f"/manage/areas/versions/{draft.pk}/discard/").status_code == 302
    assert not AreaKind.objects.filter(code="snow-zones").exists()


NEW_KIND = {"names-en": "Snow zones", "names-fr": "Zones de déneigement", "address": "/manage/areas/new/"}


def test_nothing_is_left_of_a_new_kind_whose_draft_was_forgotten(world: World, client: Client) -> None:
    drafted(client, WHOLE_WEST, **NEW_KIND)
    with frozen_at(now() + timedelta(days=6)):
        sweep_areas()
        assert AreaKind.objects.filter(code="snow-zones").exists()
    with frozen_at(now() + timedelta(days=8)):
        sweep_areas()
    assert not AreaKind.objects.filter(code="snow-zones").exists()


@pytest.mark.parametrize("name", ["Snow zones", "Zones " * 12])
def test_kinds_of_one_name_get_codes_of_their_own(world: World, client: Client, name: str) -> None:
    sent = {**NEW_KIND, "names-en": name}
    first = saved(client, WHOLE_WEST, **sent).kind.code
    for number in (2, 3):  # as if they came with the place: kinds that have no versions yet
        stem = first[: 40 - 2].rstrip("-")
        Area.objects.create(
            jurisdiction=world.jurisdiction, kind=f"{stem}-{number}", code="a", names={"en": "A"},
            geometry=world.west.geometry,
        )  # fmt: skip
    codes = [first, saved(client, WHOLE_WEST, **sent).kind.code, saved(client, WHOLE_WEST, **sent).kind.code]
    assert [code.removeprefix(stem) for code in codes[1:]] == ["-4", "-5"]
    assert all(len(code) <= 40 for code in codes)


def test_a_new_kind_is_named_in_both_languages_and_rules_can_name_its_areas(world: World, client: Client) -> None:
    sent = {"names-en": "Snow zones", "names-fr": "Zones de déneigement", "address": "/manage/areas/new/"}
    version = saved(client, feature("z1", box(WEST, SOUTH, MIDDLE, NORTH)), **sent)
    assert "Zones de déneigement" in client.get("/manage/areas/", {"lang": "fr"}).content.decode()
    assert version.kind.code == "snow-zones"
    assert "snow-zones:z1" in known_for(world.jurisdiction).area_codes()
    assert area_at(world, IN_THE_WEST) == "1"


def test_the_command_does_not_write_over_areas_that_have_versions(world: World, client: Client, tmp_path: Any) -> None:
    path = tmp_path / "wards.geojson"
    path.write_bytes(file_of(WHOLE_WEST).read())
    draft = drafted(client, WHOLE_WEST)
    with pytest.raises(CommandError, match="or a draft of one"):
        call_command("import_areas", path, jurisdiction="testford", kind="ward")
    client.post(f"/manage/areas/versions/{draft.pk}/discard/")
    new = saved(client, feature("z1", box(WEST, SOUTH, MIDDLE, NORTH)), **NEW_KIND, valid_from=today(10))
    assert new.number == 1
    with pytest.raises(CommandError, match="have versions with dates"):
        call_command("import_areas", path, jurisdiction="testford", kind="snow-zones")


def test_areas_that_only_came_with_the_place_are_imported_anew_and_then_taken_over(
    world: World, client: Client, tmp_path: Any
) -> None:
    client.post(f"/manage/areas/versions/{drafted(client, WHOLE_WEST).pk}/discard/")
    assert AreaSet.objects.get().number == 1
    path = tmp_path / "wards.geojson"
    path.write_bytes(file_of(WHOLE_WEST, feature("2", world_east(), "Ward 2")).read())
    call_command("import_areas", path, jurisdiction="testford", kind="ward", code_column="code")
    world.east.refresh_from_db()
    assert world.east.names == {"en": "Ward 2", "fr": "Quartier 2"}, "its French stays while its English does"
    draft = drafted(client, WHOLE_WEST)
    assert {line.code: line.look for line in page(client, draft).context["judged"].lines} == {"1": "same", "2": "ended"}


def world_east() -> dict[str, Any]:
    return box(MIDDLE, SOUTH, EAST, NORTH)


# --- Refused with a sentence -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "field", "sentence"),
    [
        (b"", "file", "is not GeoJSON"),
        (b"{", "file", "is not GeoJSON"),
        (b"\xff\xfe", "file", "is not GeoJSON"),
        (b"[" * 100_000, "file", "is not GeoJSON"),
        (b'{"type": "FeatureCollection", "features": []}', "file", "no polygon that can be used"),
        (b'{"type": "FeatureCollection", "features": [1]}', "file", "no list of features"),
        (b'{"type": "FeatureCollection", "crs": [], "features": []}', "file", "no polygon that can be used"),
        (
            b'{"type": "Feature", "properties": [], "geometry": null}',
            "name_property",
            "Feature 1 has no text in “name”",
        ),
    ],
)
def test_a_file_that_is_no_file_of_areas_is_refused(
    world: World, client: Client, content: bytes, field: str, sentence: str
) -> None:
    sent = {"file": SimpleUploadedFile("a.geojson", content), "valid_from": today(), "name_property": "name"}
    answer = client.post(UPLOAD, sent)
    assert answer.status_code == 422
    assert sentence in str(answer.context["problems"][field])


@pytest.mark.parametrize(
    ("features", "sent", "field", "sentence"),
    [
        ([feature("a", box(630_000, 4_830_000, 640_000, 4_840_000))], {}, "file", "projected"),
        ([feature("a", box(44, -79.1, 44.1, -79))], {}, "file", "none of its areas lies in"),
        ([WHOLE_WEST], {"name_property": "label"}, "name_property", "its properties are: name, code"),
        ([WHOLE_WEST], {"code_property": "nr"}, "code_property", "Feature 1 has no text in “nr”"),
        ([WHOLE_WEST], {"french_property": "nom"}, "french_property", "Feature 1 has no text in “nom”"),
        ([WHOLE_WEST], {"valid_from": ""}, "valid_from", "the day is missing"),
        ([WHOLE_WEST], {"valid_from": "soon"}, "valid_from", "is not a day"),
        ([feature("a", box(WEST, SOUTH, EAST, NORTH), "x" * 201)], {}, "file", "longer than 200"),
    ],
)
def test_what_does_not_fit_is_refused_beside_its_field(
    world: World, client: Client, features: list[Any], sent: dict[str, Any], field: str, sentence: str
) -> None:
    answer = upload(client, *features, **sent)
    assert answer.status_code == 422
    assert sentence in str(answer.context["problems"][field])
    assert not AreaSet.objects.filter(state="draft").exists()


def hostile(properties: str = '{"name": "a"}', geometry: str = "", collection: str = "") -> bytes:
    """A file as text: JSON spells what Python's writer would not."""
    shape = geometry or json.dumps(box(WEST, SOUTH, EAST, NORTH))
    features = f'[{{"type": "Feature", "properties": {properties}, "geometry": {shape}}}]'
    return f'{{"type": "FeatureCollection", {collection} "features": {features}}}'.encode()


HUGE = "1" + "0" * 400
CORNERS = "[[[-79, 44], [-78, 44], [-78, 45], [{}, 44]]]"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("content", "field"),
    [
        (hostile(r'{"\ud800": 1}'), "name_property"),
        (hostile(r'{"\u0000": 1}'), "name_property"),
        (hostile(r'{"name": "\ud800"}'), "name_property"),
        (hostile(r'{"name": "a\u0000"}'), "name_property"),
        (hostile("{" + ",".join(f'"{"p" * 99}{n}": 1' for n in range(999)) + "}"), "name_property"),
        (hostile(f'{{"name": {HUGE}}}'), "file"),
        (hostile(geometry=f'{{"type": "Polygon", "coordinates": {CORNERS.format(HUGE)}}}'), "file"),
        (hostile(geometry=f'{{"type": "Polygon", "coordinates": {CORNERS.format("-" + HUGE)}}}'), "file"),
        (hostile(geometry=f'{{"type": "Polygon", "coordinates": {CORNERS.format("1" + "0" * 5000)}}}'), "file"),
        (hostile(geometry=f'{{"type": "Polygon", "coordinates": {CORNERS.format("NaN")}}}'), "file"),
        (hostile(geometry=f'{{"type": "Polygon", "coordinates": {CORNERS.format("1e999")}}}'), "file"),
        (hostile(geometry=r'{"type": "\ud800"}'), "file"),
        (hostile(geometry=r'{"type": "\u0000"}'), "file"),
        (hostile(collection=r'"crs": {"properties": {"name": "\ud800"}},'), "file"),
        (hostile(collection=f'"crs": {{"properties": {{"name": {HUGE}}}}},'), "file"),
    ],
)  # fmt: skip
def test_what_no_database_and_no_page_can_hold_is_refused_in_a_sentence(
    world: World, client: Client, content: bytes, field: str, language: str
) -> None:
    sent = {"file": SimpleUploadedFile("a.geojson", content), "valid_from": today(), "name_property": "name"}
    answer = client.post(f"{UPLOAD}?lang={language}", sent)
    assert answer.status_code == 422
    assert len(answer.context["problems"][field]) < 2000


def test_a_shape_of_a_kind_that_no_database_holds_is_left_out_by_name(world: World, client: Client) -> None:
    odd = r'{"type": "Feature", "properties": {"name": "odd"}, "geometry": {"type": "\u0000\ud800"}}'
    content = hostile().replace(b'"features": [', f'"features": [{odd}, '.encode())
    sent = {"file": SimpleUploadedFile("a.geojson", content), "valid_from": today(), "name_property": "name"}
    assert client.post(UPLOAD, sent).status_code == 302
    assert (
        "odd, it is a \ufffd\ufffd, not a polygon" in page(client, AreaSet.objects.get(state="draft")).content.decode()
    )


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_that_has_no_day_before_or_after_it_is_refused(world: World, client: Client, day: str) -> None:
    answer = upload(client, WHOLE_WEST, valid_from=day)
    assert answer.status_code == 422
    assert "too far away" in str(answer.context["problems"]["valid_from"])


def test_another_coordinate_system_is_refused_by_its_name(world: World, client: Client) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::26917"}}
    answer = client.post(UPLOAD, {"file": file_of(WHOLE_WEST, crs=crs), "valid_from": today(), "lang": "fr"})
    assert answer.status_code == 422
    assert "26917" in str(answer.context["problems"]["file"])


def test_a_huge_file_and_too_many_areas_are_refused_with_the_limit(world: World, client: Client) -> None:
    huge = SimpleUploadedFile("a.geojson", b" " * (5 * 1024 * 1024 + 1))
    answer = client.post(UPLOAD, {"file": huge, "valid_from": today()})
    assert answer.status_code == 422
    assert "larger than 5 MB" in str(answer.context["problems"]["file"])
    many = [feature(f"a{n}", box(WEST, SOUTH, WEST + 0.001, SOUTH + 0.001)) for n in range(1001)]
    answer = upload(client, *many)
    assert answer.status_code == 422
    assert "1000 is the most" in str(answer.context["problems"]["file"])


def test_a_day_before_the_newest_version_begins_is_refused(world: World, client: Client) -> None:
    saved(client, WHOLE_WEST, valid_from=today(10))
    answer = upload(client, WHOLE_WEST, valid_from=today(5))
    assert answer.status_code == 422
    assert "withdraw that version" in str(answer.context["problems"]["valid_from"])


def test_versions_of_another_place_are_not_known(world: World, client: Client) -> None:
    draft = drafted(client, WHOLE_WEST)
    other = signed_in(factories.world().administrator)
    for act in ("", "save/", "discard/", "restore/", "withdraw/"):
        address = f"/manage/areas/versions/{draft.pk}/{act}"
        assert (other.post(address) if act else other.get(address)).status_code == 404
    assert client.get("/manage/areas/kinds/nothing/").status_code == 404


def test_a_draft_is_saved_once_however_often_the_button_is_pressed(world: World, client: Client) -> None:
    draft = drafted(client, WHOLE_WEST)
    seen = page(client, draft).context["version"]
    assert [save(client, draft, seen).status_code for _press in range(2)] == [302, 404]
    assert client.post(f"/manage/areas/versions/{draft.pk}/discard/").status_code == 404
    assert AreaSet.objects.get(pk=draft.pk).number == 2
