"""The segment store follows the ledger: what people do, late, out of order and at once, is what a rebuild would say."""

import threading
import time
from datetime import timedelta
from io import StringIO

import pandas as pd
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from analytics import loading
from analytics.core import bottlenecks, waits
from analytics.core.segments import build_segments
from analytics.loading import ledger_name
from analytics.store import ledger
from analytics.store.manifest import StoreBusy, only_writer, read_manifest
from analytics.store.reading import Wanted, open_place
from backend.jobs import SCHEDULE
from requests_app import actions
from requests_app.actions.split import Part, split
from requests_app.clock import frozen_at
from requests_app.ledger_reader import move_behind_this_server
from requests_app.models import LedgerCursor, RequestEvent
from requests_app.permissions import Grant, Role, Viewer
from requests_app.states import Activity
from tests import factories
from tests.factories import World
from tests.scenarios import Play
from tests.segment_walk import BEGIN, begun

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(tmp_path, settings):
    settings.SEGMENTS_ROOT = tmp_path
    return ledger.folder_of_ledger()


@pytest.fixture
def world(db: None) -> World:
    return factories.world()


def settle() -> None:
    """Wait until every event may be read: tests that run beside this one write on the same server."""
    until = time.monotonic() + 300
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT coalesce(max(xact), 0) < pg_snapshot_xmin(pg_current_snapshot())::text::bigint "
                "FROM requests_app_requestevent"
            )
            if cursor.fetchone()[0]:
                return
            assert time.monotonic() < until, "a transaction on this server does not end"
            time.sleep(0.05)


def brought_up(folder) -> ledger.Done:
    settle()
    return ledger.update(folder)


def rows_of(folder, world: World, family: str = "segments"):
    return open_place(folder, str(world.jurisdiction.pk)).rows(family)


def told(folder, world: World) -> list[tuple[str, str, float]]:
    """(from, to, hours) of every segment, in the order of their end."""
    place = open_place(folder, str(world.jurisdiction.pk))
    rows, words = place.rows("segments"), place.words["activity"]
    return [
        (words[a], words[b], wait / 3_600_000_000)
        for a, b, wait in zip(rows["from_activity"], rows["to_activity"], rows["wait_us"], strict=True)
    ]


# --- After any history it is what a rebuild would be -----------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_operations_with_updates_at_random_moments_equal_a_rebuild(seed: int, folder) -> None:
    walk = begun(seed)
    for _ in range(60):
        walk.step()
        if walk.chance.random() < 0.15:
            ledger.update(folder)
    brought_up(folder)
    found = ledger.verify(folder)
    assert found.same, found
    assert found.events == RequestEvent.objects.filter(request__parent=None).count() > 60


def test_one_case_by_hand(folder, world: World) -> None:
    with frozen_at(BEGIN):
        play = Play.begin(world)
    for hours, step in ((2, play.accepted), (5, lambda: play.do(actions.start))):
        with frozen_at(BEGIN + timedelta(hours=hours)):
            step()
    brought_up(folder)
    assert told(folder, world) == [("submitted", "routed", 0), ("routed", "accepted", 2), ("accepted", "started", 3)]
    tails = rows_of(folder, world, "tails")
    assert (tails["open"].tolist(), len(tails["case"])) == ([1], 1)


def test_what_is_told_late_splits_a_wait_that_was_there(folder, world: World) -> None:
    with frozen_at(BEGIN):
        play = Play.begin(world)
    with frozen_at(BEGIN + timedelta(hours=6)):
        play.accepted()
        brought_up(folder)
        seen = factories.command(play.request, world.manager, occurred_at=BEGIN + timedelta(hours=4))
        actions.note(seen, body="Seen at noon.")
        brought_up(folder)
    assert told(folder, world) == [("submitted", "routed", 0), ("routed", "noted", 4), ("noted", "accepted", 2)]


def test_a_correction_puts_the_time_of_an_event_right(folder, world: World) -> None:
    with frozen_at(BEGIN):
        play = Play.begin(world)
    with frozen_at(BEGIN + timedelta(hours=6)):
        play.accepted()
    brought_up(folder)
    correct(play, "accepted", BEGIN + timedelta(hours=1))
    brought_up(folder)
    assert told(folder, world) == [("submitted", "routed", 0), ("routed", "accepted", 1)]
    assert ledger.verify(folder).same


def correct(play: Play, activity: str, at) -> None:
    """Nothing in the product writes a correction yet: the row is made as an action would."""
    named = RequestEvent.objects.get(request=play.request, activity=activity)
    RequestEvent.objects.create(
        request=play.request,
        jurisdiction_id=named.jurisdiction_id,
        sequence=play.request.version + 1,
        activity=Activity.CORRECTED,
        occurred_at=at,
        recorded_at=at,
        actor="administrator",
        holding_office_id=named.holding_office_id,
        from_status=named.to_status,
        to_status=named.to_status,
        corrects=named,
    )


def test_a_merge_taken_back_and_an_erased_person_leave_the_case_open(folder, world: World) -> None:
    first, second = Play.begin(world), Play.begin(world)
    second.do(actions.merge, viewer=world.manager, into_id=first.request.pk)
    brought_up(folder)
    assert sorted(rows_of(folder, world, "tails")["open"].tolist()) == [0, 1]
    second.do(actions.unmerge, viewer=world.manager)
    second.do(actions.erase_person, viewer=world.manager)
    brought_up(folder)
    assert rows_of(folder, world, "tails")["open"].tolist() == [1, 1]


def test_a_review_waits_at_the_office_that_was_asked(folder, world: World) -> None:
    play = Play.begin(world).started()
    play.do(actions.request_review, viewer=world.manager, office_id=world.parks.pk)
    brought_up(folder)
    place = open_place(folder, str(world.jurisdiction.pk))
    tails = place.rows("tails")
    offices = {int(b): place.words["office"][code] for b, code in zip(tails["branch"], tails["office"], strict=True)}
    assert offices == {0: str(world.roads.pk), 1: str(world.parks.pk)}


# --- What reports get ------------------------------------------------------------------------------------------------


def test_the_store_says_what_the_frames_of_the_reports_say(folder) -> None:
    """The same edges, each with the same n and the same whole microseconds, in the same words."""
    walk = begun(7)
    for _ in range(80):
        walk.step()
    brought_up(folder)
    place, wanted = ledger.rows_for(walk.world.jurisdiction, walk.world.evaluator)
    found = waits.edges(place.chunks("segments", waits.EDGE_COLUMNS, wanted))
    words = place.words["activity"]
    events = loading.load(walk.world.jurisdiction, walk.world.evaluator).frames.events
    report, (_segments, tails) = bottlenecks.bottlenecks(events, {}), build_segments(events)
    assert {(words[r.from_activity], words[r.to_activity]): (r.n, r.total_us) for r in found.itertuples()} == {
        (row["from"], row["to"]): (row["n"], round(row["total"] * 1_000_000)) for row in report["edges"]
    }
    assert len(tails.case) == len(place.rows("tails")["case"])


def test_words_are_those_of_the_frames_and_a_filter_takes_them(folder, world: World) -> None:
    Play.begin(world).started()
    Play.begin(world, world.needle)
    brought_up(folder)
    place, _wanted = ledger.rows_for(world.jurisdiction, world.evaluator)
    assert {"roads", "unknown"} <= set(place.words["office"])
    (chunk,) = place.chunks("segments", ["to_activity"], Wanted(service=("pothole",), area=("1",), channel=("web",)))
    assert [place.words["activity"][code] for code in chunk["to_activity"]] == ["routed", "accepted", "started"]


def test_who_may_measure_one_service_is_given_its_cases_alone(folder, world: World) -> None:
    Play.begin(world)
    needle = Play.begin(world, world.needle)
    brought_up(folder)
    narrow = Viewer(1, (Grant(Role.EVALUATOR, world.jurisdiction.pk, service_id=world.needle.pk),))
    place, wanted = ledger.rows_for(world.jurisdiction, narrow)
    (chunk,) = place.chunks("segments", ["case"], wanted)
    assert chunk["case"].tolist() == [needle.request.pk]


def test_parts_of_a_request_are_left_out_as_everywhere(folder, world: World) -> None:
    whole = Play.begin(world).started()
    parts = [Part(world.needle.pk, office.pk, "Do your part.") for office in (world.roads, world.parks)]
    split(factories.command(whole.request, world.manager), parts)
    brought_up(folder)
    assert set(rows_of(folder, world, "tails")["case"].tolist()) == {whole.request.pk}
    assert ledger.verify(folder).same


def test_before_the_first_update_there_are_no_rows(folder, world: World) -> None:
    assert ledger.rows_for(world.jurisdiction, world.evaluator) is None


# --- Commits out of order, readers at once, another ledger -----------------------------------------------------------


def test_an_event_that_commits_late_is_not_lost(folder, world: World) -> None:
    early, late = Play.begin(world), Play.begin(world)
    brought_up(folder)
    has_its_id, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            early.do(actions.accept)
            has_its_id.set()
            assert may_commit.wait(30)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert has_its_id.wait(30)
    late.do(actions.accept)  # takes the later id, commits first
    assert ledger.update(folder).new == 0, "nothing is taken past a transaction that is still running"
    may_commit.set()
    thread.join()
    assert brought_up(folder).new == 2
    assert ledger.verify(folder).same


def test_of_two_updates_at_once_one_writes_and_the_other_says_so(folder, world: World) -> None:
    Play.begin(world)
    with only_writer(folder), pytest.raises(StoreBusy):
        ledger.update(folder)
    with only_writer(folder):
        ledger.keep_up()  # the job leaves it to whoever writes
    assert read_manifest(folder) is None


def test_many_updates_at_once_take_every_event_once(folder, world: World) -> None:
    for _ in range(6):
        Play.begin(world).started()

    def run() -> None:
        ledger.update(folder, wait_s=30)
        connection.close()

    settle()
    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read_manifest(folder).events == RequestEvent.objects.count()
    assert ledger.verify(folder).same


def test_the_place_in_the_ledger_moves_with_the_manifest(folder, world: World) -> None:
    Play.begin(world)
    brought_up(folder)
    shown = LedgerCursor.objects.get(reader=ledger.READER)
    last = RequestEvent.objects.latest("id")
    assert read_manifest(folder).cursor == (shown.xact, shown.event_id) == (last.xact, last.pk)


def test_a_writer_that_fails_takes_nothing(folder, world: World, monkeypatch) -> None:
    Play.begin(world)
    brought_up(folder)
    before = read_manifest(folder)
    Play.begin(world)
    with monkeypatch.context() as broken:
        broken.setattr("analytics.store.writing.swap_manifest", lambda *_facts: 1 / 0)
        settle()
        with pytest.raises(ZeroDivisionError):
            ledger.update(folder)
    assert read_manifest(folder) == before
    assert brought_up(folder).new == 2
    assert ledger.verify(folder).same


def test_a_ledger_put_on_another_server_is_read_anew(folder, world: World) -> None:
    Play.begin(world)
    brought_up(folder)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL clearway.ledger_maintenance = 'on'")
        cursor.execute("UPDATE requests_app_requestevent SET xact = xact + 100000000")
    move_behind_this_server()
    assert brought_up(folder).rebuilt
    assert ledger.verify(folder).same


def test_an_empty_ledger_is_an_empty_store(folder, world: World) -> None:
    assert brought_up(folder).events == 0
    assert ledger.verify(folder).same
    Play.begin(world)
    assert brought_up(folder).events == 2


# --- The command, the schedule ---------------------------------------------------------------------------------------


def run(act: str) -> tuple[str, str]:
    settle()
    out, err = StringIO(), StringIO()
    call_command("segments", act, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_updates_verifies_and_builds_anew(folder, world: World) -> None:
    Play.begin(world).started()
    assert run("update")[0] == "built anew: 4 new events, 4 in all\n"
    out, err = run("verify")
    assert "4 events here, 4 in a store built anew" in out
    assert out.endswith("The store is what a rebuild would be.\n")
    assert "4 events of cases up to" in err
    assert run("rebuild")[0] == "built anew: 4 events\n"


def test_verify_fails_and_counts_what_differs(folder, world: World) -> None:
    play = Play.begin(world).started()
    run("update")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL clearway.ledger_maintenance = 'on'")
        cursor.execute(
            "UPDATE requests_app_requestevent SET occurred_at = occurred_at - interval '1 hour' "
            "WHERE activity = 'accepted' AND request_id = %s",
            [play.request.pk],
        )
    with pytest.raises(CommandError, match="differs from one built anew"):
        run("verify")


def test_the_archive_holds_every_row_in_words(folder, world: World, tmp_path) -> None:
    Play.begin(world).started()
    run("update")
    call_command("segments", "archive", tmp_path / "kept", stdout=StringIO())
    (path,) = (tmp_path / "kept").glob("*/segments/*.parquet")
    assert pd.read_parquet(path)["to_activity"].tolist() == ["routed", "accepted", "started"]


@pytest.mark.parametrize("words", [("archive",), ("verify", "somewhere")])
def test_a_folder_goes_with_archive_alone(words: tuple[str, ...], folder) -> None:
    with pytest.raises(CommandError, match="segments archive FOLDER"):
        call_command("segments", *words)


def test_verify_without_a_store_says_how_to_get_one(folder) -> None:
    with pytest.raises(CommandError, match="segments update"):
        run("verify")


def test_each_database_has_a_store_of_its_own(folder) -> None:
    assert folder.name == ledger_name()


def test_the_schedule_keeps_it_up(folder, world: World) -> None:
    Play.begin(world)
    (job,) = [job for job in SCHEDULE if "segment store" in job.name]
    settle()
    job.run()
    assert read_manifest(folder).events == 2
