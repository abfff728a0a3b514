"""A step that is promised later than the whole request: said with its numbers when it is set up, and on the case."""

from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from requests_app import actions
from requests_app.models import Service, User, Workflow
from requests_app.permissions import Viewer
from tests import factories
from tests.factories import SIMPLE, World

pytestmark = pytest.mark.django_db
SAID = "the step “Work” may take 99 working hours, but the whole request only 40 working hours (priority: Normal)."


def signed_in(viewer: Viewer) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    return client


def body(answer: Any) -> str:
    return unescape(answer.content.decode())


@pytest.fixture
def world() -> World:
    return factories.world("testford", is_default=True)


def test_it_is_said_in_the_preview_at_save_on_the_service_and_on_the_case(world: World) -> None:
    client = signed_in(world.administrator)
    source = SIMPLE.format(code="simple").replace("hours = 32", "hours = 99")
    row = Workflow.objects.get(jurisdiction=world.jurisdiction, code="simple")
    address = reverse("administration:workflow_edit", kwargs={"setting_id": row.pk})
    preview = client.post(address, {"source": source, "version": 1, "preview": "1"})
    assert f"Pothole: {SAID}" in body(preview)
    assert Workflow.objects.filter(code="simple").count() == 1
    saved = client.post(address, {"source": source, "version": 1}, follow=True)
    assert f"Pothole: {SAID}" in body(saved)
    service = Service.objects.get(pk=world.pothole.pk)
    assert service.workflow.version == 2, "it is a warning: the version is saved"
    page = client.get(reverse("administration:service", kwargs={"setting_id": service.pk}))
    assert SAID.replace("the step", "The step") in body(page)
    request = factories.file_request(service)
    actions.accept(factories.command(request, world.handler))
    actions.make_move(factories.command(request, world.handler), actions.Chosen("on"))
    case = body(signed_in(world.handler).get(f"/desk/requests/{request.reference}/"))
    assert "later than the promise of the whole request, which counts" in case


def test_where_all_is_well_nothing_is_said(world: World) -> None:
    page = signed_in(world.administrator).get(
        reverse("administration:service", kwargs={"setting_id": world.pothole.pk})
    )
    assert "Steps promised later than the whole request" not in body(page)
