"""How many statements the actions need: counted, so that a page that acts stays as quick as it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from requests_app import actions
from requests_app.permissions import ANONYMOUS, Viewer
from requests_app.privacy.photos import ReadyPhoto
from requests_app.reads.one_request import case_page, find_request
from requests_app.states import ON_A_BRANCH, Activity, Status
from tests import factories
from tests.factories import World
from tests.scenarios import ACTS, MOVING, Play, a_status_for, who_may

pytestmark = pytest.mark.django_db
SUBMIT, TRANSITION, PAGE = 12, 10, 4
NOT_COUNTED = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
PHOTO = ReadyPhoto(b"a picture", 4, 3)
ANA = actions.Contact(name="Ana", email="ana@example.org")


@pytest.fixture
def world() -> World:
    return factories.world()


@contextmanager
def at_most(most: int, what: object) -> Iterator[None]:
    """Fail with the statements when there are more than `most`."""
    with CaptureQueriesContext(connection) as captured:
        yield
    sent = [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(NOT_COUNTED)]
    assert len(sent) <= most, f"{what} sent {len(sent)} statements, {most} are allowed:\n" + "\n".join(sent)


@pytest.mark.parametrize(
    ("service", "fields"),
    [
        ("pothole", {}),
        ("pothole", {"contact": ANA, "answers": {"size": "big"}}),
        ("pothole", {"contact": ANA, "answers": {"size": "big"}, "photos": (PHOTO, PHOTO, PHOTO)}),
        ("benefit", {"contact": ANA}),
        ("compliment", {"contact": ANA}),
    ],
)
def test_filing_a_case(world: World, service: str, fields: dict[str, Any]) -> None:
    form = factories.submission(getattr(world, service), **fields)
    with at_most(SUBMIT + bool(fields.get("photos")), service):  # the promise is made for a request without photos
        actions.submit(form, viewer=ANONYMOUS)


@pytest.mark.parametrize("activity", MOVING)
def test_each_move(world: World, activity: Activity) -> None:
    play = Play.begin(world, contact=ANA).reach(a_status_for(activity))
    if activity in ON_A_BRANCH:
        play.do(actions.request_review, office_id=world.parks.pk)
    action, facts = ACTS[activity]
    given = {name: fact(play) for name, fact in facts.items()}
    command = factories.command(play.request, who_may(play, activity))
    with at_most(TRANSITION, activity):
        action(command, **given)


def test_closing_with_a_review_that_runs(world: World) -> None:
    play = Play.begin(world, contact=ANA).started().do(actions.request_review, office_id=world.parks.pk)
    command = factories.command(play.request, world.handler)
    with at_most(TRANSITION, "closing"):
        actions.close(command, outcome="resolved", reply="Done.")


@pytest.mark.parametrize("who", ["anonymous", "citizen", "handler", "manager"])
def test_the_page_of_a_case_costs_the_same_however_long_its_history(world: World, who: str) -> None:
    play = Play.begin(world, contact=ANA, answers={"size": "big"}).started()
    for _ in range(5):
        play.do(actions.comment, body="Still on it.").do(actions.note, body="Ask again.")
    viewers: dict[str, Viewer] = {"anonymous": ANONYMOUS, "citizen": play.citizen}
    viewer = viewers.get(who) or getattr(world, who)
    with at_most(PAGE, who):
        found = find_request(play.request.reference, viewer)
        assert found is not None
        assert case_page(found, viewer).moments
    assert play.request.status == Status.IN_PROGRESS
