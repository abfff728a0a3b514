"""The picture of the flow between offices: which offices, which hand-overs, and where each is drawn.

Positions are computed here, without chance, so the same cases always give the same picture. Offices are put into
rows by how early in a case they are usually reached; within a row they are ordered so that few lines cross.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

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


@dataclass(frozen=True, slots=True)
class FlowEdge:
    """Hand-overs from one office to another, with the median wait."""

    sender: str
    receiver: str
    handovers: int
    median_us: float | None


@dataclass(frozen=True, slots=True)
class Flow:
    """The graph that is drawn; ``left_out`` says what is not."""

    nodes: tuple[FlowNode, ...]
    edges: tuple[FlowEdge, ...]
    pairs_left_out: int
    handovers_left_out: int
    handovers: int


@dataclass(frozen=True, slots=True)
class Box:
    """Where one office is drawn; ``x`` and ``y`` are its upper left corner, in the units of the picture."""

    node: FlowNode
    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """One hand-over line: a cubic curve given by its four points, and where its label goes."""

    edge: FlowEdge
    points: tuple[tuple[float, float], ...]
    label_at: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is drawn, in the units of the picture."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The paper: how many offices fit beside each other, and the size of their boxes."""

    columns: int
    box_width: float = 190.0
    gap_x: float = 60.0
    gap_y: float = 78.0
    line_height: float = 18.0
    characters: int = 22
    """That fit on one line of a box."""
    margin: float = 46.0


def flow(
    stays: Stays, held: tuple[OfficeTime, ...], pairs: tuple[OfficePair, ...], cover: float = 0.9, most: int = 40
) -> Flow:
    """Keep the most used hand-overs that make up ``cover`` of all, at most ``most``, and every office they touch."""
    chosen = _cover(pairs, cover, most)
    total = sum(pair.handovers for pair in pairs)
    touched = {name for pair in chosen for name in (pair.sender, pair.receiver)}
    medians = {row.office: row for row in held}
    reached, begins = _reached(stays)
    nodes = [
        FlowNode(name, _cases(medians[name]), begins[name], medians[name].left.median_us, reached[name])
        for name in stays.offices
        if name in medians and (name in touched or begins[name])
    ]
    return Flow(
        nodes=tuple(sorted(nodes, key=lambda node: (node.reached, node.office))),
        edges=tuple(FlowEdge(pair.sender, pair.receiver, pair.handovers, pair.measured.median_us) for pair in chosen),
        pairs_left_out=len(pairs) - len(chosen),
        handovers_left_out=total - sum(pair.handovers for pair in chosen),
        handovers=total,
    )


def lay_out(graph: Flow, names: dict[str, str], sheet: Sheet) -> Picture:
    """Positions for every box and curve. ``names`` gives the words of each office; long ones are broken into lines."""
    labels = {node.office: wrapped(names.get(node.office, node.office), sheet.characters) for node in graph.nodes}
    rows = _ordered_rows(_rows(graph, sheet.columns), graph)
    columns = max((len(row) for row in rows), default=1)
    width = 2 * sheet.margin + columns * sheet.box_width + (columns - 1) * sheet.gap_x
    boxes: dict[str, Box] = {}
    y = sheet.margin / 2
    for row in rows:
        height = max(len(labels[node.office]) + 1 for node in row) * sheet.line_height + 16
        span = len(row) * sheet.box_width + (len(row) - 1) * sheet.gap_x
        for place, node in enumerate(row):
            x = (width - span) / 2 + place * (sheet.box_width + sheet.gap_x)
            boxes[node.office] = Box(node, x, y, sheet.box_width, height, labels[node.office])
        y += height + sheet.gap_y
    curves = tuple(_curve(edge, boxes, width, graph) for edge in graph.edges)
    return Picture(width, y - sheet.gap_y + sheet.margin / 2 if rows else 0.0, tuple(boxes.values()), curves)


def wrapped(text: str, characters: int) -> tuple[str, ...]:
    """Words into lines of at most ``characters``; a longer word is cut with a hyphen, never lost."""
    lines: list[str] = []
    for whole in text.split():
        word = whole
        while len(word) > characters:
            lines.append(word[: characters - 1] + "-")
            word = word[characters - 1 :]
        if lines and not lines[-1].endswith("-") and len(lines[-1]) + 1 + len(word) <= characters:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return tuple(lines) or ("",)


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


def _rows(graph: Flow, columns: int) -> list[list[FlowNode]]:
    """Offices in the order they are reached, as few rows as hold them, of even length."""
    count = len(graph.nodes)
    if not count:
        return []
    rows = max(-(-count // columns), min(count, 2))
    cuts = [round(index * count / rows) for index in range(rows + 1)]
    return [list(graph.nodes[start:end]) for start, end in pairwise(cuts) if end > start]


def _ordered_rows(rows: list[list[FlowNode]], graph: Flow, sweeps: int = 4) -> list[list[FlowNode]]:
    """Barycentre sweeps: each office moves towards the middle of the offices it exchanges cases with."""
    weights: dict[str, list[tuple[str, int]]] = {node.office: [] for node in graph.nodes}
    for edge in graph.edges:
        weights[edge.sender].append((edge.receiver, edge.handovers))
        weights[edge.receiver].append((edge.sender, edge.handovers))
    for sweep in range(sweeps):
        for index in range(len(rows)) if sweep % 2 == 0 else reversed(range(len(rows))):
            place = {node.office: (at + 0.5) / len(row) for row in rows for at, node in enumerate(row)}
            rows[index].sort(
                key=lambda node: (round(_middle(weights[node.office], place, place[node.office]), 6), node.office)
            )
    return rows


def _middle(neighbours: list[tuple[str, int]], place: dict[str, float], own: float) -> float:
    total = sum(weight for _, weight in neighbours)
    return sum(place[name] * weight for name, weight in neighbours) / total if total else own


def _curve(edge: FlowEdge, boxes: dict[str, Box], width: float, graph: Flow) -> Curve:
    """Down the page from bottom to top edge; up the page or past other rows by the side; in a row, over the top."""
    start, end = boxes[edge.sender], boxes[edge.receiver]
    if start.y == end.y:
        points = _arch(start, end)
    elif end.y > start.y and _next_row(start, end, boxes):
        points = _drop(start, end, edge, graph)
    else:
        points = _around(start, end, width)
    return Curve(edge, points, _at(points, 0.5))


def _next_row(start: Box, end: Box, boxes: dict[str, Box]) -> bool:
    return not any(start.y < box.y < end.y for box in boxes.values())


def _drop(start: Box, end: Box, edge: FlowEdge, graph: Flow) -> tuple[tuple[float, float], ...]:
    """Draw a little to the left when the pair also goes back up, so the two lines do not cover each other."""
    both_ways = any(other.sender == edge.receiver and other.receiver == edge.sender for other in graph.edges)
    shift = -start.width / 6 if both_ways else 0.0
    x1, y1 = start.x + start.width / 2 + shift, start.y + start.height
    x2, y2 = end.x + end.width / 2 + shift, end.y
    middle = (y1 + y2) / 2
    return (x1, y1), (x1, middle), (x2, middle), (x2, y2)


def _arch(start: Box, end: Box) -> tuple[tuple[float, float], ...]:
    """Between neighbours in a row: forwards over the top, backwards under the bottom."""
    forwards = end.x > start.x
    y = start.y if forwards else start.y + start.height
    reach = 34.0 if forwards else -34.0
    x1, x2 = start.x + start.width * (0.75 if forwards else 0.25), end.x + end.width * (0.25 if forwards else 0.75)
    return (x1, y), (x1, y - reach), (x2, y - reach), (x2, y)


def _around(start: Box, end: Box, width: float) -> tuple[tuple[float, float], ...]:
    """By the nearer margin: the right one when going up, the left one when skipping rows downwards."""
    upwards = end.y < start.y
    side = 1 if upwards else -1
    x1 = start.x + (start.width if upwards else 0)
    x2 = end.x + (end.width if upwards else 0)
    reach = max(30.0, min(width * 0.16, abs(end.y - start.y) * 0.25))
    bend = max(x1, x2) + reach if side > 0 else min(x1, x2) - reach
    bend = min(max(bend, 4.0 - width * 0.1), width * 1.1 - 4.0)
    y1, y2 = start.y + start.height / 2, end.y + end.height / 2
    return (x1, y1), (bend, y1), (bend, y2), (x2, y2)


def _at(points: tuple[tuple[float, float], ...], t: float) -> tuple[float, float]:
    """Return the point of a cubic Bézier curve at ``t``."""
    weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
    x = sum(weight * point[0] for weight, point in zip(weights, points, strict=True))
    y = sum(weight * point[1] for weight, point in zip(weights, points, strict=True))
    return x, y
