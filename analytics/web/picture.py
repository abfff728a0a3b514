"""The flow between offices as a drawing: numbers and addresses ready for an SVG template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from analytics.core.flow import Flow
from analytics.core.layout import Box, Curve, Sheet, lay_out
from analytics.reports.wording import count_of_cases, duration, number

CLASSES: Final = 4
WIDE: Final = Sheet(capacity=5, down=False, box_width=168, layer_gap=104, item_gap=22, characters=20)
NARROW: Final = Sheet(capacity=2, down=True, box_width=140, layer_gap=62, item_gap=18, characters=16, margin=8)

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
    return _draw("wide", graph, names, WIDE, link), _draw("narrow", graph, names, NARROW, link)


def _draw(name: str, graph: Flow, names: dict[str, str], sheet: Sheet, link: Link) -> Drawing:
    picture = lay_out(graph, names, sheet)
    waits = sorted(edge.median_us for edge in graph.edges if edge.median_us is not None)
    most = max((edge.handovers for edge in graph.edges), default=1)
    curves = sorted(picture.curves, key=lambda curve: curve.edge.handovers)
    return Drawing(
        name=name,
        width=_number(picture.width),
        height=_number(picture.height),
        boxes=tuple(_box(box, sheet, names, link) for box in picture.boxes),
        curves=tuple(_curve(curve, most, waits, names, link) for curve in curves),
        quickest=duration(waits[0]) if waits else "",
        slowest=duration(waits[-1]) if waits else "",
    )


def _box(box: Box, sheet: Sheet, names: dict[str, str], link: Link) -> DrawnBox:
    first = box.y + 8 + sheet.line_height * 0.8
    lines = tuple(Line(text, _number(first + place * sheet.line_height)) for place, text in enumerate(box.lines))
    detail = f"{number(box.node.cases)} · {duration(box.node.median_us) if box.node.median_us is not None else '–'}"
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


def _curve(curve: Curve, most: int, waits: list[float], names: dict[str, str], link: Link) -> DrawnCurve:
    edge = curve.edge
    start, *bends = (f"{_number(x)} {_number(y)}" for x, y in curve.points)
    path = f"M{start}C{' '.join(bends)}"
    sender, receiver = names.get(edge.sender, edge.sender), names.get(edge.receiver, edge.receiver)
    return DrawnCurve(
        path=path,
        thickness=_number(1.5 + 9 * (edge.handovers / most) ** 0.5),
        wait=_class(edge.median_us, waits),
        label=number(edge.handovers),
        label_x=_number(curve.label_at[0]),
        label_y=_number(curve.label_at[1]),
        address=link({"figure": "handover", "of": edge.sender, "to": edge.receiver}),
        said=f"{sender} → {receiver}: {number(edge.handovers)}, {duration(edge.median_us)}",
    )


def _class(median_us: float | None, waits: list[float]) -> str:
    if median_us is None:
        return "unknown"
    return str(min(CLASSES - 1, waits.index(median_us) * CLASSES // len(waits)))


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
