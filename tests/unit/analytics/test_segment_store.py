"""The segment store: after any history it is what a rebuild would be, and a reader sees one state or the next."""

import json
import multiprocessing
import os
import random
import signal
import threading

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.core.segment_rows import FAMILIES, History, measured_rows
from analytics.store import writing
from analytics.store.compare import compared
from analytics.store.logs import LOG, build_from_log
from analytics.store.manifest import KINDS, Manifest, StoreBusy, StoreDamaged, only_writer, read_manifest
from analytics.store.parts import months
from analytics.store.reading import Wanted, open_place
from analytics.store.writing import Edition
from tests.histories import DAY_US, WORDS, Event, Town, history_of

PLACE = "7"
JANUARY = 1_767_225_600_000_000
"""1 January 2026, midnight UTC."""
HOUR = 3_600_000_000


def known(edition: Edition) -> Edition:
    """An edition that knows the words of the town, so that its codes are those of the events."""
    for kind in KINDS:
        edition.codes(PLACE, kind, WORDS[kind])
    return edition


def kept_up(folder, town: Town) -> Manifest:
    folder.mkdir(exist_ok=True)
    edition = known(Edition(folder, read_manifest(folder) or Manifest()))
    edition.take(PLACE, *town.look())
    edition.tidy()
    return edition.publish((1, 1), sum(map(len, town.events.values())))


def rebuilt(folder, history: History) -> Manifest:
    folder.mkdir()
    edition = known(Edition(folder, Manifest()))
    edition.add(PLACE, measured_rows(history))
    edition.join_all()
    return edition.publish((1, 1), len(history))


# --- After any history it is what a rebuild would be -----------------------------------------------------------------


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32), operations=st.integers(1, 50))
def test_a_store_kept_up_at_random_moments_equals_one_built_anew(seed, operations, tmp_path_factory) -> None:
    folder, chance = tmp_path_factory.mktemp("store"), random.Random(seed)
    town = Town(chance)
    for _ in range(operations):
        town.happen()
        if chance.random() < 0.2:
            kept_up(folder / "kept", town)
    ours = kept_up(folder / "kept", town)
    found = compared(folder / "kept", ours, folder / "anew", rebuilt(folder / "anew", town.everything()))
    assert found.same, found


def test_rows_add_up_to_whole_cases(tmp_path) -> None:
    """Every event begins a segment or ends a branch, and offices held what was waited for."""
    town = Town(random.Random(3))
    for _ in range(400):
        town.happen()
    kept_up(tmp_path, town)
    place = open_place(tmp_path, PLACE)
    segments, tails, dwells = (place.rows(family) for family in FAMILIES)
    mended = sum(event.corrects not in (0, 10_000, event.seq) for events in town.events.values() for event in events)
    assert len(segments["case"]) + len(tails["case"]) == len(town.everything()) - mended
    assert segments["wait_us"].sum() == dwells["held_us"].sum() > 0
    assert (segments["wait_us"] >= 0).all()


def test_an_event_in_order_touches_no_month_but_its_own(tmp_path) -> None:
    """Filed in January, one more step in February, another in March: what January holds stays the same file."""
    town = Town(random.Random(1), now_us=JANUARY)
    town.file()
    town.step(1)
    before = kept_up(tmp_path, town)
    (segment,) = before.of(PLACE, "segments")
    town.now_us += 31 * DAY_US
    town.step(1)
    after = kept_up(tmp_path, town)
    january, february = after.of(PLACE, "segments")
    assert january == segment
    assert (february.rows, february.month) == (1, january.month + 1)


def test_a_late_event_rewrites_the_month_it_falls_in(tmp_path) -> None:
    """A wait of two days that ended in January turns out to be two waits of one day."""
    kept_up(tmp_path, town := Town(random.Random(1), {1: [step(1, 0), step(2, 48)]}))
    town.events[1].append(step(3, 24))
    kept_up(tmp_path, town)
    assert open_place(tmp_path, PLACE).rows("segments")["wait_us"].tolist() == [24 * HOUR, 24 * HOUR]


def test_rows_that_count_no_more_are_written_away_in_time(tmp_path) -> None:
    town = Town(random.Random(5), now_us=JANUARY)
    town.file()
    for _ in range(50):
        town.now_us += HOUR
        town.step(1)
        manifest = kept_up(tmp_path, town)
    assert sum(part.dead_rows for part in manifest.parts) <= sum(part.alive for part in manifest.parts)
    assert max(len(manifest.of(PLACE, family)) for family in FAMILIES) < 12
    assert {path.name for path in tmp_path.iterdir()} == {*manifest.files(), "manifest.json"}


def step(seq: int, hours: float, office: int = 1, **facts: object) -> Event:
    return Event(1, 0, JANUARY + int(hours * HOUR), seq, 2, office, service=1, **facts)


# --- A small case by hand --------------------------------------------------------------------------------------------


def test_one_case_worked_by_hand() -> None:
    """Filed at office 1; sent to 2 after 3 h; back after 5 h more; reviewed on a branch meanwhile; still open.

    The wait of 3 h and, after the return, one of 2 h are office 1's; 5 h office 2's; the branch waited 4 h at
    office 3 and is back. The last event of the lead branch, at 10 h, is the tail that nobody can measure yet.
    """
    events = [
        step(1, 0, channel=2),
        step(2, 3, office=2),
        Event(1, 1, JANUARY + 4 * HOUR, 3, 8, 3),
        step(4, 8),
        Event(1, 1, JANUARY + 8 * HOUR, 5, 9, 3, returned=True),
        step(6, 10),
    ]
    rows = measured_rows(history_of(events))
    segments, tails, dwells = rows["segments"], rows["tails"], rows["dwells"]
    hours = (segments["wait_us"] // HOUR).tolist()
    assert list(zip(segments["seq"], segments["branch"], segments["from_office"], hours, strict=True)) == [
        (1, 0, 1, 3), (2, 0, 2, 5), (4, 0, 1, 2), (3, 1, 3, 4),
    ]  # fmt: skip
    assert list(zip(tails["branch"], tails["office"], tails["open"], strict=True)) == [(0, 1, 1), (1, 3, 0)]
    assert list(zip(dwells["office"], dwells["held_us"] // HOUR, dwells["visits"], dwells["here"], strict=True)) == [
        (1, 5, 2, 1), (2, 5, 1, 0), (3, 4, 1, 0),
    ]  # fmt: skip


def test_a_closed_case_waits_nowhere() -> None:
    rows = measured_rows(history_of([step(1, 0), step(2, 3, closed=True)]))
    assert rows["tails"]["open"].tolist() == [0]


def test_a_correction_moves_the_event_it_names_and_is_no_step() -> None:
    rows = measured_rows(history_of([step(1, 0), step(2, 9), step(3, 4, corrects=2)]))
    assert (rows["segments"]["wait_us"] // HOUR).tolist() == [4]


def test_of_two_corrections_of_one_event_the_last_is_right() -> None:
    rows = measured_rows(history_of([step(1, 0), step(2, 9), step(3, 4, corrects=2), step(4, 6, corrects=2)]))
    assert (rows["segments"]["wait_us"] // HOUR).tolist() == [6]


def test_every_row_of_a_case_carries_the_service_it_has_now() -> None:
    moved = Event(1, 0, JANUARY + 5 * HOUR, 2, 2, 1, service=3)
    rows = measured_rows(history_of([step(1, 0), moved, step(3, 6)]))
    assert {int(code) for family in FAMILIES for code in rows[family]["service"]} == {1}
    rows = measured_rows(history_of([step(1, 0), moved]))
    assert {int(code) for family in FAMILIES for code in rows[family]["service"]} == {3}


# --- Killed, two at once, damaged ------------------------------------------------------------------------------------


def grown(folder, seed: int = 11) -> Town:
    town = Town(random.Random(seed))
    for _ in range(80):
        town.happen()
    kept_up(folder, town)
    return town


def die_in(folder, town: Town, moment: str) -> None:
    """Be killed when the writer first comes to a moment."""
    setattr(writing, moment, lambda *_facts: os.kill(os.getpid(), signal.SIGKILL))
    kept_up(folder, town)


@pytest.mark.parametrize("moment", ["write_dead", "make_safe", "swap_manifest", "sweep"])
def test_a_writer_killed_halfway_leaves_a_whole_state(moment, tmp_path) -> None:
    town = grown(tmp_path / "kept")
    before = read_manifest(tmp_path / "kept")
    waits = open_place(tmp_path / "kept", PLACE).rows("segments")["wait_us"]
    for _ in range(30):
        town.happen()
    writer = multiprocessing.get_context("fork").Process(target=die_in, args=(tmp_path / "kept", town, moment))
    writer.start()
    writer.join(60)
    assert writer.exitcode == -signal.SIGKILL
    if moment != "sweep":  # by then the new state has taken the place of the old one
        assert read_manifest(tmp_path / "kept") == before
        assert np.array_equal(open_place(tmp_path / "kept", PLACE).rows("segments")["wait_us"], waits)
        ours = kept_up(tmp_path / "kept", town)
    else:
        ours = read_manifest(tmp_path / "kept")
    assert compared(tmp_path / "kept", ours, tmp_path / "anew", rebuilt(tmp_path / "anew", town.everything())).same


def test_what_a_killed_writer_left_behind_is_swept_away(tmp_path) -> None:
    town = grown(tmp_path)
    (tmp_path / "7-segments-600-left.arrow").write_bytes(b"half a part")
    town.happen()
    manifest = kept_up(tmp_path, town)
    assert {path.name for path in tmp_path.glob("*.arrow")} == {part.file for part in manifest.parts}


def test_two_do_not_write_at_once(tmp_path) -> None:
    with only_writer(tmp_path), pytest.raises(StoreBusy), only_writer(tmp_path):
        pass


def test_the_second_writer_waits_for_the_first(tmp_path) -> None:
    first_is_done, order = threading.Event(), []

    def first() -> None:
        with only_writer(tmp_path):
            began.set()
            first_is_done.wait(30)
            order.append("first")

    began = threading.Event()
    thread = threading.Thread(target=first)
    thread.start()
    assert began.wait(30)
    threading.Timer(0.2, first_is_done.set).start()
    with only_writer(tmp_path, wait_s=30):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]


def test_a_reader_keeps_the_state_it_opened_while_the_next_ones_are_written(tmp_path) -> None:
    town = grown(tmp_path)
    place = open_place(tmp_path, PLACE)
    before = place.rows("segments")
    for _ in range(60):
        town.happen()
        kept_up(tmp_path, town)
    after = place.rows("segments")
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_a_part_cut_short_is_named_with_the_remedy(tmp_path) -> None:
    grown(tmp_path)
    part = tmp_path / read_manifest(tmp_path).of(PLACE, "segments")[0].file
    part.write_bytes(part.read_bytes()[:100])
    with pytest.raises(StoreDamaged, match="segments rebuild"):
        open_place(tmp_path, PLACE)


def test_a_store_of_another_format_is_built_anew(tmp_path) -> None:
    grown(tmp_path)
    said = json.loads((tmp_path / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps({**said, "format": 0}))
    assert read_manifest(tmp_path) is None


def test_a_row_that_is_not_where_it_was_written_is_damage(tmp_path) -> None:
    town = grown(tmp_path)
    edition = known(Edition(tmp_path, read_manifest(tmp_path)))
    strangers = {name: values + 1 for name, values in measured_rows(town.everything())["tails"].items()}
    with pytest.raises(StoreDamaged, match="not where they were written"):
        edition.remove(PLACE, "tails", strangers)


# --- Reading ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def town(tmp_path) -> Town:
    return grown(tmp_path)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(service=("service 2",)),
        Wanted(area=("unknown", "area 1"), channel=("web",)),
        Wanted(office=("office 3",)),
        Wanted(
            since_us=Town(random.Random()).now_us + 20 * DAY_US, until_us=Town(random.Random()).now_us + 55 * DAY_US
        ),
        Wanted(cases=np.array([2, 3, 5])),
        Wanted(service=("nothing of the kind",)),
    ],
)
def test_a_filter_keeps_what_a_slow_one_keeps(wanted, town, tmp_path) -> None:
    place = open_place(tmp_path, PLACE)
    every = place.rows("segments")
    kept = pd.Series(True, index=range(len(every["case"])))
    for column, kind in (("service", "service"), ("area", "area"), ("channel", "channel"), ("from_office", "office")):
        if (words := getattr(wanted, kind)) is not None:
            kept &= np.array([place.words[kind][code] in words for code in every[column]], dtype=bool)
    kept &= (every["at_us"] >= (wanted.since_us or 0)) & (every["at_us"] < (wanted.until_us or 2**62))
    kept &= np.isin(every["case"], every["case"] if wanted.cases is None else wanted.cases)
    chunks = place.chunks("segments", ["case", "seq", "wait_us"], wanted)
    found = {(int(c), int(s), int(w)) for chunk in chunks for c, s, w in zip(*chunk.values(), strict=True)}
    here = [every[name][kept.to_numpy()].tolist() for name in ("case", "seq", "wait_us")]
    assert found == set(zip(*here, strict=True))


def test_every_row_lies_in_the_month_of_its_time(town, tmp_path) -> None:
    for mapped in open_place(tmp_path, PLACE).families["segments"]:
        assert set(months(mapped.columns["at_us"]).tolist()) == {mapped.part.month}


def test_a_log_becomes_a_store_of_closed_cases(tmp_path) -> None:
    events = pd.DataFrame(
        {
            "case": [1, 1, 2],
            "branch": np.zeros(3, dtype=np.int16),
            "ts": pd.to_datetime(["2026-01-01T00:00", "2026-02-01T00:00", "2026-01-05T00:00"], utc=True),
            "seq": [0, 1, 2],
            "activity": pd.Categorical(["in", "out", "in"]),
            "office": pd.Categorical(["A", "B", "unknown"]),
        }
    )
    manifest = build_from_log(tmp_path, events)
    place = open_place(tmp_path, LOG)
    assert manifest.events == 3
    assert place.rows("segments")["wait_us"].tolist() == [31 * DAY_US]
    assert place.words["office"] == ("unknown", "A", "B")
    assert place.rows("tails")["open"].tolist() == [0, 0]
