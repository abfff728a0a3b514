"""A process as boxes and the ways between them: cases through each, and its share of the time.

One shape for offices (boxes: time held; ways: hand-overs) and for steps (boxes: time until the next step; ways: pairs
of successive steps). A step that follows itself is a way of the table and not of the drawing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.core.flow import Flow, FlowEdge, FlowNode
from analytics.core.frames import MISSING, Floats, Ints
from analytics.core.handovers import Handovers
from analytics.core.offices import Dwell
from analytics.core.quantiles import Spread, spreads
from analytics.core.segments import Segments, Tails
from analytics.core.visits import Visits


@dataclass(frozen=True, slots=True, eq=False)
class BoxRows:
    """Times at boxes: one row a case and office, or one a step. ``us`` is ``MISSING`` where it has not ended."""

    case: Ints
    box: Ints
    us: Ints
    reached: Floats
    """How early each box (not row) is reached: 0 first … 1 last, averaged."""
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class WayRows:
    """Moves from box to box. ``us`` is ``MISSING`` where nobody recorded how long it took."""

    case: Ints
    sender: Ints
    receiver: Ints
    us: Ints
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BoxFigures:
    """One box."""

    label: str
    cases: int
    measured: Spread
    share: float
    reached: float


@dataclass(frozen=True, slots=True)
class WayFigures:
    """One way from box to box."""

    sender: str
    receiver: str
    cases: int
    moves: int
    measured: Spread
    share: float


def boxes_of_offices(dwell: Dwell, visits: Visits) -> BoxRows:
    """Time held by each office of each case; a case still there has not ended its time."""
    order = np.lexsort((visits.start_us, visits.case))
    reached = _reached(visits.case[order], visits.office[order], len(visits.offices))
    return BoxRows(dwell.case, dwell.office, np.where(dwell.there_now, MISSING, dwell.held_us), reached, dwell.offices)


def boxes_of_steps(segments: Segments, tails: Tails) -> BoxRows:
    """Time from each step to the next of its case; nothing follows the last one."""
    case = np.concatenate((segments.case, tails.case))
    step = np.concatenate((segments.from_activity, tails.activity))
    at_us = np.concatenate((segments.start_us, tails.since_us))
    seq = np.concatenate((segments.seq, tails.seq))
    wait = np.concatenate((segments.wait_us, np.full(len(tails.case), MISSING, dtype=np.int64)))
    order = np.lexsort((seq, at_us, case))
    case, step, wait = case[order], step[order], wait[order]
    return BoxRows(case, step, wait, _reached(case, step, len(segments.activities)), segments.activities)


def ways_of_offices(rows: Handovers) -> WayRows:
    """Hand-overs."""
    return WayRows(rows.case, rows.sender, rows.receiver, rows.wait_us, rows.offices)


def ways_of_steps(segments: Segments) -> WayRows:
    """Pairs of successive steps."""
    return WayRows(segments.case, segments.from_activity, segments.to_activity, segments.wait_us, segments.activities)


def boxes(rows: BoxRows) -> tuple[BoxFigures, ...]:
    """One row a box, the most time first, then by name."""
    count = len(rows.labels)
    known = rows.us != MISSING
    measured = spreads(rows.us[known], rows.box[known], count)
    cases = _distinct(rows.case, rows.box, count)
    total = sum(one.total_us for one in measured) or 1
    found = [
        BoxFigures(label, int(cases[k]), measured[k], measured[k].total_us / total, float(rows.reached[k]))
        for k, label in enumerate(rows.labels)
        if cases[k]
    ]
    return tuple(sorted(found, key=lambda one: (-one.measured.total_us, one.label)))


def ways_between(rows: WayRows) -> tuple[WayFigures, ...]:
    """One row a pair of boxes, the most cases first, then by name."""
    count = max(len(rows.labels), 1)
    keys, pair = np.unique(rows.sender * count + rows.receiver, return_inverse=True)
    pair = pair.astype(np.int64)
    known = rows.us != MISSING
    measured = spreads(rows.us[known], pair[known], len(keys))
    cases, moves = _distinct(rows.case, pair, len(keys)), np.bincount(pair, minlength=len(keys))
    total = sum(one.total_us for one in measured) or 1
    found = [
        WayFigures(
            rows.labels[key // count],
            rows.labels[key % count],
            int(cases[k]),
            int(moves[k]),
            measured[k],
            measured[k].total_us / total,
        )
        for k, key in enumerate(keys.tolist())
    ]
    return tuple(sorted(found, key=lambda one: (-one.cases, one.sender, one.receiver)))


def drawn_map(there: tuple[BoxFigures, ...], ways: tuple[WayFigures, ...], most: int) -> Flow:
    """Keep the ``most`` ways that most cases take, and every box they touch."""
    known = {box.label for box in there}
    between = [way for way in ways if way.sender != way.receiver and {way.sender, way.receiver} <= known]
    chosen = between[:most]
    touched = {label for way in chosen for label in (way.sender, way.receiver)}
    nodes = [
        FlowNode(box.label, box.cases, 0, box.measured.median_us, round(box.reached, 6), box.share)
        for box in there
        if box.label in touched
    ]
    moves = sum(way.moves for way in ways)
    return Flow(
        nodes=tuple(sorted(nodes, key=lambda node: (node.reached, node.office))),
        edges=tuple(FlowEdge(way.sender, way.receiver, way.cases, way.measured.median_us, way.share) for way in chosen),
        pairs_left_out=len(between) - len(chosen),
        handovers_left_out=moves - sum(way.moves for way in chosen),
        handovers=moves,
    )


def _reached(case: Ints, box: Ints, count: int) -> Floats:
    """Rows in order within their cases → how early each box is reached."""
    _cases, first, length = np.unique(case, return_index=True, return_counts=True)
    place = np.arange(len(case)) - np.repeat(first, length)
    relative = place / np.maximum(np.repeat(length, length) - 1, 1)
    return np.bincount(box, weights=relative, minlength=count) / np.maximum(np.bincount(box, minlength=count), 1)


def _distinct(case: Ints, group: Ints, count: int) -> Ints:
    """How many different cases each group has."""
    order = np.lexsort((case, group))
    case, group = case[order], group[order]
    first = np.ones(len(case), dtype=np.bool_)
    first[1:] = (case[1:] != case[:-1]) | (group[1:] != group[:-1])
    return np.bincount(group[first], minlength=count).astype(np.int64)
