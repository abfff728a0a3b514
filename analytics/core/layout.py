"""Where the flow between offices is drawn: layers, order within them, positions and curves. No chance is involved.

Layers follow the prevailing direction of work; a way that spans several layers is led between the boxes, a way back
runs against the layers and so enters an office from behind. The method is Sugiyama’s, in small.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from analytics.core.flow import Flow, FlowEdge, FlowNode
from requests_app.text.lines import wrapped

Point: TypeAlias = tuple[float, float]
Item: TypeAlias = tuple[int, int]
"""(−1, place in the sequence) is an office; (number of the way, layer) is where a long way passes a layer."""

SWEEPS = 8
OFFICE = -1
THINNEST, THICKEST = 1.6, 11.0
BETWEEN_WAYS = 5.0
"""Room between two ways that meet an office on the same side."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The paper. Layers stand side by side, or one below the other when ``down``; sizes are in units of the picture."""

    capacity: int
    """Offices in one layer."""
    down: bool
    box_width: float
    layer_gap: float
    item_gap: float
    characters: int
    """That fit on one line of a box."""
    line_height: float = 18.0
    margin: float = 24.0
    way_size: float = 16.0
    """Room that a passing way takes in a layer."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where one office is drawn; ``x`` and ``y`` are its upper left corner."""

    node: FlowNode
    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """One way: a first point, then three points for each cubic piece; and where its label is best read."""

    edge: FlowEdge
    points: tuple[Point, ...]
    label_at: Point
    thickness: float


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is drawn, in the units of the picture."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]


def lay_out(graph: Flow, names: Mapping[str, str], sheet: Sheet) -> Picture:
    """Place every office and way. ``names`` gives the words of each office; long ones are broken into lines."""
    if not graph.nodes:
        return Picture(0.0, 0.0, (), ())
    return _Layout(graph, names, sheet).picture()


def thicknesses(graph: Flow) -> list[float]:
    """Return how thick each way is drawn: the square root keeps rare ways visible beside busy ones."""
    most = max((edge.handovers for edge in graph.edges), default=1)
    return [THINNEST + (THICKEST - THINNEST) * (edge.handovers / most) ** 0.5 for edge in graph.edges]


def sequence(graph: Flow) -> list[str]:
    """Return the offices in the prevailing direction of work, with little traffic running against it.

    After Eades, Lin and Smyth: repeatedly take a sink to the end, a source to the front, else the office that sends
    most more than it receives to the front.
    """
    left = {node.office: node for node in graph.nodes}
    front: list[str] = []
    back: list[str] = []
    while left:
        sent = {name: sum(e.handovers for e in graph.edges if e.sender == name and e.receiver in left) for name in left}
        received = {
            name: sum(e.handovers for e in graph.edges if e.receiver == name and e.sender in left) for name in left
        }
        sinks = [name for name in left if not sent[name] and received[name]]
        name = min(left, key=lambda name: (received[name] - sent[name], left[name].reached, name))
        if sinks:
            back.insert(0, max(sinks, key=lambda name: (left[name].reached, name)))
            del left[back[0]]
        else:
            front.append(name)
            del left[name]
    return front + back


class _Layout:
    """The steps, each leaving its result for the next. *Along* runs through the layers, *across* within one."""

    def __init__(self, graph: Flow, names: Mapping[str, str], sheet: Sheet) -> None:
        self.graph, self.sheet = graph, sheet
        self.nodes = {node.office: node for node in graph.nodes}
        self.order = sequence(graph)
        self.place = {name: place for place, name in enumerate(self.order)}
        self.lines = {name: wrapped(names.get(name, name), sheet.characters) for name in self.order}
        self.layer = self._assign_layers()
        self.routes = [self._route(number, edge) for number, edge in enumerate(graph.edges)]
        self.thick = thicknesses(graph)
        self.load = self._loads()
        self.layers = self._ordered_layers()
        self.across = self._positions()
        self.along = self._layer_starts()

    # --- Layers and routes ---------------------------------------------------------------------------------------

    def _assign_layers(self) -> dict[str, int]:
        """Each office after every earlier one it exchanges cases with, in the first layer that has room."""
        layer: dict[str, int] = {}
        held: dict[int, int] = {}
        for name in self.order:
            partners = {e.receiver for e in self.graph.edges if e.sender == name}
            partners |= {e.sender for e in self.graph.edges if e.receiver == name}
            at = max((layer[partner] + 1 for partner in partners if partner in layer), default=0)
            while held.get(at, 0) >= self.sheet.capacity:
                at += 1
            layer[name] = at
            held[at] = held.get(at, 0) + 1
        return layer

    def _route(self, number: int, edge: FlowEdge) -> list[Item]:
        """The items a way passes, from the earlier layer to the later one whatever its direction."""
        first, last = sorted((edge.sender, edge.receiver), key=lambda name: self.layer[name])
        between = [(number, at) for at in range(self.layer[first] + 1, self.layer[last])]
        return [(OFFICE, self.place[first]), *between, (OFFICE, self.place[last])]

    def _loads(self) -> dict[tuple[Item, bool], float]:
        """(office, whether towards later layers) → the room its ways take side by side."""
        loads: dict[tuple[Item, bool], float] = {}
        for route, thick in zip(self.routes, self.thick, strict=True):
            for end in ((route[0], True), (route[-1], False)):
                loads[end] = loads.get(end, 0.0) + thick + BETWEEN_WAYS
        return loads

    def _layer_of(self, item: Item) -> int:
        return self.layer[self.order[item[1]]] if item[0] == OFFICE else item[1]

    # --- Order within layers -------------------------------------------------------------------------------------

    def _ordered_layers(self) -> list[list[Item]]:
        layers: list[list[Item]] = [[] for _ in range(max(self.layer.values()) + 1)]
        for name in self.order:
            layers[self.layer[name]].append((OFFICE, self.place[name]))
        for route in self.routes:
            for item in route[1:-1]:
                layers[item[1]].append(item)
        self.neighbours = self._neighbours()
        best, fewest = layers, self._crossings(layers)
        for sweep in range(SWEEPS):
            layers = self._swept(layers, forwards=sweep % 2 == 0)
            crossings = self._crossings(layers)
            if crossings < fewest:
                best, fewest = layers, crossings
        return best

    def _neighbours(self) -> dict[Item, list[Item]]:
        beside: dict[Item, list[Item]] = {}
        for route in self.routes:
            for one, other in pairwise(route):
                beside.setdefault(one, []).append(other)
                beside.setdefault(other, []).append(one)
        return beside

    def _swept(self, layers: list[list[Item]], *, forwards: bool) -> list[list[Item]]:
        """Order each layer by the middle of its neighbours in the layer just passed."""
        swept = [list(layer) for layer in layers]
        indexes = range(1, len(swept)) if forwards else range(len(swept) - 2, -1, -1)
        for index in indexes:
            fixed = {item: place for place, item in enumerate(swept[index - 1 if forwards else index + 1])}
            here = {item: place for place, item in enumerate(swept[index])}
            keys = {item: (_middle(self.neighbours, item, fixed, here[item]), here[item]) for item in here}
            swept[index].sort(key=keys.__getitem__)
        return swept

    def _crossings(self, layers: list[list[Item]]) -> int:
        place = {item: at for layer in layers for at, item in enumerate(layer)}
        pieces = [(self._layer_of(a), place[a], place[b]) for route in self.routes for a, b in pairwise(route)]
        return sum(
            1
            for number, (layer, a, b) in enumerate(pieces)
            for other, c, d in pieces[number + 1 :]
            if layer == other and (a - c) * (b - d) < 0
        )

    # --- Positions -----------------------------------------------------------------------------------------------

    def _height(self, name: str) -> float:
        """Room for the words, and beside them for the ways when they arrive at the sides."""
        words = (len(self.lines[name]) + 1) * self.sheet.line_height + 14
        if self.sheet.down:
            return words
        item = (OFFICE, self.place[name])
        return max(words, 10 + max(self.load.get((item, after), 0.0) for after in (True, False)))

    def _size(self, item: Item) -> float:
        """Return the room an item takes across its layer."""
        if item[0] != OFFICE:
            return self.sheet.way_size
        return self.sheet.box_width if self.sheet.down else self._height(self.order[item[1]])

    def _positions(self) -> dict[Item, float]:
        """Middles across: packed first, then drawn towards their neighbours while order and distance are kept."""
        across: dict[Item, float] = {}
        for layer in self.layers:
            at = -sum(self._size(item) + self.sheet.item_gap for item in layer) / 2
            for item in layer:
                across[item] = at + self._size(item) / 2
                at += self._size(item) + self.sheet.item_gap
        for sweep in range(2 * SWEEPS):
            for layer in self.layers if sweep % 2 == 0 else reversed(self.layers):
                wanted = [
                    _mean([across[other] for other in self.neighbours.get(item, [])], across[item]) for item in layer
                ]
                across.update(zip(layer, self._apart(layer, wanted), strict=True))
        return self._closed_up(across)

    def _closed_up(self, across: Mapping[Item, float]) -> dict[Item, float]:
        """Close the strips in which no layer has anything: what nothing joins would else stand far apart."""
        order = sorted(across, key=lambda item: across[item] - self._size(item) / 2)
        closed: dict[Item, float] = {}
        shift, end = 0.0, float("inf")
        for item in order:
            start, stop = across[item] - self._size(item) / 2, across[item] + self._size(item) / 2
            shift += max(0.0, start - end - 2 * self.sheet.item_gap)
            closed[item] = across[item] - shift
            end = stop if end == float("inf") else max(end, stop)
        return closed

    def _apart(self, layer: Sequence[Item], wanted: Sequence[float]) -> list[float]:
        """Move items as little as may be so that none touches the next: the mean of packing from either end."""
        upper, lower = list(wanted), list(wanted)
        for place in range(1, len(layer)):
            upper[place] = max(upper[place], upper[place - 1] + self._distance(layer[place - 1], layer[place]))
        for place in range(len(layer) - 2, -1, -1):
            lower[place] = min(lower[place], lower[place + 1] - self._distance(layer[place], layer[place + 1]))
        return [(one + other) / 2 for one, other in zip(upper, lower, strict=True)]

    def _distance(self, one: Item, other: Item) -> float:
        gap = self.sheet.item_gap if OFFICE in (one[0], other[0]) else self.sheet.item_gap / 3
        return (self._size(one) + self._size(other)) / 2 + gap

    def _depth(self, index: int) -> float:
        """Return the room a layer takes along."""
        if not self.sheet.down:
            return self.sheet.box_width
        offices = [self.order[item[1]] for item in self.layers[index] if item[0] == OFFICE]
        return max((self._height(name) for name in offices), default=self.sheet.line_height)

    def _layer_starts(self) -> list[float]:
        starts = [self.sheet.margin]
        for index in range(len(self.layers)):
            starts.append(starts[-1] + self._depth(index) + self.sheet.layer_gap)
        return starts

    # --- The picture ---------------------------------------------------------------------------------------------

    def picture(self) -> Picture:
        """Put boxes and curves on paper, moved so that everything lies within the margins."""
        edges = [self.across[item] + side * self._size(item) / 2 for item in self.across for side in (-1, 1)]
        self.shift = self.sheet.margin - min(edges)
        breadth = max(edges) + self.shift + self.sheet.margin
        length = self.along[-1] - self.sheet.layer_gap + self.sheet.margin
        boxes = tuple(self._box(name) for name in self.order)
        self.ports = self._ports()
        paths = [self._path(number, edge) for number, edge in enumerate(self.graph.edges)]
        labels = place_labels(paths, boxes)
        curves = tuple(Curve(*row) for row in zip(self.graph.edges, paths, labels, self.thick, strict=True))
        width, height = (breadth, length) if self.sheet.down else (length, breadth)
        return Picture(width, height, boxes, curves)

    def _box(self, name: str) -> Box:
        item, index = (OFFICE, self.place[name]), self.layer[name]
        width, height = self.sheet.box_width, self._height(name)
        middle = self.across[item] + self.shift
        start = self.along[index] + ((self._depth(index) - height) / 2 if self.sheet.down else 0)
        x, y = (middle - width / 2, start) if self.sheet.down else (start, middle - height / 2)
        return Box(self.nodes[name], x, y, width, height, self.lines[name])

    def _ports(self) -> dict[tuple[int, Item], float]:
        """(way, office) → where across the way meets the office: side by side, in the order of where they lead."""
        ends: dict[tuple[Item, bool], list[tuple[float, int]]] = {}
        for number, route in enumerate(self.routes):
            ends.setdefault((route[0], True), []).append((self.across[route[1]], number))
            ends.setdefault((route[-1], False), []).append((self.across[route[-2]], number))
        ports = {}
        for (item, after), ways in ends.items():
            load = self.load[item, after]
            squeeze = min(1.0, (self._size(item) - 8) / load)
            at = self.across[item] + self.shift - load * squeeze / 2
            for _towards, number in sorted(ways):
                room = (self.thick[number] + BETWEEN_WAYS) * squeeze
                ports[number, item] = at + room / 2
                at += room
        return ports

    def _path(self, number: int, edge: FlowEdge) -> tuple[Point, ...]:
        """From sender to receiver in smooth pieces that leave and enter along the layers’ direction."""
        route = self.routes[number]
        stops: list[tuple[float, float]] = []
        for place, item in enumerate(route):
            index = self._layer_of(item)
            start, end = self.along[index], self.along[index] + self._depth(index)
            if item[0] != OFFICE:
                stops += [(start, self.across[item] + self.shift), (end, self.across[item] + self.shift)]
            else:
                inset = self._inset(item, index)
                stops.append((end - inset if place == 0 else start + inset, self.ports[number, item]))
        if self.order[route[0][1]] != edge.sender:
            stops.reverse()
        points = [stops[0]]
        for (along1, across1), (along2, across2) in pairwise(stops):
            half = (along1 + along2) / 2
            points += [(half, across1), (half, across2), (along2, across2)]
        return tuple((across, along) if self.sheet.down else (along, across) for along, across in points)

    def _inset(self, item: Item, index: int) -> float:
        """How far a low box stands back from the edge of its layer."""
        if not self.sheet.down:
            return 0.0
        return (self._depth(index) - self._height(self.order[item[1]])) / 2


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _middle(neighbours: Mapping[Item, Sequence[Item]], item: Item, fixed: Mapping[Item, int], default: float) -> float:
    return round(_mean([fixed[other] for other in neighbours.get(item, ()) if other in fixed], default), 6)


# --- Labels -----------------------------------------------------------------------------------------------------

CANDIDATES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82)
LABEL_WIDTH, LABEL_HEIGHT = 34.0, 16.0


def place_labels(paths: Sequence[tuple[Point, ...]], boxes: Sequence[Box]) -> list[Point]:
    """Return a place on each path, as near its middle as other labels and the boxes allow."""
    taken: list[Point] = []
    for path in paths:
        spots = [point_at(path, share) for share in CANDIDATES]
        free = [spot for spot in spots if not _collides(spot, taken, boxes)]
        taken.append(free[0] if free else spots[0])
    return taken


def _collides(spot: Point, taken: Sequence[Point], boxes: Sequence[Box]) -> bool:
    x, y = spot
    if any(abs(x - a) < LABEL_WIDTH and abs(y - b) < LABEL_HEIGHT for a, b in taken):
        return True
    reach_x, reach_y = LABEL_WIDTH / 2, LABEL_HEIGHT / 2
    return any(
        box.x - reach_x < x < box.x + box.width + reach_x and box.y - reach_y < y < box.y + box.height + reach_y
        for box in boxes
    )


def point_at(path: Sequence[Point], share: float) -> Point:
    """Return the point at a share of a path’s pieces, 0 the start and 1 the end."""
    pieces = (len(path) - 1) // 3
    whole = min(int(share * pieces), pieces - 1)
    t = share * pieces - whole
    corners = path[3 * whole : 3 * whole + 4]
    weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
    x = sum(weight * corner[0] for weight, corner in zip(weights, corners, strict=True))
    y = sum(weight * corner[1] for weight, corner in zip(weights, corners, strict=True))
    return x, y
