"""Twelve events worked by hand, in docs/definitions.md (“bottlenecks”): hours since nine o'clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pandas as pd

from analytics.core.bottlenecks import bottlenecks
from tests.bench.rows import Row

NINE = datetime(2024, 3, 1, 9, tzinfo=UTC)
HOUR = 3600.0
EVENTS = [
    ("A", "receive", "Desk", 0), ("A", "check", "Desk", 2), ("A", "decide", "Council", 10), ("A", "check", "Desk", 13),
    ("A", "pay", "Treasury", 14), ("B", "receive", "Desk", 1), ("B", "check", "unknown", 5),
    ("B", "pay", "Treasury", 5),
    ("C", "receive", "Desk", 3), ("D", "receive", "Desk", 0), ("D", "check", "Desk", 6), ("D", "pay", "Treasury", 8),
]  # fmt: skip


def frame() -> pd.DataFrame:
    """The events as the kernels take them."""
    columns = zip(*EVENTS, strict=True)
    case, activity, office, hours = (list(column) for column in columns)
    codes = {name: n for n, name in enumerate(dict.fromkeys(case))}
    return pd.DataFrame(
        {
            "case": [codes[name] for name in case],
            "branch": 0,
            "ts": pd.to_datetime([NINE + timedelta(hours=at) for at in hours], utc=True).astype("datetime64[us, UTC]"),
            "seq": range(len(case)),
            "activity": pd.Categorical(activity),
            "office": pd.Categorical(office),
        }
    )


def worked_by_hand() -> Iterator[Row]:
    """Each figure of the page beside ours."""
    found = bottlenecks(frame(), {})
    office = {row["office"]: row for row in found["offices"]}
    desk, council = office["Desk"], office["Council"]
    pairs = {(row["from"], row["to"]): row for row in found["handovers"]}
    onwards, cycle = pairs["Desk", "Treasury"], found["cycle_time"]
    told = [
        ("events", found["log"]["events"], 12, ""),
        ("cases", found["log"]["cases"], 4, ""),
        ("Desk: cases", desk["cases"], 3, ""),
        ("Desk: visits", desk["visits"], 4, ""),
        ("Desk: dwell, median", desk["median"] / HOUR, 8.0, "h"),
        ("Desk: dwell, p90", desk["p90"] / HOUR, 10.4, "h"),
        ("Desk: dwell, total", desk["total"] / HOUR, 23.0, "h"),
        ("Council: dwell, total", council["total"] / HOUR, 3.0, "h"),
        ("Desk → Treasury: hand-overs", onwards["n"], 2, ""),
        ("Desk → Treasury: median", onwards["median"] / HOUR, 1.5, "h"),
        ("rework: events", found["rework"]["events"], 1, ""),
        ("variants", found["variants"]["count"], 3, ""),
        ("cycle time, mean", cycle["mean"] / HOUR, 6.5, "h"),
        ("cycle time, median", cycle["median"] / HOUR, 6.0, "h"),
        ("cycle time, p90", cycle["p90"] / HOUR, 12.2, "h"),
    ]
    yield from (
        Row("truth", f"12 events by hand: {what}", ours, unit, limit=by_hand) for what, ours, by_hand, unit in told
    )
    worst = max(abs(ours - by_hand) for _what, ours, by_hand, _unit in told)
    yield Row("truth", "12 events by hand: largest difference", worst, "", goal=1e-9)
