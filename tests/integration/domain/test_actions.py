"""What single actions check, and that a refused or broken one leaves nothing behind."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.utils import translation

from requests_app import actions
from requests_app.actions import _ledger
from requests_app.clock import frozen_at, now
from requests_app.models import Answer, Channel, Hold, OutboxEntry, Person, RequestEvent, ServiceRequest, Words
from requests_app.permissions import ANONYMOUS
from requests_app.states import Outcome, Status
from tests import factories
from tests.factories import World, file_request, submission
from tests.scenarios import Play

pytestmark = pytest.mark.django_db
TABLES = (ServiceRequest, RequestEvent, Hold, Words, Answer, Person, OutboxEntry)


@pytest.fixture
def world() -> World:
    return factories.world()


def counts() -> list[int]:
    return [table.objects.count() for table in TABLES]


def refused(act: Any, *given: Any, **facts: Any) -> dict[str, str]:
    """The sentences of a refusal, by field, after checking that nothing was written."""
    before = counts()
    with pytest.raises(actions.Refused) as caught:
        act(*given, **facts)
    assert counts() == before
    return {name: str(sentence) for name, sentence in caught.value.fields.items()}


def submitting(world: World, **fields: Any) -> dict[str, str]:
    service = fields.pop("of", world.pothole)
    return refused(actions.submit, submission(service, **fields), viewer=ANONYMOUS)


# --- Filing ----------------------------------------------------------------------------------------------------------


def test_a_filed_case_is_routed_by_its_area_and_promised(world: World) -> None:
    with frozen_at(datetime(2026, 3, 2, 14, 0, tzinfo=UTC)):  # a Monday, 9:00 in Ontario
        west = file_request(world.pothole)
        east = file_request(world.pothole, location=factories.IN_THE_EAST)
    assert (west.office_id, west.area_id) == (world.roads.pk, world.west.pk)
    assert (east.office_id, east.area_id) == (world.parks.pk, world.east.pk)
    assert west.status == Status.TRIAGED
    assert west.step == "intake"
    assert west.address_label == "1 King Street"
    # 40 hours of work: 7.5 on Monday, 8 on four days, and half an hour of the next Monday, in summer time by then.
    assert west.due_at == datetime(2026, 3, 9, 13, 0, tzinfo=UTC)


def test_what_no_route_takes_goes_to_the_fallback_office_and_without_one_waits(world: World) -> None:
    assert file_request(world.compliment).office_id == world.intake.pk
    world.intake.is_fallback = False
    world.intake.save()
    waiting = file_request(world.compliment)
    assert (waiting.status, waiting.office_id, waiting.holds.count()) == (Status.RECEIVED, None, 0)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"words": ""}, "words"),
        ({"words": "  \n\t \u200b"}, "words"),
        ({"words": "x" * 4001}, "words"),
        ({"words": "a\x00b"}, "words"),
        ({"location": None}, "place"),
        ({"location": factories.NEXT_DOOR}, "place"),
        ({"location": factories.FAR_AWAY}, "place"),
        ({"location": Point(999.0, 0.0, srid=4326)}, "place"),
        ({"location": Point(float("nan"), 0.0, srid=4326)}, "place"),
        ({"answers": {"size": "gigantic"}}, "answer-size"),
        ({"submission_key": "short"}, "submission_key"),
        ({"submission_key": "k" * 200}, "submission_key"),
        ({"service_id": 0}, "service"),
    ],
)
def test_bad_input_is_refused_by_the_name_of_its_field(world: World, fields: dict[str, Any], field: str) -> None:
    english = submitting(world, **fields)
    assert list(english) == [field]
    with translation.override("fr"):
        assert submitting(world, **fields)[field]


def test_a_pin_next_door_is_told_whose_place_that_is(world: World) -> None:
    sentence = submitting(world, location=factories.NEXT_DOOR)["place"]
    assert "Nextville" in sentence
    assert "905-555-0100" in sentence


def test_everything_wrong_is_said_at_once(world: World) -> None:
    future = now() + timedelta(days=1)
    fields = {"words": " ", "location": None, "answers": {"size": "x"}, "submission_key": "", "occurred_at": future}
    assert set(submitting(world, **fields)) == {"words", "place", "answer-size", "submission_key", "occurred_at"}


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({}, "answer-birth"),
        ({"birth": "yesterday"}, "answer-birth"),
        ({"birth": "1980-02-30"}, "answer-birth"),
        ({"birth": "1980-05-31", "rooms": "many"}, "answer-rooms"),
        ({"birth": "1980-05-31", "rooms": "1" * 2000}, "answer-rooms"),
    ],
)
def test_answers_are_what_their_question_takes(world: World, answers: dict[str, str], field: str) -> None:
    assert list(submitting(world, of=world.benefit, answers=answers)) == [field]


def test_answers_are_kept_as_given_and_a_comma_is_a_decimal_point(world: World) -> None:
    filed = file_request(world.benefit, answers={"birth": "1980-05-31", "rooms": "3,5", "unknown": "x"})
    assert dict(filed.answers.values_list("question__code", "value")) == {"birth": "1980-05-31", "rooms": "3.5"}


def test_only_who_logs_calls_may_say_that_it_came_by_phone(world: World) -> None:
    before = counts()
    with pytest.raises(actions.Forbidden):
        file_request(world.pothole, channel=Channel.PHONE)
    assert counts() == before
    logged = file_request(world.pothole, channel=Channel.PHONE, viewer=world.intake_handler)
    first = logged.events.get(sequence=1)
    assert (first.actor, first.user_id, first.acting_office_id) == (
        "handler",
        world.intake_handler.user_id,
        world.intake.pk,
    )


def test_the_same_form_sent_twice_is_one_request_with_the_same_answer(world: World) -> None:
    once = submission(world.pothole, contact=actions.Contact(email="ana@example.org"))
    first = actions.submit(once, viewer=ANONYMOUS)
    before = counts()
    second = actions.submit(once, viewer=ANONYMOUS)
    assert counts() == before
    assert (first.request.pk, first.tracking_token) == (second.request.pk, second.tracking_token)
    assert (first.is_new, second.is_new) == (True, False)


@pytest.mark.parametrize(
    "changed",
    [
        {"words": "Something else"},
        {"location": factories.IN_THE_EAST},
        {"answers": {"size": "big"}},
        {"contact": actions.Contact(email="other@example.org")},
    ],
)
def test_the_same_key_with_another_body_is_a_conflict(world: World, changed: dict[str, Any]) -> None:
    key = "k" * 20
    file_request(world.pothole, submission_key=key)
    before = counts()
    with pytest.raises(actions.ActionError) as caught:
        file_request(world.pothole, submission_key=key, **changed)
    assert caught.value.code == "key_reused"
    assert counts() == before


def test_secrets_are_stored_hashed(world: World) -> None:
    filed = actions.submit(submission(world.pothole, submission_key="a key of the form"), viewer=ANONYMOUS)
    row = str(ServiceRequest.objects.filter(pk=filed.request.pk).values().get())
    assert filed.tracking_token not in row
    assert "a key of the form" not in row
    assert len(filed.request.reference) == len("TF-") + 7


# --- Commands --------------------------------------------------------------------------------------------------------


def test_a_stale_version_conflicts_and_says_what_is(world: World) -> None:
    play = Play.begin(world)
    seen = factories.command(play.request, world.handler)
    play.accepted()
    before = counts()
    with pytest.raises(actions.Conflict) as caught:
        actions.accept(seen)
    assert (caught.value.status, caught.value.version) == (Status.ASSIGNED, 3)
    assert counts() == before


def test_a_reason_must_be_one_of_the_list(world: World) -> None:
    play = Play.begin(world)
    assert list(refused(play.do, actions.bounce, reason="")) == ["reason"]
    assert list(refused(play.do, actions.bounce, reason="because")) == ["reason"]
    play.accepted()
    assert list(refused(play.do, actions.wait_for_external, reason="wrong_office")) == ["reason"]


def test_a_case_is_not_handed_to_its_holder_nor_to_an_office_elsewhere(world: World) -> None:
    play = Play.begin(world).accepted()
    elsewhere = factories.office(factories.jurisdiction(), "roads")
    for office_id in (world.roads.pk, elsewhere.pk, 0):
        assert list(refused(play.do, actions.hand_off, office_id=office_id)) == ["office"]
    assert list(refused(play.do, actions.request_review, office_id=elsewhere.pk)) == ["office"]
    play.closed()
    assert list(refused(play.do, actions.reopen, viewer=world.manager, office_id=elsewhere.pk)) == ["office"]


def test_only_people_of_the_holding_office_are_given_a_case(world: World) -> None:
    play = Play.begin(world)
    stranger = world.other_handler.user_id
    assert list(refused(play.do, actions.accept, handler_id=stranger)) == ["handler"]
    play.do(actions.accept, handler_id=world.handler.user_id)
    assert play.request.handler_id == world.handler.user_id
    assert list(refused(play.do, actions.assign, handler_id=stranger)) == ["handler"]


def test_a_case_is_not_joined_with_itself_a_closed_one_or_one_less_public(world: World) -> None:
    play, target, closed = Play.begin(world), Play.begin(world), Play.begin(world).closed()
    private = Play.begin(world, world.benefit)
    for into in (play, closed, private):
        assert list(refused(play.do, actions.merge, viewer=world.manager, into_id=into.request.pk)) == ["into"]
    assert list(refused(play.do, actions.merge, viewer=world.manager, into_id=0)) == ["into"]
    play.do(actions.merge, viewer=world.manager, into_id=target.request.pk)
    assert (play.request.outcome, play.request.merged_into_id) == (Outcome.DUPLICATE, target.request.pk)
    with pytest.raises(actions.ActionError, match="joined with this request a moment ago"):
        target.do(actions.merge, viewer=world.manager, into_id=play.request.pk)


def test_a_handler_does_not_make_a_private_case_public_by_moving_it(world: World) -> None:
    play = Play.begin(world, world.benefit).accepted()
    for service in (world.pothole, world.needle):
        assert list(refused(play.do, actions.recategorize, service_id=service.pk)) == ["service"]
    assert list(refused(play.do, actions.recategorize, service_id=0)) == ["service"]
    play.do(actions.recategorize, service_id=world.compliment.pk)
    play.do(actions.recategorize, viewer=world.manager, service_id=world.needle.pk)
    assert play.request.service_id == world.needle.pk
    play.do(actions.recategorize, viewer=world.manager, service_id=world.benefit.pk)


def test_a_duplicate_is_closed_by_joining_it(world: World) -> None:
    play = Play.begin(world).accepted()
    assert list(refused(play.do, actions.close, outcome=Outcome.DUPLICATE)) == ["outcome"]
    assert list(refused(play.do, actions.close, outcome="lost")) == ["outcome"]


def test_a_closed_case_is_rated_once(world: World) -> None:
    play = Play.begin(world)
    with pytest.raises(actions.Illegal):
        play.do(actions.rate, viewer=play.citizen, score=5)
    play.closed()
    assert list(refused(play.do, actions.rate, viewer=play.citizen, score=6)) == ["score"]
    with pytest.raises(actions.Forbidden):
        play.do(actions.rate, viewer=world.manager, score=5)
    play.do(actions.rate, viewer=play.citizen, score=4, is_fixed=True, remark="Quick!")
    assert list(refused(play.do, actions.rate, viewer=play.citizen, score=1)) == ["score"]
    assert play.request.rating.score == 4


def test_nothing_happens_in_the_future_or_before_the_last_step(world: World) -> None:
    play = Play.begin(world).accepted()
    for moment in (now() + timedelta(hours=1), now() - timedelta(days=1)):
        command = factories.command(play.request, world.handler, occurred_at=moment)
        assert list(refused(actions.start, command)) == ["occurred_at"]
    late = factories.command(play.request, world.handler, occurred_at=play.request.updated_at)
    assert actions.start(late).event.occurred_at == play.request.updated_at


def test_a_day_that_has_passed_is_not_promised(world: World) -> None:
    play = Play.begin(world).accepted()
    assert list(refused(play.do, actions.schedule, promised_at=now() - timedelta(days=1))) == ["promised_at"]


def test_what_matters_is_queued_as_news_and_what_only_a_citizen_could_hear_only_when_there_is_one(world: World) -> None:
    silent = Play.begin(world).started().closed()
    assert news_of(silent) == ["closed"]  # for those who follow it
    play = Play.begin(world, contact=actions.Contact(email="ana@example.org")).started()
    play.do(actions.ask_citizen, question="Where?").do(actions.citizen_replies, viewer=play.citizen, answer="There.")
    play.closed()
    assert news_of(play) == ["received", "asked", "answered", "closed"]


def news_of(play: Play) -> list[str]:
    told = OutboxEntry.objects.filter(request=play.request, kind="news").order_by("id")
    return [entry.codes["news"] for entry in told]


# --- Broken in the middle --------------------------------------------------------------------------------------------


class PowerCut(Exception):
    """Something that no code expects."""


@pytest.mark.parametrize("step", ["save_state", "event_row", "queue", "keep_words"])
def test_a_transition_that_breaks_in_the_middle_leaves_nothing(
    world: World, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = Play.begin(world, contact=actions.Contact(email="ana@example.org")).accepted()
    before, row = counts(), ServiceRequest.objects.filter(pk=play.request.pk).values().get()
    original = getattr(_ledger, step)

    def broken(*given: Any) -> None:
        original(*given)
        raise PowerCut

    monkeypatch.setattr(_ledger, step, broken)
    with pytest.raises(PowerCut):
        play.do(actions.close, outcome=Outcome.RESOLVED, reply="Done.")
    assert counts() == before
    assert ServiceRequest.objects.filter(pk=play.request.pk).values().get() == row


@pytest.mark.parametrize("table", [ServiceRequest, Words, Hold, RequestEvent, OutboxEntry])
def test_a_submission_that_breaks_in_the_middle_leaves_nothing(
    world: World, table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = counts()

    def broken(*given: Any, **facts: Any) -> None:
        raise PowerCut

    monkeypatch.setattr(table, "__init__", broken)
    with pytest.raises(PowerCut):
        file_request(world.pothole, contact=actions.Contact(email="ana@example.org"))
    monkeypatch.undo()
    assert counts() == before
