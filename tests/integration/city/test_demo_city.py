"""The demo city in a real database: loaded through the command, small, on a fixed day, and played on."""

import random
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.gis.db.models import Union
from django.core.management import CommandError, call_command
from pytest_django import DjangoDbBlocker, Settings

from fixtures.examples import ASKED, BOUNCED, FRENCH, LATE, MERGED, NEIGHBOURS, REOPENED, REVIEWS, STORIES, THANKED
from fixtures.loading.cases import example_token
from fixtures.play import TURNS, Player
from fixtures.reference.read import read_reference
from requests_app.actions.submit import token_hash
from requests_app.clock import frozen_at
from requests_app.models import (
    Address,
    Area,
    Jurisdiction,
    MapFeature,
    Membership,
    Provenance,
    Rating,
    RequestEvent,
    Route,
    Service,
    ServiceRequest,
    Stopper,
    User,
    Words,
)
from requests_app.permissions import Role
from requests_app.places.locate import locate
from requests_app.projection import Change, replay
from requests_app.states import Activity, Outcome, Status
from tests.demo_city import NOW, SMALL, demo_city
from tests.ground import ground


def load() -> str:
    words = StringIO()
    call_command("load_demo_city", "--requests", str(SMALL), "--now", NOW.isoformat(), stderr=words)
    return words.getvalue()


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The city, loaded once a run."""
    with demo_city(django_db_blocker, SMALL):
        yield


@pytest.fixture
def city(loaded: None, db: None) -> Jurisdiction:
    """The loaded city; what a test changes is undone after it."""
    return Jurisdiction.objects.get(code="rivemont")


def case(reference: str) -> ServiceRequest:
    return ServiceRequest.objects.get(reference=reference)


def activities(reference: str) -> list[str]:
    return list(RequestEvent.objects.filter(request__reference=reference).values_list("activity", flat=True))


def change(event: RequestEvent) -> Change:
    return Change(
        activity=Activity(event.activity),
        occurred_at=event.occurred_at,
        office_id=event.office_id,
        handler_id=event.handler_id,
        outcome=Outcome(event.outcome) if event.outcome else None,
        service_id=event.service_id,
        area_id=event.area_id,
        priority=event.priority,
        step=event.step,
        branch=event.branch,
        merged_into_id=event.merged_into_id,
    )


def test_the_command_loads_a_city_marked_as_invented(city: Jurisdiction) -> None:
    assert city.provenance == Provenance.INVENTED
    assert city.is_default
    assert SMALL * 0.8 < city.requests.count() < SMALL * 1.2
    assert Area.objects.filter(jurisdiction=city, kind="ward").count() == 8
    assert set(MapFeature.objects.filter(jurisdiction=city).values_list("kind", flat=True)) >= {
        "lake", "river", "park", "rail", "street", "landmark", "bridge",
    }  # fmt: skip


def test_loading_again_changes_nothing_and_says_so(city: Jurisdiction) -> None:
    counts = [model.objects.count() for model in (ServiceRequest, RequestEvent, Address, Area, User, Membership, Words)]
    assert "already" in load()
    assert counts == [
        model.objects.count() for model in (ServiceRequest, RequestEvent, Address, Area, User, Membership, Words)
    ]


def test_a_city_of_no_requests_and_a_moment_that_is_none_are_refused(city: Jurisdiction) -> None:
    with pytest.raises(CommandError, match="--requests"):
        call_command("load_demo_city", "--requests", "3")
    with pytest.raises(CommandError, match="--now"):
        call_command("load_demo_city", "--now", "yesterday")


def test_every_case_replayed_from_its_events_is_as_it_stands(city: Jurisdiction) -> None:
    for request in city.requests.prefetch_related("events", "holds"):
        state = replay(change(event) for event in request.events.all())
        assert (state.status, state.step, state.version) == (request.status, request.step, request.version)
        assert (state.office_id, state.service_id, state.area_id) == (
            request.office_id,
            request.service_id,
            request.area_id,
        )
        assert (state.outcome or "", state.closed_at) == (request.outcome, request.closed_at)
        assert len(state.holds) == request.holds.count()


def test_wards_are_valid_and_tile_the_boundary_in_the_database(city: Jurisdiction) -> None:
    wards = Area.objects.filter(jurisdiction=city, kind="ward")
    assert all(ward.geometry.valid for ward in wards)
    whole = wards.aggregate(all=Union("geometry"))["all"]
    assert whole.sym_difference(city.boundary).area < 1e-9
    assert sum(ward.geometry.area for ward in wards) == pytest.approx(city.boundary.area, rel=1e-6)


def test_every_feature_is_a_valid_geometry(city: Jurisdiction) -> None:
    assert [f.code for f in MapFeature.objects.filter(jurisdiction=city) if not f.geometry.valid] == []


def test_no_request_lies_in_water_and_each_lies_in_the_ward_it_is_counted_in(city: Jurisdiction) -> None:
    placed = city.requests.exclude(location=None)
    assert placed.count() > SMALL / 2
    waters = MapFeature.objects.filter(jurisdiction=city, kind__in=("lake", "river"))
    assert waters.filter(kind="lake").exists()
    for request in placed:
        spot = locate(city.pk, request.location)
        assert spot.is_inside
        assert not waters.filter(geometry__covers=request.location).exists(), request.reference
        assert spot.area_id == request.area_id


def test_each_service_leads_somewhere_from_every_ward(city: Jurisdiction) -> None:
    for service in Service.objects.filter(jurisdiction=city):
        areas = set(Route.objects.filter(service=service).values_list("area__code", flat=True))
        assert areas == {None} or len(areas) == 8
    assert Stopper.objects.filter(service__code="streetlight", phone="613-555-0142").exists()


def test_everybody_has_a_membership_and_nobody_a_password(city: Jurisdiction) -> None:
    people = User.objects.filter(is_demo=True)
    assert not any(person.has_usable_password() for person in people)
    roles = set(Membership.objects.filter(user__is_demo=True).values_list("role", flat=True))
    assert roles == {role.value for role in Role}
    offices = Membership.objects.filter(jurisdiction=city, role=Role.HANDLER).values("office").distinct()
    assert offices.count() == city.offices.count() == 17


def test_the_example_bounced_three_times_did(city: Jurisdiction) -> None:
    assert activities(BOUNCED).count("bounced") == 3
    assert case(BOUNCED).office.code == "water-sewers"


def test_the_neighbours_of_the_merged_example_point_to_it(city: Jurisdiction) -> None:
    merged = ServiceRequest.objects.filter(merged_into__reference=MERGED)
    assert set(merged.values_list("reference", flat=True)) == set(NEIGHBOURS)
    assert set(merged.values_list("outcome", flat=True)) == {Outcome.DUPLICATE}


def test_the_late_example_is_open_and_past_its_promise(city: Jurisdiction) -> None:
    late = case(LATE)
    assert late.is_open
    assert late.due_at is not None
    assert late.due_at < NOW


def test_the_reopened_example_was_closed_twice(city: Jurisdiction) -> None:
    reopened = case(REOPENED)
    assert activities(REOPENED).count("resolved") == 2
    assert reopened.first_closed_at is not None
    assert reopened.closed_at is not None
    assert reopened.first_closed_at < reopened.closed_at


def test_the_permit_example_has_a_review_running_beside_its_lead(city: Jurisdiction) -> None:
    running = case(REVIEWS).holds.filter(ended_at=None)
    assert sorted(hold.is_lead for hold in running) == [False, True]
    assert running.get(is_lead=False).office.code == "fire-prevention"


def test_the_benefit_example_was_asked_the_same_thing_twice_by_two_offices(city: Jurisdiction) -> None:
    asked = RequestEvent.objects.filter(request__reference=ASKED, activity=Activity.CITIZEN_ASKED)
    bodies = Words.objects.filter(pk__in=asked.values("words_id")).values_list("body", flat=True)
    assert len(bodies) == 2
    assert len(set(bodies)) == 1
    assert len(set(asked.values_list("acting_office", flat=True))) == 2


def test_the_thanked_example_has_a_thank_you_and_five_stars(city: Jurisdiction) -> None:
    assert Rating.objects.get(request__reference=THANKED).score == 5
    assert Words.objects.filter(request__reference=THANKED, body__startswith="Thank you so much").exists()


def test_the_french_example_is_in_french(city: Jurisdiction) -> None:
    assert case(FRENCH).language == "fr"
    assert case(FRENCH).address_label.split(", ")[1].startswith(("rue", "avenue", "boulevard", "chemin", "promenade"))


def test_the_eight_examples_can_be_followed_by_a_known_link(city: Jurisdiction) -> None:
    for reference in STORIES:
        assert case(reference).tracking_hash == token_hash(example_token(reference))


def player(city: Jurisdiction) -> Player:
    return Player(city, ground(), read_reference(), random.Random(5))


def test_the_city_plays_on_through_the_real_actions(city: Jurisdiction) -> None:
    somebody = player(city)
    before = RequestEvent.objects.count()
    played = []
    for minute in range(150):
        with frozen_at(NOW + timedelta(minutes=minute)):
            played.append(somebody.play())
    turns = {each.turn for each in played if each}
    assert {"report", "accept", "start", "close"} <= turns
    assert RequestEvent.objects.count() > before + 100


@pytest.mark.parametrize("turn", [name for name, _ in TURNS])
def test_each_turn_of_the_play_happens_or_finds_nothing_to_do(city: Jurisdiction, turn: str) -> None:
    with frozen_at(NOW):
        somebody = player(city)
        played = [somebody.do(turn) for _ in range(6)]
    assert all(each is None or each.turn == turn for each in played)


def test_the_play_leaves_the_examples_alone(city: Jurisdiction) -> None:
    versions = dict(ServiceRequest.objects.filter(reference__in=STORIES).values_list("reference", "version"))
    somebody = player(city)
    with frozen_at(NOW):
        for _ in range(120):
            somebody.play()
    assert dict(ServiceRequest.objects.filter(reference__in=STORIES).values_list("reference", "version")) == versions


def test_a_case_that_was_just_filed_is_left_alone_for_a_while(city: Jurisdiction) -> None:
    somebody = player(city)
    ServiceRequest.objects.filter(jurisdiction=city).update(updated_at=NOW)
    with frozen_at(NOW):
        assert somebody.do("accept") is None
        assert somebody.do("close") is None


def test_a_new_report_of_the_play_is_routed_and_answers_its_questions(city: Jurisdiction) -> None:
    somebody = player(city)
    with frozen_at(NOW):
        filed = [case(played.reference) for played in (somebody.do("report") for _ in range(25)) if played]
    assert len(filed) == 25
    assert {request.status for request in filed} == {Status.TRIAGED}


def test_production_refuses_to_play(city: Jurisdiction, settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="refused in production"):
        call_command("play_demo_city", "--events", "1")


def test_without_a_city_there_is_nothing_to_play_in(city: Jurisdiction) -> None:
    Jurisdiction.objects.filter(pk=city.pk).update(code="elsewhere")
    with pytest.raises(CommandError, match="Load it first"):
        call_command("play_demo_city", "--events", "1")


def test_the_play_stops_after_the_events_it_was_given(city: Jurisdiction) -> None:
    before = RequestEvent.objects.count()
    words = StringIO()
    call_command("play_demo_city", "--events", "3", "--per-minute", "600", "-v", "2", stderr=words)
    assert RequestEvent.objects.count() > before
    assert len(words.getvalue().strip().splitlines()) == 3
