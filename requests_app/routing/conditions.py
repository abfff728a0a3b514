"""What conditions mean: each becomes a test on the facts of a case, true, false or None.

None is "cannot be told": what the rule names is gone. It spreads as in three-valued logic, so a broken part matters
only where it could have decided: a rule for snow in an area that is gone is still false for a pothole.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from requests_app.calendars import Calendar
from requests_app.routing.document import ALL, ANY, NOT, Condition
from requests_app.routing.ground import Lonlat, nearby, ring, shape_of
from requests_app.routing.known import Known
from requests_app.routing.leaves import DAYS
from requests_app.text.normalise import fold

Workload = Mapping[int, int]
Slots = list[tuple[datetime, datetime]]


@dataclass(slots=True)
class Facts:
    """What is known of a case when it is routed.

    `at` is when it was filed (aware); `point` (longitude, latitude) in WGS84 degrees; `steps` are the codes of its
    workflow's steps; `workload` the open cases of the offices that rules ask about, by office id.
    """

    service: str
    kind: str
    channel: str
    at: datetime
    area_id: int | None = None
    point: Lonlat | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    steps: frozenset[str] = frozenset()
    workload: Workload = field(default_factory=dict)
    _text: str | None = None

    @property
    def text(self) -> str:
        """The words as they are searched: folded, with a space at both ends."""
        if self._text is None:
            self._text = f" {fold(self.words)} "
        return self._text


Test = Callable[[Facts], bool | None]


@dataclass(frozen=True, slots=True)
class Node:
    """A compiled condition: its test, and the tests of its parts to say which of them held."""

    kind: str
    test: Test
    parts: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True)
class Builder:
    """Compiles the conditions of one rule; `gone` collects what the rule names and the place no longer has."""

    known: Known
    gone: list[str] = field(default_factory=list)

    def node(self, condition: Condition) -> Node:
        """A condition with everything below it."""
        parts = tuple(self.node(part) for part in condition.parts)
        if condition.kind in _JOINS:
            return Node(condition.kind, _JOINS[condition.kind]([part.test for part in parts]), parts)
        test = _TESTS[condition.kind](self, condition.value)
        return Node(condition.kind, test)

    def missing(self, what: str) -> Test:
        """The test of something that is gone."""
        self.gone.append(what)
        return _cannot_tell


def reasons(node: Node, facts: Facts, path: str = "") -> list[str]:
    """The paths of the leaves that made a condition true, "1.2" for the second part of the first; "" is the whole."""
    if not node.parts or node.kind == NOT:
        return [path]
    held = [(n, part) for n, part in enumerate(node.parts, start=1) if part.test(facts)]
    return [found for n, part in held for found in reasons(part, facts, f"{path}.{n}".lstrip("."))]


# --- Joining ----------------------------------------------------------------------------------------------------------


def _all(tests: Sequence[Test]) -> Test:
    def test(facts: Facts) -> bool | None:
        result: bool | None = True
        for one in tests:
            verdict = one(facts)
            if verdict is False:
                return False
            if verdict is None:
                result = None
        return result

    return test


def _any(tests: Sequence[Test]) -> Test:
    def test(facts: Facts) -> bool | None:
        result: bool | None = False
        for one in tests:
            verdict = one(facts)
            if verdict:
                return True
            if verdict is None:
                result = None
        return result

    return test


def _not(tests: Sequence[Test]) -> Test:
    (inner,) = tests

    def test(facts: Facts) -> bool | None:
        verdict = inner(facts)
        return None if verdict is None else not verdict

    return test


_JOINS: dict[str, Callable[[Sequence[Test]], Test]] = {ALL: _all, ANY: _any, NOT: _not}


def _cannot_tell(facts: Facts) -> None:
    return None


# --- Leaves -----------------------------------------------------------------------------------------------------------


def _service(builder: Builder, codes: Sequence[str]) -> Test:
    wanted = frozenset(codes)
    return lambda facts: facts.service in wanted


def _kind(builder: Builder, kinds: Sequence[str]) -> Test:
    wanted = frozenset(kinds)
    return lambda facts: facts.kind in wanted


def _channel(builder: Builder, channels: Sequence[str]) -> Test:
    wanted = frozenset(channels)
    return lambda facts: facts.channel in wanted


def _answer(builder: Builder, asked: Mapping[str, Any]) -> Test:
    question = str(asked["question"])
    if "given" in asked:
        return lambda facts: bool(facts.answers.get(question)) is asked["given"]
    if "is" in asked:
        wanted = frozenset(asked["is"])
        return lambda facts: facts.answers.get(question) in wanted
    least, most = asked.get("at_least", float("-inf")), asked.get("at_most", float("inf"))
    return lambda facts: _between(facts.answers.get(question, ""), float(least), float(most))


def _between(answer: str, least: float, most: float) -> bool:
    try:
        return least <= float(answer.replace(",", ".")) <= most
    except ValueError:
        return False


def _words(builder: Builder, phrases: Sequence[str]) -> Test:
    sought = tuple(f" {fold(phrase)}" + ("" if phrase.endswith("*") else " ") for phrase in phrases)
    return lambda facts: any(phrase in facts.text for phrase in sought)


def _area(builder: Builder, codes: Sequence[str]) -> Test:
    known = builder.known
    here = [known.areas.get(code) for code in codes]
    ids = frozenset(area.pk for area in here if area is not None)
    shapes = [
        shape_of(known.areas[code].geometry) for code in codes if ":" in code and known.areas.get(code) is not None
    ]
    tests: list[Test] = [
        lambda facts: (
            facts.area_id in ids or (facts.point is not None and any(shape.covers(facts.point) for shape in shapes))
        )
    ]
    if None in here:
        tests.append(builder.missing("area_gone"))
    return _any(tests) if len(tests) > 1 else tests[0]


def _polygon(builder: Builder, corners: Sequence[Lonlat]) -> Test:
    polygon = ring(corners)
    if not polygon.valid:
        return builder.missing("polygon_invalid")
    shape = shape_of(polygon)
    return lambda facts: facts.point is not None and shape.covers(facts.point)


def _near(builder: Builder, asked: Mapping[str, Any]) -> Test:
    feature = builder.known.features.get(str(asked["feature"]))
    if feature is None:
        return builder.missing("feature_gone")
    around = nearby(feature.geometry, float(asked["metres"]))
    return lambda facts: facts.point is not None and around.reaches(facts.point)


def _time(builder: Builder, asked: Mapping[str, Any]) -> Test:
    calendar = builder.known.calendar
    zone = ZoneInfo(calendar.zone)
    tests: list[Test] = []
    if "working" in asked:
        tests.append(_working(calendar, wanted=asked["working"] is True))
    if "days" in asked:
        days = frozenset(DAYS.index(day) for day in asked["days"])
        tests.append(lambda facts: facts.at.astimezone(zone).weekday() in days)
    if "from" in asked:
        opens, closes = time.fromisoformat(str(asked["from"])), time.fromisoformat(str(asked["to"]))
        tests.append(lambda facts: _clock_between(facts.at.astimezone(zone).time(), opens, closes))
    return _all(tests)


def _clock_between(at: time, opens: time, closes: time) -> bool:
    return opens <= at < closes if opens < closes else at >= opens or at < closes


def _working(calendar: Calendar, *, wanted: bool) -> Test:
    slots: dict[date, Slots] = {}

    def test(facts: Facts) -> bool:
        day = calendar.local_day(facts.at)
        if day not in slots:
            slots[day] = calendar.open_slots(day)
        return any(opens <= facts.at < closes for opens, closes in slots[day]) is wanted

    return test


def _workload(builder: Builder, asked: Mapping[str, Any]) -> Test:
    office = builder.known.offices.get(str(asked["office"]))
    if office is None:
        return builder.missing("office_gone")
    pk, over = office.pk, int(asked["over"])
    return lambda facts: facts.workload.get(pk, 0) > over


_TESTS: dict[str, Callable[[Builder, Any], Test]] = {
    "service": _service,
    "kind": _kind,
    "answer": _answer,
    "words": _words,
    "area": _area,
    "polygon": _polygon,
    "near": _near,
    "time": _time,
    "channel": _channel,
    "workload": _workload,
}
