"""People and roles: invited, given roles for a time, refused what would leave cases or a place with nobody."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail

from requests_app import actions
from requests_app.actions.config import SettingConflict
from requests_app.actions.errors import Forbidden, Refused
from requests_app.actions.setting_up.people import form_document, loss_of, make_person, save_person
from requests_app.models import Area, ConfigChange, Jurisdiction, Membership, ServiceRequest, User
from requests_app.permissions import Role, Viewer
from requests_app.reads.config import version_of
from requests_app.reads.grants import grants_of
from requests_app.reads.people import colleague
from tests import factories
from tests.factories import World, command
from tests.races import losers, race

pytestmark = pytest.mark.django_db

HANDLER = {"role": "handler", "office": "roads", "service": "", "area": "", "starts_on": "", "ends_on": ""}
ANN = {"name": "Ann Roy", "email": "ann@example.org", "language": "fr", "grants": [HANDLER]}


@pytest.fixture
def world() -> World:
    return factories.world("testford", is_default=True)


def change(world: World, pk: int | None, viewer: Viewer | None = None, **fields: Any) -> None:
    row = colleague(world.jurisdiction, pk or 0)
    assert row
    given = {**form_document(row), **fields}
    seen = version_of("person", row.pk, world.jurisdiction.pk)
    save_person(row.pk, given, viewer=viewer or world.administrator, seen=seen, place=world.jurisdiction)


def refusal(world: World, pk: int | None, viewer: Viewer | None = None, **fields: Any) -> dict[str, str]:
    with pytest.raises(Refused) as refused:
        change(world, pk, viewer, **fields)
    return {name: str(sentence) for name, sentence in refused.value.fields.items()}


def case_in_hand(world: World, viewer: Viewer | None = None) -> ServiceRequest:
    viewer = viewer or world.handler
    request = factories.file_request(world.pothole)
    actions.accept(command(request, viewer), handler_id=viewer.user_id)
    return ServiceRequest.objects.get(pk=request.pk)


def roles_of(pk: int | None) -> set[tuple[str, int | None]]:
    return {(grant.role.value, grant.office_id) for grant in grants_of(pk or 0)}


def at_roads(world: World, name: str = "bo") -> Viewer:
    return factories.member(Role.HANDLER, world.jurisdiction, world.roads, name)


# --- Roles for a time ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [("", "", True), (0, "", True), ("", 0, True), (-3, 3, True), (1, "", False), ("", -1, False), (-9, -1, False)],
)
def test_a_role_holds_from_its_first_day_to_its_last(world: World, first: Any, last: Any, holds: bool) -> None:
    today = world.jurisdiction.today
    days = {
        name: (today + timedelta(days=days)).isoformat() if days != "" else ""
        for name, days in (("starts_on", first), ("ends_on", last))
    }
    change(world, world.other_handler.user_id, grants=[{**HANDLER, **days}])
    assert roles_of(world.other_handler.user_id) == ({("handler", world.roads.pk)} if holds else set())


def test_a_case_is_given_to_nobody_whose_role_in_the_office_is_over(world: World) -> None:
    bo = at_roads(world)
    case = case_in_hand(world)
    Membership.objects.filter(user=bo.user_id).update(ends_on=world.jurisdiction.today - timedelta(days=1))
    with pytest.raises(Refused, match="does not work in the office"):
        actions.assign(command(case, world.handler), handler_id=bo.user_id or 0)


def test_roles_are_narrowed_by_service_and_area_and_kept_where_they_stay(world: World) -> None:
    pk = world.handler.user_id
    kept = Membership.objects.get(user=pk).pk
    narrow = {"role": "manager", "office": "", "service": "pothole", "area": "ward:1", "starts_on": "", "ends_on": ""}
    change(world, pk, grants=[HANDLER, narrow])
    rows = {row.role: row for row in Membership.objects.filter(user=pk)}
    assert rows["handler"].pk == kept
    assert (rows["manager"].service_id, rows["manager"].area_id) == (world.pothole.pk, world.west.pk)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"role": ""}, "grants-0-role"),
        ({"role": "king"}, "grants-0-role"),
        ({"office": ""}, "grants-0-office"),
        ({"office": "castle"}, "grants-0-office"),
        ({"office": "\x00"}, "grants-0-office"),
        ({"service": "castle"}, "grants-0-service"),
        ({"area": "ward:\x00"}, "grants-0-area"),
        ({"area": "1"}, "grants-0-area"),
        ({"starts_on": "tomorrow"}, "grants-0-starts_on"),
        ({"starts_on": "2027-02-01", "ends_on": "2027-01-31"}, "grants-0-ends_on"),
        ({"role": "administrator", "office": "roads"}, "grants-0-role"),
    ],
)
def test_a_role_that_cannot_be_is_refused_by_its_field(world: World, row: dict[str, str], field: str) -> None:
    assert field in refusal(world, world.handler.user_id, grants=[{**HANDLER, **row}])
    assert roles_of(world.handler.user_id) == {("handler", world.roads.pk)}


def test_the_same_role_may_follow_itself_and_not_stand_twice_for_one_day(world: World) -> None:
    first, second = {**HANDLER, "ends_on": "2027-01-31"}, {**HANDLER, "starts_on": "2027-01-31"}
    assert "twice for the same days" in refusal(world, world.handler.user_id, grants=[first, second])["grants-1-role"]
    change(world, world.handler.user_id, grants=[first, {**second, "starts_on": "2027-02-01"}])
    assert Membership.objects.filter(user=world.handler.user_id).count() == 2


# --- What is in their hands ------------------------------------------------------------------------------------------


def test_who_has_a_case_in_hand_does_not_lose_it_before_somebody_takes_it(world: World) -> None:
    case, bo = case_in_hand(world), at_roads(world)
    told = refusal(world, world.handler.user_id, grants=[{**HANDLER, "office": "parks"}])["cases_to"]
    assert "1 open request is in their hands" in told
    assert case.reference in told
    assert roles_of(world.handler.user_id) == {("handler", world.roads.pk)}
    change(world, world.handler.user_id, grants=[{**HANDLER, "office": "parks"}], cases_to=str(bo.user_id))
    case.refresh_from_db()
    assert case.handler_id == bo.user_id
    assert roles_of(world.handler.user_id) == {("handler", world.parks.pk)}


def test_a_case_is_not_passed_to_somebody_of_another_office_and_nothing_is_saved(world: World) -> None:
    case = case_in_hand(world)
    told = refusal(world, world.handler.user_id, active=False, cases_to=str(world.other_handler.user_id))["cases_to"]
    assert case.reference in told
    assert "does not work in the office" in told
    assert User.objects.get(pk=world.handler.user_id).is_active


def test_a_case_may_stay_where_it_is_when_that_is_said(world: World) -> None:
    case = case_in_hand(world)
    change(world, world.handler.user_id, active=False, cases_to="stay")
    case.refresh_from_db()
    assert case.handler_id == world.handler.user_id
    assert grants_of(world.handler.user_id or 0) == ()


def test_a_role_that_still_reaches_the_case_leaves_it_in_hand(world: World) -> None:
    case = case_in_hand(world)
    change(world, world.handler.user_id, grants=[HANDLER, {**HANDLER, "office": "parks"}])
    case.refresh_from_db()
    assert case.handler_id == world.handler.user_id


# --- Nobody is shut out ----------------------------------------------------------------------------------------------


ENDING = {**HANDLER, "role": "administrator", "office": "", "ends_on": "2099-12-31"}


@pytest.mark.parametrize("fields", [{"grants": []}, {"active": False}, {"grants": [ENDING]}])
def test_a_place_keeps_its_last_administrator(world: World, fields: dict[str, Any]) -> None:
    everywhere = factories.member(Role.ADMINISTRATOR, None)
    User.objects.filter(pk=everywhere.user_id).update(is_active=False)
    told = refusal(world, world.administrator.user_id, everywhere, **fields)
    assert "last administrator of Testford" in told["grants"]


def test_nobody_locks_themselves_out_and_another_administrator_can_do_it(world: World) -> None:
    second = factories.member(Role.ADMINISTRATOR, world.jurisdiction)
    assert "lock yourself out" in refusal(world, world.administrator.user_id, grants=[])["grants"]
    change(world, world.administrator.user_id, second, grants=[])
    assert grants_of(world.administrator.user_id or 0) == ()


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_end_each_other_at_once_leave_one() -> None:
    world = factories.world("testford", is_default=True)
    second = factories.member(Role.ADMINISTRATOR, world.jurisdiction)
    pairs = [(world.administrator, second), (second, world.administrator)]
    told = race(*(partial(change, world, other.user_id, viewer, grants=[]) for viewer, other in pairs))
    assert len(losers(told)) == 1
    assert Membership.objects.filter(role="administrator", jurisdiction=world.jurisdiction).count() == 1


def test_the_account_of_somebody_who_works_in_another_place_is_changed_by_who_administers_both(world: World) -> None:
    far = factories.jurisdiction("farford")
    Membership.objects.create(user_id=world.handler.user_id, role=Role.EVALUATOR, jurisdiction=far)
    assert "another place" in refusal(world, world.handler.user_id, name="Somebody Else")["name"]
    assert "another place" in refusal(world, world.handler.user_id, active=False)["active"]
    change(world, world.handler.user_id, grants=[{**HANDLER, "office": "parks"}])
    assert roles_of(world.handler.user_id) == {("handler", world.parks.pk), ("evaluator", None)}


@pytest.mark.parametrize("who", ["handler", "manager", "evaluator"])
def test_only_an_administrator_of_the_place_changes_people(world: World, who: str) -> None:
    elsewhere = factories.member(Role.ADMINISTRATOR, factories.jurisdiction())
    for viewer in (getattr(world, who), elsewhere):
        with pytest.raises(Forbidden):
            change(world, world.handler.user_id, viewer, grants=[])
        with pytest.raises(Forbidden):
            make_person(world.jurisdiction, ANN, viewer=viewer)


# --- In every place at once ------------------------------------------------------------------------------------------


@pytest.fixture
def far() -> World:
    return factories.world("farford")


def works_far_too(world: World, far: World, who: Viewer, role: Role = Role.HANDLER) -> Viewer:
    """Somebody given a role in the other place, and an administrator of both places."""
    office = far.roads if role is Role.HANDLER else None
    Membership.objects.create(user_id=who.user_id, role=role, jurisdiction=far.jurisdiction, office=office)
    both = factories.member(Role.ADMINISTRATOR, world.jurisdiction)
    until = far.jurisdiction.today + timedelta(days=30)  # for a time: she is nobody who stays
    Membership.objects.create(
        user_id=both.user_id, role=Role.ADMINISTRATOR, jurisdiction=far.jurisdiction, ends_on=until
    )
    return Viewer(both.user_id, grants_of(both.user_id or 0))


def test_an_account_is_not_closed_while_a_case_of_another_place_is_in_hand(world: World, far: World) -> None:
    both = works_far_too(world, far, world.handler)
    ann = Viewer(world.handler.user_id, grants_of(world.handler.user_id or 0))
    request = factories.file_request(far.pothole)
    actions.accept(command(request, ann), handler_id=ann.user_id)
    told = refusal(world, ann.user_id, both, active=False, cases_to="stay")["active"]
    assert request.reference in told
    assert far.jurisdiction.name in told
    row = colleague(world.jurisdiction, ann.user_id or 0)
    assert row
    lost = loss_of(row, {**form_document(row), "active": False}, world.administrator)
    assert (lost.here, lost.elsewhere, lost.sight) == ([], [], 0), "no case of a place she does not administer"
    lost = loss_of(row, {**form_document(row), "active": False}, both)
    assert ([case.pk for case in lost.here], [case.pk for case in lost.elsewhere]) == ([], [request.pk])
    assert User.objects.get(pk=ann.user_id).is_active
    change(far, ann.user_id, both, grants=[], cases_to="stay")
    change(world, ann.user_id, both, active=False)
    assert not User.objects.get(pk=ann.user_id).is_active


def test_an_account_is_not_closed_while_it_is_the_last_to_set_up_another_place(world: World, far: World) -> None:
    both = works_far_too(world, far, world.handler, Role.ADMINISTRATOR)
    User.objects.filter(pk=far.administrator.user_id).update(is_active=False)
    told = refusal(world, world.handler.user_id, both, active=False)["grants"]
    assert f"last administrator of {far.jurisdiction.name}" in told
    change(world, world.handler.user_id, both, grants=[{**HANDLER, "office": "parks"}])
    User.objects.filter(pk=far.administrator.user_id).update(is_active=True)
    change(world, world.handler.user_id, both, active=False)


def test_a_place_is_not_left_to_somebody_who_was_invited_and_never_came(world: World) -> None:
    setting_up = [{**HANDLER, "role": "administrator", "office": ""}]
    make_person(world.jurisdiction, {**ANN, "grants": setting_up}, viewer=world.administrator)
    everywhere = factories.member(Role.ADMINISTRATOR, None)
    User.objects.filter(pk=everywhere.user_id).update(is_active=False)
    assert "last administrator" in refusal(world, world.administrator.user_id, everywhere, grants=[])["grants"]
    ann = User.objects.get(email=ANN["email"])
    ann.set_password("a long enough password")
    ann.save()
    change(world, world.administrator.user_id, everywhere, grants=[])


def test_a_role_elsewhere_that_is_over_keeps_nobody_from_changing_the_account(world: World, far: World) -> None:
    over, to_come = -timedelta(days=1), timedelta(days=1)
    role = Membership.objects.create(
        user_id=world.handler.user_id, role=Role.EVALUATOR, jurisdiction=far.jurisdiction,
        ends_on=far.jurisdiction.today + over,
    )  # fmt: skip
    change(world, world.handler.user_id, name="New Name")
    role.starts_on, role.ends_on = far.jurisdiction.today + to_come, None
    role.save()
    assert "another place" in refusal(world, world.handler.user_id, name="Newer Name")["name"]


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ({"name": "Right Name"}, {"email": "new@example.org"}, {"name": "Right Name", "email": "new@example.org"}),
        ({"active": False}, {"name": "New Name"}, {"name": "New Name", "active": False}),
        ({"email": "one@example.org"}, {"email": "two@example.org"}, {"email": "two@example.org"}),
    ],
)
def test_what_another_place_saved_of_an_account_meanwhile_is_told_and_not_lost(
    world: World, far: World, first: dict[str, Any], second: dict[str, Any], kept: dict[str, Any]
) -> None:
    both = works_far_too(world, far, world.handler)
    pk = world.handler.user_id or 0
    there = colleague(far.jurisdiction, pk)
    assert there
    typed = {**form_document(there), **second}
    change(world, pk, both, **first)
    with pytest.raises(SettingConflict) as conflict:
        save_person(pk, typed, viewer=both, seen=1, place=far.jurisdiction)
    assert conflict.value.last
    assert conflict.value.last.changed_by_id == both.user_id
    assert conflict.value.changed == ({"active"} if "active" in first else {"contact"})
    assert conflict.value.clashing(typed) == set(first) & set(second)
    merged = conflict.value.merged(typed)
    assert {name: merged[name] for name in kept} == kept
    save_person(pk, merged, viewer=both, seen=conflict.value.version, place=far.jurisdiction)
    user = User.objects.get(pk=pk)
    now_there = {"name": user.display_name, "email": user.email, "active": user.is_active}
    assert {name: now_there[name] for name in kept} == kept


def test_an_account_that_another_place_closed_meanwhile_is_not_opened_by_putting_roles_back(
    world: World, far: World
) -> None:
    both = works_far_too(world, far, world.handler)
    pk = world.handler.user_id or 0
    change(far, pk, both, grants=[{**HANDLER, "office": "parks"}])
    there = colleague(far.jurisdiction, pk)
    assert there
    seen = form_document(there)["seen_contact"]
    before = {**ConfigChange.objects.get(jurisdiction=far.jurisdiction).before, "seen_contact": seen}
    change(world, pk, both, active=False)
    with pytest.raises(SettingConflict):
        save_person(pk, before, viewer=both, seen=2, place=far.jurisdiction, act=ConfigChange.Act.RESTORED)
    assert not User.objects.get(pk=pk).is_active


# --- Limited to an area ----------------------------------------------------------------------------------------------


def test_a_role_is_limited_to_an_area_in_which_requests_can_come_to_lie(world: World) -> None:
    pk = world.handler.user_id
    Area.objects.create(
        jurisdiction=world.jurisdiction, kind="snow", code="z1", names=factories.names("Zone"),
        geometry=world.west.geometry,
    )  # fmt: skip
    told = refusal(world, pk, grants=[{**HANDLER, "area": "snow:z1"}])["grants-0-area"]
    assert "no request comes to lie in “Zone”" in told
    change(world, pk, grants=[{**HANDLER, "area": "ward:2"}])
    Area.objects.filter(pk=world.east.pk).update(valid_to=world.jurisdiction.today - timedelta(days=1))
    change(world, pk, name="New Name")
    assert Membership.objects.get(user=pk).area_id == world.east.pk, "what a role has already stays"
    assert "grants-0-area" in refusal(world, world.other_handler.user_id, grants=[{**HANDLER, "area": "ward:2"}])


# --- History ---------------------------------------------------------------------------------------------------------


def test_the_history_holds_no_name_and_no_address_and_tells_that_they_changed(world: World) -> None:
    row = make_person(world.jurisdiction, ANN, viewer=world.administrator)
    change(world, row.pk, name="Ann Okafor", email="okafor@example.org", grants=[{**HANDLER, "ends_on": "2099-01-31"}])
    kept = list(ConfigChange.objects.filter(what="person", target_id=row.pk).order_by("version"))
    assert [one.act for one in kept] == ["made", "saved"]
    assert kept[1].before["contact"] != kept[1].after["contact"]
    assert kept[1].after["grants"] == [{**HANDLER, "ends_on": "2099-01-31"}]
    told = " ".join(str((one.before, one.after)) for one in kept).casefold()
    assert not any(word in told for word in ("ann", "okafor", "example.org"))


def test_a_change_of_a_person_has_no_process_read_the_rules_anew(world: World) -> None:
    before = Jurisdiction.objects.get(pk=world.jurisdiction.pk).rules_version
    change(world, world.handler.user_id, grants=[{**HANDLER, "office": "parks"}])
    assert Jurisdiction.objects.get(pk=world.jurisdiction.pk).rules_version == before


def test_two_who_save_one_person_conflict_in_one_place_and_not_across_two(world: World) -> None:
    far = factories.world("farford")
    Membership.objects.create(user_id=world.handler.user_id, role=Role.EVALUATOR, jurisdiction=far.jurisdiction)
    change(far, world.handler.user_id, grants=[])
    row = colleague(world.jurisdiction, world.handler.user_id or 0)
    assert row
    given = {**form_document(row), "grants": [{**HANDLER, "office": "parks"}]}
    save_person(row.pk, given, viewer=world.administrator, seen=1, place=world.jurisdiction)
    with pytest.raises(SettingConflict) as conflict:
        save_person(row.pk, given, viewer=world.administrator, seen=1, place=world.jurisdiction)
    assert conflict.value.changed == {"grants"}


def test_a_name_that_somebody_else_put_right_is_not_undone_by_who_saves_over_it(world: World) -> None:
    pk = world.handler.user_id or 0
    row = colleague(world.jurisdiction, pk)
    assert row
    typed = {**form_document(row), "grants": [{**HANDLER, "office": "parks"}]}
    change(world, pk, name="Right Name", email="right@example.org")
    with pytest.raises(SettingConflict) as conflict:
        save_person(pk, typed, viewer=world.administrator, seen=1, place=world.jurisdiction)
    merged = conflict.value.merged(typed)
    assert (merged["name"], merged["email"]) == ("Right Name", "right@example.org")
    assert merged["grants"] == typed["grants"]


# --- Inviting --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "Ann\x00"}, "name"),
        ({"email": ""}, "email"),
        ({"email": "ann@example.org\nBcc: all@example.org"}, "email"),
        ({"email": "TAKEN@example.org"}, "email"),
        ({"email": f"ann@{'a.' * 130}ca"}, "email"),
        ({"username": "Ann Roy"}, "username"),
        ({"username": "taken"}, "username"),
        ({"language": "de"}, "language"),
        ({"grants": []}, "grants"),
    ],
)
def test_an_invitation_that_cannot_be_sent_is_refused_by_its_field(
    world: World, fields: dict[str, Any], field: str
) -> None:
    factories.user("taken", email="taken@example.org")
    with pytest.raises(Refused) as refused:
        make_person(world.jurisdiction, {**ANN, **fields}, viewer=world.administrator)
    assert set(refused.value.fields) == {field}
    assert not User.objects.filter(display_name__startswith="Ann").exists()
    assert mail.outbox == []


def test_user_names_made_of_addresses_are_free_ones(world: World) -> None:
    names = [
        make_person(world.jurisdiction, {**ANN, "email": address}, viewer=world.administrator).user.username
        for address in ("ann.roy@example.org", "Ann_Roy@example.com", "+@example.org")
    ]
    assert names == ["ann.roy", "ann.roy2", "person"]


def test_an_address_that_is_known_in_another_place_only_is_refused_by_a_sentence_that_is_true(world: World) -> None:
    far = factories.world("farford")
    User.objects.filter(pk=far.handler.user_id).update(email="far@example.org")
    User.objects.filter(pk=world.handler.user_id).update(email="near@example.org")
    told = {}
    for address in ("Far@example.org", "near@example.org"):
        with pytest.raises(Refused) as refused:
            make_person(world.jurisdiction, {**ANN, "email": address}, viewer=world.administrator)
        told[address] = str(refused.value.fields["email"])
    assert "works in another place" in told["Far@example.org"]
    assert "Look for it in the list" in told["near@example.org"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("theirs", "field"), [({"email": "bo@example.org"}, "username"), ({"username": "bo"}, "email")]
)
def test_of_two_places_that_give_one_user_name_or_address_at_once_one_is_told(
    theirs: dict[str, str], field: str
) -> None:
    near, far = factories.world("testford", is_default=True), factories.world("farford")
    ann = {**ANN, "username": "ann", "grants": [{**HANDLER, "role": "evaluator", "office": ""}]}
    told = race(
        partial(make_person, near.jurisdiction, ann, viewer=near.administrator),
        partial(make_person, far.jurisdiction, {**ann, **theirs}, viewer=far.administrator),
    )
    (lost,) = losers(told)
    assert isinstance(lost, Refused)
    assert set(lost.fields) == {field}
    assert User.objects.filter(display_name="Ann Roy").count() == 1
