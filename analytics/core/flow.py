"""The flow between offices as a graph: which offices, which hand-overs, how early each office is reached.

A picture of every hand-over there ever was is a ball of wool: the most used ways are kept until they make up most
of the traffic, and what is left out is counted. ``layout`` says where each is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.core.frames import Ints
from analytics.core.handovers import OfficePair
from analytics.core.offices import OfficeTime
from analytics.core.stays import Stays


@dataclass(frozen=True, slots=True)
class FlowNode:
    """One office. ``reached`` is how early it is visited: 0 first, 1 last, averaged over its stays."""

    office: str
    cases: int
    begins: int
    """Cases whose first stay is here."""
    median_us: float | None
    reached: float
    share: float | None = None
    """Of all the time held, or waited after a step."""


@dataclass(frozen=True, slots=True)
class FlowEdge:
    """Hand-overs from one office to another, with the median wait."""

    sender: str
    receiver: str
    handovers: int
    median_us: float | None
    share: float | None = None
    """Of all the time the ways took."""


@dataclass(frozen=True, slots=True)
class Flow:
    """The graph that is drawn; ``left_out`` says what is not."""

    nodes: tuple[FlowNode, ...]
    edges: tuple[FlowEdge, ...]
    pairs_left_out: int
    handovers_left_out: int
    handovers: int


def flow(
    stays: Stays, held: tuple[OfficeTime, ...], pairs: tuple[OfficePair, ...], cover: float = 0.85, most: int = 22
) -> Flow:
    """Keep the most used hand-overs that make up ``cover`` of all, at most ``most``, and every office they touch.

    An office that only events name, and no stay, has no box; its ways are left out and counted.
    """
    medians = {row.office: row for row in held}
    chosen = _cover(tuple(pair for pair in pairs if {pair.sender, pair.receiver} <= medians.keys()), cover, most)
    total = sum(pair.handovers for pair in pairs)
    touched = {name for pair in chosen for name in (pair.sender, pair.receiver)}
    reached, begins = _reached(stays)
    nodes = [
        FlowNode(name, _cases(medians[name]), begins[name], medians[name].left.median_us, reached[name])
        for name in stays.offices
        if name in medians and name in touched
    ]
    return Flow(
        nodes=tuple(sorted(nodes, key=lambda node: (node.reached, node.office))),
        edges=tuple(FlowEdge(pair.sender, pair.receiver, pair.handovers, pair.measured.median_us) for pair in chosen),
        pairs_left_out=len(pairs) - len(chosen),
        handovers_left_out=total - sum(pair.handovers for pair in chosen),
        handovers=total,
    )


def busiest(graph: Flow, most: int) -> Flow:
    """Keep the ``most`` busiest ways, for a small picture; the rest joins what is left out."""
    kept, gone = graph.edges[:most], graph.edges[most:]
    touched = {name for edge in kept for name in (edge.sender, edge.receiver)}
    return Flow(
        nodes=tuple(node for node in graph.nodes if node.office in touched),
        edges=kept,
        pairs_left_out=graph.pairs_left_out + len(gone),
        handovers_left_out=graph.handovers_left_out + sum(edge.handovers for edge in gone),
        handovers=graph.handovers,
    )


def _cases(row: OfficeTime) -> int:
    return row.left.n + row.now.n


def _cover(pairs: tuple[OfficePair, ...], cover: float, most: int) -> tuple[OfficePair, ...]:
    total = sum(pair.handovers for pair in pairs)
    chosen: list[OfficePair] = []
    so_far = 0
    for pair in sorted(pairs, key=lambda pair: (-pair.handovers, pair.sender, pair.receiver)):
        if len(chosen) >= most or so_far >= cover * total:
            break
        chosen.append(pair)
        so_far += pair.handovers
    return tuple(chosen)


def _reached(stays: Stays) -> tuple[dict[str, float], dict[str, int]]:
    """Office → mean place in its cases (0 first … 1 last), and how many cases begin there."""
    order = np.lexsort((stays.start_us, stays.case))
    office, case = stays.office[order], stays.case[order]
    cases, first, length = np.unique(case, return_index=True, return_counts=True)
    place = np.arange(len(case)) - np.repeat(first, length)
    relative = place / np.maximum(np.repeat(length, length) - 1, 1)
    count = len(stays.offices)
    visits: Ints = np.bincount(office, minlength=count).astype(np.int64)
    mean = np.bincount(office, weights=relative, minlength=count) / np.maximum(visits, 1)
    begins = np.bincount(office[first], minlength=count) if len(cases) else np.zeros(count, dtype=np.int64)
    return (
        {name: round(float(mean[code]), 6) for code, name in enumerate(stays.offices)},
        {name: int(begins[code]) for code, name in enumerate(stays.offices)},
    )
