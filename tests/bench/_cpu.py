"""CPU time of this process and of the database process that serves it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.bench.rows import Row

FRAMES = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")


@dataclass(frozen=True)
class Cost:
    """CPU milliseconds of one repetition, in the application and in the database."""

    app_ms: float
    database_ms: float

    @property
    def total_ms(self) -> float:
        return self.app_ms + self.database_ms


def database_process() -> int:
    """Return the number of the server process behind this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def cpu_seconds(process: int) -> float:
    """Return the CPU time a process of this machine has used, to the nanosecond where the kernel tells."""
    return int(Path(f"/proc/{process}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9


def cost(act: Callable[[int], object], times: int) -> Cost:
    """Do something `times` times, each with its number, and return what one of them costs."""
    server = database_process()
    app, database = time.process_time(), cpu_seconds(server)
    for number in range(times):
        act(number)
    app, database = time.process_time() - app, cpu_seconds(server) - database
    return Cost(1000 * app / times, 1000 * database / times)


def paired(
    act: Callable[[int], object], bare: Callable[[int], object], times: int, before: Callable[[int], object]
) -> tuple[Cost, Cost]:
    """Do something and the bare work in turn, and return the median of each.

    `before(n)` makes ready what `act(n)` needs; it is not measured.
    """
    found: list[tuple[Cost, Cost]] = []
    for number in range(times):
        before(number)
        found.append((cost(lambda _n, n=number: act(n), 1), cost(lambda _n, n=number: bare(n), 1)))
    return _median([one for one, _bare in found]), _median([bare for _one, bare in found])


def _median(costs: list[Cost]) -> Cost:
    """Return the run in the middle by what application and database cost together."""
    return sorted(costs, key=lambda cost: cost.total_ms)[len(costs) // 2]


def rows(bench: str, what: str, done: Cost, bare: Cost) -> Iterator[Row]:
    """Return the figures of one action beside the bare rows."""
    yield Row(bench, f"{what}: application", done.app_ms, "CPU ms", bare.app_ms)
    yield Row(bench, f"{what}: database", done.database_ms, "CPU ms", bare.database_ms)
    yield Row(bench, f"{what}: both", done.total_ms, "CPU ms", bare.total_ms)


def statements(act: Callable[[], object]) -> int:
    """Return how many statements something sends, without those that only frame transactions or are the session's."""
    with CaptureQueriesContext(connection) as captured:
        act()
    return sum(not is_frame(query["sql"]) for query in captured.captured_queries)


def is_frame(sql: str) -> bool:
    """Whether a statement only frames a transaction, or reads and keeps the session."""
    return sql.startswith(FRAMES) or "django_session" in sql
