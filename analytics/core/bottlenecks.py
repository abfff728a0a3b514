"""What an event log says about waiting, as one object for scripts: every case is taken as closed.

Definitions are in docs/definitions.md. Durations are exact integers of microseconds inside and seconds as floats
outside; quantiles are interpolated linearly.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.core.frames import Ints, coded, microseconds, starts_of_runs
from analytics.core.quantiles import Spread, grouped_totals, spread, spreads
from analytics.core.segments import Segments, build_segments, office_dwells, ordered_events

TOP_VARIANTS: Final = 20
SECOND: Final = 1_000_000
Row = dict[str, Any]


def bottlenecks(events: pd.DataFrame, dropped: dict[str, int]) -> Row:
    """Events frame → edges, offices, hand-overs, rework, variants and cycle time, ready for JSON (no NaN)."""
    events = ordered_events(events)
    segments, tails = build_segments(events)
    case = events["case"].to_numpy(dtype=np.int64)
    activity, activities = coded(events["activity"])
    return {
        "log": {"cases": len(tails.case), "events": len(events), "dropped": dict(sorted(dropped.items()))},
        "edges": edges(segments),
        "offices": offices(segments),
        "handovers": handovers(segments),
        "rework": rework(case, activity, activities),
        "variants": variants(case, activity, activities),
        "cycle_time": cycle_time(case, microseconds(events["ts"])),
    }


def edges(segments: Segments) -> list[Row]:
    """Every pair of successive activities; the longest total first."""
    labels = segments.activities
    rows = _pairs(segments.from_activity, segments.to_activity, len(labels), segments.wait_us)
    return _longest_first([{"from": labels[a], "to": labels[b], **_figures(measured)} for a, b, measured in rows])


def handovers(segments: Segments) -> list[Row]:
    """Segments whose office changes, by pair of offices."""
    labels = segments.offices
    moved = segments.from_office != segments.to_office
    rows = _pairs(segments.from_office[moved], segments.to_office[moved], len(labels), segments.wait_us[moved])
    return _longest_first(
        [{"from": labels[a], "to": labels[b], **_figures(measured, p90=False)} for a, b, measured in rows]
    )


def offices(segments: Segments) -> list[Row]:
    """What each office held: all its waits of a case are one dwell, and each unbroken run of them is one visit."""
    labels = segments.offices
    count = len(labels)
    held = office_dwells(segments)
    visits = np.zeros(count, dtype=np.int64)
    np.add.at(visits, held.office, held.visits)
    rows = []
    for code, measured in enumerate(spreads(held.held_us, held.office, count)):
        if measured.n:
            figures = _figures(measured)
            cases = figures.pop("n")
            rows.append({"office": labels[code], "visits": int(visits[code]), "cases": cases, **figures})
    return _longest_first(rows)


def rework(case: Ints, activity: Ints, activities: tuple[str, ...]) -> Row:
    """Activities a case has more than once: each time after the first is one rework event."""
    count = max(len(activities), 1)
    keys, times = np.unique(case * count + activity, return_counts=True)
    again = times > 1
    keys, extra = keys[again], times[again] - 1
    by_activity: list[Row] = [
        {"activity": activities[code], "cases": int(n), "events": int(total)}
        for code, n, total in zip(
            range(len(activities)),
            np.bincount(keys % count, minlength=len(activities)),
            grouped_totals(extra.astype(np.int64), keys % count, len(activities)),
            strict=True,
        )
        if n
    ]
    by_activity.sort(key=lambda row: (-row["events"], row["activity"]))
    return {"cases": len(np.unique(keys // count)), "events": int(extra.sum()), "by_activity": by_activity}


def variants(case: Ints, activity: Ints, activities: tuple[str, ...]) -> Row:
    """Whole sequences of activities and how many cases went that way; compared as they are, not by a hash."""
    starts = np.flatnonzero(starts_of_runs(case))
    flat = activity.astype(np.int32).tobytes()
    edges_at = [*(starts * 4).tolist(), len(flat)]
    ways = Counter(flat[begin:end] for begin, end in pairwise(edges_at))
    named = [([activities[code] for code in np.frombuffer(way, dtype=np.int32)], n) for way, n in _most(ways)]
    named.sort(key=lambda row: (-row[1], row[0]))
    return {"count": len(ways), "top": [{"activities": names, "cases": n} for names, n in named[:TOP_VARIANTS]]}


def _most(ways: Counter[bytes]) -> list[tuple[bytes, int]]:
    """Return the most frequent ways with every tie of the last place, so names can decide among equals."""
    ranked = ways.most_common()
    least = ranked[min(TOP_VARIANTS, len(ranked)) - 1][1] if ranked else 0
    return [(way, n) for way, n in ranked if n >= least]


def cycle_time(case: Ints, at_us: Ints) -> Row:
    """First to last event of each case."""
    starts = np.flatnonzero(starts_of_runs(case))
    ends = np.append(starts[1:], len(case)) - 1 if len(starts) else starts
    figures = _figures(spread(at_us[ends] - at_us[starts]))
    figures.pop("total")
    return figures


def _pairs(first: Ints, second: Ints, count: int, waits: Ints) -> list[tuple[int, int, Spread]]:
    keys, group = _groups(first * count + second, count * count)
    return [
        (int(key) // count, int(key) % count, measured)
        for key, measured in zip(keys, spreads(waits, group, len(keys)), strict=True)
    ]


def _groups(keys: Ints, size: int) -> tuple[Ints, Ints]:
    """Return the keys there are, and the place of each row's key among them. Counting beats sorting."""
    if size > max(4 * len(keys), 1 << 16):
        found, group = np.unique(keys, return_inverse=True)
        return found, group.astype(np.int64)
    there = np.bincount(keys, minlength=size) > 0
    found = np.flatnonzero(there)
    places = np.zeros(size, dtype=np.int64)
    places[found] = np.arange(len(found))
    return found, places[keys]


def _figures(measured: Spread, *, p90: bool = True) -> Row:
    """Seconds; ``None`` where nothing was measured."""
    row: Row = {
        "n": measured.n,
        "mean": measured.total_us / measured.n / SECOND if measured.n else None,
        "median": _seconds(measured.median_us),
    }
    if p90:
        row["p90"] = _seconds(measured.p90_us)
    row["total"] = measured.total_us / SECOND
    return row


def _seconds(us: float | None) -> float | None:
    return None if us is None else us / SECOND


def _longest_first(rows: list[Row]) -> list[Row]:
    """Most time first; names decide among equals, so the same log always prints the same text."""
    names = ("from", "to", "office")
    return sorted(rows, key=lambda row: (-row["total"], *(row[name] for name in names if name in row)))
