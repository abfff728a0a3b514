"""What is promised of a case, and the clocks that measure it: pure rules, no Django.

A promise has up to three kinds of target: until an office *acknowledges* the case, until it is *resolved*, and for each
*step* of its workflow. Each is so many hours of working or of calendar time, other hours for some priorities.

The terms of a promise (targets and calendar) are copied onto the case when it is filed, so a later change of a service
or of opening hours changes no promise that was made. `tick` is what an event does to the clocks; `projection.apply`
calls it, so replay rebuilds every date from the terms and the events.

Two stretches of time do not count towards a target: those in which the case waited for the citizen, which are reported
as pauses, and those in which it was closed before it was opened again. A hand-off never stops a clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import isnan
from typing import Any, Protocol

from requests_app.calendars import Calendar, add_working_time, calendar_from_snapshot, snapshot_of, working_time
from requests_app.states import HELD, PRIORITIES, Activity, Status

MOST_HOURS = 24 * 366 * 10
"""No target is longer than ten years: it would be no promise."""

MOST_OPEN_WEEKS = 260
"""No target takes more than the opening hours of five usual years, so it falls due however many days are closed."""


class Count(StrEnum):
    """What time counts: the office's working time, or all of it."""

    WORKING = "working"
    CALENDAR = "calendar"


class BadTarget(ValueError):
    """A target that cannot be promised. `field` is where it stands ("resolve.by_priority.2"), `problem` a code."""

    def __init__(self, field_name: str, problem: str, given: object = None) -> None:
        super().__init__(f"{field_name}: {problem} ({given!r})")
        self.field, self.problem, self.given = field_name, problem, given


PROBLEMS = (
    "not_a_number",
    "not_positive",
    "too_long",
    "unknown_count",
    "unknown_priority",
    "unknown_key",
    "never_opens",
)
"""The codes of `BadTarget.problem`; the words for them are in `labels`."""


@dataclass(frozen=True, slots=True)
class Target:
    """How long something may take: hours, which time counts, and other hours for some priorities."""

    hours: float
    count: Count = Count.WORKING
    by_priority: Mapping[int, float] = field(default_factory=dict)

    def allowed(self, priority: int) -> timedelta:
        """How long a case of that priority may take."""
        return timedelta(hours=self.by_priority.get(priority, self.hours))


@dataclass(frozen=True, slots=True)
class Targets:
    """The targets of a service; None where nothing is promised."""

    acknowledge: Target | None = None
    resolve: Target | None = None
    steps: Mapping[str, Target] = field(default_factory=dict)

    @property
    def all(self) -> list[tuple[str, Target]]:
        """Every target with the field it stands in."""
        named = [("acknowledge", self.acknowledge), ("resolve", self.resolve)]
        steps = [(f"steps.{code}", target) for code, target in self.steps.items()]
        return [(name, target) for name, target in [*named, *steps] if target is not None]


@dataclass(frozen=True, slots=True)
class Terms:
    """What is promised of one case from version `since` of it on, and the calendar it is counted by."""

    targets: Targets
    calendar: Calendar
    calendar_version: int | None = None
    since: int = 1


@dataclass(frozen=True, slots=True)
class Promise:
    """The terms a case has had, the latest last: it gets others when it is moved to another service or workflow."""

    terms: tuple[Terms, ...]

    def at(self, version: int) -> Terms:
        """The terms in force after event number `version` of the case."""
        return next((t for t in reversed(self.terms) if t.since <= version), self.terms[0])


class Why(StrEnum):
    """Why a stretch of time does not count."""

    CITIZEN = "citizen"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch of time that does not count: aware moments, the end not before the beginning."""

    began_at: datetime
    ended_at: datetime
    why: Why = Why.CITIZEN


@dataclass(frozen=True, slots=True)
class Clocks:
    """The dates of a case: until when each target is kept, and what was not counted."""

    due_at: datetime | None = None
    acknowledge_due_at: datetime | None = None
    acknowledged_at: datetime | None = None
    step_began_at: datetime | None = None
    step_due_at: datetime | None = None
    paused_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    delayed_until: datetime | None = None

    @property
    def paused_s(self) -> int:
        """Seconds it has waited for the citizen so far, calendar time, without the wait that runs."""
        waits = (p.ended_at - p.began_at for p in self.pauses if p.why is Why.CITIZEN)
        return int(sum(waits, timedelta(0)).total_seconds())


class Case(Protocol):
    """What the clocks look at of a case: `projection.CaseState` is one."""

    @property
    def status(self) -> Status: ...
    @property
    def step(self) -> str: ...
    @property
    def priority(self) -> int: ...
    @property
    def version(self) -> int: ...
    @property
    def submitted_at(self) -> datetime: ...
    @property
    def closed_at(self) -> datetime | None: ...


# --- Counting --------------------------------------------------------------------------------------------------------


def due(target: Target, calendar: Calendar, start: datetime, priority: int, pauses: Sequence[Pause] = ()) -> datetime:
    """The moment (UTC) when the time allowed from `start` is used up, `pauses` (in order) not counted."""
    left, at = target.allowed(priority), start.astimezone(UTC)
    for pause in pauses:
        if pause.ended_at <= at:
            continue
        used = counted(target.count, calendar, at, pause.began_at)
        if left <= used:
            break
        left -= used
        at = pause.ended_at.astimezone(UTC)
    return add_working_time(calendar, at, left) if target.count is Count.WORKING else at + left


def counted(count: Count, calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """The time from `start` to `end` that counts; none when `end` is not after `start`."""
    if count is Count.WORKING:
        return working_time(calendar, start, end)
    return max(end - start, timedelta(0))


# --- What an event does to the clocks --------------------------------------------------------------------------------


def begin_clocks(promise: Promise, case: Case) -> Clocks:
    """The clocks of a case that was just filed."""
    begun = Clocks(step_began_at=case.submitted_at if case.step else None)
    return _acknowledged(_recounted(promise.at(case.version), begun, case), case, case.submitted_at)


def tick(
    promise: Promise,
    clocks: Clocks,
    before: Case,
    after: Case,
    activity: Activity,
    at: datetime,
    new_date: datetime | None = None,
) -> Clocks:
    """The clocks after an event that happened `at` and took the case from `before` to `after`."""
    moved = _stepped(_paused(clocks, before, after, at), before, after, at)
    if activity is Activity.DELAYED:
        moved = replace(moved, delayed_until=new_date)
    terms = promise.at(after.version)
    changed = (
        moved.pauses != clocks.pauses
        or moved.step_began_at != clocks.step_began_at
        or after.priority != before.priority
        or terms is not promise.at(before.version)
    )
    return _acknowledged(_recounted(terms, moved, after) if changed else moved, after, at)


def _paused(clocks: Clocks, before: Case, after: Case, at: datetime) -> Clocks:
    """A wait for the citizen begins or ends; a case that was closed is opened again."""
    if before.status == after.status:
        return clocks
    ended = clocks
    if before.status is Status.WAITING_CITIZEN and clocks.paused_at is not None:
        ended = _with_pause(ended, clocks.paused_at, at, Why.CITIZEN)
    if before.status is Status.CLOSED and before.closed_at is not None:
        ended = replace(_with_pause(ended, before.closed_at, at, Why.CLOSED), delayed_until=None)
    return replace(ended, paused_at=at if after.status is Status.WAITING_CITIZEN else None)


def _with_pause(clocks: Clocks, began_at: datetime, ended_at: datetime, why: Why) -> Clocks:
    """One pause more; partners report out of order, so none begins before the one before it has ended."""
    first = max(began_at, clocks.pauses[-1].ended_at) if clocks.pauses else began_at
    return replace(clocks, pauses=(*clocks.pauses, Pause(first, max(first, ended_at), why)))


def _stepped(clocks: Clocks, before: Case, after: Case, at: datetime) -> Clocks:
    return replace(clocks, step_began_at=at if after.step else None) if after.step != before.step else clocks


def _acknowledged(clocks: Clocks, case: Case, at: datetime) -> Clocks:
    """Acknowledged is a case that an office has accepted, or that was answered and closed at once."""
    if clocks.acknowledged_at is not None or not (case.status in HELD or case.status is Status.CLOSED):
        return clocks
    return replace(clocks, acknowledged_at=at)


def _recounted(terms: Terms, clocks: Clocks, case: Case) -> Clocks:
    """Every date counted anew, except the one of an acknowledgement that was given: it is history."""
    targets = terms.targets

    def until(target: Target | None, start: datetime | None) -> datetime | None:
        if target is None or start is None:
            return None
        return due(target, terms.calendar, start, case.priority, clocks.pauses)

    given = clocks.acknowledged_at is not None
    return replace(
        clocks,
        due_at=until(targets.resolve, case.submitted_at),
        acknowledge_due_at=clocks.acknowledge_due_at if given else until(targets.acknowledge, case.submitted_at),
        step_due_at=until(targets.steps.get(case.step), clocks.step_began_at),
    )


# --- Reading and writing ---------------------------------------------------------------------------------------------


def read_targets(stored: Mapping[str, Any]) -> Targets:
    """Targets as a service stores them; BadTarget names the field and what is wrong with it.

    {"resolve": {"hours": 40, "count": "working", "by_priority": {"2": 8}}, "acknowledge": {…}, "steps": {code: {…}}}
    """
    for name in stored:
        if name not in ("acknowledge", "resolve", "steps"):
            raise BadTarget(name, "unknown_key", name)
    steps = stored.get("steps") or {}
    return Targets(
        acknowledge=_read_target("acknowledge", stored.get("acknowledge")),
        resolve=_read_target("resolve", stored.get("resolve")),
        steps={code: read for code, one in steps.items() if (read := _read_target(f"steps.{code}", one))},
    )


def _read_target(name: str, stored: Mapping[str, Any] | None) -> Target | None:
    if not stored:
        return None
    for key in stored:
        if key not in ("hours", "count", "by_priority"):
            raise BadTarget(f"{name}.{key}", "unknown_key", key)
    count = stored.get("count", Count.WORKING)
    if count not in list(Count):
        raise BadTarget(f"{name}.count", "unknown_count", count)
    others = {}
    for priority, hours in (stored.get("by_priority") or {}).items():
        where = f"{name}.by_priority.{priority}"
        if str(priority) not in {str(known) for known in PRIORITIES}:
            raise BadTarget(where, "unknown_priority", priority)
        others[int(priority)] = _read_hours(where, hours)
    return Target(_read_hours(f"{name}.hours", stored.get("hours")), Count(count), others)


def _read_hours(name: str, hours: Any) -> float:
    if isinstance(hours, bool) or not isinstance(hours, int | float) or isnan(hours):
        raise BadTarget(name, "not_a_number", hours)
    if hours <= 0:
        raise BadTarget(name, "not_positive", hours)
    if hours > MOST_HOURS:
        raise BadTarget(name, "too_long", hours)
    return hours


def check_calendar(targets: Targets, calendar: Calendar) -> None:
    """BadTarget when a target counts working time that the calendar does not have: it would never fall due."""
    most = calendar.usual_hours_a_week * MOST_OPEN_WEEKS
    for name, target in targets.all:
        if target.count is not Count.WORKING:
            continue
        if calendar.never_opens:
            raise BadTarget(name, "never_opens")
        longest = max(target.hours, *target.by_priority.values(), 0)
        if longest > most:
            raise BadTarget(name, "too_long", longest)


@dataclass(frozen=True, slots=True)
class Longer:
    """A step that may take longer than the whole case: the targets of both, and the priority of which it is so."""

    step: str
    priority: int
    of_step: Target
    of_whole: Target

    @property
    def hours(self) -> tuple[float, float]:
        """The hours of the step and of the whole at that priority."""
        pair = (self.of_step, self.of_whole)
        return tuple(t.by_priority.get(self.priority, t.hours) for t in pair)  # type: ignore[return-value]


TRIED_DAYS = 14
"""Days on which a case may begin that are tried where working time is compared with calendar time."""


def longer_steps(terms: Terms, since: datetime) -> list[Longer]:
    """The steps whose date can come after that of the whole case, each once, with the first priority of which it does.

    Hours that count the same time are compared as they are; others by their dates for cases begun on each day of two
    weeks from `since` on.
    """
    whole = terms.targets.resolve
    if whole is None:
        return []
    found = []
    for step, target in terms.targets.steps.items():
        priorities = [0, *sorted({*target.by_priority, *whole.by_priority} - {0})]
        late = next((p for p in priorities if _outlasts(target, whole, terms.calendar, p, since)), None)
        if late is not None:
            found.append(Longer(step, late, target, whole))
    return found


def _outlasts(step: Target, whole: Target, calendar: Calendar, priority: int, since: datetime) -> bool:
    if step.count is whole.count:
        return step.allowed(priority) > whole.allowed(priority)
    starts = (since + timedelta(days=day) for day in range(TRIED_DAYS))
    return any(due(step, calendar, at, priority) > due(whole, calendar, at, priority) for at in starts)


def write_targets(targets: Targets) -> dict[str, Any]:
    """Targets as they are stored; `read_targets` reads them back."""
    written: dict[str, Any] = {}
    for name, target in targets.all:
        into, key = (written.setdefault("steps", {}), name[6:]) if name.startswith("steps.") else (written, name)
        into[key] = {"hours": target.hours, "count": target.count.value}
        if target.by_priority:
            into[key]["by_priority"] = {str(priority): hours for priority, hours in target.by_priority.items()}
    return written


def write_terms(terms: Terms) -> dict[str, Any]:
    """Terms as a case keeps them."""
    return {
        **write_targets(terms.targets),
        "calendar": snapshot_of(terms.calendar),
        "calendar_version": terms.calendar_version,
        "since": terms.since,
    }


def read_promise(stored: Mapping[str, Any]) -> Promise | None:
    """The promise a case keeps; None for a case that was filed without terms (imported ones)."""
    terms = stored.get("terms")
    return Promise(tuple(_read_terms(one) for one in terms)) if terms else None


def _read_terms(stored: Mapping[str, Any]) -> Terms:
    targets = {name: stored[name] for name in ("acknowledge", "resolve", "steps") if name in stored}
    return Terms(
        read_targets(targets),
        calendar_from_snapshot(stored["calendar"]),
        stored.get("calendar_version"),
        stored["since"],
    )


def write_pauses(pauses: Sequence[Pause]) -> list[list[str]]:
    """Pauses as a case keeps them."""
    return [[p.began_at.isoformat(), p.ended_at.isoformat(), p.why.value] for p in pauses]


def read_pauses(stored: Sequence[Sequence[str]]) -> tuple[Pause, ...]:
    """Pauses read back."""
    return tuple(Pause(datetime.fromisoformat(a), datetime.fromisoformat(b), Why(why)) for a, b, why in stored)
