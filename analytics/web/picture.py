"""The flow between offices as a drawing: numbers and addresses ready for an SVG template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from analytics.core.flow import Flow, busiest
from analytics.core.layout import Box, Curve, Point, Sheet, lay_out
from analytics.reports.wording import brief, count_of_cases, duration, number

CLASSES: Final = 4
WIDE: Final = Sheet(capacity=5, down=False, box_width=168, layer_gap=104, item_gap=22, characters=20)
NARROW: Final = Sheet(
    capacity=2, down=True, box_width=168, layer_gap=58, item_gap=12, characters=15, line_height=21, margin=6, way_size=8
)
ON_A_PHONE: Final = 10
"""Ways drawn on a narrow screen; more would be too small to read."""

Link = Callable[[Mapping[str, str]], str]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of words in a box."""

    text: str
    y: str


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """An office. Numbers are text with a point, whatever the reader’s language."""

    x: str
    y: str
    width: str
    height: str
    middle: str
    lines: tuple[Line, ...]
    detail: Line
    address: str
    said: str


@dataclass(frozen=True, slots=True)
class DrawnCurve:
    """A way between two offices: ``wait`` is its class of colour, 0 quick … 3 slow, or “unknown”."""

    path: str
    tip: str
    """The arrowhead: a triangle as thick as the line asks for."""
    thickness: str
    wait: str
    label: str
    label_x: str
    label_y: str
    address: str
    said: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """One picture, its box of view, and the waits at both ends of the colour scale."""

    name: str
    width: str
    height: str
    boxes: tuple[DrawnBox, ...]
    curves: tuple[DrawnCurve, ...]
    quickest: str
    slowest: str


def drawings(graph: Flow, names: dict[str, str], link: Link) -> tuple[Drawing, ...]:
    """Draw the same graph for a wide and for a narrow screen."""
    small = busiest(graph, ON_A_PHONE)
    return _draw("wide", graph, names, WIDE, link), _draw("narrow", small, names, NARROW, link)


def _draw(name: str, graph: Flow, names: dict[str, str], sheet: Sheet, link: Link) -> Drawing:
    picture = lay_out(graph, names, sheet)
    waits = sorted(edge.median_us for edge in graph.edges if edge.median_us is not None)
    curves = sorted(picture.curves, key=lambda curve: curve.edge.handovers)
    return Drawing(
        name=name,
        width=_number(picture.width),
        height=_number(picture.height),
        boxes=tuple(_box(box, sheet, names, link) for box in picture.boxes),
        curves=tuple(_curve(curve, waits, names, link) for curve in curves),
        quickest=duration(waits[0]) if waits else "",
        slowest=duration(waits[-1]) if waits else "",
    )


def _box(box: Box, sheet: Sheet, names: dict[str, str], link: Link) -> DrawnBox:
    first = box.y + 8 + sheet.line_height * 0.8
    lines = tuple(Line(text, _number(first + place * sheet.line_height)) for place, text in enumerate(box.lines))
    detail = f"{number(box.node.cases)} · {brief(box.node.median_us)}"
    name = names.get(box.node.office, box.node.office)
    return DrawnBox(
        x=_number(box.x),
        y=_number(box.y),
        width=_number(box.width),
        height=_number(box.height),
        middle=_number(box.x + box.width / 2),
        lines=lines,
        detail=Line(detail, _number(first + len(lines) * sheet.line_height)),
        address=link({"figure": "held", "of": box.node.office}),
        said=f"{name}: {count_of_cases(box.node.cases)}, {duration(box.node.median_us)}",
    )


def _curve(curve: Curve, waits: list[float], names: dict[str, str], link: Link) -> DrawnCurve:
    edge = curve.edge
    line, tip = _arrow(curve.points, curve.thickness)
    start, *bends = (f"{_number(x)} {_number(y)}" for x, y in line)
    sender, receiver = names.get(edge.sender, edge.sender), names.get(edge.receiver, edge.receiver)
    return DrawnCurve(
        path=f"M{start}C{' '.join(bends)}",
        tip="M" + "L".join(f"{_number(x)} {_number(y)}" for x, y in tip) + "z",
        thickness=_number(curve.thickness),
        wait=_class(edge.median_us, waits),
        label=number(edge.handovers),
        label_x=_number(curve.label_at[0]),
        label_y=_number(curve.label_at[1]),
        address=link({"figure": "handover", "of": edge.sender, "to": edge.receiver}),
        said=f"{sender} → {receiver}: {number(edge.handovers)}, {duration(edge.median_us)}",
    )


def _arrow(points: tuple[Point, ...], thickness: float) -> tuple[tuple[Point, ...], tuple[Point, Point, Point]]:
    """Stop the line where its arrowhead begins. Ways end along an axis, so the head is a plain triangle."""
    (bend_x, bend_y), (end_x, end_y) = points[-2], points[-1]
    long, wide = 6 + 0.6 * thickness, 4 + 0.65 * thickness
    along_x = abs(end_x - bend_x) >= abs(end_y - bend_y)
    way = (1.0 if end_x >= bend_x else -1.0) if along_x else (1.0 if end_y >= bend_y else -1.0)
    back = (end_x - way * long, end_y) if along_x else (end_x, end_y - way * long)
    one = (back[0], back[1] - wide) if along_x else (back[0] - wide, back[1])
    other = (back[0], back[1] + wide) if along_x else (back[0] + wide, back[1])
    return (*points[:-1], back), ((end_x, end_y), one, other)


def _class(median_us: float | None, waits: list[float]) -> str:
    if median_us is None:
        return "unknown"
    return str(min(CLASSES - 1, waits.index(median_us) * CLASSES // len(waits)))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
