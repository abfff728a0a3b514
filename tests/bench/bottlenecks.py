"""What finding the bottlenecks costs: the whole report from raw events beside the raw work, and the tables kept warm.

CPU seconds of processes of their own, the report and its floor in turn, each net of the same on 200 events; the least
of several. Then exact tables under any filter over the segment store, working time, and the causes of waiting.
"""

import json
import math
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tests.bench import kernels, segments
from tests.bench._report_log import write_log
from tests.bench.rows import Row

EVENTS, QUICK_EVENTS = (1_000_000, 10_000_000), (100_000, 1_000_000)
SMALL = 200
ROUNDS, TIMES = 3, (3, 1)
"""How often the smaller and the larger log are read in a round. The growth is that of the round in the middle."""
FLOORS, FLOORS_WITH_VARIANTS = 2.0, 3.0
GROWTH, BYTES_AN_EVENT = 1.05, 140
ROOT = Path(__file__).resolve().parents[2]


def measure(quick: bool) -> Iterator[Row]:
    """The report of two logs, ten times apart; then what is warm."""
    sizes = QUICK_EVENTS if quick else EVENTS
    with tempfile.TemporaryDirectory(prefix="clearway-bottlenecks-") as name:
        folder = Path(name)
        yield from reports(folder, sizes)
        yield from warm_tables(folder, sizes[-1])
    for row in kernels.counted(quick):
        yield replace(row, bench="bottlenecks")


def reports(folder: Path, sizes: tuple[int, int]) -> Iterator[Row]:
    write_log(folder / "small.parquet", SMALL)
    logs = [folder / f"{size}.parquet" for size in sizes]
    events = [write_log(log, size) for log, size in zip(logs, sizes, strict=True)]
    rounds = [
        [
            [(child("floor", folder, log), child("report", folder, log)) for _ in range(n)]
            for log, n in zip(logs, TIMES, strict=True)
        ]
        for _ in range(ROUNDS)
    ]
    for place, size in enumerate(sizes):
        runs = [run for one in rounds for run in one[place]]
        floor = min(floor["cpu_s"] for floor, _report in runs)
        report = min((report for _floor, report in runs), key=lambda run: run["cpu_s"])
        yield from beside_the_floor(events[place], report, floor, judged=size >= 1_000_000)
    tenfold = math.log(events[1] / events[0])
    floors, whole = (
        statistics.median(math.log(_cpu(large, act) / _cpu(few, act)) / tenfold for few, large in rounds)
        for act in (0, 1)
    )
    yield Row("bottlenecks", "growth of it from a tenth", whole, "exponent", goal=GROWTH)
    yield Row("bottlenecks", "growth of the scan and sort from a tenth", floors, "exponent")


def _cpu(runs: list[tuple[dict[str, float], dict[str, float]]], act: int) -> float:
    """What one of the runs of a round costs: runs that stand beside each other meet the same neighbours."""
    return statistics.median(run[act]["cpu_s"] for run in runs)


def beside_the_floor(events: int, report: dict[str, float], floor: float, *, judged: bool) -> Iterator[Row]:
    """Of a small log most is what every run costs, so it is told and not judged."""
    title = f"whole report, {events:,} raw events"
    memory, most = report["peak_bytes"] / events, BYTES_AN_EVENT if judged else None
    bare = report["cpu_s"] - report["variants_s"]
    yield Row("bottlenecks", title, report["cpu_s"], "CPU s", floor, FLOORS_WITH_VARIANTS if judged else None)
    yield Row("bottlenecks", f"{title}, without variants", bare, "CPU s", floor, FLOORS if judged else None)
    yield Row("bottlenecks", f"{title}, memory over import", memory, "B/event", goal=most)


def child(act: str, folder: Path, log: Path) -> dict[str, float]:
    words = [sys.executable, "-m", "tests.bench._report_log", act, str(folder / "small.parquet"), str(log)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def warm_tables(folder: Path, events: int) -> Iterator[Row]:
    """Exact edges, hand-overs and offices over the segment store, under any filter (`bench segments` has the rest)."""
    stores = {name: folder / name for name in ("tenth", "whole")}
    for store, size in zip(stores.values(), (events // 10, events), strict=True):
        store.mkdir()
        segments.invented(size).to_parquet(store / "log.parquet")
        segments.child("build", store)
    for row in segments.reading(stores["tenth"], stores["whole"], events):
        yield replace(row, bench="bottlenecks", figure=f"warm: {row.figure}")
