"""Settings keep their history, and the second of two administrators who save the same one learns of the first."""

from functools import partial
from typing import Any

import pytest
from django.db import transaction

from requests_app.actions import config
from requests_app.actions.errors import Forbidden
from requests_app.models import ConfigChange, Office
from requests_app.permissions import Role, Viewer
from tests import factories
from tests.factories import World
from tests.races import losers, race

pytestmark = pytest.mark.django_db


def document(office: Office) -> dict[str, Any]:
    return {"names": office.names, "email": office.email, "kind": office.kind}


def save(pk: int, viewer: Viewer, seen: int, **fields: object) -> int:
    with transaction.atomic():
        office = config.locked(Office, pk)
        with config.changing(office, "office", viewer=viewer, seen=seen, document=document) as version:
            Office.objects.filter(pk=pk).update(**fields)
            for name, value in fields.items():
                setattr(office, name, value)
        return version


@pytest.fixture
def world() -> World:
    return factories.world()


def test_a_change_keeps_who_when_and_what_it_was_before(world: World) -> None:
    save(world.roads.pk, world.administrator, 1, email="roads@example.ca")
    (change,) = ConfigChange.objects.filter(what="office", target_id=world.roads.pk)
    assert (change.version, change.changed_by_id) == (2, world.administrator.user_id)
    assert (change.before["email"], change.after["email"]) == ("", "roads@example.ca")


def test_a_save_that_changes_nothing_is_no_change(world: World) -> None:
    save(world.roads.pk, world.administrator, 1, email=world.roads.email)
    assert not ConfigChange.objects.exists()


def test_the_second_saver_is_told_and_keeps_both_what_they_typed_and_what_the_first_changed(world: World) -> None:
    save(world.roads.pk, world.administrator, 1, email="first@example.ca", kind="crew")
    typed = {"names": factories.names("New name"), "email": "second@example.ca", "kind": "office"}
    with pytest.raises(config.SettingConflict) as told:
        save(world.roads.pk, world.administrator, 1, **typed)
    conflict = told.value
    assert conflict.version == 2
    assert conflict.changed == {"email", "kind"}
    assert conflict.clashing(typed) == {"email"}
    assert conflict.merged(typed) == {"names": typed["names"], "email": "second@example.ca", "kind": "crew"}
    world.roads.refresh_from_db()
    assert world.roads.email == "first@example.ca"


@pytest.mark.parametrize("role", [Role.HANDLER, Role.MANAGER, Role.EVALUATOR, Role.ADMINISTRATOR])
def test_only_an_administrator_of_the_same_place_may_change_a_setting(world: World, role: Role) -> None:
    elsewhere = factories.member(role, factories.jurisdiction())
    here = factories.member(role, world.jurisdiction)
    for viewer in (elsewhere, *([] if role == Role.ADMINISTRATOR else [here])):
        with pytest.raises(Forbidden):
            save(world.roads.pk, viewer, 1, email="not@example.ca")
    assert not ConfigChange.objects.exists()


def test_an_altered_version_is_no_setting(world: World) -> None:
    with pytest.raises(config.UnknownSetting):
        save(world.roads.pk, world.administrator, 7, email="x@example.ca")


@pytest.mark.django_db(transaction=True)
def test_of_four_administrators_who_save_at_once_exactly_one_wins(world: World) -> None:
    told = race(
        *(partial(save, world.roads.pk, world.administrator, 1, email=f"{number}@example.ca") for number in range(4))
    )
    assert [type(one) for one in losers(told)] == [config.SettingConflict] * 3
    assert ConfigChange.objects.count() == 1
