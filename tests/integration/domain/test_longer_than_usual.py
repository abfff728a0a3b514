"""From when a case is longer at its office than 9 in 10 of its kind: told where it moves, and again when measured."""

from datetime import timedelta

import pytest

from requests_app import actions
from requests_app.actions.split import Part, split
from requests_app.actions.usual import keep_long
from requests_app.clock import now
from requests_app.models import OfficeTime, ServiceRequest
from requests_app.states import Status
from tests import factories
from tests.factories import World
from tests.scenarios import WAYS, Play

pytestmark = pytest.mark.django_db
USUAL = {"roads": 8, "parks": 3}
"""Days in which nine in ten stays end; nobody knows it of the intake office."""


@pytest.fixture
def world() -> World:
    world = factories.world()
    for office, days in USUAL.items():
        OfficeTime.objects.create(
            office=getattr(world, office),
            service=world.pothole,
            nine_in_ten=timedelta(days=days),
            of=40,
            measured_at=now(),
        )
    return world


def long_after(play: Play) -> timedelta | None:
    """How long after it was sent to the office that holds it."""
    at = ServiceRequest.objects.get(pk=play.request.pk).long_at
    return at and at - play.request.holds.get(branch=0, ended_at=None).sent_at


def test_it_follows_the_case_from_office_to_office_and_ends_with_it(world: World) -> None:
    play = Play.begin(world)
    assert long_after(play) == timedelta(days=8)
    play.started().do(actions.hand_off, office_id=world.parks.pk)
    assert long_after(play) == timedelta(days=3)
    play.accepted().do(actions.hand_off, office_id=world.intake.pk)
    assert long_after(play) is None
    play.accepted().do(actions.hand_off, office_id=world.roads.pk)
    assert long_after(play) == timedelta(days=8)
    play.accepted().closed()
    assert ServiceRequest.objects.get(pk=play.request.pk).long_at is None


def test_measuring_says_what_the_moves_have_said(world: World) -> None:
    for status in WAYS:
        Play.begin(world).reach(status)
    whole = Play.begin(world).started()
    split(factories.command(whole.request, whole.holder), [Part(world.pothole.pk, world.roads.pk, "Fill it.")] * 2)
    told = dict(ServiceRequest.objects.values_list("pk", "long_at"))
    assert {at is None for at in told.values()} == {True, False}
    keep_long(world.jurisdiction.pk)
    assert dict(ServiceRequest.objects.values_list("pk", "long_at")) == told
    ServiceRequest.objects.update(long_at=now())
    keep_long(world.jurisdiction.pk)
    again = dict(ServiceRequest.objects.exclude(status=Status.CLOSED).values_list("pk", "long_at"))
    assert again == {pk: told[pk] for pk in again}
