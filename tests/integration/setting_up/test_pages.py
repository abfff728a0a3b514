"""Administrators' pages: who may open them, and what they say when there is little or much."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from requests_app.models import ConfigChange, User
from requests_app.permissions import Viewer
from requests_app.web.administration.nav import ITEMS
from tests import factories
from tests.factories import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return factories.world("testford", is_default=True)


def signed_in(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.url_name)
def test_every_page_of_the_navigation_is_for_administrators_only(world: World, item) -> None:
    address = reverse(item.url_name)
    assert Client().get(address).headers["Location"].startswith("/sign-in/?next=")
    for viewer in (world.handler, world.manager, world.evaluator):
        assert signed_in(viewer).get(address).status_code == 403
    for language in ("en", "fr"):
        assert signed_in(world.administrator).get(address, {"lang": language}).status_code == 200
    assert signed_in(world.administrator).get(address, {"place": "nowhere"}).status_code == 404


def test_an_administrator_elsewhere_cannot_open_this_place(world: World) -> None:
    other = factories.world()
    assert signed_in(other.administrator).get("/manage/", {"place": "testford"}).status_code == 404


def test_the_latest_changes_say_that_there_are_none_and_page_when_there_are_many(world: World) -> None:
    client = signed_in(world.administrator)
    assert "Nothing was changed yet" in client.get("/manage/changes/").content.decode()
    ConfigChange.objects.bulk_create(
        ConfigChange(
            jurisdiction=world.jurisdiction, what="office", target_id=world.roads.pk, version=number,
            before={"email": "a"}, after={"email": f"n{number}@example.ca"}, changed_at=timezone.now(),
        )
        for number in range(2, 122)
    )  # fmt: skip
    seen, address = 0, "/manage/changes/"
    while address:
        page = client.get(address)
        seen += page.content.decode().count('class="change"')
        older = page.context["older"]
        address = f"/manage/changes/?before={older}" if older else ""
    assert seen == 120
    for nonsense in ("x", "-1", "9" * 40, "%00"):
        assert client.get(f"/manage/changes/?before={nonsense}").status_code == 200
