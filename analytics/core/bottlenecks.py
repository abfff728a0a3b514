"""What an event log says about waiting, as one object for scripts: every case is taken as closed.

Definitions are in docs/definitions.md. Durations are exact integers of microseconds inside and seconds as floats
outside; quantiles are interpolated linearly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.core import waits as measured
from analytics.core.frames import Codes, Flags, Ints, microseconds, narrow_coded, starts_of_runs
from analytics.core.quantiles import Spread, grouped_totals, spread
from analytics.core.segments import ordered_events

TOP_VARIANTS: Final = 20
SECOND: Final = 1_000_000
DENSE: Final = 4
"""A table of everything possible is cheaper than sorting what there is, up to this many places for each row."""
Row = dict[str, Any]


AT_ONCE: Final = 1 << 18
"""Events of whole cases worked on at a time: what is made of them on the way fits the processor's own memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Waits:
    """Parallel columns, one entry per wait between two events of a case, ordered by case; codes as narrow as given."""

    case: Codes
    from_activity: Codes
    to_activity: Codes
    from_office: Codes
    to_office: Codes
    wait_us: Ints

    def columns(self, *names: str) -> dict[str, Codes]:
        """Some of them by name."""
        return {name: getattr(self, name) for name in names}


def bottlenecks(events: pd.DataFrame, dropped: dict[str, int]) -> Row:
    """Events frame → edges, offices, hand-overs, rework, variants and cycle time, ready for JSON (no NaN)."""
    events = ordered_events(events)
    case, branch = events["case"].to_numpy(), events["branch"].to_numpy()
    activity, activities = narrow_coded(events["activity"])
    office, offices = narrow_coded(events["office"])
    at_us = microseconds(events["ts"])
    starts = starts_of_runs(case)
    blocks = list(_blocks(starts))
    waits = _waits(blocks, case, starts_of_runs(case, branch), activity, office, at_us)
    found = {
        "edges": edges(waits, activities),
        "offices": offices_held(waits, offices),
        "handovers": handovers(waits, offices),
    }
    del waits
    return {
        "log": {"cases": int(starts.sum()), "events": len(events), "dropped": dict(sorted(dropped.items()))},
        **found,
        "rework": rework([(starts[begin:end], activity[begin:end]) for begin, end in blocks], activities),
        "variants": variants(starts, activity, activities),
        "cycle_time": cycle_time(starts, at_us),
    }


def _blocks(starts: Flags) -> Iterator[tuple[int, int]]:
    """(begin, end) of about ``AT_ONCE`` events each, no case in two of them."""
    firsts, begin = np.flatnonzero(starts), 0
    while begin < len(starts):
        place = int(np.searchsorted(firsts, begin + AT_ONCE))
        end = int(firsts[place]) if place < len(firsts) else len(starts)
        yield begin, end
        begin = end


def _waits(
    blocks: Sequence[tuple[int, int]], case: Codes, starts: Flags, activity: Codes, office: Codes, at_us: Ints
) -> list[Waits]:
    """Every event but the last of its case and branch waits for the next; one entry a block."""
    found = []
    for begin, end in blocks:
        goes_on = ~starts[begin + 1 : end]
        before, after = slice(begin, end - 1), slice(begin + 1, end)
        found.append(
            Waits(
                case[before][goes_on],
                activity[before][goes_on],
                activity[after][goes_on],
                office[before][goes_on],
                office[after][goes_on],
                (at_us[after] - at_us[before])[goes_on],
            )
        )
    return found


def edges(waits: Sequence[Waits], labels: Sequence[str]) -> list[Row]:
    """Every pair of successive activities; the longest total first."""
    table = measured.edges([block.columns(*measured.EDGE_COLUMNS) for block in waits])
    return _longest_first(
        [
            {"from": labels[row.from_activity], "to": labels[row.to_activity], **_figures(_spread(row))}
            for row in table.itertuples()
        ]
    )


def handovers(waits: Sequence[Waits], labels: Sequence[str]) -> list[Row]:
    """Waits during which the office changes, by pair of offices."""
    table = measured.handovers([block.columns(*measured.HANDOVER_COLUMNS) for block in waits])
    return _longest_first(
        [
            {"from": labels[row.from_office], "to": labels[row.to_office], **_figures(_spread(row), p90=False)}
            for row in table.itertuples()
        ]
    )


def offices_held(waits: Sequence[Waits], labels: Sequence[str]) -> list[Row]:
    """What each office held: all its waits of a case are one dwell, and each unbroken run of them is one visit."""
    table = measured.offices([_dwells(block, max(len(labels), 1)) for block in waits])
    rows = []
    for row in table.itertuples():
        figures = _figures(_spread(row))
        cases = figures.pop("n")
        rows.append({"office": labels[row.office], "visits": int(row.visits), "cases": cases, **figures})
    return _longest_first(rows)


def _spread(row: Any) -> Spread:
    return Spread(int(row.n), int(row.total_us), float(row.median_us), float(row.p90_us))


def _dwells(waits: Waits, count: int) -> dict[str, Ints]:
    """Add up the waits of each case at each office: the office, its visits, the time held."""
    number = np.cumsum(starts_of_runs(waits.case), dtype=np.int64) - 1
    size = (int(number[-1]) + 1 if len(number) else 0) * count
    keys, group = _groups(number * count + waits.from_office, size)
    held = np.zeros(len(keys), dtype=np.int64)
    np.add.at(held, group, waits.wait_us)
    begun = group[starts_of_runs(waits.case, waits.from_office)]
    return {"office": keys % count, "visits": np.bincount(begun, minlength=len(keys)), "held_us": held}


def rework(blocks: Sequence[tuple[Flags, Codes]], labels: Sequence[str]) -> Row:
    """Activities a case has more than once: each time after the first is one rework event.

    A block is whole cases: where a case starts, and the activity of each event.
    """
    count, cases = max(len(labels), 1), 0
    again, extra = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    for starts, activity in blocks:
        number = np.cumsum(starts, dtype=np.int64) - 1
        keys, times = _repeated(number * count + activity, int(starts.sum()) * count)
        code = keys % count
        again += np.bincount(code, minlength=count)
        extra += grouped_totals(times - 1, code, count)
        cases += int(starts_of_runs(keys // count).sum())
    by_activity: list[Row] = [
        {"activity": label, "cases": int(n), "events": int(total)}
        for label, n, total in zip(labels, again, extra, strict=False)
        if n
    ]
    by_activity.sort(key=lambda row: (-row["events"], row["activity"]))
    return {"cases": cases, "events": int(extra.sum()), "by_activity": by_activity}


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


def _figures(of: Spread, *, p90: bool = True) -> Row:
    """Seconds; ``None`` where nothing was measured."""
    row: Row = {
        "n": of.n,
        "mean": of.total_us / of.n / SECOND if of.n else None,
        "median": _seconds(of.median_us),
    }
    if p90:
        row["p90"] = _seconds(of.p90_us)
    row["total"] = of.total_us / SECOND
    return row


def _seconds(us: float | None) -> float | None:
    return None if us is None else us / SECOND


def _longest_first(rows: list[Row]) -> list[Row]:
    """Most time first; names decide among equals, so the same log always prints the same text."""
    names = ("from", "to", "office")
    return sorted(rows, key=lambda row: (-row["total"], *(row[name] for name in names if name in row)))
