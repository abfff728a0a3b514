"""Of many who act on what they saw, exactly one wins; of many equal submissions, one request comes."""

import signal
import subprocess
import sys
from functools import partial

import pytest

from requests_app import actions
from requests_app.actions.verify import differences
from requests_app.actions.workflow_versions import save_workflow
from requests_app.models import RequestEvent, ServiceRequest, Workflow
from requests_app.permissions import ANONYMOUS
from tests import factories
from tests.conftest import ROOT, server_environment
from tests.permits import SOURCE, Permits, branch_of, move
from tests.races import losers, race, winners
from tests.scenarios import Play

pytestmark = pytest.mark.django_db(transaction=True)
RACES = 20


def test_exactly_one_of_four_wins_every_time() -> None:
    """Two hundred times: `./clearway bench races`."""
    world = factories.world()
    for _ in range(RACES):
        play = Play.begin(world)
        command = factories.command(play.request, world.handler)
        results = race(
            partial(actions.accept, command),
            partial(actions.accept, command),
            partial(actions.bounce, command, reason="wrong_office"),
            partial(actions.close, command, outcome="resolved"),
        )
        (won,) = winners(results)
        after = ServiceRequest.objects.get(pk=play.request.pk)
        assert (after.version, after.status) == (3, won.event.to_status)
        refusals = losers(results)
        assert len(refusals) == 3
        for refusal in refusals:
            assert isinstance(refusal, actions.Conflict)
            assert (refusal.version, refusal.status) == (3, after.status)
        assert RequestEvent.objects.filter(request=after).count() == 3
    assert all(not fields for _reference, fields in differences())


def test_eight_equal_submissions_at_once_are_one_request() -> None:
    world = factories.world()
    for _ in range(5):
        form = factories.submission(world.pothole, contact=actions.Contact(email="ana@example.org"))
        answers = race(*[partial(actions.submit, form, viewer=ANONYMOUS)] * 8)
        assert len({answer.request.pk for answer in answers}) == 1
        assert len({answer.tracking_token for answer in answers}) == 1
        assert sum(answer.is_new for answer in answers) == 1
    assert ServiceRequest.objects.count() == 5
    assert RequestEvent.objects.count() == 10


def test_two_bodies_under_one_key_at_once_are_one_request_and_one_conflict() -> None:
    world = factories.world()
    one = factories.submission(world.pothole, submission_key="one key for both")
    other = factories.submission(world.pothole, submission_key="one key for both", words="Another thing entirely.")
    results = race(partial(actions.submit, one, viewer=ANONYMOUS), partial(actions.submit, other, viewer=ANONYMOUS))
    (refusal,) = losers(results)
    assert refusal.code == "key_reused"
    assert ServiceRequest.objects.count() == 1


def test_two_cases_joined_with_each_other_at_once_neither_deadlock_nor_both_close() -> None:
    world = factories.world()
    for _ in range(10):
        one, other = Play.begin(world), Play.begin(world)
        seen = [factories.command(play.request, world.manager) for play in (one, other)]
        results = race(
            partial(actions.merge, seen[0], into_id=other.request.pk),
            partial(actions.merge, seen[1], into_id=one.request.pk),
        )
        assert len(winners(results)) == len(losers(results)) == 1


def test_two_ratings_at_once_are_one() -> None:
    play = Play.begin(factories.world()).closed()
    command = actions.Command(play.request.pk, play.citizen, None)
    results = race(*[partial(actions.rate, command, score=score) for score in (1, 5)])
    assert len(winners(results)) == 1
    assert RequestEvent.objects.filter(request=play.request, activity="rated").count() == 1


def test_two_reviews_that_end_at_the_same_moment_both_end_and_the_case_waits_for_both() -> None:
    permits = Permits.begin()
    world = permits.world
    for _ in range(12):
        play = permits.under_review()
        ends = {"plans": world.handler, "fire": world.other_handler}
        reviews = [
            partial(
                actions.make_move,
                factories.command(play.request, who),
                actions.Chosen("good"),
                branch=branch_of(play, step),
            )
            for step, who in ends.items()
        ]
        decide = partial(actions.make_move, factories.command(play.request, world.manager), actions.Chosen("decide"))
        results = race(*reviews, decide)
        assert len(winners(results)) == 2
        (refusal,) = losers(results)
        assert isinstance(refusal, actions.Conflict | actions.Refused)  # too early, or seen before the reviews ended
        play.request.refresh_from_db()
        assert (play.request.step, play.request.version) == ("waiting", 9)
        assert move(play, "decide").request.step == "decision"
    assert all(not fields for _reference, fields in differences())


def test_one_review_ended_twice_at_once_ends_once() -> None:
    permits = Permits.begin()
    for _ in range(12):
        play = permits.under_review()
        command, branch = factories.command(play.request, permits.world.handler), branch_of(play, "plans")
        good, more = (partial(actions.make_move, command, actions.Chosen(c), branch=branch) for c in ("good", "more"))
        results = race(good, more)
        assert len(winners(results)) == len(losers(results)) == 1
    assert all(not fields for _reference, fields in differences())


def test_two_administrators_save_one_workflow_at_once() -> None:
    permits = Permits.begin()
    place, who = permits.world.jurisdiction.pk, permits.world.administrator
    saves = [
        partial(save_workflow, who, jurisdiction_id=place, source=f"{SOURCE}# {n}\n", seen_version=1) for n in range(4)
    ]
    results = race(*saves)
    assert len(losers(results)) == 3
    assert [row.version for row in Workflow.objects.filter(code="permit").order_by("version")] == [1, 2]


KILLED = """
import os, signal
import django
django.setup()
from django.db import transaction
from requests_app import actions
from requests_app.models import RequestEvent
from requests_app.permissions import Grant, Role, Viewer
viewer = Viewer({user}, (Grant(Role.MANAGER, {place}),))
with transaction.atomic():
    actions.accept(actions.Command({case}, viewer, 2))
    assert RequestEvent.objects.filter(request={case}).count() == 3
    os.kill(os.getpid(), signal.SIGKILL)
"""
"""A process that has written everything and is killed before it can commit."""


def test_a_process_killed_in_the_middle_leaves_no_half_written_rows() -> None:
    world = factories.world()
    play = Play.begin(world)
    script = KILLED.format(user=world.manager.user_id, place=world.jurisdiction.pk, case=play.request.pk)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=server_environment(), capture_output=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    after = ServiceRequest.objects.get(pk=play.request.pk)
    assert (after.version, after.status) == (2, "triaged")
    assert RequestEvent.objects.filter(request=after).count() == 2
    assert actions.accept(factories.command(after, world.handler)).request.version == 3
