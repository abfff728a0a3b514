"""A workflow as a picture: where each step, branch and line lies. Pure; the words come from the caller.

The picture is one column that fits a phone. The case's own steps stand one below the other in the order they were
written; the branches that run beside one stand side by side above it, between a bar where they part and a bar where
they join. Each move is a line of words in the box of its step. A move to the step right below leaves the box at its
foot; others run in lanes beside the column, forwards on the right and backwards on the left, one lane for all the
moves that lead to one step. A move that closes the request ends in a mark.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from requests_app.text.lines import wrapped
from requests_app.workflows.definition import Definition, Move, Step

Point = tuple[float, float]

BOX = 270.0
LANE = 12.0
MARGIN = 8.0
GAP = 30.0
"""Between one box and the next."""
PADDING = 10.0
BRANCH_GAP = 12.0
NARROWEST = 132.0
"""Of a branch; more of them than fit make the picture wider."""
BAR_GAP = 24.0
NAME_HEIGHT, SOFT_HEIGHT, MOVE_HEIGHT = 19.0, 16.0, 17.0
NAME_WIDTH, SOFT_WIDTH, MOVE_WIDTH = 7.9, 6.6, 7.0
"""Of one letter, on average, with room to spare."""
MARK = 16.0
"""Room for the mark before the words of a move."""


class Way(StrEnum):
    """How a move leaves its box."""

    ON = "on"
    FORTH = "forth"
    BACK = "back"
    END = "end"
    JOIN = "join"
    WITHIN = "within"
    """To another step of the same branch; its words say which."""


class At(StrEnum):
    """Where a case is, seen from a step: here, past it, or neither."""

    HERE = "here"
    PASSED = "passed"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Words:
    """What is written in the box of a step: its name, softer lines (office, time), and each move by its code."""

    name: str
    soft: tuple[str, ...] = ()
    moves: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of words. `look`: name, soft or move."""

    x: float
    y: float
    text: str
    look: str


@dataclass(frozen=True, slots=True)
class MoveMark:
    """The mark before the words of a move; `y` is the middle of its first line."""

    x: float
    y: float
    way: Way


@dataclass(frozen=True, slots=True)
class Box:
    """A step: its upper left corner, its size, its lines of words, its marks."""

    code: str
    x: float
    y: float
    width: float
    height: float
    at: At
    is_side: bool
    lines: tuple[Line, ...]
    marks: tuple[MoveMark, ...]
    move_ys: Mapping[str, float]

    @property
    def middle(self) -> float:
        """Where the lines above and below meet it."""
        return self.x + self.width / 2

    @property
    def foot(self) -> float:
        """Its lower edge."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Wire:
    """A line from point to point. `look`: on, forth, back or beside; with an arrow at its end where `has_arrow`."""

    points: tuple[Point, ...]
    look: str
    has_arrow: bool = True

    @property
    def path(self) -> str:
        """The points as SVG has them."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in self.points)


@dataclass(frozen=True, slots=True)
class Bar:
    """Where branches part or join."""

    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything that is drawn."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    bars: tuple[Bar, ...]


def draw(
    definition: Definition, words: Mapping[str, Words], here: Collection[str] = (), passed: Collection[str] = ()
) -> Drawing:
    """The picture of a sound workflow. `here` are the steps a case is at, `passed` those it has left."""
    return _Drawer(definition, words, here, passed).drawing()


@dataclass(slots=True)
class _Stop:
    """A step of the own way as it is placed: its box, and the bars and boxes of the branches it waits for."""

    box: Box
    fork: Bar | None
    join: Bar | None
    columns: Sequence[Sequence[Box]]

    @property
    def top(self) -> float:
        return self.fork.y if self.fork else self.box.y


class _Drawer:
    def __init__(
        self, definition: Definition, words: Mapping[str, Words], here: Collection[str], passed: Collection[str]
    ) -> None:
        self.definition, self.words, self.here, self.passed = definition, words, here, passed
        self.side, self.own = definition.side_steps, definition.own_way
        self.order = [step.code for step in definition.main_steps]
        self.opened = {code: self._opened_for(code) for code in self.order}
        self.column = max([BOX, *(self._wanted(opened) for opened in self.opened.values())])

    # --- Boxes ---------------------------------------------------------------------------------------------------

    def _opened_for(self, code: str) -> tuple[str, ...]:
        moves = (move for step in self.definition.steps for move in step.moves if move.to == code)
        return tuple(dict.fromkeys(opened for move in moves for opened in move.opens))

    def _wanted(self, opened: Sequence[str]) -> float:
        return len(opened) * NARROWEST + (len(opened) - 1) * BRANCH_GAP

    def _stops(self) -> list[_Stop]:
        stops: list[_Stop] = []
        y = MARGIN
        for code in self.order:
            stop = self._stop(code, y)
            stops.append(stop)
            y = stop.box.foot + GAP
        return stops

    def _stop(self, code: str, y: float) -> _Stop:
        opened = self.opened[code]
        fork = join = None
        columns: list[list[Box]] = []
        if opened:
            fork = Bar(0, y, self.column)
            columns = self._columns(opened, y + BAR_GAP)
            y = max(boxes[-1].foot for boxes in columns) + BAR_GAP
            join = Bar(0, y, self.column)
            y += BAR_GAP
        return _Stop(self._box(code, 0, y, self.column), fork, join, columns)

    def _columns(self, opened: Sequence[str], y: float) -> list[list[Box]]:
        width = (self.column - BRANCH_GAP * (len(opened) - 1)) / len(opened)
        columns = []
        for number, code in enumerate(opened):
            at, boxes = y, []
            for follower in self._within(code):
                boxes.append(self._box(follower, number * (width + BRANCH_GAP), at, width))
                at = boxes[-1].foot + GAP
            columns.append(boxes)
        return columns

    def _within(self, code: str) -> list[str]:
        """The steps of a branch, in the order they were written, the one that was opened first."""
        followers = self.definition.reached_from([code], self.own)
        return [code, *(step.code for step in self.definition.steps if step.code in followers and step.code != code)]

    def _box(self, code: str, x: float, y: float, width: float) -> Box:
        step = self.definition.step(code)
        assert step is not None
        words, room = self.words[code], width - 2 * PADDING
        lines: list[Line] = []
        marks: list[MoveMark] = []
        ys: dict[str, float] = {}
        at = y + PADDING

        def write(text: str, look: str, height: float, letter: float, indent: float = 0) -> None:
            nonlocal at
            for part in wrapped(text, max(8, int((room - indent) / letter))):
                at += height
                lines.append(Line(x + PADDING + indent, at - height * 0.28, part, look))

        write(words.name, "name", NAME_HEIGHT, NAME_WIDTH)
        for text in words.soft:
            write(text, "soft", SOFT_HEIGHT, SOFT_WIDTH)
        at += 5
        for move in step.moves:
            ys[move.code] = at + MOVE_HEIGHT / 2
            marks.append(MoveMark(x + PADDING + 5, ys[move.code], self._way(step, move)))
            write(words.moves.get(move.code, move.code), "move", MOVE_HEIGHT, MOVE_WIDTH, MARK)
        state = At.HERE if code in self.here else At.PASSED if code in self.passed else At.NONE
        return Box(code, x, y, width, at + PADDING - y, state, code in self.side, tuple(lines), tuple(marks), ys)

    # --- Moves ---------------------------------------------------------------------------------------------------

    def _way(self, step: Step, move: Move) -> Way:
        if move.outcome:
            return Way.END
        if move.joins:
            return Way.JOIN
        if step.code in self.side:
            return Way.WITHIN
        here, there = self.order.index(step.code), self.order.index(move.to)
        if there == here + 1 and bool(move.opens) == bool(self.opened[move.to]):
            return Way.ON
        return Way.FORTH if there > here else Way.BACK

    def drawing(self) -> Drawing:
        """Boxes, then the lines between them, moved so that all of it lies within the margins."""
        stops = self._stops()
        wires = [wire for number, stop in enumerate(stops) for wire in self._straight(stops, number, stop)]
        right = self._lanes(stops, Way.FORTH)
        left = self._lanes(stops, Way.BACK)
        shift = MARGIN + (LANE * self.left_lanes + 4 if left else 0)
        width = shift + self.column + (LANE * self.right_lanes + 4 if right else 0) + MARGIN
        boxes = [box for stop in stops for column in stop.columns for box in column] + [stop.box for stop in stops]
        bars = [bar for stop in stops for bar in (stop.fork, stop.join) if bar]
        return Drawing(
            width,
            stops[-1].box.foot + MARGIN,
            tuple(_moved_box(box, shift) for box in boxes),
            tuple(Wire(tuple((x + shift, y) for x, y in w.points), w.look, w.has_arrow) for w in wires + left + right),
            tuple(Bar(bar.x + shift, bar.y, bar.width) for bar in bars),
        )

    def _straight(self, stops: Sequence[_Stop], number: int, stop: _Stop) -> list[Wire]:
        wires = []
        step = self.definition.step(stop.box.code)
        assert step is not None
        if any(self._way(step, move) is Way.ON for move in step.moves):
            wires.append(_down(stop.box.middle, stop.box.foot, stops[number + 1].top, "on"))
        if stop.fork and stop.join:
            for boxes in stop.columns:
                ends = [stop.fork.y, *(edge for box in boxes for edge in (box.y, box.foot)), stop.join.y]
                wires += [
                    _down(boxes[0].middle, ends[place], ends[place + 1], "beside") for place in range(0, len(ends), 2)
                ]
            wires.append(_down(stop.box.middle, stop.join.y, stop.box.y, "on"))
        return wires

    # --- Lanes ---------------------------------------------------------------------------------------------------

    left_lanes = 0
    right_lanes = 0

    def _lanes(self, stops: Sequence[_Stop], way: Way) -> list[Wire]:
        """The lines beside the column: those that lead to one place share a lane."""
        ends = self._ends(stops, way)
        taken: list[list[tuple[float, float]]] = []
        wires: list[Wire] = []
        for target, starts in sorted(ends.items(), key=lambda item: _span(item[0], item[1])):
            lane = _free_lane(taken, min(target, *starts) - 8, max(target, *starts) + 8)
            far = LANE * (lane + 1)
            edge, out = (self.column, self.column + far) if way is Way.FORTH else (0.0, -far)
            wires += [Wire(((edge, start), (out, start), (out, target), (edge, target)), way.value) for start in starts]
        if way is Way.FORTH:
            self.right_lanes = len(taken)
        else:
            self.left_lanes = len(taken)
        return wires

    def _ends(self, stops: Sequence[_Stop], way: Way) -> dict[float, list[float]]:
        """Where lines of a way arrive, with where they set out."""
        by_code = {stop.box.code: stop for stop in stops}
        ends: dict[float, list[float]] = {}
        for stop in stops:
            step = self.definition.step(stop.box.code)
            for move in step.moves if step else ():
                if self._way(step, move) is way:  # type: ignore[arg-type]
                    target = by_code[move.to]
                    at = target.fork.y if move.opens and target.fork else target.box.y + PADDING + NAME_HEIGHT / 2
                    ends.setdefault(at, []).append(stop.box.move_ys[move.code])
        return ends


def _down(x: float, start: float, end: float, look: str) -> Wire:
    return Wire(((x, start), (x, end)), look)


def _span(target: float, starts: Sequence[float]) -> float:
    return max(target, *starts) - min(target, *starts)


def _free_lane(taken: list[list[tuple[float, float]]], start: float, end: float) -> int:
    """The nearest lane in which nothing runs between two heights; a new one when there is none."""
    for number, spans in enumerate(taken):
        if all(end < one or start > other for one, other in spans):
            spans.append((start, end))
            return number
    taken.append([(start, end)])
    return len(taken) - 1


def _moved_box(box: Box, shift: float) -> Box:
    return Box(
        box.code,
        box.x + shift,
        box.y,
        box.width,
        box.height,
        box.at,
        box.is_side,
        tuple(Line(line.x + shift, line.y, line.text, line.look) for line in box.lines),
        tuple(MoveMark(mark.x + shift, mark.y, mark.way) for mark in box.marks),
        box.move_ys,
    )
