"""What an event log says about waiting, as one object for scripts: every case is taken as closed.

Definitions are in docs/definitions.md. Durations are exact integers of microseconds inside and seconds as floats
outside; quantiles are interpolated linearly.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.core.frames import Codes, Flags, Ints, microseconds, narrow_coded, starts_of_runs
from analytics.core.quantiles import Spread, grouped_totals, spread, spreads
from analytics.core.segments import ordered_events

TOP_VARIANTS: Final = 20
SECOND: Final = 1_000_000
DENSE: Final = 4
"""A table of everything possible is cheaper than sorting what there is, up to this many places for each row."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Waits:
    """Parallel columns, one entry per wait between two events of a case, ordered by case; codes as narrow as given."""

    case: Codes
    from_activity: Codes
    to_activity: Codes
    from_office: Codes
    to_office: Codes
    wait_us: Ints
    activities: tuple[str, ...]
    offices: tuple[str, ...]


def bottlenecks(events: pd.DataFrame, dropped: dict[str, int]) -> Row:
    """Events frame → edges, offices, hand-overs, rework, variants and cycle time, ready for JSON (no NaN)."""
    events = ordered_events(events)
    case, branch = events["case"].to_numpy(), events["branch"].to_numpy()
    activity, activities = narrow_coded(events["activity"])
    at_us = microseconds(events["ts"])
    starts = starts_of_runs(case)
    waits = _waits(events, at_us, starts_of_runs(case, branch), activity, activities)
    found = {"edges": edges(waits), "offices": offices(waits), "handovers": handovers(waits)}
    del waits
    number = np.cumsum(starts, dtype=np.int32) - 1
    return {
        "log": {"cases": int(starts.sum()), "events": len(events), "dropped": dict(sorted(dropped.items()))},
        **found,
        "rework": rework(number, activity, activities),
        "variants": variants(starts, activity, activities),
        "cycle_time": cycle_time(starts, at_us),
    }


def _waits(events: pd.DataFrame, at_us: Ints, starts: Flags, activity: Codes, activities: tuple[str, ...]) -> Waits:
    """Every event but the last of its case and branch waits for the next."""
    office, offices = narrow_coded(events["office"])
    goes_on = ~starts[1:]
    return Waits(
        events["case"].to_numpy()[:-1][goes_on],
        activity[:-1][goes_on],
        activity[1:][goes_on],
        office[:-1][goes_on],
        office[1:][goes_on],
        (at_us[1:] - at_us[:-1])[goes_on],
        activities,
        offices,
    )


def edges(waits: Waits) -> list[Row]:
    """Every pair of successive activities; the longest total first."""
    labels = waits.activities
    rows = _pairs(waits.from_activity, waits.to_activity, len(labels), waits.wait_us)
    return _longest_first([{"from": labels[a], "to": labels[b], **_figures(measured)} for a, b, measured in rows])


def handovers(waits: Waits) -> list[Row]:
    """Waits during which the office changes, by pair of offices."""
    labels = waits.offices
    moved = waits.from_office != waits.to_office
    rows = _pairs(waits.from_office[moved], waits.to_office[moved], len(labels), waits.wait_us[moved])
    return _longest_first(
        [{"from": labels[a], "to": labels[b], **_figures(measured, p90=False)} for a, b, measured in rows]
    )


def offices(waits: Waits) -> list[Row]:
    """What each office held: all its waits of a case are one dwell, and each unbroken run of them is one visit."""
    labels = waits.offices
    count = len(labels)
    office, held_us = _dwells(waits, max(count, 1))
    visits = np.bincount(waits.from_office[starts_of_runs(waits.case, waits.from_office)], minlength=count)
    rows = []
    for code, measured in enumerate(spreads(held_us, office, count)):
        if measured.n:
            figures = _figures(measured)
            cases = figures.pop("n")
            rows.append({"office": labels[code], "visits": int(visits[code]), "cases": cases, **figures})
    return _longest_first(rows)


def _dwells(waits: Waits, count: int) -> tuple[Ints, Ints]:
    """Add up the waits of each case at each office: (office, time held)."""
    number = np.cumsum(starts_of_runs(waits.case), dtype=np.int64) - 1
    size = (int(number[-1]) + 1 if len(number) else 0) * count
    number *= count
    number += waits.from_office
    keys, group = _groups(number, size)
    del number
    held = np.zeros(len(keys), dtype=np.int64)
    np.add.at(held, group, waits.wait_us)
    return keys % count, held


def rework(number: Codes, activity: Codes, activities: tuple[str, ...]) -> Row:
    """Activities a case has more than once: each time after the first is one rework event. Cases are numbered."""
    count = max(len(activities), 1)
    keys, times = _repeated(number.astype(np.int64) * count + activity, (int(number.max(initial=-1)) + 1) * count)
    extra, code = times - 1, keys % count
    by_activity: list[Row] = [
        {"activity": activities[code], "cases": int(n), "events": int(total)}
        for code, n, total in zip(
            range(len(activities)),
            np.bincount(code, minlength=len(activities)),
            grouped_totals(extra, code, len(activities)),
            strict=True,
        )
        if n
    ]
    by_activity.sort(key=lambda row: (-row["events"], row["activity"]))
    return {"cases": int(starts_of_runs(keys // count).sum()), "events": int(extra.sum()), "by_activity": by_activity}


def variants(starts: Flags, activity: Codes, activities: tuple[str, ...]) -> Row:
    """Whole sequences of activities and how many cases went that way; compared as they are, not by a hash."""
    width = activity.dtype.itemsize
    flat = activity.tobytes()
    edges_at = [*(np.flatnonzero(starts) * width).tolist(), len(flat)]
    ways = Counter(flat[begin:end] for begin, end in pairwise(edges_at))
    named = [([activities[code] for code in np.frombuffer(way, dtype=activity.dtype)], n) for way, n in _most(ways)]
    named.sort(key=lambda row: (-row[1], row[0]))
    return {"count": len(ways), "top": [{"activities": names, "cases": n} for names, n in named[:TOP_VARIANTS]]}


def _most(ways: Counter[bytes]) -> list[tuple[bytes, int]]:
    """Return the most frequent ways with every tie of the last place, so names can decide among equals."""
    ranked = ways.most_common()
    least = ranked[min(TOP_VARIANTS, len(ranked)) - 1][1] if ranked else 0
    return [(way, n) for way, n in ranked if n >= least]


def cycle_time(starts: Flags, at_us: Ints) -> Row:
    """First to last event of each case."""
    first = np.flatnonzero(starts)
    ends = np.append(first[1:], len(at_us)) - 1 if len(first) else first
    figures = _figures(spread(at_us[ends] - at_us[first]))
    figures.pop("total")
    return figures


def _pairs(first: Codes, second: Codes, count: int, waits: Ints) -> list[tuple[int, int, Spread]]:
    keys = first.astype(np.int64)
    keys *= count
    keys += second
    keys, group = _groups(keys, count * count)
    return [
        (int(key) // count, int(key) % count, measured)
        for key, measured in zip(keys, spreads(waits, group, len(keys)), strict=True)
    ]


def _groups(keys: Ints, size: int) -> tuple[Ints, Ints]:
    """Return the keys there are, and the place of each row's key among them. Counting beats sorting."""
    if size > max(DENSE * len(keys), 1 << 16):
        found, group = np.unique(keys, return_inverse=True)
        return found, group.astype(np.int64)
    there = np.zeros(size, dtype=np.bool_)
    there[keys] = True
    found = np.flatnonzero(there)
    places = np.zeros(size, dtype=np.int64)
    places[found] = np.arange(len(found))
    return found, places[keys]


def _repeated(keys: Ints, size: int) -> tuple[Ints, Ints]:
    """Return the keys that are there more than once, in their order, and how often."""
    if size > max(DENSE * len(keys), 1 << 16):
        found, times = np.unique(keys, return_counts=True)
        again = np.flatnonzero(times > 1)
        return found[again], times[again].astype(np.int64)
    often: Ints = np.bincount(keys, minlength=size).astype(np.int64, copy=False)
    repeated = np.flatnonzero(often > 1)
    return repeated, often[repeated]


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
