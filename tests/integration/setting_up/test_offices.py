"""Offices and partners: made, changed, closed on a day, and never closed while something still comes to them."""

from functools import partial
from typing import Any

import pytest
from django.test import Client

from requests_app.actions.errors import Forbidden, Refused
from requests_app.actions.setting_up.offices import make_office, office_document, save_office
from requests_app.models import ConfigChange, Office, Route, User, Workflow
from requests_app.permissions import Viewer
from requests_app.reads.config import version_of
from tests import factories
from tests.factories import World, names
from tests.races import losers, race
from tests.rules import make_live, rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return factories.world("testford", is_default=True)


def change(world: World, office: Office, **fields: Any) -> Office:
    row = Office.objects.get(pk=office.pk)
    given = {**office_document(row), **fields}
    return save_office(row.pk, given, viewer=world.administrator, seen=version_of("office", row.pk))


def refusal(world: World, office: Office, **fields: Any) -> dict[str, str]:
    with pytest.raises(Refused) as refused:
        change(world, office, **fields)
    return {name: str(sentence) for name, sentence in refused.value.fields.items()}


def free_of_work(world: World, office: Office) -> None:
    Route.objects.filter(office=office).delete()


def client_of(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


def test_an_office_with_nothing_left_closes_on_a_day_and_takes_no_more(world: World) -> None:
    free_of_work(world, world.parks)
    closed = change(world, world.parks, closes_on="2020-01-01")
    assert closed.is_closed_for_good_on(world.jurisdiction.today)
    assert ConfigChange.objects.get(what="office").after["closes_on"] == "2020-01-01"


def test_what_still_comes_to_an_office_keeps_it_open_and_is_named(world: World) -> None:
    factories.file_request(world.pothole)
    workflow = Workflow.objects.get(jurisdiction=world.jurisdiction)
    Workflow.objects.filter(pk=workflow.pk).update(
        source=workflow.source.replace('code = "work"', 'code = "work"\noffice = "roads"')
    )
    factories.service(world.jurisdiction, "bench", owner=world.roads)
    make_live(world, rule("wires", {"words": "wire"}, office="roads"), rule("x", {"words": "x"}, further=["roads"]))
    Office.objects.filter(pk=world.parks.pk).update(parent=world.roads)
    told = refusal(world, world.roads, closes_on="2030-01-01")["closes_on"]
    for named in (
        "1 open request", "“Bench”", "route of “Pothole” (Ward 1)", "rule “Wires”", "rule “X”", "workflow “Simple”",
        "its part “Parks office”", "Give these to another office",
    ):  # fmt: skip
        assert named in told, named
    world.roads.refresh_from_db()
    assert world.roads.closes_on is None


def test_a_service_or_area_with_the_code_of_an_office_does_not_keep_it_open(world: World) -> None:
    free_of_work(world, world.parks)
    factories.service(world.jurisdiction, "parks")
    make_live(world, rule("trees", {"service": "parks"}, office="roads"))
    assert change(world, world.parks, closes_on="2020-01-01").closes_on


def test_the_last_office_of_a_kind_that_a_workflow_needs_stays_of_its_kind(world: World) -> None:
    workflow = Workflow.objects.get(jurisdiction=world.jurisdiction)
    source = workflow.source.replace('code = "work"', 'code = "work"\noffice_kind = "permit"')
    Workflow.objects.filter(pk=workflow.pk).update(source=source)
    permits = factories.office(world.jurisdiction, "permits", kind="permit")
    assert "workflow “Simple”" in refusal(world, permits, kind="fire")["kind"]
    assert "workflow “Simple”" in refusal(world, permits, closes_on="2030-01-01")["closes_on"]
    factories.office(world.jurisdiction, "more-permits", kind="permit")
    assert change(world, permits, kind="fire").kind == "fire"


def test_exactly_one_office_takes_what_no_rule_decides_and_both_histories_tell_of_it(world: World) -> None:
    assert "one office must take it" in refusal(world, world.intake, fallback=False)["fallback"]
    free_of_work(world, world.intake)
    assert "takes what no rule decides" in refusal(world, world.intake, closes_on="2030-01-01")["closes_on"]
    change(world, world.parks, fallback=True)
    assert list(Office.objects.filter(is_fallback=True)) == [world.parks]
    assert {change.target_id for change in ConfigChange.objects.filter(what="office")} == {
        world.parks.pk,
        world.intake.pk,
    }


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"names": {"en": "Roads"}}, "names-fr"),
        ({"kind": "castle"}, "kind"),
        ({"email": "roads@example.ca\nBcc: all@example.ca"}, "email"),
        ({"email": "roads"}, "email"),
        ({"phone": "call us"}, "phone"),
        ({"parent": "no-such"}, "parent"),
        ({"parent": "\x00"}, "parent"),
        ({"parent": "roads"}, "parent"),
        ({"calendar": "no-such"}, "calendar"),
        ({"accept_within_hours": "soon"}, "accept_within_hours"),
        ({"accept_within_hours": 0}, "accept_within_hours"),
        ({"opens_on": "tomorrow"}, "opens_on"),
        ({"opens_on": "2030-02-01", "closes_on": "2030-02-01"}, "closes_on"),
    ],
)
def test_each_wrong_field_is_refused_by_name(world: World, fields: dict[str, Any], field: str) -> None:
    assert list(refusal(world, world.roads, **fields)) == [field]


def test_an_office_is_not_part_of_its_own_part(world: World) -> None:
    change(world, world.parks, parent="roads")
    assert "cannot be part of itself" in refusal(world, world.roads, parent="parks")["parent"]


def test_only_an_administrator_of_the_place_makes_or_changes_an_office(world: World) -> None:
    other = factories.world()
    for viewer in (world.manager, world.handler, other.administrator):
        with pytest.raises(Forbidden):
            make_office(world.jurisdiction, {"names": names("X"), "kind": "office"}, viewer=viewer)
        with pytest.raises(Forbidden):
            save_office(world.roads.pk, office_document(world.roads), viewer=viewer, seen=1)


@pytest.mark.django_db(transaction=True)
def test_two_who_give_the_fallback_away_at_once_leave_one_office_with_it(world: World) -> None:
    told = race(*(partial(change, world, office, fallback=True) for office in (world.roads, world.parks)))
    assert losers(told) == []
    assert Office.objects.filter(is_fallback=True).count() == 1


# --- The pages -------------------------------------------------------------------------------------------------------

SENT = {
    "names-en": "Hydro", "names-fr": "Hydro (fr)", "kind": "partner", "external": "1", "email": "desk@hydro.example",
    "phone": "705-555-0123", "version": "1",
}  # fmt: skip


def test_a_partner_is_made_previewed_changed_and_put_back_through_its_pages(world: World) -> None:
    client = client_of(world.administrator)
    assert "nothing is saved yet" in client.post("/manage/offices/new/", {**SENT, "preview": "1"}).content.decode()
    assert not Office.objects.filter(code="hydro").exists()
    address = client.post("/manage/offices/new/", SENT).headers["Location"]
    hydro = Office.objects.get(code="hydro")
    assert hydro.is_external
    assert client.post(address, {**SENT, "phone": "705-555-0199"}).status_code == 302
    second = client.post(address, {**SENT, "phone": "705-555-0188"})
    assert second.status_code == 409
    assert 'value="705-555-0188"' in second.content.decode()
    change = ConfigChange.objects.get(what="office", target_id=hydro.pk, version=2)
    assert client.post(f"/manage/changes/{change.pk}/restore/", {"version": "2"}).status_code == 302
    hydro.refresh_from_db()
    assert hydro.phone == "705-555-0123"
    for language in ("en", "fr"):
        assert "Hydro" in client.get(f"/manage/offices/?lang={language}").content.decode()
        assert client.get(f"/manage/changes/?lang={language}").status_code == 200


def test_the_page_of_an_office_tells_what_uses_it_with_where_to_see_it(world: World) -> None:
    factories.file_request(world.pothole)
    client = client_of(world.administrator)
    page = client.get(f"/manage/offices/{world.roads.pk}/").content.decode()
    assert '<a href="/desk/queue/?place=testford&amp;tab=city&amp;office=roads">1 open request</a>' in page
    assert f'<a href="/manage/services/{world.pothole.pk}/?place=testford">Route: Pothole, Ward 1</a>' in page
    assert "1 person works there" in page
    refused = client.post(
        f"/manage/offices/{world.roads.pk}/",
        {"names-en": "Roads", "names-fr": "Voirie", "kind": "office", "closes_on": "2026-01-01", "version": "1"},
    )
    assert refused.status_code == 422
    assert "Give these to another office, then close it." in refused.content.decode()
    assert 'value="2026-01-01"' in refused.content.decode()


def test_the_pages_of_offices_ask_few_questions(world: World, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        factories.office(world.jurisdiction, f"o{number}", parent=world.roads)
    client = client_of(world.administrator)
    for address, most in (("/manage/offices/", 8), (f"/manage/offices/{world.roads.pk}/", 30)):
        client.get(address)
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200
