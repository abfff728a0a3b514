"""An invented log as a file, and what a child process measures of the report on it.

`python -m tests.bench._report_log report|floor SMALL LOG` prints one JSON object. It runs on the small log first, so
that importing and warming up are in neither figure, and takes off what the small log costs.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.core.bottlenecks import bottlenecks, narrow_coded, starts_of_runs, variants
from analytics.core.logfile import read_log
from tests.bench._segment_log import invented, most_bytes

COLUMNS = {"case": "case:concept:name", "activity": "concept:name", "office": "org:group", "ts": "time:timestamp"}


def write_log(path: Path, events: int) -> int:
    """Write about that many events, all of it words and times as a log has them; return how many there are."""
    log = invented(max(events, 1000))[:events]
    numbers = pa.array(log["case"].to_numpy()).cast(pa.string())
    columns = {name: pa.array(log[name]) for name in ("activity", "office")}
    words = {name: column.cast(pa.string()) for name, column in columns.items()}
    cases = pa.compute.binary_join_element_wise("case", numbers, "-")
    table = pa.table({"case": cases, **words, "ts": pa.array(log["ts"])}).rename_columns(COLUMNS)
    pq.write_table(table, path)
    return len(log)


def report(path: Path) -> dict[str, float]:
    """What the command does, from the file to the text; and its variants again, to know what they are of it."""
    began = time.process_time()
    log = read_log(path)
    json.dumps(bottlenecks(log.events, log.dropped), ensure_ascii=False, allow_nan=False)
    whole, most = time.process_time() - began, most_bytes()
    activity, activities = narrow_coded(log.events["activity"])
    starts = starts_of_runs(log.events["case"].to_numpy())
    began = time.process_time()
    variants(starts, activity, activities)
    return {"cpu_s": whole, "variants_s": time.process_time() - began, "peak_bytes": most}


def floor(path: Path) -> dict[str, float]:
    """The raw work: scan the four columns, and sort by case and time."""
    began = time.process_time()
    names = list(COLUMNS.values())
    table = pq.read_table(path, columns=names, read_dictionary=[COLUMNS["case"]])
    case = table[COLUMNS["case"]].combine_chunks().indices.to_numpy()
    np.lexsort((table[COLUMNS["ts"]].cast(pa.int64()).to_numpy(), case))
    return {"cpu_s": time.process_time() - began, "peak_bytes": most_bytes()}


def main() -> None:
    pa.set_cpu_count(1)
    acts: dict[str, Callable[[Path], dict[str, float]]] = {"report": report, "floor": floor}
    act, small, log = acts[sys.argv[1]], Path(sys.argv[2]), Path(sys.argv[3])
    act(small)
    little = act(small)
    much = act(log)
    print(json.dumps({name: value - little[name] for name, value in much.items()}))


if __name__ == "__main__":
    main()
