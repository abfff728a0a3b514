"""What the segment store costs: building it, appending a day, and reading exact tables under any filter.

Building is measured in a process of its own, beside the raw work of reading three columns and sorting them. Warm
reads are CPU seconds of this process, the least of five, beside running once over the same columns. At the end a
thousand operations through the real actions, with updates at random moments, are compared with a rebuild.
"""

import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.core import waits
from analytics.core.quantiles import spreads
from analytics.store import ledger
from analytics.store.logs import LOG, build_from_log, log_histories
from analytics.store.manifest import read_manifest
from analytics.store.reading import EVERYTHING, PlaceRows, Wanted, open_place
from analytics.store.writing import Edition
from tests.bench._segment_log import AREAS, BEGIN_US, OFFICES, SERVICES, YEARS_US, invented
from tests.bench._waits_page import page
from tests.bench.rows import Row
from tests.segment_walk import begun

EVENTS, QUICK_EVENTS = 10_000_000, 1_000_000
OPERATIONS, QUICK_OPERATIONS = 1_000, 150
DAY_US = 86_400_000_000
WARM_S = 0.25
BYTES_AN_EVENT = 140
ROOT = Path(__file__).resolve().parents[2]

FILTERS = {
    "no filter": EVERYTHING,
    "one service": Wanted(service=(SERVICES[1],)),
    "one area": Wanted(area=(AREAS[3],)),
    "one office": Wanted(office=(OFFICES[5],)),
    "a quarter": Wanted(since_us=BEGIN_US + YEARS_US // 2, until_us=BEGIN_US + YEARS_US // 2 + 91 * DAY_US),
    "service, area and quarter": Wanted(
        BEGIN_US + YEARS_US // 2, BEGIN_US + YEARS_US // 2 + 91 * DAY_US, (SERVICES[1],), (AREAS[3],)
    ),
}
TABLES: dict[str, tuple[Callable[..., pd.DataFrame], str, tuple[str, ...]]] = {
    "edges": (waits.edges, "segments", waits.EDGE_COLUMNS),
    "hand-overs": (waits.handovers, "segments", waits.HANDOVER_COLUMNS),
    "offices": (waits.offices, "dwells", waits.OFFICE_COLUMNS),
}


@dataclass(frozen=True)
class Built:
    """What building cost, and the raw work beside it; CPU seconds."""

    cpu_s: float
    floor_s: float
    peak_bytes: float


def measure(quick: bool) -> Iterator[Row]:
    """Build twice, ten times apart; append a day; read."""
    events = QUICK_EVENTS if quick else EVENTS
    with tempfile.TemporaryDirectory(prefix="clearway-segments-") as name:
        folder = Path(name)
        small, _log = built(folder / "small", events // 10)
        large, log = built(folder / "large", events)
        yield from building(small, large, len(log))
        yield from appending(folder / "day", log, large, quick=quick)
        del log
        yield from reading(folder / "small", folder / "large", events)
        yield from walking(folder / "walk", QUICK_OPERATIONS if quick else OPERATIONS)
        yield from page(folder / "large", folder / "stores", events)


# --- Building --------------------------------------------------------------------------------------------------------


def built(folder: Path, events: int) -> tuple[Built, pd.DataFrame]:
    folder.mkdir()
    log = invented(events)
    log.to_parquet(folder / "log.parquet")
    runs = [(child("floor", folder), child("build", folder)) for _ in range(2)]
    floors, builds = zip(*runs, strict=True)
    least = min(builds, key=lambda run: run["cpu_s"])
    return Built(least["cpu_s"], min(run["cpu_s"] for run in floors), least["peak_bytes"]), log


def child(act: str, folder: Path) -> dict[str, float]:
    words = [sys.executable, "-m", "tests.bench._segment_log", act, str(folder / "log.parquet"), str(folder)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def building(small: Built, large: Built, events: int) -> Iterator[Row]:
    yield Row("segments", f"building from a log of {events:,} events", large.cpu_s, "CPU s", large.floor_s)
    growth = math.log10(large.cpu_s / small.cpu_s)
    yield Row("segments", "growth of it from a tenth", growth, "exponent", goal=1.05)
    yield Row("segments", "memory over import", large.peak_bytes / events, "B/event", goal=BYTES_AN_EVENT)


# --- Appending -------------------------------------------------------------------------------------------------------


def appending(folder: Path, log: pd.DataFrame, whole: Built, *, quick: bool) -> Iterator[Row]:
    """Build all but the last day, then append it; the events of its cases are at hand, as by the ledger's index."""
    cut = int((log["ts"] < log["ts"].iloc[-1] - pd.Timedelta(days=1)).to_numpy().sum())
    folder.mkdir()
    build_from_log(folder, log.iloc[:cut])
    touched = log[log["case"].isin(log["case"].iloc[cut:].unique())]
    edition = Edition(folder, read_manifest(folder))
    histories = list(log_histories(edition, touched))
    began = time.process_time()
    edition = Edition(folder, read_manifest(folder))
    for history in histories:
        edition.take(LOG, history, history.seq >= cut)
    edition.tidy()
    edition.publish(None, len(log))
    took = time.process_time() - began
    figure = f"appending a day of {len(log) - cut:,} events, beside building"
    yield Row("segments", figure, took, "CPU s", whole.cpu_s, goal=None if quick else 0.01)


# --- Reading ---------------------------------------------------------------------------------------------------------


def reading(small: Path, large: Path, events: int) -> Iterator[Row]:
    tenth, place = open_place(small, LOG), open_place(large, LOG)
    size = sum(path.stat().st_size for path in large.glob("*.arrow"))
    yield Row("segments", "on disk", size / events, "B/event")
    unfiltered = {name: warm(place, name) for name in TABLES}
    for name in TABLES:
        for title, wanted in FILTERS.items():
            took = warm(place, name, wanted)
            yield Row("segments", f"{name}, {title}", took, "CPU s", goal=WARM_S * max(events / EVENTS, 0.2))
        yield Row("segments", f"{name}, beside running over the columns", unfiltered[name], "CPU s", scan(place, name))
    growth = math.log10(unfiltered["edges"] / warm(tenth, "edges"))
    yield Row("segments", "growth of edges from a tenth", growth, "exponent", goal=1.0)
    quarter = warm(place, "edges", FILTERS["a quarter"])
    yield Row(
        "segments", "a twelfth of the period, beside all of it", quarter, "CPU s", unfiltered["edges"], goal=1 / 8
    )
    yield Row("segments", "edges that differ from sorting every wait", differing(place), "edges", goal=0)


def warm(place: PlaceRows, name: str, wanted: Wanted = EVERYTHING) -> float:
    table, family, columns = TABLES[name]
    took = []
    for _ in range(5):
        began = time.process_time()
        table(place.chunks(family, columns, wanted))
        took.append(time.process_time() - began)
    return min(took)


def scan(place: PlaceRows, name: str) -> float:
    _table, family, columns = TABLES[name]
    began = time.process_time()
    for chunk in place.chunks(family, columns):
        for values in chunk.values():
            values.sum()
    return time.process_time() - began


def differing(place: PlaceRows) -> int:
    """Count edges whose figures are not those of sorting."""
    rows = place.rows("segments")
    count = 1 + int(rows["to_activity"].max())
    slow = spreads(rows["wait_us"], rows["from_activity"] * count + rows["to_activity"], count * count)
    found = waits.edges(place.chunks("segments", waits.EDGE_COLUMNS))
    quick = {
        row.from_activity * count + row.to_activity: (row.n, row.total_us, row.median_us, row.p90_us)
        for row in found.itertuples()
    }
    known = {
        key: (spread.n, spread.total_us, spread.median_us, spread.p90_us) for key, spread in enumerate(slow) if spread.n
    }
    return sum(quick.get(key) != known.get(key) for key in {*quick, *known})


# --- Walking ---------------------------------------------------------------------------------------------------------


def walking(folder: Path, operations: int) -> Iterator[Row]:
    walk = begun(seed=6)
    updates = 0
    for _ in range(operations):
        walk.step()
        if walk.chance.random() < 0.1:
            ledger.update(folder)
            updates += 1
    ledger.update(folder)
    found = ledger.verify(folder)
    differ = sum(family.missing + family.beyond for family in found.families)
    title = f"rows that differ from a rebuild after {operations:,} operations and {updates} updates"
    yield Row("segments", title, differ, "rows", goal=0)
    held, waited = (family.total_us for family in found.families if family.family in ("dwells", "segments"))
    yield Row("segments", "hours waited, less those that offices held", np.abs(held - waited) / 3.6e9, "hours", goal=0)
