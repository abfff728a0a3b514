"""What rehearsing routing rules over 100,000 cases costs, in CPU of application and database, beside reading the rows.

The rules are of every kind: words, areas, a drawn area, nearness, answers, workload, time; the live ones differ from
the changed ones in every service, so that each case is judged twice. The raw work is to read the same facts plainly.
"""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import connection

from requests_app.actions._draft import Draft, Text
from requests_app.actions.bulk import BulkCase, BulkEvent, write_cases
from requests_app.clock import now
from requests_app.models import Jurisdiction, MapFeature, Question, Words
from requests_app.reads.past_cases import period_of
from requests_app.reads.rehearsal import live_book, rehearse
from requests_app.routing.parse import parse
from requests_app.states import Activity, Outcome
from tests import factories
from tests.bench._cpu import Cost, cost
from tests.bench.rows import Row
from tests.factories import EAST, NORTH, SOUTH, WEST, World
from tests.rules import KING, document, make_live, rule

CASES, QUICK_CASES = 100_000, 5_000
GOAL_S = 60.0
DAYS = 365
BATCH = 2_500
PHRASES = (
    "There is a deep hole in the right lane", "un gros trou dans la rue", "water comes up from the drain",
    "the wire is down beside the school", "glass all over the path", "somebody will get hurt here",
    "please repair it soon", "les enfants passent ici pour l’école", "it has been like this for two weeks",
)  # fmt: skip
SQUARE = [[-79.05, 43.95], [-78.95, 43.95], [-78.95, 44.05], [-79.05, 44.05]]


def measure(quick: bool) -> Iterator[Row]:
    """Write the cases, rehearse over all of them, and read their facts plainly."""
    count = QUICK_CASES if quick else CASES
    world = factories.world()
    MapFeature.objects.create(
        jurisdiction=world.jurisdiction, kind="street", code="king", names=factories.names("King"), geometry=KING
    )
    write(world, count)
    make_live(world, *rules("roads"), fallback="intake")
    book, _problems = parse(document(*rules("parks"), fallback="intake"))
    live, _version = live_book(world.jurisdiction)
    found: dict[str, Any] = {}
    done = cost(lambda _n: found.update(rehearse(world.jurisdiction, book, live, DAYS).found), 1)
    bare = cost(lambda _n: read_plainly(world.jurisdiction), 1)
    yield from figures(found, done, bare, quick=quick)


def figures(found: dict[str, Any], done: Cost, bare: Cost, *, quick: bool) -> Iterator[Row]:
    """The figures; a quick run gets its share of the time."""
    share = QUICK_CASES / CASES if quick else 1.0
    yield Row("rehearse", "cases judged by both rule books", found["cases"], "cases")
    yield Row("rehearse", "of these, cases that would move", sum(pair[-1] for pair in found["moved"]), "cases")
    for name, ours, raw in (
        ("application", done.app_ms, bare.app_ms),
        ("database", done.database_ms, bare.database_ms),
        ("both", done.total_ms, bare.total_ms),
    ):
        yield Row("rehearse", f"rehearsing: {name}", ours / 1000, "CPU s", raw / 1000)
    yield Row("rehearse", "rehearsing, to be within", done.total_ms / 1000, "CPU s", goal=GOAL_S * share)


def rules(office: str) -> list[dict[str, Any]]:
    """Twelve rules with every kind of condition; those that name an office name this one."""
    return [
        rule("wire", {"words": ["wire", "power line", "fil*"]}, office=office, further=["intake"], priority=2),
        rule("big", {"service": "pothole", "answer": {"question": "size", "is": "big"}}, office=office, priority=1),
        rule("king", {"near": {"feature": "street:king", "metres": 900}, "kind": "street"}, office=office),
        rule("square", {"polygon": SQUARE, "words": ["school*", "école*"]}, office=office, tags=["school"]),
        rule("full", {"workload": {"office": "roads", "over": 500}, "area": "1"}, office="parks"),
        rule("night", {"time": {"from": "22:00", "to": "06:00"}, "service": "needle"}, office=office),
        rule("weekend", {"time": {"days": ["sat", "sun"]}, "channel": "phone"}, tags=["weekend"]),
        rule("french", {"words": ["trou", "rue", "verre"]}, tags=["french"]),
        rule("glass", {"any": [{"words": "glass"}, {"all": [{"service": "needle"}, {"area": "2"}]}]}, office=office),
        rule("not", {"not": {"any": [{"area": "1"}, {"channel": "web"}]}, "words": "drain"}, office=office),
        rule("working", {"time": {"working": False}, "words": "hurt"}, priority=1),
        rule("rest", {"service": ["pothole", "needle"], "area": "2"}, office="intake", promise_hours=12),
    ]


def write(world: World, count: int) -> None:
    """Cases of a year at places all over the town, with words, answers and stays, by the bulk action."""
    chance = random.Random(311)
    size = Question.objects.get(service=world.pothole, code="size")
    for start in range(0, count, BATCH):
        cases = [case(world, size.pk, chance, number) for number in range(start, min(count, start + BATCH))]
        write_cases(world.jurisdiction.pk, cases, check_moves=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def case(world: World, size: int, chance: random.Random, number: int) -> BulkCase:
    at = now() - timedelta(minutes=chance.uniform(10, (DAYS - 1) * 1440))
    of = chance.choice([world.pothole, world.needle])
    lon, lat = chance.uniform(WEST, EAST), chance.uniform(SOUTH, NORTH)
    area = world.west if lon < (WEST + EAST) / 2 else world.east
    words = ". ".join(chance.sample(PHRASES, chance.randint(1, 4)))
    filed = Draft(
        Activity.SUBMITTED,
        service_id=of.pk,
        area_id=area.pk,
        priority=0,
        text=Text(Words.Kind.DESCRIPTION, words, released=True),
    )
    sent = Draft(Activity.ROUTED, office_id=world.roads.pk)
    later = at + timedelta(hours=chance.expovariate(1 / 60))
    done = [
        BulkEvent(Draft(Activity.ACCEPTED), later),
        BulkEvent(Draft(Activity.RESOLVED, outcome=Outcome.RESOLVED), later + timedelta(hours=4)),
    ]
    return BulkCase(
        reference=f"BENCH-{number:06d}",
        events=[BulkEvent(filed, at), BulkEvent(sent, at), *(done if later < now() - timedelta(hours=5) else [])],
        location=(lon, lat),
        channel=chance.choice(["web", "phone"]),
        answers=[(size, chance.choice(["small", "big"]))] if of == world.pothole else [],
    )


_CASES = """
SELECT r.id, r.service_id, r.channel, r.submitted_at, ST_X(r.location), ST_Y(r.location), w.body
FROM requests_app_servicerequest r JOIN requests_app_words w ON w.request_id = r.id
WHERE r.jurisdiction_id = %(place)s AND r.submitted_at BETWEEN %(since)s AND %(until)s
"""
_EVENTS = """
SELECT e.request_id, e.office_id, e.area_id FROM requests_app_requestevent e
WHERE e.sequence <= 2 AND e.jurisdiction_id = %(place)s AND e.occurred_at BETWEEN %(since)s AND %(until)s
"""
_ANSWERS = "SELECT a.request_id, a.value FROM requests_app_answer a"
_STAYS = "SELECT h.office_id, h.sent_at, h.ended_at FROM requests_app_hold h"


def read_plainly(place: Jurisdiction) -> None:
    """The raw work: the rows of the same cases, read once with plain SQL and thrown away."""
    period = period_of(place, DAYS)
    with connection.cursor() as cursor:
        for statement in (_CASES, _EVENTS, _ANSWERS, _STAYS):
            cursor.execute(statement, {"place": place.pk, "since": period.since, "until": period.until})
            cursor.fetchall()
