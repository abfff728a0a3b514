"""One move for many cases: the preview tells what the run does, nothing is overwritten, no case is done twice."""

from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from requests_app import actions
from requests_app.actions import many
from requests_app.actions.many import Wish, begin_run, begin_undo, carry_on, preview, sweep_runs
from requests_app.actions.split import Part, split
from requests_app.actions.verify import differences
from requests_app.models import BulkItem, BulkRun, RequestEvent, ServiceRequest, User
from requests_app.reads.grants import grants_of
from requests_app.states import Outcome, Status
from tests import factories
from tests.factories import World
from tests.races import race
from tests.scenarios import Play

PREVIEW = 4
"""Statements of a preview, however many cases."""

HIGH = Wish("priority", {"priority": 2})


@pytest.fixture
def town(db: Any) -> World:
    return factories.world("testford")


def cases(town: World, number: int) -> list[ServiceRequest]:
    return [Play.begin(town).accepted().request for _ in range(number)]


def seen(requests: list[ServiceRequest]) -> dict[int, int]:
    return {request.pk: request.version for request in requests}


def run_of(town: World, wish: Wish, chosen: dict[int, int]) -> BulkRun:
    run = begin_run(town.handler, town.jurisdiction, wish, chosen)
    assert carry_on(run, 60)
    run.refresh_from_db()
    return run


def results(run: BulkRun) -> list[str]:
    return list(run.items.order_by("position").values_list("result", flat=True))


def refusals(run: BulkRun) -> list[str]:
    return [sentence for sentence in run.items.order_by("position").values_list("sentence", flat=True) if sentence]


def wishes(town: World) -> list[Wish]:
    later = "2099-05-31T12:00:00+00:00"
    return [
        Wish("accept"),
        Wish("start"),
        Wish("assign", {"handler": town.handler.user_id}),
        Wish("hand-off", {"office": town.parks.pk}),
        Wish("put-off", {"reason": "crew", "until": later}),
        HIGH,
        Wish("close", {"outcome": Outcome.NO_ACTION_NEEDED}),
        Wish("close", {"outcome": Outcome.RESOLVED}),
        Wish("ask", words={"question": "Which side of the road?"}),
        Wish("note", words={"body": "Seen on the round."}),
    ]


@pytest.mark.parametrize("number", range(10))
def test_the_preview_says_what_the_run_then_does_from_every_status(town: World, number: int) -> None:
    """For each status, and for a case of another office: refused in the preview if and only if refused in the run."""
    wish = wishes(town)[number]
    chosen = seen([Play.begin(town).reach(status).request for status in Status if status is not Status.RECEIVED])
    chosen |= seen([Play.begin(town, location=factories.IN_THE_EAST).request])
    judged = preview(town.manager, chosen, wish)
    run = begin_run(town.manager, town.jurisdiction, wish, chosen)
    assert carry_on(run, 60)
    assert [bool(one.sentence) for one in judged] == [result == "refused" for result in results(run)]
    assert "done" in results(run)
    assert all(not fields for _reference, fields in differences())


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.DUPLICATE])
def test_a_split_whole_is_refused_in_the_preview_as_in_the_run_whatever_the_outcome(
    town: World, outcome: Outcome
) -> None:
    whole, other = cases(town, 2)
    split(
        factories.command(whole, town.handler),
        [Part(town.pothole.pk, o.pk, "A part.") for o in (town.roads, town.parks)],
    )
    whole.refresh_from_db()
    wish, chosen = Wish("close", {"outcome": outcome}), seen([whole, other])
    judged = preview(town.handler, chosen, wish)
    assert [bool(one.sentence) for one in judged] == [True, False]
    run = run_of(town, wish, chosen)
    assert results(run) == ["refused", "done"]
    assert str(judged[0].sentence) in refusals(run)[0]


def test_what_somebody_changed_meanwhile_is_refused_by_name_and_not_overwritten(town: World) -> None:
    three = cases(town, 3)
    chosen = seen(three)
    actions.reprioritize(factories.command(three[1], town.manager), priority=1)
    assert [bool(one.sentence) for one in preview(town.handler, chosen, HIGH)] == [False, True, False]
    run = run_of(town, HIGH, chosen)
    assert results(run) == ["done", "refused", "done"]
    assert "changed this request" in refusals(run)[0]
    assert "vient de modifier" in refusals(run)[0]
    assert list(ServiceRequest.objects.order_by("pk").values_list("priority", flat=True)) == [2, 1, 2]


def test_cases_out_of_reach_are_not_taken_and_say_nothing(town: World) -> None:
    mine, theirs = cases(town, 1), [factories.file_request(town.pothole, location=factories.IN_THE_EAST)]
    run = begin_run(town.handler, town.jurisdiction, HIGH, seen(mine + theirs))
    assert list(run.items.values_list("request_id", flat=True)) == [mine[0].pk]
    with pytest.raises(actions.Refused):
        begin_run(town.handler, town.jurisdiction, HIGH, seen(theirs))


def test_a_preview_of_many_asks_the_database_a_few_times(town: World) -> None:
    for number in (2, 30):
        chosen = seen(cases(town, number))
        wish = Wish("assign", {"handler": town.handler.user_id})
        with CaptureQueriesContext(connection) as sent:
            assert len(preview(town.handler, chosen, wish)) == number
        assert len(sent) <= PREVIEW


def test_an_undo_puts_back_what_was_and_refuses_what_has_moved_on_once(town: World) -> None:
    three = cases(town, 3)
    run = run_of(town, HIGH, seen(three))
    actions.start(factories.command(three[2], town.handler))
    undo = begin_undo(town.handler, run)
    assert carry_on(undo, 60)
    assert results(undo) == ["done", "done", "refused"]
    assert list(ServiceRequest.objects.order_by("pk").values_list("priority", flat=True)) == [0, 0, 2]
    with pytest.raises(actions.Refused, match="undone already"):
        begin_undo(town.handler, run)
    with pytest.raises(actions.Refused, match="cannot be undone"):
        begin_undo(town.handler, undo)


@pytest.mark.parametrize(
    ("wish", "back"),
    [
        (Wish("close", {"outcome": "no_action_needed"}), Status.ASSIGNED),
        (Wish("hand-off", {"office": 0}), Status.ASSIGNED),
    ],
)
def test_what_was_closed_is_reopened_and_what_was_handed_off_taken_back(town: World, wish: Wish, back: Status) -> None:
    (case,) = cases(town, 1)
    if "office" in wish.given:
        wish = Wish(wish.move, {"office": town.parks.pk})
    undo = begin_undo(town.handler, run_of(town, wish, seen([case])))
    assert carry_on(undo, 60)
    assert results(undo) == ["done"]
    case.refresh_from_db()
    assert (case.status, case.office_id) == (back, town.roads.pk)


def test_what_has_no_way_back_says_so(town: World) -> None:
    run = run_of(town, Wish("note", words={"body": "Seen."}), seen(cases(town, 1)))
    with pytest.raises(actions.Refused, match="stays in the history"):
        begin_undo(town.handler, run)
    assert run.words == {}, "what was written is kept with the cases only"


def test_nobody_undoes_what_somebody_else_did(town: World) -> None:
    run = run_of(town, HIGH, seen(cases(town, 1)))
    with pytest.raises(actions.ActionError):
        begin_undo(town.other_handler, run)


def test_a_case_that_breaks_does_not_stop_the_others(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    two = cases(town, 2)
    real = many.MANY["priority"]

    def breaks(command: Any, wish: Wish) -> Any:
        if command.request_id == two[0].pk:
            raise RuntimeError("a defect")
        return real.act(command, wish)

    monkeypatch.setitem(many.MANY, "priority", many.Many(real.activity, breaks, real.against, real.before, real.undo))
    run = run_of(town, HIGH, seen(two))
    assert results(run) == ["refused", "done"]


def test_more_than_the_limit_is_refused(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "MOST", 1)
    with pytest.raises(actions.Refused, match="At most 1"):
        begin_run(town.handler, town.jurisdiction, HIGH, seen(cases(town, 2)))


def test_a_run_that_was_left_is_gone_on_with_and_no_case_done_twice(
    town: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    five = cases(town, 5)
    run = begin_run(town.handler, town.jurisdiction, HIGH, seen(five))
    assert not carry_on(run, 0), "one case, then time is up"
    real = many.MANY["priority"]

    def dies(command: Any, wish: Wish) -> Any:
        real.act(command, wish)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setitem(many.MANY, "priority", many.Many(real.activity, dies))
        with pytest.raises(KeyboardInterrupt):
            carry_on(run, 60)
    assert results(run) == ["done"] + 4 * ["waiting"], "what was not noted was not done"
    assert sweep_runs(60) == 1
    assert results(run) == 5 * ["done"]
    assert RequestEvent.objects.filter(activity="reprioritized").count() == 5
    assert all(not fields for _reference, fields in differences())


@pytest.mark.django_db(transaction=True)
def test_two_runs_over_the_same_cases_at_once_do_each_case_once() -> None:
    town = factories.world("testford")
    six = cases(town, 6)
    low = Wish("priority", {"priority": 1})
    runs = [begin_run(town.handler, town.jurisdiction, wish, seen(six)) for wish in (HIGH, low)]
    race(*(partial(carry_on, run, 60) for run in (*runs, *runs)))
    done = BulkItem.objects.filter(result="done")
    assert done.count() == 6
    assert BulkItem.objects.filter(result="refused").count() == 6
    assert RequestEvent.objects.filter(activity="reprioritized").count() == 6
    for item in done.select_related("run", "request"):
        assert item.request.priority == item.run.given["priority"]


def test_who_may_not_sign_in_any_more_moves_nothing_either(town: World) -> None:
    User.objects.filter(pk=town.handler.user_id).update(is_active=False)
    assert grants_of(town.handler.user_id or 0) == ()
