"""An invented log of any size for the bench of the segment store, and what a child process measures on it.

Nine activities, fourteen offices, 24 services, 50 areas, three years; about twelve events a case, some of which go back
a step; some cases are still open. `python -m tests.bench._segment_log build|floor LOG FOLDER` prints one JSON object.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.store.logs import build_from_log

ACTIVITIES = ["Filed", "Intake", "Completeness", "Eligibility", "Review", "Inspection", "Finance", "Decision", "Closed"]
OFFICES = [f"Office {n:02}" for n in range(14)]
SERVICES = [f"Service {n:02}" for n in range(24)]
AREAS = [f"Ward {n:02}" for n in range(50)]
EVENTS_A_CASE = 11.76
YEARS_US = 3 * 365 * 86_400_000_000
BEGIN_US = 1_672_531_200_000_000
CLOSED = len(ACTIVITIES) - 1
AGAIN = 0.14
"""The chance that a step leads back."""


def invented(events: int, seed: int = 4) -> pd.DataFrame:
    """Return a log of about that many events, in the order of time."""
    chance = np.random.default_rng(seed)
    count = int(events / EVENTS_A_CASE)
    at = np.sort(chance.integers(0, YEARS_US, count))
    case, step = np.arange(count, dtype=np.int32), np.zeros(count, dtype=np.int8)
    office = chance.integers(0, len(OFFICES), count).astype(np.int8)
    pieces = []
    while len(case):
        pieces.append((case, at, step, office))
        alive = np.flatnonzero(step < CLOSED)
        case, step, at = case[alive], step[alive], at[alive]
        back = chance.random(len(case)) < AGAIN
        office = np.where(chance.random(len(case)) < 0.55, (office[alive] + step * 3 + 1) % len(OFFICES), office[alive])
        office = office.astype(np.int8)
        at = at + chance.lognormal(24.2 + 0.2 * (step % 4), 1.4, len(case)).astype(np.int64)
        step = np.where(back, np.maximum(step - 1, 0), step + 1).astype(np.int8)
    case, at, step, office = (np.concatenate(columns) for columns in zip(*pieces, strict=True))
    seen = np.flatnonzero(at < YEARS_US)
    order = seen[np.argsort(at[seen], kind="stable")]
    return frame(case[order], BEGIN_US + at[order], step[order], office[order], chance)


def frame(case, at_us, activity, office, chance) -> pd.DataFrame:
    count = int(case.max()) + 1
    service = (chance.zipf(1.5, count) % len(SERVICES)).astype(np.int8)
    area = chance.integers(0, len(AREAS), count).astype(np.int8)
    return pd.DataFrame(
        {
            "case": case,
            "branch": np.zeros(len(case), dtype=np.int8),
            "ts": pd.DatetimeIndex(at_us.view("datetime64[us]"), tz="UTC"),
            "seq": np.arange(len(case), dtype=np.int32),
            "activity": pd.Categorical.from_codes(activity, ACTIVITIES),
            "office": pd.Categorical.from_codes(office, OFFICES),
            "service": pd.Categorical.from_codes(service[case], SERVICES),
            "area": pd.Categorical.from_codes(area[case], AREAS),
            "closed": activity == CLOSED,
        }
    )


def read(path: Path, columns: list[str] | None = None) -> pd.DataFrame:
    """Read a column at a time, so that no more than one is there twice."""
    names = columns or pq.read_schema(path).names
    return pd.DataFrame({name: pq.read_table(path, columns=[name]).column(0).to_pandas() for name in names})


def build(path: Path, folder: Path) -> None:
    build_from_log(folder, read(path))


def floor(path: Path, folder: Path) -> None:
    """The raw work: read three columns, and sort by case, time and place."""
    log = read(path, ["case", "ts", "seq"])
    np.lexsort((log["seq"].to_numpy(), pd.DatetimeIndex(log["ts"]).asi8, log["case"].to_numpy()))


def main() -> None:
    act = {"build": build, "floor": floor}[sys.argv[1]]
    pa.set_cpu_count(1)
    before, began = most_bytes(), time.process_time()
    act(Path(sys.argv[2]), Path(sys.argv[3]))
    print(json.dumps({"cpu_s": time.process_time() - began, "peak_bytes": most_bytes() - before}))


def most_bytes() -> int:
    """Return the most memory this process ever held; what getrusage says begins with its parent's."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
