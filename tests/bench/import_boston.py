"""How long 41,827 requests in the shape of Boston's 311 file take to import: CPU of the application and its database.

With CLEARWAY_BOSTON_CSV and CLEARWAY_BOSTON_AREAS the published files are measured; otherwise an invented file of
the same size and columns, over 26 areas with as many corners. The database's CPU is that of the one server process
that does the work, read before and after from the system, so it needs the server on this machine.
"""

import csv
import json
import math
import os
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection

from requests_app.imports.areas import keep_areas, read_areas
from requests_app.imports.load import Loaded, load_file, survey
from requests_app.imports.place import import_place
from requests_app.imports.rejects import RejectsFile
from requests_app.imports.source import read_source
from tests.bench.rows import Row

ROWS, QUICK_ROWS = 41_827, 4_000
GOAL_S = 60.0
WEST, SOUTH, SIDE = -71.19, 42.23, 0.04
CORNERS = 1_300
COLUMNS = (
    "case_enquiry_id", "open_dt", "target_dt", "closed_dt", "case_status", "closure_reason", "case_title", "type",
    "queue", "location", "neighborhood", "latitude", "longitude", "source",
)  # fmt: skip
NOTES = (
    "Case Closed Case Resolved The crew replaced the lamp and reset the breaker.",
    "Case Closed Case Noted Nothing was found at this place when the inspector came by.",
    "Case Closed Duplicate of Existing Case",
    "Case Closed Case Scheduled Items have been scheduled for pickup.",
)


def measure(quick: bool) -> Iterator[Row]:
    """Import once and say what it cost."""
    source = read_source("boston_2011")
    with tempfile.TemporaryDirectory() as folder:
        cases = Path(os.environ.get("CLEARWAY_BOSTON_CSV") or invented_cases(Path(folder), quick=quick))
        shapes = Path(os.environ.get("CLEARWAY_BOSTON_AREAS") or invented_areas(Path(folder)))
        place = import_place(source.place, source.title)
        keep_areas(place, source.place.area_kind, read_areas(shapes, name_column="name"))
        wall, own, server = time.perf_counter(), time.process_time(), server_cpu()
        with RejectsFile(Path(folder) / "rejects.csv") as rejects:
            loaded = load_file(
                cases, source, source.place, found=survey(cases, source), rejects=rejects, told=lambda rows: None
            )
        wall, own = time.perf_counter() - wall, time.process_time() - own
        server = server_cpu() - server
    yield from figures(loaded, wall, own, server, quick=quick)


def figures(loaded: Loaded, wall: float, own: float, server: float, *, quick: bool) -> Iterator[Row]:
    """The rows of the bench; the goal stands for the whole file, a quick run gets its share of it."""
    share = QUICK_ROWS / ROWS if quick else 1.0
    yield Row("import_boston", "rows loaded", loaded.counts.loaded, "rows")
    yield Row("import_boston", "CPU, application and database", own + server, "s", goal=GOAL_S * share)
    yield Row("import_boston", "CPU, application", own, "s")
    yield Row("import_boston", "CPU, database", server, "s")
    yield Row("import_boston", "wall", wall, "s")


def server_cpu() -> float:
    """CPU seconds, user and system, of the server process behind our connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def invented_cases(folder: Path, *, quick: bool) -> Path:
    """A file of invented cases with Boston's columns."""
    rng = random.Random(311)
    path = folder / "cases.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(COLUMNS)
        rows.writerows(invented_case(rng, n) for n in range(QUICK_ROWS if quick else ROWS))
    return path


def invented_case(rng: random.Random, n: int) -> tuple[object, ...]:
    begins = datetime(2011, 7, 1) + timedelta(seconds=n * 250)  # noqa: DTZ001 (local, as the source writes it)
    ends = begins + timedelta(hours=rng.expovariate(1 / 90))
    kind = f"Kind of request {rng.randrange(134)}"
    is_open = rng.random() < 0.06
    return (
        101_000_000_000 + n, begins, begins + timedelta(days=14), "" if is_open else ends.replace(microsecond=0),
        "Open" if is_open else "Closed", "" if is_open else rng.choice(NOTES), kind, kind,
        f"Queue_{rng.randrange(100)}", f"{rng.randrange(1, 900)} Invented Street", "Anywhere",
        round(SOUTH + rng.random() * 5 * SIDE, 4), round(WEST + rng.random() * 5 * SIDE, 4), "Self Service",
    )  # fmt: skip


def invented_areas(folder: Path) -> Path:
    """Twenty-six round areas on a grid, with about as many corners as neighbourhoods have."""
    features = [area(n) for n in range(26)]
    path = folder / "areas.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def area(n: int) -> dict[str, object]:
    lon, lat = WEST + (n % 5 + 0.5) * SIDE, SOUTH + (n // 5 + 0.5) * SIDE
    turns = [2 * math.pi * k / CORNERS for k in range(CORNERS)]
    ring = [[lon + SIDE * 0.6 * math.cos(t), lat + SIDE * 0.6 * math.sin(t)] for t in turns]
    return {
        "type": "Feature",
        "properties": {"name": f"Area {n}"},
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
    }
