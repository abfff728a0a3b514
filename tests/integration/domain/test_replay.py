"""State is a projection: whatever happened through the real actions, the ledger alone gives the same case."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from requests_app.actions._draft import Draft
from requests_app.actions._saving import state_of
from requests_app.actions.bulk import BulkCase, BulkEvent, write_cases
from requests_app.actions.promised import first_promise
from requests_app.actions.verify import differences
from requests_app.clock import frozen_at
from requests_app.ledger_reader import state_in_ledger
from requests_app.models import Area, Hold, RequestEvent, Service, ServiceRequest
from requests_app.projection import Change
from requests_app.states import ON_A_BRANCH, Activity, Actor, Status, legal_activities
from tests import factories
from tests.factories import World
from tests.scenarios import ACTS, Play, act
from tests.walks import changes_of_walks

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
REMARKS = [
    Activity.COMMENTED,
    Activity.NOTED,
    Activity.VISITED,
    Activity.HIDDEN,
    Activity.SHOWN,
    Activity.PERSON_ERASED,
]


@pytest.fixture
def world() -> World:
    return factories.world()


def saved_state(request_id: int) -> object:
    request = ServiceRequest.objects.get(pk=request_id)
    return state_of(request, list(request.holds.order_by("number")))


def possible(play: Play) -> list[Activity]:
    review = Hold.objects.filter(request=play.request, ended_at=None, is_lead=False).first()
    # One review at a time keeps every office's answer to "is it already there?" the same; it begins once.
    not_now = {Activity.REVIEW_REQUESTED} if review else set(ON_A_BRANCH)
    if review and review.started_at:
        not_now.add(Activity.REVIEW_STARTED)
    return [a for a in legal_activities(Status(play.request.status)) if a in ACTS and a not in not_now]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(choices=st.data(), steps=st.integers(1, 14))
def test_replay_of_a_random_walk_through_the_real_actions(world: World, choices: st.DataObject, steps: int) -> None:
    with frozen_at(MORNING):
        play = Play.begin(world, contact=factories.actions.Contact(email="ana@example.org"))
    for number in range(steps):
        with frozen_at(MORNING + timedelta(hours=number + 1)):
            act(play, choices.draw(st.sampled_from([*possible(play), *REMARKS])))
        assert saved_state(play.request.pk) == state_in_ledger(play.request.pk)
    assert RequestEvent.objects.filter(request=play.request).count() == play.request.version


@pytest.mark.parametrize("status", list(Status))
def test_replay_in_every_status(world: World, status: Status) -> None:
    play = Play.begin(world).reach(status)
    assert saved_state(play.request.pk) == state_in_ledger(play.request.pk)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(walks=st.lists(changes_of_walks(), min_size=1, max_size=6))
def test_replay_of_cases_written_in_bulk(world: World, walks: list[list[Change]]) -> None:
    promise = first_promise(Service.objects.get(pk=world.pothole.pk))
    cases = [BulkCase(reference=reference(), events=bulk_events(world, walk), promise=promise) for walk in walks]
    ids = write_cases(world.jurisdiction.pk, cases, check_moves=True)
    for request_id, walk in zip(ids, walks, strict=True):
        assert saved_state(request_id) == state_in_ledger(request_id)
        assert ServiceRequest.objects.get(pk=request_id).version == len(walk)


def reference() -> str:
    return f"B-{next(_references)}"


_references: Iterator[int] = iter(range(1, 10**9))


def bulk_events(world: World, walk: list[Change]) -> list[BulkEvent]:
    """A walk with the world's own offices, services and people."""
    offices = {1: world.intake.pk, 2: world.roads.pk, 3: world.parks.pk, 4: world.roads.pk, None: None}
    people = {1: world.handler.user_id, 2: world.other_handler.user_id, 3: world.manager.user_id, None: None}
    services = {1: world.pothole.pk, 2: world.needle.pk, None: None}
    return [
        BulkEvent(
            Draft(
                activity=change.activity,
                office_id=offices[change.office_id],
                handler_id=people[change.handler_id],
                outcome=change.outcome,
                service_id=services[change.service_id],
                area_id=world.west.pk if change.area_id else None,
                priority=change.priority,
                branch=change.branch,
            ),
            change.occurred_at,
            actor=Actor.SYSTEM,
        )
        for change in walk
    ]


def test_every_activity_with_an_action_is_walked() -> None:
    spoken = set(ACTS) | {Activity.SUBMITTED}
    unspoken = set(Activity) - spoken
    assert unspoken == {
        Activity.RATED,  # once a case: tests/integration/domain/test_actions.py
        Activity.WORDS_RELEASED,  # of words that must exist: test_erasure.py
        Activity.WORDS_ERASED,
        Activity.PHOTO_ADDED,
        Activity.SUPPORTED,  # once a person: test_me_too.py
        Activity.SUPPORT_ENDED,
        Activity.UNMERGED,  # of a case that was merged: test_moves.py
        Activity.SPLIT,  # its parts must be closed before it is: test_split.py
        Activity.VISIT_PLANNED,
        Activity.DOCUMENT_ASKED,  # of papers that must exist: test_documents.py
        Activity.DOCUMENT_ADDED,
        Activity.DOCUMENT_CHECKED,
        Activity.CORRECTED,
        Activity.IMPORTED,
    }


def test_the_command_names_a_case_that_is_not_what_its_ledger_says(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    sound, broken = Play.begin(world).started().request, Play.begin(world).accepted().request
    call_command("verify_ledger")
    assert "2 cases are what their ledger says." in capsys.readouterr().out
    ServiceRequest.objects.filter(pk=broken.pk).update(status=Status.CLOSED, area=Area.objects.get(pk=world.east.pk))
    with pytest.raises(CommandError, match="1 of 2 cases"):
        call_command("verify_ledger", jurisdiction=world.jurisdiction.code)
    assert f"{broken.reference}: status, area_id" in capsys.readouterr().out
    assert dict(differences())[sound.reference] == []
