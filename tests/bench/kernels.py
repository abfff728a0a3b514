"""What the measures cost on a million rows, each alone, without a database: CPU seconds after imports.

Goals: working time at most 300 ns a pair; causes of waiting grow at most with exponent 1.15 from 100,000 rows on.
"""

import math
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import numpy as np

from analytics.core.barriers.baseline import ComparableOffices, Waits
from analytics.core.barriers.ranking import rank_barriers
from analytics.core.causes.waiting import Staffing, Work, waiting_causes
from analytics.core.drift import drifts
from analytics.core.equity.times import time_by_area
from analytics.core.frames import instant
from analytics.core.survival.competing import aalen_johansen
from analytics.core.survival.curve import curves, kaplan_meier
from analytics.core.worktime import WorkClock, work_clock
from requests_app.calendars import Calendar
from tests.bench.rows import Row

FROM, UNTIL = instant(datetime(2016, 1, 1, tzinfo=UTC)), instant(datetime(2026, 12, 1, tzinfo=UTC))
OFFICES, SERVICES, STEPS = 40, 20, 300
LONGEST_US = 10**13
NAMES = tuple(str(number) for number in range(STEPS))


def measure(quick: bool) -> Iterator[Row]:
    """Measure each kernel on the same invented rows."""
    n = 100_000 if quick else 1_000_000
    yield from counted(quick)
    for name, act in _kernels(n).items():
        yield Row("kernels", f"{name}, {n:,} rows", _cpu(act), "CPU s", goal=5.0)


def counted(quick: bool) -> Iterator[Row]:
    """Measure the two that have a goal of their own: working time, and the causes of waiting."""
    n = 100_000 if quick else 1_000_000
    clock = work_clock([(FROM, Calendar("America/Toronto", holiday_subdivision="ON"))], FROM, UNTIL)
    yield from _working_time(clock, n)
    yield from _causes(clock, n)


def _working_time(clock: WorkClock, n: int) -> Iterator[Row]:
    generator = np.random.default_rng(1)
    start = generator.integers(FROM, UNTIL - LONGEST_US, n)
    end = start + generator.integers(0, LONGEST_US, n)
    nanoseconds = min(_cpu(lambda: clock.between_us(start, end)) for _ in range(3)) / n * 1e9
    yield Row("kernels", "working time, a pair", nanoseconds, "ns", goal=300.0)


def _causes(clock: WorkClock, n: int) -> Iterator[Row]:
    staffing = Staffing([clock], np.zeros(OFFICES, dtype=np.int64))
    few, many = (_explaining(work_of(rows), staffing) for rows in (n // 10, n))
    yield Row("kernels", f"causes of waiting, {n:,} rows", many, "CPU s", goal=5.0)
    yield Row("kernels", "causes of waiting, exponent of ten times the rows", math.log10(many / few), "", goal=1.15)


def _explaining(work: Work, staffing: Staffing) -> float:
    return min(_cpu(lambda: waiting_causes(work, UNTIL, staffing)) for _ in range(3))


def work_of(n: int) -> Work:
    """Invent work of forty offices that are busy about two thirds of the time."""
    generator = np.random.default_rng(2)
    arrived = np.sort(generator.integers(FROM, UNTIL - LONGEST_US, n))
    started = arrived + generator.exponential(3e11, n).astype(np.int64)
    busy_us = 0.65 * (UNTIL - FROM) * OFFICES / n
    return Work(
        generator.integers(0, OFFICES, n),
        arrived,
        started,
        started + generator.exponential(busy_us, n).astype(np.int64),
    )


def _kernels(n: int) -> dict[str, Callable[[], object]]:
    generator = np.random.default_rng(3)
    ages, ended = (generator.lognormal(12, 1.5, n) * 1e6).astype(np.int64), generator.random(n) < 0.7
    office, service, step = (generator.integers(0, count, n) for count in (OFFICES, SERVICES, STEPS))
    at = generator.integers(FROM, UNTIL, n)
    cause = np.where(ended, generator.integers(1, 3, n), 0)
    waits = Waits(office, service, at // (7 * 86_400_000_000), ages, ended, NAMES[:OFFICES], NAMES[:SERVICES])
    return {
        "Kaplan-Meier": lambda: kaplan_meier(ages, ended),
        f"Kaplan-Meier of {STEPS} groups": lambda: curves(ages, ended, step, STEPS),
        "competing ends": lambda: aalen_johansen(ages, cause, ("answered", "withdrawn")),
        "ranking with noise and rank intervals": lambda: rank_barriers(waits, ComparableOffices(waits)),
        f"drift of {STEPS} steps": lambda: drifts(ages, at, step, NAMES),
        "equity of 40 areas": lambda: time_by_area(ages, ended, office, service, NAMES[:OFFICES], SERVICES),
    }


def _cpu(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began
