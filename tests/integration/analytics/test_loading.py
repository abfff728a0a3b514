import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.core.frames import CASE_COLUMNS, EVENT_COLUMNS, HOLD_COLUMNS
from analytics.loading import KEPT, _frames, _snapshot, jurisdictions_for, load, references
from requests_app.actions.bulk import write_cases
from requests_app.models import Membership
from requests_app.permissions import Grant, Role, Viewer
from tests.integration.analytics.town import build_town, case, days, permits

pytestmark = pytest.mark.django_db


def evaluator_of(place, **narrowed):
    return Viewer(1, (Grant(Role.EVALUATOR, place.pk, **narrowed),))


def test_frames_keep_the_contract_of_the_core(town):
    frames = load(town.place, evaluator_of(town.place)).frames
    assert list(frames.cases.columns) == list(CASE_COLUMNS)
    assert list(frames.holds.columns) == list(HOLD_COLUMNS)
    assert list(frames.events.columns) == list(EVENT_COLUMNS)
    assert str(frames.events["ts"].dtype) == "datetime64[us, UTC]"
    assert {str(frames.events[column].dtype) for column in ("activity", "office")} == {"category"}


def test_what_the_ledger_says_is_what_the_frames_say(town):
    frames = load(town.place, evaluator_of(town.place)).frames
    assert (len(frames.cases), len(frames.holds), len(frames.events)) == (
        5,
        9,
        sum(len(c.events) for c in permits(town)),
    )
    names = references([int(pk) for pk in frames.cases["case"]])
    third = next(pk for pk, reference in names.items() if reference == "PT-3")
    row = frames.cases.set_index("case").loc[third]
    assert (row["service"], row["area"], row["outcome"]) == ("permit", "east", "unknown")
    assert (row["submitted_at"], row["closed_at"] is not None) == (days(2), True)
    assert frames.cases["closed_at"].isna().sum() == 1
    stays = frames.holds[frames.holds["case"] == third]
    assert list(stays["office"]) == ["intake", "review"]
    assert stays["accepted_at"].iloc[0] == days(3)
    assert stays[["accepted_at", "started_at", "ended_at"]].iloc[1].isna().all()
    events = frames.events[frames.events["case"] == third]
    assert list(events["activity"]) == ["submitted", "routed", "accepted", "handed_off"]
    assert list(events["office"]) == ["unknown", "intake", "intake", "review"]
    assert list(frames.cases["area"]).count("unknown") == 1


def test_frames_are_kept_until_the_ledger_grows(town):
    viewer = evaluator_of(town.place)
    first = load(town.place, viewer)
    assert load(town.place, viewer).frames is first.frames
    write_cases(town.place.pk, [case(town, "PT-6", "pothole", None, [(5, "submitted", None)])], check_moves=True)
    grown = load(town.place, viewer)
    assert len(grown.frames.cases) == 6


def test_a_load_reads_three_times_and_a_second_not_at_all(town):
    viewer = evaluator_of(town.place)
    with CaptureQueriesContext(connection) as first:
        load(town.place, viewer, dues=False)
    with CaptureQueriesContext(connection) as second:
        load(town.place, viewer, dues=False)
    with CaptureQueriesContext(connection) as promised:
        load(town.place, viewer)
    assert sum("COPY" in query["sql"] for query in first) == 3
    assert not any("COPY" in query["sql"] for query in second)
    assert sum("COPY" in query["sql"] for query in promised) == 1
    # savepoint, its rules, what the codes are called, how far the ledger is, end of the savepoint
    assert len(second) == 5


def test_an_evaluator_of_one_service_measures_that_service_only(town):
    frames = load(town.place, evaluator_of(town.place, service_id=town.services["pothole"].pk)).frames
    assert set(frames.cases["service"]) == {"pothole"}
    assert set(frames.holds["case"]) <= set(frames.cases["case"])
    assert set(frames.events["case"]) == set(frames.cases["case"])


def test_a_handler_measures_nothing(town):
    handler = Viewer(1, (Grant(Role.HANDLER, town.place.pk, office_id=town.offices["roads"].pk),))
    assert jurisdictions_for(handler) == []
    assert load(town.place, handler).frames.cases.empty


def test_few_jurisdictions_stay_in_the_process(town):
    for number in range(KEPT + 3):
        place = build_town(f"town-{number}").place
        load(place, evaluator_of(place))
    assert len(_frames) == KEPT


def test_reading_cannot_write(town):

    with pytest.raises(Exception, match="read-only transaction"), _snapshot():
        Membership.objects.create(user=town.evaluator(), role=Role.EVALUATOR, jurisdiction=town.place)


def test_jurisdictions_do_not_mix(town):
    other = build_town("other-town")
    write_cases(other.place.pk, [case(other, "OT-1", "pothole", "west", [(0, "submitted", None)])], check_moves=True)
    assert len(load(other.place, evaluator_of(other.place)).frames.cases) == 1
    assert [place.code for place in jurisdictions_for(evaluator_of(other.place))] == ["other-town"]


def test_an_empty_jurisdiction_gives_empty_frames(town):
    empty = build_town("empty-town")
    source = load(empty.place, evaluator_of(empty.place))
    assert source.frames.cases.empty
    assert source.frames.events.empty


def test_without_events_the_rest_is_the_same(town):
    viewer = evaluator_of(town.place)
    whole, short = load(town.place, viewer).frames, load(town.place, viewer, events=False).frames
    assert short.events.empty
    assert list(short.events.columns) == list(EVENT_COLUMNS)
    assert short.holds.equals(whole.holds)
