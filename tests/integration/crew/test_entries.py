"""What a crew says is taken once, at the time it was done; what others did meanwhile is said, and nothing is lost."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from requests_app import actions
from requests_app.actions.crew import Entry, Taken, record
from requests_app.actions.verify import differences
from requests_app.clock import frozen_at
from requests_app.models import CrewEntry, Hold, Photo, RequestEvent, Words
from requests_app.permissions import Viewer
from requests_app.privacy.photos import store
from requests_app.states import Activity, Outcome, Status
from tests import factories
from tests.crew_entries import photo, said
from tests.factories import World
from tests.races import race
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    return factories.world()


def enter(play: Play, entry: Entry, viewer: Viewer | None = None) -> Taken:
    taken = record(entry, viewer=viewer or play.world.handler)
    play.request.refresh_from_db()
    return taken


def happened(play: Play) -> list[str]:
    return list(play.request.events.values_list("activity", flat=True))


def test_done_with_a_photo_closes_the_case_at_the_time_it_was_done(world: World) -> None:
    with frozen_at(NOON):
        play = Play.begin(world).accepted()
    with frozen_at(NOON + timedelta(hours=3)):
        entry = said(play, photo=photo(), note="Filled with cold mix.", done_at=NOON + timedelta(hours=1))
        taken = enter(play, entry)
    assert (taken.is_new, taken.entry.result) == (True, CrewEntry.Result.TAKEN)
    assert (play.request.status, play.request.outcome) == (Status.CLOSED, Outcome.RESOLVED)
    visited, closed = play.request.events.order_by("-sequence")[:2][::-1]
    assert (visited.activity, closed.activity) == (Activity.VISITED, Activity.RESOLVED)
    for event in (visited, closed):
        assert (event.occurred_at, event.recorded_at) == (NOON + timedelta(hours=1), NOON + timedelta(hours=3))
    picture = Photo.objects.get(request=play.request)
    assert (visited.photo_id, picture.by_citizen, picture.released_at) == (picture.pk, False, None)
    assert (store() / picture.file_name).is_file()
    assert Words.objects.get(pk=visited.words_id).body == "Filled with cold mix."


def test_started_and_then_done_on_the_same_old_page_is_no_conflict(world: World) -> None:
    play = Play.begin(world).accepted()
    start, done = said(play, "start"), said(play)
    assert enter(play, start).entry.result == CrewEntry.Result.TAKEN
    assert play.request.status == Status.IN_PROGRESS
    assert enter(play, done).entry.result == CrewEntry.Result.TAKEN
    assert happened(play)[-3:] == [Activity.STARTED, Activity.VISITED, Activity.RESOLVED]


def test_what_could_not_be_done_is_kept_with_its_reason_and_moves_nothing(world: World) -> None:
    play = Play.begin(world).accepted()
    enter(play, said(play, "could_not", reason="made_safe", note="Cones are out."))
    assert play.request.status == Status.ASSIGNED
    assert play.request.events.last().reason == "made_safe"


def test_a_repeat_gets_the_first_answer_and_changes_nothing(world: World) -> None:
    play = Play.begin(world).accepted()
    entry = said(play, photo=photo())
    first, again = enter(play, entry), enter(play, entry)
    assert (first.is_new, again.is_new) == (True, False)
    assert again.entry.pk == first.entry.pk
    assert again.entry.answer == first.entry.answer
    assert happened(play).count(Activity.RESOLVED) == 1
    assert Photo.objects.filter(request=play.request).count() == 1


def test_a_repeat_is_answered_even_when_the_case_is_out_of_sight_by_then(world: World) -> None:
    play = Play.begin(world, world.needle).accepted()
    entry = said(play, "could_not")
    enter(play, entry)
    stranger = Viewer(user_id=world.handler.user_id)
    play.do(actions.hide, viewer=world.manager)
    assert record(entry, viewer=stranger).is_new is False


def test_one_key_for_two_different_entries_is_refused(world: World) -> None:
    play = Play.begin(world).accepted()
    entry = said(play, "could_not")
    enter(play, entry)
    with pytest.raises(actions.ActionError) as refusal:
        record(said(play, key=entry.key), viewer=world.handler)
    assert refusal.value.code == "key_reused"
    assert play.request.events.count() == 4


@pytest.mark.parametrize(
    ("meanwhile", "facts"),
    [
        (actions.close, {"outcome": Outcome.NO_ACTION_NEEDED}),
        (actions.hand_off, {"office_id": "parks"}),
        (actions.ask_citizen, {"question": "Which lane?"}),
    ],
)
def test_a_case_that_others_moved_meanwhile_is_not_moved_again_and_the_visit_is_kept(
    world: World, meanwhile: Any, facts: dict[str, Any]
) -> None:
    with frozen_at(NOON):
        play = Play.begin(world).accepted()
    with frozen_at(NOON + timedelta(hours=2)):
        entry = said(play, photo=photo(), note="Patched.", done_at=NOON + timedelta(hours=1))
        given = {name: world.parks.pk if value == "parks" else value for name, value in facts.items()}
        play.do(meanwhile, viewer=world.manager, **given)
        status = play.request.status
        taken = enter(play, entry)
    assert taken.entry.result == CrewEntry.Result.KEPT
    assert taken.entry.answer["why"] == "moved"
    assert play.request.status == status
    visited = play.request.events.last()
    assert (visited.activity, visited.occurred_at) == (Activity.VISITED, NOON + timedelta(hours=1))
    assert Photo.objects.get(request=play.request).pk == visited.photo_id
    assert Words.objects.get(pk=visited.words_id).body == "Patched."
    assert all(not fields for _reference, fields in differences())


@pytest.mark.parametrize(
    ("meanwhile", "facts"),
    [
        (actions.comment, {"body": "Thank you in advance."}),
        (actions.note, {"body": "Ask at the shop."}),
        (actions.reprioritize, {"priority": 2}),
    ],
)
def test_what_does_not_stand_against_the_work_does_not_stop_it(
    world: World, meanwhile: Any, facts: dict[str, Any]
) -> None:
    play = Play.begin(world).accepted()
    entry = said(play)
    play.do(meanwhile, viewer=world.manager, **facts)
    assert enter(play, entry).entry.result == CrewEntry.Result.TAKEN
    assert play.request.status == Status.CLOSED


def test_a_start_that_comes_too_late_leaves_the_case_alone(world: World) -> None:
    play = Play.begin(world).accepted()
    entry = said(play, "start")
    play.closed()
    before = play.request.version
    taken = enter(play, entry, world.manager)
    assert (taken.entry.result, play.request.version) == (CrewEntry.Result.KEPT, before)


def test_a_case_is_not_resolved_over_a_review_that_runs(world: World) -> None:
    play = Play.begin(world).started().do(actions.request_review, office_id=world.parks.pk)
    Hold.objects.filter(request=play.request, is_lead=False).update(step="safety check")
    taken = enter(play, said(play))
    assert (taken.entry.result, taken.entry.answer["why"]) == (CrewEntry.Result.KEPT, "reviews")
    assert happened(play)[-1] == Activity.VISITED


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"kind": "done", "outcome": ""}, "outcome"),
        ({"kind": "done", "outcome": "duplicate"}, "outcome"),
        ({"kind": "could_not", "reason": "tired"}, "reason"),
        ({"kind": "dance"}, "kind"),
        ({"key": "short"}, "key"),
        ({"done_at": NOON + timedelta(hours=2)}, "done_at"),
        ({"done_at": NOON - timedelta(days=15)}, "done_at"),
        ({"note": "x" * 30_000}, "note"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(world: World, fields: dict[str, Any], wrong: str) -> None:
    with frozen_at(NOON):
        play = Play.begin(world).accepted()
        with pytest.raises(actions.Refused) as refusal:
            enter(play, said(play, **fields))
    assert list(refusal.value.fields) == [wrong]
    assert not CrewEntry.objects.exists()
    assert play.request.events.count() == 3


def test_nobody_enters_anything_on_a_case_that_is_not_theirs(world: World) -> None:
    play = Play.begin(world).accepted()
    for stranger, refusal in ((world.other_handler, actions.Forbidden), (world.evaluator, actions.Forbidden)):
        with pytest.raises(refusal):
            enter(play, said(play), stranger)
    with pytest.raises(actions.ActionError):
        record(said(play, request_id=0), viewer=world.handler)
    assert not CrewEntry.objects.exists()
    assert not Photo.objects.filter(request=play.request).exists()


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_send_one_key_at_once_are_one_entry() -> None:
    world = factories.world()
    for _ in range(12):
        play = Play.begin(world).accepted()
        entry = said(play, photo=photo())
        answers = race(*[partial(record, entry, viewer=world.handler)] * 4)
        assert len({answer.entry.pk for answer in answers}) == 1
        assert sum(answer.is_new for answer in answers) == 1
        assert happened(play).count(Activity.RESOLVED) == 1
        assert Photo.objects.filter(request=play.request).count() == 1
    assert RequestEvent.objects.filter(activity=Activity.VISITED).count() == 12
