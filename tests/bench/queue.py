"""What a page of the queue costs among a hundred thousand cases: whole page through every middleware.

Each list is asked for as its first page and as its five hundredth (or last), beside hand-written SQL that reads the
same rows and the same counts without rights, words or pages. Parallel workers are off, so that the CPU of the one
server process is all of the database's.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.utils.http import urlencode

from requests_app.models import User
from requests_app.permissions import Viewer
from requests_app.reads.desk import choices, open_desk
from requests_app.reads.queue import PAGE_SIZE, cases, key_of, ordered
from requests_app.web.desk.filters import read_address, written_key
from tests.bench._cpu import cost, statements
from tests.bench._hundred_thousand import crowded_city
from tests.bench.rows import Row
from tests.factories import World

MANY, QUICK_MANY = 100_000, 10_000
MOST_STATEMENTS, MOST_MS = 8, 80.0
FAR_PAGE = 500


@dataclass(frozen=True)
class List:
    """One list of the bench: who asks, its filters, and the same in SQL."""

    name: str
    who: str
    filters: dict[str, str]
    where: str
    order: str = "r.submitted_at DESC, r.id DESC"


OPEN = "r.status <> 'closed'"
LONG = "COALESCE(r.long_at, '9999-01-01T00:00Z')"
LISTS = (
    List("city, open, newest", "manager", {}, OPEN),
    List("city, all, newest", "manager", {"kind": "all"}, "true"),
    List("city, open, oldest", "manager", {"sort": "oldest"}, OPEN, "r.submitted_at, r.id"),
    List("city, open, due first", "manager", {"sort": "due"}, OPEN, "r.due_at, r.id"),
    List("city, open, urgent first", "manager", {"sort": "priority"}, OPEN, "-r.priority, r.due_at, r.id"),
    List("city, open, most affected", "manager", {"sort": "affected"}, OPEN, "-r.supporters, r.due_at, r.id"),
    List("city, open, last changed", "manager", {"sort": "changed"}, OPEN, "r.updated_at DESC, r.id DESC"),
    List("city, new", "manager", {"kind": "new"}, "r.status IN ('received', 'triaged')"),
    List("city, closed", "manager", {"kind": "closed"}, "r.status = 'closed'"),
    List("city, late", "manager", {"due": "late"}, OPEN + " AND r.due_at < now()", "r.due_at, r.id"),
    List("city, one service", "manager", {"service": "needle"}, OPEN + " AND s.code = 'needle'"),
    List("city, one area", "manager", {"area": "1"}, OPEN + " AND a.code = '1'"),
    List("city, by telephone", "manager", {"channel": "phone"}, OPEN + " AND r.channel = 'phone'"),
    List("city, urgent", "manager", {"priority": "2"}, OPEN + " AND r.priority = 2"),
    List("city, an address", "manager", {"q": "12 King"}, OPEN + " AND r.address_label ILIKE '%12 King%'"),
    List("city, one office", "manager", {"office": "roads"}, OPEN + " AND o.code = 'roads'"),
    List("my office, open", "handler", {}, OPEN + " AND o.code = 'roads'"),
    List("passed through my office", "handler", {"tab": "passed"}, OPEN + " AND false"),
    List("sent and not accepted", "manager", {"list": "sent"}, "r.status IN ('triaged', 'handed_off')"),
    List("city, longest past usual", "manager", {"sort": "long"}, OPEN, LONG + ", r.id"),
    List("city, longer than usual", "manager", {"stay": "long"}, OPEN + f" AND {LONG} < now()"),
    List("my office, longest past usual", "handler", {"sort": "long"}, OPEN + " AND o.code = 'roads'", LONG + ", r.id"),
    List("safety hazards", "manager", {"list": "safety"}, OPEN + " AND r.priority = 2", "r.due_at, r.id"),
)


def measure(quick: bool) -> Iterator[Row]:
    world = crowded_city(QUICK_MANY if quick else MANY)
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
    times = 5 if quick else 10
    for wanted in LISTS:
        yield from _measured(world, wanted, times)


def _measured(world: World, wanted: List, times: int) -> Iterator[Row]:
    viewer: Viewer = getattr(world, wanted.who)
    client = Client()
    client.force_login(User.objects.get(pk=viewer.user_id))
    for name, query, skipped in _pages(viewer, wanted):
        address = f"/desk/queue/?{query}"

        def ask(_n: int, address: str = address) -> None:
            answer = client.get(address)
            assert answer.status_code == 200, answer.status_code

        ask(0)
        ask(0)
        page = cost(ask, times)
        bare = cost(lambda _n, skipped=skipped: _bare(wanted, skipped), times)
        what = f"{wanted.name}, {name}"
        yield Row("queue", f"{what}: both", page.total_ms, "CPU ms", goal=MOST_MS)
        yield Row("queue", f"{what}: database, beside raw SQL", page.database_ms, "CPU ms", bare.database_ms)
        sent = statements(lambda ask=ask: ask(0))
        yield Row("queue", f"{what}: statements", sent, "statements", goal=MOST_STATEMENTS)


def _pages(viewer: Viewer, wanted: List) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The first page, and a far one by the key of the row before it."""
    desk = open_desk(viewer)
    assert desk is not None
    given = QueryDict(urlencode(wanted.filters))
    asked = read_address(given, desk, choices(desk.place))
    assert not asked.problems, asked.problems
    yield "page 1", asked.query(), ()
    rows = ordered(cases(asked.queue, viewer), asked.queue)
    number = min(FAR_PAGE, (rows.count() - 1) // PAGE_SIZE + 1)
    if number < 2:
        return
    columns = ("id", "submitted_at", "updated_at", "due_at", "priority", "supporters", "sent_back", "long_at")
    values = rows.values(*columns)[PAGE_SIZE * (number - 1) - 1]
    key = key_of(values, asked.queue)
    yield f"page {number}", f"{asked.query()}&after={written_key(key, asked)}", (str(values["id"]),)


_FROM = """
  FROM requests_app_servicerequest r
  JOIN requests_app_service s ON s.id = r.service_id
  LEFT JOIN requests_app_area a ON a.id = r.area_id
  LEFT JOIN requests_app_office o ON o.id = r.office_id
"""
_ROWS = """
SELECT r.id, r.reference, s.names, r.address_label, a.names, r.status, o.names, u.display_name, r.submitted_at,
       r.updated_at, r.due_at, r.priority, r.supporters, r.channel, r.language, r.location,
       (SELECT w.body FROM requests_app_words w WHERE w.request_id = r.id AND w.kind = 'description' LIMIT 1)
{tables} LEFT JOIN requests_app_user u ON u.id = r.handler_id
 WHERE r.id IN (SELECT r.id {tables} WHERE {where}{behind} ORDER BY {order} LIMIT 100)
 ORDER BY {order}
"""
_COUNTS = "SELECT r.status, r.office_id, count(*) {tables} WHERE {where} GROUP BY 1, 2"


def _bare(wanted: List, skipped: tuple[str, ...]) -> None:
    with connection.cursor() as cursor:
        behind = ""
        if skipped:
            names, sign = _columns(wanted.order)
            behind = (
                f" AND ({names}) {sign} (SELECT {names} FROM requests_app_servicerequest r WHERE r.id = {skipped[0]})"
            )
        cursor.execute(_ROWS.format(tables=_FROM, where=wanted.where, behind=behind, order=wanted.order))
        cursor.fetchall()
        cursor.execute(_COUNTS.format(tables=_FROM, where=wanted.where))
        cursor.fetchall()


def _columns(order: str) -> tuple[str, str]:
    """The columns of an order, and which way behind is."""
    return order.replace(" DESC", ""), "<" if "DESC" in order else ">"
